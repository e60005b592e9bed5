//! IPv4 (RFC 791), UDP (RFC 768), ICMP echo (RFC 792) and TCP segments (RFC 9293), checksums included.

use super::{Buf, Ip, Mac};

/// Protocol numbers in the IPv4 header.
pub const ICMP: u8 = 1;
/// TCP.
pub const TCP: u8 = 6;
/// UDP.
pub const UDP: u8 = 17;

/// TCP flags.
pub mod flag {
    #![allow(missing_docs)]
    pub const FIN: u8 = 1;
    pub const SYN: u8 = 2;
    pub const RST: u8 = 4;
    pub const PSH: u8 = 8;
    pub const ACK: u8 = 16;
}

/// The internet checksum (RFC 1071) over `parts`, each of even length but the last.
pub fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Header fields a sender chooses.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Source address.
    pub src: Ip,
    /// Destination address.
    pub dst: Ip,
    /// Identification.
    pub id: u16,
    /// Time to live as seen at the capture point.
    pub ttl: u8,
}

/// An IPv4 packet around `payload`, "don't fragment" set.
pub fn ipv4(h: Header, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let head = |sum: u16| {
        Buf(Vec::with_capacity(20 + payload.len()))
            .be16(0x4500)
            .be16(20 + payload.len() as u16)
            .be16(h.id)
            .be16(0x4000)
            .u8(h.ttl)
            .u8(protocol)
            .be16(sum)
            .put(&h.src)
            .put(&h.dst)
    };
    let sum = checksum(&[&head(0).0]);
    head(sum).put(payload).done()
}

fn pseudo(h: Header, protocol: u8, len: usize) -> Vec<u8> {
    Buf::new().put(&h.src).put(&h.dst).u8(0).u8(protocol).be16(len as u16).done()
}

/// A UDP datagram in its IPv4 packet.
pub fn udp(h: Header, sport: u16, dport: u16, data: &[u8]) -> Vec<u8> {
    let len = 8 + data.len();
    let head = |sum: u16| Buf::new().be16(sport).be16(dport).be16(len as u16).be16(sum);
    let sum = match checksum(&[&pseudo(h, UDP, len), &head(0).0, data]) {
        0 => 0xffff,
        sum => sum,
    };
    ipv4(h, UDP, &head(sum).put(data).done())
}

/// One TCP segment's own fields.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Source port.
    pub sport: u16,
    /// Destination port.
    pub dport: u16,
    /// Sequence number of the first byte.
    pub seq: u32,
    /// Next byte expected from the other side.
    pub ack: u32,
    /// Flags, see [`flag`].
    pub flags: u8,
    /// Receive window.
    pub window: u16,
    /// Payload.
    pub data: Vec<u8>,
}

/// A TCP segment in its IPv4 packet; a SYN carries the maximum segment size and "selective acknowledgement permitted".
pub fn tcp(h: Header, s: &Segment) -> Vec<u8> {
    let options: &[u8] = if s.flags & flag::SYN != 0 { &[2, 4, 0x05, 0xb4, 1, 1, 4, 2] } else { &[] };
    let words = 5 + options.len() as u16 / 4;
    let head = |sum: u16| {
        Buf::new()
            .be16(s.sport)
            .be16(s.dport)
            .be32(s.seq)
            .be32(s.ack)
            .be16(words << 12 | u16::from(s.flags))
            .be16(s.window)
            .be16(sum)
            .be16(0)
            .put(options)
    };
    let unsummed = head(0).0;
    let sum = checksum(&[&pseudo(h, TCP, unsummed.len() + s.data.len()), &unsummed, &s.data]);
    ipv4(h, TCP, &head(sum).put(&s.data).done())
}

/// An ICMP echo request, or its reply.
pub fn echo(h: Header, reply: bool, id: u16, sequence: u16) -> Vec<u8> {
    let body = |sum: u16| {
        let data: Vec<u8> = (0..32u8).map(|n| b'a' + n % 23).collect();
        Buf::new().u8(if reply { 0 } else { 8 }).u8(0).be16(sum).be16(id).be16(sequence).put(&data).done()
    };
    let sum = checksum(&[&body(0)]);
    ipv4(h, ICMP, &body(sum))
}

/// The Ethernet group address of an IPv4 multicast group (RFC 1112).
pub fn group_mac(group: Ip) -> Mac {
    [0x01, 0x00, 0x5e, group[1] & 0x7f, group[2], group[3]]
}
