//! Copies of packets: a mirror of several ports or VLANs shows one packet twice, a redundant network (PRP, HSR) sends
//! it twice. Copies are removed only where they cannot hide anything; GOOSE and sampled values are marked, never
//! removed, because a replayed one looks just like a copy.

use crate::decode::{Layer, Packet, Tunnel};
use std::net::IpAddr;

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Not seen before, or not certain enough to be a copy.
    Fresh,
    /// A copy that says nothing new.
    Removed,
    /// A copy of a message whose repetition may mean something.
    Marked,
}

/// What has been seen, so that nothing disappears in silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Mirror copies removed.
    pub mirrored: u64,
    /// PRP and HSR copies removed.
    pub redundant: u64,
    /// GOOSE and sampled-values copies marked.
    pub marked: u64,
    /// Likely mirror copies let through: their delay is not (yet) known to be a mirror's.
    pub suspected: u64,
    /// Equal content without a sign of being a copy (same VLAN, no IP identification): let through.
    pub repeated: u64,
    /// PRP or HSR frames with the sequence number of another but other content: let through.
    pub conflicting: u64,
}

/// Mirror copies follow within this time (ns): one more switch, perhaps one router. Retransmissions take longer.
const MIRROR_WINDOW: i64 = 10_000_000;
/// Redundant copies follow within this time (ns); IEC 62439-3 forgets an entry after 400 ms.
const RING_WINDOW: i64 = 400_000_000;
/// Recent packets remembered, a power of two: 10 ms of 100 Mb/s in small frames is about 1500.
const RECENT: usize = 4096;
/// Copies with agreeing delay before the first is removed.
const LEARN: u32 = 32;
/// Kinds of copy followed at once: each mirrored pair of VLANs, each routed hop.
const PATTERNS: usize = 16;
/// After this many packets, a kind of copy seen fewer than [`KEEP`] times is forgotten and must be learned again.
const REVIEW: u32 = 16_384;
/// See [`REVIEW`].
const KEEP: u32 = 16;
/// Delays of one kind agree within this (ns) and a quarter of the delay.
const JITTER: i64 = 50_000;
/// Payload hashed from each end where the IP identification vouches for the rest.
const ENDS: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Recent {
    hash: u64,
    time: i64,
    vlan: Option<u16>,
    ttl: u8,
}

#[derive(Clone, Copy, Debug)]
struct Ring {
    key: u64,
    hash: u64,
    time: i64,
}

/// One kind of copy: from which VLAN to which, over how many hops, how much later.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    vlans: [Option<u16>; 2],
    hops: u8,
    delay: i64,
    agreed: u32,
    lately: u32,
}

/// Finds copies within one source of packets. Bounded; the same packets give the same answers.
#[derive(Debug)]
pub struct Duplicates {
    seed: u64,
    recent: Vec<Recent>,
    ring: Vec<Ring>,
    patterns: Vec<Pattern>,
    until_review: u32,
    counters: Counters,
}

impl Default for Duplicates {
    fn default() -> Self {
        Duplicates::new(0)
    }
}

impl Duplicates {
    /// A watcher for one source (one mirror port, one file). The `seed` keeps a sender from choosing packets that
    /// collide.
    pub fn new(seed: u64) -> Self {
        let none = Recent { hash: 0, time: i64::MIN, vlan: None, ttl: 0 };
        Duplicates {
            seed,
            recent: vec![none; RECENT],
            ring: Vec::new(),
            patterns: Vec::new(),
            until_review: REVIEW,
            counters: Counters::default(),
        }
    }

    /// Whether this packet is a copy of one before it. `payload` is the packet's, `time` in nanoseconds.
    pub fn is_copy(&mut self, packet: &Packet, payload: &[u8], time: i64) -> Copy {
        if packet.layer == Layer::Nothing {
            return Copy::Fresh;
        }
        self.review();
        let hash = fingerprint(self.seed, packet, payload);
        if packet.tunnel.has(Tunnel::PRP) || packet.tunnel.has(Tunnel::HSR) {
            let copy = self.redundant(packet, hash, time);
            if copy != Copy::Fresh {
                return copy;
            }
        }
        let Some(slot) = self.recent.get_mut(hash as usize % RECENT) else { return Copy::Fresh };
        let old = *slot;
        *slot = Recent { hash, time, vlan: packet.vlan, ttl: packet.ttl };
        let delay = time.saturating_sub(old.time).saturating_abs();
        if old.hash != hash || delay > MIRROR_WINDOW {
            return Copy::Fresh;
        }
        if is_marked_kind(packet) {
            self.counters.marked += 1;
            return Copy::Marked;
        }
        if packet.ip_id == 0 && old.vlan == packet.vlan {
            self.counters.repeated += 1;
            return Copy::Fresh;
        }
        if self.learned([old.vlan, packet.vlan], old.ttl.abs_diff(packet.ttl), delay) {
            self.counters.mirrored += 1;
            Copy::Removed
        } else {
            self.counters.suspected += 1;
            Copy::Fresh
        }
    }

