//! What a shard remembers of two hosts: their habits. Routine is folded here; what is new or not routine is told.

use crate::hash;
use crate::heard::Heard;
use crate::limits::{MAX_PROFILE, NEWS, SINGLE_ANOMALIES, SINGLES, SUMMARY_NS};
use crate::registry::Which;
use crate::say::{self, Ends, Say};
use hashbrown::HashTable;
use model::{Anomaly, Class, Endpoint, Field, Hop, Outcome, Path, Stamp, Time, Transaction, Value, What};
use protocols::{Entry, Expects, Output, Protocol, Row, Val};

/// Two hosts (or a host and a group) and what they usually do.
pub struct Pair {
    /// First frame between them.
    pub born: u64,
    /// Last frame between them: what sums are stamped with.
    pub last: u64,
    /// What one conversation said about another.
    pub expects: Expects,
    /// Live flows; at zero the pair may be forgotten.
    pub flows: u32,
    /// Whether a summary timer is armed.
    pub armed: bool,
    habits: Vec<Habit>,
    /// The habit met last: control traffic repeats itself, so the next one is nearly always the one that followed it
    /// last time.
    at: u32,
    index: HashTable<u32>,
    /// What they say about devices.
    pub heard: Heard,
    anomalies: Vec<Broken>,
    full: bool,
    seed: u64,
}

/// One operation this pair does.
struct Habit {
    hash: u64,
    /// The habit that followed this one last time.
    next: u32,
    told: u32,
    folded: u64,
    first: Stamp,
    last: Stamp,
    latency_sum: i64,
    latency_count: u32,
    range: Option<[f64; 2]>,
    value: Val,
    template: Box<Transaction>,
}

/// One rule this pair breaks.
struct Broken {
    protocol: &'static str,
    kind: &'static str,
    detail: &'static str,
    path: Path,
    sender: Endpoint,
    receiver: Endpoint,
    told: u64,
    folded: u64,
    last: Stamp,
}

/// Different broken rules remembered per pair.
const MAX_BROKEN: usize = 64;

impl Pair {
    /// Two hosts that meet for the first time in this frame.
    pub fn new(born: u64, seed: u64) -> Pair {
        Pair {
            born,
            last: born,
            expects: Expects::default(),
            flows: 0,
            armed: false,
            habits: Vec::new(),
            at: 0,
            index: HashTable::new(),
            heard: Heard::default(),
            anomalies: Vec::new(),
            full: false,
            seed,
        }
    }

    /// Reads what the next operation will need, so that it is in the cache then.
    #[inline]
    pub fn touch(&self) -> u64 {
        let next = self.habits.get(self.at as usize).and_then(|h| self.habits.get(h.next as usize));
        self.born ^ u64::from(self.armed) ^ next.map_or(0, |h| h.hash ^ h.folded ^ h.last.frame)
    }

    /// Where a habit is, and that it is met now.
    #[inline]
    fn find(&mut self, hash: u64) -> Option<&mut Habit> {
        let next = self.habits.get(self.at as usize).map_or(0, |h| h.next);
        if self.habits.get(next as usize).is_some_and(|h| h.hash == hash) {
            self.at = next;
        } else {
            let habits = &self.habits;
            let found = *self.index.find(hash, |i| habits.get(*i as usize).is_some_and(|h| h.hash == hash))?;
            self.meet(found);
        }
        self.habits.get_mut(self.at as usize)
    }

    fn meet(&mut self, habit: u32) {
        if let Some(before) = self.habits.get_mut(self.at as usize) {
            before.next = habit;
        }
        self.at = habit;
    }

