//! Types and codes as IANA assigns them. An operation's code is `type << 8 | code`.

use crate::{Operation, op};
use model::Class;

/// Asks for an answer.
pub const ECHO_REQUEST: u8 = 128;
/// A neighbour solicitation that asks whether an address is free (RFC 4862); the code is ours.
pub const DUPLICATE_ADDRESS_DETECTION: u32 = 0x1_8700;

/// Every message, by type and code. Where a code says nothing further the type stands alone, at code 0.
pub const OPERATIONS: &[Operation] = &[
    op(0x0100, "no_route_to_destination", Class::Diagnose),
    op(0x0101, "communication_prohibited", Class::Diagnose),
    op(0x0102, "beyond_scope_of_source_address", Class::Diagnose),
    op(0x0103, "address_unreachable", Class::Diagnose),
    op(0x0104, "port_unreachable", Class::Diagnose),
    op(0x0105, "source_address_failed_policy", Class::Diagnose),
    op(0x0106, "reject_route_to_destination", Class::Diagnose),
    op(0x0107, "error_in_source_routing_header", Class::Diagnose),
    op(0x0108, "headers_too_long", Class::Diagnose),
    op(0x0109, "error_in_p_route", Class::Diagnose),
    op(0x0200, "packet_too_big", Class::Diagnose),
    op(0x0300, "hop_limit_exceeded", Class::Diagnose),
    op(0x0301, "fragment_reassembly_time_exceeded", Class::Diagnose),
    op(0x0400, "erroneous_header_field", Class::Diagnose),
    op(0x0401, "unrecognized_next_header", Class::Diagnose),
    op(0x0402, "unrecognized_option", Class::Diagnose),
    op(0x0403, "incomplete_header_chain", Class::Diagnose),
    op(0x0404, "upper_layer_header_error", Class::Diagnose),
    op(0x0405, "unrecognized_next_header_by_intermediate_node", Class::Diagnose),
    op(0x0406, "extension_header_too_big", Class::Diagnose),
    op(0x0407, "extension_header_chain_too_long", Class::Diagnose),
    op(0x0408, "too_many_extension_headers", Class::Diagnose),
    op(0x0409, "too_many_options_in_extension_header", Class::Diagnose),
    op(0x040a, "option_too_big", Class::Diagnose),
    op(0x6400, "private_experiment_100", Class::Unknown),
    op(0x6500, "private_experiment_101", Class::Unknown),
    op(0x8000, "echo_request", Class::Diagnose),
    op(0x8100, "echo_reply", Class::Diagnose),
    op(0x8200, "multicast_listener_query", Class::Session),
    op(0x8300, "multicast_listener_report", Class::Session),
    op(0x8400, "multicast_listener_done", Class::Session),
    op(0x8500, "router_solicitation", Class::Identify),
    op(0x8600, "router_advertisement", Class::Identify),
    op(0x8700, "neighbor_solicitation", Class::Identify),
    op(0x8800, "neighbor_advertisement", Class::Identify),
    op(0x8900, "redirect", Class::Configure),
    op(0x8a00, "router_renumbering_command", Class::Configure),
    op(0x8a01, "router_renumbering_result", Class::Configure),
    op(0x8aff, "router_renumbering_sequence_number_reset", Class::Configure),
    op(0x8b00, "node_information_query", Class::Identify),
    op(0x8c00, "node_information_response", Class::Identify),
    op(0x8d00, "inverse_neighbor_solicitation", Class::Identify),
    op(0x8e00, "inverse_neighbor_advertisement", Class::Identify),
    op(0x8f00, "multicast_listener_report_v2", Class::Session),
    op(0x9000, "home_agent_address_discovery_request", Class::Identify),
    op(0x9100, "home_agent_address_discovery_reply", Class::Identify),
    op(0x9200, "mobile_prefix_solicitation", Class::Session),
    op(0x9300, "mobile_prefix_advertisement", Class::Session),
    op(0x9400, "certification_path_solicitation", Class::Session),
    op(0x9500, "certification_path_advertisement", Class::Session),
    op(0x9600, "experimental_mobility", Class::Unknown),
    op(0x9700, "multicast_router_advertisement", Class::Identify),
    op(0x9800, "multicast_router_solicitation", Class::Identify),
    op(0x9900, "multicast_router_termination", Class::Identify),
    op(0x9a00, "fast_handover", Class::Session),
    op(0x9b00, "rpl_control", Class::Session),
    op(0x9c00, "locator_update", Class::Session),
    op(0x9d00, "duplicate_address_request", Class::Identify),
    op(0x9e00, "duplicate_address_confirmation", Class::Identify),
    op(0x9f00, "mpl_control", Class::Session),
    op(0xa000, "extended_echo_request", Class::Diagnose),
    op(0xa100, "extended_echo_reply", Class::Diagnose),
    op(0xc800, "private_experiment_200", Class::Unknown),
    op(0xc900, "private_experiment_201", Class::Unknown),
    op(DUPLICATE_ADDRESS_DETECTION, "duplicate_address_detection", Class::Identify),
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
        // node information, fast handover and RPL have sub-types there; extended echo replies their outcome
        Err(_) => (whole & 0xff00, matches!(kind, 139 | 140 | 154 | 155 | 157 | 158 | 161)),
    }
}

/// Messages that are only believed with a hop limit of 255: they come from this link (RFC 4861, 6.1 to 8.1).
pub fn is_neighbour_discovery(kind: u8) -> bool {
    matches!(kind, 133..=137)
}
