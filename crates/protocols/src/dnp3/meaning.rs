//! Codes to operations, classes and words.

use crate::{Operation, op};
use core::fmt;
use model::Class::{self, *};

/// Link functions of primary frames stand behind this number.
pub const LINK: u32 = 0x100;
/// Link functions of secondary frames, seen without what they answer.
pub const LINK_REPLY: u32 = 0x110;

/// Application function codes (clause 4.4) as they are; link functions (clause 9.2.4.1.3) at 0x100 and 0x110.
pub const OPERATIONS: &[Operation] = &[
    op(0, "confirm", Session),
    op(1, "read", Read),
    op(2, "write", Write),
    op(3, "select", Operate),
    op(4, "operate", Operate),
    op(5, "direct_operate", Operate),
    op(6, "direct_operate_nr", Operate),
    op(7, "immed_freeze", Write),
    op(8, "immed_freeze_nr", Write),
    op(9, "freeze_clear", Write),
    op(10, "freeze_clear_nr", Write),
    op(11, "freeze_at_time", Write),
    op(12, "freeze_at_time_nr", Write),
    op(13, "cold_restart", Mode),
    op(14, "warm_restart", Mode),
    op(15, "initialize_data", Configure),
    op(16, "initialize_appl", Mode),
    op(17, "start_appl", Mode),
    op(18, "stop_appl", Mode),
    op(19, "save_config", Configure),
    op(20, "enable_unsolicited", Configure),
    op(21, "disable_unsolicited", Configure),
    op(22, "assign_class", Configure),
    op(23, "delay_measure", Diagnose),
    op(24, "record_current_time", Diagnose),
    op(25, "open_file", File),
    op(26, "close_file", File),
    op(27, "delete_file", File),
    op(28, "get_file_info", File),
    op(29, "authenticate_file", File),
    op(30, "abort_file", File),
    op(31, "activate_config", Configure),
    op(32, "authenticate_req", Session),
    op(33, "auth_req_no_ack", Session),
    op(129, "response", Read),
    op(130, "unsolicited_response", Read),
    op(131, "authenticate_resp", Session),
    op(LINK, "reset_link_states", Session),
    op(LINK + 1, "reset_user_process", Mode),
    op(LINK + 2, "test_link_states", Diagnose),
    op(LINK + 3, "confirmed_user_data", Session),
    op(LINK + 4, "unconfirmed_user_data", Session),
    op(LINK + 9, "request_link_status", Session),
    op(LINK_REPLY, "ack", Session),
    op(LINK_REPLY + 1, "nack", Session),
    op(LINK_REPLY + 11, "link_status", Session),
    op(LINK_REPLY + 14, "link_service_not_functioning", Session),
    op(LINK_REPLY + 15, "not_supported", Session),
];

/// Whether the standard names this application function.
pub fn is_named(function: u8) -> bool {
    OPERATIONS.binary_search_by_key(&u32::from(function), |o| o.code).is_ok()
}

/// Requests that are never answered.
pub fn is_unanswered(function: u8) -> bool {
    matches!(function, 0 | 6 | 8 | 10 | 12 | 33)
}

/// Reading and writing mean what their first object says; `None` keeps the table's class.
pub fn class(function: u8, group: u8) -> Option<Class> {
    match (function, group) {
        (1, 0) => Some(Identify),
        (1 | 2, 70) => Some(File),
        (1 | 2, 120..=122) => Some(Session),
        // time and date, dead bands, device attributes, data sets
        (2, 0 | 34 | 50 | 85..=86) => Some(Configure),
        // clearing the restart indication is part of starting to talk
        (2, 80) => Some(Session),
        // outputs written as objects
        (2, 10 | 12 | 41) => Some(Operate),
        // private registers, configuration
        (2, 81..=83 | 90..=91) => Some(Configure),
        _ => None,
    }
}

/// Name of an object group: the address space of its points.
pub fn space(group: u8) -> &'static str {
    match group {
        0 => "device_attribute",
        1 | 2 => "binary_input",
        3 | 4 => "double_bit_input",
        10 | 11 => "binary_output",
        12 | 13 => "binary_command",
        20 | 22 => "counter",
        21 | 23 => "frozen_counter",
        30 | 32 => "analog_input",
        31 | 33 => "frozen_analog_input",
        34 => "analog_dead_band",
        40 | 42 => "analog_output",
        41 | 43 => "analog_command",
        50..=52 => "time",
        60 => "class",
        70 => "file",
        80 => "internal_indication",
        81..=83 => "device_storage",
        85..=88 => "data_set",
        90 | 91 => "application",
        100..=102 => "number",
        110 | 111 => "octet_string",
        112 | 113 => "virtual_terminal",
        120..=122 => "authentication",
        _ => "object",
    }
}

