//! Puts IPv4 and IPv6 fragments together. Bytes that arrived first win; that fragments overlapped is a fact.

use super::{Counters, Odd, Packet};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

/// Bounds on what is held. Real traffic holds a handful; a flood of first fragments must not take the machine.
#[derive(Clone, Copy, Debug)]
pub struct FragmentLimits {
    /// Bytes of fragments held at once.
    pub bytes: usize,
    /// Datagrams held at once.
    pub datagrams: usize,
    /// Nanoseconds a datagram waits for its fragments, by packet time.
    pub patience: i64,
}

impl Default for FragmentLimits {
    fn default() -> Self {
        FragmentLimits { bytes: 16 << 20, datagrams: 1024, patience: 30_000_000_000 }
    }
}

/// Largest payload of a datagram (16-bit length).
const LARGEST: u32 = 65_535;
/// Separate runs of bytes in one datagram; an ordinary datagram of 64 KiB in 576-byte fragments has 118.
const MAX_RUNS: usize = 256;
/// A whole datagram is remembered this long (ns), so that a mirror's copies of its fragments are known for what they are.
const REMEMBER: i64 = 100_000_000;
/// A fragment that is not the last and carries less than this hides the transport header (RFC 1858, RFC 6946).
const TINY: u32 = 64;

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub id: u32,
    /// Offset in bytes.
    pub offset: u32,
    pub more: bool,
    pub proto: u8,
    /// The capture cut it.
    pub cut: bool,
}

/// The same datagram seen on another VLAN is another datagram: a mirror of both must not mix.
type Key = (IpAddr, IpAddr, u32, u8, Option<u16>);

#[derive(Debug, Default)]
struct Datagram {
    bytes: Vec<u8>,
    /// Runs held: first byte, one past the last; sorted, disjoint, not touching.
    runs: Vec<(u32, u32)>,
    total: Option<u32>,
    odd: Odd,
    first: i64,
    number: u64,
    done: bool,
}

#[derive(Debug)]
pub(super) struct Fragments {
    limits: FragmentLimits,
    held: BTreeMap<Key, Datagram>,
    /// Arrival order of datagrams still waiting, so that the oldest goes first.
    order: BTreeMap<u64, Key>,
    /// Whole datagrams still remembered, in order of completion, with the time and number that name them.
    finished: VecDeque<(i64, u64, Key)>,
    bytes: usize,
    number: u64,
}

impl Fragments {
    pub(super) fn new(limits: FragmentLimits) -> Self {
        Fragments {
            limits,
            held: BTreeMap::new(),
            order: BTreeMap::new(),
            finished: VecDeque::new(),
            bytes: 0,
            number: 0,
        }
    }

    /// Takes a fragment. When it completes its datagram, puts the payload into `whole` and returns what was odd.
    pub(super) fn add(
        &mut self,
        p: &Packet,
        f: Fragment,
        data: &[u8],
        time: i64,
        whole: &mut Vec<u8>,
        counters: &mut Counters,
    ) -> Option<Odd> {
        counters.fragments += 1;
        self.expire(time, counters);
        let end = f.offset.saturating_add(data.len() as u32);
        if f.cut || data.is_empty() || end > LARGEST {
            counters.fragments_unusable += 1;
            return None;
        }
        let key = (p.src, p.dst, f.id, f.proto, p.vlan);
        if let Some(old) = self.held.get(&key) {
            let same =
                old.bytes.get(f.offset as usize..end as usize) == Some(data) && (f.more || old.total == Some(end));
            if old.done && same {
                counters.fragments_repeated += 1;
                return None;
            }
            if old.done {
                // The id is used again, with other content: a new datagram.
                self.forget(&key);
            }
        }
        if !self.held.contains_key(&key) {
            self.number += 1;
            self.order.insert(self.number, key);
            self.held.insert(key, Datagram { first: time, number: self.number, odd: p.odd, ..Datagram::default() });
        }
        let datagram = self.held.get_mut(&key)?;
        let before = datagram.bytes.len();
        datagram.odd.set(p.odd);
        datagram.insert(f, end, data, counters);
        self.bytes += datagram.bytes.len() - before;
        let complete = datagram.total.is_some_and(|total| datagram.runs.first() == Some(&(0, total)));
        let result = complete.then(|| {
            let total = datagram.total.unwrap_or_default() as usize;
            whole.clear();
            whole.extend_from_slice(datagram.bytes.get(..total).unwrap_or_default());
            datagram.done = true;
            counters.reassembled += 1;
            self.order.remove(&datagram.number);
            self.finished.push_back((time, datagram.number, key));
            datagram.odd
        });
        self.evict(counters);
        result
    }

