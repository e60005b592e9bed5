//! Schneider UMAS: Modbus function 90, engineering of Modicon controllers. No public specification; layouts as
//! seen in public captures.

use super::Buf;

/// Function codes used here.
pub mod function {
    #![allow(missing_docs)]
    pub const INIT_COMM: u8 = 0x01;
    pub const READ_ID: u8 = 0x02;
    pub const READ_PROJECT_INFO: u8 = 0x03;
    pub const READ_PLC_INFO: u8 = 0x04;
    pub const TAKE_RESERVATION: u8 = 0x10;
    pub const RELEASE_RESERVATION: u8 = 0x11;
    pub const KEEP_ALIVE: u8 = 0x12;
    pub const INITIALIZE_DOWNLOAD: u8 = 0x30;
    pub const DOWNLOAD_BLOCK: u8 = 0x31;
    pub const END_DOWNLOAD: u8 = 0x32;
    pub const START_PLC: u8 = 0x40;
    pub const STOP_PLC: u8 = 0x41;
}

/// A request in session `session` (0 when nothing is reserved).
pub fn request(session: u8, function: u8, data: &[u8]) -> Vec<u8> {
    Buf::new().u8(0x5a).u8(session).u8(function).put(data).done()
}

/// A positive answer.
pub fn answer(session: u8, data: &[u8]) -> Vec<u8> {
    Buf::new().u8(0x5a).u8(session).u8(0xfe).put(data).done()
}

/// A refusal.
pub fn refusal(session: u8, code: u8) -> Vec<u8> {
    vec![0x5a, session, 0xfd, code]
}

/// The answer to `READ_ID`: model name and firmware in binary coded decimal (0x0270 is 2.70).
pub fn identity(model: &str, firmware: u16) -> Vec<u8> {
    let b = Buf::new().put(&[0x10, 0xff, 0x5a, 1, 1, 0, 0, 0]).le16(firmware).put(&[0, 0, 0x27, 0, 9, 0]);
    let b = b.put(&[8, 0, 0, 0, 0, 0]).u8(model.len() as u8).text(model);
    answer(0, &b.put(&[1, 1, 1, 0, 0, 0, 0, 0x11, 0]).0)
}

/// Takes the reservation in the name of an engineering station.
pub fn reserve(host: &str) -> Vec<u8> {
    let b = Buf::new().put(&[0x0b, 0x3a, 0, 0]).u8(host.len() as u8).text(host);
    request(0, function::TAKE_RESERVATION, &b.0)
}
