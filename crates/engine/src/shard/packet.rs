//! One packet of a flow: counters, who stands where, segments to their stream, datagrams to their conversation.

use super::{Seen, Shard, streams, timers};
use crate::flow::Flow;
use crate::hash;
use crate::heard::Mark;
use crate::key::{Key, hash_host};
use crate::lane::{Env, Piece};
use crate::order::Order;
use crate::pair::{Breach, Pair};
use crate::patterns::Patterns;
use crate::registry::Registry;
use crate::say::Say;
use model::{Address, Claim, Evidence, FlowState, Host, Mac, Match, Path, Stamp, Strength, Subject, What};
use protocols::{Carried, Dir, Moment, Output};
use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wire::decode::{Layer, Packet, tcp};

/// What handling a packet needs besides its flow and pair.
struct Desk<'a> {
    registry: &'a Registry,
    outs: &'a mut [Output],
    say: &'a mut Say,
    patterns: &'a Patterns,
}

impl Shard {
    pub(super) fn one(&mut self, seen: &Seen, payload: &[u8], key: &Key, dir: Dir, hash: u64, guess: u32) {
        self.advance(seen.now);
        let order = Order { time: seen.now, phase: 1, frame: seen.number, kind: 0, index: 0 };
        self.say.at(order, Stamp { time: seen.raw, frame: seen.number, index: 0 });
        let slot = self.flow_of(seen, key, dir, hash, guess);
        let Shard { flows, pairs, registry, outs, say, patterns, timers, .. } = self;
        let Some(flow) = flows.slab.get_mut(slot) else { return };
        let Some(pair) = pairs.slab.get_mut(flow.pair) else { return };
        let mut desk = Desk { registry, outs, say, patterns };
        let result = catch_unwind(AssertUnwindSafe(|| desk.handle(flow, pair, seen, dir, payload)));
        if result.is_err() {
            let protocol = flow.lane.protocol().map_or("", |p| p.name);
            flow.lane.kill();
            say.health("session_panic", protocol, 1);
        }
        pair.last = seen.number;
        let due = flow.deadline();
        if due < flow.armed {
            timers::arm(flow, due, slot, timers);
        }
        if !pair.armed {
            pair.armed = true;
            timers.push(Reverse((Pair::next_summary(seen.now), pair.born, super::PAIR_TIMER, flow.pair)));
        }
    }
}