    fn forget(&mut self, key: &Key) {
        if let Some(old) = self.held.remove(key) {
            self.bytes -= old.bytes.len();
            self.order.remove(&old.number);
        }
    }

    fn expire(&mut self, time: i64, counters: &mut Counters) {
        while let Some(&(since, number, key)) = self.finished.front() {
            if time.saturating_sub(since) <= REMEMBER {
                break;
            }
            self.finished.pop_front();
            self.forget_finished(number, &key);
        }
        while let Some((_, &key)) = self.order.first_key_value() {
            if self.held.get(&key).is_some_and(|old| time.saturating_sub(old.first) <= self.limits.patience) {
                break;
            }
            counters.datagrams_expired += 1;
            self.forget(&key);
        }
    }

    /// Memory goes first from what is whole already.
    fn evict(&mut self, counters: &mut Counters) {
        while self.held.len() > self.limits.datagrams
            || self.bytes > self.limits.bytes
            || self.finished.len() > self.limits.datagrams
        {
            if let Some((_, number, key)) = self.finished.pop_front() {
                self.forget_finished(number, &key);
            } else if let Some((_, &key)) = self.order.first_key_value() {
                counters.datagrams_evicted += 1;
                self.forget(&key);
            } else {
                return;
            }
        }
    }

    /// The key may name a newer datagram by now.
    fn forget_finished(&mut self, number: u64, key: &Key) {
        if self.held.get(key).is_some_and(|old| old.number == number) {
            self.forget(key);
        }
    }
}

impl Datagram {
    fn insert(&mut self, f: Fragment, end: u32, data: &[u8], counters: &mut Counters) {
        let (start, size) = (f.offset, end as usize);
        if f.more && end - start < TINY {
            self.odd.set(Odd::FRAGMENT_TINY);
        }
        if !f.more {
            // The first claim about the end stands.
            if self.total.is_some_and(|total| total != end) {
                self.odd.set(Odd::FRAGMENT_CONFLICT);
            }
            self.total.get_or_insert(end);
        }
        if self.total.is_some_and(|total| end > total) {
            self.odd.set(Odd::FRAGMENT_TOO_LONG);
        }
        if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
        // Copy what is new, compare what is not.
        let (mut at, mut overlap, mut conflict) = (start, 0, false);
        for &(from, to) in self.runs.iter().filter(|(from, to)| *from < end && *to > start) {
            let (from, to) = (from.max(start), to.min(end));
            copy(&mut self.bytes, data, start, at, from);
            conflict |= part(&self.bytes, 0, from, to) != part(data, start, from, to);
            overlap += to - from;
            at = to;
        }
        copy(&mut self.bytes, data, start, at, end);
        if overlap == end - start && !conflict {
            counters.fragments_repeated += 1;
            return;
        }
        if overlap > 0 {
            counters.fragments_overlapping += 1;
            self.odd.set(Odd::FRAGMENT_OVERLAP);
            if conflict {
                self.odd.set(Odd::FRAGMENT_CONFLICT);
            }
        }
        if self.runs.len() < MAX_RUNS {
            self.runs.push((start, end));
            self.runs.sort_unstable();
            self.runs.dedup_by(|next, kept| {
                let touches = next.0 <= kept.1;
                if touches {
                    kept.1 = kept.1.max(next.1);
                }
                touches
            });
        }
    }
}

/// The bytes `from..to` of a buffer that begins at `base`.
fn part(bytes: &[u8], base: u32, from: u32, to: u32) -> Option<&[u8]> {
    bytes.get(from.checked_sub(base)? as usize..to.checked_sub(base)? as usize)
}

fn copy(bytes: &mut [u8], data: &[u8], start: u32, from: u32, to: u32) {
    if from < to
        && let Some(source) = part(data, start, from, to)
        && let Some(target) = bytes.get_mut(from as usize..to as usize)
    {
        target.copy_from_slice(source);
    }
}
