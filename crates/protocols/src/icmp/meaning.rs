//! Types and codes as IANA assigns them. An operation's code is `type << 8 | code`.

use crate::{Operation, op};
use model::Class;

/// Asks for an answer.
pub const ECHO: u8 = 8;

/// Every message, by type and code. Where a code says nothing further the type stands alone, at code 0.
pub const OPERATIONS: &[Operation] = &[
    op(0x0000, "echo_reply", Class::Diagnose),
    op(0x0300, "net_unreachable", Class::Diagnose),
    op(0x0301, "host_unreachable", Class::Diagnose),
    op(0x0302, "protocol_unreachable", Class::Diagnose),
    op(0x0303, "port_unreachable", Class::Diagnose),
    op(0x0304, "fragmentation_needed", Class::Diagnose),
    op(0x0305, "source_route_failed", Class::Diagnose),
    op(0x0306, "destination_network_unknown", Class::Diagnose),
    op(0x0307, "destination_host_unknown", Class::Diagnose),
    op(0x0308, "source_host_isolated", Class::Diagnose),
    op(0x0309, "network_prohibited", Class::Diagnose),
    op(0x030a, "host_prohibited", Class::Diagnose),
    op(0x030b, "network_unreachable_for_type_of_service", Class::Diagnose),
    op(0x030c, "host_unreachable_for_type_of_service", Class::Diagnose),
    op(0x030d, "communication_prohibited", Class::Diagnose),
    op(0x030e, "host_precedence_violation", Class::Diagnose),
    op(0x030f, "precedence_cutoff", Class::Diagnose),
    op(0x0400, "source_quench", Class::Diagnose),
    op(0x0500, "redirect_network", Class::Configure),
    op(0x0501, "redirect_host", Class::Configure),
    op(0x0502, "redirect_network_for_type_of_service", Class::Configure),
    op(0x0503, "redirect_host_for_type_of_service", Class::Configure),
    op(0x0600, "alternate_host_address", Class::Configure),
    op(0x0800, "echo", Class::Diagnose),
    op(0x0900, "router_advertisement", Class::Identify),
    op(0x0910, "router_advertisement_mobile", Class::Identify),
    op(0x0a00, "router_solicitation", Class::Identify),
    op(0x0b00, "time_to_live_exceeded", Class::Diagnose),
    op(0x0b01, "fragment_reassembly_time_exceeded", Class::Diagnose),
    op(0x0c00, "parameter_problem", Class::Diagnose),
    op(0x0c01, "required_option_missing", Class::Diagnose),
    op(0x0c02, "bad_length", Class::Diagnose),
    op(0x0d00, "timestamp", Class::Diagnose),
    op(0x0e00, "timestamp_reply", Class::Diagnose),
    op(0x0f00, "information_request", Class::Identify),
    op(0x1000, "information_reply", Class::Identify),
    op(0x1100, "address_mask_request", Class::Identify),
    op(0x1200, "address_mask_reply", Class::Identify),
    op(0x1e00, "traceroute", Class::Diagnose),
    op(0x1f00, "datagram_conversion_error", Class::Diagnose),
    op(0x2000, "mobile_host_redirect", Class::Configure),
    op(0x2100, "where_are_you", Class::Identify),
    op(0x2200, "i_am_here", Class::Identify),
    op(0x2300, "mobile_registration_request", Class::Session),
    op(0x2400, "mobile_registration_reply", Class::Session),
    op(0x2500, "domain_name_request", Class::Identify),
    op(0x2600, "domain_name_reply", Class::Identify),
    op(0x2700, "skip", Class::Session),
    op(0x2800, "photuris", Class::Session),
    op(0x2900, "experimental_mobility", Class::Unknown),
    op(0x2a00, "extended_echo_request", Class::Diagnose),
    op(0x2b00, "extended_echo_reply", Class::Diagnose),
    op(0xfd00, "experiment_1", Class::Unknown),
    op(0xfe00, "experiment_2", Class::Unknown),
];

/// Whether the type is assigned.
pub fn is_assigned(kind: u8) -> bool {
    OPERATIONS.iter().any(|o| o.code >> 8 == u32::from(kind))
}

/// The operation's code; where a type's code is not assigned, that of the type alone, and `false`.
pub fn code_of(kind: u8, code: u8) -> (u32, bool) {
    let whole = u32::from(kind) << 8 | u32::from(code);
    match OPERATIONS.binary_search_by_key(&whole, |o| o.code) {
        Ok(_) => (whole, true),
        // codes of extended echo replies are outcomes
        Err(_) => (whole & 0xff00, matches!(kind, 40 | 43)),
    }
}

/// The request a reply answers.
pub fn request_of(reply: u8) -> Option<u8> {
    Some(match reply {
        0 => 8,
        14 => 13,
        16 => 15,
        18 => 17,
        38 => 37,
        43 => 42,
        _ => return None,
    })
}

/// Types that quote the packet they are about.
pub fn quotes(kind: u8) -> bool {
    matches!(kind, 3 | 4 | 5 | 11 | 12)
}
