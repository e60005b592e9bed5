//! Syslog: the descriptor. See the page.

mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Syslog over UDP (RFC 3164, RFC 5424, RFC 5426).
pub static PROTOCOL: Protocol = Protocol {
    name: "syslog",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(514)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["application"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Severities, from the standard; the codes are the standard's numbers.
const OPERATIONS: &[Operation] = &[
    op(0, "emergency", Class::Diagnose),
    op(1, "alert", Class::Diagnose),
    op(2, "critical", Class::Diagnose),
    op(3, "error", Class::Diagnose),
    op(4, "warning", Class::Diagnose),
    op(5, "notice", Class::Diagnose),
    op(6, "informational", Class::Diagnose),
    op(7, "debug", Class::Diagnose),
];

const FIELDS: &[FieldInfo] = &[
    field("application", "what the message comes from, in the sender's words"),
    field("facility", "part of the system"),
    field("host_name", "name or address the message gives its origin"),
    field("message_id", "kind of message, in the sender's words"),
    field("size", "bytes of the message"),
];

/// A priority in angle brackets, then text.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    match wire::message(probe.bytes) {
        Ok(_) => Verdict::Likely,
        Err(_) => Verdict::No,
    }
}
