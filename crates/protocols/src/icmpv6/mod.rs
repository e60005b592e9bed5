//! ICMPv6: the descriptor. See the page.

mod meaning;
mod neighbour;
mod options;
mod session;

use crate::{FieldInfo, Hint, Probe, Protocol, Verdict, field, plain_notation};
use meaning::OPERATIONS;

/// ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861), listener discovery (RFC 2710, RFC 3810) and their kin.
pub static PROTOCOL: Protocol = Protocol {
    name: "icmpv6",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Ip(58)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["group", "ip", "name", "prefix", "tcp", "udp"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const FIELDS: &[FieldInfo] = &[
    field("dns_server", "first name server a router names"),
    field("domain", "first search domain a router names"),
    field("hop_limit", "hop limit a router tells hosts to use"),
    field("id", "identifier of an exchange"),
    field("lifetime", "seconds for which the router may be used as default; 0 for not at all"),
    field("managed", "addresses are to be had by DHCPv6"),
    field("mtu", "largest packet of the link or of the next hop, in bytes"),
    field("original_destination", "receiver of the packet the message is about"),
    field("original_destination_port", "its destination port"),
    field("original_protocol", "its IP protocol number"),
    field("original_source", "its sender"),
    field("original_source_port", "its source port"),
    field("other_configuration", "other configuration is to be had by DHCPv6"),
    field("override", "the advertised hardware address replaces a known one"),
    field("pointer", "offset of the byte that could not be understood"),
    field("preference", "preference of the router: high, medium, low, reserved"),
    field("router", "the sender says that it is a router"),
    field("sender_ip", "address the sender states as its own"),
    field("sender_mac", "hardware address the sender states as its own"),
    field("sequence", "number within an exchange"),
    field("size", "bytes of data of an echo request"),
    field("solicited", "the answer to a solicitation"),
];

/// The IPv6 header names the protocol; the type only has to be one that is assigned.
fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.bytes {
        [kind, _, _, _, ..] if meaning::is_assigned(*kind) => Verdict::Sure,
        [_, _, _, _, ..] => Verdict::Likely,
        _ => Verdict::Maybe,
    }
}
