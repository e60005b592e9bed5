//! SSH: the descriptor. See the page.

mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};

/// Secure Shell (RFC 4253) as far as it is readable.
pub static PROTOCOL: Protocol = Protocol {
    name: "ssh",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(22), Hint::Inside("http")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("cipher", "cipher agreed on, from client to server"),
        field("cipher_back", "cipher the other way, where it is another one"),
        field("client", "software of the client"),
        field("compression", "compression agreed on"),
        field("description", "why a side disconnects, in its words"),
        field("group_bits", "size of the group in bits, where the server chose one"),
        field("host_key_kind", "kind of the server's key"),
        field("key_exchange", "key exchange agreed on"),
        field("mac", "message authentication agreed on, from client to server"),
        field("mac_back", "message authentication the other way, where it is another one"),
        field("reason", "why a side disconnects"),
        field("server", "software of the server"),
        field("version", "version of the protocol spoken"),
    ],
    spaces: &["host_key"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// The identification line is SSH anywhere.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !probe.transport.is_stream() {
        return Verdict::No;
    }
    match wire::identification(probe.bytes) {
        Some(_) => Verdict::Sure,
        None if wire::may_identify(probe.bytes) => Verdict::Maybe,
        None => Verdict::No,
    }
}
