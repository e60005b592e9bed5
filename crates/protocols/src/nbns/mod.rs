//! NetBIOS name service: the descriptor. See the page.

mod identity;
mod session;

use crate::common::dns::{self, Form, kind};
use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::{Identify, Session};

/// Opcodes of RFC 1002, 4.2.1.1; multi-homed registration is Microsoft's ([MS-NBTE]). A node status request is a
/// query of another type: 0x100 and the type.
const OPERATIONS: &[Operation] = &[
    op(QUERY, "query", Identify),
    op(REGISTRATION, "registration", Identify),
    op(6, "release", Identify),
    op(WACK, "wait_for_acknowledgement", Session),
    op(8, "refresh", Identify),
    op(9, "refresh", Identify),
    op(15, "multihomed_registration", Identify),
    op(NODE_STATUS, "node_status", Identify),
];
const QUERY: u32 = 0;
const REGISTRATION: u32 = 5;
const WACK: u32 = 7;
const NODE_STATUS: u32 = 0x100 | kind::NBSTAT as u32;

/// NetBIOS name service (RFC 1001, RFC 1002).
pub static PROTOCOL: Protocol = Protocol {
    name: "nbns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(137)],
    operations: OPERATIONS,
    fields: &[
        field("answers", "addresses or names in the answer"),
        field("group", "the name belongs to a group of hosts"),
        field("name", "name, without its suffix"),
        field("response_code", "error of the answer"),
        field("scope", "NetBIOS scope"),
        field("suffix", "kind of the name: 0x00 workstation or domain, 0x20 file server, 0x1b and 0x1c domain controller"),
    ],
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    let Ok(message) = dns::message(probe.bytes) else { return Verdict::No };
    // the two bits between the flags are always 0 (RFC 1002, 4.2.1.1)
    if !OPERATIONS.iter().any(|o| o.code == u32::from(message.opcode())) || message.flags & 0x60 != 0 {
        return Verdict::No;
    }
    let question = message.question().map(|q| (q.name, q.kind));
    let first = question.or_else(|| message.records().flatten().next().map(|r| (r.name, r.kind)));
    // 10 is a negative answer (RFC 1002, 4.2.14)
    let named = first.is_some_and(|(name, kind)| matches!(kind, 10 | 32 | 33) && dns::netbios_name(&name).is_some());
    match dns::form(probe.bytes, probe.bytes.len(), |class| class == 1) {
        Form::Whole if named => Verdict::Sure,
        Form::Questions if named => Verdict::Likely,
        _ => Verdict::No,
    }
}
