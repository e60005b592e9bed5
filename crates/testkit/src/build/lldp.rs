//! LLDP (IEEE 802.1AB) and configuration BPDUs of rapid spanning tree (IEEE 802.1D).

use super::{Buf, Ip, Mac};

/// Where LLDP frames are sent.
pub const GROUP: Mac = [0x01, 0x80, 0xc2, 0, 0, 0x0e];
/// EtherType of LLDP.
pub const ETHERTYPE: u16 = 0x88cc;
/// Where bridges talk to each other.
pub const BRIDGES: Mac = [0x01, 0x80, 0xc2, 0, 0, 0];

fn tlv(b: Buf, kind: u16, data: &[u8]) -> Buf {
    b.be16(kind << 9 | data.len() as u16).put(data)
}

/// An announcement: chassis (hardware address), port, lifetime, names, capabilities and management address.
pub fn announce(mac: Mac, port: &str, system: &str, description: &str, capabilities: u16, ip: Ip) -> Vec<u8> {
    let b = tlv(Buf::new(), 1, &Buf::new().u8(4).put(&mac).0);
    let b = tlv(b, 2, &Buf::new().u8(7).text(port).0);
    let b = tlv(b, 3, &120u16.to_be_bytes());
    let b = tlv(b, 4, port.as_bytes());
    let b = tlv(b, 5, system.as_bytes());
    let b = tlv(b, 6, description.as_bytes());
    let b = tlv(b, 7, &Buf::new().be16(capabilities).be16(capabilities).0);
    let b = tlv(b, 8, &Buf::new().u8(5).u8(1).put(&ip).u8(2).be32(1).u8(0).0);
    tlv(b, 0, &[]).done()
}

/// A rapid spanning tree BPDU from the root bridge's designated port.
pub fn rstp(root: Mac, port: u16) -> Vec<u8> {
    Buf::new()
        .put(&[0, 0, 2, 2, 0x7c])
        .be16(0x8000)
        .put(&root)
        .be32(0)
        .be16(0x8000)
        .put(&root)
        .be16(0x8000 | port)
        .be16(0)
        .be16(20 << 8)
        .be16(2 << 8)
        .be16(15 << 8)
        .u8(0)
        .done()
}
