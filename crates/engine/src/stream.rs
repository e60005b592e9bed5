//! TCP reassembly of one direction: midstream, one side only, gaps, retransmission, conflicting overlaps, sequence
//! wrap, out of order. Says what to deliver; buffers only what waits for a hole.

use crate::limits::{ACKNOWLEDGED_HOLE_SEGMENTS, MAX_WAITING_BYTES, MAX_WAITING_SEGMENTS};
use model::Time;
use protocols::Moment;

/// What a segment does to its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Deliver the payload from this offset on.
    Next(usize),
    /// All of it was delivered before (a retransmission or a keep-alive).
    Old,
    /// Bytes before it are missing; it waits.
    Waits,
    /// It lies so far off that the sequence must be taken up anew here.
    Jump,
}

/// A segment that waits for a hole before it.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Sequence number of the first byte.
    pub seq: u32,
    /// Frame that brought it.
    pub at: Moment,
    /// Payload.
    pub bytes: Vec<u8>,
}

/// What was delivered lately, to see retransmissions with other content (an evasion, or a man in the middle).
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    seq: u32,
    len: u32,
    hash: u32,
}

/// One direction of a TCP conversation.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// Sequence number of the next byte to deliver; meaningless until `started`.
    next: u32,
    started: bool,
    /// A SYN was seen: the stream is known from its first byte.
    pub opened: bool,
    /// FIN or RST was seen.
    pub closed: bool,
    seen: [Seen; 3],
    turn: u8,
    /// What waits for a hole; most streams never have one.
    held: Option<Box<Held>>,
}

/// Segments behind a hole, in order.
#[derive(Clone, Debug, Default)]
struct Held {
    waiting: Vec<Waiting>,
    bytes: usize,
}

/// Distance in sequence space (RFC 9293, 3.4).
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from) as i32
}

impl Stream {
    /// A SYN with this sequence number.
    pub fn open(&mut self, seq: u32) {
        self.next = seq.wrapping_add(1);
        self.started = true;
        self.opened = true;
    }

    /// Reads a word, so that it is in the cache when it is needed.
    #[inline]
    pub fn touch(&self) -> u64 {
        u64::from(self.next)
    }

    /// Whether the sequence is known.
    pub fn started(&self) -> bool {
        self.started
    }

    /// Whether something waits for a hole.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.held.is_some()
    }

    /// Classifies a segment. The caller delivers from the offset on `Next` and then calls [`Stream::delivered`].
    #[inline]
    pub fn arrive(&mut self, seq: u32, len: usize) -> Arrival {
        if !self.started {
            self.started = true;
            self.next = seq;
        }
        self.place(seq, len)
    }

    /// Where a segment lies, once the sequence is known.
    #[inline]
    pub fn place(&self, seq: u32, len: usize) -> Arrival {
        let ahead = distance(self.next, seq);
        if ahead == 0 {
            return Arrival::Next(0);
        }
        if ahead > 0 {
            // farther than any window: another connection, or sequence numbers that make no sense
            return if ahead as usize > (1 << 30) { Arrival::Jump } else { Arrival::Waits };
        }
        let behind = ahead.unsigned_abs() as usize;
        if behind >= len {
            if behind > (1 << 30) { Arrival::Jump } else { Arrival::Old }
        } else {
            Arrival::Next(behind)
        }
    }

    /// The payload from `seq` was delivered; `digest` is its [`wire::digest`].
    #[inline]
    pub fn delivered(&mut self, seq: u32, len: usize, digest: u64) {
        let len = len as u32;
        self.next = seq.wrapping_add(len);
        let slot = usize::from(self.turn % 3);
        self.turn = self.turn.wrapping_add(1);
        if let Some(seen) = self.seen.get_mut(slot) {
            *seen = Seen { seq, len, hash: digest as u32 };
        }
    }

    /// Whether a retransmission says something else than the first transmission did.
    pub fn conflicts(&self, seq: u32, len: usize, digest: u64) -> bool {
        let same = self.seen.iter().find(|s| s.len > 1 && s.seq == seq && s.len as usize == len);
        same.is_some_and(|s| s.hash != digest as u32)
    }

    /// Keeps a segment that waits. Returns whether it contradicts a waiting one, and whether a bound was reached.
    pub fn wait(&mut self, seq: u32, at: Moment, bytes: &[u8]) -> (bool, bool) {
        let held = self.held.get_or_insert_default();
        let mut conflict = false;
        for other in &held.waiting {
            let offset = distance(other.seq, seq);
            let (ours, theirs) = if offset >= 0 {
                (bytes, other.bytes.get(offset as usize..).unwrap_or_default())
            } else {
                (bytes.get(offset.unsigned_abs() as usize..).unwrap_or_default(), other.bytes.as_slice())
            };
            let common = ours.len().min(theirs.len());
            conflict |= common > 0 && ours.get(..common) != theirs.get(..common);
        }
        if held.waiting.iter().any(|w| w.seq == seq && w.bytes.len() >= bytes.len()) {
            return (conflict, false);
        }
        let place = held.waiting.partition_point(|w| distance(w.seq, seq) >= 0);
        held.waiting.insert(place, Waiting { seq, at, bytes: bytes.to_vec() });
        held.bytes = held.bytes.saturating_add(bytes.len());
        (conflict, held.bytes > MAX_WAITING_BYTES || held.waiting.len() > MAX_WAITING_SEGMENTS)
    }

    fn first(&self) -> Option<&Waiting> {
        self.held.as_ref()?.waiting.first()
    }

    /// Takes the first waiting segment that is not ahead any more.
    pub fn ready(&mut self) -> Option<Waiting> {
        if distance(self.next, self.first()?.seq) > 0 {
            return None;
        }
        let held = self.held.as_mut()?;
        let first = held.waiting.remove(0);
        held.bytes = held.bytes.saturating_sub(first.bytes.len());
        if held.waiting.is_empty() {
            self.held = None;
        }
        Some(first)
    }

    /// Gives up the hole before the first waiting segment: how many bytes are missing.
    pub fn skip_hole(&mut self) -> Option<u32> {
        let first = self.first()?.seq;
        let missing = distance(self.next, first);
        if missing <= 0 {
            return None;
        }
        self.next = first;
        Some(missing as u32)
    }

    /// The receiver acknowledges up to `ack`: whether the hole will not be filled any more. An answer that comes with
    /// the acknowledgement proves that the receiver had it all; a bare acknowledgement may have overtaken the bytes on
    /// another tap, so a few more segments are waited for.
    pub fn hole_is_lost(&self, ack: u32, answers: bool) -> bool {
        let Some(held) = &self.held else { return false };
        held.waiting.first().is_some_and(|first| distance(first.seq, ack) >= 0)
            && (answers || held.waiting.len() >= ACKNOWLEDGED_HOLE_SEGMENTS)
    }

    /// When the oldest waiting segment came.
    pub fn waits_since(&self) -> Option<Time> {
        self.held.as_ref()?.waiting.iter().map(|w| w.at.time).min()
    }

    /// Takes the sequence up anew; what waited is dropped. Returns how many bytes that were.
    pub fn restart(&mut self, seq: u32) -> usize {
        let dropped = self.held.take().map_or(0, |held| held.bytes);
        self.next = seq;
        self.started = true;
        dropped
    }
}
