//! Conversations of several captures of one plant: counts add up, times and ranges widen.

use super::rows::{Key, MAX_CONVERSATIONS, MAX_OPERATIONS, MAX_PORTS, MAX_RANGES, MAX_STATES, MAX_UNKNOWN};
use super::sums::Tracks;
use super::{Conversation, Conversations, Operation, Outcomes, Range, Unknown};
use model::{Class, Path, Stamp};
use std::collections::BTreeSet;

impl Operation {
    /// An operation as a store wrote it down; the other values are set by their names.
    pub fn kept(operation: &'static str, code: u32, class: Class, path: Path, first: Stamp) -> Operation {
        Operation {
            operation,
            code,
            class,
            path,
            count: 0,
            outcomes: Outcomes::default(),
            first,
            last: first,
            period: None,
            ranges: Vec::new(),
            latency: None,
            novel: 0,
            tracks: Tracks::default(),
        }
    }

    fn join(&mut self, other: Operation) {
        self.count = self.count.saturating_add(other.count);
        let (own, more) = (&mut self.outcomes, other.outcomes);
        own.ok += more.ok;
        own.no_reply += more.no_reply;
        own.reply_only += more.reply_only;
        own.unseen += more.unseen;
        for (code, n) in more.refused {
            *own.refused.entry(code).or_default() += n;
        }
        self.first = earlier(self.first, other.first);
        self.last = later(self.last, other.last);
        self.period = self.tracks.period().or(self.period).or(other.period);
        self.latency = match (self.latency, other.latency) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.novel += other.novel;
        for range in other.ranges {
            let room = self.ranges.len() < MAX_RANGES;
            match self.ranges.iter_mut().find(|r| r.target == range.target) {
                Some(own) => own.join(range),
                None if room => self.ranges.push(range),
                None => {}
            }
        }
    }
}

impl Range {
    /// A range as a store wrote it down.
    pub fn kept(target: String, min: Option<f64>, max: Option<f64>, last: String, states: usize, many: bool) -> Range {
        Range { target, min, max, last, states: states.min(MAX_STATES), many, seen: BTreeSet::new() }
    }

    fn join(&mut self, other: Range) {
        self.min = pick(self.min, other.min, f64::min);
        self.max = pick(self.max, other.max, f64::max);
        self.states = self.states.max(other.states);
        self.many |= other.many;
    }
}

fn pick(a: Option<f64>, b: Option<f64>, choose: fn(f64, f64) -> f64) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a, b)),
        (a, b) => a.or(b),
    }
}

fn earlier(a: Stamp, b: Stamp) -> Stamp {
    if (b.time, b.frame) < (a.time, a.frame) { b } else { a }
}

fn later(a: Stamp, b: Stamp) -> Stamp {
    if (b.time, b.frame) > (a.time, a.frame) { b } else { a }
}

fn add(sum: &mut [u64; 2], more: [u64; 2]) {
    for (own, more) in sum.iter_mut().zip(more) {
        *own = own.saturating_add(more);
    }
}

impl Conversations {
    /// Takes in a row of another capture of the same plant.
    pub fn absorb(&mut self, row: Conversation) {
        let key = Key { actor: row.actor, subject: row.subject, protocol: row.protocol };
        let Some(own) = self.rows.get_mut(&key) else {
            if self.rows.slot(key, MAX_CONVERSATIONS, |_| row).is_none() {
                self.reached("conversations");
            }
            return;
        };
        own.ports.extend(row.ports);
        while own.ports.len() > MAX_PORTS {
            own.ports.pop_last();
        }
        own.transport = own.transport.or(row.transport);
        own.roles_known |= row.roles_known;
        add(&mut own.frames, row.frames);
        add(&mut own.bytes, row.bytes);
        own.flows = own.flows.saturating_add(row.flows);
        own.vlans.extend(row.vlans);
        own.first = earlier(own.first, row.first);
        own.last = later(own.last, row.last);
        let mut full = false;
        for operation in row.operations {
            let key = (operation.operation, operation.code, operation.path);
            match own.operations.binary_search_by(|o| (o.operation, o.code, o.path).cmp(&key)) {
                Ok(place) => own.operations.get_mut(place).into_iter().for_each(|o| o.join(operation.clone())),
                Err(place) if own.operations.len() < MAX_OPERATIONS => own.operations.insert(place, operation),
                Err(_) => full = true,
            }
        }
        if full {
            self.reached("operations");
        }
    }

    /// Takes in a row of unknown traffic of another capture.
    pub fn absorb_unknown(&mut self, row: Unknown) {
        let key = (row.client, row.server, row.transport, row.kind, row.port);
        let Some(own) = self.unknown.get_mut(&key) else {
            if self.unknown.slot(key, MAX_UNKNOWN, |_| row).is_none() {
                self.reached("unknown");
            }
            return;
        };
        add(&mut own.frames, row.frames);
        add(&mut own.bytes, row.bytes);
        own.first = earlier(own.first, row.first);
        own.last = later(own.last, row.last);
        own.shape = own.shape.take().or(row.shape);
    }
}
