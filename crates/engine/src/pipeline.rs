//! The whole machine in one thread: for tests, fuzzing, small inputs. `app` runs the same parts on threads.

use crate::dispatch::{Dispatcher, FrameIn, FrontCounters};
use crate::order::{Batch, Merge};
use crate::say::Write;
use crate::shard::{Seen, Shard, ShardSettings};
use model::{Event, Health, Stamp, Time, What};
use protocols::Secrets;
use std::sync::Arc;

/// What an engine is made with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Number of shards. The output does not depend on it.
    pub shards: usize,
    /// Seed of the hash tables. The output does not depend on it.
    pub seed: u64,
    /// How secrets are masked and default ones known.
    pub secrets: Arc<Secrets>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { shards: 1, seed: 0x0b0d_0e50, secrets: Arc::default() }
    }
}

/// Facts are released this often, in frames, so that memory stays small.
const RELEASE_EVERY: u64 = 1024;

/// The single-threaded composition.
pub struct Engine {
    dispatcher: Dispatcher,
    shards: Vec<Shard>,
    merge: Merge,
    batches: Vec<Batch>,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(settings: &Settings) -> Engine {
        let shards = settings.shards.max(1);
        let part = ShardSettings { seed: settings.seed, secrets: settings.secrets.clone() };
        Engine {
            dispatcher: Dispatcher::new(shards),
            shards: (0..shards).map(|_| Shard::new(part.clone())).collect(),
            merge: Merge::default(),
            batches: (0..shards).map(|_| Batch::default()).collect(),
        }
    }

    /// Writes every transaction; `writer` makes one writer per shard.
    pub fn write_with(&mut self, writer: impl Fn() -> Box<dyn Write>) {
        for shard in &mut self.shards {
            shard.write_with(writer());
        }
    }

    /// Takes one frame; facts that are due go to `out`, written text to `text`.
    pub fn push(&mut self, frame: &FrameIn<'_>, out: &mut impl FnMut(Event), text: &mut impl FnMut(&[u8])) {
        let mut seen = Seen::EMPTY;
        if let Some(shard) = self.dispatcher.frame(frame, &mut seen)
            && let Some(shard) = self.shards.get_mut(shard)
        {
            shard.set_steps(self.dispatcher.steps());
            shard.packet(&seen, self.dispatcher.payload(&seen, frame.bytes));
        }
        if self.dispatcher.number().is_multiple_of(RELEASE_EVERY) {
            self.release(out, text);
        }
    }

    /// Moves time on without a frame.
    pub fn advance(&mut self, now: Time, out: &mut impl FnMut(Event), text: &mut impl FnMut(&[u8])) {
        let now = self.dispatcher.advance(now);
        for shard in &mut self.shards {
            shard.advance(now);
        }
        self.release(out, text);
    }

    /// The input ended.
    pub fn finish(mut self, out: &mut impl FnMut(Event), text: &mut impl FnMut(&[u8])) -> FrontCounters {
        self.release(out, text);
        let now = self.dispatcher.now();
        for shard in &mut self.shards {
            shard.finish(now, |_| {});
        }
        self.release(out, text);
        for event in front_health(&self.dispatcher) {
            out(event);
        }
        self.dispatcher.counters()
    }

    /// Live flows.
    pub fn flows(&self) -> usize {
        self.shards.iter().map(Shard::flows).sum()
    }

    fn release(&mut self, out: &mut impl FnMut(Event), text: &mut impl FnMut(&[u8])) {
        // timers of shards that got no frame lately fire up to the common time first
        let now = self.dispatcher.now();
        for (shard, batch) in self.shards.iter_mut().zip(&mut self.batches) {
            shard.set_steps(self.dispatcher.steps());
            shard.advance(now);
            core::mem::swap(batch, shard.batch());
        }
        self.merge.write(&mut self.batches, text);
        self.merge.release(&mut self.batches, out);
    }
}

/// What the front counted, as facts at the end of the input.
pub fn front_health(dispatcher: &Dispatcher) -> Vec<Event> {
    let c = dispatcher.counters();
    let d = dispatcher.decoded();
    let counts = [
        ("frames_cut", c.cut),
        ("frames_undecoded", c.undecoded),
        ("link_type_unknown", c.unknown_link),
        ("duplicates_removed", c.duplicates_removed),
        ("duplicates_marked", c.duplicates_marked),
        ("time_steps", c.time_steps),
        ("time_backward", c.backward),
        ("datagrams_expired", d.datagrams_expired),
        ("datagrams_evicted", d.datagrams_evicted),
        ("fragments_overlapping", d.fragments_overlapping),
    ];
    let at = Stamp { time: dispatcher.now(), frame: dispatcher.number(), index: u32::MAX };
    let fact = |(kind, count)| Event {
        at,
        what: What::Health(Health { kind, what: String::new(), count, host: None, time: None }),
    };
    counts.into_iter().filter(|(_, n)| *n > 0).map(fact).collect()
}
