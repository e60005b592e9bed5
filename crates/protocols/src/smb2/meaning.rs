//! Codes to operations, words and bits.

use crate::common::windows::bits;
use crate::{Operation, Output, Span, op};
use model::Class::*;

/// Codes: the command; information set on a file `0x1100 | information class`; 0xfd and 0xfc are the two wrappers.
pub const OPERATIONS: &[Operation] = &[
    op(0x00, "negotiate", Session),
    op(0x01, "session_setup", Session),
    op(0x02, "logoff", Session),
    op(0x03, "tree_connect", Session),
    op(0x04, "tree_disconnect", Session),
    op(0x05, "create", File),
    op(0x06, "close", File),
    op(0x07, "flush", File),
    op(0x08, "read", File),
    op(0x09, "write", File),
    op(0x0a, "lock", File),
    op(0x0b, "ioctl", File),
    op(0x0c, "cancel", Session),
    op(0x0d, "echo", Session),
    op(0x0e, "query_directory", File),
    op(0x0f, "change_notify", File),
    op(0x10, "query_info", File),
    op(0x11, "set_info", File),
    op(0x12, "oplock_break", Session),
    op(0x13, "server_to_client_notification", Session),
    op(0xfc, "compressed_message", Unknown),
    op(0xfd, "encrypted_message", Unknown),
    op(0x1104, "set_info_basic", File),
    op(0x110a, "set_info_rename", File),
    op(0x110b, "set_info_link", File),
    op(0x110d, "set_info_disposition", File),
    op(0x110f, "set_info_full_ea", File),
    op(0x1113, "set_info_allocation", File),
    op(0x1114, "set_info_end_of_file", File),
    op(0x1128, "set_info_short_name", File),
    op(0x1140, "set_info_disposition_ex", File),
    op(0x1141, "set_info_rename_ex", File),
    op(0x1200, "set_info_security", Configure),
];

/// The name of a dialect as people write it.
pub fn dialect(revision: u16) -> Option<&'static str> {
    Some(match revision {
        0x0202 => "2.0.2",
        0x0210 => "2.1",
        0x02ff => "2.???",
        0x0300 => "3.0",
        0x0302 => "3.0.2",
        0x0311 => "3.1.1",
        _ => return None,
    })
}

/// Capabilities (2.2.3, 2.2.4).
pub const CAPABILITIES: &[(u32, &str)] = &[
    (0x01, "dfs"),
    (0x02, "leasing"),
    (0x04, "large_mtu"),
    (0x08, "multi_channel"),
    (0x10, "persistent_handles"),
    (0x20, "directory_leasing"),
    (0x40, "encryption"),
    (0x80, "notifications"),
];

/// Signing, from the security mode.
pub fn signing(mode: u16) -> &'static str {
    match mode & 3 {
        0 => "off",
        1 => "enabled",
        _ => "required",
    }
}

/// What a share is (2.2.10).
pub fn share_type(kind: u8) -> Option<&'static str> {
    Some(match kind {
        1 => "disk",
        2 => "pipe",
        3 => "printer",
        _ => return None,
    })
}

/// What happens when the file exists or not (2.2.13).
pub fn disposition(code: u32) -> Option<&'static str> {
    Some(match code {
        0 => "supersede",
        1 => "open",
        2 => "create",
        3 => "open_if",
        4 => "overwrite",
        5 => "overwrite_if",
        _ => return None,
    })
}

/// What happened (2.2.14).
pub fn action(code: u32) -> Option<&'static str> {
    Some(match code {
        0 => "superseded",
        1 => "opened",
        2 => "created",
        3 => "overwritten",
        _ => return None,
    })
}

/// Rights asked for (2.2.13.1), those that change something or stand for many.
const ACCESS: &[(u32, &str)] = &[
    (0x0000_0001, "read_data"),
    (0x0000_0002, "write_data"),
    (0x0000_0004, "append_data"),
    (0x0000_0008, "read_ea"),
    (0x0000_0010, "write_ea"),
    (0x0000_0020, "execute"),
    (0x0000_0040, "delete_child"),
    (0x0000_0080, "read_attributes"),
    (0x0000_0100, "write_attributes"),
    (0x0001_0000, "delete"),
    (0x0002_0000, "read_control"),
    (0x0004_0000, "write_dac"),
    (0x0008_0000, "write_owner"),
    (0x0010_0000, "synchronize"),
    (0x0100_0000, "access_system_security"),
    (0x0200_0000, "maximum_allowed"),
    (0x1000_0000, "generic_all"),
    (0x2000_0000, "generic_execute"),
    (0x4000_0000, "generic_write"),
    (0x8000_0000, "generic_read"),
];

/// Rights as words; every right there is has one.
pub fn access(out: &mut Output, set: u32) -> Span {
    const FULL_CONTROL: u32 = 0x001f_01ff;
    match set {
        FULL_CONTROL => out.text(b"full_control"),
        _ => bits(out, set, ACCESS),
    }
}

/// Options of an opening that matter: the rest is advice to the server.
pub const OPTIONS: &[(u32, &str)] = &[(0x1, "directory"), (0x1000, "delete_on_close")];

/// A directory is asked for.
pub const DIRECTORY: u32 = 0x1;
/// Attribute of a directory.
pub const ATTRIBUTE_DIRECTORY: u32 = 0x10;

