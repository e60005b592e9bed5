//! NTSTATUS values ([MS-ERREF] 2.3) by name, as far as file sharing and remote procedure calls meet them.

use model::Outcome;

/// More legs of an authentication follow; the standard makes it an error code, but nothing was refused.
pub const MORE_PROCESSING_REQUIRED: u32 = 0xc000_0016;
/// The answer follows later, on its own.
pub const PENDING: u32 = 0x0000_0103;

const NAMES: &[(u32, &str)] = &[
    (0x0000_0000, "success"),
    (0x0000_0103, "pending"),
    (0x0000_010b, "notify_cleanup"),
    (0x0000_010c, "notify_enum_dir"),
    (0x8000_0005, "buffer_overflow"),
    (0x8000_0006, "no_more_files"),
    (0x8000_000d, "partial_copy"),
    (0x8000_0014, "ea_list_inconsistent"),
    (0x8000_001a, "no_more_entries"),
    (0x8000_002d, "stopped_on_symlink"),
    (0xc000_0001, "unsuccessful"),
    (0xc000_0002, "not_implemented"),
    (0xc000_0003, "invalid_info_class"),
    (0xc000_0004, "info_length_mismatch"),
    (0xc000_0005, "access_violation"),
    (0xc000_0008, "invalid_handle"),
    (0xc000_000d, "invalid_parameter"),
    (0xc000_000e, "no_such_device"),
    (0xc000_000f, "no_such_file"),
    (0xc000_0010, "invalid_device_request"),
    (0xc000_0011, "end_of_file"),
    (0xc000_0013, "no_media_in_device"),
    (0xc000_0016, "more_processing_required"),
    (0xc000_0017, "no_memory"),
    (0xc000_0022, "access_denied"),
    (0xc000_0023, "buffer_too_small"),
    (0xc000_0024, "object_type_mismatch"),
    (0xc000_0033, "object_name_invalid"),
    (0xc000_0034, "object_name_not_found"),
    (0xc000_0035, "object_name_collision"),
    (0xc000_0039, "object_path_invalid"),
    (0xc000_003a, "object_path_not_found"),
    (0xc000_003b, "object_path_syntax_bad"),
    (0xc000_0043, "sharing_violation"),
    (0xc000_0044, "quota_exceeded"),
    (0xc000_0054, "file_lock_conflict"),
    (0xc000_0055, "lock_not_granted"),
    (0xc000_0056, "delete_pending"),
    (0xc000_0061, "privilege_not_held"),
    (0xc000_0064, "no_such_user"),
    (0xc000_006a, "wrong_password"),
    (0xc000_006c, "password_restriction"),
    (0xc000_006d, "logon_failure"),
    (0xc000_006e, "account_restriction"),
    (0xc000_006f, "invalid_logon_hours"),
    (0xc000_0070, "invalid_workstation"),
    (0xc000_0071, "password_expired"),
    (0xc000_0072, "account_disabled"),
    (0xc000_007e, "range_not_locked"),
    (0xc000_007f, "disk_full"),
    (0xc000_009a, "insufficient_resources"),
    (0xc000_00a2, "media_write_protected"),
    (0xc000_00ac, "pipe_not_available"),
    (0xc000_00ad, "invalid_pipe_state"),
    (0xc000_00ae, "pipe_busy"),
    (0xc000_00b0, "pipe_disconnected"),
    (0xc000_00b1, "pipe_closing"),
    (0xc000_00b2, "pipe_connected"),
    (0xc000_00b5, "io_timeout"),
    (0xc000_00ba, "file_is_a_directory"),
    (0xc000_00bb, "not_supported"),
    (0xc000_00c9, "network_name_deleted"),
    (0xc000_00ca, "network_access_denied"),
    (0xc000_00cb, "bad_device_type"),
    (0xc000_00cc, "bad_network_name"),
    (0xc000_00d0, "request_not_accepted"),
    (0xc000_0101, "directory_not_empty"),
    (0xc000_0103, "not_a_directory"),
    (0xc000_011f, "too_many_opened_files"),
    (0xc000_0120, "cancelled"),
    (0xc000_0121, "cannot_delete"),
    (0xc000_0128, "file_closed"),
    (0xc000_014b, "pipe_broken"),
    (0xc000_015b, "logon_type_not_granted"),
    (0xc000_018b, "no_trust_sam_account"),
    (0xc000_018c, "trusted_domain_failure"),
    (0xc000_018d, "trusted_relationship_failure"),
    (0xc000_0193, "account_expired"),
    (0xc000_0203, "user_session_deleted"),
    (0xc000_020c, "connection_disconnected"),
    (0xc000_0224, "password_must_change"),
    (0xc000_0225, "not_found"),
    (0xc000_0234, "account_locked_out"),
    (0xc000_0257, "path_not_covered"),
    (0xc000_035c, "network_session_expired"),
    (0xc000_05e5, "smb_bad_cluster_dialect"),
    (0xc000_a000, "invalid_signature"),
    (0xc000_a2a0, "network_service_unavailable"),
];

/// The name of a status, without `STATUS_`.
pub fn name(status: u32) -> Option<&'static str> {
    let i = NAMES.binary_search_by_key(&status, |(code, _)| *code).ok()?;
    NAMES.get(i).map(|(_, name)| *name)
}

/// What a status says about the request: only error severity (top bits 11) refuses, and a further leg does not.
pub fn outcome(status: u32) -> Outcome {
    match status {
        MORE_PROCESSING_REQUIRED => Outcome::Ok,
        s if s >> 30 == 3 => Outcome::Refused(s),
        _ => Outcome::Ok,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_severity_decides() {
        assert!(NAMES.is_sorted_by_key(|(code, _)| *code));
        assert_eq!(name(0xc000_006d), Some("logon_failure"));
        assert_eq!(outcome(0x8000_0006), Outcome::Ok);
        assert_eq!(outcome(0xc000_0022), Outcome::Refused(0xc000_0022));
    }
}
