//! NetBIOS datagram service: the descriptor. See the page.

mod browser;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// NetBIOS datagrams (RFC 1002, 4.4) with the announcements of the Windows browser service ([MS-BRWS]).
pub static PROTOCOL: Protocol = Protocol {
    name: "nbds",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(138)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["mailslot", "name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A command of the browser service: `BROWSER | command`.
const BROWSER: u32 = 0x100;
/// A message of the net logon service: `NETLOGON | operation code`.
const NETLOGON: u32 = 0x200;

/// Datagram types; above 255, with codes of ours, what is in them.
const OPERATIONS: &[Operation] = &[
    op(0x10, "direct_unique_datagram", Class::Unknown),
    op(0x11, "direct_group_datagram", Class::Unknown),
    op(0x12, "broadcast_datagram", Class::Unknown),
    op(0x13, "datagram_error", Class::Diagnose),
    op(0x14, "datagram_query_request", Class::Identify),
    op(0x15, "datagram_positive_query_response", Class::Identify),
    op(0x16, "datagram_negative_query_response", Class::Identify),
    op(BROWSER | 1, "host_announcement", Class::Identify),
    op(BROWSER | 2, "announcement_request", Class::Identify),
    op(BROWSER | 8, "request_election", Class::Identify),
    op(BROWSER | 9, "get_backup_list_request", Class::Identify),
    op(BROWSER | 10, "get_backup_list_response", Class::Identify),
    op(BROWSER | 11, "become_backup", Class::Identify),
    op(BROWSER | 12, "domain_announcement", Class::Identify),
    op(BROWSER | 13, "master_announcement", Class::Identify),
    op(BROWSER | 14, "reset_state_request", Class::Configure),
    op(BROWSER | 15, "local_master_announcement", Class::Identify),
    op(NETLOGON, "logon_request", Class::Session),
    op(NETLOGON | 6, "logon_response", Class::Session),
    op(NETLOGON | 7, "logon_primary_query", Class::Identify),
    op(NETLOGON | 10, "announce_account_change", Class::Session),
    op(NETLOGON | 12, "logon_primary_response", Class::Identify),
    op(NETLOGON | 18, "sam_logon_request", Class::Session),
    op(NETLOGON | 19, "sam_logon_response", Class::Session),
    op(NETLOGON | 21, "sam_unknown_user_response", Class::Session),
    op(NETLOGON | 23, "sam_logon_response_extended", Class::Session),
    op(NETLOGON | 25, "sam_user_unknown_extended", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("comment", "description in an announcement"),
    field("from", "name of the sender"),
    field("os_version", "version of the operating system, major and minor"),
    field("server_type", "bits of what the machine is, as Windows numbers them"),
    field("to", "name of the receiver"),
];

/// A known type and two coded names.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    match wire::datagram(probe.bytes) {
        Ok(datagram) if datagram.names.is_some() => Verdict::Sure,
        Ok(_) if probe.src_port == 138 => Verdict::Likely,
        _ => Verdict::No,
    }
}
