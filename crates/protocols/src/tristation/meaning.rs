//! Commands to operations, classes and words.

use crate::{Operation, op};
use model::Class::*;

/// Messages without command stand behind this number, by their type.
pub const MESSAGE: u32 = 0x100;

pub const START_DOWNLOAD_ALL: u8 = 0;
pub const START_DOWNLOAD_CHANGE: u8 = 1;
pub const END_DOWNLOAD_ALL: u8 = 10;
pub const END_DOWNLOAD_CHANGE: u8 = 11;
pub const CANCEL_DOWNLOAD_CHANGE: u8 = 12;
pub const GET_CP_STATUS: u8 = 19;
pub const GET_MP_STATUS: u8 = 29;
pub const START_TS2_DOWNLOAD: u8 = 59;
pub const ATTACHED: u8 = 106;
pub const CP_STATUS: u8 = 108;
pub const CHASSIS_STATUS: u8 = 119;
pub const MODULE_VERSIONS: u8 = 151;
pub const ALLOCATE_PROGRAM: u8 = 55;
pub const ALLOCATE_FUNCTION: u8 = 56;
pub const UPLOAD_PROGRAM: u8 = 65;
pub const UPLOAD_FUNCTION: u8 = 66;

pub const REJECTED: u8 = 100;
/// Reasons of a refusal begin here; some answers carry one in the place of the command.
const FIRST_REASON: u8 = 200;

/// Commands as public analyses of TRITON's own library and of captures name them.
pub const OPERATIONS: &[Operation] = &[
    op(0, "start_download_all", Program),
    op(1, "start_download_change", Program),
    op(2, "update_configuration", Configure),
    op(3, "upload_configuration", Read),
    op(4, "set_io_addresses", Configure),
    op(5, "allocate_network", Configure),
    op(6, "load_vector_table", Program),
    op(7, "set_calendar", Configure),
    op(8, "get_calendar", Read),
    op(9, "set_scan_time", Configure),
    op(10, "end_download_all", Program),
    op(11, "end_download_change", Program),
    op(12, "cancel_download_change", Program),
    op(13, "attach_tricon", Session),
    op(14, "set_io_address_limits", Configure),
    op(15, "configure_module", Configure),
    op(16, "set_multiple_point_values", Operate),
    op(17, "enable_all_points", Operate),
    op(18, "upload_vector_table", Program),
    op(19, "get_cp_status", Read),
    op(20, "run_program", Mode),
    op(21, "halt_program", Mode),
    op(22, "pause_program", Mode),
    op(23, "do_single_scan", Mode),
    op(24, "get_chassis_status", Read),
    op(25, "get_minimum_scan_time", Read),
    op(26, "set_node_number", Configure),
    op(27, "set_io_point_values", Operate),
    op(28, "get_io_point_values", Read),
    op(29, "get_mp_status", Read),
    op(30, "set_retentive_values", Write),
    op(31, "adjust_clock_calendar", Configure),
    op(32, "clear_module_alarms", Operate),
    op(33, "get_event_log", Read),
    op(34, "set_soe_block", Configure),
    op(35, "record_event_log", Diagnose),
    op(36, "get_soe_data", Read),
    op(37, "enable_ovd", Configure),
    op(38, "disable_ovd", Configure),
    op(39, "enable_all_ovds", Configure),
    op(40, "disable_all_ovds", Configure),
    op(41, "process_modbus", Read),
    op(42, "upload_network", Read),
    op(43, "set_label", Configure),
    op(44, "configure_system_variables", Configure),
    op(45, "deconfigure_module", Configure),
    op(46, "get_system_variables", Read),
    op(47, "get_module_types", Identify),
    op(48, "begin_conversion_table_download", Program),
    op(49, "continue_conversion_table_download", Program),
    op(50, "end_conversion_table_download", Program),
    op(51, "get_conversion_table", Read),
    op(52, "set_icm_status", Configure),
    op(53, "broadcast_soe_data_available", Diagnose),
    op(54, "get_module_versions", Identify),
    op(55, "allocate_program", Program),
    op(56, "allocate_function", Program),
    op(57, "clear_retentives", Write),
    op(58, "set_initial_values", Write),
    op(59, "start_ts2_program_download", Program),
    op(60, "set_ts2_data_area", Write),
    op(61, "get_ts2_data", Read),
    op(62, "set_ts2_data", Write),
    op(63, "set_program_information", Program),
    op(64, "get_program_information", Read),
    op(65, "upload_program", Program),
    op(66, "upload_function", Program),
    op(67, "get_point_groups", Read),
    op(68, "allocate_symbol_table", Program),
    op(69, "get_io_address", Read),
    op(70, "resend_io_address", Configure),
    op(71, "get_program_timing", Read),
    op(72, "allocate_multiple_functions", Program),
    op(73, "get_node_number", Read),
    op(74, "get_symbol_table", Read),
    op(80, "go_to_download_mode", Mode),
    op(MESSAGE + 1, "connect", Session),
    op(MESSAGE + 4, "disconnect", Session),
    op(MESSAGE + 6, "ping", Identify),
];

/// Whether the command is known.
pub fn is_named(code: u8) -> bool {
    OPERATIONS.binary_search_by_key(&u32::from(code), |o| o.code).is_ok()
}

/// Questions that have no arguments.
pub fn bare_question(code: u8) -> Option<&'static str> {
    match code {
        GET_CP_STATUS => Some("get_cp_status"),
        GET_MP_STATUS => Some("get_mp_status"),
        _ => None,
    }
}

/// The reason of a refusal: in the data of `REJECTED`, or in the place of the command.
pub fn reason(code: u8, data: &[u8]) -> Option<u32> {
    match (code, data.first()) {
        (REJECTED, Some(reason)) => Some((*reason).into()),
        (REJECTED, None) => Some(REJECTED.into()),
        (FIRST_REASON.., _) => Some(code.into()),
        _ => None,
    }
}

/// Positions of the key switch.
pub fn key(position: u8) -> Option<&'static str> {
    Some(match position {
        0 => "stop",
        1 => "program",
        2 => "run",
        3 => "remote",
        _ => return None,
    })
}

/// States of the program.
pub fn run_state(state: u8) -> Option<&'static str> {
    Some(match state {
        0 => "running",
        1 => "halted",
        2 => "paused",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_code() {
        assert!(OPERATIONS.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code)));
    }

    #[test]
    fn reasons() {
        assert_eq!(reason(100, &[208, 1]), Some(208));
        assert_eq!(reason(212, &[]), Some(212));
        assert_eq!(reason(103, &[]), None);
    }
}
