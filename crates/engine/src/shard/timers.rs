//! Timers: one lazy timer per flow, one per pair of hosts.

use super::{FLOW_TIMER, PAIR_TIMER, Shard, streams};
use crate::lane::Env;
use crate::limits::HOLE_TIMEOUT_NS;
use crate::order::Order;
use crate::pair::Pair;
use model::{Stamp, Time};
use protocols::{Dir, Moment};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Deadlines to come: time, first frame of the flow or pair, kind, slot.
pub type Timers = BinaryHeap<Reverse<(Time, u64, u8, u32)>>;

/// A session that stays at a deadline that has passed is asked again after this long.
const STUCK_NS: i64 = Time::SECOND;

/// No timer.
pub const NEVER: Time = Time(i64::MAX);

impl Shard {
    /// Fires every timer up to and at `now`.
    #[inline]
    pub fn advance(&mut self, now: Time) {
        while self.timers.peek().is_some_and(|Reverse((due, ..))| *due <= now) {
            let Some(Reverse((due, name, kind, slot))) = self.timers.pop() else { return };
            match kind {
                FLOW_TIMER => self.flow_timer(due, name, slot),
                _ => self.pair_timer(due, name, slot),
            }
        }
    }

    fn flow_timer(&mut self, due: Time, name: u64, slot: u32) {
        let Shard { flows, pairs, registry, outs, say, timers, .. } = self;
        let Some(flow) = flows.slab.get_mut(slot) else { return };
        if flow.first.frame != name || flow.armed != due {
            // another flow lives in this slot now, or an earlier timer took over
            if flow.first.frame == name && flow.later == due {
                flow.later = NEVER;
            }
            return;
        }
        let actual = flow.deadline();
        if actual > due {
            return rearm(flow, actual, slot, timers);
        }
        let order = Order { time: due, phase: 0, frame: name, kind: FLOW_TIMER, index: 0 };
        say.at(order, Stamp { time: say.raw(due), frame: flow.last.frame, index: 0 });
        if flow.idle_at() <= due {
            return self.end_flow(slot);
        }
        let Some(pair) = pairs.slab.get_mut(flow.pair) else { return };
        let now = Moment { time: due, frame: flow.last.frame };
        let mut env = Env::new(registry, pair, say, flow.ends(), now, flow.both_sides());
        env.vlan = flow.vlan;
        let mut lost = [0, 0];
        if let Some([to_b, to_a]) = &mut flow.streams {
            let [lost_b, lost_a] = &mut lost;
            for (stream, dir, lost) in [(to_b, Dir::AtoB, lost_b), (to_a, Dir::BtoA, lost_a)] {
                let overdue = stream.waits_since().is_some_and(|t| t.plus(HOLE_TIMEOUT_NS) <= due);
                if overdue {
                    *lost += streams::give_up(&mut flow.lane, &mut env, outs, stream, dir);
                }
            }
        }
        flow.lane.expire(&mut env, outs, due);
        flow.not_understood[1] += env.not_understood;
        for (lost, dir) in lost.into_iter().zip([Dir::AtoB, Dir::BtoA]) {
            if lost > 0 {
                streams::tell_gap(flow, say, dir, lost);
            }
        }
        let mut next = flow.deadline().max(Time(due.0.saturating_add(1)));
        if flow.lane.deadline() <= due {
            // a session that does not let its deadline go would fire for ever
            say.health("no_progress", flow.lane.protocol().map_or("", |p| p.name), 1);
            next = next.max(due.plus(STUCK_NS));
        }
        rearm(flow, next, slot, timers);
    }

    fn pair_timer(&mut self, due: Time, born: u64, slot: u32) {
        let Shard { pairs, say, timers, .. } = self;
        let Some(pair) = pairs.slab.get_mut(slot) else { return };
        if pair.born != born {
            return;
        }
        let order = Order { time: due, phase: 0, frame: born, kind: PAIR_TIMER, index: 0 };
        say.at(order, Stamp { time: say.raw(due), frame: pair.last, index: 0 });
        pair.summarise(say);
        pair.armed = pair.flows > 0;
        if pair.armed {
            timers.push(Reverse((Pair::next_summary(due), born, PAIR_TIMER, slot)));
        }
    }
}

/// Arms an earlier deadline than the one the flow's timer stands at. The old entry stays for later, the one farthest
/// off is remembered; one in between fires soon and finds that it is not meant.
#[cold]
pub fn arm(flow: &mut crate::flow::Flow, due: Time, slot: u32, timers: &mut Timers) {
    if flow.later == NEVER {
        flow.later = flow.armed;
    }
    flow.armed = due;
    timers.push(Reverse((due, flow.first.frame, FLOW_TIMER, slot)));
}

/// The timer fired and the next deadline is `due`: an entry that still stands before it is used again, so that a
/// flow has two entries, however often requests come and go.
fn rearm(flow: &mut crate::flow::Flow, due: Time, slot: u32, timers: &mut Timers) {
    if flow.later <= due {
        flow.armed = core::mem::replace(&mut flow.later, NEVER);
        return;
    }
    flow.armed = due;
    timers.push(Reverse((due, flow.first.frame, FLOW_TIMER, slot)));
}
