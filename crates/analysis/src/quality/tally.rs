//! Counting what tells good mirrors from bad ones.

use super::Finding;
use crate::conversations::Added;
use crate::table::Table;
use model::{Address, Event, FlowFact, Health, Host, What};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Pairs of hosts followed.
pub const MAX_PAIRS: usize = 65_536;
/// Ports with their share of not understood traffic kept.
pub const MAX_PORTS: usize = 4_096;
/// One-sided pairs named as examples.
const MAX_EXAMPLES: usize = 8;

/// Traffic of one port (or EtherType, or IP protocol) that nothing understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortShare {
    /// `tcp`, `udp`, `ether`, `ip`, `icmp`.
    pub transport: &'static str,
    /// Server port, EtherType or IP protocol number.
    pub number: u32,
    /// Frames not understood.
    pub frames: u64,
    /// Bytes not understood.
    pub bytes: u64,
    /// All frames there.
    pub all_frames: u64,
    /// All bytes there.
    pub all_bytes: u64,
}

/// The numbers of page one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Frames in flows.
    pub frames: u64,
    /// Payload bytes in flows.
    pub bytes: u64,
    /// Frames nothing understood.
    pub not_understood_frames: u64,
    /// Bytes nothing understood.
    pub not_understood_bytes: u64,
    /// By port, most bytes first.
    pub not_understood_by_port: Vec<PortShare>,
    /// TCP bytes missing in the middle of streams.
    pub lost_bytes: u64,
    /// TCP payload bytes seen.
    pub tcp_bytes: u64,
    /// Holes in streams.
    pub gaps: u64,
    /// TCP pairs that exchange data (or would, were both sides visible).
    pub tcp_pairs: u64,
    /// TCP pairs of which only one direction is visible.
    pub one_sided_pairs: u64,
    /// Some of those pairs.
    pub one_sided_examples: Vec<(Host, Host)>,
    /// TCP pairs whose opening was never answered: a scan, or a peer that is gone; no fault of the mirror.
    pub unanswered_pairs: u64,
    /// Duplicates removed and marked.
    pub duplicates_removed: u64,
    /// Duplicates left in and marked.
    pub duplicates_marked: u64,
    /// VLANs seen; frames without a tag are not listed.
    pub vlans: BTreeSet<u16>,
    /// Frames that carried no VLAN tag.
    pub untagged_frames: u64,
    /// Hosts seen only by group traffic they sent.
    pub broadcast_only: Vec<Host>,
    /// Hosts that take part in unicast traffic.
    pub unicast_hosts: u64,
    /// Clock steps of the capture.
    pub clock_steps: u64,
    /// Limits, panics, drops, evictions and the like the engine reported, by kind and what.
    pub engine: BTreeMap<(String, String), u64>,
}

/// The mirror's quality.
#[derive(Clone, Debug, Default)]
pub struct Quality {
    pub(super) summary: Summary,
    pub(super) ports: Table<(&'static str, u32), PortShare>,
    pub(super) pairs: Table<(Host, Host), Pair>,
    pub(super) hosts: Table<Host, bool>,
    /// Hardware addresses that carry an IP address.
    pub(super) carriers: Table<Host, ()>,
    pub(super) gap_bytes: u64,
    pub(super) gaps: u64,
    pub(super) limits: BTreeMap<&'static str, u64>,
}

/// Two hosts over TCP.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    frames: [u64; 2],
    talks: bool,
}

impl Quality {
    /// Nothing seen.
    pub fn new() -> Quality {
        Quality::default()
    }

    /// Takes a fact in; `added` is what it adds, where it is about a flow.
    pub fn see(&mut self, event: &Event, added: Added) {
        match &event.what {
            What::Flow(flow) => self.flow(flow, added),
            What::Gap(gap) => {
                self.gap_bytes = self.gap_bytes.saturating_add(gap.bytes);
                self.gaps = self.gaps.saturating_add(1);
            }
            What::Health(health) => self.health(health),
            _ => {}
        }
    }

    fn reached(&mut self, limit: &'static str) {
        *self.limits.entry(limit).or_default() += 1;
    }

    fn flow(&mut self, flow: &FlowFact, added: Added) {
        let sums = added.sums;
        if added.unknown {
            self.reached("open_flows");
        }
        let frames = sums.frames.iter().fold(0u64, |a, b| a.saturating_add(*b));
        let bytes = sums.bytes.iter().fold(0u64, |a, b| a.saturating_add(*b));
        let [dark_frames, dark_bytes] = sums.not_understood;
        let all = &mut self.summary;
        all.frames = all.frames.saturating_add(frames);
        all.bytes = all.bytes.saturating_add(bytes);
        all.not_understood_frames = all.not_understood_frames.saturating_add(dark_frames);
        all.not_understood_bytes = all.not_understood_bytes.saturating_add(dark_bytes);
        match flow.vlan {
            Some(vlan) => {
                all.vlans.insert(vlan);
            }
            None => all.untagged_frames = all.untagged_frames.saturating_add(frames),
        }
        if flow.transport == "tcp" {
            all.tcp_bytes = all.tcp_bytes.saturating_add(bytes);
            all.lost_bytes = all.lost_bytes.saturating_add(sums.lost);
        }
        self.port(flow, frames, bytes, sums.not_understood);
        self.pair(flow, sums.frames, sums.bytes);
        let group = flow.server.host.address.is_group() || directed_broadcast(&flow.server.host.address);
        // Behind an IP address the hardware address is the same device, not one more.
        for (end, mac) in [flow.client, flow.server].into_iter().zip(flow.macs) {
            if let (Address::Ip(_), Some(mac)) = (end.host.address, mac) {
                let carrier = Host { network: end.host.network, address: Address::Mac(mac) };
                self.carriers.slot(carrier, MAX_PAIRS, |_| ());
            }
        }
        self.host(flow.client.host, !group && sums.frames[0] > 0);
        if !group && sums.frames[1] > 0 {
            self.host(flow.server.host, true);
        }
    }

