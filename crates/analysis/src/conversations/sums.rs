//! Adding up: operations, values, polling periods, flow sums.

use super::rows::{
    Conversation, Conversations, Key, MAX_CONVERSATIONS, MAX_OPERATIONS, MAX_PORTS, MAX_RANGES, MAX_STATES,
    MAX_UNKNOWN, Operation, Outcomes, Range, Unknown,
};
use crate::hash;
use core::fmt::Write;
use hashbrown::HashTable;
use model::{Endpoint, Event, FlowFact, FlowState, Outcome, Stamp, Time, Transaction, Value, What};
use std::collections::BTreeSet;

/// Live flows remembered, so that periodic sums of a long flow replace each other instead of adding up.
const MAX_OPEN: usize = 65_536;
/// Targets whose rhythm is followed per operation.
const MAX_TRACKS: usize = 16;
/// Intervals kept per target: a median of a hundred does not move with an outlier.
const MAX_INTERVALS: usize = 101;
/// Fewer intervals than this are no period.
const MIN_INTERVALS: usize = 3;

/// What a flow fact adds to what was known of its flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowSums {
    /// Frames from client, from server.
    pub frames: [u64; 2],
    /// Bytes from client, from server.
    pub bytes: [u64; 2],
    /// Frames and bytes not understood.
    pub not_understood: [u64; 2],
    /// TCP bytes missing.
    pub lost: u64,
    /// True the first time this flow is seen.
    pub new: bool,
}

/// Flows that have not ended. A fact with the same ends and first frame as an earlier one replaces it (its sums run
/// from the first frame); any other adds.
#[derive(Clone, Debug, Default)]
pub struct OpenFlows {
    flows: HashTable<(OpenKey, FlowSums)>,
}

/// What a fact adds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// To the sums; nothing where the fact is not about a flow.
    pub sums: FlowSums,
    /// The table of live flows was full: the flow's next fact cannot be told from a new flow's.
    pub unknown: bool,
}

