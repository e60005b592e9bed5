//! TriStation over UDP 1502: engineering of Triconex safety controllers. No public specification; layout after
//! published analyses of the TRITON incident and public captures.

use super::Buf;

/// Command codes.
pub mod command {
    #![allow(missing_docs)]
    pub const START_DOWNLOAD_CHANGE: u8 = 1;
    pub const END_DOWNLOAD_CHANGE: u8 = 11;
    pub const GET_CP_STATUS: u8 = 19;
    pub const RUN_PROGRAM: u8 = 20;
    pub const HALT_PROGRAM: u8 = 21;
    pub const GET_MP_STATUS: u8 = 29;
    pub const ALLOCATE_PROGRAM: u8 = 55;
    pub const GET_MODULE_VERSIONS: u8 = 54;
    pub const UPLOAD_PROGRAM: u8 = 65;
    pub const UPLOAD_FUNCTION: u8 = 66;
    pub const GO_TO_DOWNLOAD_MODE: u8 = 80;
    pub const DOWNLOAD_CHANGE_PERMITTED: u8 = 102;
    pub const DONE: u8 = 103;
    pub const RUNNING: u8 = 109;
    pub const CP_STATUS: u8 = 108;
    pub const MODULE_VERSIONS: u8 = 151;
    pub const ALLOCATED: u8 = 153;
    pub const PROGRAM: u8 = 162;
    pub const FUNCTION: u8 = 163;
    pub const REJECTED: u8 = 100;
    pub const MP_STATUS: u8 = 127;
}

fn crc(data: &[u8]) -> u16 {
    data.iter().fold(0u16, |mut crc, byte| {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        }
        crc
    })
}

fn sealed(body: Vec<u8>) -> Vec<u8> {
    let sum = crc(&body);
    Buf(body).le16(sum).done()
}

/// A message without command: 1 connect, 2 connected, 4 disconnect, 3 disconnected, 6 ping.
pub fn bare(kind: u8) -> Vec<u8> {
    sealed(vec![kind, 0, 0, 0])
}

/// A command (`reply` false) or its reply in connection `connection`.
pub fn message(reply: bool, connection: u8, code: u8, sequence: u8, data: &[u8]) -> Vec<u8> {
    let len = (data.len() + 10) as u16;
    let head = Buf::new().u8(u8::from(reply)).u8(connection).u8(code).u8(sequence).le16(0).done();
    let lens = len.to_le_bytes();
    let sum = [&head[..], &lens, data].concat().iter().fold(len, |s, b| s.wrapping_add(u16::from(*b)));
    sealed(Buf::new().u8(5).u8(0).le16(len).put(&head).le16(sum).le16(len).put(data).done())
}

/// The state a main processor reports.
#[derive(Clone, Copy, Debug)]
pub struct Status<'a> {
    /// Key switch: 0 stop, 1 program, 2 run, 3 remote.
    pub key: u8,
    /// 0 running, 1 stopped, 2 paused.
    pub run: u8,
    /// Project name, at most ten characters.
    pub project: &'a str,
    /// Project version.
    pub version: (u16, u16),
    /// When the project was built, seconds since the Unix epoch.
    pub built: u32,
}

/// Data of a `CP_STATUS` reply.
pub fn cp_status(s: &Status<'_>) -> Vec<u8> {
    Buf::new()
        .put(&[1, 0, 0, 0, 0x0d, 0, 1, s.key, s.run, 0, 0, 0x50])
        .le32(0x80)
        .le32(0x80)
        .le32(0x40)
        .le32(0x5000_0060)
        .put(&[0xfe, 0, 0xff, 0xaf, 0xff, 0, 0, 0x20, 0, 0x20, 0, 0x20])
        .zeros(6)
        .put(&[0x20, 0x1b, 0, 0, 200, 0, 200, 0, 185, 0, 0x5c, 0x98])
        .le16(s.version.1)
        .le16(s.version.0)
        .le32(s.built)
        .fixed(s.project, 10, 0)
        .zeros(116)
        .done()
}

/// Head and code of a piece of a program or function: its number, words of the whole, first word of this piece.
pub fn piece(id: u16, full: u16, offset: u16, code: &[u8]) -> Vec<u8> {
    let words = (code.len() / 4) as u16;
    Buf::new().le16(id).le16(0).le16(full).le16(offset).le16(words).put(code).done()
}

/// Data of a `MODULE_VERSIONS` reply: of each of sixteen slots the module type and three firmware words, then assembly,
/// revision and serial number (at most eight letters) of the chassis.
pub fn module_versions(slots: &[(u16, [u16; 3])], serial: &str) -> Vec<u8> {
    let b = Buf::new().u8(0).u8(0xff);
    let b = slots.iter().fold(b, |b, (kind, words)| words.iter().fold(b.le16(*kind), |b, w| b.le16(*w)));
    b.zeros(8 * 16usize.saturating_sub(slots.len())).text("711000").text("001").fixed(serial, 8, 0).zeros(320).done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_has_the_published_check_value() {
        assert_eq!(crc(b"123456789"), 0xbb3d)
    }

    #[test]
    fn a_command_counts_itself() {
        let m = message(false, 0, command::GET_CP_STATUS, 0, &[]);
        assert_eq!(m.len(), 4 + 10 + 2);
        // Outer and inner length, then the byte sum over direction to data plus the length.
        assert_eq!((m[2], m[3], m[12], m[13]), (10, 0, 10, 0));
        assert_eq!(u16::from_le_bytes([m[10], m[11]]), 19 + 10 + 10);
    }
}
