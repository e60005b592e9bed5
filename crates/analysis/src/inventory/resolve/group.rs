//! Nodes (an address while somebody held it, a way behind a host) and the devices they add up to.

use super::address::{hash, in_network, is_link_local, mac_of, virtual_scheme};
use super::bind::Ties;
use super::facts::{Fact, Facts, Span};
use super::units::Units;
use crate::inventory::control::describes_itself;
use crate::inventory::store::Statement;
use crate::inventory::{AssetId, Reason};
use model::{Address, Claim, Hop, Host, NameKind, NetworkId, Path, Strength, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// The smallest thing that is certainly one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// A hardware address.
    Mac(Host),
    /// An IP address during one tenure.
    Ip(Host, usize),
    /// A device on a network behind routers, whichever router it was reached through.
    Remote { network: NetworkId, remote: u16, mac: u64, len: u8 },
    /// A thing behind an IP or hardware address (during one tenure).
    Way(Host, usize, Path),
    /// Everything outside.
    Outside(NetworkId),
}

impl Node {
    /// The stable id of a device that hangs on this node.
    pub fn id(&self) -> AssetId {
        AssetId(hash(&match self {
            Node::Mac(host) => format!("mac|{}|{}", host.network.0, host.address),
            Node::Ip(host, 0) => format!("ip|{}|{}", host.network.0, host.address),
            Node::Ip(host, tenure) => format!("ip|{}|{}|{tenure}", host.network.0, host.address),
            Node::Remote { network, remote, mac, len } => format!("remote|{}|{remote}|{len}|{mac:x}", network.0),
            Node::Way(host, tenure, path) => format!("way|{}|{}|{tenure}|{path}", host.network.0, host.address),
            Node::Outside(network) => format!("outside|{}", network.0),
        }))
    }

    /// Which node of a group names it: a maker's hardware address first.
    fn rank(&self) -> u8 {
        match self {
            Node::Mac(host) => match mac_of(*host) {
                Some(mac) if !mac.is_local() && virtual_scheme(mac).is_none() => 0,
                _ => 1,
            },
            Node::Ip(host, _) if host.address.ip().is_some_and(is_link_local) => 3,
            Node::Ip(..) => 2,
            Node::Remote { .. } => 4,
            Node::Way(..) => 5,
            Node::Outside(_) => 6,
        }
    }

    pub fn network(&self) -> NetworkId {
        match self {
            Node::Mac(h) | Node::Ip(h, _) | Node::Way(h, ..) => h.network,
            Node::Remote { network, .. } | Node::Outside(network) => *network,
        }
    }
}

/// A device in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub nodes: BTreeSet<Node>,
    /// Facts about the device itself.
    pub facts: Vec<Fact>,
    /// Facts about modules in it, by the way from the device.
    pub modules: BTreeMap<Path, Vec<Fact>>,
    /// Nodes through which it is reached, with how often.
    pub through: BTreeMap<Node, u64>,
    /// Why nodes were joined.
    pub joined: Vec<Reason>,
    /// The id kept when people merged.
    pub kept_id: Option<AssetId>,
}

impl Group {
    pub fn anchor(&self) -> Option<Node> {
        self.nodes.iter().copied().min_by_key(|n| (n.rank(), *n))
    }

    pub fn id(&self) -> AssetId {
        self.kept_id.or_else(|| self.anchor().map(|n| n.id())).unwrap_or(AssetId(0))
    }

    pub fn macs(&self) -> impl Iterator<Item = Host> + '_ {
        self.nodes.iter().filter_map(|n| match n {
            Node::Mac(host) => Some(*host),
            _ => None,
        })
    }

    pub fn span(&self) -> Option<Span> {
        let all = self.facts.iter().chain(self.modules.values().flatten());
        all.map(|f| Span::of(&f.seen)).reduce(Span::join)
    }

    pub fn absorb(&mut self, other: Group) {
        self.nodes.extend(other.nodes);
        self.facts.extend(other.facts);
        for (path, facts) in other.modules {
            self.modules.entry(path).or_default().extend(facts);
        }
        for (node, count) in other.through {
            *self.through.entry(node).or_default() += count;
        }
        self.joined.extend(other.joined);
    }
}

