//! VRRP: the descriptor. See the page.

mod session;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Its IP protocol number.
const NUMBER: u8 = 112;

/// Virtual Router Redundancy Protocol, versions 2 (RFC 3768) and 3 (RFC 9568), and what shares its number: CARP.
pub static PROTOCOL: Protocol = Protocol {
    name: "vrrp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Ip(NUMBER)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["virtual_router"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Types; CARP is told by its own number above them.
const OPERATIONS: &[Operation] =
    &[op(session::ADVERTISEMENT, "advertisement", Class::Session), op(session::CARP, "carp_advertisement", Class::Session)];

const FIELDS: &[FieldInfo] = &[
    field("interval_ms", "milliseconds between advertisements"),
    field("priority", "priority of the sender: 255 owns the addresses, 0 leaves"),
    field("version", "version of the protocol"),
    field("virtual_address", "an address the virtual router answers for"),
];

/// The IP header names the protocol; version and type only have to be known ones.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Ip(NUMBER) {
        return Verdict::No;
    }
    match probe.bytes {
        [0x21 | 0x31, _, _, _, _, _, _, _, ..] => Verdict::Sure,
        _ => Verdict::Maybe,
    }
}
