//! Codes to operations and classes.
//!
//! Three code spaces: a function of a job as it is (`0x04`); a program invocation service as `0x2800 |` a number of
//! this page, because services have names on the wire; userdata as `0x7000 | group << 8 | subfunction`.

use crate::{Operation, op};
use model::Class::{self, *};

/// Every operation.
pub const OPERATIONS: &[Operation] = &[
    op(0x00, "cpu_services", Unknown),
    op(READ_VAR, "read_var", Read),
    op(WRITE_VAR, "write_var", Write),
    op(REQUEST_DOWNLOAD, "request_download", Program),
    op(DOWNLOAD_BLOCK, "download_block", Program),
    op(DOWNLOAD_ENDED, "download_ended", Program),
    op(START_UPLOAD, "start_upload", Program),
    op(UPLOAD, "upload", Program),
    op(END_UPLOAD, "end_upload", Program),
    op(PLC_CONTROL, "plc_control", Unknown),
    op(PLC_STOP, "plc_stop", Mode),
    op(SETUP, "setup_communication", Session),
    op(PI_START, "plc_start", Mode),
    op(PI_COLD_START, "plc_cold_start", Mode),
    op(PI_INSERT, "insert_block", Program),
    op(PI_DELETE, "delete_block", Program),
    op(PI_COMPRESS, "compress_memory", Program),
    op(PI_COPY, "copy_ram_to_rom", Program),
    op(PI_ACTIVATE, "activate", Program),
    op(PI_DEACTIVATE, "deactivate", Program),
    op(PI_LOGIN, "nc_login", Session),
    op(PI_LOGOUT, "nc_logout", Session),
    op(PI_NEW_PASSWORD, "nc_new_password", Configure),
    op(PI_FILE, "nc_file_service", File),
    op(PI_SELECT, "nc_select_program", Program),
    op(PI_OTHER, "pi_service", Unknown),
    op(0x7000, "mode_transition_stop", Diagnose),
    op(0x7001, "mode_transition_warm_restart", Diagnose),
    op(0x7002, "mode_transition_run", Diagnose),
    op(0x7003, "mode_transition_hot_restart", Diagnose),
    op(0x7004, "mode_transition_hold", Diagnose),
    op(0x7006, "mode_transition_cold_restart", Diagnose),
    op(0x7009, "mode_transition_run_redundant", Diagnose),
    op(0x700b, "mode_transition_link_up", Diagnose),
    op(0x700c, "mode_transition_update", Diagnose),
    op(0x7101, "block_status", Diagnose),
    op(0x7102, "variable_status", Read),
    op(0x7103, "output_istack", Diagnose),
    op(0x7104, "output_bstack", Diagnose),
    op(0x7105, "output_lstack", Diagnose),
    op(0x7106, "time_measurement", Diagnose),
    op(0x7107, "force_selection", Operate),
    op(0x7108, "modify_variable", Operate),
    op(0x7109, "force", Operate),
    op(0x710a, "breakpoint", Mode),
    op(0x710b, "exit_hold", Mode),
    op(0x710c, "memory_reset", Program),
    op(0x710d, "disable_job", Diagnose),
    op(0x710e, "enable_job", Diagnose),
    op(0x710f, "delete_job", Diagnose),
    op(0x7110, "read_job_list", Diagnose),
    op(0x7111, "read_job", Diagnose),
    op(0x7112, "replace_job", Diagnose),
    op(0x7113, "block_status_v2", Diagnose),
    op(0x7116, "flash_led", Diagnose),
    op(0x7201, "cyclic_transfer", Read),
    op(0x7204, "cyclic_unsubscribe", Read),
    op(0x7205, "change_driven_transfer", Read),
    op(0x7207, "change_driven_transfer_modify", Read),
    op(0x7208, "read_record", Read),
    op(LIST_BLOCKS, "list_blocks", Read),
    op(LIST_BLOCKS_OF_TYPE, "list_blocks_of_type", Read),
    op(GET_BLOCK_INFO, "get_block_info", Read),
    op(READ_SZL, "read_szl", Diagnose),
    op(0x7402, "message_service", Session),
    op(0x7403, "diagnostic_message", Diagnose),
    op(0x7405, "alarm_8_indication", Diagnose),
    op(0x7406, "notify_indication", Diagnose),
    op(0x7407, "alarm_8_lock", Configure),
    op(0x7408, "alarm_8_unlock", Configure),
    op(0x7409, "scan_indication", Diagnose),
    op(0x740b, "alarm_ack", Operate),
    op(0x740c, "alarm_ack_indication", Diagnose),
    op(0x740d, "alarm_lock_indication", Diagnose),
    op(0x740e, "alarm_unlock_indication", Diagnose),
    op(0x7411, "alarm_sq_indication", Diagnose),
    op(0x7412, "alarm_s_indication", Diagnose),
    op(0x7413, "alarm_query", Diagnose),
    op(0x7416, "notify_8_indication", Diagnose),
    op(PASSWORD, "plc_password", Session),
    op(0x7502, "clear_password", Session),
    op(PBC, "bsend", Write),
    op(READ_CLOCK, "read_clock", Diagnose),
    op(SET_CLOCK, "set_clock", Configure),
    op(READ_CLOCK_FOLLOWING, "read_clock_following", Diagnose),
    op(SET_CLOCK_FOLLOWING, "set_clock_following", Configure),
    op(0x7f01, "nc_request_download", Program),
    op(0x7f02, "nc_download_block", Program),
    op(0x7f03, "nc_continue_download", Program),
    op(0x7f04, "nc_download_ended", Program),
    op(0x7f06, "nc_start_upload", Program),
    op(0x7f07, "nc_upload", Program),
    op(0x7f08, "nc_continue_upload", Program),
];

