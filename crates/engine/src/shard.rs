//! Stage 1: flows, reassembly, sessions, habits. A shard owns all its tables; what it says depends only on its own
//! pairs of hosts and on time, so any number of shards says the same.

use crate::flow::{Flow, Key};
use crate::hash;
use crate::lane::{Env, Lane, Piece};
use crate::limits::{MAX_DEPTH, MAX_FLOWS, MAX_PAIRS};
use crate::order::{Batch, Order};
use crate::pair::{Breach, Pair};
use crate::patterns::{Carry, Patterns};
use crate::registry::Registry;
use crate::say::{Say, Write};
use crate::stream::{Arrival, Stream};
use hashbrown::HashTable;
use model::{
    Address, Claim, Endpoint, Evidence, FlowState, Gap, Host, Mac, Match, NetworkId, Path, Stamp, Strength, Subject,
    Time, What,
};
use protocols::{Carried, Dir, Moment, Output, Secrets, Transport};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use wire::decode::{Layer, Packet, SNAP, tcp};

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
    /// What was decoded.
    pub packet: Packet,
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
    flows: Vec<Option<Box<Flow>>>,
    free: Vec<u32>,
    /// Hash of the key and slot; the flow itself is only looked at when it is used.
    table: HashTable<(u64, u32)>,
    pairs: Vec<Option<Box<Pair>>>,
    free_pairs: Vec<u32>,
    pair_table: HashTable<(u64, Host, Host, u32)>,
    timers: BinaryHeap<Reverse<(Time, u64, u8, u32)>>,
    outs: Vec<Output>,
    say: Say,
    patterns: Patterns,
}

/// Packets looked up ahead: enough to overlap the waits for memory, few enough to stay in the first-level cache.
const AHEAD: usize = 16;