    /// What has been seen so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn redundant(&mut self, packet: &Packet, hash: u64, time: i64) -> Copy {
        if self.ring.is_empty() {
            // Most networks have no ring; those that do pay for the table.
            self.ring.resize(RECENT, Ring { key: 0, hash: 0, time: i64::MIN });
        }
        let [a, b, c, d, e, f] = packet.src_mac;
        let [g, h] = packet.ring_seq.to_be_bytes();
        let key = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let Some(slot) = self.ring.get_mut(mix(key, self.seed) as usize % RECENT) else { return Copy::Fresh };
        let old = *slot;
        *slot = Ring { key, hash, time };
        if old.key != key || time.saturating_sub(old.time).saturating_abs() > RING_WINDOW {
            return Copy::Fresh;
        }
        if old.hash != hash {
            self.counters.conflicting += 1;
            return Copy::Fresh;
        }
        if is_marked_kind(packet) {
            self.counters.marked += 1;
            return Copy::Marked;
        }
        self.counters.redundant += 1;
        Copy::Removed
    }

    /// Counts a likely copy; true when enough like it have been seen.
    fn learned(&mut self, vlans: [Option<u16>; 2], hops: u8, delay: i64) -> bool {
        let agrees = |p: &&mut Pattern| {
            p.vlans == vlans && p.hops == hops && p.delay.abs_diff(delay) <= (JITTER + p.delay / 4).unsigned_abs()
        };
        if let Some(pattern) = self.patterns.iter_mut().find(agrees) {
            // The middle follows slowly, so that one outlier does not move it.
            pattern.delay += (delay - pattern.delay) / 8;
            pattern.agreed = pattern.agreed.saturating_add(1);
            pattern.lately = pattern.lately.saturating_add(1);
            return pattern.agreed > LEARN;
        }
        let new = Pattern { vlans, hops, delay, agreed: 1, lately: 1 };
        if self.patterns.len() < PATTERNS {
            self.patterns.push(new);
        } else if let Some(weakest) = self.patterns.iter_mut().min_by_key(|p| p.agreed)
            && weakest.agreed <= LEARN
        {
            *weakest = new;
        }
        false
    }

    fn review(&mut self) {
        self.until_review -= 1;
        if self.until_review == 0 {
            self.until_review = REVIEW;
            self.patterns.retain(|p| p.lately >= KEEP);
            self.patterns.iter_mut().for_each(|p| p.lately = 0);
        }
    }
}

/// GOOSE and sampled values (IEC 61850-8-1, 61850-9-2).
fn is_marked_kind(packet: &Packet) -> bool {
    packet.layer == Layer::Link && packet.snap == 0 && matches!(packet.kind, 0x88b8 | 0x88ba)
}

#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(u128::from(b ^ 0xd6e8_feb8_6659_fd93));
    (product as u64) ^ (product >> 64) as u64
}

/// Hash of what a copy shares with its original: not the VLAN, the time to live or, for IP, the hardware addresses.
fn fingerprint(seed: u64, p: &Packet, payload: &[u8]) -> u64 {
    let mut hash = mix(seed, u64::from(p.kind) << 32 | u64::from(p.ip_id) << 8 | p.layer as u64);
    match (p.src, p.dst) {
        _ if p.layer == Layer::Link => {
            let [a, b, c, d, e, f] = p.src_mac;
            let [g, h, i, j, k, l] = p.dst_mac;
            hash =
                mix(hash ^ u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, 0, 0, 0, 0]));
        }
        (IpAddr::V4(src), IpAddr::V4(dst)) => {
            hash = mix(hash, u64::from(src.to_bits()) << 32 | u64::from(dst.to_bits()));
        }
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let (src, dst) = (src.to_bits(), dst.to_bits());
            hash = mix(mix(hash ^ (src >> 64) as u64, src as u64) ^ (dst >> 64) as u64, dst as u64);
        }
        _ => {}
    }
    let ports = u64::from(p.src_port) << 48 | u64::from(p.dst_port) << 32 | u64::from(p.window) << 8;
    hash = mix(hash ^ ports ^ u64::from(p.flags), u64::from(p.seq) << 32 | u64::from(p.ack));
    hash = mix(hash ^ u64::from(p.snap), payload.len() as u64 ^ u64::from(p.missing) << 32);
    if p.ip_id != 0 && payload.len() > 2 * ENDS {
        let (head, tail) = (payload.get(..ENDS), payload.get(payload.len() - ENDS..));
        return bytes(bytes(hash, head.unwrap_or_default()), tail.unwrap_or_default());
    }
    bytes(hash, payload)
}

