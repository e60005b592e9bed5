//! DHCP: the descriptor. See the page.

mod describe;
mod identity;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Dynamic Host Configuration Protocol (RFC 2131, RFC 2132) and BOOTP (RFC 951).
pub static PROTOCOL: Protocol = Protocol {
    name: "dhcp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(67), Hint::Udp(68), Hint::Udp(4011)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["client", "ip"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A request and a reply without message type: BOOTP. The codes are ours.
const BOOT_REQUEST: u32 = 0x100;
const BOOT_REPLY: u32 = 0x101;

/// Option 53, as IANA assigns it.
const OPERATIONS: &[Operation] = &[
    op(1, "discover", Class::Session),
    op(2, "offer", Class::Session),
    op(3, "request", Class::Session),
    op(4, "decline", Class::Session),
    op(5, "ack", Class::Session),
    op(6, "nak", Class::Session),
    op(7, "release", Class::Session),
    op(8, "inform", Class::Session),
    op(9, "force_renew", Class::Configure),
    op(10, "lease_query", Class::Read),
    op(11, "lease_unassigned", Class::Read),
    op(12, "lease_unknown", Class::Read),
    op(13, "lease_active", Class::Read),
    op(14, "bulk_lease_query", Class::Read),
    op(15, "lease_query_done", Class::Read),
    op(16, "active_lease_query", Class::Read),
    op(17, "lease_query_status", Class::Read),
    op(18, "tls", Class::Session),
    op(BOOT_REQUEST, "boot_request", Class::Session),
    op(BOOT_REPLY, "boot_reply", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("address", "address given to the client"),
    field("boot_file", "file the client is to load"),
    field("boot_server", "server the file is on"),
    field("broadcast", "broadcast address given"),
    field("circuit_id", "relay agent: port the client is connected to"),
    field("client_address", "address the client already has"),
    field("client_id", "client identifier: text, or hexadecimal with its type"),
    field("domain", "domain given to the client"),
    field("host_name", "name the client states"),
    field("lease_s", "seconds for which the address is given"),
    field("mask", "subnet mask given"),
    field("message", "text of a refusal"),
    field("name_server", "first name server given"),
    field("relay", "relay agent's address"),
    field("remote_id", "relay agent: which one it is"),
    field("router", "first router given"),
    field("server", "server the message is from or meant for"),
    field("subscriber_id", "relay agent: name of the subscriber"),
    field("time_server", "first NTP server given"),
    field("transaction", "transaction id"),
    field("vendor_class", "vendor class the client states"),
];

/// The magic cookie behind fields that fit. Without it (BOOTP) little is left that others could not send: then the
/// ports and the padding have to agree, too.
fn identify(probe: &Probe<'_>) -> Verdict {
    let own = matches!((probe.src_port, probe.dst_port), (67 | 68, 67 | 68));
    match wire::message(probe.bytes) {
        Ok(message) if message.cookie => Verdict::Sure,
        Ok(message) if own && message.client.is_some() && probe.bytes.len() >= 300 => Verdict::Likely,
        _ => Verdict::No,
    }
}