type OpenKey = (Endpoint, Endpoint, &'static str, u32, Stamp);

impl OpenFlows {
    /// What this fact adds.
    pub fn see(&mut self, event: &Event) -> Added {
        match &event.what {
            What::Flow(flow) => self.add(flow),
            _ => Added::default(),
        }
    }

    fn add(&mut self, flow: &FlowFact) -> Added {
        let key = (flow.client, flow.server, flow.transport, flow.kind, flow.first);
        let now = FlowSums {
            frames: flow.frames,
            bytes: flow.bytes,
            not_understood: flow.not_understood,
            lost: flow.lost_bytes,
            new: true,
        };
        // ends and time tell nearly all flows apart; the rest is compared
        let short = |key: &OpenKey| hash::of(&(key.0, key.1, key.4.frame));
        let mut kept = true;
        let before = match self.flows.find_entry(short(&key), |known| known.0 == key) {
            Ok(entry) if flow.state == FlowState::Ended => Some(entry.remove().0.1),
            Ok(mut entry) => Some(core::mem::replace(&mut entry.get_mut().1, now)),
            Err(_) => {
                if flow.state != FlowState::Ended {
                    kept = self.flows.len() < MAX_OPEN;
                    if kept {
                        self.flows.insert_unique(short(&key), (key, now), |known| short(&known.0));
                    }
                }
                None
            }
        };
        let unknown = !kept;
        let Some(old) = before else { return Added { sums: now, unknown } };
        let less = |a: [u64; 2], b: [u64; 2]| [a[0].saturating_sub(b[0]), a[1].saturating_sub(b[1])];
        let sums = FlowSums {
            frames: less(now.frames, old.frames),
            bytes: less(now.bytes, old.bytes),
            not_understood: less(now.not_understood, old.not_understood),
            lost: now.lost.saturating_sub(old.lost),
            new: false,
        };
        Added { sums, unknown }
    }
}

/// Rhythm of one target: folded records tell it directly, single ones by the time between them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Track {
    last: Option<Time>,
    folded: Ring,
    single: Ring,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Ring {
    kept: Vec<i64>,
    next: usize,
}

impl Ring {
    fn push(&mut self, interval: i64) {
        if self.kept.len() < MAX_INTERVALS {
            self.kept.push(interval);
        } else if let Some(slot) = self.kept.get_mut(self.next) {
            *slot = interval;
        }
        self.next = (self.next + 1) % MAX_INTERVALS;
    }

    fn median(&self) -> Option<i64> {
        let mut sorted = self.kept.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

/// Rhythms of an operation by target.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tracks {
    /// In order of the targets.
    by_target: Vec<(Box<str>, Track)>,
}

impl Tracks {
    fn add(&mut self, target: &str, first: Time, last: Time, repeats: u64) {
        let place = match self.by_target.binary_search_by(|own| (*own.0).cmp(target)) {
            Ok(place) => place,
            Err(_) if self.by_target.len() >= MAX_TRACKS => return,
            Err(place) => {
                self.by_target.reserve_exact(1);
                self.by_target.insert(place, (target.into(), Track::default()));
                place
            }
        };
        let Some((_, track)) = self.by_target.get_mut(place) else { return };
        if repeats > 1 {
            let steps = i64::try_from(repeats - 1).unwrap_or(i64::MAX);
            let interval = last.since(first) / steps;
            // A folded record stands for many intervals; a few copies give it its weight without drowning others.
            for _ in 0..steps.min(MIN_INTERVALS as i64) {
                track.folded.push(interval.max(0));
            }
        } else if let Some(before) = track.last {
            track.single.push(first.since(before).max(0));
        }
        track.last = Some(last);
    }

    /// The period of the best-known target.
    pub(super) fn period(&self) -> Option<i64> {
        let rings = self.by_target.iter().map(|(_, t)| if t.folded.kept.is_empty() { &t.single } else { &t.folded });
        let best = rings.max_by_key(|ring| ring.kept.len())?;
        (best.kept.len() >= MIN_INTERVALS).then(|| best.median()).flatten()
    }
}

/// The row as outputs see it.
pub(super) fn shown(row: &Conversation) -> Conversation {
    let mut row = row.clone();
    for operation in &mut row.operations {
        operation.period = operation.tracks.period().or(operation.period);
    }
    row
}

impl Conversations {
    fn row(&mut self, key: Key, at: Stamp) -> Option<&mut Conversation> {
        let row = self.rows.slot(key, MAX_CONVERSATIONS, |key| Conversation {
            actor: key.actor,
            subject: key.subject,
            protocol: key.protocol,
            ports: BTreeSet::new(),
            transport: None,
            roles_known: false,
            frames: [0; 2],
            bytes: [0; 2],
            flows: 0,
            vlans: BTreeSet::new(),
            first: at,
            last: at,
            operations: Vec::new(),
        });
        if row.is_none() {
            *self.limits.entry("conversations").or_default() += 1;
        }
        row
    }

    pub(super) fn transaction(&mut self, t: &Transaction, at: Stamp) {
        let first = t.first.min(t.asked.unwrap_or(t.first)).min(at);
        let key = Key { actor: t.actor.host, subject: t.subject.host, protocol: t.protocol };
        let mut full = [false; 2];
        let Some(row) = self.row(key, first) else { return };
        row.roles_known |= t.roles_known;
        row.first = row.first.min(first);
        row.last = row.last.max(at);
        let place =
            row.operations.binary_search_by(|o| (o.operation, o.code, o.path).cmp(&(t.operation, t.code, t.path)));
        let place = match place {
            Ok(place) => Some(place),
            Err(_) if row.operations.len() >= MAX_OPERATIONS => {
                full[0] = true;
                None
            }
            Err(place) => {
                // most conversations have one or two operations; a vector would begin with room for four
                if row.operations.len() == row.operations.capacity() {
                    row.operations.reserve_exact(1 + row.operations.len() / 2);
                }
                row.operations.insert(place, operation(t, first));
                Some(place)
            }
        };
        if let Some(own) = place.and_then(|place| row.operations.get_mut(place)) {
            own.add(t, first, at, &mut full[1]);
        }
        for (limit, full) in ["operations", "ranges"].into_iter().zip(full) {
            if full {
                self.reached(limit);
            }
        }
    }

    pub(super) fn flow(&mut self, flow: &FlowFact, added: Added) {
        let sums = added.sums;
        if added.unknown {
            self.reached("open_flows");
        }
        let protocol = flow.protocol.unwrap_or(flow.transport);
        let key = Key { actor: flow.client.host, subject: flow.server.host, protocol };
        if let Some(row) = self.row(key, flow.first) {
            row.transport = Some(flow.transport);
            row.flows += u64::from(sums.new);
            add(&mut row.frames, sums.frames);
            add(&mut row.bytes, sums.bytes);
            row.vlans.extend(flow.vlan);
            if flow.server.port > 0 && row.ports.len() < MAX_PORTS {
                row.ports.insert(flow.server.port);
            }
            row.first = row.first.min(flow.first);
            row.last = row.last.max(flow.last);
        }
        if flow.protocol.is_none() || flow.shape.is_some() {
            self.unknown_flow(flow, sums);
        }
    }

    fn unknown_flow(&mut self, flow: &FlowFact, sums: FlowSums) {
        let key = (flow.client.host, flow.server.host, flow.transport, flow.kind, flow.server.port);
        let row = self.unknown.slot(key, MAX_UNKNOWN, |_| Unknown {
            client: flow.client.host,
            server: flow.server.host,
            transport: flow.transport,
            kind: flow.kind,
            port: flow.server.port,
            frames: [0; 2],
            bytes: [0; 2],
            first: flow.first,
            last: flow.last,
            shape: None,
        });
        let Some(row) = row else {
            self.reached("unknown");
            return;
        };
        add(&mut row.frames, sums.frames);
        add(&mut row.bytes, sums.bytes);
        row.first = row.first.min(flow.first);
        row.last = row.last.max(flow.last);
        if flow.shape.is_some() {
            row.shape.clone_from(&flow.shape);
        }
    }
}

fn operation(t: &Transaction, first: Stamp) -> Operation {
    Operation {
        operation: t.operation,
        code: t.code,
        class: t.class,
        path: t.path,
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

impl Operation {
    fn add(&mut self, t: &Transaction, first: Stamp, at: Stamp, full: &mut bool) {
        let n = t.repeats.max(1);
        self.count = self.count.saturating_add(n);
        self.novel += u64::from(t.novel);
        self.first = self.first.min(first);
        self.last = self.last.max(at);
        match t.outcome {
            Outcome::Ok => self.outcomes.ok += n,
            Outcome::Refused(code) => *self.outcomes.refused.entry(code).or_default() += n,
            Outcome::NoReply => self.outcomes.no_reply += n,
            Outcome::ReplyOnly => self.outcomes.reply_only += n,
            Outcome::Unseen => self.outcomes.unseen += n,
        }
        if let Some(latency) = t.latency {
            let (low, high) = self.latency.unwrap_or((latency, latency));
            self.latency = Some((low.min(latency), high.max(latency)));
        }
        let target = t.items.first().map_or("", |item| item.target.name.as_str());
        let asked = if n > 1 { t.first.time } else { t.asked.unwrap_or(at).time };
        let until = if n > 1 { at.time } else { asked };
        self.tracks.add(target, asked, until, n);
        for item in &t.items {
            *full |= !self.range(&item.target.name, &item.value);
        }
    }

    /// False where no more targets are kept.
    fn range(&mut self, target: &str, value: &Value) -> bool {
        let Some((text, hash, numbers)) = reading(value) else { return true };
        let range = match self.ranges.iter().position(|r| r.target == target) {
            Some(place) => self.ranges.get_mut(place),
            None if self.ranges.len() >= MAX_RANGES => return false,
            None => {
                self.ranges.push(Range {
                    target: target.to_string(),
                    min: None,
                    max: None,
                    last: String::new(),
                    states: 0,
                    many: false,
                    seen: BTreeSet::new(),
                });
                self.ranges.last_mut()
            }
        };
        let Some(range) = range else { return true };
        if let Some((low, high)) = numbers {
            range.min = Some(range.min.map_or(low, |own| own.min(low)));
            range.max = Some(range.max.map_or(high, |own| own.max(high)));
        }
        range.last = text;
        if range.seen.len() < MAX_STATES {
            range.seen.insert(hash);
        } else if !range.seen.contains(&hash) {
            range.many = true;
        }
        range.states = range.seen.len();
        true
    }
}

/// Text, hash of the text, smallest and largest number.
type Reading = (String, u64, Option<(f64, f64)>);

/// A value as text, as a number to tell states apart, and its smallest and largest number.
fn reading(value: &Value) -> Option<Reading> {
    let one = |n: f64| Some((n, n));
    let ends = |all: &mut dyn Iterator<Item = f64>| {
        all.fold(None, |ends: Option<(f64, f64)>, n| Some(ends.map_or((n, n), |(a, b)| (a.min(n), b.max(n)))))
    };
    let (text, numbers) = match value {
        Value::None => return None,
        Value::Bool(b) => (b.to_string(), one(f64::from(u8::from(*b)))),
        Value::Int(n) => (n.to_string(), one(*n as f64)),
        Value::Uint(n) => (n.to_string(), one(*n as f64)),
        Value::Float(f) => (f.to_string(), (!f.is_nan()).then_some((*f, *f))),
        Value::Text(text) => (cut(text), None),
        Value::Bytes(bytes) => {
            let mut text = String::with_capacity(bytes.len().min(MAX_TEXT / 2) * 2);
            for byte in bytes.iter().take(MAX_TEXT / 2) {
                let _ = write!(text, "{byte:02x}");
            }
            (text, None)
        }
        Value::Bits(bits) => {
            let text = bits.iter().take(MAX_TEXT).map(|b| if *b { '1' } else { '0' }).collect();
            (text, ends(&mut bits.iter().map(|b| f64::from(u8::from(*b)))))
        }
        Value::Words(words) => {
            let mut text = String::with_capacity(words.len() * 6);
            for (i, word) in words.iter().enumerate().take_while(|(i, _)| *i < MAX_TEXT) {
                let _ = write!(text, "{}{word}", if i > 0 { " " } else { "" });
            }
            text.truncate(MAX_TEXT);
            (text, ends(&mut words.iter().map(|w| f64::from(*w))))
        }
        Value::Secret { len, .. } => (format!("secret of {len} bytes"), None),
        Value::Name(name) => ((*name).to_string(), None),
        Value::Time(time) => (time.to_string(), None),
        Value::Mac(mac) => (mac.to_string(), None),
        Value::Ip(ip) => (ip.to_string(), None),
    };
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    Some((text, hash, numbers))
}

/// Characters of a last value kept.
const MAX_TEXT: usize = 128;

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn add(sum: &mut [u64; 2], more: [u64; 2]) {
    for (own, more) in sum.iter_mut().zip(more) {
        *own = own.saturating_add(more);
    }
}
