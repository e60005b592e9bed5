//! ARP: the descriptor. See the page.

mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Address Resolution Protocol (RFC 826), RARP (RFC 903), InARP (RFC 2390), probes and announcements (RFC 5227).
pub static PROTOCOL: Protocol = Protocol {
    name: "arp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Link(0x0806), Hint::Link(0x8035)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["ip", "mac"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// What a request turns out to be, above the operation code: asks whether an address is free.
const PROBE: u32 = 0x1_0001;
/// What a message turns out to be: says an address without being asked.
const ANNOUNCEMENT: u32 = 0x2_0001;

/// `ar$op` as IANA assigns it; from 0x1_0000 on, what a request or reply turns out to be (RFC 5227).
const OPERATIONS: &[Operation] = &[
    op(1, "who_has", Class::Identify),
    op(2, "is_at", Class::Identify),
    op(3, "request_reverse", Class::Identify),
    op(4, "reply_reverse", Class::Identify),
    op(5, "drarp_request", Class::Identify),
    op(6, "drarp_reply", Class::Identify),
    op(7, "drarp_error", Class::Identify),
    op(8, "inarp_request", Class::Identify),
    op(9, "inarp_reply", Class::Identify),
    op(10, "arp_nak", Class::Identify),
    op(11, "mars_request", Class::Session),
    op(12, "mars_multi", Class::Session),
    op(13, "mars_mserv", Class::Session),
    op(14, "mars_join", Class::Session),
    op(15, "mars_leave", Class::Session),
    op(16, "mars_nak", Class::Session),
    op(17, "mars_unserv", Class::Session),
    op(18, "mars_sjoin", Class::Session),
    op(19, "mars_sleave", Class::Session),
    op(20, "mars_grouplist_request", Class::Session),
    op(21, "mars_grouplist_reply", Class::Session),
    op(22, "mars_redirect_map", Class::Session),
    op(23, "mapos_unarp", Class::Session),
    op(24, "op_exp1", Class::Unknown),
    op(25, "op_exp2", Class::Unknown),
    op(PROBE, "probe", Class::Identify),
    op(ANNOUNCEMENT, "announcement", Class::Identify),
];

const FIELDS: &[FieldInfo] = &[
    field("gratuitous", "an announcement sent as a reply rather than as a request"),
    field("sender_ip", "protocol address the sender states as its own"),
    field("sender_mac", "hardware address the sender states as its own"),
    field("target_ip", "a reply's `ar$tpa`: whom it tells"),
];

/// The EtherType names the protocol; the fixed fields only have to agree.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::packet(probe.bytes) {
        Ok(packet) if packet.is_ethernet_ipv4() => Verdict::Sure,
        Ok(_) => Verdict::Likely,
        Err(error) if error.is_truncated() => Verdict::Maybe,
        Err(_) => Verdict::No,
    }
}
