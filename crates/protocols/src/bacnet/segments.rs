//! Messages in several segments (clause 5.2): put together in order, within bounds.

use super::scene::Key;
use super::wire::Segment;
use crate::{Moment, Output};
use model::Time;

/// Segmented messages under way in one conversation. A client reads from a device one at a time; behind a router
/// several devices may answer at once. The oldest is given up.
const MAX_UNDER_WAY: usize = 16;
/// Longest message put together, in bytes: an object list of 20,000 objects fits.
const MAX_BYTES: usize = 128 * 1024;

/// A message of which segments are still to come.
#[derive(Debug)]
pub struct Assembly {
    /// The transaction it belongs to.
    pub key: Key,
    /// A request; else an answer.
    pub request: bool,
    /// Service.
    pub service: u8,
    /// When the question was asked, for answers.
    pub asked: Option<Moment>,
    /// Segments so far.
    pub count: u32,
    /// What is together.
    pub bytes: Vec<u8>,
    next: u8,
    last: Time,
}

/// What came of a segment.
#[derive(Debug)]
pub enum Put {
    /// More is to come, or it was a repeat.
    Waits,
    /// The message is complete.
    Whole(Assembly),
    /// The message cannot be put together: its front was not seen, or it is too long.
    Lost,
}

/// All messages under way.
#[derive(Debug, Default)]
pub struct Segments {
    list: Vec<Assembly>,
}

impl Segments {
    /// Takes a segment.
    pub fn put(&mut self, first: Assembly, segment: Segment, bytes: &[u8], out: &mut Output) -> Put {
        let now = out.now().time;
        let same = |a: &Assembly| a.key == first.key && a.request == first.request;
        let known = self.list.iter().position(same);
        let place = match (known, segment.sequence) {
            // the first segment once more, before any other: a repeat, or a new message
            (Some(place), 0) if self.list.get(place).is_some_and(|a| a.next == 1) => {
                self.list.swap_remove(place);
                self.begin(first, out)
            }
            (Some(place), _) => place,
            (None, 0) => self.begin(first, out),
            (None, _) if segment.more => return Put::Waits,
            (None, _) => return Put::Lost,
        };
        let Some(assembly) = self.list.get_mut(place) else { return Put::Lost };
        if segment.sequence != assembly.next {
            return Put::Waits;
        }
        if assembly.bytes.len() + bytes.len() > MAX_BYTES {
            out.limit("bacnet_segmented_message");
            self.list.swap_remove(place);
            return Put::Lost;
        }
        assembly.bytes.extend_from_slice(bytes);
        assembly.next = assembly.next.wrapping_add(1);
        assembly.count += 1;
        assembly.last = now;
        if segment.more { Put::Waits } else { Put::Whole(self.list.swap_remove(place)) }
    }

    fn begin(&mut self, first: Assembly, out: &mut Output) -> usize {
        if self.list.len() >= MAX_UNDER_WAY {
            out.limit("bacnet_segmented_messages");
            self.list.remove(0);
        }
        self.list.push(first);
        self.list.len() - 1
    }

    /// Ends what belongs to a transaction.
    pub fn end(&mut self, key: Key) {
        self.list.retain(|a| a.key != key);
    }

    /// When the first is overdue.
    pub fn deadline(&self, timeout_ns: i64) -> Option<Time> {
        self.list.iter().map(|a| a.last.plus(timeout_ns)).min()
    }

    /// Takes out one that is overdue.
    pub fn overdue(&mut self, now: Time, timeout_ns: i64) -> Option<Assembly> {
        let place = self.list.iter().position(|a| a.last.plus(timeout_ns) <= now)?;
        Some(self.list.remove(place))
    }
}

impl Assembly {
    /// Nothing put together yet.
    pub fn new(key: Key, request: bool, service: u8, at: Moment) -> Assembly {
        Assembly { key, request, service, asked: None, count: 0, bytes: Vec::new(), next: 0, last: at.time }
    }
}
