//! LLMNR: the descriptor. See the page.

mod session;

use crate::common::dns::{self, Form};
use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::Identify;

/// The port by which the protocol is told from DNS: the form of its messages is the same (RFC 4795, 2.1).
const PORT: u16 = 5355;

/// The standard has one opcode.
const OPERATIONS: &[Operation] = &[op(0, "query", Identify)];

/// Link-Local Multicast Name Resolution (RFC 4795).
pub static PROTOCOL: Protocol = Protocol {
    name: "llmnr",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORT), Hint::Tcp(PORT)],
    operations: OPERATIONS,
    fields: &[
        field("answers", "records in the answer"),
        field("class", "class of the question, where it is not the Internet's"),
        field("conflict", "several hosts answered for the name"),
        field("name", "name asked for"),
        field("response_code", "error of the answer"),
        field("tentative", "the sender is not sure yet that the name is its own"),
        field("truncated", "the answer did not fit and is asked for again over TCP"),
        field("type", "type of record asked for"),
    ],
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

fn is_class(class: u16) -> bool {
    matches!(class, 1 | 255)
}

fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.src_port != PORT && probe.dst_port != PORT {
        return Verdict::No;
    }
    let (length, bytes) = match probe.transport {
        Transport::Tcp => match dns::length_prefix(probe.bytes) {
            Some(found) => found,
            None => return Verdict::No,
        },
        Transport::Udp => (probe.bytes.len(), probe.bytes),
        _ => return Verdict::No,
    };
    let Ok(message) = dns::message(bytes) else { return Verdict::No };
    // one question each (RFC 4795, 2.1.1)
    if length < bytes.len() || message.counts.first() != Some(&1) {
        return Verdict::No;
    }
    match dns::form(bytes, length, is_class) {
        // the standard has one opcode
        Form::Whole if bytes.len() == length && message.opcode() != 0 => Verdict::Likely,
        _ if message.opcode() != 0 => Verdict::No,
        Form::Whole if bytes.len() == length => Verdict::Sure,
        Form::Whole | Form::Questions => Verdict::Likely,
        Form::Header => Verdict::Maybe,
        Form::None => Verdict::No,
    }
}
