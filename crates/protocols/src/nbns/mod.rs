//! NetBIOS name service: the descriptor. See the page.

mod session;

use crate::common::dns::{self, Record};
use crate::common::netbios::Name;
use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// NetBIOS name service over UDP (RFC 1001, RFC 1002).
pub static PROTOCOL: Protocol = Protocol {
    name: "nbns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(137)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Record types: a name, a list of names.
const NB: u16 = 0x20;
const NBSTAT: u16 = 0x21;

/// A query for the list of names; the code is ours.
const NODE_STATUS: u32 = 0x1_0000;
/// An answer that nobody here asked for: its question was broadcast. The operation code follows.
const RESPONSE: u32 = 0x100;
/// A response with error 7 (RFC 1002, 4.2.8).
const CONFLICT: u32 = 0x705;

/// Operation codes (RFC 1002, 4.2.1.1; 15 is Microsoft's); above 255 what an answer by itself is, with codes of ours.
const OPERATIONS: &[Operation] = &[
    op(0, "name_query", Class::Identify),
    op(5, "name_registration", Class::Identify),
    op(6, "name_release", Class::Identify),
    op(7, "wait_for_acknowledgement", Class::Identify),
    op(8, "name_refresh", Class::Identify),
    op(9, "name_refresh", Class::Identify),
    op(15, "multihomed_name_registration", Class::Identify),
    op(RESPONSE, "name_query_response", Class::Identify),
    op(0x105, "name_registration_response", Class::Identify),
    op(0x106, "name_release_response", Class::Identify),
    op(0x108, "name_refresh_response", Class::Identify),
    op(0x109, "name_refresh_response", Class::Identify),
    op(0x10f, "multihomed_name_registration_response", Class::Identify),
    op(CONFLICT, "name_conflict_demand", Class::Configure),
    op(NODE_STATUS, "node_status", Class::Identify),
];

const FIELDS: &[FieldInfo] = &[
    field("addresses", "addresses of the name, with commas"),
    field("group", "the name belongs to several"),
    field("id", "identifier of the message"),
    field("mac", "hardware address in a node status"),
    field("names", "names in a node status, with commas"),
];

/// The coded form of names is found nowhere else.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    let Ok(message) = dns::message(probe.bytes) else { return Verdict::No };
    let first = message.records().next().and_then(Result::ok);
    match first {
        Some(record) if is_ours(&record) => Verdict::Sure,
        _ => Verdict::No,
    }
}

fn is_ours(record: &Record<'_>) -> bool {
    matches!(record.kind, NB | NBSTAT | 0x0a) && record.class == 1 && record.name.first().and_then(Name::decode).is_some()
}