fn bytes(mut hash: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word), 0x2545_f491_4f6c_dd1d);
    }
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    mix(hash ^ u64::from_le_bytes(last), 0x9fb2_1c65_1e98_df25)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Tunnel;
    use std::net::Ipv4Addr;

    fn packet(id: u16, vlan: Option<u16>) -> Packet {
        let ip = |last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
        Packet { layer: Layer::Tcp, kind: 6, src: ip(1), dst: ip(2), ip_id: id, vlan, ttl: 64, ..Packet::EMPTY }
    }

    /// Shows `count` packets and a copy of each `delay(n)` later; returns how the copies were judged.
    fn mirror(d: &mut Duplicates, count: u16, vlan: Option<u16>, id: bool, delay: impl Fn(i64) -> i64) -> Vec<Copy> {
        (1..=count)
            .map(|n| {
                let mut original = packet(if id { n } else { 0 }, None);
                original.seq = n.into();
                let time = i64::from(n) * 20_000_000;
                assert_eq!(d.is_copy(&original, b"x", time), Copy::Fresh);
                d.is_copy(&Packet { vlan, ..original }, b"x", time + delay(n.into()))
            })
            .collect()
    }

    #[test]
    fn mirror_copies_are_removed_once_learned() {
        for (vlan, id) in [(None, true), (Some(7), true), (Some(7), false)] {
            let mut d = Duplicates::default();
            let copies = mirror(&mut d, 100, vlan, id, |n| 300_000 + n % 7 * 1000);
            assert!(copies.iter().take(LEARN as usize).all(|c| *c == Copy::Fresh));
            assert!(copies.iter().skip(LEARN as usize).all(|c| *c == Copy::Removed));
            assert_eq!(d.counters().suspected, u64::from(LEARN));
            assert_eq!(d.counters().mirrored, 100 - u64::from(LEARN));
        }
    }

    #[test]
    fn equal_packets_on_one_vlan_without_identification_stay() {
        let mut d = Duplicates::default();
        assert!(mirror(&mut d, 200, None, false, |_| 300_000).iter().all(|c| *c == Copy::Fresh));
        assert_eq!(d.counters().repeated, 200);
    }

    #[test]
    fn scattered_delays_are_never_learned() {
        let mut d = Duplicates::default();
        // Spread over the whole window: no delay gets enough company before its place is needed by another.
        let copies = mirror(&mut d, 60, None, true, |n| n * n * 7919 * 13 % 9_900_000);
        assert!(copies.iter().all(|c| *c == Copy::Fresh));
        assert_eq!(d.counters().suspected, 60);
    }

    #[test]
    fn late_copies_stay() {
        let mut d = Duplicates::default();
        assert!(mirror(&mut d, 100, None, true, |_| MIRROR_WINDOW + 1).iter().all(|c| *c == Copy::Fresh));
        assert_eq!(d.counters(), &Counters::default());
    }

    #[test]
    fn what_is_learned_is_forgotten_when_copies_end() {
        let mut d = Duplicates::default();
        mirror(&mut d, 100, None, true, |_| 300_000);
        assert_eq!(d.patterns.len(), 1);
        for n in 0..2 * REVIEW {
            d.is_copy(&Packet { seq: n, ..packet(1, Some(1)) }, b"y", 10_000_000_000 + i64::from(n) * 1000);
        }
        assert!(d.patterns.is_empty());
    }

    #[test]
    fn goose_is_marked_never_removed() {
        for kind in [0x88b8, 0x88ba] {
            let mut d = Duplicates::default();
            let goose = Packet { layer: Layer::Link, kind, has_mac: true, ..Packet::EMPTY };
            for n in 0..200i64 {
                let payload = n.to_be_bytes();
                assert_eq!(d.is_copy(&goose, &payload, n * 1_000_000), Copy::Fresh);
                let other = Packet { vlan: Some(5), ..goose };
                assert_eq!(d.is_copy(&other, &payload, n * 1_000_000 + 50_000), Copy::Marked);
            }
            assert_eq!(d.counters().marked, 200);
            let ring = Packet { tunnel: Tunnel::PRP, ring_seq: 9, ..goose };
            assert_eq!(d.is_copy(&ring, b"r", 0), Copy::Fresh);
            assert_eq!(d.is_copy(&ring, b"r", 1000), Copy::Marked);
        }
    }

    #[test]
    fn redundant_frames_are_removed_at_once_and_only_with_equal_content() {
        let mut d = Duplicates::default();
        let frame = Packet { tunnel: Tunnel::HSR, ring_seq: 77, src_mac: [2, 0, 0, 0, 0, 1], ..packet(0, None) };
        assert_eq!(d.is_copy(&frame, b"a", 0), Copy::Fresh);
        assert_eq!(d.is_copy(&frame, b"a", 3_000_000), Copy::Removed);
        assert_eq!(d.is_copy(&frame, b"b", 4_000_000), Copy::Fresh);
        assert_eq!(d.is_copy(&frame, b"b", 4_000_000 + RING_WINDOW + 1), Copy::Fresh);
        let other = Packet { src_mac: [2, 0, 0, 0, 0, 2], ..frame };
        assert_eq!(d.is_copy(&other, b"b", 4_000_000 + RING_WINDOW + 2), Copy::Fresh);
        assert_eq!((d.counters().redundant, d.counters().conflicting), (1, 1));
    }
}
