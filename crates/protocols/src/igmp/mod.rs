//! IGMP: the descriptor. See the page.

mod session;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Internet Group Management Protocol, versions 1 to 3 (RFC 1112, 2236, 3376).
pub static PROTOCOL: Protocol = Protocol {
    name: "igmp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Ip(2)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["group"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Types as IANA assigns them; those of RGMP (RFC 3488) are told by the group they are sent to, too.
const OPERATIONS: &[Operation] = &[
    op(0x11, "membership_query", Class::Session),
    op(0x12, "membership_report_v1", Class::Session),
    op(0x13, "dvmrp", Class::Session),
    op(0x14, "pim_v1", Class::Session),
    op(0x15, "cisco_trace", Class::Diagnose),
    op(0x16, "membership_report_v2", Class::Session),
    op(0x17, "leave_group", Class::Session),
    op(0x1e, "multicast_traceroute_response", Class::Diagnose),
    op(0x1f, "multicast_traceroute", Class::Diagnose),
    op(0x22, "membership_report_v3", Class::Session),
    op(0x30, "multicast_router_advertisement", Class::Identify),
    op(0x31, "multicast_router_solicitation", Class::Identify),
    op(0x32, "multicast_router_termination", Class::Identify),
    op(0x40, "igap_membership_report", Class::Session),
    op(0x41, "igap_membership_query", Class::Session),
    op(0x42, "igap_leave_group", Class::Session),
    op(0xfc, "rgmp_leave_group", Class::Session),
    op(0xfd, "rgmp_join_group", Class::Session),
    op(0xfe, "rgmp_bye", Class::Session),
    op(0xff, "rgmp_hello", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("max_response_ms", "milliseconds within which listeners answer"),
    field("version", "version of the query"),
];

/// The IP header names the protocol; the type only has to be one that is assigned.
fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.bytes {
        [kind, _, _, _, _, _, _, _, ..] if OPERATIONS.iter().any(|o| o.code == u32::from(*kind)) => Verdict::Sure,
        [_, _, _, _, _, _, _, _, ..] => Verdict::Likely,
        _ => Verdict::Maybe,
    }
}
