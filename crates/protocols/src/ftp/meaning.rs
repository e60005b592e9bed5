//! Commands and what they do.

use crate::{Operation, op};
use model::Class::{Configure, Diagnose, File, Identify, Session};

/// Every operation. The codes are this page's own: commands have words on the wire.
pub const OPERATIONS: &[Operation] = &[
    op(0x01, "user_name", Session),
    op(0x02, "login", Session),
    op(0x03, "account", Session),
    op(0x04, "change_working_directory", File),
    op(0x05, "change_to_parent_directory", File),
    op(0x06, "structure_mount", File),
    op(0x07, "reinitialize", Session),
    op(0x08, "logout", Session),
    op(0x09, "data_port", Session),
    op(0x0a, "passive", Session),
    op(0x0b, "representation_type", Session),
    op(0x0c, "file_structure", Session),
    op(0x0d, "transfer_mode", Session),
    op(0x0e, "retrieve", File),
    op(0x0f, "store", File),
    op(0x10, "store_unique", File),
    op(0x11, "append", File),
    op(0x12, "allocate", File),
    op(0x13, "restart", File),
    op(0x14, "rename_from", File),
    op(0x15, "rename_to", File),
    op(0x16, "abort", File),
    op(0x17, "delete", File),
    op(0x18, "remove_directory", File),
    op(0x19, "make_directory", File),
    op(0x1a, "print_working_directory", File),
    op(0x1b, "list", File),
    op(0x1c, "name_list", File),
    op(0x1d, "site_parameters", Configure),
    op(0x1e, "system", Identify),
    op(0x1f, "status", Diagnose),
    op(0x20, "help", Diagnose),
    op(0x21, "noop", Session),
    op(0x22, "authentication_security_mechanism", Session),
    op(0x23, "authentication_security_data", Session),
    op(0x24, "protection_buffer_size", Session),
    op(0x25, "data_channel_protection_level", Session),
    op(0x26, "clear_command_channel", Session),
    op(0x27, "integrity_protected_command", Session),
    op(0x28, "confidentiality_protected_command", Session),
    op(0x29, "privacy_protected_command", Session),
    op(0x2a, "features", Identify),
    op(0x2b, "options", Session),
    op(0x2c, "extended_port", Session),
    op(0x2d, "extended_passive", Session),
    op(0x2e, "language", Session),
    op(0x2f, "modification_time", File),
    op(0x30, "size", File),
    op(0x31, "machine_list", File),
    op(0x32, "machine_list_directory", File),
    op(0x33, "host", Session),
    op(0x34, "modify_modification_time", File),
    op(0x35, "client_identification", Identify),
    op(0x36, "hash", File),
    op(GREETING, "greeting", Identify),
    op(REPLY, "reply", Session),
];

/// The server's first words.
pub const GREETING: u32 = 0x40;
/// A reply whose command was not seen.
pub const REPLY: u32 = 0x41;
/// A command without a name here.
pub const UNKNOWN: u32 = 0xff;

/// Commands with a part in the session.
#[allow(missing_docs)]
pub mod command {
    pub const USER: u32 = 0x01;
    pub const PASS: u32 = 0x02;
    pub const ACCT: u32 = 0x03;
    pub const PORT: u32 = 0x09;
    pub const PASV: u32 = 0x0a;
    pub const RETR: u32 = 0x0e;
    pub const STOR: u32 = 0x0f;
    pub const STOU: u32 = 0x10;
    pub const APPE: u32 = 0x11;
    pub const LIST: u32 = 0x1b;
    pub const NLST: u32 = 0x1c;
    pub const SITE: u32 = 0x1d;
    pub const SYST: u32 = 0x1e;
    pub const AUTH: u32 = 0x22;
    pub const ADAT: u32 = 0x23;
    pub const EPRT: u32 = 0x2c;
    pub const EPSV: u32 = 0x2d;
    pub const SIZE: u32 = 0x30;
    pub const MLSD: u32 = 0x32;
}

/// Command words, sorted, with their codes.
const WORDS: &[(&[u8], u32)] = &[
    (b"ABOR", 0x16),
    (b"ACCT", 0x03),
    (b"ADAT", 0x23),
    (b"ALLO", 0x12),
    (b"APPE", 0x11),
    (b"AUTH", 0x22),
    (b"CCC", 0x26),
    (b"CDUP", 0x05),
    (b"CLNT", 0x35),
    (b"CONF", 0x28),
    (b"CWD", 0x04),
    (b"DELE", 0x17),
    (b"ENC", 0x29),
    (b"EPRT", 0x2c),
    (b"EPSV", 0x2d),
    (b"FEAT", 0x2a),
    (b"HASH", 0x36),
    (b"HELP", 0x20),
    (b"HOST", 0x33),
    (b"LANG", 0x2e),
    (b"LIST", 0x1b),
    (b"MDTM", 0x2f),
    (b"MFMT", 0x34),
    (b"MIC", 0x27),
    (b"MKD", 0x19),
    (b"MLSD", 0x32),
    (b"MLST", 0x31),
    (b"MODE", 0x0d),
    (b"NLST", 0x1c),
    (b"NOOP", 0x21),
    (b"OPTS", 0x2b),
    (b"PASS", 0x02),
    (b"PASV", 0x0a),
    (b"PBSZ", 0x24),
    (b"PORT", 0x09),
    (b"PROT", 0x25),
    (b"PWD", 0x1a),
    (b"QUIT", 0x08),
    (b"REIN", 0x07),
    (b"REST", 0x13),
    (b"RETR", 0x0e),
    (b"RMD", 0x18),
    (b"RNFR", 0x14),
    (b"RNTO", 0x15),
    (b"SITE", 0x1d),
    (b"SIZE", 0x30),
    (b"SMNT", 0x06),
    (b"STAT", 0x1f),
    (b"STOR", 0x0f),
    (b"STOU", 0x10),
    (b"STRU", 0x0c),
    (b"SYST", 0x1e),
    (b"TYPE", 0x0b),
    (b"USER", 0x01),
    (b"XCUP", 0x05),
    (b"XCWD", 0x04),
    (b"XMKD", 0x19),
    (b"XPWD", 0x1a),
    (b"XRMD", 0x18),
];

/// The code of a command word.
pub fn code(word: &[u8]) -> Option<u32> {
    let mut upper = [0u8; 4];
    let place = upper.get_mut(..word.len())?;
    place.copy_from_slice(word);
    place.make_ascii_uppercase();
    let word: &[u8] = place;
    WORDS.binary_search_by_key(&word, |(w, _)| w).ok().and_then(|i| WORDS.get(i)).map(|(_, code)| *code)
}

/// Whether a command opens a data connection.
pub fn moves(code: u32) -> bool {
    use command::{APPE, LIST, MLSD, NLST, RETR, STOR, STOU};
    matches!(code, RETR | STOR | STOU | APPE | LIST | NLST | MLSD)
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_sorted() {
        assert!(super::WORDS.windows(2).all(|w| w[0].0 < w[1].0));
        assert_eq!(super::code(b"retr"), Some(0x0e));
        assert_eq!(super::code(b"EHLO"), None);
    }
}
