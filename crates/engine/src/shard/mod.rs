//! Stage 1: flows, reassembly, sessions, habits. A shard owns all its tables; what it says depends only on its own
//! pairs of hosts and on time, so any number of shards says the same.

mod packet;
mod streams;
mod tables;
mod timers;

pub use timers::NEVER;

use crate::key::{Key, key_of};
use crate::limits::MAX_DEPTH;
use crate::order::{Batch, Order};
use crate::patterns::Patterns;
use crate::registry::Registry;
use crate::say::{Say, Write};
use model::{NetworkId, Stamp, Time};
use protocols::{Dir, Output, Secrets};
use std::sync::Arc;
use tables::{Flows, Pairs};
use timers::Timers;
use wire::decode::Packet;

/// A decoded packet on its way to its shard.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Number of the frame.
    pub number: u64,
    /// Raw time.
    pub raw: Time,
    /// Engine time: never decreases, has no steps.
    pub now: Time,
    /// The network the frame was seen in.
    pub network: NetworkId,
    /// [`wire::digest`] of the payload.
    pub digest: u64,
    /// What was decoded.
    pub packet: Packet,
}

impl Seen {
    /// A place to decode into.
    pub const EMPTY: Seen =
        Seen { number: 0, raw: Time(0), now: Time(0), network: NetworkId(0), digest: 0, packet: Packet::EMPTY };
}

/// What a shard is made with.
#[derive(Clone, Debug, Default)]
pub struct ShardSettings {
    /// Seed of the hash tables. Nothing in the output depends on it.
    pub seed: u64,
    /// How secrets are masked and default ones known.
    pub secrets: Arc<Secrets>,
}

/// One shard.
pub struct Shard {
    seed: u64,
    registry: Registry,
    flows: Flows,
    pairs: Pairs,
    timers: Timers,
    outs: Vec<Output>,
    say: Say,
    patterns: Patterns,
}

/// Packets looked up ahead: enough to overlap the waits for memory, few enough to stay in the first-level cache.
pub const AHEAD: usize = 16;

/// A packet that was looked up and not handled yet.
#[derive(Clone, Copy)]
struct Ahead {
    key: Key,
    dir: Dir,
    hash: u64,
    /// Where its flow was when it was looked up; the flow may be another one by now.
    slot: u32,
}

/// Timer kinds, in the order of [`Order::kind`].
const FLOW_TIMER: u8 = 0;
const PAIR_TIMER: u8 = 1;

impl Shard {
    /// An empty shard.
    pub fn new(settings: ShardSettings) -> Shard {
        let outs = (0..MAX_DEPTH).map(|_| Output::new(settings.secrets.clone())).collect();
        Shard {
            seed: settings.seed,
            registry: Registry::new(),
            flows: Flows::default(),
            pairs: Pairs::default(),
            timers: Timers::new(),
            outs,
            say: Say::default(),
            patterns: Patterns::new(),
        }
    }

    /// Writes every transaction with this writer.
    pub fn write_with(&mut self, writer: Box<dyn Write>) {
        self.say.writer = Some(writer);
    }

    /// Nobody takes the facts: only what is written counts, and nothing else is kept.
    pub fn only_written(&mut self) {
        self.say.unheard = true;
    }

    /// All steps of the capture's clock so far, as the dispatcher knows them. Must be told before the packets and
    /// marks that follow a step.
    pub fn set_steps(&mut self, steps: &[(Time, i64)]) {
        self.say.set_steps(steps);
    }

    /// What was said since the last time.
    pub fn batch(&mut self) -> &mut Batch {
        &mut self.say.batch
    }

    /// Live flows.
    pub fn flows(&self) -> usize {
        self.flows.table.len()
    }

    /// Several packets, in order; `payload` gives the bytes behind the last header of the packet at a position. What
    /// they need is looked up and touched for a number of them first, so that the waits for memory overlap instead of
    /// following each other.
    pub fn packets<'p>(&mut self, seen: &[Seen], payload: impl Fn(usize) -> &'p [u8]) {
        let mut ahead: [Option<Ahead>; AHEAD] = [None; AHEAD];
        for (group, seen) in seen.chunks(AHEAD).enumerate() {
            for (place, seen) in ahead.iter_mut().zip(seen) {
                *place = self.look_up(seen);
            }
            let mut touched = 0u64;
            for one in ahead.iter().take(seen.len()).flatten() {
                if let Some(flow) = self.flows.slab.get(one.slot) {
                    touched = touched.wrapping_add(flow.touch());
                }
            }
            for one in ahead.iter().take(seen.len()).flatten() {
                if let Some(flow) = self.flows.slab.get(one.slot) {
                    touched = touched.wrapping_add(flow.lane.touch());
                    if let Some(pair) = self.pairs.slab.get(flow.pair) {
                        touched = touched.wrapping_add(pair.touch());
                    }
                }
            }
            core::hint::black_box(touched);
            for (i, (one, seen)) in ahead.iter().zip(seen).enumerate() {
                if let Some(Ahead { key, dir, hash, slot }) = one {
                    self.one(seen, payload(group * AHEAD + i), key, *dir, *hash, *slot);
                }
            }
        }
    }

    /// One packet of this shard. `payload` are the bytes behind the last header.
    pub fn packet(&mut self, seen: &Seen, payload: &[u8]) {
        if let Some(Ahead { key, dir, hash, slot }) = self.look_up(seen) {
            self.one(seen, payload, &key, dir, hash, slot);
        }
    }

    #[inline]
    fn look_up(&self, seen: &Seen) -> Option<Ahead> {
        let (key, dir, hash) = key_of(seen, self.seed)?;
        Some(Ahead { key, dir, hash, slot: self.flows.guess(hash) })
    }

    /// The input ended: everything still open is told. `full` is shown what was said so far whenever that has become
    /// much, so that whoever can use it up at once need not keep the last words of every flow.
    pub fn finish(&mut self, now: Time, mut full: impl FnMut(&mut Batch)) {
        self.advance(now);
        let mut open: Vec<(u64, u32)> = self.flows.slab.iter().map(|(slot, f)| (f.first.frame, slot)).collect();
        open.sort_unstable();
        for (name, slot) in open {
            let last = self.flows.slab.get(slot).map_or(Stamp::default(), |f| f.last);
            let order = Order { time: now, phase: 2, frame: name, kind: FLOW_TIMER, index: 0 };
            self.say.at(order, Stamp { time: self.say.raw(now), frame: last.frame, index: 0 });
            self.end_flow(slot);
            if self.say.batch.is_much() {
                full(&mut self.say.batch);
            }
        }
        let mut pairs: Vec<(u64, u32)> = self.pairs.slab.iter().map(|(slot, pair)| (pair.born, slot)).collect();
        pairs.sort_unstable();
        for (born, slot) in pairs {
            // behind all flows, so that a pair's sums hold what its flows said at the end
            let order = Order { time: now, phase: 3, frame: born, kind: PAIR_TIMER, index: 0 };
            if let Some(pair) = self.pairs.slab.get_mut(slot) {
                self.say.at(order, Stamp { time: self.say.raw(now), frame: pair.last, index: 0 });
                pair.summarise(&mut self.say);
            }
            if self.say.batch.is_much() {
                full(&mut self.say.batch);
            }
        }
    }
}
