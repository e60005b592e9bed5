//! One frame in, one packet out: link headers, tags, tunnels, IP, fragments, TCP and UDP.

mod bits;
mod fragments;
mod ip;
mod link;
mod over_udp;
mod packet;
mod ppp;
mod straight;
mod transport;
mod tunnels;
mod wireless;

pub use bits::{Odd, Tunnel};
pub use fragments::FragmentLimits;
pub use packet::{LLC, Layer, LinkType, Packet, SNAP, tcp};

use fragments::{Fragment, Fragments};

/// Headers that open a new packet (Ethernet or IP) followed before the rest is left as payload. Real networks wrap
/// three or four deep; a hostile frame could wrap for ever.
pub const MAX_NESTING: u8 = 8;

/// What the decoder has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Frames given in.
    pub frames: u64,
    /// Frames nothing could be decoded of.
    pub undecoded: u64,
    /// Fragments seen.
    pub fragments: u64,
    /// Datagrams put together.
    pub reassembled: u64,
    /// Fragments that repeated bytes already held, exactly.
    pub fragments_repeated: u64,
    /// Fragments that overlapped others in part.
    pub fragments_overlapping: u64,
    /// Fragments that could never become whole: cut by the snap length, empty, or reaching
    /// beyond the largest datagram.
    pub fragments_unusable: u64,
    /// Datagrams given up because a fragment was late by packet time.
    pub datagrams_expired: u64,
    /// Datagrams given up because a bound on memory was reached.
    pub datagrams_evicted: u64,
}

/// What to read next, or how reading ended.
#[derive(Clone, Copy)]
enum Next {
    Ethernet,
    EtherType(u16),
    Ip,
    Ip4,
    Ip6,
    Proto(u8),
    Fragment(Fragment),
    Done,
}

/// The bytes of the current layer.
struct Walk<'a> {
    /// Captured bytes from here to the end of the layer.
    rest: &'a [u8],
    /// Offset of `rest` in the buffer.
    at: usize,
    /// Bytes of the layer that are not in the capture.
    missing: usize,
    /// Ethernet and IP headers entered.
    depth: u8,
    /// The Ethernet payload (after the last EtherType) for the PRP trailer: offset, or 0 where none can be.
    lsdu: usize,
}

impl<'a> Walk<'a> {
    #[inline(always)]
    fn head<const N: usize>(&self) -> Option<&'a [u8; N]> {
        self.rest.first_chunk::<N>()
    }

    #[inline(always)]
    fn skip(&mut self, n: usize) {
        let n = n.min(self.rest.len());
        self.rest = self.rest.get(n..).unwrap_or_default();
        self.at += n;
    }

    /// The layer is `n` bytes long. Returns false when that is more than was on the wire; then it ends there: what a
    /// wrong length claims was never sent.
    #[inline(always)]
    fn limit(&mut self, n: usize) -> bool {
        match self.rest.get(..n) {
            Some(rest) => {
                self.rest = rest;
                self.missing = 0;
                true
            }
            None => {
                let beyond = n - self.rest.len();
                let fits = beyond <= self.missing;
                self.missing = self.missing.min(beyond);
                fits
            }
        }
    }

    #[inline(always)]
    fn wire_len(&self) -> usize {
        self.rest.len() + self.missing
    }

    /// What is left is the payload.
    #[inline(always)]
    fn payload(&self, p: &mut Packet) {
        p.payload_at = self.at as u32;
        p.payload_len = self.rest.len() as u32;
        p.missing = u32::try_from(self.missing).unwrap_or(u32::MAX);
    }

    /// Enters a header that opens a new packet; false when that is too deep.
    #[inline(always)]
    fn enter(&mut self, p: &mut Packet) -> bool {
        if self.depth >= MAX_NESTING {
            p.odd.set(Odd::NESTING);
            return false;
        }
        self.depth += 1;
        true
    }
}

#[inline(always)]
fn be16(a: u8, b: u8) -> u16 {
    u16::from_be_bytes([a, b])
}

/// Turns frames into packets. Holds IP fragments until their datagram is whole; otherwise stateless.
#[derive(Debug)]
pub struct Decoder {
    fragments: Fragments,
    assembled: Vec<u8>,
    counters: Counters,
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder::new(FragmentLimits::default())
    }
}

impl Decoder {
    /// A decoder that holds fragments within `limits`.
    pub fn new(limits: FragmentLimits) -> Self {
        Decoder { fragments: Fragments::new(limits), assembled: Vec::new(), counters: Counters::default() }
    }