/// Control codes (2.2.31, [MS-FSCC] 2.3).
pub const PIPE_TRANSCEIVE: u32 = 0x0011_c017;
/// The server's own interfaces.
pub const QUERY_NETWORK_INTERFACE_INFO: u32 = 0x0014_01fc;
/// Where a path of the distributed file system leads.
pub const DFS_GET_REFERRALS: u32 = 0x0006_0194;

/// The name of a control code.
pub fn control(code: u32) -> Option<&'static str> {
    Some(match code {
        DFS_GET_REFERRALS => "dfs_get_referrals",
        0x0006_01b0 => "dfs_get_referrals_ex",
        0x0009_0000 => "request_oplock_level_1",
        0x0009_0018 => "lock_volume",
        0x0009_0028 => "is_volume_mounted",
        0x0009_003c => "get_compression",
        0x0009_0060 => "filesystem_get_statistics",
        0x0009_0064 => "get_ntfs_volume_data",
        0x0009_0074 => "get_ntfs_file_record",
        0x0009_008f => "find_files_by_sid",
        0x0009_00a4 => "set_reparse_point",
        0x0009_00a8 => "get_reparse_point",
        0x0009_00ac => "delete_reparse_point",
        0x0009_00c0 => "create_or_get_object_id",
        0x0009_00c4 => "set_sparse",
        0x0009_00eb => "read_file_usn_data",
        0x0009_0138 => "query_on_disk_volume_info",
        0x0009_0240 => "request_oplock",
        0x0009_027c => "get_integrity_information",
        0x0009_0284 => "query_file_regions",
        0x0009_8208 => "file_level_trim",
        0x0009_8344 => "duplicate_extents_to_file",
        0x0009_40cf => "query_allocated_ranges",
        0x0009_80c8 => "set_zero_data",
        0x0009_c040 => "set_compression",
        0x0009_c280 => "set_integrity_information",
        0x0011_0000 => "pipe_assign_event",
        0x0011_0018 => "pipe_wait",
        0x0011_400c => "pipe_peek",
        PIPE_TRANSCEIVE => "pipe_transceive",
        0x0014_0078 => "srv_request_resume_key",
        0x0014_0204 => "validate_negotiate_info",
        0x0014_01d4 => "lmr_request_resiliency",
        QUERY_NETWORK_INTERFACE_INFO => "query_network_interface_info",
        0x0014_4064 => "srv_enumerate_snapshots",
        0x0014_40f2 => "srv_copychunk",
        0x0014_41bb => "srv_read_hash",
        0x0014_80f2 => "srv_copychunk_write",
        _ => return None,
    })
}

/// The name of an information class, with its type ([MS-FSCC] 2.4 and 2.5).
pub fn information(kind: u8, class: u8) -> Option<&'static str> {
    Some(match (kind, class) {
        (1, 1) => "file_directory",
        (1, 2) => "file_full_directory",
        (1, 3) => "file_both_directory",
        (1, 4) => "file_basic",
        (1, 5) => "file_standard",
        (1, 6) => "file_internal",
        (1, 7) => "file_ea",
        (1, 8) => "file_access",
        (1, 9) => "file_name",
        (1, 10) => "file_rename",
        (1, 11) => "file_link",
        (1, 12) => "file_names",
        (1, 13) => "file_disposition",
        (1, 14) => "file_position",
        (1, 15) => "file_full_ea",
        (1, 16) => "file_mode",
        (1, 18) => "file_all",
        (1, 19) => "file_allocation",
        (1, 20) => "file_end_of_file",
        (1, 21) => "file_alternate_name",
        (1, 22) => "file_stream",
        (1, 23) => "file_pipe",
        (1, 24) => "file_pipe_local",
        (1, 28) => "file_compression",
        (1, 34) => "file_network_open",
        (1, 35) => "file_attribute_tag",
        (1, 37) => "file_id_both_directory",
        (1, 38) => "file_id_full_directory",
        (1, 48) => "file_normalized_name",
        (1, 59) => "file_id",
        (1, 60) => "file_id_extd_directory",
        (1, 64) => "file_disposition_ex",
        (1, 65) => "file_rename_ex",
        (2, 1) => "fs_volume",
        (2, 3) => "fs_size",
        (2, 4) => "fs_device",
        (2, 5) => "fs_attribute",
        (2, 6) => "fs_control",
        (2, 7) => "fs_full_size",
        (2, 8) => "fs_object_id",
        (2, 11) => "fs_sector_size",
        (3, _) => "security",
        (4, _) => "quota",
        _ => return None,
    })
}

/// Encryption, compression and signing algorithms of negotiate contexts (2.2.3.1).
pub fn algorithm(context: u16, id: u16) -> Option<&'static str> {
    Some(match (context, id) {
        (2, 1) => "aes_128_ccm",
        (2, 2) => "aes_128_gcm",
        (2, 3) => "aes_256_ccm",
        (2, 4) => "aes_256_gcm",
        (3, 0) => "none",
        (3, 1) => "lznt1",
        (3, 2) => "lz77",
        (3, 3) => "lz77_huffman",
        (3, 4) => "pattern_v1",
        (3, 5) => "lz4",
        (8, 0) => "hmac_sha256",
        (8, 1) => "aes_cmac",
        (8, 2) => "aes_gmac",
        _ => return None,
    })
}
