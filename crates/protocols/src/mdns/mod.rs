//! Multicast DNS: the descriptor. See the page.

mod identity;
mod services;
mod session;

use crate::common::dns::{self, Section};
use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Multicast DNS (RFC 6762) with service discovery (RFC 6763).
pub static PROTOCOL: Protocol = Protocol {
    name: "mdns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORT)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["name", "record"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Both ends of a conversation, or the one that is asked.
const PORT: u16 = 5353;

const QUERY: u32 = 0;
const PROBE: u32 = 1;
const RESPONSE: u32 = 2;
const GOODBYE: u32 = 3;

/// The RFC's words; the codes are ours.
const OPERATIONS: &[Operation] = &[
    op(QUERY, "query", Class::Identify),
    op(PROBE, "probe", Class::Identify),
    op(RESPONSE, "response", Class::Identify),
    op(GOODBYE, "goodbye", Class::Identify),
];

const FIELDS: &[FieldInfo] = &[
    field("answer_count", "records in the answer"),
    field("question_count", "questions asked"),
    field("unicast", "an answer to the asker alone is wanted"),
];

/// The form is that of DNS; only the port tells them apart.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp || (probe.src_port != PORT && probe.dst_port != PORT) {
        return Verdict::No;
    }
    let Ok(message) = dns::message(probe.bytes) else { return Verdict::No };
    let known = message.opcode() == 0 && !message.has(0x40) && message.rcode() == 0;
    let some = message.count(Section::Question) > 0 || message.count(Section::Answer) > 0;
    let readable = message.records().next().is_some_and(|r| r.is_ok());
    if known && some && readable { Verdict::Likely } else { Verdict::No }
}