impl Desk<'_> {
    fn handle(&mut self, flow: &mut Flow, pair: &mut Pair, seen: &Seen, dir: Dir, payload: &[u8]) {
        let packet = &seen.packet;
        let i = dir.index();
        if let (Some(frames), Some(bytes)) = (flow.frames.get_mut(i), flow.bytes.get_mut(i)) {
            *frames += 1;
            *bytes += payload.len() as u64 + u64::from(packet.missing);
        }
        flow.last = self.say.stamp();
        flow.active = seen.now;
        let macs = packet.has_mac.then_some((Mac(packet.src_mac), Mac(packet.dst_mac)));
        if let Some((src, dst)) = macs {
            self.where_is(flow, pair, seen, dir, src, dst);
        }
        if !packet.odd.is_empty() {
            odd(pair, self.say, flow, packet, dir);
        }
        if !payload.is_empty() {
            self.match_patterns(flow, packet, dir, payload);
        }
        if packet.layer == Layer::Tcp {
            self.segment(flow, pair, seen, dir, payload, macs);
        } else {
            flow.answered |= flow.both_sides();
            let mut env = env(self.registry, self.say, flow, pair, seen, macs);
            let (boundary, carried) = (true, Carried::default());
            let piece = Piece { dir, bytes: payload, boundary, cut: packet.missing, carried };
            flow.lane.deliver(&mut env, self.outs, piece);
            flow.not_understood[0] += u64::from(env.understood == 0 && !payload.is_empty());
            flow.not_understood[1] += env.not_understood;
        }
        // the flow is told once it is clear what it is
        if !flow.announced && flow.lane.protocol().is_some() {
            flow.announced = true;
            self.say.fact(What::Flow(flow.fact(FlowState::New)));
        }
    }

    /// Byte patterns in the payload, whatever protocol carries it.
    #[inline]
    fn match_patterns(&mut self, flow: &mut Flow, packet: &Packet, dir: Dir, payload: &[u8]) {
        let (patterns, say, mut carry) = (self.patterns, &mut *self.say, flow.carry);
        let mut found = |pattern| {
            let (sender, receiver) = flow.ends().of(dir);
            let protocol = flow.lane.innermost().map(|p| p.name);
            say.fact(What::Match(Match { pattern, sender, receiver, protocol }));
        };
        match packet.layer {
            Layer::Tcp => patterns.segment(&mut carry, dir.index(), packet.seq, payload, &mut found),
            _ => patterns.datagram(payload, &mut found),
        }
        flow.carry = carry;
    }

    fn segment(
        &mut self,
        flow: &mut Flow,
        pair: &mut Pair,
        seen: &Seen,
        dir: Dir,
        payload: &[u8],
        macs: Option<(Mac, Mac)>,
    ) {
        let packet = &seen.packet;
        let mut seq = packet.seq;
        let mut env = env(self.registry, self.say, flow, pair, seen, macs);
        let Some([to_b, to_a]) = &mut flow.streams else { return };
        let (own, other) = if dir == Dir::AtoB { (to_b, to_a) } else { (to_a, to_b) };
        if packet.flags & (tcp::SYN | tcp::RST | tcp::FIN) != 0 {
            if packet.flags & tcp::SYN != 0 {
                own.open(seq);
                seq = seq.wrapping_add(1);
                flow.opened = true;
                if packet.flags & tcp::ACK == 0 {
                    flow.client = dir;
                } else {
                    flow.client = dir.flip();
                    flow.answered = true;
                }
            }
            if packet.flags & tcp::RST != 0 {
                flow.reset = true;
                own.closed = true;
            }
            if packet.flags & tcp::FIN != 0 {
                own.closed = true;
            }
        }
        flow.answered |= flow.bytes[0] > 0 && flow.bytes[1] > 0;
        let mut lost = 0;
        // the receiver has bytes that were never seen here: they are not coming any more
        if other.is_waiting() && packet.flags & tcp::ACK != 0 && other.hole_is_lost(packet.ack, !payload.is_empty()) {
            lost += streams::give_up(&mut flow.lane, &mut env, self.outs, other, dir.flip());
        }
        if !payload.is_empty() || packet.missing > 0 {
            let segment = streams::Segment { dir, seq, payload, digest: seen.digest, cut: packet.missing };
            let conflict = streams::take(&mut flow.lane, &mut env, self.outs, own, segment, &mut lost);
            if conflict {
                let (sender, receiver) = env.ends.of(dir);
                let (protocol, kind, detail) = ("tcp", "conflicting_overlap", "retransmission with other content");
                let breach = Breach { protocol, kind, detail, number: 0, path: Path::HOST, sender, receiver };
                env.pair.anomaly(breach, env.say);
            }
        }
        let (understood, not_understood) = (env.understood, env.not_understood);
        flow.not_understood[0] += u64::from(understood == 0 && not_understood > 0);
        flow.not_understood[1] += not_understood;
        if lost > 0 {
            streams::tell_gap(flow, self.say, dir, lost);
        }
    }

    /// Which hardware address an IP address is seen behind. Told when it is new for this pair, so that a change
    /// shows at once.
    #[inline]
    fn where_is(&mut self, flow: &mut Flow, pair: &mut Pair, seen: &Seen, dir: Dir, src: Mac, dst: Mac) {
        let [a, b] = flow.macs;
        let known = if dir == Dir::AtoB { [a, b] } else { [b, a] };
        if known != [Some(src), Some(dst)] {
            self.moved(flow, pair, seen, dir, src, dst);
        }
    }

    #[cold]
    fn moved(&mut self, flow: &mut Flow, pair: &mut Pair, seen: &Seen, dir: Dir, src: Mac, dst: Mac) {
        let (to, from) = if dir == Dir::AtoB { (1, 0) } else { (0, 1) };
        let ends = [(from, src), (to, dst)];
        for (i, mac) in ends {
            if mac.is_zero() {
                continue;
            }
            if let Some(place) = flow.macs.get_mut(i) {
                *place = Some(mac);
            }
            let host = if i == 0 { flow.key.a.host } else { flow.key.b.host };
            // only a sender shows where it stands; a destination address is the sender's belief
            if mac.is_group() || host.address.is_group() || host.address.is_unspecified() || i != from {
                continue;
            }
            if let Address::Ip(_) = host.address {
                self.seen_behind(pair, host, mac, seen.packet.vlan);
            } else if let Some(vlan) = seen.packet.vlan {
                self.tell_vlan(pair, host, vlan);
            }
        }
    }

    fn seen_behind(&mut self, pair: &mut Pair, host: Host, mac: Mac, vlan: Option<u16>) {
        let topic = hash_host(7, host);
        self.tell(
            pair,
            Mark { hash: hash::bytes(topic, &mac.0), topic, dated: false },
            host,
            Claim::SeenBehind(mac.into()),
        );
        if let Some(vlan) = vlan {
            self.tell_vlan(pair, host, vlan);
        }
    }

    fn tell_vlan(&mut self, pair: &mut Pair, host: Host, vlan: u16) {
        let hash = hash::mix(hash_host(8, host), vlan.into());
        self.tell(pair, Mark { hash, topic: 0, dated: false }, host, Claim::Vlan(vlan));
    }

    fn tell(&mut self, pair: &mut Pair, mark: Mark, host: Host, claim: Claim) {
        let (about, strength) = (Subject::host(host), Strength::Implied);
        let evidence = || Some(Evidence { about, by: None, claim, strength, protocol: "ethernet" });
        pair.heard.claim(mark, self.say, evidence);
    }
}

#[inline]
fn env<'a>(
    registry: &'a Registry,
    say: &'a mut Say,
    flow: &Flow,
    pair: &'a mut Pair,
    seen: &Seen,
    macs: Option<(Mac, Mac)>,
) -> Env<'a> {
    let now = Moment { time: seen.now, frame: seen.number };
    let mut env = Env::new(registry, pair, say, flow.ends(), now, flow.both_sides());
    env.macs = macs;
    env.vlan = seen.packet.vlan;
    env.ttl = seen.packet.ttl;
    env
}

/// What is odd about a packet below the protocols.
#[cold]
fn odd(pair: &mut Pair, say: &mut Say, flow: &Flow, packet: &Packet, dir: Dir) {
    let (sender, receiver) = flow.ends().of(dir);
    let protocol = match packet.layer {
        Layer::Tcp => "tcp",
        Layer::Udp => "udp",
        Layer::Link | Layer::Nothing => "ethernet",
        _ => "ip",
    };
    for kind in packet.odd.names() {
        let breach = Breach { protocol, kind, detail: "", number: 0, path: Path::HOST, sender, receiver };
        pair.anomaly(breach, say);
    }
}