    /// Port shares by the server's port; where there are none, by EtherType or IP protocol.
    fn port(&mut self, flow: &FlowFact, frames: u64, bytes: u64, dark: [u64; 2]) {
        let number = if flow.server.port > 0 { u32::from(flow.server.port) } else { flow.kind };
        let key = (flow.transport, number);
        let new = PortShare { transport: flow.transport, number, ..PortShare::default() };
        let Some(share) = self.ports.slot(key, MAX_PORTS, |_| new) else { return self.reached("ports") };
        share.all_frames = share.all_frames.saturating_add(frames);
        share.all_bytes = share.all_bytes.saturating_add(bytes);
        share.frames = share.frames.saturating_add(dark[0]);
        share.bytes = share.bytes.saturating_add(dark[1]);
    }

    /// TCP pairs: frames and payload in each direction, by the order of the two hosts.
    fn pair(&mut self, flow: &FlowFact, frames: [u64; 2], bytes: [u64; 2]) {
        if flow.transport != "tcp" || flow.client.host == flow.server.host {
            return;
        }
        let swap = flow.client.host > flow.server.host;
        let key = if swap { (flow.server.host, flow.client.host) } else { (flow.client.host, flow.server.host) };
        let [a, b] = if swap { [frames[1], frames[0]] } else { frames };
        let Some(pair) = self.pairs.slot(key, MAX_PAIRS, |_| Pair::default()) else { return self.reached("pairs") };
        pair.frames = [pair.frames[0].saturating_add(a), pair.frames[1].saturating_add(b)];
        // Data is only sent once the other side has answered: its silence is the mirror's.
        pair.talks |= bytes.iter().any(|b| *b > 0) || flow.answered;
    }

    fn host(&mut self, host: Host, unicast: bool) {
        if host.address.is_group() || host.address.is_unspecified() {
            return;
        }
        match self.hosts.slot(host, MAX_PAIRS, |_| false) {
            Some(known) => *known |= unicast,
            None => self.reached("hosts"),
        }
    }

    fn health(&mut self, health: &Health) {
        let all = &mut self.summary;
        match health.kind {
            "duplicate_removed" | "duplicates_removed" => {
                all.duplicates_removed = all.duplicates_removed.saturating_add(health.count);
            }
            "duplicate_marked" | "duplicates_marked" => {
                all.duplicates_marked = all.duplicates_marked.saturating_add(health.count);
            }
            "time_step" | "time_steps" => all.clock_steps = all.clock_steps.saturating_add(health.count.max(1)),
            _ => {
                let key = (health.kind.to_string(), health.what.clone());
                if !all.engine.contains_key(&key) && all.engine.len() >= MAX_PORTS {
                    self.reached("health");
                    return;
                }
                let own = all.engine.entry(key).or_default();
                *own = own.saturating_add(health.count);
            }
        }
    }

    /// The numbers.
    pub fn snapshot(&self) -> Summary {
        let mut summary = self.summary.clone();
        let mut ports: Vec<PortShare> = self.ports.values().filter(|p| p.frames > 0).cloned().collect();
        ports.sort_by_key(|p| (std::cmp::Reverse((p.bytes, p.frames)), p.transport, p.number));
        summary.not_understood_by_port = ports;
        // Gaps and flow sums describe the same holes; the larger number is the better one.
        summary.lost_bytes = summary.lost_bytes.max(self.gap_bytes);
        summary.gaps = self.gaps;
        let talking: Vec<&Pair> = self.pairs.values().filter(|p| p.talks).collect();
        summary.tcp_pairs = talking.len() as u64;
        summary.one_sided_pairs = talking.iter().filter(|p| p.frames.contains(&0)).count() as u64;
        summary.unanswered_pairs = self.pairs.values().filter(|p| !p.talks && p.frames.contains(&0)).count() as u64;
        summary.one_sided_examples = self
            .pairs
            .sorted()
            .into_iter()
            .filter(|(_, p)| p.talks && p.frames.contains(&0))
            .take(MAX_EXAMPLES)
            .map(|((a, b), _)| (*a, *b))
            .collect();
        let alone =
            self.hosts.sorted().into_iter().filter(|(host, unicast)| !**unicast && !self.carriers.contains(host));
        summary.broadcast_only = alone.map(|(host, _)| *host).collect();
        summary.unicast_hosts = self.hosts.values().filter(|unicast| **unicast).count() as u64;
        summary
    }

    /// What is wrong, worst first.
    pub fn findings(&self) -> Vec<Finding> {
        super::findings::judge(&self.snapshot(), &self.limits)
    }

    /// Limits that were reached.
    pub fn limits(&self) -> &BTreeMap<&'static str, u64> {
        &self.limits
    }
}

/// A subnet's broadcast address cannot be told without its mask; .255 is one on all but very large subnets.
fn directed_broadcast(address: &Address) -> bool {
    matches!(address, Address::Ip(IpAddr::V4(v4)) if v4.octets()[3] == 255)
}
