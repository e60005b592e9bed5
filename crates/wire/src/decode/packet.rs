//! What comes out of decoding one frame.

use super::{Odd, Tunnel};
use std::net::{IpAddr, Ipv4Addr};

/// Outermost header of a captured frame (the registry of `LINKTYPE_` values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkType {
    /// IEEE 802.3 Ethernet (1).
    Ethernet,
    /// Linux cooked capture v1 (113).
    LinuxSll,
    /// Linux cooked capture v2 (276).
    LinuxSll2,
    /// Raw IPv4 or IPv6, told apart by the version field (101, 228, 229, and 12 and 14 of old systems).
    RawIp,
    /// BSD loopback, address family in the byte order of the writing machine (0).
    Null,
    /// OpenBSD loopback, address family in network byte order (108).
    Loop,
    /// IEEE 802.11 (105).
    Ieee80211,
    /// IEEE 802.11 behind a Prism header (119).
    Prism,
    /// IEEE 802.11 behind a radiotap header (127).
    Radiotap,
    /// IEEE 802.11 behind an AVS header (163).
    Avs,
    /// PPP, with or without HDLC-like framing (9, 50).
    Ppp,
    /// Cisco HDLC (104).
    CiscoHdlc,
    /// Any other number; packets come out as [`Layer::Nothing`].
    Other(u16),
}

impl LinkType {
    /// From the number in a capture file.
    pub const fn from_dlt(number: u16) -> LinkType {
        match number {
            0 => LinkType::Null,
            1 => LinkType::Ethernet,
            12 | 14 | 101 | 228 | 229 => LinkType::RawIp,
            108 => LinkType::Loop,
            113 => LinkType::LinuxSll,
            276 => LinkType::LinuxSll2,
            9 | 50 => LinkType::Ppp,
            104 => LinkType::CiscoHdlc,
            105 => LinkType::Ieee80211,
            119 => LinkType::Prism,
            127 => LinkType::Radiotap,
            163 => LinkType::Avs,
            other => LinkType::Other(other),
        }
    }

    /// The number written to capture files.
    pub const fn dlt(self) -> u16 {
        match self {
            LinkType::Null => 0,
            LinkType::Ethernet => 1,
            LinkType::RawIp => 101,
            LinkType::Loop => 108,
            LinkType::LinuxSll => 113,
            LinkType::LinuxSll2 => 276,
            LinkType::Ppp => 9,
            LinkType::CiscoHdlc => 104,
            LinkType::Ieee80211 => 105,
            LinkType::Prism => 119,
            LinkType::Radiotap => 127,
            LinkType::Avs => 163,
            LinkType::Other(number) => number,
        }
    }

    /// False for link types that are read from files but not decoded.
    pub const fn is_known(self) -> bool {
        !matches!(self, LinkType::Other(_))
    }
}

/// The last header that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Ethernet, LLC or SNAP; `kind` says what follows.
    Link,
    /// IP with a protocol other than the ones below; `kind` is its number.
    Ip,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP for IPv4; the payload begins at the type.
    Icmp4,
    /// ICMP for IPv6; the payload begins at the type.
    Icmp6,
    /// Nothing could be decoded.
    Nothing,
}

/// `kind` of an LLC frame: this plus the destination service access point.
pub const LLC: u16 = 0x0100;
/// Set in `snap` when `kind` is the protocol id of the organization in its low 24 bits.
pub const SNAP: u32 = 1 << 24;

/// TCP flags (RFC 9293, section 3.1).
pub mod tcp {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronize sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset.
    pub const RST: u8 = 0x04;
    /// Push.
    pub const PSH: u8 = 0x08;
    /// Acknowledgement field counts.
    pub const ACK: u8 = 0x10;
    /// Urgent pointer counts.
    pub const URG: u8 = 0x20;
}

