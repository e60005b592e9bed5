//! One conversation in one protocol, without frames, flows and identification: the real stream loop, the real habits
//! of a pair, any bytes. For laws and fuzzing, where what reaches a session must be chosen freely.

use crate::lane::{Env, Lane, Piece};
use crate::limits::MAX_DEPTH;
use crate::order::{Batch, Order};
use crate::pair::Pair;
use crate::registry::Registry;
use crate::say::{Ends, Say, Write};
use model::{Stamp, Time};
use protocols::{Carried, Dir, Moment, Output, Transport};

/// Most deadlines fired in one wait. A session has one deadline for each outstanding request at most, and those are
/// bounded; one that asks again and again for the same moment would fire for ever.
const MAX_DEADLINES: usize = 65_536;

/// What a conversation is made with.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Name of the protocol that is expected; identification is asked only when it declines.
    pub protocol: &'a str,
    /// What carries it.
    pub transport: Transport,
    /// Who stands at the two ends.
    pub ends: Ends,
    /// Time of the first message.
    pub start: Time,
    /// The first byte is not known to be the conversation's first.
    pub midstream: bool,
}

/// A conversation that is being listened to.
pub struct Solo<'r> {
    registry: &'r Registry,
    pair: Pair,
    say: Say,
    outs: Vec<Output>,
    lane: Lane,
    ends: Ends,
    now: Moment,
    heard: [bool; 2],
    not_understood: u64,
}

impl<'r> Solo<'r> {
    /// A conversation nothing has been heard of. `None` where the protocol is not in the list.
    pub fn new(registry: &'r Registry, setting: &Setting<'_>, writer: Box<dyn Write>) -> Option<Solo<'r>> {
        let which = registry.named(setting.protocol)?;
        let mut say = Say::default();
        say.writer = Some(writer);
        Some(Solo {
            registry,
            pair: Pair::new(0, 0),
            say,
            outs: (0..MAX_DEPTH).map(|_| Output::default()).collect(),
            lane: Lane::new(setting.transport, setting.midstream, Some(which)),
            ends: setting.ends,
            now: Moment { time: setting.start, frame: 0 },
            heard: [false; 2],
            not_understood: 0,
        })
    }

    /// The next segment, datagram or frame of a direction.
    pub fn hear(&mut self, dir: Dir, bytes: &[u8], carried: Carried) {
        self.part(dir, bytes, carried, true);
    }

    /// More of the same segment: its front is not the front of a segment.
    pub fn hear_on(&mut self, dir: Dir, bytes: &[u8]) {
        self.part(dir, bytes, Carried::default(), false);
    }

    fn part(&mut self, dir: Dir, bytes: &[u8], carried: Carried, boundary: bool) {
        self.now.frame += 1;
        if let Some(heard) = self.heard.get_mut(dir.index()) {
            *heard = true;
        }
        let piece = Piece { dir, bytes, boundary, cut: 0, carried };
        let (sender, receiver) = (self.ends.mac(dir), self.ends.mac(dir.flip()));
        self.with(1, |lane, env, outs| {
            env.macs = sender.zip(receiver);
            lane.deliver(env, outs, piece);
        });
    }

    /// So many bytes of a direction are missing here.
    pub fn miss(&mut self, dir: Dir, missing: u64) {
        self.now.frame += 1;
        self.with(1, |lane, env, outs| lane.gap(env, outs, dir, missing));
    }

    /// So many nanoseconds pass; deadlines fire in their order, each at its time. A session that does not let a
    /// deadline go is told as `no_progress`.
    pub fn wait(&mut self, ns: i64) {
        let until = self.now.time.plus(ns.max(0));
        for fired in 0.. {
            let due = self.lane.deadline();
            if due > until {
                break;
            }
            self.now.time = self.now.time.max(due);
            self.with(0, |lane, env, outs| lane.expire(env, outs, due));
            if self.lane.deadline() <= due || fired >= MAX_DEADLINES {
                self.say.health("no_progress", "deadline", 1);
                break;
            }
        }
        self.now.time = until;
    }

    /// The conversation is over: what is outstanding is told, and the sums of the pair.
    pub fn finish(&mut self) {
        self.with(2, |lane, env, outs| lane.finish(env, outs));
        self.pair.summarise(&mut self.say);
    }

    /// What was said since the last time.
    pub fn batch(&mut self) -> &mut Batch {
        &mut self.say.batch
    }

    /// Bytes nothing understood.
    pub fn not_understood(&self) -> u64 {
        self.not_understood
    }

    /// Name of the protocol that speaks, if one does.
    pub fn protocol(&self) -> Option<&'static str> {
        self.lane.protocol().map(|p| p.name)
    }

    fn with(&mut self, phase: u8, act: impl FnOnce(&mut Lane, &mut Env<'_>, &mut [Output])) {
        let Moment { time, frame } = self.now;
        self.say.at(Order { time, phase, frame, kind: 0, index: 0 }, Stamp { time, frame, index: 0 });
        let both = self.heard == [true, true];
        let mut env = Env::new(self.registry, &mut self.pair, &mut self.say, self.ends, self.now, both);
        env.ttl = TTL;
        act(&mut self.lane, &mut env, &mut self.outs);
        self.not_understood += env.not_understood;
    }
}

/// Time to live of every packet: neighbour discovery is believed from the link itself only.
const TTL: u8 = 255;