/// A packet that was looked up and not handled yet.
struct Ahead<'p> {
    seen: Seen,
    payload: &'p [u8],
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
            flows: Vec::new(),
            free: Vec::new(),
            table: HashTable::new(),
            pairs: Vec::new(),
            free_pairs: Vec::new(),
            pair_table: HashTable::new(),
            timers: BinaryHeap::new(),
            outs,
            say: Say::default(),
            patterns: Patterns::new(),
        }
    }

    /// Writes every transaction with this writer.
    pub fn write_with(&mut self, writer: Box<dyn Write>) {
        self.say.writer = Some(writer);
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
        self.table.len()
    }

    /// Several packets, in order. What they need is looked up and touched for all of them first, so that the waits
    /// for memory overlap instead of following each other.
    pub fn packets<'p>(&mut self, items: impl Iterator<Item = (Seen, &'p [u8])>) {
        let mut ahead: [Option<Ahead<'p>>; AHEAD] = [const { None }; AHEAD];
        let mut items = items.fuse();
        loop {
            let mut count = 0;
            for (place, (seen, payload)) in ahead.iter_mut().zip(items.by_ref()) {
                *place = self.look_up(seen, payload);
                count += 1;
            }
            if count == 0 {
                return;
            }
            let mut touched = 0u64;
            for one in ahead.iter().take(count).flatten() {
                if let Some(flow) = self.flows.get(one.slot as usize).and_then(Option::as_ref) {
                    touched = touched.wrapping_add(flow.touch());
                }
            }
            for one in ahead.iter().take(count).flatten() {
                if let Some(flow) = self.flows.get(one.slot as usize).and_then(Option::as_ref) {
                    touched = touched.wrapping_add(flow.lane.touch());
                    if let Some(pair) = self.pairs.get(flow.pair as usize).and_then(Option::as_ref) {
                        touched = touched.wrapping_add(pair.touch());
                    }
                }
            }
            core::hint::black_box(touched);
            for place in ahead.iter_mut().take(count) {
                if let Some(Ahead { seen, payload, key, dir, hash, .. }) = place.take() {
                    self.one(&seen, payload, key, dir, hash);
                }
            }
        }
    }

    /// One packet of this shard. `payload` are the bytes behind the last header.
    pub fn packet(&mut self, seen: &Seen, payload: &[u8]) {
        if let Some(Ahead { seen, payload, key, dir, hash, .. }) = self.look_up(*seen, payload) {
            self.one(&seen, payload, key, dir, hash);
        }
    }

    fn look_up<'p>(&self, seen: Seen, payload: &'p [u8]) -> Option<Ahead<'p>> {
        let (key, dir) = key_of(&seen)?;
        let hash = hash_key(self.seed, &key);
        let slot = self.table.find(hash, |e| e.0 == hash).map_or(u32::MAX, |e| e.1);
        Some(Ahead { seen, payload, key, dir, hash, slot })
    }

    fn one(&mut self, seen: &Seen, payload: &[u8], key: Key, dir: Dir, hash: u64) {
        self.advance(seen.now);
        let order = Order { time: seen.now, phase: 1, frame: seen.number, kind: 0, index: 0 };
        self.say.at(order, Stamp { time: seen.raw, frame: seen.number, index: 0 });
        let mut slot = self.find(hash, &key);
        if let Some(old) = slot
            && self.is_reused(old, seen, dir)
        {
            self.end_flow(old);
            slot = None;
        }
        let slot = match slot {
            Some(slot) => slot,
            None => self.new_flow(key, hash, dir, seen),
        };
        let Some(mut flow) = self.flows.get_mut(slot as usize).and_then(Option::take) else { return };
        let Some(mut pair) = self.pairs.get_mut(flow.pair as usize).and_then(Option::take) else {
            self.put_back(slot, flow);
            return;
        };
        let result = catch_unwind(AssertUnwindSafe(|| self.handle(&mut flow, &mut pair, seen, dir, payload)));
        if result.is_err() {
            let protocol = flow.lane.protocol().map_or("", |p| p.name);
            flow.lane.kill();
            self.say.health("session_panic", protocol, 1);
        }
        pair.last = seen.number;
        let due = flow.deadline();
        if due < flow.armed {
            flow.armed = due;
            self.timers.push(Reverse((due, flow.first.frame, FLOW_TIMER, slot)));
        }
        if !pair.armed {
            pair.armed = true;
            self.timers.push(Reverse((Pair::next_summary(seen.now), pair.born, PAIR_TIMER, flow.pair)));
        }
        self.put_back_pair(flow.pair, pair);
        self.put_back(slot, flow);
    }

    /// Fires every timer up to and at `now`.
    pub fn advance(&mut self, now: Time) {
        while let Some(Reverse((due, _, _, _))) = self.timers.peek()
            && *due <= now
        {
            let Some(Reverse((due, name, kind, slot))) = self.timers.pop() else { return };
            match kind {
                FLOW_TIMER => self.flow_timer(due, name, slot),
                _ => self.pair_timer(due, name, slot),
            }
        }
    }

    /// The input ended: everything still open is told.
    pub fn finish(&mut self, now: Time) {
        self.advance(now);
        let mut open: Vec<(u64, u32)> = Vec::new();
        for (slot, flow) in self.flows.iter().enumerate() {
            if let Some(flow) = flow {
                open.push((flow.first.frame, slot as u32));
            }
        }
        open.sort_unstable();
        for (name, slot) in open {
            let last = self.flows.get(slot as usize).and_then(|f| f.as_ref()).map_or(Stamp::default(), |f| f.last);
            let order = Order { time: now, phase: 2, frame: name, kind: FLOW_TIMER, index: 0 };
            self.say.at(order, Stamp { time: self.say.raw(now), frame: last.frame, index: 0 });
            self.end_flow(slot);
        }
        let mut pairs: Vec<(u64, u32)> = Vec::new();
        for (slot, pair) in self.pairs.iter().enumerate() {
            if let Some(pair) = pair {
                pairs.push((pair.born, slot as u32));
            }
        }
        pairs.sort_unstable();
        for (born, slot) in pairs {
            // behind all flows, so that a pair's sums hold what its flows said at the end
            let order = Order { time: now, phase: 3, frame: born, kind: PAIR_TIMER, index: 0 };
            if let Some(pair) = self.pairs.get_mut(slot as usize).and_then(Option::as_mut) {
                self.say.at(order, Stamp { time: self.say.raw(now), frame: pair.last, index: 0 });
                pair.summarise(&mut self.say);
            }
        }
    }

    // ---- one packet ---------------------------------------------------------------------------------------------

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
            odd(pair, &mut self.say, flow, packet, dir);
        }
        if !payload.is_empty() {
            self.match_patterns(flow, packet, dir, payload);
        }
        if packet.layer == Layer::Tcp {
            self.segment(flow, pair, seen, dir, payload, macs);
        } else {
            flow.answered |= flow.both_sides();
            let mut env = self.env(flow, pair, seen, dir, macs);
            let (boundary, carried) = (true, Carried::default());
            let piece = Piece { dir, bytes: payload, boundary, cut: packet.missing, carried };
            flow.lane.deliver(&mut env, 0, piece);
            flow.not_understood[0] += u64::from(env.understood == 0 && !payload.is_empty());
            flow.not_understood[1] += env.not_understood;
        }
        self.announce(flow);
    }

    /// Byte patterns in the payload, whatever protocol carries it.
    fn match_patterns(&mut self, flow: &mut Flow, packet: &Packet, dir: Dir, payload: &[u8]) {
        let (patterns, say, mut carry) = (&self.patterns, &mut self.say, flow.carry);
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

    /// Tells the flow once it is clear what it is: its protocol is known, or it has carried a few payloads.
    fn announce(&mut self, flow: &mut Flow) {
        if !flow.announced && flow.lane.protocol().is_some() {
            flow.announced = true;
            self.say.fact(What::Flow(flow.fact(FlowState::New)));
        }
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
        let Some(mut streams) = flow.streams.take() else { return };
        let [to_b, to_a] = &mut streams;
        let (own, other) = if dir == Dir::AtoB { (to_b, to_a) } else { (to_a, to_b) };
        if packet.flags & tcp::SYN != 0 {
            own.open(seq);
            seq = seq.wrapping_add(1);
            if packet.flags & tcp::ACK == 0 {
                flow.client = dir;
                flow.opened = true;
            } else {
                flow.client = dir.flip();
                flow.opened = true;
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
        flow.answered |= flow.bytes[0] > 0 && flow.bytes[1] > 0;
        let mut env = self.env(flow, pair, seen, dir, macs);
        let mut lost = 0;
        // the receiver has bytes that were never seen here: they are not coming any more
        if packet.flags & tcp::ACK != 0 && other.hole_is_lost(packet.ack, !payload.is_empty()) {
            lost += give_up(&mut flow.lane, &mut env, other, dir.flip());
        }
        if !payload.is_empty() || packet.missing > 0 {
            let conflict = take(&mut flow.lane, &mut env, own, dir, seq, payload, packet.missing, &mut lost);
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
        flow.streams = Some(streams);
        if lost > 0 {
            tell_gap(flow, &mut self.say, dir, lost);
        }
    }

    fn env<'a>(
        &'a mut self,
        flow: &Flow,
        pair: &'a mut Pair,
        seen: &Seen,
        dir: Dir,
        macs: Option<(Mac, Mac)>,
    ) -> Env<'a> {
        let _ = dir;
        Env {
            registry: &self.registry,
            outs: &mut self.outs,
            pair,
            say: &mut self.say,
            ends: flow.ends(),
            now: Moment { time: seen.now, frame: seen.number },
            macs,
            vlan: seen.packet.vlan,
            ttl: seen.packet.ttl,
            both_sides: flow.both_sides(),
            not_understood: 0,
            understood: 0,
        }
    }

    /// Which hardware address an IP address is seen behind. Told when it is new for this pair, so that a change
    /// shows at once.
    fn where_is(&mut self, flow: &mut Flow, pair: &mut Pair, seen: &Seen, dir: Dir, src: Mac, dst: Mac) {
        let (to, from) = if dir == Dir::AtoB { (1, 0) } else { (0, 1) };
        let known = [flow.macs.get(from).copied().flatten(), flow.macs.get(to).copied().flatten()];
        if known == [Some(src), Some(dst)] {
            return;
        }
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
        let h = hash::bytes(hash_host(7, host), &mac.0);
        if pair.is_new_evidence(h, &mut self.say) {
            let claim = Claim::SeenBehind(mac.into());
            self.tell_evidence(host, claim);
        }
        if let Some(vlan) = vlan {
            self.tell_vlan(pair, host, vlan);
        }
    }

    fn tell_vlan(&mut self, pair: &mut Pair, host: Host, vlan: u16) {
        if pair.is_new_evidence(hash::mix(hash_host(8, host), vlan.into()), &mut self.say) {
            self.tell_evidence(host, Claim::Vlan(vlan));
        }
    }

    fn tell_evidence(&mut self, host: Host, claim: Claim) {
        let (about, strength) = (Subject::host(host), Strength::Implied);
        self.say.fact(What::Evidence(Evidence { about, by: None, claim, strength, protocol: "ethernet" }));
    }

    // ---- flows and pairs ----------------------------------------------------------------------------------------

    fn find(&self, hash: u64, key: &Key) -> Option<u32> {
        let same = |entry: &(u64, u32)| {
            entry.0 == hash && self.flows.get(entry.1 as usize).and_then(Option::as_ref).is_some_and(|f| f.key == *key)
        };
        self.table.find(hash, same).map(|entry| entry.1)
    }

    /// A SYN on the ports of a conversation that is over, or that began with another sequence number, is a new one.
    fn is_reused(&self, slot: u32, seen: &Seen, dir: Dir) -> bool {
        let packet = &seen.packet;
        if packet.layer != Layer::Tcp || packet.flags & (tcp::SYN | tcp::ACK) != tcp::SYN {
            return false;
        }
        let Some(flow) = self.flows.get(slot as usize).and_then(Option::as_ref) else { return false };
        let Some(streams) = &flow.streams else { return false };
        let stream: &Stream = &streams[dir.index()];
        let mut probe = stream.clone();
        let again = probe.started() && probe.arrive(packet.seq.wrapping_add(1), 0) == Arrival::Next(0);
        !again && stream.started()
    }

    fn new_flow(&mut self, key: Key, hash: u64, dir: Dir, seen: &Seen) -> u32 {
        if self.table.len() >= MAX_FLOWS {
            self.evict();
        }
        let pair = self.pair_of(&key, seen);
        let expected = self.pairs.get(pair as usize).and_then(Option::as_ref).and_then(|p| {
            let ports = [key.a.port, key.b.port];
            ports.into_iter().find_map(|port| p.expects.port(port))
        });
        let expected = expected.and_then(|e| self.registry.named(e.protocol));
        if let Some(pair) = self.pairs.get_mut(pair as usize).and_then(Option::as_mut) {
            pair.flows += 1;
        }
        let is_tcp = key.transport == Transport::Tcp;
        let midstream = is_tcp && seen.packet.flags & tcp::SYN == 0;
        let first = self.say.stamp();
        let flow = Box::new(Flow {
            key,
            hash,
            pair,
            first,
            last: first,
            active: seen.now,
            client: dir,
            opened: false,
            answered: false,
            reset: false,
            macs: [None, None],
            vlan: seen.packet.vlan,
            frames: [0, 0],
            bytes: [0, 0],
            not_understood: [0, 0],
            lost: 0,
            gaps_told: 0,
            announced: false,
            streams: is_tcp.then(Default::default),
            carry: Carry::default(),
            lane: Lane::new(key.transport, midstream, expected),
            armed: Time(i64::MAX),
        });
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.flows.push(None);
                self.flows.len() as u32 - 1
            }
        };
        self.put_back(slot, flow);
        self.table.insert_unique(hash, (hash, slot), |entry| entry.0);
        slot
    }

    fn pair_of(&mut self, key: &Key, seen: &Seen) -> u32 {
        let (a, b) = (key.a.host, key.b.host);
        let hash = hash::mix(hash_host(self.seed, a), hash_host(0, b));
        if let Some((_, _, _, slot)) = self.pair_table.find(hash, |p| p.0 == hash && p.1 == a && p.2 == b) {
            return *slot;
        }
        if self.pair_table.len() >= MAX_PAIRS {
            self.say.health("limit_reached", "host_pairs", MAX_PAIRS as u64);
        }
        let slot = match self.free_pairs.pop() {
            Some(slot) => slot,
            None => {
                self.pairs.push(None);
                self.pairs.len() as u32 - 1
            }
        };
        self.put_back_pair(slot, Box::new(Pair::new(seen.number, self.seed)));
        self.pair_table.insert_unique(hash, (hash, a, b, slot), |p| p.0);
        slot
    }

    fn put_back(&mut self, slot: u32, flow: Box<Flow>) {
        if let Some(place) = self.flows.get_mut(slot as usize) {
            *place = Some(flow);
        }
    }

    fn put_back_pair(&mut self, slot: u32, pair: Box<Pair>) {
        if let Some(place) = self.pairs.get_mut(slot as usize) {
            *place = Some(pair);
        }
    }

    /// The flow that has been quiet longest makes room.
    fn evict(&mut self) {
        let live = self.flows.iter().enumerate().filter_map(|(i, f)| f.as_ref().map(|f| (f.active, f.first.frame, i)));
        if let Some((_, _, slot)) = live.min() {
            self.say.health("limit_reached", "flows_per_shard", MAX_FLOWS as u64);
            self.end_flow(slot as u32);
        }
    }

    fn end_flow(&mut self, slot: u32) {
        let Some(mut flow) = self.flows.get_mut(slot as usize).and_then(Option::take) else { return };
        if let Ok(entry) = self.table.find_entry(flow.hash, |entry| entry.1 == slot) {
            entry.remove();
        }
        self.free.push(slot);
        let Some(mut pair) = self.pairs.get_mut(flow.pair as usize).and_then(Option::take) else { return };
        pair.flows = pair.flows.saturating_sub(1);
        self.close(&mut flow, &mut pair);
        self.put_back_pair(flow.pair, pair);
        self.say.fact(What::Flow(flow.fact(FlowState::Ended)));
    }

    fn close(&mut self, flow: &mut Flow, pair: &mut Pair) {
        // what still waits for a hole is delivered behind it, so that nothing seen is lost
        let streams = flow.streams.take();
        let mut env = Env {
            registry: &self.registry,
            outs: &mut self.outs,
            pair,
            say: &mut self.say,
            ends: flow.ends(),
            now: Moment { time: flow.active, frame: flow.last.frame },
            macs: None,
            vlan: flow.vlan,
            ttl: 0,
            both_sides: flow.both_sides(),
            not_understood: 0,
            understood: 0,
        };
        let mut lost = 0;
        if let Some(mut streams) = streams {
            let [to_b, to_a] = &mut streams;
            for (stream, dir) in [(to_b, Dir::AtoB), (to_a, Dir::BtoA)] {
                while stream.waits_since().is_some() {
                    let n = give_up(&mut flow.lane, &mut env, stream, dir);
                    lost += n;
                    if n == 0 {
                        break;
                    }
                }
            }
        }
        flow.lane.finish(&mut env, 0);
        flow.not_understood[1] += env.not_understood;
        flow.lost += lost;
    }

    // ---- timers -------------------------------------------------------------------------------------------------

    fn flow_timer(&mut self, due: Time, name: u64, slot: u32) {
        let Some(mut flow) = self.flows.get_mut(slot as usize).and_then(Option::take) else { return };
        if flow.first.frame != name || flow.armed != due {
            // another flow lives in this slot now, or an earlier timer took over
            return self.put_back(slot, flow);
        }
        let actual = flow.deadline();
        if actual > due {
            flow.armed = actual;
            self.timers.push(Reverse((actual, name, FLOW_TIMER, slot)));
            return self.put_back(slot, flow);
        }
        let order = Order { time: due, phase: 0, frame: name, kind: FLOW_TIMER, index: 0 };
        self.say.at(order, Stamp { time: self.say.raw(due), frame: flow.last.frame, index: 0 });
        if flow.idle_at() <= due {
            self.put_back(slot, flow);
            return self.end_flow(slot);
        }
        let Some(mut pair) = self.pairs.get_mut(flow.pair as usize).and_then(Option::take) else {
            return self.put_back(slot, flow);
        };
        let mut streams = flow.streams.take();
        let mut env = Env {
            registry: &self.registry,
            outs: &mut self.outs,
            pair: &mut pair,
            say: &mut self.say,
            ends: flow.ends(),
            now: Moment { time: due, frame: flow.last.frame },
            macs: None,
            vlan: flow.vlan,
            ttl: 0,
            both_sides: flow.both_sides(),
            not_understood: 0,
            understood: 0,
        };
        let mut lost = [0, 0];
        if let Some(streams) = &mut streams {
            let [to_b, to_a] = streams;
            let [lost_b, lost_a] = &mut lost;
            for (stream, dir, lost) in [(to_b, Dir::AtoB, lost_b), (to_a, Dir::BtoA, lost_a)] {
                let overdue = stream.waits_since().is_some_and(|t| t.plus(crate::limits::HOLE_TIMEOUT_NS) <= due);
                if overdue {
                    *lost += give_up(&mut flow.lane, &mut env, stream, dir);
                }
            }
        }
        flow.lane.expire(&mut env, 0, due);
        flow.not_understood[1] += env.not_understood;
        flow.streams = streams;
        for (lost, dir) in lost.into_iter().zip([Dir::AtoB, Dir::BtoA]) {
            if lost > 0 {
                tell_gap(&mut flow, &mut self.say, dir, lost);
            }
        }
        // a session that does not let its deadline go would fire for ever
        let next = flow.deadline().max(Time(due.0.saturating_add(1)));
        flow.armed = next;
        self.timers.push(Reverse((next, name, FLOW_TIMER, slot)));
        self.put_back_pair(flow.pair, pair);
        self.put_back(slot, flow);
    }

    fn pair_timer(&mut self, due: Time, born: u64, slot: u32) {
        let Some(mut pair) = self.pairs.get_mut(slot as usize).and_then(Option::take) else { return };
        if pair.born != born {
            return self.put_back_pair(slot, pair);
        }
        let order = Order { time: due, phase: 0, frame: born, kind: PAIR_TIMER, index: 0 };
        self.say.at(order, Stamp { time: self.say.raw(due), frame: pair.last, index: 0 });
        pair.summarise(&mut self.say);
        pair.armed = pair.flows > 0;
        if pair.armed {
            self.timers.push(Reverse((Pair::next_summary(due), born, PAIR_TIMER, slot)));
        }
        self.put_back_pair(slot, pair);
    }
}

