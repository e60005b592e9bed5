//! TFTP: the descriptor. See the page.

mod session;
mod wire;

use crate::{Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;
use wire::Packet;

/// Every operation, by opcode.
const OPERATIONS: &[Operation] =
    &[op(1, "read_request", Class::File), op(2, "write_request", Class::File), op(5, "error", Class::File)];

/// TFTP (RFC 1350; options: RFC 2347 to 2349, 7440).
pub static PROTOCOL: Protocol = Protocol {
    name: "tftp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(69)],
    operations: OPERATIONS,
    fields: &[
        field("block_size", "bytes per block asked for"),
        field("error", "error code"),
        field("message", "text of the error"),
        field("mode", "netascii, octet or mail"),
        field("size", "size of the file, in bytes; 0 asks for it"),
        field("timeout_s", "seconds before a packet is repeated"),
        field("window_size", "blocks sent before an acknowledgment"),
    ],
    spaces: &["file"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Only requests have enough of a form; what follows them is expected by its ports.
fn identify(probe: &Probe<'_>) -> Verdict {
    let Ok(Packet::Request { file, options, .. }) = wire::packet(probe.bytes) else { return Verdict::No };
    let printable = file.iter().all(|b| *b >= 0x20 && *b != 0x7f);
    let whole = wire::options(options).all(|o| o.is_ok());
    match (printable && whole, file.is_empty()) {
        (true, false) => Verdict::Sure,
        (true, true) => Verdict::Likely,
        _ => Verdict::Maybe,
    }
}
