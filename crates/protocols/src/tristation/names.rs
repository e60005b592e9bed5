//! Names of answers, reasons and modules, as public analyses tell them.

/// Answers: code, the command that alone has it as its answer, name.
const REPLIES: &[(u8, Option<u8>, &str)] = &[
    (100, None, "command_rejected"),
    (101, Some(0), "download_all_permitted"),
    (102, Some(1), "download_change_permitted"),
    (103, None, "modification_accepted"),
    (104, Some(12), "download_cancelled"),
    (105, None, "program_accepted"),
    (106, Some(13), "tricon_attached"),
    (107, Some(4), "io_addresses_set"),
    (108, Some(19), "cp_status"),
    (109, Some(20), "program_running"),
    (110, Some(21), "program_halted"),
    (111, Some(22), "program_paused"),
    (112, Some(23), "single_scan_ended"),
    (113, None, "chassis_configuration"),
    (114, Some(9), "scan_period_modified"),
    (117, Some(15), "module_configured"),
    (119, Some(24), "chassis_status"),
    (120, Some(18), "vector_table"),
    (121, Some(28), "io_point_values"),
    (122, None, "calendar_changed"),
    (123, Some(2), "configuration_updated"),
    (124, Some(25), "minimum_scan_time"),
    (126, Some(26), "node_number_set"),
    (127, Some(29), "mp_status"),
    (128, Some(30), "retentive_values_set"),
    (129, Some(34), "soe_block_set"),
    (130, Some(32), "module_alarms_cleared"),
    (131, Some(33), "event_log"),
    (132, None, "symbol_table_accepted"),
    (133, None, "ovd_enabled"),
    (134, None, "ovd_disabled"),
    (135, Some(35), "event_log_recorded"),
    (136, Some(42), "network"),
    (137, Some(36), "soe_data"),
    (138, Some(5), "network_allocated"),
    (139, Some(6), "vector_table_loaded"),
    (140, Some(8), "calendar"),
    (141, Some(43), "label_set"),
    (142, Some(47), "module_types"),
    (143, Some(44), "system_variables_configured"),
    (144, Some(45), "module_deconfigured"),
    (147, Some(51), "conversion_table"),
    (148, None, "icm_print_data_sent"),
    (149, Some(52), "icm_status_set"),
    (150, Some(46), "system_variables"),
    (151, Some(54), "module_versions"),
    (152, Some(41), "modbus_processed"),
    (153, Some(55), "program_allocated"),
    (154, Some(56), "function_allocated"),
    (155, Some(57), "retentives_cleared"),
    (156, Some(58), "initial_values_set"),
    (157, Some(60), "ts2_data_area_set"),
    (158, Some(61), "ts2_data"),
    (159, Some(62), "ts2_data_set"),
    (160, Some(63), "program_information_set"),
    (161, Some(64), "program_information"),
    (162, Some(65), "program_uploaded"),
    (163, Some(66), "function_uploaded"),
    (164, Some(67), "point_groups"),
    (165, Some(68), "symbol_table_allocated"),
    (166, Some(71), "program_timing"),
    (167, None, "disabled_points_full"),
    (168, Some(72), "functions_allocated"),
    (169, Some(73), "node_number"),
    (170, Some(74), "symbol_table"),
];

fn known_reply(code: u8) -> Option<&'static (u8, Option<u8>, &'static str)> {
    REPLIES.binary_search_by_key(&code, |r| r.0).ok().and_then(|i| REPLIES.get(i))
}

/// The command that an answer belongs to, where only one can.
pub fn asked_by(reply: u8) -> Option<u8> {
    known_reply(reply).and_then(|r| r.1)
}

/// The name of an answer.
pub fn reply_name(reply: u8) -> Option<&'static str> {
    known_reply(reply).map(|r| r.2)
}

/// Reasons, by their numbers from 200 on.
const REASONS: &[(u32, &str)] = &[
    (200, "wrong_command"),
    (201, "load_in_progress"),
    (202, "bad_clock_data"),
    (203, "program_not_halted"),
    (204, "program_checksum_error"),
    (205, "no_memory"),
    (206, "program_not_valid"),
    (207, "not_loading"),
    (208, "network_out_of_range"),
    (209, "too_few_arguments"),
    (210, "network_missing"),
    (211, "download_time_mismatch"),
    (212, "key_setting_prohibits"),
    (213, "bad_program_version"),
    (214, "wrong_sequence"),
    (216, "bad_module_index"),
    (217, "invalid_module_address"),
    (220, "bad_point_offset"),
    (221, "invalid_point_type"),
    (222, "invalid_point_location"),
    (223, "invalid_program_name"),
    (227, "invalid_module_type"),
    (229, "invalid_table_type"),
    (231, "invalid_network_continuation"),
    (232, "invalid_scan_time"),
    (233, "load_busy"),
    (234, "processor_re_educated"),
    (235, "invalid_chassis_or_slot"),
    (236, "invalid_soe_number"),
    (237, "invalid_soe_type"),
    (238, "invalid_soe_state"),
    (239, "write_protected"),
    (240, "node_number_mismatch"),
    (241, "command_not_allowed"),
    (242, "invalid_sequence_number"),
    (243, "time_change_on_non_master"),
    (244, "no_free_ports"),
    (245, "invalid_tristation_1_command"),
    (246, "invalid_tristation_1131_command"),
    (247, "only_one_chassis"),
    (248, "bad_variable_address"),
    (249, "response_overflow"),
    (250, "invalid_bus"),
    (251, "disable_not_allowed"),
    (252, "invalid_length"),
    (253, "point_cannot_be_disabled"),
    (254, "too_many_retentives"),
];

