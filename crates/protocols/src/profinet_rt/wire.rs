//! Bytes to frames: what a frame id stands for, and the status at the end of cyclic data.

/// First frame ids of their ranges.
pub const SYNC: u32 = 0x0020;
pub const CLASS_3: u32 = 0x0100;
pub const CLASS_1: u32 = 0x8000;
pub const ALARM_HIGH: u32 = 0xfc01;
pub const ALARM_LOW: u32 = 0xfe01;
pub const RSI: u32 = 0xfe02;
pub const ANNOUNCE: u32 = 0xff00;
pub const FOLLOW_UP: u32 = 0xff20;
pub const DELAY_REQUEST: u32 = 0xff40;
pub const DELAY_RESPONSE: u32 = 0xff41;
pub const DELAY_FOLLOW_UP: u32 = 0xff42;
pub const DELAY_RESPONSE_ALONE: u32 = 0xff43;
pub const FRAGMENT: u32 = 0xff80;

/// What a frame id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cyclic data; the operation of its class.
    Cyclic(u32),
    /// An alarm of high or low priority.
    Alarm(u32),
    /// DCP.
    Dcp,
    /// Anything else that has a name.
    Other(u32),
    /// Reserved.
    Reserved,
}

/// The kind of a frame id (IEC 61158-6-10, table of FrameID). 0x8000 to 0xbfff was class 2 before version 2.3; 0xc000 to
/// 0xfbff is the older range of class 1.
pub fn kind(id: u16) -> Kind {
    match id {
        0x0020 | 0x0021 | 0x0080 | 0x0081 => Kind::Other(SYNC),
        0x0100..=0x0fff => Kind::Cyclic(CLASS_3),
        0x8000..=0xfbff => Kind::Cyclic(CLASS_1),
        0xfc01 => Kind::Alarm(ALARM_HIGH),
        0xfe01 => Kind::Alarm(ALARM_LOW),
        0xfe02 => Kind::Other(RSI),
        0xfefc..=0xfeff => Kind::Dcp,
        0xff00 | 0xff01 => Kind::Other(ANNOUNCE),
        0xff20 | 0xff21 => Kind::Other(FOLLOW_UP),
        0xff40..=0xff43 => Kind::Other(id.into()),
        0xff80..=0xff8f => Kind::Other(FRAGMENT),
        _ => Kind::Reserved,
    }
}

/// Status behind cyclic data (APDU status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub cycle: u16,
    pub data: u8,
    pub transfer: u8,
}

/// The last four bytes of a frame. Cyclic data has at least 40 bytes, so there is no padding behind them.
pub fn status(bytes: &[u8]) -> Option<Status> {
    let [high, low, data, transfer] = *bytes.last_chunk::<4>()?;
    // frame id, and something before the status
    (bytes.len() > 6).then_some(Status { cycle: u16::from_be_bytes([high, low]), data, transfer })
}