/// Every space of [`space`], for the descriptor.
pub const SPACES: &[&str] = &[
    "device_attribute",
    "binary_input",
    "double_bit_input",
    "binary_output",
    "binary_command",
    "counter",
    "frozen_counter",
    "analog_input",
    "frozen_analog_input",
    "analog_dead_band",
    "analog_output",
    "analog_command",
    "time",
    "class",
    "file",
    "internal_indication",
    "device_storage",
    "data_set",
    "application",
    "number",
    "octet_string",
    "virtual_terminal",
    "authentication",
    "object",
];

/// Operation type and trip/close code of a control relay output block; `None` for reserved combinations.
pub fn control(code: u8) -> Option<&'static str> {
    Some(match (code >> 6, code & 0x0f) {
        (0, 0) => "nul",
        (0, 1) => "pulse_on",
        (0, 2) => "pulse_off",
        (0, 3) => "latch_on",
        (0, 4) => "latch_off",
        (1, 0) => "close",
        (1, 1) => "close_pulse_on",
        (1, 2) => "close_pulse_off",
        (1, 3) => "close_latch_on",
        (1, 4) => "close_latch_off",
        (2, 0) => "trip",
        (2, 1) => "trip_pulse_on",
        (2, 2) => "trip_pulse_off",
        (2, 3) => "trip_latch_on",
        (2, 4) => "trip_latch_off",
        _ => return None,
    })
}

/// Control status codes (annex A, g12v1); `None` for reserved ones.
pub fn status(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "success",
        1 => "timeout",
        2 => "no_select",
        3 => "format_error",
        4 => "not_supported",
        5 => "already_active",
        6 => "hardware_error",
        7 => "local",
        8 => "too_many_objs",
        9 => "not_authorized",
        10 => "automation_inhibit",
        11 => "processing_limited",
        12 => "out_of_range",
        13 => "downstream_local",
        14 => "already_complete",
        15 => "blocked",
        16 => "canceled",
        17 => "blocked_other_master",
        18 => "downstream_fail",
        126 => "non_participating",
        127 => "undefined",
        _ => return None,
    })
}

/// File status codes (annex A, g70v4); `None` for reserved ones.
pub fn file_status(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "success",
        1 => "permission_denied",
        2 => "invalid_mode",
        3 => "file_not_found",
        4 => "file_locked",
        5 => "too_many_open",
        6 => "invalid_handle",
        7 => "write_block_size",
        8 => "comm_lost",
        9 => "cannot_abort",
        16 => "not_opened",
        17 => "handle_expired",
        18 => "buffer_overrun",
        19 => "fatal",
        20 => "block_sequence",
        255 => "undefined",
        _ => return None,
    })
}

/// State of a double-bit input.
pub fn double_bit(bits: u8) -> &'static str {
    match bits & 3 {
        0 => "intermediate",
        1 => "determined_off",
        2 => "determined_on",
        _ => "indeterminate",
    }
}

/// Internal indications, first octet in the low byte, from bit 0 on (clause 4.5).
const INDICATIONS: [&str; 16] = [
    "broadcast",
    "class_1_events",
    "class_2_events",
    "class_3_events",
    "need_time",
    "local_control",
    "device_trouble",
    "device_restart",
    "no_function_code_support",
    "object_unknown",
    "parameter_error",
    "event_buffer_overflow",
    "already_executing",
    "configuration_corrupt",
    "reserved_2",
    "reserved_1",
];

/// Writes internal indications as words with commas.
pub struct Indications(pub u16);

impl fmt::Display for Indications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = INDICATIONS.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1);
        for (nth, (_, word)) in set.enumerate() {
            if nth > 0 {
                f.write_str(",")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// The indications that speak of the outstation itself: need time, local control, trouble, restart, buffer overflow,
/// configuration corrupt. The others speak of the request or of events that wait.
pub const STATE: u16 = 0x28f0;

/// The indications that refuse a request.
pub const NO_FUNCTION_CODE_SUPPORT: u16 = 0x0100;
pub const OBJECT_UNKNOWN: u16 = 0x0200;
pub const PARAMETER_ERROR: u16 = 0x0400;
pub const ALREADY_EXECUTING: u16 = 0x1000;

/// What the indications say about the request: the bits that refuse it, where nothing was answered.
pub fn refusal(iin: u16, answered: bool) -> Option<u32> {
    let whole = iin & (NO_FUNCTION_CODE_SUPPORT | ALREADY_EXECUTING);
    // part of a request may be unknown while the rest is answered
    let part = if answered { 0 } else { iin & (OBJECT_UNKNOWN | PARAMETER_ERROR) };
    match whole | part {
        0 => None,
        bits => Some(bits.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indications_in_words() {
        assert_eq!(Indications(0x8012).to_string(), "class_1_events,need_time,reserved_1");
        assert_eq!(refusal(OBJECT_UNKNOWN, true), None);
        assert_eq!(refusal(OBJECT_UNKNOWN, false), Some(0x200));
        assert_eq!(refusal(0x0080, false), None);
    }

    #[test]
    fn every_group_has_a_declared_space() {
        assert!((0..=255).all(|g| SPACES.contains(&space(g))));
    }
}