/// Gives up the hole before what waits and delivers what stands behind it. Returns the missing bytes.
fn give_up(lane: &mut Lane, env: &mut Env<'_>, stream: &mut Stream, dir: Dir) -> u64 {
    let Some(missing) = stream.skip_hole() else { return 0 };
    lane.gap(env, 0, dir, missing.into());
    drain(lane, env, stream, dir);
    missing.into()
}

/// Delivers what waited and is ready now.
fn drain(lane: &mut Lane, env: &mut Env<'_>, stream: &mut Stream, dir: Dir) {
    let now = env.now;
    while let Some(waiting) = stream.ready() {
        if let Arrival::Next(from) = stream.arrive(waiting.seq, waiting.bytes.len()) {
            let bytes = waiting.bytes.get(from..).unwrap_or_default();
            stream.delivered(waiting.seq.wrapping_add(from as u32), bytes);
            let piece = Piece { dir, bytes, boundary: true, cut: 0, carried: Carried::default() };
            lane.deliver(env, 0, piece);
        }
    }
    env.now = now;
}

/// One segment with payload. Returns whether it contradicts what was seen.
#[allow(clippy::too_many_arguments)]
fn take(
    lane: &mut Lane,
    env: &mut Env<'_>,
    stream: &mut Stream,
    dir: Dir,
    seq: u32,
    payload: &[u8],
    cut: u32,
    lost: &mut u64,
) -> bool {
    match stream.arrive(seq, payload.len()) {
        Arrival::Next(from) => {
            let conflict = from > 0 && stream.conflicts(seq, payload);
            let bytes = payload.get(from..).unwrap_or_default();
            stream.delivered(seq.wrapping_add(from as u32), bytes);
            lane.deliver(env, 0, Piece { dir, bytes, boundary: true, cut: 0, carried: Carried::default() });
            if cut > 0 {
                // the capture kept only the front of the packet: the rest of the segment is missing
                stream.restart(seq.wrapping_add(payload.len() as u32).wrapping_add(cut));
                lane.gap(env, 0, dir, cut.into());
                *lost += u64::from(cut);
            }
            drain(lane, env, stream, dir);
            conflict
        }
        Arrival::Old => stream.conflicts(seq, payload),
        Arrival::Waits => {
            let (conflict, full) = stream.wait(seq, env.now, payload);
            if full {
                *lost += give_up(lane, env, stream, dir);
            }
            conflict
        }
        Arrival::Jump => {
            *lost += stream.restart(seq) as u64;
            lane.gap(env, 0, dir, 1);
            if let Arrival::Next(_) = stream.arrive(seq, payload.len()) {
                stream.delivered(seq, payload);
                let piece = Piece { dir, bytes: payload, boundary: true, cut: 0, carried: Carried::default() };
                lane.deliver(env, 0, piece);
            }
            false
        }
    }
}

