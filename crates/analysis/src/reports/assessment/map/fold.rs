//! What the map shows: devices one by one while they are few, else groups.

use super::{BANDS, Edge, Flow, Map, Node, band};
use crate::conversations::Conversation;
use crate::detections::Severity;
use crate::inventory::{Asset, controls};
use crate::reports::Matter;
use crate::reports::assessment::text::words;
use crate::reports::assessment::who::{Who, subnet};
use model::Class;
use std::collections::{BTreeMap, BTreeSet};

/// Boxes a person can take in on one page.
pub const MAX_NODES: usize = 72;
/// Lines drawn; beyond it a map is a ball of wool. The heaviest stay.
pub const MAX_EDGES: usize = 220;

/// A group: band, then what its members have in common.
type Group = (usize, String, String);
/// Which group a device belongs to.
type Way<'a> = &'a dyn Fn(&Asset) -> Group;


/// Gathers nodes and lines, folding until they fit.
pub fn gather(matter: &Matter<'_>, who: &Who<'_>, conversations: &[Conversation]) -> Map {
    let kind = |a: &Asset| a.device_type.as_ref().map_or("unknown".to_string(), |j| j.value.clone());
    let place = |a: &Asset| band(a.level.as_ref().map(|l| l.value.as_str()), a.external);
    let one = |a: &Asset| (place(a), a.id.to_string(), String::new());
    let by_subnet = |a: &Asset| (place(a), subnet(a), kind(a));
    let by_type = |a: &Asset| (place(a), String::new(), kind(a));
    let by_level = |a: &Asset| (place(a), String::new(), String::new());
    let ways: [(&'static str, Way<'_>); 4] = [
        ("", &one),
        ("by level, subnet and type", &by_subnet),
        ("by level and type", &by_type),
        ("by level", &by_level),
    ];
    for (folded, way) in ways {
        let groups: Vec<Group> = matter.assets.iter().map(way).collect();
        let distinct: BTreeSet<&Group> = groups.iter().collect();
        if distinct.len() <= MAX_NODES || folded == "by level" {
            return build(matter, who, conversations, folded, &groups);
        }
    }
    Map::default()
}

fn build(
    matter: &Matter<'_>,
    who: &Who<'_>,
    conversations: &[Conversation],
    folded: &'static str,
    groups: &[Group],
) -> Map {
    let worst = worst(matter, who);
    let mut places: BTreeMap<&Group, usize> = BTreeMap::new();
    for group in groups {
        let next = places.len();
        places.entry(group).or_insert(next);
    }
    // positions follow the order of the groups, not of arrival
    for (i, place) in places.values_mut().enumerate() {
        *place = i;
    }
    let mut nodes: Vec<Node> = places
        .keys()
        .map(|(band, place, kind)| Node {
            label: if place.is_empty() { words(kind) } else { place.clone() },
            detail: words(kind),
            band: *band,
            count: 0,
            sheet: None,
            worst: None,
        })
        .collect();
    for (i, (asset, group)) in matter.assets.iter().zip(groups).enumerate() {
        let Some(node) = places.get(group).and_then(|n| nodes.get_mut(*n)) else { continue };
        node.count += 1;
        node.worst = node.worst.max(worst.get(&i).copied());
        if folded.is_empty() {
            node.label.clone_from(&asset.name);
            node.detail = match (&asset.device_type, &asset.vendor) {
                (Some(kind), _) => words(&kind.value),
                (None, Some(vendor)) => vendor.value.clone(),
                (None, None) => String::new(),
            };
            node.sheet = Some(format!("#d-{}", asset.id));
        }
    }
    for node in nodes.iter_mut().filter(|_| !folded.is_empty()) {
        if node.label.is_empty() {
            node.label = format!("level {}", BANDS.get(node.band).filter(|b| !b.is_empty()).unwrap_or(&"not known"));
        }
        node.detail = match (node.count, node.detail.as_str()) {
            (n, kind) if kind.is_empty() || node.label == kind => format!("{n} device{}", if n == 1 { "" } else { "s" }),
            (n, kind) => format!("{n} × {kind}"),
        };
    }
    let at = |host| who.index(host).and_then(|i| groups.get(i)).and_then(|g| places.get(g)).copied();
    let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
    for c in conversations {
        let (Some(a), Some(b)) = (at(&c.actor), at(&c.subject)) else { continue };
        // who asks for whose hardware address says nothing about who works with whom
        if a == b || c.protocol == "arp" {
            continue;
        }
        let (a, b) = (a.min(b), a.max(b));
        let edge = edges.entry((a, b)).or_insert(Edge { a, b, flow: Flow::Other, weight: 0, protocols: Vec::new() });
        edge.flow = edge.flow.max(flow(c));
        let operations: u64 = c.operations.iter().map(|o| o.count).sum();
        edge.weight = edge.weight.saturating_add(c.frames.iter().sum::<u64>().max(operations));
        if !edge.protocols.contains(&c.protocol) {
            edge.protocols.push(c.protocol);
        }
    }
    let mut edges: Vec<Edge> = edges.into_values().collect();
    edges.sort_by_key(|e| (core::cmp::Reverse((e.flow, e.weight)), e.a, e.b));
    let edges_left_out = edges.len().saturating_sub(MAX_EDGES);
    edges.truncate(MAX_EDGES);
    Map { nodes, edges, folded, edges_left_out }
}

fn flow(c: &Conversation) -> Flow {
    let commands = |class| {
        matches!(
            class,
            Class::Write | Class::Operate | Class::Configure | Class::Program | Class::Firmware | Class::Mode
        )
    };
    if controls(c.protocol).is_none() {
        Flow::Other
    } else if c.operations.iter().any(|o| commands(o.class)) {
        Flow::Commands
    } else if c.operations.iter().any(|o| matches!(o.class, Class::Read | Class::Identify | Class::Diagnose)) {
        Flow::Reads
    } else {
        Flow::Other
    }
}

/// The worst alert about each device.
fn worst(matter: &Matter<'_>, who: &Who<'_>) -> BTreeMap<usize, Severity> {
    let mut worst: BTreeMap<usize, Severity> = BTreeMap::new();
    for alert in matter.judge.alerts.list() {
        for device in alert.devices() {
            if let Some(i) = who.index(&device.host) {
                let own = worst.entry(i).or_insert(alert.severity);
                *own = (*own).max(alert.severity);
            }
        }
    }
    worst
}
