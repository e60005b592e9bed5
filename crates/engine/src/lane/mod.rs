//! One conversation: who speaks is found out, messages are put together, the session is asked. Carriers open lanes
//! inside lanes.

mod identify;
mod messages;
mod speak;

use crate::pair::Pair;
use crate::registry::{Registry, Which};
use crate::say::{Ends, Say};
use crate::shard::NEVER;
use identify::Open;
use model::{Mac, Time};
use protocols::{Carried, Dir, Moment, Output, Protocol, Session, Transport};
use speak::speak;

/// What every lane of a packet needs.
pub struct Env<'a> {
    /// Candidates.
    pub registry: &'a Registry,
    /// The two hosts.
    pub pair: &'a mut Pair,
    /// The shard's voice.
    pub say: &'a mut Say,
    /// Who stands at the ends.
    pub ends: Ends,
    /// The frame, in engine time.
    pub now: Moment,
    /// Hardware addresses of this frame, sender and receiver.
    pub macs: Option<(Mac, Mac)>,
    /// VLAN of this frame.
    pub vlan: Option<u16>,
    /// Time to live.
    pub ttl: u8,
    /// Both directions of the flow have been seen.
    pub both_sides: bool,
    /// Bytes nothing understood, so far in this packet.
    pub not_understood: u64,
    /// Bytes a session took, so far in this packet.
    pub understood: u64,
}

impl<'a> Env<'a> {
    /// Without a frame of its own: for timers and the end.
    #[inline]
    pub fn new(
        registry: &'a Registry,
        pair: &'a mut Pair,
        say: &'a mut Say,
        ends: Ends,
        now: Moment,
        both_sides: bool,
    ) -> Env<'a> {
        let (macs, vlan, ttl) = (None, None, 0);
        Env { registry, pair, say, ends, now, macs, vlan, ttl, both_sides, not_understood: 0, understood: 0 }
    }
}

/// One direction of a stream between two messages.
#[derive(Default)]
struct Way {
    /// Bytes that do not make a message yet, if any; most streams are cut between messages and never have any.
    rest: Vec<u8>,
    /// Bytes still to be skipped of a message already taken.
    skip: u64,
    /// Framing is lost, or was never found.
    trial: bool,
}

/// Both directions.
#[derive(Default)]
struct Ways([Way; 2]);

impl Ways {
    #[inline]
    fn of(&mut self, dir: Dir) -> &mut Way {
        let [to_b, to_a] = &mut self.0;
        match dir {
            Dir::AtoB => to_b,
            Dir::BtoA => to_a,
        }
    }
}

enum State {
    Open(Box<Open>),
    Known(Which, &'static Protocol, Box<dyn Session>),
    /// A session panicked: this conversation is only counted from here on.
    Dead,
}

struct Channel {
    carrier: &'static str,
    channel: u64,
    used: u64,
    lane: Lane,
}

/// One conversation of one transport.
pub struct Lane {
    state: State,
    transport: Transport,
    /// The next moment a session in it cares about, [`NEVER`] for none. Asked after every delivery, when the session
    /// is at hand.
    due: Time,
    ways: Ways,
    excluded: Option<Which>,
    expected: Option<Which>,
    inner: Vec<Channel>,
    /// The end that sends in this direction only passes on: nothing is said about its device here.
    relay: Option<Dir>,
}

/// One payload to be looked at.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// Direction.
    pub dir: Dir,
    /// The bytes.
    pub bytes: &'a [u8],
    /// They begin where a segment or datagram began.
    pub boundary: bool,
    /// Bytes of the datagram that the capture cut off.
    pub cut: u32,
    /// What the carrier says.
    pub carried: Carried,
}

impl Lane {
    /// A lane nothing is known about. `midstream`: its first byte is not known to be the conversation's first.
    pub fn new(transport: Transport, midstream: bool, expected: Option<Which>) -> Lane {
        let way = || Way { trial: midstream && transport.is_stream(), ..Way::default() };
        Lane {
            state: State::Open(Box::default()),
            transport,
            due: NEVER,
            ways: Ways([way(), way()]),
            excluded: None,
            expected,
            inner: Vec::new(),
            relay: None,
        }
    }

    /// Reads what the next message will need, so that it is in the cache then.
    pub fn touch(&self) -> u64 {
        let own = match &self.state {
            State::Known(_, _, session) => session.touch(),
            State::Open(open) => u64::from(open.payloads),
            State::Dead => 0,
        };
        // most carriers carry one conversation
        own ^ self.inner.first().map_or(0, |c| c.used ^ c.lane.touch())
    }