/// Missing bytes are told a few times per flow and always counted.
fn tell_gap(flow: &mut Flow, say: &mut Say, dir: Dir, lost: u64) {
    flow.lost += lost;
    if flow.gaps_told < 8 {
        flow.gaps_told += 1;
        let (sender, receiver) = flow.ends().of(dir);
        say.fact(What::Gap(Gap { sender, receiver, bytes: lost }));
    }
}

/// What is odd about a packet below the protocols.
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

/// The flow a packet belongs to, and its direction there.
fn key_of(seen: &Seen) -> Option<(Key, Dir)> {
    let packet = &seen.packet;
    let network = seen.network;
    let ip = |address: IpAddr, port: u16| Endpoint { host: Host { network, address: address.into() }, port };
    let mac = |mac: [u8; 6]| Endpoint { host: Host { network, address: Mac(mac).into() }, port: 0 };
    let (src, dst, transport) = match packet.layer {
        Layer::Tcp => (ip(packet.src, packet.src_port), ip(packet.dst, packet.dst_port), Transport::Tcp),
        Layer::Udp => (ip(packet.src, packet.src_port), ip(packet.dst, packet.dst_port), Transport::Udp),
        Layer::Icmp4 => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(1)),
        Layer::Icmp6 => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(58)),
        Layer::Ip => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(packet.kind as u8)),
        Layer::Link if packet.snap & SNAP != 0 => {
            (mac(packet.src_mac), mac(packet.dst_mac), Transport::Snap(packet.snap & 0xff_ffff, packet.kind))
        }
        Layer::Link => (mac(packet.src_mac), mac(packet.dst_mac), Transport::Link(packet.kind)),
        Layer::Nothing => return None,
    };
    Some(if src <= dst {
        (Key { a: src, b: dst, transport }, Dir::AtoB)
    } else {
        (Key { a: dst, b: src, transport }, Dir::BtoA)
    })
}

/// Hashes a host.
pub fn hash_host(seed: u64, host: Host) -> u64 {
    let h = hash::mix(seed, host.network.0.into());
    match host.address {
        Address::Mac(mac) => hash::bytes(h ^ 1, &mac.0),
        Address::Ip(IpAddr::V4(ip)) => hash::mix(h, u32::from(ip).into()),
        Address::Ip(IpAddr::V6(ip)) => hash::bytes(h, &ip.octets()),
    }
}

fn hash_key(seed: u64, key: &Key) -> u64 {
    let h = hash::mix(hash_host(seed, key.a.host), hash_host(1, key.b.host));
    let transport = match key.transport {
        Transport::Tcp => 1 << 40,
        Transport::Udp => 2 << 40,
        Transport::Link(kind) => 3 << 40 | u64::from(kind),
        Transport::Snap(oui, pid) => 4 << 60 | u64::from(oui) << 16 | u64::from(pid),
        Transport::Ip(number) => 5 << 40 | u64::from(number),
        Transport::Inside(_) | Transport::StreamInside(_) => 6 << 40,
    };
    hash::mix(h, transport ^ u64::from(key.a.port) << 16 ^ u64::from(key.b.port))
}
