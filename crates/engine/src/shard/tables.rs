//! The tables of a shard: which flow, which pair.

use super::Shard;
use crate::flow::Flow;
use crate::hash;
use crate::key::{Key, hash_host};
use crate::limits::{MAX_FLOWS, MAX_PAIRS};
use crate::pair::Pair;
use crate::slab::Slab;
use crate::stream::{Arrival, Stream};
use hashbrown::HashTable;
use model::{FlowState, Host, What};
use protocols::{Dir, Transport};
use wire::decode::{Layer, tcp};

use super::Seen;

/// Flows by key.
#[derive(Default)]
pub struct Flows {
    pub slab: Slab<Flow>,
    /// Hash of the key and slot; the flow itself is only looked at when it is used.
    pub table: HashTable<(u64, u32)>,
}

/// Pairs by hosts.
#[derive(Default)]
pub struct Pairs {
    pub slab: Slab<Pair>,
    table: HashTable<(u64, Host, Host, u32)>,
}

impl Flows {
    /// Where a flow with this hash is likely to be: its key is not compared yet.
    #[inline]
    pub fn guess(&self, hash: u64) -> u32 {
        self.table.find(hash, |e| e.0 == hash).map_or(u32::MAX, |e| e.1)
    }

    pub fn find(&self, hash: u64, key: &Key) -> Option<u32> {
        let same = |entry: &(u64, u32)| entry.0 == hash && self.slab.get(entry.1).is_some_and(|f| f.key == *key);
        self.table.find(hash, same).map(|entry| entry.1)
    }
}

impl Shard {
    /// The flow of a packet, made where it is new. `guess` is where it was when it was looked up ahead.
    #[inline]
    pub(super) fn flow_of(&mut self, seen: &Seen, key: &Key, dir: Dir, hash: u64, guess: u32) -> u32 {
        let known = match self.flows.slab.get(guess) {
            Some(flow) if flow.key == *key => Some(guess),
            _ => self.flows.find(hash, key),
        };
        match known {
            Some(slot) if !self.is_reused(slot, seen, dir) => slot,
            Some(old) => {
                self.end_flow(old);
                self.new_flow(*key, hash, dir, seen)
            }
            None => self.new_flow(*key, hash, dir, seen),
        }
    }

    /// A SYN on the ports of a conversation that is over, or that began with another sequence number, is a new one.
    #[inline]
    fn is_reused(&self, slot: u32, seen: &Seen, dir: Dir) -> bool {
        let packet = &seen.packet;
        if packet.layer != Layer::Tcp || packet.flags & (tcp::SYN | tcp::ACK) != tcp::SYN {
            return false;
        }
        let Some(flow) = self.flows.slab.get(slot) else { return false };
        let Some(streams) = &flow.streams else { return false };
        let stream: &Stream = &streams[dir.index()];
        let again = stream.started() && stream.place(packet.seq.wrapping_add(1), 0) == Arrival::Next(0);
        !again && stream.started()
    }

    #[cold]
    fn new_flow(&mut self, key: Key, hash: u64, dir: Dir, seen: &Seen) -> u32 {
        if self.flows.table.len() >= MAX_FLOWS {
            self.evict();
        }
        let slot = self.pair_of(&key, seen);
        let pair = self.pairs.slab.get_mut(slot);
        let ports = [key.a.port, key.b.port];
        let expected = pair.as_ref().and_then(|p| ports.into_iter().find_map(|port| p.expects.port(port)));
        let expected = expected.and_then(|e| self.registry.named(e.protocol));
        if let Some(pair) = pair {
            pair.flows += 1;
        }
        let midstream = key.transport == Transport::Tcp && seen.packet.flags & tcp::SYN == 0;
        let mut flow = Flow::new(key, hash, slot, dir, self.say.stamp(), seen.now, midstream, expected);
        flow.vlan = seen.packet.vlan;
        let slot = self.flows.slab.add(flow);
        self.flows.table.insert_unique(hash, (hash, slot), |entry| entry.0);
        slot
    }

    fn pair_of(&mut self, key: &Key, seen: &Seen) -> u32 {
        let (a, b) = (key.a.host, key.b.host);
        let hash = hash::mix(hash_host(self.seed, a), hash_host(0, b));
        if let Some((_, _, _, slot)) = self.pairs.table.find(hash, |p| p.0 == hash && p.1 == a && p.2 == b) {
            return *slot;
        }
        if self.pairs.table.len() >= MAX_PAIRS {
            self.say.health("limit_reached", "host_pairs", MAX_PAIRS as u64);
        }
        let slot = self.pairs.slab.add(Pair::new(seen.number, self.seed));
        self.pairs.table.insert_unique(hash, (hash, a, b, slot), |p| p.0);
        slot
    }

    /// The flow that has been quiet longest makes room.
    fn evict(&mut self) {
        let live = self.flows.slab.iter().map(|(slot, f)| (f.active, f.first.frame, slot));
        if let Some((_, _, slot)) = live.min() {
            self.say.health("limit_reached", "flows_per_shard", MAX_FLOWS as u64);
            self.end_flow(slot);
        }
    }

    pub(super) fn end_flow(&mut self, slot: u32) {
        let Shard { flows, pairs, registry, outs, say, .. } = self;
        let Some(flow) = flows.slab.get_mut(slot) else { return };
        if let Ok(entry) = flows.table.find_entry(flow.hash, |entry| entry.1 == slot) {
            entry.remove();
        }
        if let Some(pair) = pairs.slab.get_mut(flow.pair) {
            pair.flows = pair.flows.saturating_sub(1);
            super::streams::close(flow, pair, registry, outs, say);
            say.fact(What::Flow(flow.fact(FlowState::Ended)));
        }
        flows.slab.remove(slot);
    }
}
