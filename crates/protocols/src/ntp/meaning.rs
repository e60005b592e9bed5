//! Modes and operations. Control messages stand at `0x600 | operation code`, private ones at `0x700 | request code`.

use crate::{Operation, op};
use model::Class;

pub const CONTROL: u32 = 0x600;
pub const PRIVATE: u32 = 0x700;

/// A client's question with the server's answer: mode 3.
pub const TIME_REQUEST: u32 = 3;
/// An answer alone.
pub const SERVER: u32 = 4;
pub const BROADCAST: u32 = 5;

pub const OPERATIONS: &[Operation] = &[
    op(0, "reserved", Class::Unknown),
    op(1, "symmetric_active", Class::Read),
    op(2, "symmetric_passive", Class::Read),
    op(TIME_REQUEST, "time_request", Class::Read),
    op(BROADCAST, "broadcast", Class::Read),
    op(CONTROL | 1, "read_status", Class::Diagnose),
    op(CONTROL | 2, "read_variables", Class::Diagnose),
    op(CONTROL | 3, "write_variables", Class::Configure),
    op(CONTROL | 4, "read_clock_variables", Class::Diagnose),
    op(CONTROL | 5, "write_clock_variables", Class::Configure),
    op(CONTROL | 6, "set_trap_address", Class::Configure),
    op(CONTROL | 7, "trap_response", Class::Diagnose),
    op(CONTROL | 8, "configure", Class::Configure),
    op(CONTROL | 9, "export_configuration", Class::Configure),
    op(CONTROL | 10, "retrieve_monitor_list", Class::Diagnose),
    op(CONTROL | 11, "retrieve_remote_statistics", Class::Diagnose),
    op(CONTROL | 12, "request_nonce", Class::Session),
    op(CONTROL | 31, "unset_trap", Class::Configure),
    op(PRIVATE, "peer_list", Class::Diagnose),
    op(PRIVATE | 1, "peer_list_summary", Class::Diagnose),
    op(PRIVATE | 2, "peer_information", Class::Diagnose),
    op(PRIVATE | 3, "peer_statistics", Class::Diagnose),
    op(PRIVATE | 4, "system_information", Class::Diagnose),
    op(PRIVATE | 5, "system_statistics", Class::Diagnose),
    op(PRIVATE | 6, "io_statistics", Class::Diagnose),
    op(PRIVATE | 7, "memory_statistics", Class::Diagnose),
    op(PRIVATE | 8, "loop_information", Class::Diagnose),
    op(PRIVATE | 9, "timer_statistics", Class::Diagnose),
    op(PRIVATE | 10, "configure_peer", Class::Configure),
    op(PRIVATE | 11, "unconfigure_peer", Class::Configure),
    op(PRIVATE | 12, "set_system_flag", Class::Configure),
    op(PRIVATE | 13, "clear_system_flag", Class::Configure),
    op(PRIVATE | 14, "monitor", Class::Configure),
    op(PRIVATE | 15, "no_monitor", Class::Configure),
    op(PRIVATE | 16, "get_restrictions", Class::Diagnose),
    op(PRIVATE | 17, "add_restriction_flags", Class::Configure),
    op(PRIVATE | 18, "remove_restriction_flags", Class::Configure),
    op(PRIVATE | 19, "unrestrict", Class::Configure),
    op(PRIVATE | 20, "get_monitor_list", Class::Diagnose),
    op(PRIVATE | 21, "reset_statistics", Class::Configure),
    op(PRIVATE | 22, "reset_peer", Class::Configure),
    op(PRIVATE | 23, "reread_keys", Class::Configure),
    op(PRIVATE | 24, "dirty_hack", Class::Configure),
    op(PRIVATE | 25, "dont_dirty_hack", Class::Configure),
    op(PRIVATE | 26, "trust_key", Class::Configure),
    op(PRIVATE | 27, "untrust_key", Class::Configure),
    op(PRIVATE | 28, "authentication_information", Class::Diagnose),
    op(PRIVATE | 29, "traps", Class::Diagnose),
    op(PRIVATE | 30, "add_trap", Class::Configure),
    op(PRIVATE | 31, "clear_trap", Class::Configure),
    op(PRIVATE | 32, "request_key", Class::Configure),
    op(PRIVATE | 33, "control_key", Class::Configure),
    op(PRIVATE | 34, "control_statistics", Class::Diagnose),
    op(PRIVATE | 35, "leap_information", Class::Diagnose),
    op(PRIVATE | 36, "get_clock_information", Class::Diagnose),
    op(PRIVATE | 37, "set_clock_fudge", Class::Configure),
    op(PRIVATE | 38, "get_kernel_information", Class::Diagnose),
    op(PRIVATE | 39, "get_clock_bug_information", Class::Diagnose),
    op(PRIVATE | 41, "set_precision", Class::Configure),
    op(PRIVATE | 42, "get_monitor_list_1", Class::Diagnose),
    op(PRIVATE | 43, "host_name_association_address", Class::Diagnose),
    op(PRIVATE | 44, "interface_statistics", Class::Diagnose),
    op(PRIVATE | 45, "interface_reload", Class::Configure),
];

/// A leap indicator.
pub fn leap(bits: u8) -> Option<&'static str> {
    match bits {
        1 => Some("insert"),
        2 => Some("delete"),
        3 => Some("unsynchronized"),
        _ => None,
    }
}
