//! One conversation: who speaks is found out, messages are put together, the session is asked. The only stream loop.
//! Carriers open lanes inside lanes.

use crate::hash;
use crate::limits::{IDENTIFY_EVERY, IDENTIFY_TRIES, MAX_CHANNELS, MAX_DEPTH, MAX_HELD_BYTES, MAX_MESSAGE};
use crate::pair::{Breach, Pair, hop_number};
use crate::registry::{Registry, Which};
use crate::say::{self, Ends, Say};
use crate::shape::Shaping;
use model::{Mac, Path, Time, Transfer, What};
use protocols::{
    Carried, Dir, InnerBytes, Input, Kind, Moment, Output, Probe, Protocol, Session, Step, Transport, Verdict,
};

/// What every lane of a packet needs.
pub struct Env<'a> {
    /// Candidates.
    pub registry: &'a Registry,
    /// Outputs by depth, reused.
    pub outs: &'a mut Vec<Output>,
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

/// Bytes of one direction that do not make a message yet.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Bytes still to be skipped of a message already taken.
    skip: u64,
    /// Framing is lost, or was never found.
    trial: bool,
}

/// A payload held back until the other direction confirms who speaks.
struct Held {
    dir: Dir,
    at: Moment,
    boundary: bool,
    cut: u32,
    bytes: Vec<u8>,
}

/// Not known yet who speaks.
#[derive(Default)]
struct Open {
    tries: [u8; 2],
    payloads: u32,
    held: Vec<Held>,
    held_bytes: usize,
    suspect: Option<(Which, Dir, Verdict)>,
    shaping: Shaping,
}

impl Open {
    /// Holds a payload back.
    fn hold(&mut self, piece: Piece<'_>, env: &mut Env<'_>) {
        if self.held_bytes + piece.bytes.len() > MAX_HELD_BYTES {
            env.not_understood += piece.bytes.len() as u64;
            return;
        }
        self.held_bytes += piece.bytes.len();
        let Piece { dir, boundary, cut, bytes, .. } = piece;
        self.held.push(Held { dir, at: env.now, boundary, cut, bytes: bytes.to_vec() });
    }

    /// What was held of one direction was not the front of anything.
    fn forget(&mut self, dir: Dir, env: &mut Env<'_>) {
        let gone: usize = self.held.iter().filter(|h| h.dir == dir).map(|h| h.bytes.len()).sum();
        env.not_understood += gone as u64;
        self.held_bytes -= gone;
        self.held.retain(|h| h.dir != dir);
    }
}