/// One packet after every wrapping known is taken off. Offsets, not slices: descriptors cross threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The last header that was understood.
    pub layer: Layer,
    /// Whether the hardware addresses are known.
    pub has_mac: bool,
    /// Whether `payload_at` counts in [`super::Decoder::assembled`] instead of the frame.
    pub assembled: bool,
    /// TCP flags, see [`tcp`].
    pub flags: u8,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// TCP only: this many bytes of options stand right before the payload.
    pub options: u8,
    /// Source hardware address of the innermost Ethernet header.
    pub src_mac: [u8; 6],
    /// Destination hardware address; zero where the link header has none (Linux cooked).
    pub dst_mac: [u8; 6],
    /// Innermost VLAN id; a priority tag (VLAN 0) is none.
    pub vlan: Option<u16>,
    /// VLAN id of the tag around it.
    pub outer_vlan: Option<u16>,
    /// Link: EtherType (from 0x600), [`LLC`] + DSAP, or the protocol id where `snap` is set. IP: protocol number, for
    /// TCP, UDP and ICMP too.
    pub kind: u16,
    /// TCP or UDP source port.
    pub src_port: u16,
    /// TCP or UDP destination port.
    pub dst_port: u16,
    /// TCP window, not scaled.
    pub window: u16,
    /// IPv4 identification; 0 for IPv6.
    pub ip_id: u16,
    /// Sequence number of the PRP trailer or HSR tag, where `tunnel` has one.
    pub ring_seq: u16,
    /// [`SNAP`] + organization for SNAP frames of other organizations than Ethernet's (CDP: 00000c, kind 2000).
    pub snap: u32,
    /// Source address; unspecified IPv4 where there is no IP header.
    pub src: IpAddr,
    /// Destination address; unspecified IPv4 where there is no IP header.
    pub dst: IpAddr,
    /// TCP sequence number.
    pub seq: u32,
    /// TCP acknowledgement number.
    pub ack: u32,
    /// Offset of the payload of the last header, in the frame or (`assembled`) the reassembled datagram.
    pub payload_at: u32,
    /// Payload bytes captured, padding left out where a length field tells.
    pub payload_len: u32,
    /// Payload bytes the headers announce that the capture does not hold.
    pub missing: u32,
    /// Wrappings taken off.
    pub tunnel: Tunnel,
    /// Identifier of the innermost tunnel: VXLAN or Geneve network, GRE key, ERSPAN, PPPoE or
    /// L2TP session, PPTP call, GTP tunnel endpoint, MPLS label.
    pub tunnel_id: u32,
    /// What is odd.
    pub odd: Odd,
}

/// Packets are copied between threads one per frame; two cache lines are the most they may take.
const _: () = assert!(size_of::<Packet>() <= 112);

/// No address.
pub(crate) const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

impl Packet {
    /// Nothing decoded.
    pub const EMPTY: Packet = Packet {
        layer: Layer::Nothing,
        has_mac: false,
        assembled: false,
        flags: 0,
        ttl: 0,
        options: 0,
        src_mac: [0; 6],
        dst_mac: [0; 6],
        vlan: None,
        outer_vlan: None,
        kind: 0,
        src_port: 0,
        dst_port: 0,
        window: 0,
        ip_id: 0,
        ring_seq: 0,
        snap: 0,
        src: NOWHERE,
        dst: NOWHERE,
        seq: 0,
        ack: 0,
        payload_at: 0,
        payload_len: 0,
        missing: 0,
        tunnel: Tunnel::NONE,
        tunnel_id: 0,
        odd: Odd::NONE,
    };

    /// True when `src` and `dst` are addresses from an IP header.
    #[inline]
    pub fn has_ip(&self) -> bool {
        !matches!(self.layer, Layer::Link | Layer::Nothing)
    }

    /// The payload: out of the frame, or out of `assembled` ([`super::Decoder::assembled`]).
    #[inline]
    pub fn payload<'a>(&self, frame: &'a [u8], assembled: &'a [u8]) -> &'a [u8] {
        let from = if self.assembled { assembled } else { frame };
        from.get(self.payload_at as usize..).and_then(|b| b.get(..self.payload_len as usize)).unwrap_or_default()
    }

    /// TCP options, where there are any.
    pub fn tcp_options<'a>(&self, frame: &'a [u8], assembled: &'a [u8]) -> &'a [u8] {
        let from = if self.assembled { assembled } else { frame };
        let end = self.payload_at as usize;
        from.get(end.saturating_sub(self.options.into())..end).unwrap_or_default()
    }

    /// Forgets what an outer layer said, before an inner one is read.
    pub(crate) fn begin_inner(&mut self, ethernet: bool) {
        let outer = *self;
        *self = Packet { tunnel: outer.tunnel, tunnel_id: outer.tunnel_id, odd: outer.odd, ..Packet::EMPTY };
        self.assembled = outer.assembled;
        self.ring_seq = outer.ring_seq;
        if !ethernet {
            self.has_mac = outer.has_mac;
            self.src_mac = outer.src_mac;
            self.dst_mac = outer.dst_mac;
            self.vlan = outer.vlan;
            self.outer_vlan = outer.outer_vlan;
        }
    }
}