/// The name of a reason.
pub fn reason_name(reason: u32) -> Option<&'static str> {
    REASONS.binary_search_by_key(&reason, |r| r.0).ok().and_then(|i| REASONS.get(i)).map(|r| r.1)
}

/// The type of a main processor.
pub const MAIN_PROCESSOR: u16 = 255;

/// Module types: catalogue number and kind (DI, DO, AI, AO, PI: inputs and outputs, digital, analogue, pulse; TC:
/// thermocouples; MP: main processor; the others are communication modules).
const MODULES: &[(u16, &str)] = &[
    (1, "3501 DI"),
    (2, "3502 DI"),
    (3, "3503 DI"),
    (7, "3505 DI"),
    (11, "3508 DI"),
    (17, "3601 DO"),
    (19, "3603 DO"),
    (20, "3604 DO"),
    (23, "3608 DO"),
    (24, "3607 DO"),
    (29, "6603 DO"),
    (30, "6602 DO"),
    (31, "6601 DO"),
    (32, "3701 AI"),
    (33, "3700 AI"),
    (38, "3510 PI"),
    (40, "3801 AIO"),
    (41, "3800 AIO"),
    (42, "6810 AO/PI"),
    (45, "3511 PI"),
    (47, "3515 PI"),
    (48, "4119 EICM"),
    (49, "4200/4210 RXM"),
    (50, "6211 ICM"),
    (51, "4509 HIM"),
    (52, "4409 SMM"),
    (53, "6215 HIM"),
    (54, "GPSI"),
    (55, "4329 NCM"),
    (56, "4609 ACM"),
    (57, "4351B TCM"),
    (58, "4352B TCM"),
    (59, "4353 TCM"),
    (60, "4354 TCM"),
    (71, "3531 DI"),
    (72, "3532 DI"),
    (73, "3533 DI"),
    (84, "4351 TCM"),
    (85, "4352 TCM"),
    (86, "4351A TCM"),
    (87, "4352A TCM"),
    (88, "3664 DO"),
    (89, "3674 DO"),
    (90, "3667 DO"),
    (91, "3677 DO"),
    (92, "3663 DO"),
    (93, "3673 DO"),
    (94, "3720 AI"),
    (95, "3721 AI"),
    (104, "3805 AO"),
    (105, "3807 AO"),
    (106, "3806 AO"),
    (111, "3635 DO"),
    (112, "3636 DO"),
    (113, "3611 DO"),
    (146, "3706 TC"),
    (147, "3706 TC"),
    (148, "3706 TC"),
    (149, "3706 TC"),
    (150, "3706 TC"),
    (151, "3706 TC"),
    (152, "3704 AI"),
    (153, "3704 AI"),
    (154, "3704 AI"),
    (155, "3704 AI"),
    (156, "3504 DI"),
    (157, "3504 DI"),
    (158, "3625 DO"),
    (180, "3703 AI"),
    (181, "3703 AI"),
    (182, "3703 AI"),
    (183, "3703 AI"),
    (216, "3614 DO"),
    (217, "3614 DO"),
    (218, "3617 DO"),
    (219, "3617 DO"),
    (220, "3613 DO"),
    (221, "3613 DO"),
    (222, "3615 DO"),
    (223, "3615 DO"),
    (224, "3564 DI"),
    (225, "3564 DI"),
    (226, "3562 DI"),
    (227, "3562 DI"),
    (228, "3561 DI"),
    (229, "3561 DI"),
    (232, "3624 DO"),
    (233, "3624 DO"),
    (234, "3627 DO"),
    (235, "3627 DO"),
    (236, "3623 DO"),
    (237, "3623 DO"),
    (255, "3008 MP"),
];

/// The name of a module type.
pub fn module(kind: u16) -> Option<&'static str> {
    MODULES.binary_search_by_key(&kind, |m| m.0).ok().and_then(|i| MODULES.get(i)).map(|m| m.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted() {
        assert!(REPLIES.is_sorted_by_key(|r| r.0) && REASONS.is_sorted() && MODULES.is_sorted());
    }
}
