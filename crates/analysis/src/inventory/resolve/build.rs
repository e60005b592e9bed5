//! Putting a device together from its group.

use super::address::{mac_of, virtual_scheme};
use super::bind::Ties;
use super::facts::{Facts, Span};
use super::group::{Group, Node, home};
use super::judge::{self, Programmers};
use super::remarks::remarks;
use super::units::Units;
use super::values::Values;
use crate::inventory::store::Statement;
use crate::inventory::{
    AddressUse, Asset, AssetId, Attribute, Body, Importance, Judgement, Module, Names, Reason, Service, Unit,
};
use model::{Address, Claim, Class, Hop, Mac, NameKind, NetworkId, Path, Stamp, Strength, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Addresses of the outside shown; the rest is counted.
const MAX_OUTSIDE_SHOWN: usize = 64;

/// What all devices are built from.
pub(super) struct Context<'a> {
    groups: &'a [Group],
    ties: &'a Ties,
    units: &'a Units,
    names: &'a dyn Names,
    place: &'a BTreeMap<Node, usize>,
    programmers: Programmers,
    /// Groups reached through a group.
    children: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Context<'a> {
    pub fn new(
        groups: &'a [Group],
        facts: &Facts,
        ties: &'a Ties,
        units: &'a Units,
        names: &'a dyn Names,
        place: &'a BTreeMap<Node, usize>,
    ) -> Context<'a> {
        let mut programmers = Programmers::new();
        for fact in facts.values().flatten() {
            if let Statement::Acts { class: Class::Program | Class::Firmware, on } = fact.statement {
                programmers.entry(on).or_default().entry(fact.protocol).or_default().insert(fact.about.host);
            }
        }
        let mut context = Context { groups, ties, units, names, place, programmers, children: BTreeMap::new() };
        for (i, group) in groups.iter().enumerate() {
            if let Some(parent) = context.parent(i, group) {
                context.children.entry(parent).or_default().push(i);
            }
        }
        context
    }

    fn id_of(&self, node: Node) -> Option<AssetId> {
        self.place.get(&node).and_then(|i| self.groups.get(*i)).map(Group::id)
    }

    /// The group it is reached through: the one that most facts came by.
    fn parent(&self, own: usize, group: &Group) -> Option<usize> {
        // What has an address of its own on the link is reached directly.
        if group.nodes.iter().any(|n| matches!(n, Node::Ip(..))) {
            return None;
        }
        let mut votes: BTreeMap<usize, u64> = BTreeMap::new();
        for (node, count) in &group.through {
            if let Some(place) = self.place.get(node).filter(|place| **place != own) {
                *votes.entry(*place).or_default() += count;
            }
        }
        votes.into_iter().max_by_key(|(place, count)| (*count, std::cmp::Reverse(*place))).map(|(place, _)| place)
    }

    pub fn asset(&self, own: usize, group: &Group) -> Asset {
        let values = Values::new(&group.facts, self.names);
        let network = group.anchor().map_or(NetworkId(0), |n| n.network());
        let external = group.nodes.iter().any(|n| matches!(n, Node::Outside(_)));
        let (addresses, macs) = self.addresses(group);
        let units = self.units(group, own);
        let apart = units.iter().filter_map(|u| u.asset).collect::<BTreeSet<_>>().len();
        let remote = self.children.get(&own).into_iter().flatten();
        let remote = remote
            .filter(|i| self.groups.get(**i).is_some_and(|g| g.nodes.iter().any(|n| matches!(n, Node::Remote { .. }))))
            .count();
        let name = |kind| values.name(kind);
        let (station, system, host) = (name(NameKind::Station), name(NameKind::System), name(NameKind::Host));
        let (device_type, level) = match external {
            true => (Some(outside("internet", "outside_plant")), Some(outside("5", "level_outside"))),
            false => {
                let kind = judge::device_type(group, self.ties, self.names, apart, remote, &self.programmers);
                let level = judge::level(group, kind.as_ref().map(|k| k.value.as_str()), self.names);
                (kind, level)
            }
        };
        let named_by =
            if external { None } else { station.clone().or_else(|| system.clone()).or_else(|| host.clone()) };
        let said = |value: Option<Attribute>| if external { None } else { value };
        let text = |f: fn(&Claim) -> Option<&String>| said(values.text(f));
        let (first, last) = self.seen(group);
        let id = group.id();
        let mut asset = Asset {
            id,
            also: group.nodes.iter().map(Node::id).filter(|also| *also != id).collect(),
            name: String::new(),
            named_by,
            network,
            subjects: subjects(group),
            addresses,
            macs,
            behind: self.behind(group),
            vlans: vlans(group),
            host_name: said(host),
            domain: said(name(NameKind::Domain)),
            station_name: said(station),
            system_name: said(system),
            project: said(name(NameKind::Project)),
            users: values.every(|c| match c {
                Claim::Name(NameKind::User, text) => Some(text),
                _ => None,
            }),
            vendor: said(values.vendor(Some(group))),
            model: said(values.model()),
            family: said(values.family()),
            order_number: text(order_number),
            firmware: text(firmware),
            software: text(|c| if let Claim::Software(t) = c { Some(t) } else { None }),
            hardware: text(hardware),
            serial: text(serial),
            os: said(values.os()),
            description: text(|c| if let Claim::Description(t) = c { Some(t) } else { None }),
            location: text(|c| if let Claim::Location(t) = c { Some(t) } else { None }),
            contact: text(|c| if let Claim::Contact(t) = c { Some(t) } else { None }),
            mode: said(values.mode()),
            protection: values.every(|c| if let Claim::Protection(t) = c { Some(t) } else { None }),
            port: text(|c| if let Claim::Port(t) = c { Some(t) } else { None }),
            device_type,
            level,
            protocols: protocols(group),
            services: services(group),
            modules: self.modules(group),
            units,
            parent: self.parent(own, group).and_then(|i| self.groups.get(i)).map(Group::id),
            bodies: self.bodies(group),
            first,
            last,
            external,
            external_addresses: 0,
            authorised: None,
            scanner: false,
            programming_device: false,
            importance: Importance::Normal,
            notes: Vec::new(),
            remarks: if external { Vec::new() } else { remarks(group, self.ties) },
        };
        if external {
            asset.external_addresses = asset.addresses.len() as u64;
            asset.addresses.truncate(MAX_OUTSIDE_SHOWN);
        }
        if asset.bodies.len() > 1 {
            let scheme = group.macs().filter_map(mac_of).find_map(virtual_scheme).unwrap_or_default();
            let reason = Reason::new("one_thing_two_bodies").with("count", asset.bodies.len()).with("scheme", scheme);
            asset.remarks.push(reason);
        }
        asset.name = display_name(&asset, group);
        asset
    }

    fn seen(&self, group: &Group) -> (Stamp, Stamp) {
        let all = group.facts.iter().chain(group.modules.values().flatten()).map(|f| f.seen);
        let first = all.clone().map(|s| s.first).min_by_key(crate::inventory::store::by_time);
        let last = all.map(|s| s.last).max_by_key(crate::inventory::store::by_time);
        // A router nobody spoke about is known from the frames that came through it.
        let alive = group.macs().filter_map(|mac| self.ties.alive.get(&mac).copied()).reduce(Span::join);
        let carried = |time: Option<model::Time>| Stamp { time: time.unwrap_or_default(), frame: 0, index: 0 };
        let first = first.unwrap_or_else(|| carried(alive.map(|s| s.first)));
        (first, last.unwrap_or_else(|| carried(alive.map(|s| s.last))))
    }

    fn addresses(&self, group: &Group) -> (Vec<AddressUse>, Vec<AddressUse>) {
        let mut spans: BTreeMap<Node, Span> = BTreeMap::new();
        for fact in &group.facts {
            let about = Subject::host(fact.about.host);
            for stamp in [fact.seen.first, fact.seen.last] {
                let (node, _) = match self.ties.outside.contains(&about.host) {
                    true => (Node::Ip(about.host, 0), Path::HOST),
                    false => home(self.ties, self.units, about, stamp.time),
                };
                let span = Span { first: stamp.time, last: stamp.time, count: 1 };
                spans.entry(node).and_modify(|s| *s = s.join(span)).or_insert(span);
            }
        }
        let (mut ips, mut macs) = (Vec::new(), Vec::new());
        let outside = spans.keys().filter(|n| matches!(n, Node::Ip(h, _) if self.ties.outside.contains(h)));
        let nodes: BTreeSet<Node> = group.nodes.iter().chain(outside).copied().collect();
        for node in nodes {
            let span = spans.get(&node).copied();
            match node {
                Node::Ip(host, tenure) => {
                    let own = self.ties.tenures.get(&host).and_then(|t| t.get(tenure)).filter(|t| t.mac.is_some());
                    let held = own.map(|t| Span { first: t.from, last: t.until, count: 1 });
                    let named = self.ties.named.get(&host);
                    let all = held.into_iter().chain(span).chain(named.map(|(span, _)| *span));
                    let Some(span) = all.reduce(Span::join) else { continue };
                    let reason = match (self.ties.outside.contains(&host), own, named) {
                        (true, ..) => Reason::new("outside"),
                        (false, Some(tenure), _) => tenure.reason.clone(),
                        (false, None, Some((_, by))) => Reason::new("stated_together").with("protocol", by),
                        (false, None, None) => Reason::new("own_address"),
                    };
                    let contested_by = own.map(|t| t.contested_by.iter().copied().collect()).unwrap_or_default();
                    let (address, first, last) = (host.address, span.first, span.last);
                    ips.push(AddressUse { address, first, last, reason, contested_by });
                }
                Node::Mac(host) => {
                    let alive = self.ties.alive.get(&host).copied();
                    let named = self.ties.named.get(&host).map(|(span, _)| *span);
                    let Some(span) = alive.into_iter().chain(named).chain(span).reduce(Span::join) else { continue };
                    let reason = match group.nodes.iter().find_map(|n| self.holds(*n, host)) {
                        Some(reason) => reason,
                        None => Reason::new("own_address"),
                    };
                    let (address, first, last) = (host.address, span.first, span.last);
                    macs.push(AddressUse { address, first, last, reason, contested_by: Vec::new() });
                }
                _ => {}
            }
        }
        // Who claims an address another one holds shows it too, with the holder.
        for (ip, tenure) in self.ties.contested(group.macs().filter_map(mac_of)) {
            ips.push(AddressUse {
                address: ip.address,
                first: tenure.from,
                last: tenure.until,
                reason: tenure.reason.clone(),
                contested_by: tenure.mac.and_then(mac_of).into_iter().collect(),
            });
        }
        ips.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.address.cmp(&b.address)));
        (ips, macs)
    }

    fn holds(&self, node: Node, mac: model::Host) -> Option<Reason> {
        let Node::Ip(host, tenure) = node else { return None };
        let tenure = self.ties.tenures.get(&host)?.get(tenure)?;
        (tenure.mac == Some(mac)).then(|| tenure.reason.clone())
    }

    /// Hardware addresses in front of it that are not its own.
    fn behind(&self, group: &Group) -> Vec<Mac> {
        let own: BTreeSet<_> = group.macs().collect();
        let mut all = BTreeSet::new();
        for node in &group.nodes {
            let Node::Ip(ip, _) = node else { continue };
            all.extend(
                self.ties
                    .macs_of(*ip)
                    .filter(|(mac, _)| !own.contains(mac))
                    .filter_map(|(mac, tie)| tie.carried.and(mac_of(mac))),
            );
        }
        all.into_iter().collect()
    }

    /// Bodies of a redundant pair: who speaks its protocol from the shared hardware address.
    fn bodies(&self, group: &Group) -> Vec<Body> {
        let shared: Vec<_> = group.macs().filter(|m| mac_of(*m).and_then(virtual_scheme).is_some()).collect();
        let mut bodies = BTreeSet::new();
        if shared.is_empty() {
            return Vec::new();
        }
        for ((mac, ip), tie) in &self.ties.pairs {
            if tie.redundancy && shared.contains(mac) {
                let at = tie.carried.map_or(model::Time(i64::MAX), |s| s.last);
                let asset = self.id_of(Node::Ip(*ip, self.ties.tenure_at(*ip, at)));
                bodies.insert(Body { address: ip.address, asset: asset.filter(|id| *id != group.id()) });
            }
        }
        bodies.into_iter().collect()
    }

    fn units(&self, group: &Group, own: usize) -> Vec<Unit> {
        let mut all: BTreeMap<Path, Unit> = BTreeMap::new();
        for node in &group.nodes {
            let (Node::Ip(host, _) | Node::Mac(host)) = node else { continue };
            // what stands on other networks is listed with the devices there
            let near =
                |path: &Path| !path.hops().any(|h| matches!(h, Hop::Remote { .. } | Hop::Link { .. } | Hop::Behind(_)));
            for (path, decided) in self.units.of(*host).filter(|(path, _)| near(path)) {
                let asset = decided.apart.and_then(|first| {
                    let tenure = if let Node::Ip(_, tenure) = node { *tenure } else { 0 };
                    self.place.get(&Node::Way(*host, tenure, first))
                });
                let asset =
                    asset.filter(|place| **place != own).and_then(|place| self.groups.get(*place)).map(Group::id);
                all.insert(path, Unit { path, number: decided.number, asset, reason: decided.reason.clone() });
            }
        }
        all.into_values().collect()
    }

    fn modules(&self, group: &Group) -> Vec<Module> {
        let mut all = Vec::new();
        for (path, facts) in &group.modules {
            let Some(Hop::Slot { rack, slot }) = path.last() else { continue };
            let values = Values::new(facts, self.names);
            all.push(Module {
                rack,
                slot,
                path: *path,
                name: values.name(NameKind::Station).or_else(|| values.name(NameKind::System)),
                vendor: values.vendor(None),
                model: values.model(),
                order_number: values.text(order_number),
                firmware: values.text(firmware),
                hardware: values.text(hardware),
                serial: values.text(serial),
            });
        }
        all.sort_by_key(|m| (m.path.hops().count(), m.rack, m.slot, m.path));
        all
    }
}