    /// The protocol that speaks, if it is known.
    #[inline]
    pub fn protocol(&self) -> Option<&'static Protocol> {
        match &self.state {
            State::Known(_, protocol, _) => Some(protocol),
            _ => None,
        }
    }

    /// What unknown traffic looks like; `None` once it is known who speaks.
    pub fn shape(&self) -> Option<model::Shape> {
        match &self.state {
            State::Open(open) => open.shaping.shape(),
            _ => None,
        }
    }

    /// The innermost recognised protocol, for the flow's name; the outermost where inner lanes differ.
    pub fn innermost(&self) -> Option<&'static Protocol> {
        let own = self.protocol()?;
        let inner = self.inner.iter().filter_map(|c| c.lane.innermost()).next();
        Some(inner.unwrap_or(own))
    }

    /// Stops looking after a panic.
    pub fn kill(&mut self) {
        self.state = State::Dead;
        self.inner.clear();
        self.ways = Ways::default();
        self.due = NEVER;
    }

    /// The next payload.
    #[inline]
    pub fn deliver(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        self.take(env, outs, piece);
        self.look_ahead();
    }

    fn take(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        match &mut self.state {
            State::Known(..) => self.run(env, outs, piece),
            State::Dead => env.not_understood += piece.bytes.len() as u64,
            State::Open(_) => self.identify(env, outs, piece),
        }
    }

    /// Bytes of one direction are missing.
    pub fn gap(&mut self, env: &mut Env<'_>, outs: &mut [Output], dir: Dir, missing: u64) {
        let way = self.ways.of(dir);
        env.not_understood += core::mem::take(&mut way.rest).len() as u64;
        if way.skip >= missing {
            // the hole lies inside a body that is skipped anyway
            way.skip -= missing;
            if way.skip > 0 {
                return;
            }
        } else {
            way.skip = 0;
            way.trial = true;
        }
        self.each(env, outs, dir, |session, out| session.gap(dir, out));
        if let Some((_, deeper)) = outs.split_first_mut().filter(|(_, deeper)| !deeper.is_empty()) {
            for channel in &mut self.inner {
                channel.lane.gap(env, deeper, dir, missing);
            }
        }
        if let State::Open(open) = &mut self.state {
            open.forget(dir, env);
        }
        self.look_ahead();
    }

    /// The next moment any session cares about; [`NEVER`] for none.
    #[inline]
    pub fn deadline(&self) -> Time {
        self.due
    }

    /// Asks the sessions for their next moment.
    #[inline]
    fn look_ahead(&mut self) {
        let own = match &self.state {
            State::Known(_, _, session) => session.deadline().unwrap_or(NEVER),
            _ => NEVER,
        };
        self.due = self.inner.iter().fold(own, |due, c| due.min(c.lane.due));
    }

    /// A deadline has passed.
    pub fn expire(&mut self, env: &mut Env<'_>, outs: &mut [Output], now: Time) {
        if self.due > now {
            return;
        }
        self.each(env, outs, Dir::AtoB, |session, out| session.expire(now, out));
        if let Some((_, deeper)) = outs.split_first_mut().filter(|(_, deeper)| !deeper.is_empty()) {
            for channel in &mut self.inner {
                channel.lane.expire(env, deeper, now);
            }
        }
        self.look_ahead();
    }

    /// The conversation is over.
    pub fn finish(&mut self, env: &mut Env<'_>, outs: &mut [Output]) {
        if let Some((_, deeper)) = outs.split_first_mut().filter(|(_, deeper)| !deeper.is_empty()) {
            for channel in &mut self.inner {
                channel.lane.finish(env, deeper);
            }
        }
        self.each(env, outs, Dir::AtoB, |session, out| session.finish(out));
        for way in &mut self.ways.0 {
            env.not_understood += core::mem::take(&mut way.rest).len() as u64;
        }
    }

    fn each(
        &mut self,
        env: &mut Env<'_>,
        outs: &mut [Output],
        dir: Dir,
        f: impl FnOnce(&mut dyn Session, &mut Output),
    ) {
        let State::Known(which, protocol, session) = &mut self.state else { return };
        let Some(out) = outs.first_mut() else { return };
        out.begin(env.now, env.both_sides);
        f(session.as_mut(), out);
        if !out.is_empty() {
            speak(env, out, protocol, *which, dir, self.relay);
        }
    }
}
