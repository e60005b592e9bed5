//! Messages: the only stream loop. The session is asked; what it hands on goes to the lanes inside.

use super::speak::speak;
use super::{Channel, Env, Lane, Piece, State};
use crate::limits::{IDENTIFY_TRIES, MAX_CHANNELS, MAX_DEPTH, MAX_MESSAGE};
use crate::pair::Breach;
use model::Path;
use protocols::{Dir, Inner, InnerBytes, Input, Output, Step, Transport};

/// A buffer larger than this is given back when it is empty.
const KEPT_BUFFER: usize = 4096;

impl Lane {
    pub(super) fn run(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        if !self.transport.is_stream() {
            return self.datagram(env, outs, piece);
        }
        let mut bytes = piece.bytes;
        let way = self.ways.of(piece.dir);
        if way.skip > 0 {
            let n = usize::try_from(way.skip).unwrap_or(usize::MAX).min(bytes.len());
            way.skip -= n as u64;
            env.understood += n as u64;
            bytes = bytes.get(n..).unwrap_or_default();
            if bytes.is_empty() {
                return;
            }
        }
        if way.rest.is_empty() {
            let used = self.stream(env, outs, Piece { bytes, ..piece }, 0);
            let Some(used) = used else { return };
            let left = bytes.get(used..).unwrap_or_default();
            if !left.is_empty() {
                self.ways.of(piece.dir).rest.extend_from_slice(left);
            }
            return;
        }
        let mut joined = core::mem::take(&mut way.rest);
        let start = joined.len();
        joined.extend_from_slice(bytes);
        let used = self.stream(env, outs, Piece { bytes: &joined, boundary: true, ..piece }, start);
        let Some(used) = used else { return };
        joined.drain(..used.min(joined.len()));
        if !joined.is_empty() || joined.capacity() <= KEPT_BUFFER {
            self.ways.of(piece.dir).rest = joined;
        }
    }

    /// Looks at a stretch of a stream until it is used up or incomplete. `segment` is where the newest segment
    /// begins. Returns how many bytes were used; `None` where the lane became another one on the way.
    fn stream(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>, segment: usize) -> Option<usize> {
        let mut at = 0;
        let mut boundary = piece.boundary;
        while at < piece.bytes.len() {
            let bytes = piece.bytes.get(at..).unwrap_or_default();
            let trial = self.ways.of(piece.dir).trial;
            let step = self.step(env, outs, Piece { bytes, boundary, ..piece }, trial);
            match step {
                Step::Took(n) if n > 0 => {
                    let way = self.ways.of(piece.dir);
                    way.trial = false;
                    if n > bytes.len() {
                        way.skip = (n - bytes.len()) as u64;
                    }
                    env.understood += n.min(bytes.len()) as u64;
                    at += n.min(bytes.len());
                    boundary = at == segment;
                }
                Step::NeedMore if bytes.len() > MAX_MESSAGE => {
                    // no message is that long: the length was wrong
                    let limit = "message_size";
                    env.say.health("limit_reached", limit, MAX_MESSAGE as u64);
                    at = self.lost(env, piece.dir, at, 0, segment, piece.bytes.len());
                    boundary = true;
                }
                Step::NeedMore if trial && at < segment => {
                    // what looked like the start of a message may be garbage that announces a long one: a later
                    // segment that reads well by itself is believed instead
                    let newest = piece.bytes.get(segment..).unwrap_or_default();
                    let step = self.step(env, outs, Piece { bytes: newest, boundary: true, ..piece }, true);
                    match step {
                        Step::Took(n) if n > 0 => {
                            env.not_understood += (segment - at) as u64;
                            let way = self.ways.of(piece.dir);
                            way.trial = false;
                            if n > newest.len() {
                                way.skip = (n - newest.len()) as u64;
                            }
                            env.understood += n.min(newest.len()) as u64;
                            at = segment + n.min(newest.len());
                            boundary = false;
                        }
                        _ => return Some(at),
                    }
                }
                Step::NeedMore => return Some(at),
                Step::Resync(n) => {
                    at = self.lost(env, piece.dir, at, n, segment, piece.bytes.len());
                    boundary = n == 0 || at == segment;
                }
                Step::Took(_) => {
                    env.say.health("no_progress", self.protocol().map_or("", |p| p.name), 1);
                    at = self.lost(env, piece.dir, at, 0, segment, piece.bytes.len());
                }
                Step::NotMine => {
                    let left = piece.bytes.get(at..).unwrap_or_default().to_vec();
                    self.not_mine(env, outs, Piece { bytes: &left, boundary, ..piece });
                    return None;
                }
            }
        }
        Some(at)
    }

