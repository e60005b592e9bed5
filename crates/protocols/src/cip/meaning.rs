//! Service codes to operations. The same code means different things in different classes.

use crate::{Operation, op};
use model::Class::{self, *};

/// Class of tags: symbolic paths belong to it, whether it is named in them or not.
pub const SYMBOL: u32 = 0x6b;
/// The PCCC object.
pub const PCCC: u32 = 0x67;
/// The Connection Manager.
pub const CONNECTION_MANAGER: u32 = 0x06;
/// The Identity object.
pub const IDENTITY: u32 = 0x01;
/// The File object.
pub const FILE: u32 = 0x37;
/// The TCP/IP Interface object.
pub const TCP_IP: u32 = 0xf5;
/// The Ethernet Link object.
pub const ETHERNET_LINK: u32 = 0xf6;
/// Non-volatile storage of Rockwell devices: firmware.
pub const NVS: u32 = 0xa1;
/// Routines of Logix controllers.
pub const ROUTINE: u32 = 0x6a;
/// The device's own name and description (Logix controllers and modules).
pub const NAME: u32 = 0x64;

/// Highest common service (CIP Volume 1, table ); the ones above belong to their class.
const LAST_COMMON: u8 = 0x31;

/// Common services by their own code; services of a class by `class << 8 | service`. Services of tags are those of the
/// Symbol class, 0x6b.
pub const OPERATIONS: &[Operation] = &[
    op(0x01, "get_attributes_all", Read),
    op(0x02, "set_attributes_all", Write),
    op(0x03, "get_attribute_list", Read),
    op(0x04, "set_attribute_list", Write),
    op(0x05, "reset", Configure),
    op(0x06, "start", Operate),
    op(0x07, "stop", Operate),
    op(0x08, "create", Configure),
    op(0x09, "delete", Configure),
    op(0x0a, "multiple_service_packet", Session),
    op(0x0d, "apply_attributes", Configure),
    op(0x0e, "get_attribute_single", Read),
    op(0x10, "set_attribute_single", Write),
    op(0x11, "find_next_object_instance", Read),
    op(0x15, "restore", Configure),
    op(0x16, "save", Configure),
    op(0x17, "no_operation", Diagnose),
    op(0x18, "get_member", Read),
    op(0x19, "set_member", Write),
    op(0x1a, "insert_member", Configure),
    op(0x1b, "remove_member", Configure),
    op(0x1c, "group_sync", Session),
    op(0x1d, "get_connection_point_member_list", Read),
    op(0x014b, "flash_leds", Diagnose),
    op(0x024b, "symbolic_translation", Read),
    op(0x054b, "connection_bind", Session),
    op(0x054c, "producing_application_lookup", Session),
    op(0x054e, "safety_close", Session),
    op(0x0554, "safety_open", Session),
    op(0x064e, "forward_close", Session),
    op(0x0652, "unconnected_send", Session),
    op(0x0654, "forward_open", Session),
    op(0x0656, "get_connection_data", Diagnose),
    op(0x0657, "search_connection_data", Diagnose),
    op(0x065a, "get_connection_owner", Diagnose),
    op(0x065b, "large_forward_open", Session),
    op(0x0f4b, "get_enum_string", Read),
    op(0x374b, "initiate_upload", File),
    op(0x374c, "initiate_download", File),
    op(0x374d, "initiate_partial_read", File),
    op(0x374e, "initiate_partial_write", File),
    op(0x374f, "upload_transfer", File),
    op(0x3750, "download_transfer", File),
    op(0x3751, "clear_file", File),
    op(0x394c, "recover", Mode),
    op(0x394e, "perform_diagnostics", Diagnose),
    op(0x394f, "configure_request", Configure),
    op(0x3950, "validate_configuration", Configure),
    op(0x3951, "set_password", Configure),
    op(0x3952, "configuration_lock_unlock", Configure),
    op(0x3953, "mode_change", Mode),
    op(0x3954, "safety_reset", Mode),
    op(0x3955, "reset_password", Configure),
    op(0x3956, "propose_tunid", Configure),
    op(0x3957, "apply_tunid", Configure),
    op(0x3958, "propose_tunid_list", Configure),
    op(0x3959, "apply_tunid_list", Configure),
    op(0x3a4b, "reset_error", Diagnose),
    op(0x424b, "get_axis_attributes_list", Read),
    op(0x424c, "set_axis_attributes_list", Write),
    op(0x424d, "set_cyclic_write_list", Configure),
    op(0x424e, "set_cyclic_read_list", Configure),
    op(0x424f, "run_motor_test", Operate),
    op(0x4250, "get_motor_test_data", Diagnose),
    op(0x4251, "run_inertia_test", Operate),
    op(0x4252, "get_inertia_test_data", Diagnose),
    op(0x4253, "run_hookup_test", Operate),
    op(0x4254, "get_hookup_test_data", Diagnose),
    op(0x444b, "read_discrete_inputs", Read),
    op(0x444c, "read_coils", Read),
    op(0x444d, "read_input_registers", Read),
    op(0x444e, "read_holding_registers", Read),
    op(0x444f, "write_coils", Write),
    op(0x4450, "write_holding_registers", Write),
    op(0x4451, "modbus_passthrough", Unknown),
    op(0x474b, "verify_fault_location", Diagnose),
    op(0x474c, "clear_rapid_faults", Diagnose),
    op(0x474d, "restart_sign_on", Diagnose),
    op(0x474e, "clear_gateway_partial_fault", Diagnose),
    op(0x5d4b, "begin_config", Configure),
    op(0x5d4c, "kick_timer", Session),
    op(0x5d4d, "end_config", Configure),
    op(0x5d4e, "object_cleanup", Configure),
    op(0x5e4b, "begin_config", Configure),
    op(0x5e4c, "kick_timer", Session),
    op(0x5e4d, "end_config", Configure),
    op(0x5f4b, "create_csr", Configure),
    op(0x5f4c, "verify_certificate", Configure),
    op(0x674b, "execute_pccc", Session),
    op(0x674c, "execute_dh_plus", Session),
    op(0x674d, "execute_local_pccc", Session),
    op(0x684b, "get_instance_list", Read),
    op(0x684d, "force", Operate),
    op(0x684e, "force", Operate),
    op(0x694b, "get_instance_list", Read),
    op(0x694d, "force", Operate),
    op(0x694e, "force", Operate),
    op(0x6a4b, "get_instance_list", Read),
    op(0x6a4f, "upload", Program),
    op(0x6a50, "download", Program),
    op(0x6a51, "modify", Program),
    op(0x6b4b, "get_instance_list", Read),
    op(0x6b4c, "read_tag", Read),
    op(0x6b4d, "write_tag", Write),
    op(0x6b4e, "read_modify_write_tag", Write),
    op(0x6b52, "read_tag_fragmented", Read),
    op(0x6b53, "write_tag_fragmented", Write),
    op(0x6b55, "get_instance_attribute_list", Read),
    op(0x6c4b, "get_instance_list", Read),
    op(0x6c4c, "read_template", Read),
    op(0x6d4b, "get_instance_list", Read),
    op(0x6e4b, "get_instance_list", Read),
    op(0x704b, "get_instance_list", Read),
    op(0x724c, "read_data", Read),
    op(0x744b, "lock", Session),
    op(0x744c, "unlock", Session),
    op(0x8e5c, "handshake", Session),
    op(0xa14b, "nvs_update", Firmware),
    op(0xa14c, "nvs_complete", Firmware),
    op(0xa14d, "nvs_transfer", Firmware),
    op(0xa151, "nvs_check", Firmware),
    op(0xf34b, "kick_timer", Session),
    op(0xf34c, "open_connection", Session),
    op(0xf34d, "close_connection", Session),
    op(0xf34e, "stop_connection", Session),
    op(0xf34f, "change_start", Configure),
    op(0xf350, "get_status", Diagnose),
    op(0xf351, "change_complete", Configure),
    op(0xf352, "audit_changes", Configure),
    op(0xf54c, "get_port_admin_state", Read),
    op(0xf54d, "set_port_admin_state", Configure),
    op(0xf64c, "get_and_clear", Diagnose),
];

