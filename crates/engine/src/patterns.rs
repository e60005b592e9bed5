//! Byte patterns in payload, whatever protocol carries it. Each pattern is compiled once per shard; a payload costs one
//! search for rare bytes, and nothing where it is shorter than the pattern and none began before it.
//!
//! A pattern may be cut by segments. What is kept between two segments of a stream is only how many bytes of the
//! pattern the first one ended with, and where the second must begin: retransmitted or reordered segments carry
//! nothing over.

use memchr::memmem::Finder;

/// The patterns: name and bytes, each of 2 to 255 bytes.
const PATTERNS: [(&str, &[u8]); 1] = [
    // the marker of the file that malware scanners agree to report (eicar.org); joined, so that none reports this one
    ("eicar", concat!("$EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*").as_bytes()),
];

/// What the two directions of a stream carry over to their next segment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carry {
    /// How many bytes of each pattern the last segment ended with.
    begun: [[u8; PATTERNS.len()]; 2],
    /// Sequence number of the next segment.
    next: [u32; 2],
}

/// All patterns, compiled.
#[derive(Debug)]
pub struct Patterns {
    list: [Pattern; PATTERNS.len()],
}

#[derive(Debug)]
struct Pattern {
    name: &'static str,
    bytes: &'static [u8],
    finder: Finder<'static>,
}

impl Patterns {
    /// Compiles them.
    pub fn new() -> Patterns {
        Patterns { list: PATTERNS.map(|(name, bytes)| Pattern { name, bytes, finder: Finder::new(bytes) }) }
    }

    /// Looks at the payload of a datagram or frame.
    #[inline]
    pub fn datagram(&self, payload: &[u8], mut found: impl FnMut(&'static str)) {
        for pattern in &self.list {
            if pattern.within(payload) {
                found(pattern.name);
            }
        }
    }

    /// Looks at a segment of a stream that begins at this sequence number. `side` is the direction, 0 or 1.
    #[inline]
    pub fn segment(
        &self,
        carry: &mut Carry,
        side: usize,
        seq: u32,
        payload: &[u8],
        mut found: impl FnMut(&'static str),
    ) {
        let (Some(begun), Some(next)) = (carry.begun.get_mut(side), carry.next.get_mut(side)) else { return };
        let follows = *next == seq;
        *next = seq.wrapping_add(payload.len() as u32);
        for (pattern, begun) in self.list.iter().zip(begun) {
            let before = if follows { usize::from(*begun) } else { 0 };
            let (whole, ends_with) = pattern.goes_on(before, payload);
            *begun = ends_with as u8;
            if whole || pattern.within(payload) {
                found(pattern.name);
            }
        }
    }
}

impl Pattern {
    fn within(&self, payload: &[u8]) -> bool {
        payload.len() >= self.bytes.len() && self.finder.find(payload).is_some()
    }

    /// With so many bytes of the pattern before the payload: whether it becomes whole, and with how many bytes of it
    /// the payload ends.
    fn goes_on(&self, before: usize, payload: &[u8]) -> (bool, usize) {
        let mut whole = false;
        // the longest front first; a shorter one may fit where it does not
        for front in (1..=before).rev().filter(|n| *n == before || self.ends_itself(before, *n)) {
            let rest = self.bytes.get(front..).unwrap_or_default();
            if payload.starts_with(rest) {
                whole = true;
                break;
            }
            if rest.starts_with(payload) {
                return (false, front + payload.len());
            }
        }
        (whole, self.end_of(payload))
    }

    /// Whether the first `long` bytes of the pattern end with its first `short` bytes.
    fn ends_itself(&self, long: usize, short: usize) -> bool {
        let front = self.bytes.get(..short).unwrap_or_default();
        self.bytes.get(..long).unwrap_or_default().ends_with(front)
    }

    /// With how many bytes of the pattern's front the payload ends.
    fn end_of(&self, payload: &[u8]) -> usize {
        let Some(first) = self.bytes.first() else { return 0 };
        let from = payload.len().saturating_sub(self.bytes.len().saturating_sub(1));
        let tail = payload.get(from..).unwrap_or_default();
        let mut starts = memchr::memchr_iter(*first, tail).filter_map(|at| tail.get(at..));
        starts.find(|end| self.bytes.starts_with(end)).map_or(0, <[u8]>::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pieces: &[&[u8]]) -> usize {
        let (patterns, mut carry, mut seq, mut n) = (Patterns::new(), Carry::default(), 77u32, 0);
        for piece in pieces {
            patterns.segment(&mut carry, 0, seq, piece, |_| n += 1);
            seq = seq.wrapping_add(piece.len() as u32);
        }
        n
    }

    #[test]
    fn found_however_it_is_cut() {
        let (_, pattern) = PATTERNS[0];
        let file = [b"X5O$EI", pattern, b"\r\n$E"].concat();
        for at in 0..=file.len() {
            assert_eq!(count(&[&file[..at], &file[at..]]), 1, "cut at {at}");
        }
        for size in 1..50 {
            let pieces: Vec<&[u8]> = file.chunks(size).collect();
            assert_eq!(count(&pieces), 1, "pieces of {size}");
        }
        assert_eq!(count(&[&file, &file]), 2);
        assert_eq!(count(&[&pattern[..20], b"!", &pattern[20..]]), 0);
    }

    #[test]
    fn only_what_follows_is_carried_over() {
        let (_, pattern) = PATTERNS[0];
        let (front, back) = pattern.split_at(20);
        let (patterns, mut carry, mut n) = (Patterns::new(), Carry::default(), 0);
        patterns.segment(&mut carry, 0, 100, front, |_| n += 1);
        patterns.segment(&mut carry, 1, 120, back, |_| n += 1);
        assert_eq!(n, 0, "the other direction");
        patterns.segment(&mut carry, 0, 100, front, |_| n += 1);
        patterns.segment(&mut carry, 0, 120, back, |_| n += 1);
        assert_eq!(n, 1, "repeated front");
        patterns.segment(&mut carry, 0, 200, front, |_| n += 1);
        patterns.segment(&mut carry, 0, 240, back, |_| n += 1);
        assert_eq!(n, 1, "bytes are missing between");
        patterns.datagram(pattern, |_| n += 1);
        patterns.datagram(front, |_| n += 1);
        assert_eq!(n, 2);
    }
}
