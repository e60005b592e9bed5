//! Services and messages, and what they do. Codes: confirmed services as they are, unconfirmed ones from 0x100,
//! network layer messages from 0x200, BVLC functions from 0x300 (IPv4) and 0x400 (IPv6), unpaired ends from 0x500.

use crate::{Goal, Operation, Span, op};
use model::Class::{self, Configure, Diagnose, File, Identify, Mode, Operate, Program, Read, Session, Unknown, Write};

/// Unconfirmed services begin here.
pub const UNCONFIRMED: u32 = 0x100;
/// Network layer messages begin here.
pub const NETWORK: u32 = 0x200;
/// BVLC functions begin here.
pub const BVLC: u32 = 0x300;
/// BVLC functions over IPv6 begin here.
pub const BVLC6: u32 = 0x400;
/// A Reject whose request was not seen.
pub const REJECT: u32 = 0x506;
/// An Abort whose request was not seen.
pub const ABORT: u32 = 0x507;

/// Confirmed services with a part in the session.
pub mod service {
    #![allow(missing_docs)]
    pub const CONFIRMED_COV: u8 = 1;
    pub const CONFIRMED_EVENT: u8 = 2;
    pub const ATOMIC_READ_FILE: u8 = 6;
    pub const ATOMIC_WRITE_FILE: u8 = 7;
    pub const CREATE_OBJECT: u8 = 10;
    pub const READ_PROPERTY: u8 = 12;
    pub const READ_PROPERTY_MULTIPLE: u8 = 14;
    pub const WRITE_PROPERTY: u8 = 15;
    pub const WRITE_PROPERTY_MULTIPLE: u8 = 16;
    pub const DEVICE_COMMUNICATION_CONTROL: u8 = 17;
    pub const PRIVATE_TRANSFER: u8 = 18;
    pub const REINITIALIZE_DEVICE: u8 = 20;
    pub const READ_RANGE: u8 = 26;
    pub const CONFIRMED_COV_MULTIPLE: u8 = 31;
    pub const CONFIRMED_AUDIT: u8 = 32;
}

/// Every operation.
pub const OPERATIONS: &[Operation] = &[
    op(0, "acknowledge_alarm", Operate),
    op(1, "confirmed_cov_notification", Read),
    op(2, "confirmed_event_notification", Read),
    op(3, "get_alarm_summary", Read),
    op(4, "get_enrollment_summary", Read),
    op(5, "subscribe_cov", Read),
    op(6, "atomic_read_file", File),
    op(7, "atomic_write_file", File),
    op(8, "add_list_element", Configure),
    op(9, "remove_list_element", Configure),
    op(10, "create_object", Configure),
    op(11, "delete_object", Configure),
    op(12, "read_property", Read),
    op(13, "read_property_conditional", Read),
    op(14, "read_property_multiple", Read),
    op(15, "write_property", Write),
    op(16, "write_property_multiple", Write),
    op(17, "device_communication_control", Mode),
    op(18, "confirmed_private_transfer", Unknown),
    op(19, "confirmed_text_message", Diagnose),
    op(20, "reinitialize_device", Mode),
    op(21, "vt_open", Session),
    op(22, "vt_close", Session),
    op(23, "vt_data", Diagnose),
    op(24, "authenticate", Session),
    op(25, "request_key", Session),
    op(26, "read_range", Read),
    op(27, "life_safety_operation", Operate),
    op(28, "subscribe_cov_property", Read),
    op(29, "get_event_information", Read),
    op(30, "subscribe_cov_property_multiple", Read),
    op(31, "confirmed_cov_notification_multiple", Read),
    op(32, "confirmed_audit_notification", Diagnose),
    op(33, "audit_log_query", Diagnose),
    op(34, "auth_request", Session),
    op(UNCONFIRMED, "i_am", Identify),
    op(UNCONFIRMED | 1, "i_have", Identify),
    op(UNCONFIRMED | 2, "unconfirmed_cov_notification", Read),
    op(UNCONFIRMED | 3, "unconfirmed_event_notification", Read),
    op(UNCONFIRMED | 4, "unconfirmed_private_transfer", Unknown),
    op(UNCONFIRMED | 5, "unconfirmed_text_message", Diagnose),
    op(UNCONFIRMED | 6, "time_synchronization", Configure),
    op(UNCONFIRMED | 7, "who_has", Identify),
    op(UNCONFIRMED | 8, "who_is", Identify),
    op(UNCONFIRMED | 9, "utc_time_synchronization", Configure),
    op(UNCONFIRMED | 10, "write_group", Write),
    op(UNCONFIRMED | 11, "unconfirmed_cov_notification_multiple", Read),
    op(UNCONFIRMED | 12, "unconfirmed_audit_notification", Diagnose),
    op(UNCONFIRMED | 13, "who_am_i", Identify),
    op(UNCONFIRMED | 14, "you_are", Configure),
    op(NETWORK, "who_is_router_to_network", Identify),
    op(NETWORK | 1, "i_am_router_to_network", Identify),
    op(NETWORK | 2, "i_could_be_router_to_network", Identify),
    op(NETWORK | 3, "reject_message_to_network", Diagnose),
    op(NETWORK | 4, "router_busy_to_network", Diagnose),
    op(NETWORK | 5, "router_available_to_network", Diagnose),
    op(NETWORK | 6, "initialize_routing_table", Configure),
    op(NETWORK | 7, "initialize_routing_table_ack", Configure),
    op(NETWORK | 8, "establish_connection_to_network", Configure),
    op(NETWORK | 9, "disconnect_connection_to_network", Configure),
    op(NETWORK | 10, "challenge_request", Session),
    op(NETWORK | 11, "security_payload", Unknown),
    op(NETWORK | 12, "security_response", Session),
    op(NETWORK | 13, "request_key_update", Session),
    op(NETWORK | 14, "update_key_set", Configure),
    op(NETWORK | 15, "update_distribution_key", Configure),
    op(NETWORK | 16, "request_master_key", Session),
    op(NETWORK | 17, "set_master_key", Configure),
    op(NETWORK | 18, "what_is_network_number", Identify),
    op(NETWORK | 19, "network_number_is", Identify),
    op(BVLC, "bvlc_result", Session),
    op(BVLC | 1, "write_broadcast_distribution_table", Configure),
    op(BVLC | 2, "read_broadcast_distribution_table", Read),
    op(BVLC | 5, "register_foreign_device", Session),
    op(BVLC | 6, "read_foreign_device_table", Read),
    op(BVLC | 8, "delete_foreign_device_table_entry", Configure),
    op(BVLC | 12, "secure_bvll", Unknown),
    op(BVLC6, "bvlc6_result", Session),
    op(BVLC6 | 3, "address_resolution", Identify),
    op(BVLC6 | 4, "forwarded_address_resolution", Identify),
    op(BVLC6 | 5, "address_resolution_ack", Identify),
    op(BVLC6 | 6, "virtual_address_resolution", Identify),
    op(BVLC6 | 7, "virtual_address_resolution_ack", Identify),
    op(BVLC6 | 9, "register_foreign_device_ipv6", Session),
    op(BVLC6 | 10, "delete_foreign_device_table_entry_ipv6", Configure),
    op(BVLC6 | 11, "secure_bvll_ipv6", Unknown),
    op(REJECT, "reject", Session),
    op(ABORT, "abort", Session),
];

