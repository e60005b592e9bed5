//! Frames around a case's bytes: Ethernet, IP, TCP with sequence numbers, UDP. Checksums are left zero: a passive
//! engine does not judge them.

pub use super::parse::Talk;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Largest TCP payload per frame.
pub const MSS: usize = 1400;

/// Builds frames and keeps sequence numbers.
#[derive(Debug, Default)]
pub struct Conversation {
    /// Frames so far: time in nanoseconds and bytes.
    pub frames: Vec<(i64, Vec<u8>)>,
    /// Time of the next frame.
    pub now: i64,
    next: BTreeMap<(SocketAddr, SocketAddr), u32>,
    open: BTreeMap<(SocketAddr, SocketAddr), bool>,
}

/// First frame's time: a Monday morning.
pub const START: i64 = 1_772_438_400_000_000_000;
/// Time from frame to frame.
const STEP: i64 = 1_000_000;

impl Conversation {
    /// Nothing said yet.
    pub fn new() -> Conversation {
        Conversation { now: START, ..Conversation::default() }
    }

    fn frame(&mut self, bytes: Vec<u8>) {
        self.frames.push((self.now, bytes));
        self.now += STEP;
    }

    /// Opens a TCP connection with a handshake, if it is not open.
    pub fn handshake(&mut self, a: SocketAddr, b: SocketAddr) {
        if self.open.contains_key(&(a, b)) {
            return;
        }
        self.open.insert((a, b), true);
        self.open.insert((b, a), true);
        let (sa, sb) = (1000, 900_000);
        let syn = tcp(a, b, sa, 0, 0x02, &[]);
        self.frame(syn);
        let syn_ack = tcp(b, a, sb, sa + 1, 0x12, &[]);
        self.frame(syn_ack);
        let ack = tcp(a, b, sa + 1, sb + 1, 0x10, &[]);
        self.frame(ack);
        self.next.insert((a, b), sa + 1);
        self.next.insert((b, a), sb + 1);
    }

    /// Marks a connection as open without a handshake.
    pub fn midstream(&mut self, a: SocketAddr, b: SocketAddr) {
        self.open.insert((a, b), true);
        self.open.insert((b, a), true);
        self.next.entry((a, b)).or_insert(0xffff_ff00);
        self.next.entry((b, a)).or_insert(0x8000_0000);
    }

    /// Sends bytes, in pieces of at most `piece` bytes for TCP.
    pub fn send(&mut self, talk: Talk, bytes: &[u8], piece: usize) {
        match talk {
            Talk::Tcp(a, b) => {
                for part in bytes.chunks(piece.max(1)) {
                    let seq = self.next.get(&(a, b)).copied().unwrap_or(1);
                    let ack = self.next.get(&(b, a)).copied().unwrap_or(1);
                    let frame = tcp(a, b, seq, ack, 0x18, part);
                    self.frame(frame);
                    self.next.insert((a, b), seq.wrapping_add(part.len() as u32));
                }
            }
            Talk::Udp(a, b) => self.frame(udp(a, b, bytes)),
            Talk::Ether(a, b, kind) => self.frame(ether(a, b, kind, bytes)),
            Talk::Snap(a, b, oui, pid) => self.frame(snap(a, b, oui, pid, bytes)),
            Talk::Ip(a, b, number) => self.frame(ip(a, b, number, bytes)),
        }
    }

    /// A TCP segment with these flags and no payload.
    pub fn flags(&mut self, talk: Talk, flags: u8) {
        if let Talk::Tcp(a, b) = talk {
            let next = |from, to| self.next.get(&(from, to)).copied().unwrap_or(1);
            let frame = tcp(a, b, next(a, b), next(b, a), flags, &[]);
            self.frame(frame);
        }
    }

    /// Bytes of this direction were lost on the way to the sensor; the receiver got them.
    pub fn lose(&mut self, talk: Talk, count: u32) {
        if let Talk::Tcp(a, b) = talk {
            let seq = self.next.entry((a, b)).or_insert(1);
            *seq = seq.wrapping_add(count);
        }
    }
}

/// The hardware address the builder gives an IP address.
fn mac_of(ip: IpAddr) -> [u8; 6] {
    match ip {
        IpAddr::V4(ip) if ip.is_broadcast() => [0xff; 6],
        IpAddr::V4(ip) if ip.is_multicast() => {
            let [_, b, c, d] = ip.octets();
            [1, 0, 0x5e, b & 0x7f, c, d]
        }
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            [2, 0, a, b, c, d]
        }
        IpAddr::V6(ip) => {
            let o = ip.octets();
            if ip.is_multicast() {
                [0x33, 0x33, o[12], o[13], o[14], o[15]]
            } else {
                [2, 6, o[12], o[13], o[14], o[15]]
            }
        }
    }
}

fn ether(src: [u8; 6], dst: [u8; 6], kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(14 + payload.len());
    frame.extend_from_slice(&dst);
    frame.extend_from_slice(&src);
    if kind < 0x100 {
        // IEEE 802.3 with LLC: length, DSAP, SSAP, unnumbered information
        frame.extend_from_slice(&(payload.len() as u16 + 3).to_be_bytes());
        frame.extend_from_slice(&[kind as u8, kind as u8, 3]);
    } else {
        frame.extend_from_slice(&kind.to_be_bytes());
    }
    frame.extend_from_slice(payload);
    frame
}

fn snap(src: [u8; 6], dst: [u8; 6], oui: u32, pid: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(22 + payload.len());
    frame.extend_from_slice(&dst);
    frame.extend_from_slice(&src);
    frame.extend_from_slice(&(payload.len() as u16 + 8).to_be_bytes());
    frame.extend_from_slice(&[0xaa, 0xaa, 3]);
    frame.extend_from_slice(&oui.to_be_bytes()[1..]);
    frame.extend_from_slice(&pid.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

fn ip(src: IpAddr, dst: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(40 + payload.len());
    let kind = match (src, dst) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            packet.extend_from_slice(&[0x45, 0]);
            packet.extend_from_slice(&(payload.len() as u16 + 20).to_be_bytes());
            packet.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
            packet.extend_from_slice(&a.octets());
            packet.extend_from_slice(&b.octets());
            0x0800
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            packet.extend_from_slice(&[0x60, 0, 0, 0]);
            packet.extend_from_slice(&(payload.len() as u16).to_be_bytes());
            // neighbour discovery is believed only from the link itself
            packet.extend_from_slice(&[protocol, if protocol == 58 { 255 } else { 64 }]);
            packet.extend_from_slice(&a.octets());
            packet.extend_from_slice(&b.octets());
            0x86dd
        }
        _ => panic!("addresses of two families"),
    };
    packet.extend_from_slice(payload);
    ether(mac_of(src), mac_of(dst), kind, &packet)
}

fn udp(a: SocketAddr, b: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    datagram.extend_from_slice(&a.port().to_be_bytes());
    datagram.extend_from_slice(&b.port().to_be_bytes());
    datagram.extend_from_slice(&(payload.len() as u16 + 8).to_be_bytes());
    datagram.extend_from_slice(&[0, 0]);
    datagram.extend_from_slice(payload);
    ip(a.ip(), b.ip(), 17, &datagram)
}

fn tcp(a: SocketAddr, b: SocketAddr, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(20 + payload.len());
    segment.extend_from_slice(&a.port().to_be_bytes());
    segment.extend_from_slice(&b.port().to_be_bytes());
    segment.extend_from_slice(&seq.to_be_bytes());
    segment.extend_from_slice(&ack.to_be_bytes());
    segment.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend_from_slice(payload);
    ip(a.ip(), b.ip(), 6, &segment)
}