/// The code in [`OPERATIONS`]. Symbolic paths count as the Symbol class; a reply without request has no class, and its
/// code is the plain service.
pub fn code(service: u8, class: Option<u32>, symbol: bool) -> u32 {
    let class = class.or(symbol.then_some(SYMBOL));
    match class {
        Some(class) if service > LAST_COMMON => (class & 0x00ff_ffff) << 8 | u32::from(service),
        _ => service.into(),
    }
}

/// Objects whose attributes are how a device is set up: addresses, clock, redundancy, quality of service, security.
fn sets_up(class: u32) -> bool {
    matches!(
        class,
        IDENTITY | NAME | 0x02 | 0x03 | CONNECTION_MANAGER | 0x0f | 0x10 | 0x39 | 0x43 | 0x45..=0x48 | 0x4d | 0x51..=0x57
            | 0x5d..=0x62 | 0x8b | 0x8e | 0xf0..=0xff | 0x0109
    )
}

/// Objects a Logix program is made of: programs, module connections, routines, tags, structures, tasks, change log.
fn is_program(class: u32) -> bool {
    matches!(class, 0x68..=0x70 | 0x7e | 0x8d | 0xac)
}

/// Objects an operator tool makes and drops all day to watch values.
fn is_watch(class: u32) -> bool {
    matches!(class, 0x72 | 0xb2)
}

/// What a common service does to this class; `None`: what the table says.
pub fn class_of(service: u8, class: Option<u32>, symbol: bool) -> Option<Class> {
    let class = class.or(symbol.then_some(SYMBOL))?;
    match service {
        0x01 | 0x03 | 0x0e if matches!(class, IDENTITY | NAME) => Some(Identify),
        0x02 | 0x04 | 0x10 | 0x19 | 0x0d if is_program(class) => Some(Program),
        0x02 | 0x04 | 0x10 | 0x19 if sets_up(class) => Some(Configure),
        0x05 if matches!(class, IDENTITY | 0x39 | NAME | 0x8e) => Some(Mode),
        0x05 if class == 0x05 => Some(Session),
        0x06 | 0x07 if matches!(class, IDENTITY | 0x39 | NAME | 0x8e) => Some(Mode),
        0x05..=0x09 if is_watch(class) => Some(Session),
        0x08 | 0x09 if is_program(class) => Some(Program),
        0x08 | 0x09 if class == FILE => Some(File),
        0x08 | 0x09 if class == 0x05 => Some(Session),
        0x15 | 0x16 if class == FILE => Some(File),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_code() {
        assert!(OPERATIONS.is_sorted_by_key(|o| o.code));
        assert!(OPERATIONS.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code)));
    }

    #[test]
    fn codes_depend_on_the_class() {
        assert_eq!(code(0x52, Some(6), false), 0x0652);
        assert_eq!(code(0x52, None, true), 0x6b52);
        assert_eq!(code(0x0e, Some(1), false), 0x0e);
        assert_eq!(code(0x4b, None, false), 0x4b);
        assert_eq!(class_of(0x05, Some(1), false), Some(Mode));
        assert_eq!(class_of(0x10, Some(0xf5), false), Some(Configure));
        assert_eq!(class_of(0x10, Some(4), false), None);
    }
}