    /// One operation: told when it is new or not routine, else folded. `which` is the protocol's place in the list.
    pub fn operation(
        &mut self,
        row: &Row,
        out: &Output,
        protocol: &'static Protocol,
        which: Which,
        ends: &Ends,
        say: &mut Say,
    ) {
        say.row(protocol, row, out, ends);
        let hash = key(self.seed, row, out, which, ends);
        let at = say.stamp();
        if let Some(habit) = self.find(hash) {
            habit.note_value(row, out);
            let singles = match (row.single, routine(row.class)) {
                (true, _) => NEWS,
                (false, false) => SINGLES,
                (false, true) => 0,
            };
            if habit.told < singles {
                habit.told += 1;
                let mut single = say::transaction(row, out, protocol, ends, at, 0);
                single.asked = asked(row, say);
                single.novel = false;
                say.fact(What::Transaction(single));
                return;
            }
            if habit.folded == 0 {
                habit.first = at;
            }
            habit.folded += 1;
            habit.last = at;
            if let Some(latency) = row.latency {
                habit.latency_sum = habit.latency_sum.saturating_add(latency);
                habit.latency_count += 1;
            }
            return;
        }
        let mut first = say::transaction(row, out, protocol, ends, at, 0);
        first.asked = asked(row, say);
        if self.habits.len() >= MAX_PROFILE {
            if !self.full {
                self.full = true;
                say.health("limit_reached", "operations_per_pair", MAX_PROFILE as u64);
            }
            // not remembered, so each one is told: nothing is silently missed
            say.fact(What::Transaction(first));
            return;
        }
        let mut habit = Habit {
            hash,
            next: 0,
            told: 1,
            folded: 0,
            first: at,
            last: at,
            latency_sum: 0,
            latency_count: 0,
            range: None,
            value: Val::None,
            template: Box::new(first.clone()),
        };
        habit.note_value(row, out);
        if self.habits.len() == self.habits.capacity() {
            // many pairs have one or two habits; a vector would begin with room for four
            self.habits.reserve_exact(1 + self.habits.len() / 2);
        }
        self.habits.push(habit);
        let habits = &self.habits;
        let new = habits.len() as u32 - 1;
        self.index.insert_unique(hash, new, |i| habits.get(*i as usize).map_or(0, |h| h.hash));
        self.meet(new);
        say.fact(What::Transaction(first));
    }

    /// A broken rule: told a few times, then counted.
    pub fn anomaly(&mut self, what: Breach, say: &mut Say) {
        let Breach { protocol, kind, detail, number, path, sender, receiver } = what;
        let at = say.stamp();
        let same = |b: &Broken| {
            (b.protocol, b.kind, b.detail, b.path, b.sender.host) == (protocol, kind, detail, path, sender.host)
        };
        if let Some(known) = self.anomalies.iter_mut().find(|b| same(b)) {
            if known.told >= SINGLE_ANOMALIES {
                known.folded += 1;
                known.last = at;
                return;
            }
            known.told += 1;
        } else if self.anomalies.len() < MAX_BROKEN {
            let (told, folded) = (1, 0);
            self.anomalies.push(Broken { protocol, kind, detail, path, sender, receiver, told, folded, last: at });
        }
        let detail = describe(detail, number);
        say.fact(What::Anomaly(Anomaly { protocol, kind, detail, sender, receiver, path, repeats: 1 }));
    }

    /// Tells the sums since the last summary.
    pub fn summarise(&mut self, say: &mut Say) {
        for habit in &mut self.habits {
            habit.told = 0;
            if habit.folded == 0 {
                continue;
            }
            let mut sum = (*habit.template).clone();
            sum.novel = false;
            sum.repeats = habit.folded;
            sum.first = habit.first;
            sum.asked = None;
            let count = i64::from(habit.latency_count.max(1));
            sum.latency = (habit.latency_count > 0).then(|| habit.latency_sum / count);
            if let (Some(value), Some(item)) = (scalar(&habit.value), sum.items.first_mut()) {
                item.value = value;
            }
            if let Some([min, max]) = habit.range {
                sum.fields.push(Field { key: "min", value: Value::Float(min) });
                sum.fields.push(Field { key: "max", value: Value::Float(max) });
            }
            sum.fields.push(Field { key: "last_seen", value: Value::Time(habit.last.time) });
            habit.folded = 0;
            habit.latency_sum = 0;
            habit.latency_count = 0;
            habit.range = None;
            say.fact(What::Transaction(sum));
        }
        self.heard.summarise(say);
        for broken in &mut self.anomalies {
            broken.told = 0;
            if broken.folded == 0 {
                continue;
            }
            let repeats = core::mem::take(&mut broken.folded);
            let Broken { protocol, kind, path, sender, receiver, .. } = *broken;
            let detail = broken.detail.to_string();
            say.fact(What::Anomaly(Anomaly { protocol, kind, detail, sender, receiver, path, repeats }));
        }
    }

    /// When the next summary is due, counted in whole periods so that it does not depend on when the pair was met.
    pub fn next_summary(now: Time) -> Time {
        Time(now.0.div_euclid(SUMMARY_NS).saturating_add(1).saturating_mul(SUMMARY_NS))
    }
}

