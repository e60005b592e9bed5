//! What a reader should know about an identity: contested and moved addresses, several devices behind one.

use super::address::mac_of;
use super::bind::{REPLACED_SILENCE, Ties};
use super::facts::Span;
use super::group::{Group, Node};
use crate::inventory::Reason;
use model::{Claim, Host, NameKind, Strength, Time};
use std::collections::BTreeMap;

/// Different SSH banners behind one address that no single machine explains (it may be client and server).
const MANY_BANNERS: usize = 3;
/// Values quoted in a remark.
const MAX_QUOTED: usize = 4;

/// Remarks about a device, in order.
pub(super) fn remarks(group: &Group, ties: &Ties) -> Vec<Reason> {
    let mut all = Vec::new();
    for node in &group.nodes {
        if let Node::Ip(ip, tenure) = node {
            address(*ip, *tenure, ties, &mut all);
            if ties.far.contains(ip) {
                all.push(Reason::new("far_device").with("address", ip.address));
            }
        }
    }
    all.extend(ties.contested(group.macs().filter_map(mac_of)).map(|(ip, tenure)| duplicate(ip, tenure)));
    several(group, &mut all);
    all.extend(group.joined.iter().cloned());
    all.sort();
    all.dedup();
    all
}

fn duplicate(ip: Host, tenure: &super::bind::Tenure) -> Reason {
    let holder = tenure.mac.and_then(mac_of);
    let macs: Vec<_> = holder.iter().chain(&tenure.contested_by).map(ToString::to_string).collect();
    Reason::new("duplicate_address").with("address", ip.address).with("macs", macs.join(", "))
}

fn address(ip: Host, tenure: usize, ties: &Ties, all: &mut Vec<Reason>) {
    let Some(tenures) = ties.tenures.get(&ip) else { return };
    let Some(own) = tenures.get(tenure) else { return };
    if !own.contested_by.is_empty() {
        all.push(duplicate(ip, own));
    }
    let before = tenure.checked_sub(1).and_then(|k| tenures.get(k));
    let Some((before, (Some(old), Some(new)))) = before.map(|b| (b, (b.mac, own.mac))) else { return };
    if old == new {
        return;
    }
    let silence = own.from.since(before.until);
    // The old device is gone altogether: replaced. Still alive elsewhere: only the address moved.
    let gone = ties.alive.get(&old).is_none_or(|span| span.last < own.from);
    let id = if gone && silence >= REPLACED_SILENCE { "replaced" } else { "moved_address" };
    let mut reason = Reason::new(id).with("address", ip.address).with("old", old.address).with("new", new.address);
    if id == "replaced" {
        reason = reason.with("seconds", silence / Time::SECOND);
    }
    all.push(reason);
}

/// Contradictions that one device cannot be: several serial numbers, host names or banners at the same time.
fn several(group: &Group, all: &mut Vec<Reason>) {
    let mut seen: BTreeMap<(Host, &'static str, &'static str), BTreeMap<String, Span>> = BTreeMap::new();
    for fact in group.facts.iter().filter(|f| f.own() && f.strength >= Strength::Stated && f.about.path.is_host()) {
        let (attribute, text) = match fact.claim() {
            Some(Claim::Serial(text)) => ("serial number", text.trim().to_lowercase()),
            // A machine goes by its short and by its full name.
            Some(Claim::Name(NameKind::Host, text)) => {
                ("host name", text.split('.').next().unwrap_or_default().trim().to_lowercase())
            }
            Some(Claim::Fingerprint { kind: "ssh_banner", text }) => ("SSH banner", text.clone()),
            _ => continue,
        };
        let key = (fact.about.host, attribute, fact.protocol);
        let span = Span::of(&fact.seen);
        seen.entry(key).or_default().entry(text).and_modify(|s| *s = s.join(span)).or_insert(span);
    }
    for ((_, attribute, _), values) in seen {
        let spans: Vec<(&String, &Span)> = values.iter().collect();
        let together: Vec<&String> = spans
            .iter()
            .filter(|(text, span)| spans.iter().any(|(other, theirs)| other != text && span.overlaps(**theirs)))
            .map(|(text, _)| *text)
            .collect();
        let enough = if attribute == "SSH banner" { MANY_BANNERS } else { 2 };
        if together.len() >= enough {
            let quoted: Vec<&str> = together.iter().take(MAX_QUOTED).map(|t| t.as_str()).collect();
            let reason = Reason::new("several_devices").with("count", together.len()).with("attribute", attribute);
            all.push(reason.with("values", quoted.join(", ")));
        }
    }
}
