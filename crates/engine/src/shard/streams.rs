//! TCP segments on their way to the conversation: in order, behind a hole, again, or at the end.

use crate::flow::Flow;
use crate::lane::{Env, Lane, Piece};
use crate::pair::Pair;
use crate::registry::Registry;
use crate::say::Say;
use crate::stream::{Arrival, Stream};
use model::{Gap, Stamp, What};
use protocols::{Carried, Dir, Moment, Output};

/// The last things of a flow: what still waits for a hole is delivered behind it, so that nothing seen is lost.
pub fn close(flow: &mut Flow, pair: &mut Pair, registry: &Registry, outs: &mut [Output], say: &mut Say) {
    let now = Moment { time: flow.active, frame: flow.last.frame };
    let mut env = Env::new(registry, pair, say, flow.ends(), now, flow.both_sides());
    env.vlan = flow.vlan;
    let mut lost = 0;
    if let Some([to_b, to_a]) = &mut flow.streams {
        for (stream, dir) in [(to_b, Dir::AtoB), (to_a, Dir::BtoA)] {
            while stream.waits_since().is_some() {
                let n = give_up(&mut flow.lane, &mut env, outs, stream, dir);
                lost += n;
                if n == 0 {
                    break;
                }
            }
        }
    }
    flow.lane.finish(&mut env, outs);
    flow.not_understood[1] += env.not_understood;
    flow.lost += lost;
}

/// Gives up the hole before what waits and delivers what stands behind it. Returns the missing bytes.
#[cold]
pub fn give_up(lane: &mut Lane, env: &mut Env<'_>, outs: &mut [Output], stream: &mut Stream, dir: Dir) -> u64 {
    let Some(missing) = stream.skip_hole() else { return 0 };
    lane.gap(env, outs, dir, missing.into());
    drain(lane, env, outs, stream, dir, Stamped::Own);
    missing.into()
}

/// When a segment that waited is said to have come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stamped {
    /// With the frame that brought it: what it says was known then, only the hole before it was not.
    Own,
    /// With the frame that filled the hole: before it the stream did not go on.
    Filler,
}

/// Delivers what waited and is ready now.
#[cold]
fn drain(lane: &mut Lane, env: &mut Env<'_>, outs: &mut [Output], stream: &mut Stream, dir: Dir, stamped: Stamped) {
    let (now, stamp) = (env.now, env.say.stamp());
    while let Some(waiting) = stream.ready() {
        if stamped == Stamped::Own {
            env.now = waiting.at;
            let time = env.say.raw(waiting.at.time);
            env.say.restamp(Stamp { time, frame: waiting.at.frame, index: 0 });
        }
        if let Arrival::Next(from) = stream.arrive(waiting.seq, waiting.bytes.len()) {
            let bytes = waiting.bytes.get(from..).unwrap_or_default();
            stream.delivered(waiting.seq.wrapping_add(from as u32), bytes.len(), wire::digest(bytes));
            let piece = Piece { dir, bytes, boundary: true, cut: 0, carried: Carried::default() };
            lane.deliver(env, outs, piece);
        }
    }
    env.now = now;
    env.say.restamp(stamp);
}

/// A segment with payload.
#[derive(Clone, Copy)]
pub struct Segment<'p> {
    pub dir: Dir,
    pub seq: u32,
    pub payload: &'p [u8],
    /// [`wire::digest`] of the payload.
    pub digest: u64,
    /// Bytes the capture cut off.
    pub cut: u32,
}

/// One segment with payload. Adds what is missing to `lost`; returns whether it contradicts what was seen.
pub fn take(
    lane: &mut Lane,
    env: &mut Env<'_>,
    outs: &mut [Output],
    stream: &mut Stream,
    segment: Segment<'_>,
    lost: &mut u64,
) -> bool {
    let Segment { dir, seq, payload, digest, cut } = segment;
    match stream.arrive(seq, payload.len()) {
        Arrival::Next(from) => {
            let bytes = payload.get(from..).unwrap_or_default();
            let mut conflict = false;
            if from == 0 {
                stream.delivered(seq, payload.len(), digest);
            } else {
                conflict = stream.conflicts(seq, payload.len(), digest);
                stream.delivered(seq.wrapping_add(from as u32), bytes.len(), wire::digest(bytes));
            }
            lane.deliver(env, outs, Piece { dir, bytes, boundary: true, cut: 0, carried: Carried::default() });
            if cut > 0 {
                // the capture kept only the front of the packet: the rest of the segment is missing
                stream.restart(seq.wrapping_add(payload.len() as u32).wrapping_add(cut));
                lane.gap(env, outs, dir, cut.into());
                *lost += u64::from(cut);
            }
            if stream.is_waiting() {
                drain(lane, env, outs, stream, dir, Stamped::Filler);
            }
            conflict
        }
        Arrival::Old => stream.conflicts(seq, payload.len(), digest),
        Arrival::Waits => {
            let (conflict, full) = stream.wait(seq, env.now, payload);
            if full {
                *lost += give_up(lane, env, outs, stream, dir);
            }
            conflict
        }
        Arrival::Jump => {
            *lost += stream.restart(seq) as u64;
            lane.gap(env, outs, dir, 1);
            if let Arrival::Next(_) = stream.arrive(seq, payload.len()) {
                stream.delivered(seq, payload.len(), digest);
                let piece = Piece { dir, bytes: payload, boundary: true, cut: 0, carried: Carried::default() };
                lane.deliver(env, outs, piece);
            }
            false
        }
    }
}

/// Missing bytes are told a few times per flow and always counted.
#[cold]
pub fn tell_gap(flow: &mut Flow, say: &mut Say, dir: Dir, lost: u64) {
    flow.lost += lost;
    if flow.gaps_told < 8 {
        flow.gaps_told += 1;
        let (sender, receiver) = flow.ends().of(dir);
        say.fact(What::Gap(Gap { sender, receiver, bytes: lost }));
    }
}