/// Where facts about a subject belong at a moment: the node, and the way to a module inside it.
pub(super) fn home(ties: &Ties, units: &Units, subject: Subject, at: model::Time) -> (Node, Path) {
    let host = subject.host;
    let base = match host.address {
        Address::Mac(_) => Node::Mac(host),
        Address::Ip(_) if ties.outside.contains(&host) => return (Node::Outside(host.network), Path::HOST),
        Address::Ip(_) => Node::Ip(host, ties.tenure_at(host, at)),
    };
    let tenure = match base {
        Node::Ip(_, tenure) => tenure,
        _ => 0,
    };
    let (mut node, mut way, mut inside) = (base, Path::HOST, Path::HOST);
    for hop in subject.path.hops() {
        way = way.then(hop);
        match hop {
            Hop::Slot { .. } => {
                inside = inside.then(hop);
                continue;
            }
            Hop::Remote { network, mac, len } => {
                // a BACnet router names devices of an IP network by address and port: those seen here are no others
                node = match bacnet_ip(mac, len).map(|ip| in_network(host.network, ip)).filter(|ip| ties.is_seen(*ip)) {
                    Some(ip) => Node::Ip(ip, ties.tenure_at(ip, at)),
                    None => Node::Remote { network: host.network, remote: network, mac, len },
                };
            }
            Hop::Behind(mac) => node = Node::Mac(Host { network: host.network, address: Address::Mac(mac) }),
            Hop::Link { .. } => node = Node::Way(host, tenure, way),
            Hop::Unit(_) | Hop::Instance(_) => {
                // Without anything that sets it apart it is the device in front of it under another number.
                let Some(first) = units.apart(host, way) else { continue };
                node = Node::Way(host, tenure, first);
            }
        }
        inside = Path::HOST;
    }
    (node, inside)
}

/// The address in a BACnet/IP station address: four octets and the port, one of the sixteen of BACnet (ASHRAE 135, annex J).
fn bacnet_ip(mac: u64, len: u8) -> Option<Address> {
    let [0, 0, a, b, c, d, high, low] = mac.to_be_bytes() else { return None };
    let ports = 0xbac0..=0xbacf;
    (len == 6 && ports.contains(&u16::from_be_bytes([high, low]))).then(|| Address::Ip([a, b, c, d].into()))
}

/// Puts every fact into the group of its device.
pub(super) fn groups(facts: &Facts, ties: &Ties, units: &Units) -> Vec<Group> {
    let mut nodes: BTreeMap<Node, Group> = BTreeMap::new();
    for (subject, list) in facts {
        if !crate::inventory::observe::is_someone(subject.host.address) {
            continue;
        }
        for fact in list {
            let (first, last) = (fact.seen.first, fact.seen.last);
            let ends = [home(ties, units, *subject, first.time), home(ties, units, *subject, last.time)];
            if ends.iter().any(|(node, _)| matches!(node, Node::Ip(ip, _) if ties.broadcasts.contains(ip))) {
                continue;
            }
            if ends[0] == ends[1] {
                put(&mut nodes, ends[0], subject, fact.clone(), ties, units);
                continue;
            }
            // Somebody else held the address in between: the claim is known for both moments, and for no other.
            for (end, at) in ends.into_iter().zip([first, last]) {
                let mut part = fact.clone();
                part.seen.first = at;
                part.seen.last = at;
                part.seen.count = 1;
                put(&mut nodes, end, subject, part, ties, units);
            }
        }
    }
    for (ip, tenures) in &ties.tenures {
        for (k, tenure) in tenures.iter().enumerate() {
            let node = Node::Ip(*ip, k);
            // An address only named by others (never by its holder) is no device, but it is the holder's address.
            if let Some(mac) = tenure.mac {
                nodes.entry(node).or_default().nodes.insert(node);
                nodes.entry(Node::Mac(mac)).or_default().nodes.insert(Node::Mac(mac));
            }
        }
    }
    // What a device names as its own when it describes itself is its own, seen or not.
    for host in ties.named.keys().filter(|host| !ties.outside.contains(host)) {
        let node = match host.address {
            Address::Mac(_) => Node::Mac(*host),
            Address::Ip(_) => Node::Ip(*host, 0),
        };
        nodes.entry(node).or_default().nodes.insert(node);
    }
    // A router stands there even if all that is seen of it are frames it passed on, and so does who sends in nobody's name.
    for mac in ties.routers.keys().chain(&ties.nameless).filter(|host| mac_of(**host).is_some()) {
        nodes.entry(Node::Mac(*mac)).or_default().nodes.insert(Node::Mac(*mac));
    }
    join(nodes, ties)
}

fn put(
    nodes: &mut BTreeMap<Node, Group>,
    home: (Node, Path),
    subject: &Subject,
    fact: Fact,
    ties: &Ties,
    units: &Units,
) {
    let (node, inside) = home;
    let group = nodes.entry(node).or_default();
    group.nodes.insert(node);
    let (front, _) = self::home(ties, units, Subject::host(subject.host), fact.seen.last.time);
    if front != node {
        *group.through.entry(front).or_default() += fact.seen.count;
    }
    if inside.is_host() {
        group.facts.push(fact);
    } else {
        group.modules.entry(inside).or_default().push(fact);
    }
}

