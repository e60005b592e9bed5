//! GOOSE (IEC 61850-8-1), EtherType 0x88b8.

use super::snmp::{ber, ber_of, ber_unsigned};
use super::{Buf, Mac};

/// EtherType.
pub const ETHERTYPE: u16 = 0x88b8;

/// What a publisher says about one data set.
#[derive(Clone, Debug)]
pub struct Publication<'a> {
    /// Application id; also the last two bytes of the group address.
    pub appid: u16,
    /// Control block reference.
    pub control_block: &'a str,
    /// Data set reference.
    pub data_set: &'a str,
    /// GOOSE id.
    pub id: &'a str,
    /// When the state last changed, ns since the Unix epoch.
    pub changed: i64,
    /// State number: counts changes.
    pub state: u32,
    /// Sequence number: counts repeats of a state.
    pub sequence: u32,
    /// Milliseconds until the next message at the latest.
    pub lives: u32,
    /// Breaker closed, trip, and a measured current.
    pub values: (bool, bool, f32),
}

/// The group a publication is sent to.
pub fn group(appid: u16) -> Mac {
    [0x01, 0x0c, 0xcd, 0x01, (appid >> 8) as u8, appid as u8]
}

/// A message.
pub fn message(p: &Publication<'_>) -> Vec<u8> {
    let (seconds, rest) = (p.changed as u64 / 1_000_000_000, p.changed as u64 % 1_000_000_000);
    let fraction = (rest << 24) / 1_000_000_000;
    let time = Buf::new().be32(seconds as u32).be24(fraction as u32).u8(0x0a).done();
    let float = Buf::new().u8(8).be_f32(p.values.2).done();
    let data = [ber(0x83, &[u8::from(p.values.0)]), ber(0x83, &[u8::from(p.values.1)]), ber(0x87, &float)];
    let pdu = ber_of(
        0x61,
        &[
            ber(0x80, p.control_block.as_bytes()),
            ber_unsigned(0x81, p.lives),
            ber(0x82, p.data_set.as_bytes()),
            ber(0x83, p.id.as_bytes()),
            ber(0x84, &time),
            ber_unsigned(0x85, p.state),
            ber_unsigned(0x86, p.sequence),
            ber(0x87, &[0]),
            ber_unsigned(0x88, 1),
            ber(0x89, &[0]),
            ber_unsigned(0x8a, data.len() as u32),
            ber_of(0xab, &data),
        ],
    );
    Buf::new().be16(p.appid).be16(8 + pdu.len() as u16).be32(0).put(&pdu).done()
}
