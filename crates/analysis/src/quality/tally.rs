//! Counting what tells good mirrors from bad ones.

use super::Finding;
use crate::conversations::OpenFlows;
use model::{Event, Host};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs of hosts followed.
pub const MAX_PAIRS: usize = 65_536;
/// Ports with their share of not understood traffic kept.
pub const MAX_PORTS: usize = 4_096;

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
    /// TCP pairs with traffic.
    pub tcp_pairs: u64,
    /// TCP pairs of which only one direction is visible.
    pub one_sided_pairs: u64,
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
    pub(super) open: OpenFlows,
    pub(super) summary: Summary,
    pub(super) ports: BTreeMap<(&'static str, u32), PortShare>,
    pub(super) pairs: BTreeMap<(Host, Host), [u64; 2]>,
    pub(super) hosts: BTreeMap<Host, bool>,
    pub(super) limits: BTreeMap<&'static str, u64>,
}

impl Quality {
    /// Nothing seen.
    pub fn new() -> Quality {
        Quality::default()
    }

    /// Takes a fact in.
    pub fn see(&mut self, _event: &Event) {}

    /// The numbers.
    pub fn snapshot(&self) -> Summary {
        self.summary.clone()
    }

    /// What is wrong, worst first.
    pub fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }

    /// Limits that were reached.
    pub fn limits(&self) -> &BTreeMap<&'static str, u64> {
        &self.limits
    }
}
