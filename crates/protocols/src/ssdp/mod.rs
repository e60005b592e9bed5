//! SSDP: the descriptor. See the page.

mod identity;
mod session;

use crate::common::header::head;
use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::Identify;
use session::Start;

/// Methods and, for notices, what they are about; the codes are ours.
const OPERATIONS: &[Operation] = &[
    op(M_SEARCH, "m_search", Identify),
    op(ALIVE, "notify_alive", Identify),
    op(BYEBYE, "notify_byebye", Identify),
    op(UPDATE, "notify_update", Identify),
    op(NOTIFY, "notify", Identify),
];
const M_SEARCH: u32 = 1;
const ALIVE: u32 = 2;
const BYEBYE: u32 = 3;
const UPDATE: u32 = 4;
const NOTIFY: u32 = 5;

/// Simple Service Discovery Protocol (UPnP Device Architecture, clause 1).
pub static PROTOCOL: Protocol = Protocol {
    name: "ssdp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(1900)],
    operations: OPERATIONS,
    fields: &[
        field("agent", "program that asks"),
        field("location", "where the description of the device is"),
        field("max_age_s", "seconds for which the notice is valid"),
        field("max_wait_s", "seconds within which answers are wanted"),
        field("server", "operating system, UPnP version and product of the device"),
        field("status", "status of the answer"),
        field("usn", "unique name of the device or service"),
    ],
    spaces: &["type"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// The start line is a magic; an answer looks like one of HTTP and must have the fields of this protocol.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    match session::start(probe.bytes) {
        Some(Start::Search | Start::Notify) => Verdict::Sure,
        Some(Start::Answer(_)) => match head(probe.bytes) {
            Some(head) if head.field("st").is_some() && head.field("usn").is_some() => Verdict::Sure,
            _ => Verdict::Maybe,
        },
        None => Verdict::No,
    }
}