    fn datagram(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        let mut at = 0;
        loop {
            let bytes = piece.bytes.get(at..).unwrap_or_default();
            if bytes.is_empty() && at > 0 {
                return;
            }
            match self.step(env, outs, Piece { bytes, boundary: at == 0, ..piece }, false) {
                Step::Took(n) if n > 0 => {
                    env.understood += n.min(bytes.len()) as u64;
                    at += n;
                    if at >= piece.bytes.len() {
                        return;
                    }
                }
                Step::NotMine if at == 0 => return self.not_mine(env, outs, piece),
                Step::NeedMore if piece.cut == 0 && !bytes.is_empty() => {
                    let (sender, receiver) = env.ends.of(piece.dir);
                    let protocol = self.protocol().map_or("", |p| p.name);
                    let (kind, detail) = ("truncated", "message longer than its datagram");
                    let (number, path) = (bytes.len() as u64, Path::HOST);
                    let breach = Breach { protocol, kind, detail, number, path, sender, receiver };
                    env.pair.anomaly(breach, env.say);
                    env.not_understood += bytes.len() as u64;
                    return;
                }
                Step::Resync(n) if n > 0 && n < bytes.len() => {
                    env.not_understood += n as u64;
                    at += n;
                }
                _ => {
                    env.not_understood += bytes.len() as u64;
                    return;
                }
            }
        }
    }

    /// Framing is lost at `at`: where to look again.
    fn lost(&mut self, env: &mut Env<'_>, dir: Dir, at: usize, n: usize, segment: usize, end: usize) -> usize {
        self.ways.of(dir).trial = true;
        let next = match n {
            0 if at < segment => segment,
            0 => end,
            n => at.saturating_add(n).min(end),
        };
        env.not_understood += (next - at) as u64;
        next
    }

    fn not_mine(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        let old = core::mem::replace(&mut self.state, State::Open(Box::default()));
        self.inner.clear();
        if let State::Known(which, ..) = old {
            if self.excluded.is_some() {
                // two protocols have declined: it is looked at rarely from here on
                if let State::Open(open) = &mut self.state {
                    open.tries = [IDENTIFY_TRIES; 2];
                }
            }
            self.excluded = Some(which);
        }
        self.take(env, outs, piece);
    }

    /// Asks the session once and says what it said.
    fn step(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>, trial: bool) -> Step {
        let State::Known(which, protocol, session) = &mut self.state else { return Step::NotMine };
        let (which, protocol) = (*which, *protocol);
        let Some((out, deeper)) = outs.split_first_mut() else { return Step::NotMine };
        out.begin(env.now, env.both_sides);
        let (src, dst) = env.ends.of(piece.dir);
        let input = Input {
            bytes: piece.bytes,
            cut: piece.cut,
            dir: piece.dir,
            at: env.now,
            src,
            dst,
            macs: env.macs,
            vlan: env.vlan,
            ttl: env.ttl,
            transport: self.transport,
            carried: piece.carried,
            boundary: piece.boundary,
            trial,
            both_sides: env.both_sides,
            expects: &env.pair.expects,
        };
        let step = session.step(&input, out);
        if !out.is_empty() {
            speak(env, out, protocol, which, piece.dir, self.relay);
            if !out.inners().is_empty() {
                self.hand_on(env, deeper, out, piece);
            }
        }
        step
    }

    /// Gives a carrier's payload to the lanes inside.
    fn hand_on(&mut self, env: &mut Env<'_>, deeper: &mut [Output], out: &Output, piece: Piece<'_>) {
        if deeper.is_empty() {
            env.say.health("limit_reached", "carriers_inside_carriers", MAX_DEPTH as u64);
            return;
        }
        for inner in out.inners() {
            let bytes = match inner.bytes {
                InnerBytes::Input(from, to) => piece.bytes.get(from..to.min(piece.bytes.len())).unwrap_or_default(),
                InnerBytes::Arena(span) => out.span(span),
            };
            let Some(slot) = self.channel(env, deeper, inner) else { continue };
            slot.used = env.now.frame;
            let inside = Piece { dir: inner.dir, bytes, boundary: true, cut: 0, carried: inner.carried };
            // bytes the inner protocol takes were counted by the carrier already
            let before = env.understood;
            slot.lane.deliver(env, deeper, inside);
            env.understood = before;
        }
    }

    /// The lane of a channel, made where it is new; the one quiet longest makes room.
    fn channel(&mut self, env: &mut Env<'_>, deeper: &mut [Output], inner: &Inner) -> Option<&mut Channel> {
        let (carrier, channel) = (inner.carrier, inner.carried.channel);
        let known = self.inner.iter().position(|c| c.channel == channel && same_word(c.carrier, carrier));
        let place = match known {
            Some(place) => place,
            None => {
                if self.inner.len() >= MAX_CHANNELS {
                    let oldest = self.inner.iter().enumerate().min_by_key(|(_, c)| c.used).map_or(0, |(i, _)| i);
                    let mut gone = self.inner.swap_remove(oldest);
                    gone.lane.finish(env, deeper);
                    env.say.health("limit_reached", "channels_per_flow", MAX_CHANNELS as u64);
                }
                let transport = match inner.stream {
                    true => Transport::StreamInside(carrier),
                    false => Transport::Inside(carrier),
                };
                let mut lane = Lane::new(transport, false, None);
                lane.relay = self.relay.or(inner.relay);
                // most carriers carry one conversation
                self.inner.reserve_exact(1);
                self.inner.push(Channel { carrier, channel, used: 0, lane });
                self.inner.len() - 1
            }
        };
        self.inner.get_mut(place)
    }
}

/// Whether two static words are the same; mostly they are at the same place.
#[inline]
fn same_word(a: &'static str, b: &'static str) -> bool {
    core::ptr::eq(a, b) || a == b
}
