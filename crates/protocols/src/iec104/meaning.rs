//! Codes to operations, classes, sizes and words.

use crate::{Operation, op};
use model::Class::*;

/// Unnumbered control functions stand behind this number, by their first control octet.
pub const UNNUMBERED: u32 = 0x100;
/// First control octets of STARTDT act, STOPDT act, TESTFR act.
pub const STARTDT: u8 = 0x07;
pub const STOPDT: u8 = 0x13;
pub const TESTFR: u8 = 0x43;

/// The read command, whose answer is data of another type.
pub const READ: u8 = 102;

/// Type identifications (IEC 60870-5-101, 7.2.1.1; -104, clause 8; 81 to 95 of -7) as they are; unnumbered control
/// functions at 0x100.
pub const OPERATIONS: &[Operation] = &[
    op(1, "single_point_information", Read),
    op(2, "single_point_information_with_time_tag", Read),
    op(3, "double_point_information", Read),
    op(4, "double_point_information_with_time_tag", Read),
    op(5, "step_position_information", Read),
    op(6, "step_position_information_with_time_tag", Read),
    op(7, "bitstring_of_32_bits", Read),
    op(8, "bitstring_of_32_bits_with_time_tag", Read),
    op(9, "measured_value_normalized_value", Read),
    op(10, "measured_value_normalized_value_with_time_tag", Read),
    op(11, "measured_value_scaled_value", Read),
    op(12, "measured_value_scaled_value_with_time_tag", Read),
    op(13, "measured_value_short_floating_point_number", Read),
    op(14, "measured_value_short_floating_point_number_with_time_tag", Read),
    op(15, "integrated_totals", Read),
    op(16, "integrated_totals_with_time_tag", Read),
    op(17, "event_of_protection_equipment_with_time_tag", Read),
    op(18, "packed_start_events_of_protection_equipment_with_time_tag", Read),
    op(19, "packed_output_circuit_information_of_protection_equipment_with_time_tag", Read),
    op(20, "packed_single_point_information_with_status_change_detection", Read),
    op(21, "measured_value_normalized_value_without_quality_descriptor", Read),
    op(30, "single_point_information_with_time_tag_cp56time2a", Read),
    op(31, "double_point_information_with_time_tag_cp56time2a", Read),
    op(32, "step_position_information_with_time_tag_cp56time2a", Read),
    op(33, "bitstring_of_32_bits_with_time_tag_cp56time2a", Read),
    op(34, "measured_value_normalized_value_with_time_tag_cp56time2a", Read),
    op(35, "measured_value_scaled_value_with_time_tag_cp56time2a", Read),
    op(36, "measured_value_short_floating_point_number_with_time_tag_cp56time2a", Read),
    op(37, "integrated_totals_with_time_tag_cp56time2a", Read),
    op(38, "event_of_protection_equipment_with_time_tag_cp56time2a", Read),
    op(39, "packed_start_events_of_protection_equipment_with_time_tag_cp56time2a", Read),
    op(40, "packed_output_circuit_information_of_protection_equipment_with_time_tag_cp56time2a", Read),
    op(41, "integrated_totals_containing_time_tagged_security_statistics", Diagnose),
    op(45, "single_command", Operate),
    op(46, "double_command", Operate),
    op(47, "regulating_step_command", Operate),
    op(48, "set_point_command_normalized_value", Operate),
    op(49, "set_point_command_scaled_value", Operate),
    op(50, "set_point_command_short_floating_point_number", Operate),
    op(51, "bitstring_of_32_bits_command", Operate),
    op(58, "single_command_with_time_tag_cp56time2a", Operate),
    op(59, "double_command_with_time_tag_cp56time2a", Operate),
    op(60, "regulating_step_command_with_time_tag_cp56time2a", Operate),
    op(61, "set_point_command_normalized_value_with_time_tag_cp56time2a", Operate),
    op(62, "set_point_command_scaled_value_with_time_tag_cp56time2a", Operate),
    op(63, "set_point_command_short_floating_point_number_with_time_tag_cp56time2a", Operate),
    op(64, "bitstring_of_32_bits_command_with_time_tag_cp56time2a", Operate),
    op(70, "end_of_initialization", Diagnose),
    op(81, "authentication_challenge", Session),
    op(82, "authentication_reply", Session),
    op(83, "aggressive_mode_authentication_request", Session),
    op(84, "session_key_status_request", Session),
    op(85, "session_key_status", Session),
    op(86, "session_key_change", Session),
    op(87, "authentication_error", Session),
    op(90, "user_status_change", Configure),
    op(91, "update_key_change_request", Configure),
    op(92, "update_key_change_reply", Configure),
    op(93, "update_key_change_symmetric", Configure),
    op(94, "update_key_change_asymmetric", Configure),
    op(95, "update_key_change_confirmation", Configure),
    op(100, "interrogation_command", Read),
    op(101, "counter_interrogation_command", Read),
    op(102, "read_command", Read),
    op(103, "clock_synchronization_command", Configure),
    op(104, "test_command", Diagnose),
    op(105, "reset_process_command", Mode),
    op(106, "delay_acquisition_command", Diagnose),
    op(107, "test_command_with_time_tag_cp56time2a", Diagnose),
    op(110, "parameter_of_measured_value_normalized_value", Configure),
    op(111, "parameter_of_measured_value_scaled_value", Configure),
    op(112, "parameter_of_measured_value_short_floating_point_number", Configure),
    op(113, "parameter_activation", Configure),
    op(120, "file_ready", File),
    op(121, "section_ready", File),
    op(122, "call_directory_select_file_call_file_call_section", File),
    op(123, "last_section_last_segment", File),
    op(124, "ack_file_ack_section", File),
    op(125, "segment", File),
    op(126, "directory", File),
    op(127, "query_log", File),
    op(UNNUMBERED + STARTDT as u32, "startdt", Session),
    op(UNNUMBERED + STOPDT as u32, "stopdt", Session),
    op(UNNUMBERED + TESTFR as u32, "testfr", Session),
];

