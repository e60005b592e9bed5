//! Bytes to packet (RFC 826, "Packet format").

use model::Mac;
use std::net::Ipv4Addr;
use wire::{Malformed, Read, Reader};

/// `ar$pro` of IPv4.
const IPV4: u16 = 0x0800;

/// One packet. Addresses are kept as bytes: their lengths are fields of the packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// `ar$hrd`: 1 Ethernet, 6 IEEE 802.
    pub hardware: u16,
    /// `ar$pro`.
    pub protocol: u16,
    /// `ar$op`.
    pub op: u16,
    /// `ar$sha`.
    pub sender_hardware: &'a [u8],
    /// `ar$spa`.
    pub sender_protocol: &'a [u8],
    /// `ar$tha`.
    pub target_hardware: &'a [u8],
    /// `ar$tpa`.
    pub target_protocol: &'a [u8],
}

/// The four addresses of a packet for IPv4 over Ethernet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub sender_mac: Mac,
    pub sender_ip: Ipv4Addr,
    pub target_mac: Mac,
    pub target_ip: Ipv4Addr,
}

/// Reads a packet; what follows it in the frame is padding.
pub fn packet(bytes: &[u8]) -> Read<Packet<'_>> {
    let mut r = Reader::new(bytes);
    let hardware = r.be16("ar$hrd")?;
    let protocol = r.be16("ar$pro")?;
    let hlen = r.u8("ar$hln")?;
    let plen = r.u8("ar$pln")?;
    let op = r.be16("ar$op")?;
    if hardware == 0 {
        return Err(Malformed::invalid("ar$hrd", 0));
    }
    if protocol == IPV4 && plen != 4 {
        return Err(Malformed::invalid("ar$pln", 5));
    }
    if matches!(hardware, 1 | 6) && hlen != 6 {
        return Err(Malformed::invalid("ar$hln", 4));
    }
    Ok(Packet {
        hardware,
        protocol,
        op,
        sender_hardware: r.take(hlen.into(), "ar$sha")?,
        sender_protocol: r.take(plen.into(), "ar$spa")?,
        target_hardware: r.take(hlen.into(), "ar$tha")?,
        target_protocol: r.take(plen.into(), "ar$tpa")?,
    })
}

impl Packet<'_> {
    /// IPv4 over Ethernet or another IEEE 802 network.
    pub fn is_ethernet_ipv4(&self) -> bool {
        matches!(self.hardware, 1 | 6) && self.protocol == IPV4
    }

    /// The addresses, where they are IPv4 over IEEE 802.
    pub fn addresses(&self) -> Option<Addresses> {
        if !self.is_ethernet_ipv4() {
            return None;
        }
        let mac = |b: &[u8]| b.first_chunk::<6>().map(|b| Mac(*b));
        let ip = |b: &[u8]| b.first_chunk::<4>().map(|b| Ipv4Addr::from(*b));
        Some(Addresses {
            sender_mac: mac(self.sender_hardware)?,
            sender_ip: ip(self.sender_protocol)?,
            target_mac: mac(self.target_hardware)?,
            target_ip: ip(self.target_protocol)?,
        })
    }
}