    /// Decodes one frame. `wire_len` is its length on the wire in bytes (more than `bytes` holds when the capture cut
    /// it), `time` its time in nanoseconds since the Unix epoch. None: held as a fragment.
    #[inline]
    pub fn decode(&mut self, link: LinkType, bytes: &[u8], wire_len: u32, time: i64) -> Option<Packet> {
        let mut packet = Packet::EMPTY;
        self.decode_into(link, bytes, wire_len, time, &mut packet).then_some(packet)
    }

    /// The same into a place that is there already; false where it is held as a fragment.
    #[inline]
    pub fn decode_into(&mut self, link: LinkType, bytes: &[u8], wire_len: u32, time: i64, packet: &mut Packet) -> bool {
        self.counters.frames += 1;
        if link == LinkType::Ethernet && straight::decode(bytes, wire_len, packet) {
            return true;
        }
        match self.general(link, bytes, wire_len, time) {
            Some(general) => {
                *packet = general;
                true
            }
            None => false,
        }
    }

    /// Every frame that is not plain.
    #[inline(never)]
    fn general(&mut self, link: LinkType, bytes: &[u8], wire_len: u32, time: i64) -> Option<Packet> {
        let missing = (wire_len as usize).saturating_sub(bytes.len());
        let mut walk = Walk { rest: bytes, at: 0, missing, depth: 0, lsdu: 0 };
        let mut packet = Packet::EMPTY;
        let first = match link {
            LinkType::Ethernet => Next::Ethernet,
            _ => link::other(link, &mut walk, &mut packet),
        };
        let last = run(first, &mut walk, &mut packet);
        if let Next::Fragment(fragment) = last {
            return self.reassemble(packet, fragment, walk.rest, walk.depth, time);
        }
        if packet.layer == Layer::Nothing {
            self.counters.undecoded += 1;
            Walk { rest: bytes, at: 0, missing, depth: 0, lsdu: 0 }.payload(&mut packet);
        }
        Some(packet)
    }

    /// The datagram that the last packet with `assembled` set points into; overwritten by the next one.
    #[inline]
    pub fn assembled(&self) -> &[u8] {
        &self.assembled
    }

    /// What has been seen so far.
    #[inline]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    #[cold]
    fn reassemble(&mut self, mut p: Packet, f: Fragment, data: &[u8], depth: u8, time: i64) -> Option<Packet> {
        if f.offset as usize + data.len() > fragments::LARGEST as usize {
            // No datagram is that long ("ping of death"): the fragment itself is the fact.
            self.counters.fragments += 1;
            self.counters.fragments_unusable += 1;
            p.odd.set(Odd::FRAGMENT_TOO_LONG);
            // Inside a reassembled tunnel its bytes do not outlive this call; there it is only counted.
            return Some(p).filter(|p| !p.assembled);
        }
        let mut whole = core::mem::take(&mut self.assembled);
        let Some(odd) = self.fragments.add(&p, f, data, time, &mut whole, &mut self.counters) else {
            self.assembled = whole;
            return None;
        };
        p.odd.set(odd);
        p.assembled = true;
        let mut walk = Walk { rest: &whole, at: 0, missing: 0, depth, lsdu: 0 };
        walk.payload(&mut p);
        match run(Next::Proto(f.proto), &mut walk, &mut p) {
            // A fragmented datagram inside a fragmented tunnel; `depth` bounds the recursion.
            Next::Fragment(inner) => self.reassemble(p, inner, walk.rest, walk.depth, time),
            _ => {
                self.assembled = whole;
                Some(p)
            }
        }
    }
}

#[inline(always)]
fn run(mut next: Next, walk: &mut Walk<'_>, packet: &mut Packet) -> Next {
    loop {
        next = match next {
            Next::Ethernet => link::ethernet(walk, packet),
            Next::EtherType(0x0800) | Next::Ip4 => ip::v4(walk, packet),
            Next::Proto(6) => transport::tcp(walk, packet),
            Next::Proto(17) => transport::udp(walk, packet),
            Next::EtherType(0x86dd) | Next::Ip6 => ip::v6(walk, packet),
            Next::Ip => ip::any(walk, packet),
            Next::EtherType(kind) => link::ether_type(kind, walk, packet),
            Next::Proto(number) => transport::other(number, walk, packet),
            Next::Fragment(_) | Next::Done => return next,
        };
    }
}