/// Whether the standard names this type.
pub fn is_named(kind: u8) -> bool {
    OPERATIONS.binary_search_by_key(&u32::from(kind), |o| o.code).is_ok()
}

/// The unnumbered function of a first control octet (104, figure 7), by its act octet, and whether it confirms.
pub fn unnumbered(octet: u8) -> Option<(u8, bool)> {
    Some(match octet {
        0x07 | 0x0b => (STARTDT, octet == 0x0b),
        0x13 | 0x23 => (STOPDT, octet == 0x23),
        0x43 | 0x83 => (TESTFR, octet == 0x83),
        _ => return None,
    })
}

/// Which way a type goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the controlled station: process information and system information.
    Monitor,
    /// A command of the controlling station, mirrored in answers.
    Control,
    /// Both (files, authentication, private types).
    Either,
}

/// Which way a type goes (IEC 60870-5-101, 7.2.1.1).
pub fn way(kind: u8) -> Way {
    match kind {
        1..=41 | 70 => Way::Monitor,
        45..=64 | 100..=113 => Way::Control,
        _ => Way::Either,
    }
}

/// Bytes of one information element set (7.3); `None` where the type is unknown or its length is its own.
pub fn element_size(kind: u8) -> Option<usize> {
    Some(match kind {
        1 | 3 | 45..=47 | 70 | 100 | 101 | 105 | 113 => 1,
        5 | 21 | 104 | 106 => 2,
        9 | 11 | 48 | 49 | 110 | 111 => 3,
        2 | 4 | 51 | 122 | 124 => 4,
        6 | 7 | 13 | 15 | 20 | 50 | 112 | 123 => 5,
        10 | 12 | 17 | 120 => 6,
        18 | 19 | 103 | 121 => 7,
        8 | 14 | 16 | 30 | 31 | 58..=60 => 8,
        32 | 107 => 9,
        34 | 35 | 38 | 61 | 62 => 10,
        39 | 40 | 64 => 11,
        33 | 36 | 37 | 63 => 12,
        126 => 13,
        127 => 16,
        102 => 0,
        _ => return None,
    })
}

/// Causes that say "no such thing" (7.2.3).
pub const UNKNOWN: core::ops::RangeInclusive<u8> = 44..=47;

/// Cause of transmission in the standard's words (7.2.3).
pub fn cause(cause: u8) -> Option<&'static str> {
    Some(match cause {
        1 => "periodic",
        2 => "background_scan",
        3 => "spontaneous",
        4 => "initialized",
        5 => "request",
        6 => "activation",
        7 => "activation_confirmation",
        8 => "deactivation",
        9 => "deactivation_confirmation",
        10 => "activation_termination",
        11 => "return_information_remote_command",
        12 => "return_information_local_command",
        13 => "file_transfer",
        14 => "authentication",
        15 => "maintenance_of_authentication_session_key",
        16 => "maintenance_of_user_role_and_update_key",
        20 => "interrogated_by_station",
        21 => "interrogated_by_group_1",
        22 => "interrogated_by_group_2",
        23 => "interrogated_by_group_3",
        24 => "interrogated_by_group_4",
        25 => "interrogated_by_group_5",
        26 => "interrogated_by_group_6",
        27 => "interrogated_by_group_7",
        28 => "interrogated_by_group_8",
        29 => "interrogated_by_group_9",
        30 => "interrogated_by_group_10",
        31 => "interrogated_by_group_11",
        32 => "interrogated_by_group_12",
        33 => "interrogated_by_group_13",
        34 => "interrogated_by_group_14",
        35 => "interrogated_by_group_15",
        36 => "interrogated_by_group_16",
        37 => "requested_by_general_counter_request",
        38 => "requested_by_group_1_counter_request",
        39 => "requested_by_group_2_counter_request",
        40 => "requested_by_group_3_counter_request",
        41 => "requested_by_group_4_counter_request",
        44 => "unknown_type_identification",
        45 => "unknown_cause_of_transmission",
        46 => "unknown_common_address_of_asdu",
        47 => "unknown_information_object_address",
        _ => return None,
    })
}