/// A broken rule, as the engine hands it over.
#[derive(Clone, Copy, Debug)]
pub struct Breach {
    /// The protocol.
    pub protocol: &'static str,
    /// The rule.
    pub kind: &'static str,
    /// Field.
    pub detail: &'static str,
    /// Offset, code or length; 0 for none.
    pub number: u64,
    /// The thing behind the address.
    pub path: Path,
    /// Who sent it.
    pub sender: Endpoint,
    /// Who was to receive it.
    pub receiver: Endpoint,
}

impl Habit {
    fn note_value(&mut self, row: &Row, out: &Output) {
        let [only] = out.items_of(row) else { return };
        let number = match only.value {
            Val::Bool(b) => f64::from(u8::from(b)),
            Val::Int(n) => n as f64,
            Val::Uint(n) => n as f64,
            Val::Float(f) if f.is_finite() => f,
            Val::Words(s) if s.len() == 2 => say::words(out.span(s)).next().map_or(0.0, f64::from),
            _ => return,
        };
        self.value = match only.value {
            Val::Words(s) => Val::Uint(say::words(out.span(s)).next().map_or(0, u64::from)),
            other => other,
        };
        self.range = Some(self.range.map_or([number; 2], |[min, max]| [min.min(number), max.max(number)]));
    }
}

/// Reading, keeping sessions and answering who one is repeat themselves; everything else is told one by one first.
fn routine(class: Class) -> bool {
    matches!(class, Class::Read | Class::Session | Class::Diagnose | Class::Identify | Class::Unknown)
}

fn asked(row: &Row, say: &Say) -> Option<Stamp> {
    row.asked.map(|m| Stamp { time: say.raw(m.time), frame: m.frame, index: 0 })
}

fn describe(detail: &str, number: u64) -> String {
    match (detail, number) {
        (detail, 0) => detail.to_string(),
        ("", n) => n.to_string(),
        (detail, n) => format!("{detail} ({n})"),
    }
}

fn scalar(value: &Val) -> Option<Value> {
    Some(match *value {
        Val::Bool(b) => Value::Bool(b),
        Val::Int(n) => Value::Int(n),
        Val::Uint(n) => Value::Uint(n),
        Val::Float(f) => Value::Float(f),
        _ => return None,
    })
}

/// What makes two operations the same habit: everything but the values and the moment.
fn key(seed: u64, row: &Row, out: &Output, which: Which, ends: &Ends) -> u64 {
    let outcome = match row.outcome {
        Outcome::Ok => 0,
        Outcome::NoReply => 1,
        Outcome::ReplyOnly => 2,
        Outcome::Unseen => 3,
        Outcome::Refused(code) => 4 + u64::from(code),
    };
    let actor = row.actor.unwrap_or(row.sent);
    // the same two hosts may hold both roles; the server's port tells two services apart, the client's changes
    let server = ends.of(actor).1.port;
    let dir = actor.index() as u64 | u64::from(row.actor.is_some()) << 1;
    let mut h = hash::mix(seed, u64::from(row.operation) << 32 | u64::from(row.code));
    h = hash::mix(h, outcome << 24 ^ u64::from(server) << 2 ^ dir ^ u64::from(which) << 57);
    for hop in row.path.hops() {
        h = hash::mix(h, hop_number(hop));
    }
    for Entry { goal, .. } in out.items_of(row) {
        h = hash::word(h, goal.space);
        h = hash::mix(h, goal.first);
        h = hash::mix(h, goal.sub ^ u64::from(goal.count).rotate_left(32));
        if !goal.name.is_empty() {
            h = hash::bytes(h, out.span(goal.name));
        }
    }
    h
}

/// A number that tells hops apart.
pub fn hop_number(hop: Hop) -> u64 {
    match hop {
        Hop::Unit(n) => 1 << 56 | u64::from(n),
        Hop::Slot { rack, slot } => 2 << 56 | u64::from(rack) << 16 | u64::from(slot),
        Hop::Link { port, link } => 3 << 56 ^ u64::from(port).rotate_left(40) ^ link,
        Hop::Remote { network, mac, len } => 4 << 56 ^ u64::from(network).rotate_left(36) ^ mac ^ u64::from(len) << 52,
        Hop::Instance(n) => 5 << 56 | u64::from(n),
        Hop::Behind(mac) => {
            let [a, b, c, d, e, f] = mac.0;
            u64::from_be_bytes([6, 0, a, b, c, d, e, f])
        }
    }
}
