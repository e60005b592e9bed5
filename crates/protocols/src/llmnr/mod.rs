//! LLMNR: the descriptor. See the page.

mod session;

use crate::common::dns::{self, Section};
use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Link-Local Multicast Name Resolution (RFC 4795).
pub static PROTOCOL: Protocol = Protocol {
    name: "llmnr",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORT)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// The port that is asked.
const PORT: u16 = 5355;

const QUERY: u32 = 0;
const RESPONSE: u32 = 1;

/// The RFC's words; the codes are ours.
const OPERATIONS: &[Operation] = &[op(QUERY, "query", Class::Identify), op(RESPONSE, "response", Class::Identify)];

const FIELDS: &[FieldInfo] = &[
    field("answer_count", "records in the answer"),
    field("answers", "their data"),
    field("conflict", "several hosts have answered before"),
    field("id", "identifier of the message"),
    field("tentative", "the name is not yet known to be the answerer's alone"),
    field("type", "type asked for; a number where it has no name"),
];

/// The form is that of DNS; only the port tells them apart. There is exactly one question.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp || (probe.src_port != PORT && probe.dst_port != PORT) {
        return Verdict::No;
    }
    let Ok(message) = dns::message(probe.bytes) else { return Verdict::No };
    let known = message.opcode() == 0 && message.count(Section::Question) == 1;
    if known && message.question().is_some_and(|q| q.class == 1) { Verdict::Likely } else { Verdict::No }
}