/// Both say the same name of themselves.
fn share_a_name(a: &Group, b: &Group) -> bool {
    let names = |group: &Group| -> BTreeSet<String> {
        let own = group.facts.iter().filter(|f| f.own());
        own.filter_map(|f| match f.claim() {
            Some(Claim::Name(NameKind::Host | NameKind::System | NameKind::Station, text)) => Some(text.to_lowercase()),
            _ => None,
        })
        .collect()
    };
    !names(a).is_disjoint(&names(b))
}

/// Joins nodes that are one device.
fn join(nodes: BTreeMap<Node, Group>, ties: &Ties) -> Vec<Group> {
    let names: Vec<Node> = nodes.keys().copied().collect();
    let place: BTreeMap<Node, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    // Two switches fresh from the box name the same address of management; nothing else is known of it.
    let only_named: BTreeSet<Node> = nodes
        .iter()
        .filter(|(node, group)| matches!(node, Node::Ip(..)) && group.facts.is_empty() && group.modules.is_empty())
        .map(|(node, _)| *node)
        .collect();
    let mut groups: Vec<Option<Group>> = nodes.into_values().map(Some).collect();
    let mut leader: Vec<usize> = (0..groups.len()).collect();
    let mut unite = |a: Node, b: Node, outweighs: bool, reason: Option<Reason>| {
        let weak = only_named.contains(&a) || only_named.contains(&b);
        let (Some(a), Some(b)) = (place.get(&a), place.get(&b)) else { return };
        let (a, b) = (root(&leader, *a), root(&leader, *b));
        let [x, y] = [a, b].map(|i| groups.get(i).and_then(Option::as_ref));
        let hardware = |g: Option<&Group>| g.is_some_and(|g| g.macs().next().is_some());
        let outweighs = outweighs && (!weak || x.zip(y).is_some_and(|(x, y)| share_a_name(x, y)));
        if a == b || (!outweighs && hardware(x) && hardware(y)) {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        if let Some(own) = leader.get_mut(high) {
            *own = low;
        }
        let taken = groups.get_mut(high).and_then(Option::take);
        if let (Some(Some(into)), Some(taken)) = (groups.get_mut(low), taken) {
            into.absorb(taken);
            into.joined.extend(reason);
        }
    };
    for (ip, tenures) in &ties.tenures {
        for (k, tenure) in tenures.iter().enumerate() {
            if let Some(mac) = tenure.mac {
                unite(Node::Mac(mac), Node::Ip(*ip, k), true, None);
            }
        }
    }
    let is_virtual = |host: &Host| mac_of(*host).and_then(virtual_scheme).is_some();
    for (a, b, protocol, at) in &ties.links {
        if is_virtual(a) || is_virtual(b) || ties.outside.contains(a) || ties.outside.contains(b) {
            continue;
        }
        let node = |host: Host| match host.address {
            Address::Mac(_) => Node::Mac(host),
            Address::Ip(_) => Node::Ip(host, ties.tenure_at(host, *at)),
        };
        let outweighs = describes_itself(protocol);
        unite(node(*a), node(*b), outweighs, Some(Reason::new("stated_together").with("protocol", protocol)));
    }
    for ((mac, ip), tie) in &ties.pairs {
        if let (Some(protocol), false, false) = (tie.linked, is_virtual(mac), ties.outside.contains(ip)) {
            let last = tie.stated.or(tie.carried).map_or(model::Time(i64::MAX), |s| s.last);
            let reason = Reason::new("stated_together").with("protocol", protocol);
            unite(Node::Mac(*mac), Node::Ip(*ip, ties.tenure_at(*ip, last)), describes_itself(protocol), Some(reason));
        }
    }
    let groups: Vec<Group> = groups.into_iter().flatten().collect();
    carriers(moved(groups), ties)
}

/// A hardware address by itself belongs to the device all addresses seen behind it belong to, once another sign has
/// shown that they are one device without hardware address.
fn carriers(groups: Vec<Group>, ties: &Ties) -> Vec<Group> {
    let mut behind: BTreeMap<Host, BTreeSet<usize>> = BTreeMap::new();
    for (i, group) in groups.iter().enumerate() {
        for node in &group.nodes {
            if let Node::Ip(ip, _) = node {
                for (mac, _) in ties.macs_of(*ip) {
                    behind.entry(mac).or_default().insert(i);
                }
            }
        }
    }
    let mut slots: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
    for i in 0..slots.len() {
        let Some(Some(group)) = slots.get(i) else { continue };
        let mut nodes = group.nodes.iter();
        let (Some(Node::Mac(mac)), None) = (nodes.next(), nodes.next()) else { continue };
        let one = behind.get(mac).filter(|all| all.len() == 1).and_then(|all| all.first().copied());
        let Some(into) = one.filter(|_| !ties.routers.contains_key(mac)) else { continue };
        let addresses = |g: &Group| g.nodes.len() > 1 && g.nodes.iter().all(|n| matches!(n, Node::Ip(..)));
        if !slots.get(into).and_then(Option::as_ref).is_some_and(addresses) {
            continue;
        }
        let taken = slots.get_mut(i).and_then(Option::take);
        if let (Some(Some(into)), Some(taken)) = (slots.get_mut(into), taken) {
            into.absorb(taken);
        }
    }
    slots.into_iter().flatten().collect()
}

fn root(leader: &[usize], mut at: usize) -> usize {
    while let Some(next) = leader.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    at
}

/// Names too common to follow a device by.
const COMMON_NAMES: &[&str] =
    &["localhost", "raspberrypi", "ubuntu", "debian", "windows", "desktop", "plc", "unknown", "router"];
/// Shorter names and serial numbers are too likely to be shared.
const MIN_TELLING: usize = 4;

/// What follows a device from address to address where no hardware address is seen: serial number, host name.
fn telling(group: &Group) -> BTreeMap<(&'static str, String), Span> {
    let mut all: BTreeMap<(&'static str, String), Span> = BTreeMap::new();
    for fact in group.facts.iter().filter(|f| f.own() && f.strength >= Strength::Stated) {
        let (what, text) = match fact.claim() {
            Some(Claim::Serial(text)) => ("serial", text),
            Some(Claim::Name(NameKind::Host, text)) => ("name", text),
            _ => continue,
        };
        let text = text.trim().to_lowercase();
        let plain = text.chars().all(|c| matches!(c, '0' | 'f' | 'x' | '-' | '.'));
        if text.len() >= MIN_TELLING && !plain && !COMMON_NAMES.contains(&text.as_str()) {
            let span = Span::of(&fact.seen);
            all.entry((what, text)).and_modify(|s| *s = s.join(span)).or_insert(span);
        }
    }
    all
}

/// Follows devices whose hardware address is not seen to a new address: the same serial number or host name, never
/// at two addresses at the same time.
fn moved(groups: Vec<Group>) -> Vec<Group> {
    let mut kept: Vec<Group> = Vec::new();
    let mut by_mark: BTreeMap<(NetworkId, &'static str, String), Vec<usize>> = BTreeMap::new();
    for group in groups {
        let address_only = group.nodes.iter().all(|n| matches!(n, Node::Ip(..)));
        let place = kept.len();
        if let (true, Some(network)) = (address_only, group.anchor().map(|n| n.network())) {
            for (what, text) in telling(&group).into_keys() {
                by_mark.entry((network, what, text)).or_default().push(place);
            }
        }
        kept.push(group);
    }
    let mut slots: Vec<Option<Group>> = kept.into_iter().map(Some).collect();
    let mut leader: Vec<usize> = (0..slots.len()).collect();
    for ((_, what, text), places) in by_mark {
        for pair in places.windows(2) {
            let &[a, b] = pair else { continue };
            let (a, b) = (root(&leader, a), root(&leader, b));
            let spans = [a, b].map(|i| slots.get(i).and_then(Option::as_ref).and_then(Group::span));
            let [Some(x), Some(y)] = spans else { continue };
            if a == b || x.overlaps(y) {
                continue;
            }
            let (low, high) = (a.min(b), a.max(b));
            let Some(taken) = slots.get_mut(high).and_then(Option::take) else { continue };
            if let Some(Some(into)) = slots.get_mut(low) {
                into.absorb(taken);
                let id = if what == "serial" { "same_serial_moved" } else { "same_name_moved" };
                into.joined.push(Reason::new(id).with(what, &text));
            }
            if let Some(own) = leader.get_mut(high) {
                *own = low;
            }
        }
    }
    slots.into_iter().flatten().collect()
}

/// Whether there is proof that the device is there: it sent something, or it stands in front of others.
pub(super) fn exists(group: &Group, ties: &Ties) -> bool {
    group.facts.iter().chain(group.modules.values().flatten()).any(|f| matches!(f.statement, Statement::Present))
        || group.macs().any(|mac| ties.routers.contains_key(&mac) || ties.nameless.contains(&mac))
}