/// A stream's front shorter than this may be too short to tell; it is held until more comes.
const SHORT_FRONT: usize = 64;

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
    buffers: [Buffer; 2],
    excluded: Option<Which>,
    inner: Vec<Channel>,
    expected: Option<Which>,
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
        let buffer = || Buffer { trial: midstream && transport.is_stream(), ..Buffer::default() };
        Lane {
            state: State::Open(Box::default()),
            transport,
            buffers: [buffer(), buffer()],
            excluded: None,
            inner: Vec::new(),
            expected,
        }
    }

    /// Reads what the next message will need, so that it is in the cache then.
    pub fn touch(&self) -> u64 {
        match &self.state {
            State::Known(_, _, session) => session.deadline().map_or(0, |d| d.0 as u64),
            State::Open(open) => u64::from(open.payloads),
            State::Dead => 0,
        }
    }

    /// The protocol that speaks, if it is known.
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
        self.buffers = Default::default();
    }

    /// The next payload.
    pub fn deliver(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>) {
        match &mut self.state {
            State::Known(..) => self.run(env, depth, piece),
            State::Dead => env.not_understood += piece.bytes.len() as u64,
            State::Open(_) => self.identify(env, depth, piece),
        }
    }

    /// Bytes of one direction are missing.
    pub fn gap(&mut self, env: &mut Env<'_>, depth: usize, dir: Dir, missing: u64) {
        let buffer = buffer_of(&mut self.buffers, dir);
        env.not_understood += buffer.bytes.len() as u64;
        buffer.bytes.clear();
        if buffer.skip >= missing {
            // the hole lies inside a body that is skipped anyway
            buffer.skip -= missing;
            if buffer.skip > 0 {
                return;
            }
        } else {
            buffer.skip = 0;
            buffer.trial = true;
        }
        self.each(env, depth, dir, |session, out| session.gap(dir, out));
        for channel in &mut self.inner {
            if depth + 1 < MAX_DEPTH {
                channel.lane.gap(env, depth + 1, dir, missing);
            }
        }
        if let State::Open(open) = &mut self.state {
            open.forget(dir, env);
        }
    }

    /// The next moment any session cares about.
    pub fn deadline(&self) -> Option<Time> {
        let own = match &self.state {
            State::Known(_, _, session) => session.deadline(),
            _ => None,
        };
        let inner = self.inner.iter().filter_map(|c| c.lane.deadline()).min();
        [own, inner].into_iter().flatten().min()
    }

    /// A deadline has passed.
    pub fn expire(&mut self, env: &mut Env<'_>, depth: usize, now: Time) {
        if self.deadline().is_none_or(|d| d > now) {
            return;
        }
        self.each(env, depth, Dir::AtoB, |session, out| session.expire(now, out));
        for channel in &mut self.inner {
            if depth + 1 < MAX_DEPTH {
                channel.lane.expire(env, depth + 1, now);
            }
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, env: &mut Env<'_>, depth: usize) {
        for channel in &mut self.inner {
            if depth + 1 < MAX_DEPTH {
                channel.lane.finish(env, depth + 1);
            }
        }
        self.each(env, depth, Dir::AtoB, |session, out| session.finish(out));
        for buffer in &mut self.buffers {
            env.not_understood += buffer.bytes.len() as u64;
            buffer.bytes.clear();
        }
    }

    fn each(&mut self, env: &mut Env<'_>, depth: usize, dir: Dir, f: impl FnOnce(&mut dyn Session, &mut Output)) {
        let State::Known(which, protocol, session) = &mut self.state else { return };
        let mut out = take_out(env, depth);
        out.begin(env.now, env.both_sides);
        f(session.as_mut(), &mut out);
        speak(env, &out, protocol, *which, dir);
        put_out(env, depth, out);
    }

    // ---- who speaks ---------------------------------------------------------------------------------------------

    fn identify(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>) {
        let State::Open(open) = &mut self.state else { return };
        open.payloads = open.payloads.saturating_add(1);
        open.shaping.see(piece.dir, piece.bytes, env.now.time);
        let [to_b, to_a] = &mut open.tries;
        let tries = if piece.dir == Dir::AtoB { to_b } else { to_a };
        let rare = *tries >= IDENTIFY_TRIES;
        if piece.bytes.is_empty() || (rare && open.payloads % IDENTIFY_EVERY != 0) {
            env.not_understood += piece.bytes.len() as u64;
            return;
        }
        if let Some(which) = self.expected.filter(|w| Some(*w) != self.excluded) {
            return self.become_known(env, depth, which, piece);
        }
        // a stream may be cut anywhere: what came before in this direction belongs to the same front
        let stream = self.transport.is_stream();
        let before: Vec<u8> = match stream {
            true => open.held.iter().filter(|h| h.dir == piece.dir).flat_map(|h| h.bytes.iter().copied()).collect(),
            false => Vec::new(),
        };
        let joined: Vec<u8>;
        let whole = if before.is_empty() {
            piece.bytes
        } else {
            joined = [before.as_slice(), piece.bytes].concat();
            &joined
        };
        let short = stream && whole.len() < SHORT_FRONT;
        if !short {
            *tries = tries.saturating_add(1);
        }
        let (src, dst) = env.ends.of(piece.dir);
        let (src_port, dst_port, transport, carried) = (src.port, dst.port, self.transport, piece.carried);
        let probe = |bytes| Probe { bytes, transport, src_port, dst_port, carried };
        let mut best = env.registry.best(&probe(whole), self.excluded);
        if best.is_none() && !before.is_empty() {
            // the conversation may have been joined inside a message: this segment may begin the next one
            best = env.registry.best(&probe(piece.bytes), self.excluded);
            if best.is_some() {
                open.forget(piece.dir, env);
            }
        }
        let Some(best) = best else {
            if short {
                open.hold(piece, env);
            } else {
                open.forget(piece.dir, env);
                open.suspect = open.suspect.filter(|(_, dir, _)| *dir != piece.dir);
                env.not_understood += piece.bytes.len() as u64;
            }
            return;
        };
        let believed = match best.verdict {
            Verdict::Sure => true,
            Verdict::Likely if best.hinted => true,
            Verdict::Likely | Verdict::Maybe => {
                let confirmed = open.suspect.is_some_and(|(which, dir, verdict)| {
                    which == best.which
                        && dir != piece.dir
                        && (best.hinted || (verdict >= Verdict::Likely && best.verdict >= Verdict::Likely))
                });
                // an EtherType names what follows; the content only has to agree
                confirmed || (best.hinted && matches!(self.transport, Transport::Link(_) | Transport::Snap(..)))
            }
            Verdict::No => false,
        };
        if believed {
            return self.become_known(env, depth, best.which, piece);
        }
        if best.hinted || best.verdict >= Verdict::Likely || short {
            let stronger = |(which, _, verdict): (Which, Dir, Verdict)| which != best.which && verdict < best.verdict;
            if open.suspect.is_none_or(stronger) {
                open.suspect = Some((best.which, piece.dir, best.verdict));
            }
            open.hold(piece, env);
        } else {
            env.not_understood += piece.bytes.len() as u64;
        }
    }

    fn become_known(&mut self, env: &mut Env<'_>, depth: usize, which: Which, piece: Piece<'_>) {
        let Some(protocol) = env.registry.protocol(which) else { return };
        let session = (protocol.session)();
        let old = core::mem::replace(&mut self.state, State::Known(which, protocol, session));
        self.expected = None;
        if let State::Open(open) = old {
            let now = env.now;
            for held in open.held {
                env.now = held.at;
                let Held { dir, boundary, cut, ref bytes, .. } = held;
                self.deliver(env, depth, Piece { dir, bytes, boundary, cut, carried: piece.carried });
            }
            env.now = now;
        }
        self.deliver(env, depth, piece);
    }

    // ---- messages -----------------------------------------------------------------------------------------------

    fn run(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>) {
        if !self.transport.is_stream() {
            return self.datagram(env, depth, piece);
        }
        let buffer = buffer_of(&mut self.buffers, piece.dir);
        let mut bytes = piece.bytes;
        if buffer.skip > 0 {
            let n = usize::try_from(buffer.skip).unwrap_or(usize::MAX).min(bytes.len());
            buffer.skip -= n as u64;
            env.understood += n as u64;
            bytes = bytes.get(n..).unwrap_or_default();
            if bytes.is_empty() {
                return;
            }
        }
        if buffer.bytes.is_empty() {
            let used = self.stream(env, depth, Piece { bytes, ..piece }, 0);
            let Some(used) = used else { return };
            let left = bytes.get(used..).unwrap_or_default();
            buffer_of(&mut self.buffers, piece.dir).bytes.extend_from_slice(left);
            return;
        }
        let start = buffer.bytes.len();
        buffer.bytes.extend_from_slice(bytes);
        let mut joined = core::mem::take(&mut buffer.bytes);
        let used = self.stream(env, depth, Piece { bytes: &joined, boundary: true, ..piece }, start);
        let Some(used) = used else { return };
        joined.drain(..used.min(joined.len()));
        let buffer = buffer_of(&mut self.buffers, piece.dir);
        buffer.bytes = joined;
        if buffer.bytes.is_empty() && buffer.bytes.capacity() > 4096 {
            buffer.bytes = Vec::new();
        }
    }

    /// Looks at a stretch of a stream until it is used up or incomplete. `segment` is where the newest segment
    /// begins. Returns how many bytes were used; `None` where the lane became another one on the way.
    fn stream(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>, segment: usize) -> Option<usize> {
        let mut at = 0;
        let mut boundary = piece.boundary;
        while at < piece.bytes.len() {
            let bytes = piece.bytes.get(at..).unwrap_or_default();
            let trial = buffer_of(&mut self.buffers, piece.dir).trial;
            let step = self.step(env, depth, Piece { bytes, boundary, ..piece }, trial);
            match step {
                Step::Took(n) if n > 0 => {
                    let buffer = buffer_of(&mut self.buffers, piece.dir);
                    buffer.trial = false;
                    if n > bytes.len() {
                        buffer.skip = (n - bytes.len()) as u64;
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
                    let step = self.step(env, depth, Piece { bytes: newest, boundary: true, ..piece }, true);
                    match step {
                        Step::Took(n) if n > 0 => {
                            env.not_understood += (segment - at) as u64;
                            let buffer = buffer_of(&mut self.buffers, piece.dir);
                            buffer.trial = false;
                            if n > newest.len() {
                                buffer.skip = (n - newest.len()) as u64;
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
                    self.not_mine(env, depth, Piece { bytes: &left, boundary, ..piece });
                    return None;
                }
            }
        }
        Some(at)
    }

    fn datagram(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>) {
        let mut at = 0;
        loop {
            let bytes = piece.bytes.get(at..).unwrap_or_default();
            if bytes.is_empty() && at > 0 {
                return;
            }
            match self.step(env, depth, Piece { bytes, boundary: at == 0, ..piece }, false) {
                Step::Took(n) if n > 0 => {
                    env.understood += n.min(bytes.len()) as u64;
                    at += n;
                    if at >= piece.bytes.len() {
                        return;
                    }
                }
                Step::NotMine if at == 0 => return self.not_mine(env, depth, piece),
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
        buffer_of(&mut self.buffers, dir).trial = true;
        let next = match n {
            0 if at < segment => segment,
            0 => end,
            n => at.saturating_add(n).min(end),
        };
        env.not_understood += (next - at) as u64;
        next
    }

    fn not_mine(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>) {
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
        self.deliver(env, depth, piece);
    }

    /// Asks the session once and says what it said.
    fn step(&mut self, env: &mut Env<'_>, depth: usize, piece: Piece<'_>, trial: bool) -> Step {
        let State::Known(which, protocol, session) = &mut self.state else { return Step::NotMine };
        let (which, protocol) = (*which, *protocol);
        let mut out = take_out(env, depth);
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
        let step = session.step(&input, &mut out);
        if !out.is_empty() {
            speak(env, &out, protocol, which, piece.dir);
            if !out.inners().is_empty() {
                self.hand_on(env, depth, &out, piece);
            }
        }
        put_out(env, depth, out);
        step
    }

    /// Gives a carrier's payload to the lanes inside.
    fn hand_on(&mut self, env: &mut Env<'_>, depth: usize, out: &Output, piece: Piece<'_>) {
        if depth + 1 >= MAX_DEPTH {
            env.say.health("limit_reached", "carriers_inside_carriers", MAX_DEPTH as u64);
            return;
        }
        for inner in out.inners() {
            let bytes = match inner.bytes {
                InnerBytes::Input(from, to) => piece.bytes.get(from..to.min(piece.bytes.len())).unwrap_or_default(),
                InnerBytes::Arena(span) => out.span(span),
            };
            let (carrier, channel) = (inner.carrier, inner.carried.channel);
            let known = self.inner.iter().position(|c| c.carrier == carrier && c.channel == channel);
            let place = match known {
                Some(place) => place,
                None => {
                    if self.inner.len() >= MAX_CHANNELS {
                        let oldest = self.inner.iter().enumerate().min_by_key(|(_, c)| c.used).map_or(0, |(i, _)| i);
                        let mut gone = self.inner.swap_remove(oldest);
                        gone.lane.finish(env, depth + 1);
                        env.say.health("limit_reached", "channels_per_flow", MAX_CHANNELS as u64);
                    }
                    let transport = match inner.stream {
                        true => Transport::StreamInside(carrier),
                        false => Transport::Inside(carrier),
                    };
                    let lane = Lane::new(transport, false, None);
                    self.inner.push(Channel { carrier, channel, used: 0, lane });
                    self.inner.len() - 1
                }
            };
            let Some(slot) = self.inner.get_mut(place) else { continue };
            slot.used = env.now.frame;
            let inside = Piece { dir: inner.dir, bytes, boundary: true, cut: 0, carried: inner.carried };
            // bytes the inner protocol takes were counted by the carrier already
            let before = env.understood;
            slot.lane.deliver(env, depth + 1, inside);
            env.understood = before;
        }
    }
}

fn buffer_of(buffers: &mut [Buffer; 2], dir: Dir) -> &mut Buffer {
    let [a, b] = buffers;
    match dir {
        Dir::AtoB => a,
        Dir::BtoA => b,
    }
}

fn take_out(env: &mut Env<'_>, depth: usize) -> Output {
    env.outs.get_mut(depth).map(core::mem::take).unwrap_or_default()
}

fn put_out(env: &mut Env<'_>, depth: usize, out: Output) {
    if let Some(place) = env.outs.get_mut(depth) {
        *place = out;
    }
}

/// Says what a session said.
fn speak(env: &mut Env<'_>, out: &Output, protocol: &'static Protocol, which: Which, dir: Dir) {
    for row in out.rows() {
        env.pair.operation(row, out, protocol, &env.ends, env.say);
    }
    for saying in out.evidence() {
        let Some(host) = env.ends.about(saying.about, dir) else { continue };
        let mut h = hash::mix(u64::from(which), saying.strength as u64);
        h = match host.address {
            model::Address::Mac(mac) => hash::bytes(h, &mac.0),
            model::Address::Ip(std::net::IpAddr::V4(ip)) => hash::bytes(h, &ip.octets()),
            model::Address::Ip(std::net::IpAddr::V6(ip)) => hash::bytes(h, &ip.octets()),
        };
        h = saying.path.hops().fold(h, |h, hop| hash::mix(h, hop_number(hop)));
        h = kind_hash(h, &saying.kind);
        h = hash::bytes(h, out.span(saying.text));
        if env.pair.is_new_evidence(h, env.say)
            && let Some(evidence) = say::evidence(saying, out, protocol.name, &env.ends, dir)
        {
            env.say.fact(What::Evidence(evidence));
        }
    }
    for row in out.anomalies() {
        let (sender, receiver) = env.ends.of(row.sent);
        let (kind, detail, number, path) = (row.kind, row.detail, row.number, row.path);
        let breach = Breach { protocol: protocol.name, kind, detail, number, path, sender, receiver };
        env.pair.anomaly(breach, env.say);
    }
    for row in out.transfers() {
        let (actor, subject) = env.ends.of(row.actor);
        let moving = &row.moving;
        let first = model::Stamp { time: env.say.raw(moving.first.time), frame: moving.first.frame, index: 0 };
        env.say.fact(What::Transfer(Transfer {
            protocol: protocol.name,
            actor,
            subject,
            path: row.path,
            kind: moving.kind,
            content: moving.content,
            name: moving.name.clone(),
            size: moving.size,
            sha256: moving.sha256(),
            complete: moving.is_complete(),
            first,
        }));
    }
    for (expect, name) in out.expects() {
        env.pair.expects.add(*expect, out.span(*name));
    }
    for limit in out.limits() {
        env.say.health("limit_reached", limit, 1);
    }
}

/// Hashes what a kind of claim carries besides its text.
fn kind_hash(h: u64, kind: &Kind) -> u64 {
    use core::hash::{Hash, Hasher};
    struct Mixer(u64);
    impl Hasher for Mixer {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0 = hash::bytes(self.0, bytes);
        }
    }
    let mut mixer = Mixer(h);
    kind.hash(&mut mixer);
    mixer.finish()
}
