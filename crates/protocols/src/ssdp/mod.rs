//! SSDP: the descriptor. See the page.

mod identity;
mod session;

use crate::common::header;
use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Simple Service Discovery Protocol (UPnP Device Architecture 2.0, section 1).
pub static PROTOCOL: Protocol = Protocol {
    name: "ssdp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(1900)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["type"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const SEARCH: u32 = 1;
const RESPONSE: u32 = 2;
const ALIVE: u32 = 3;
const BYEBYE: u32 = 4;
const UPDATE: u32 = 5;

/// Methods and notification sub-types; the codes are ours.
const OPERATIONS: &[Operation] = &[
    op(SEARCH, "m_search", Class::Identify),
    op(RESPONSE, "search_response", Class::Identify),
    op(ALIVE, "notify_alive", Class::Identify),
    op(BYEBYE, "notify_byebye", Class::Identify),
    op(UPDATE, "notify_update", Class::Identify),
];

const FIELDS: &[FieldInfo] = &[
    field("agent", "program that searches"),
    field("location", "address of the description"),
    field("server", "system, UPnP version and product of the sender"),
    field("usn", "unique service name"),
];

/// The three start lines.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    let starts = |text: &str| probe.bytes.starts_with(text.as_bytes());
    if starts("M-SEARCH * HTTP/1.") || starts("NOTIFY * HTTP/1.") {
        return Verdict::Sure;
    }
    // the answer to a search has a search target and a unique service name
    let answer = starts("HTTP/1.") && header::head(probe.bytes).is_some_and(|h| h.field("USN").or(h.field("ST")).is_some());
    if answer { Verdict::Sure } else { Verdict::No }
}
