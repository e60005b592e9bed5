//! Programmable Controller Communication Commands: the descriptor.

mod identity;
mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field};

/// PCCC (Allen-Bradley 1770-6.5.16, DF1 Protocol and Command Set).
pub static PROTOCOL: Protocol = Protocol {
    name: "pccc",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("cip")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("access", "access asked for a file: 1 read, 3 read and write"),
        field("data", "bytes of a command this page does not look into"),
        field("mask", "bits that a masked write changes"),
        field("mode", "mode asked for"),
        field("packet_offset", "offset of this packet in the whole transaction, in elements"),
        field("size", "size of the whole transaction, as the command counts it"),
        field("tag", "handle of an open file"),
    ],
    spaces: &["file", "physical", "status", "symbol", "tag", "word"],
    carrier: false,
    identify,
    session: session::new,
    notation: meaning::notation,
};

/// Only ever inside CIP, where the object's class and service have already told; a named command is likely.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Inside("cip") {
        return Verdict::No;
    }
    let Ok(message) = wire::message(probe.bytes) else { return Verdict::Maybe };
    let function = message.data.first().copied().filter(|_| wire::has_function(message.command));
    let named = |code: u32| meaning::OPERATIONS.binary_search_by_key(&code, |o| o.code).is_ok();
    if message.reply || (message.status == 0 && named(meaning::code(message.command, function))) {
        Verdict::Likely
    } else {
        Verdict::Maybe
    }
}