fn order_number(claim: &Claim) -> Option<&String> {
    if let Claim::OrderNumber(text) = claim { Some(text) } else { None }
}

fn firmware(claim: &Claim) -> Option<&String> {
    if let Claim::Firmware(text) = claim { Some(text) } else { None }
}

fn hardware(claim: &Claim) -> Option<&String> {
    if let Claim::Hardware(text) = claim { Some(text) } else { None }
}

fn serial(claim: &Claim) -> Option<&String> {
    if let Claim::Serial(text) = claim { Some(text) } else { None }
}

fn outside(value: &str, reason: &'static str) -> Judgement {
    Judgement {
        value: value.into(),
        strength: Strength::Implied,
        by_hand: false,
        reasons: vec![Reason::new(reason)],
        others: Vec::new(),
    }
}

fn subjects(group: &Group) -> Vec<Subject> {
    let all = group.facts.iter().chain(group.modules.values().flatten()).map(|f| f.about);
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn vlans(group: &Group) -> Vec<u16> {
    let all = group.facts.iter().filter_map(|f| match f.claim() {
        Some(Claim::Vlan(vlan)) => Some(*vlan),
        _ => None,
    });
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn protocols(group: &Group) -> Vec<&'static str> {
    let all = group.facts.iter().filter(|f| matches!(f.statement, Statement::Speaks)).map(|f| f.protocol);
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn services(group: &Group) -> Vec<Service> {
    let mut all: BTreeMap<(&'static str, u16, &'static str), (Stamp, Stamp)> = BTreeMap::new();
    for fact in &group.facts {
        let Some(Claim::Service { transport, port, protocol }) = fact.claim() else { continue };
        let seen = all.entry((transport, *port, protocol)).or_insert((fact.seen.first, fact.seen.last));
        seen.0 = seen.0.min(fact.seen.first);
        seen.1 = seen.1.max(fact.seen.last);
    }
    let service = |((transport, port, protocol), (first, last))| Service { transport, port, protocol, first, last };
    all.into_iter().map(service).collect()
}

/// The plant's own name, else a host name, else the address, else the way to it.
fn display_name(asset: &Asset, group: &Group) -> String {
    if asset.external {
        return "internet".into();
    }
    if let Some(name) = &asset.named_by {
        return name.value.clone();
    }
    let ip = |a: &&AddressUse| matches!(a.address, Address::Ip(ip) if ip.is_ipv4());
    // an address it only claims against its holder is the holder's name
    let holds = |a: &&AddressUse| group.nodes.iter().any(|n| matches!(n, Node::Ip(h, _) if h.address == a.address));
    let address = asset.addresses.iter().filter(holds);
    let own = address.clone().find(ip).or_else(|| address.clone().next()).or_else(|| asset.macs.first());
    match own {
        Some(own) => own.address.to_string(),
        None => asset.subjects.first().map_or_else(|| group.id().to_string(), ToString::to_string),
    }
}
