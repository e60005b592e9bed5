//! Ethernet II with an optional 802.1Q tag, and ARP (RFC 826).

use super::{Buf, Ip, Mac};

/// The group of all stations.
pub const BROADCAST: Mac = [0xff; 6];
/// EtherType of IPv4.
pub const IPV4: u16 = 0x0800;
/// EtherType of ARP.
pub const ARP: u16 = 0x0806;

/// The shortest payload-carrying frame without its check sequence (IEEE 802.3).
const SHORTEST: usize = 60;

/// A frame, filled to the shortest legal length.
pub fn ethernet(dst: Mac, src: Mac, vlan: Option<u16>, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut b = Buf(Vec::with_capacity(18 + payload.len())).put(&dst).put(&src);
    if let Some(id) = vlan {
        b = b.be16(0x8100).be16(id & 0x0fff);
    }
    let mut frame = b.be16(ethertype).put(payload).done();
    let shortest = SHORTEST + if vlan.is_some() { 4 } else { 0 };
    if frame.len() < shortest {
        frame.resize(shortest, 0);
    }
    frame
}

/// An IEEE 802.3 frame with a length field and an LLC header (spanning tree and its kin).
pub fn llc(dst: Mac, src: Mac, sap: u8, payload: &[u8]) -> Vec<u8> {
    let body = Buf::new().u8(sap).u8(sap).u8(3).put(payload).done();
    ethernet(dst, src, None, body.len() as u16, &body)
}

/// "Who has `asked`? Tell `sender`."
pub fn arp_request(sender: (Mac, Ip), asked: Ip) -> Vec<u8> {
    arp(1, sender, ([0; 6], asked))
}

/// "`sender.1` is at `sender.0`", told to `to`.
pub fn arp_reply(sender: (Mac, Ip), to: (Mac, Ip)) -> Vec<u8> {
    arp(2, sender, to)
}

fn arp(operation: u16, sender: (Mac, Ip), target: (Mac, Ip)) -> Vec<u8> {
    Buf::new()
        .be16(1)
        .be16(IPV4)
        .u8(6)
        .u8(4)
        .be16(operation)
        .put(&sender.0)
        .put(&sender.1)
        .put(&target.0)
        .put(&target.1)
        .done()
}
