//! Copies of packets: a mirror of several ports or VLANs shows one packet twice, a redundant network (PRP, HSR) sends
//! it twice. Copies are removed only where they cannot hide anything; GOOSE and sampled values are marked, never
//! removed, because a replayed one looks just like a copy.

#[cfg(test)]
mod tests;

use crate::decode::{Layer, Packet, Tunnel};
use crate::digest;
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
    /// Equal content without a sign of being a copy (same VLAN, no IP identification that tells packets apart): let
    /// through.
    pub repeated: u64,
    /// The same packet again from another hardware address without having been routed: somebody stands between and
    /// forwards. Let through, because that is how an attack on address resolution looks.
    pub rewritten: u64,
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
/// Delays of one kind agree within this (ns) and an eighth of the delay.
const JITTER: i64 = 50_000;
/// Sources whose IP identification is followed, a power of two; one that is pushed out starts anew.
const SOURCES: usize = 1024;
/// Changes of a source's IP identification before equal ones mean the same packet: some stacks send a constant.
const CHANGES: u8 = 8;

#[derive(Clone, Copy, Debug)]
struct Recent {
    hash: u64,
    time: i64,
    vlan: Option<u16>,
    ttl: u8,
    mac: [u8; 6],
}

/// How a sender numbers its packets.
#[derive(Clone, Copy, Debug, Default)]
struct Source {
    key: u32,
    id: u16,
    changes: u8,
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
    sources: Vec<Source>,
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
        let none = Recent { hash: 0, time: i64::MIN, vlan: None, ttl: 0, mac: [0; 6] };
        Duplicates {
            seed,
            recent: vec![none; RECENT],
            sources: vec![Source::default(); SOURCES],
            ring: Vec::new(),
            patterns: Vec::new(),
            until_review: REVIEW,
            counters: Counters::default(),
        }
    }

    /// Whether this packet is a copy of one before it. `payload` is the packet's, `time` in nanoseconds.
    pub fn is_copy(&mut self, packet: &Packet, payload: &[u8], time: i64) -> Copy {
        self.is_copy_of(packet, digest(payload), time)
    }

    /// The same, where the [`digest`] of the payload is at hand.
    #[inline]
    pub fn is_copy_of(&mut self, packet: &Packet, digest: u64, time: i64) -> Copy {
        if packet.layer == Layer::Nothing {
            return Copy::Fresh;
        }
        self.review();
        let hash = fingerprint(self.seed, packet, digest);
        if packet.tunnel.has(Tunnel::PRP) || packet.tunnel.has(Tunnel::HSR) {
            let copy = self.redundant(packet, hash, time);
            if copy != Copy::Fresh {
                return copy;
            }
        }
        let Some(slot) = self.recent.get_mut(hash as usize % RECENT) else { return Copy::Fresh };
        let old = *slot;
        *slot = Recent { hash, time, vlan: packet.vlan, ttl: packet.ttl, mac: packet.src_mac };
        let numbered = self.numbers(packet);
        let delay = time.saturating_sub(old.time).saturating_abs();
        if old.hash != hash || delay > MIRROR_WINDOW {
            return Copy::Fresh;
        }
        if is_marked_kind(packet) {
            self.counters.marked += 1;
            return Copy::Marked;
        }
        if old.mac != packet.src_mac && old.ttl == packet.ttl {
            self.counters.rewritten += 1;
            return Copy::Fresh;
        }
        if !numbered && old.vlan == packet.vlan {
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

    /// Notes the packet's IP identification; true when its source's identifications tell packets apart.
    fn numbers(&mut self, packet: &Packet) -> bool {
        let IpAddr::V4(src) = packet.src else { return false };
        if packet.ip_id == 0 {
            return false;
        }
        let key = src.to_bits();
        let Some(source) = self.sources.get_mut(mix(key.into(), self.seed) as usize % SOURCES) else { return false };
        if source.key != key {
            *source = Source { key, id: packet.ip_id, changes: 0 };
        } else if source.id != packet.ip_id {
            source.id = packet.ip_id;
            source.changes = source.changes.saturating_add(1);
        }
        source.changes >= CHANGES
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
            p.vlans == vlans && p.hops == hops && p.delay.abs_diff(delay) <= (JITTER + p.delay / 8).unsigned_abs()
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
#[inline]
fn fingerprint(seed: u64, p: &Packet, digest: u64) -> u64 {
    let kind = u64::from(p.kind) << 32 | u64::from(p.ip_id) << 8 | p.layer as u64;
    let ends = match (p.src, p.dst) {
        _ if p.layer == Layer::Link => {
            let [a, b, c, d, e, f] = p.src_mac;
            let [g, h, i, j, k, l] = p.dst_mac;
            mix(u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, 0, 0, 0, 0]))
        }
        (IpAddr::V4(src), IpAddr::V4(dst)) => u64::from(src.to_bits()) << 32 | u64::from(dst.to_bits()),
        (IpAddr::V6(src), IpAddr::V6(dst)) => {
            let (src, dst) = (src.to_bits(), dst.to_bits());
            mix(mix((src >> 64) as u64, src as u64) ^ (dst >> 64) as u64, dst as u64)
        }
        _ => 0,
    };
    let ports = u64::from(p.src_port) << 48 | u64::from(p.dst_port) << 32 | u64::from(p.window) << 8;
    // three products that do not wait for each other
    let one = mix(seed ^ kind, ends);
    let two = mix(ports ^ u64::from(p.flags), u64::from(p.seq) << 32 | u64::from(p.ack));
    let three = mix(digest, u64::from(p.snap) << 32 ^ u64::from(p.missing));
    mix(one ^ two.rotate_left(17), three)
}
