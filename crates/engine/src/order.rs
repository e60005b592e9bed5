//! The order of everything, independent of the number of shards.

use model::{Event, Time};

/// Facts are ordered by engine time, timers before the first frame at or past their deadline, frames by number,
/// timers of the same deadline by the flow's first frame. No part of it depends on how flows are spread over shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Engine time: the deadline of a timer, or the time at which the frame was taken.
    pub time: Time,
    /// 0 for timers, 1 for frames, 2 for the end of the input.
    pub phase: u8,
    /// Frame number; for timers the first frame of the flow or pair.
    pub frame: u64,
    /// Tells timers of one flow apart from those of its pair.
    pub kind: u8,
    /// Position among the facts of the same frame or timer.
    pub index: u32,
}

/// A fact and its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The place.
    pub order: Order,
    /// The fact. Its stamp's index is set when it is released.
    pub event: Event,
}

/// Text written for a fact, and its place; the bytes lie in the batch's `text`.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The place.
    pub order: Order,
    /// Start in the batch's text.
    pub at: usize,
    /// Length in bytes.
    pub len: usize,
}

/// Facts, and bytes of text, that are taken at the end of the input before more are made: few enough to stay in the
/// second-level cache.
const MUCH: usize = 1024;
const MUCH_TEXT: usize = 1 << 18;

/// What a shard has to say since the last time it was asked.
#[derive(Debug, Default)]
pub struct Batch {
    /// Facts, in order.
    pub facts: Vec<Placed>,
    /// Written lines, in order.
    pub lines: Vec<Line>,
    /// Their text.
    pub text: Vec<u8>,
}

impl Batch {
    /// Nothing.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.lines.is_empty()
    }

    /// Enough that whoever can should take it before more is said.
    pub fn is_much(&self) -> bool {
        self.facts.len() >= MUCH || self.text.len() >= MUCH_TEXT
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.lines.clear();
        self.text.clear();
    }
}

/// Joins what several shards said about the same stretch of input into one order.
#[derive(Debug, Default)]
pub struct Merge {
    facts: Vec<Placed>,
    last: (u64, Time),
    index: u32,
}

impl Merge {
    /// Releases everything the shards said, in order, to `out`. The caller guarantees that each batch covers the
    /// same stretch of frames. Stamps get their index here.
    pub fn release(&mut self, batches: &mut [Batch], mut out: impl FnMut(Event)) {
        match batches {
            [one] => {
                for placed in one.facts.drain(..) {
                    out(self.stamp(placed));
                }
            }
            many => {
                for batch in many {
                    self.facts.append(&mut batch.facts);
                }
                let mut facts = core::mem::take(&mut self.facts);
                facts.sort_by_key(|p| p.order);
                for placed in facts.drain(..) {
                    out(self.stamp(placed));
                }
                self.facts = facts;
            }
        }
    }

    /// The same for a single shard, which is in order by itself: the facts stay where they are.
    pub fn show(&mut self, batch: &mut Batch, mut out: impl FnMut(&Event)) {
        for placed in &mut batch.facts {
            self.number(&mut placed.event);
            out(&placed.event);
        }
        batch.facts.clear();
    }

    fn stamp(&mut self, placed: Placed) -> Event {
        let mut event = placed.event;
        self.number(&mut event);
        event
    }

    fn number(&mut self, event: &mut Event) {
        let key = (event.at.frame, event.at.time);
        self.index = if key == self.last { self.index.saturating_add(1) } else { 0 };
        self.last = key;
        event.at.index = self.index;
    }

    /// Writes the lines of several shards in order.
    pub fn write(&mut self, batches: &mut [Batch], mut out: impl FnMut(&[u8])) {
        if let [one] = batches {
            out(&one.text);
            one.lines.clear();
            one.text.clear();
            return;
        }
        let mut all: Vec<(Order, usize, usize, usize)> = Vec::new();
        for (i, batch) in batches.iter().enumerate() {
            all.extend(batch.lines.iter().map(|l| (l.order, i, l.at, l.len)));
        }
        all.sort_by_key(|l| l.0);
        for (_, shard, at, len) in all {
            if let Some(text) = batches.get(shard).and_then(|b| b.text.get(at..at.saturating_add(len))) {
                out(text);
            }
        }
        for batch in batches {
            batch.lines.clear();
            batch.text.clear();
        }
    }
}