pub const READ_VAR: u32 = 0x04;
pub const WRITE_VAR: u32 = 0x05;
pub const REQUEST_DOWNLOAD: u32 = 0x1a;
pub const DOWNLOAD_BLOCK: u32 = 0x1b;
pub const DOWNLOAD_ENDED: u32 = 0x1c;
pub const START_UPLOAD: u32 = 0x1d;
pub const UPLOAD: u32 = 0x1e;
pub const END_UPLOAD: u32 = 0x1f;
pub const PLC_CONTROL: u32 = 0x28;
pub const PLC_STOP: u32 = 0x29;
pub const SETUP: u32 = 0xf0;
pub const PI_START: u32 = 0x2801;
pub const PI_COLD_START: u32 = 0x2802;
pub const PI_INSERT: u32 = 0x2803;
pub const PI_DELETE: u32 = 0x2804;
pub const PI_COMPRESS: u32 = 0x2805;
pub const PI_COPY: u32 = 0x2806;
pub const PI_ACTIVATE: u32 = 0x2807;
pub const PI_DEACTIVATE: u32 = 0x2808;
pub const PI_LOGIN: u32 = 0x2820;
pub const PI_LOGOUT: u32 = 0x2821;
pub const PI_NEW_PASSWORD: u32 = 0x2822;
pub const PI_FILE: u32 = 0x2823;
pub const PI_SELECT: u32 = 0x2824;
pub const PI_OTHER: u32 = 0x28ff;
pub const LIST_BLOCKS: u32 = 0x7301;
pub const LIST_BLOCKS_OF_TYPE: u32 = 0x7302;
pub const GET_BLOCK_INFO: u32 = 0x7303;
pub const READ_SZL: u32 = 0x7401;
pub const PASSWORD: u32 = 0x7501;
pub const PBC: u32 = 0x7600;
pub const READ_CLOCK: u32 = 0x7701;
pub const SET_CLOCK: u32 = 0x7702;
pub const READ_CLOCK_FOLLOWING: u32 = 0x7703;
pub const SET_CLOCK_FOLLOWING: u32 = 0x7704;

/// The code of a userdata message. Block-wise partner communication has subfunctions of the user's own.
pub fn userdata(group: u8, subfunction: u8) -> u32 {
    match group {
        6 => PBC,
        _ => 0x7000 | u32::from(group) << 8 | u32::from(subfunction),
    }
}

/// The operation a program invocation service stands for.
pub fn service(name: &[u8], argument: &[u8]) -> u32 {
    match name {
        b"P_PROGRAM" if argument.first() == Some(&b'C') => PI_COLD_START,
        b"P_PROGRAM" => PI_START,
        b"_INSE" => PI_INSERT,
        b"_DELE" => PI_DELETE,
        b"_GARB" => PI_COMPRESS,
        b"_MODU" => PI_COPY,
        b"_ACTI" => PI_ACTIVATE,
        b"_UNAC" | b"_UNACTI" => PI_DEACTIVATE,
        b"_N_LOGIN_" => PI_LOGIN,
        b"_N_LOGOUT" => PI_LOGOUT,
        b"_N_NEWPWD" => PI_NEW_PASSWORD,
        b"_N_SELECT" => PI_SELECT,
        name if name.starts_with(b"_N_F_") => PI_FILE,
        _ => PI_OTHER,
    }
}

/// Whether the argument of a service holds a password.
pub fn is_secret(code: u32) -> bool {
    matches!(code, PI_LOGIN | PI_NEW_PASSWORD)
}

/// What a job function of the test services works on decides what enabling, replacing or deleting the job does.
pub fn job_class(function: u8) -> Class {
    match function {
        7..=9 => Operate,
        0x0a | 0x0b => Mode,
        _ => Diagnose,
    }
}

/// Names of system status lists, by the number of the list (low byte of the SZL id).
pub fn szl_name(id: u16) -> &'static str {
    match id & 0xff {
        0x00 => "partial_lists",
        0x11 => "module_identification",
        0x12 => "cpu_characteristics",
        0x13 => "user_memory_areas",
        0x14 => "system_areas",
        0x15 => "block_types",
        0x16 => "priority_classes",
        0x17 => "permitted_sdbs",
        0x18 => "maximum_io_configuration",
        0x19 | 0x74 => "module_leds",
        0x1c => "component_identification",
        0x21 => "interrupt_assignment",
        0x22 => "interrupt_status",
        0x23 => "priority_class_status",
        0x24 => "operating_mode",
        0x25 => "process_image_assignment",
        0x31 => "communication_capability",
        0x32 => "communication_status",
        0x33 => "diagnostic_stations",
        0x37 => "ethernet_details",
        0x71 => "redundant_cpu_group",
        0x75 => "switched_dp_slaves",
        0x90 => "dp_master_systems",
        0x91 => "module_status",
        0x92 => "rack_and_station_status",
        0x94 => "rack_and_station_status_extended",
        0x95 => "dp_master_systems_extended",
        0x96 => "module_status_extended",
        0x9c => "tool_changers",
        0xa0 => "diagnostic_buffer",
        0xb1..=0xb4 => "module_diagnostics",
        _ => "other",
    }
}

/// What reading a list is for.
pub fn szl_class(id: u16) -> Class {
    match id & 0xff {
        0x11 | 0x1c | 0x91 | 0x95 | 0x96 | 0x37 => Identify,
        _ => Diagnose,
    }
}
