//! PROFINET: discovery and configuration (DCP) and cyclic real-time data (IEC 61158-6-10), EtherType 0x8892.

use super::{Buf, Ip, Mac};

/// EtherType.
pub const ETHERTYPE: u16 = 0x8892;
/// Where "identify" requests are sent.
pub const IDENTIFY_GROUP: Mac = [0x01, 0x0e, 0xcf, 0, 0, 0];

fn dcp(frame: u16, service: u8, kind: u8, xid: u32, delay: u16, blocks: &[u8]) -> Vec<u8> {
    Buf::new().be16(frame).u8(service).u8(kind).be32(xid).be16(delay).be16(blocks.len() as u16).put(blocks).done()
}

fn block(option: u8, sub: u8, data: &[u8]) -> Vec<u8> {
    let b = Buf::new().u8(option).u8(sub).be16(data.len() as u16).put(data);
    b.zeros(data.len() % 2).done()
}

/// What a station says about itself.
#[derive(Clone, Debug)]
pub struct Station<'a> {
    /// Type of station, e.g. `ET200SP`.
    pub kind: &'a str,
    /// Name of station.
    pub name: &'a str,
    /// Vendor id and device id.
    pub ids: (u16, u16),
    /// 1 device, 2 controller.
    pub role: u8,
    /// Its address.
    pub ip: Ip,
    /// Its network mask.
    pub mask: Ip,
    /// Its router.
    pub router: Ip,
}

/// "Everyone, identify."
pub fn identify_all(xid: u32) -> Vec<u8> {
    dcp(0xfefe, 5, 0, xid, 0x80, &block(0xff, 0xff, &[]))
}

/// The answer to [`identify_all`].
pub fn identified(xid: u32, s: &Station<'_>) -> Vec<u8> {
    let told = |text: &str| Buf::new().be16(0).text(text).done();
    let blocks = [
        block(2, 1, &told(s.kind)),
        block(2, 2, &told(s.name)),
        block(2, 3, &Buf::new().be16(0).be16(s.ids.0).be16(s.ids.1).0),
        block(2, 4, &[0, 0, s.role, 0]),
        block(1, 2, &Buf::new().be16(1).put(&s.ip).put(&s.mask).put(&s.router).0),
    ];
    dcp(0xfeff, 5, 1, xid, 0, &blocks.concat())
}

/// Gives a station a name, kept.
pub fn set_name(xid: u32, name: &str) -> Vec<u8> {
    dcp(0xfefd, 4, 0, xid, 0, &block(2, 2, &Buf::new().be16(1).text(name).0))
}

/// Resets a station's communication parameters to factory values.
pub fn factory_reset(xid: u32) -> Vec<u8> {
    dcp(0xfefd, 4, 0, xid, 0, &block(5, 6, &[0, 4]))
}

/// "Done" in answer to a set of one block.
pub fn set_done(xid: u32, option: u8, sub: u8) -> Vec<u8> {
    dcp(0xfefd, 4, 1, xid, 0, &block(5, 4, &[option, sub, 0]))
}

/// A cyclic frame: at least 40 bytes of data, cycle counter in units of 31.25 µs.
pub fn cyclic(frame: u16, data: &[u8], cycle: u16) -> Vec<u8> {
    let padding = 40usize.saturating_sub(data.len());
    Buf::new().be16(frame).put(data).zeros(padding).be16(cycle).u8(0x35).u8(0).done()
}
