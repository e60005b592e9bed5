//! Multicast DNS: the descriptor. See the page.

mod identity;
mod services;
mod session;

use crate::common::dns::{self, Form};
use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::Identify;

/// The port by which the protocol is told from DNS: the form of its messages is the same (RFC 6762, 1).
const PORT: u16 = 5353;

/// The standard knows queries and responses; the codes and the two special uses are ours.
const OPERATIONS: &[Operation] = &[
    op(QUERY, "query", Identify),
    op(PROBE, "probe", Identify),
    op(RESPONSE, "response", Identify),
    op(GOODBYE, "goodbye", Identify),
];
const QUERY: u32 = 0;
const PROBE: u32 = 1;
const RESPONSE: u32 = 2;
const GOODBYE: u32 = 3;

/// Multicast DNS (RFC 6762) and service discovery (RFC 6763).
pub static PROTOCOL: Protocol = Protocol {
    name: "mdns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORT)],
    operations: OPERATIONS,
    fields: &[
        field("answers", "records in the answer section"),
        field("class", "class of the question, where it is not the Internet's"),
        field("name", "name of the first question"),
        field("questions", "questions, where they are several"),
        field("response_code", "error of the answer"),
        field("type", "type of record asked for"),
        field("unicast_response", "an answer to the asker alone is wanted"),
    ],
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Classes of a question; the upper bit asks for an answer by unicast (RFC 6762, 5.4).
fn is_class(class: u16) -> bool {
    matches!(class & 0x7fff, 1 | 255)
}

fn identify(probe: &Probe<'_>) -> Verdict {
    let here = probe.transport == Transport::Udp && (probe.src_port == PORT || probe.dst_port == PORT);
    if !here || !dns::message(probe.bytes).is_ok_and(|m| m.opcode() == 0) {
        return Verdict::No;
    }
    match dns::form(probe.bytes, probe.bytes.len(), is_class) {
        Form::Whole => Verdict::Sure,
        Form::Questions => Verdict::Likely,
        Form::Header => Verdict::Maybe,
        Form::None => Verdict::No,
    }
}
