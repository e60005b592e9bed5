//! The log of human edits, applied in its order. Taking an entry out of the log takes back what it did.

use super::group::{Group, Node};
use crate::inventory::{Asset, Attribute, Change, Edit, Judgement, Reason};
use model::{Address, Strength};
use std::collections::BTreeSet;

fn find(groups: &[Group], id: crate::inventory::AssetId) -> Option<usize> {
    groups
        .iter()
        .position(|g| g.id() == id)
        .or_else(|| groups.iter().position(|g| g.nodes.iter().any(|n| n.id() == id)))
}

/// Merges and splits.
pub(super) fn regroup(groups: &mut Vec<Group>, edits: &[Edit]) {
    for edit in edits {
        match &edit.change {
            Change::Merge(other) => {
                let (Some(into), Some(from)) = (find(groups, edit.asset), find(groups, *other)) else { continue };
                if into == from {
                    continue;
                }
                let taken = groups.remove(from);
                let into = if from < into { into - 1 } else { into };
                if let Some(group) = groups.get_mut(into) {
                    let id = group.id();
                    group.absorb(taken);
                    group.kept_id = Some(id);
                    group.joined.push(Reason::new("merged_by_hand").with("who", &edit.who));
                }
            }
            Change::Split(addresses) => {
                let Some(group) = find(groups, edit.asset).and_then(|i| groups.get_mut(i)) else { continue };
                let fresh = split(group, addresses, &edit.who);
                groups.extend(fresh);
            }
            _ => {}
        }
    }
}

/// Takes the nodes with these addresses, and everything known about them, out of a group.
fn split(group: &mut Group, addresses: &[Address], who: &str) -> Option<Group> {
    let named = |node: &Node| match node {
        Node::Mac(host) | Node::Ip(host, _) => addresses.contains(&host.address),
        _ => false,
    };
    let nodes: BTreeSet<Node> = group.nodes.iter().copied().filter(named).collect();
    if nodes.is_empty() || nodes.len() == group.nodes.len() {
        return None;
    }
    let mut fresh = Group { nodes, ..Group::default() };
    group.nodes.retain(|n| !named(n));
    let leaves = |about: &model::Subject| addresses.contains(&about.host.address);
    let (out, stay) = std::mem::take(&mut group.facts).into_iter().partition(|f| leaves(&f.about));
    (fresh.facts, group.facts) = (out, stay);
    for (path, facts) in std::mem::take(&mut group.modules) {
        let (out, stay): (Vec<_>, Vec<_>) = facts.into_iter().partition(|f| leaves(&f.about));
        if !out.is_empty() {
            fresh.modules.insert(path, out);
        }
        if !stay.is_empty() {
            group.modules.insert(path, stay);
        }
    }
    fresh.joined.push(Reason::new("split_by_hand").with("who", who));
    Some(fresh)
}

/// Names, types, flags and notes.
pub(super) fn apply(assets: &mut [Asset], edits: &[Edit]) {
    for edit in edits {
        let own = assets.iter().position(|a| a.id == edit.asset);
        let place = own.or_else(|| assets.iter().position(|a| a.also.contains(&edit.asset)));
        let Some(asset) = place.and_then(|i| assets.get_mut(i)) else { continue };
        let judged = |value: &str, was: Option<Judgement>| {
            let mut others = Vec::new();
            if let Some(was) = was {
                if !was.by_hand && was.value != value {
                    others.push((was.value, was.reasons));
                }
                others.extend(was.others.into_iter().filter(|(kind, _)| kind != value));
            }
            Some(Judgement {
                value: value.to_string(),
                strength: Strength::Verified,
                by_hand: true,
                reasons: vec![Reason::new("by_hand").with("who", &edit.who)],
                others,
            })
        };
        match &edit.change {
            Change::Name(name) => {
                asset.name.clone_from(name);
                asset.named_by = Some(Attribute {
                    value: name.clone(),
                    strength: Strength::Verified,
                    by_hand: true,
                    because: Vec::new(),
                    conflicts: Vec::new(),
                    earlier: Vec::new(),
                });
            }
            Change::Type(kind) => asset.device_type = judged(kind, asset.device_type.take()),
            Change::Level(level) => asset.level = judged(level, asset.level.take()),
            Change::Importance(importance) => asset.importance = *importance,
            Change::Authorised(yes) => asset.authorised = Some(*yes),
            Change::Scanner(yes) => asset.scanner = *yes,
            Change::ProgrammingDevice(yes) => asset.programming_device = *yes,
            Change::Note(note) => asset.notes.push(note.clone()),
            Change::Merge(_) | Change::Split(_) => {}
        }
    }
}
