//! DHCPv6: the descriptor. See the page.

mod describe;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Dynamic Host Configuration Protocol for IPv6 (RFC 8415).
pub static PROTOCOL: Protocol = Protocol {
    name: "dhcpv6",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(547), Hint::Udp(546)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["client", "ip"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Message types as IANA assigns them.
const OPERATIONS: &[Operation] = &[
    op(1, "solicit", Class::Session),
    op(2, "advertise", Class::Session),
    op(3, "request", Class::Session),
    op(4, "confirm", Class::Session),
    op(5, "renew", Class::Session),
    op(6, "rebind", Class::Session),
    op(7, "reply", Class::Session),
    op(8, "release", Class::Session),
    op(9, "decline", Class::Session),
    op(10, "reconfigure", Class::Configure),
    op(11, "information_request", Class::Session),
    op(12, "relay_forward", Class::Session),
    op(13, "relay_reply", Class::Session),
    op(14, "lease_query", Class::Read),
    op(15, "lease_query_reply", Class::Read),
    op(16, "lease_query_done", Class::Read),
    op(17, "lease_query_data", Class::Read),
    op(18, "reconfigure_request", Class::Session),
    op(19, "reconfigure_reply", Class::Session),
    op(20, "dhcpv4_query", Class::Session),
    op(21, "dhcpv4_response", Class::Session),
    op(22, "active_lease_query", Class::Read),
    op(23, "start_tls", Class::Session),
    op(24, "binding_update", Class::Session),
    op(25, "binding_reply", Class::Session),
    op(26, "pool_request", Class::Session),
    op(27, "pool_response", Class::Session),
    op(28, "update_request", Class::Session),
    op(29, "update_request_all", Class::Session),
    op(30, "update_done", Class::Session),
    op(31, "connect", Class::Session),
    op(32, "connect_reply", Class::Session),
    op(33, "disconnect", Class::Session),
    op(34, "state", Class::Session),
    op(35, "contact", Class::Session),
    op(36, "address_registration_inform", Class::Session),
    op(37, "address_registration_reply", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("address", "first address given to the client"),
    field("domain", "first search domain given"),
    field("host_name", "name the client states"),
    field("lease_s", "seconds for which the address is valid"),
    field("message", "text of a status"),
    field("name_server", "first name server given"),
    field("peer", "address the relay agent heard the client at"),
    field("prefix", "first prefix given to the client"),
    field("relay", "address of the client's link at the relay agent"),
    field("server", "identifier of the server, in hexadecimal"),
    field("status", "status code of the answer"),
    field("transaction", "transaction id"),
    field("vendor_class", "vendor class the client states"),
];

/// A known type, then options that fill the message exactly.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::message(probe.bytes) {
        Ok(message) if message.fits() => Verdict::Likely,
        _ => Verdict::No,
    }
}
