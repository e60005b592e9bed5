//! ICMP: the descriptor. See the page.

mod meaning;
mod session;

use crate::{FieldInfo, Hint, Probe, Protocol, Verdict, field, plain_notation};
use meaning::OPERATIONS;

/// Internet Control Message Protocol (RFC 792, RFC 950, RFC 1256, RFC 8335).
pub static PROTOCOL: Protocol = Protocol {
    name: "icmp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Ip(1)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["ip", "router", "tcp", "udp"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const FIELDS: &[FieldInfo] = &[
    field("gateway", "router the receiver is told to use"),
    field("id", "identifier of an exchange"),
    field("lifetime", "seconds for which the advertised routers may be used"),
    field("mask", "subnet mask"),
    field("next_hop_mtu", "largest packet the next hop takes, in bytes"),
    field("original_destination", "receiver of the packet the message is about"),
    field("original_destination_port", "its destination port"),
    field("original_protocol", "its IP protocol number"),
    field("original_source", "its sender"),
    field("original_source_port", "its source port"),
    field("pointer", "offset of the byte that could not be understood"),
    field("sequence", "number within an exchange"),
    field("size", "bytes of data of an echo request"),
];

/// The IP header names the protocol; the type only has to be one that is assigned.
fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.bytes {
        [kind, _, _, _, ..] if meaning::is_assigned(*kind) => Verdict::Sure,
        [_, _, _, _, ..] => Verdict::Likely,
        _ => Verdict::Maybe,
    }
}
