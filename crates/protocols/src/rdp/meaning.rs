//! Codes to operations and words.

use crate::common::windows::bits;
use crate::{Operation, Output, Span, Val, op};
use model::Class::Session;

/// Codes: 0xe0 the X.224 connection request; choices of T.125 (connect initial is application tag 0x65); messages of
/// the security layer `0x1000 |` their flag.
pub const OPERATIONS: &[Operation] = &[
    op(0x01, "erect_domain_request", Session),
    op(0x08, "disconnect_provider_ultimatum", Session),
    op(0x0a, "attach_user_request", Session),
    op(0x0e, "channel_join_request", Session),
    op(0x65, "connect_initial", Session),
    op(0xe0, "connection_request", Session),
    op(0x1001, "security_exchange", Session),
    op(0x1040, "client_info", Session),
];

/// Protocols asked for and chosen ([MS-RDPBCGR] 2.2.1.1.1).
const PROTOCOLS: &[(u32, &str)] =
    &[(0x01, "tls"), (0x02, "credssp"), (0x04, "rdstls"), (0x08, "credssp_ex"), (0x10, "aad")];

/// The protocols as words; none of them is Remote Desktop's own security.
pub fn protocols(out: &mut Output, set: u32) -> Span {
    match set {
        0 => out.text(b"rdp"),
        _ => bits(out, set, PROTOCOLS),
    }
}

/// Why a negotiation failed (2.2.1.2.2).
pub fn failure(code: u32) -> Option<&'static str> {
    Some(match code {
        1 => "ssl_required_by_server",
        2 => "ssl_not_allowed_by_server",
        3 => "ssl_cert_not_on_server",
        4 => "inconsistent_flags",
        5 => "hybrid_required_by_server",
        6 => "ssl_with_user_auth_required_by_server",
        _ => return None,
    })
}

/// Version of the protocol (2.2.1.3.2).
pub fn version(code: u32) -> Val {
    match code {
        0x0008_0001 => Val::Name("4.0"),
        0x0008_0004 => Val::Name("5.0 to 8.1"),
        0x0008_0005 => Val::Name("10.0"),
        0x0008_0006 => Val::Name("10.1"),
        0x0008_0007 => Val::Name("10.2"),
        0x0008_0008 => Val::Name("10.3"),
        0x0008_0009 => Val::Name("10.4"),
        0x0008_000a => Val::Name("10.5"),
        0x0008_000b => Val::Name("10.6"),
        0x0008_000c => Val::Name("10.7"),
        0x0008_000d => Val::Name("10.8"),
        0x0008_000e => Val::Name("10.9"),
        0x0008_000f => Val::Name("10.10"),
        0x0008_0010 => Val::Name("10.11"),
        0x0008_0011 => Val::Name("10.12"),
        other => Val::Uint(other.into()),
    }
}

/// Encryption method chosen (2.2.1.4.3).
pub fn method(code: u32) -> Option<&'static str> {
    Some(match code {
        0 => "none",
        1 => "40_bit",
        2 => "128_bit",
        8 => "56_bit",
        0x10 => "fips",
        _ => return None,
    })
}

/// Encryption level.
pub fn level(code: u32) -> Option<&'static str> {
    ["none", "low", "client_compatible", "high", "fips"].get(code as usize).copied()
}