/// Properties with a part in the meaning.
pub mod property {
    #![allow(missing_docs)]
    pub const FILE_SIZE: u32 = 42;
    pub const PROGRAM_CHANGE: u32 = 90;
    pub const SEGMENTATION_SUPPORTED: u32 = 107;
    pub const SYSTEM_STATUS: u32 = 112;
    pub const EVENT_STATE: u32 = 36;
}

/// The device object's type.
pub const DEVICE: u32 = 8;
/// The file object's type.
pub const FILE: u32 = 10;
/// The program object's type.
const PROGRAM: u32 = 16;
/// The network port object's type.
const NETWORK_PORT: u32 = 56;
/// The instance that stands for "whoever you are".
pub const ANY_INSTANCE: u32 = 4_194_303;

/// Type of an object identifier.
pub fn type_of(object: u32) -> u32 {
    object >> 22
}

/// Instance of an object identifier.
pub fn instance_of(object: u32) -> u32 {
    object & ANY_INSTANCE
}

/// What writing this property does; `None` for the ordinary `write`.
pub fn class_of_write(object: u32, property: u32, value: Option<u64>) -> Option<Class> {
    match (type_of(object), property) {
        // load and unload move program, everything else changes its state
        (PROGRAM, property::PROGRAM_CHANGE) => Some(if matches!(value, Some(1 | 5)) { Program } else { Mode }),
        (FILE, _) => Some(File),
        (DEVICE | NETWORK_PORT, _) => Some(Configure),
        _ => None,
    }
}

/// What a state of ReinitializeDevice does besides restarting.
pub fn class_of_reinitialize(state: u64) -> Class {
    match state {
        2 | 3 => File,
        4..=7 => Configure,
        _ => Mode,
    }
}

/// An object, and a property of it where one is named: `sub` holds the property above the array index plus one.
pub fn goal(object: u32, property: Option<u32>, index: Option<u32>) -> Goal {
    let space = super::names::name(&super::names::OBJECT_TYPES, type_of(object).into()).unwrap_or("object");
    let sub = match property {
        Some(property) => (u64::from(property.min(ANY_INSTANCE)) + 1) << 33 | index.map_or(0, |i| u64::from(i) + 1),
        None => 0,
    };
    Goal { space, first: object.into(), count: 1, sub, name: Span::EMPTY }
}

/// `analog-value,3 present-value[4]`; numbers where the standard has no name.
pub fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    if !is_object(goal.space) {
        return crate::plain_notation(goal, name, text);
    }
    let object = goal.first as u32;
    let _ = match goal.space {
        "object" => write!(text, "{},{}", type_of(object), instance_of(object)),
        space => write!(text, "{space},{}", instance_of(object)),
    };
    if goal.sub == 0 {
        return;
    }
    let property = (goal.sub >> 33).saturating_sub(1);
    let _ = match super::names::name(&super::names::PROPERTIES, property) {
        Some(name) => write!(text, " {name}"),
        None => write!(text, " {property}"),
    };
    let index = goal.sub & 0x1_ffff_ffff;
    if index > 0 {
        let _ = write!(text, "[{}]", index - 1);
    }
}

/// Spaces that are not object types.
pub const OTHER_SPACES: [&str; 3] = ["network", "address", "name"];

fn is_object(space: &str) -> bool {
    !OTHER_SPACES.contains(&space)
}
