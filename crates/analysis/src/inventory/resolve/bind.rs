//! Which hardware address an IP address belongs to, and when. Statements bind; a frame's source address only hints.

use super::address::{
    block, in_network, is_eui64_of, is_link_local, is_private, is_public, mac_of, subnet, virtual_scheme,
};
use super::distance::Distances;
use super::facts::{Facts, Span};
use crate::inventory::Reason;
use crate::inventory::control::{describes_itself, is_redundancy, states_holding};
use crate::inventory::observe::{LINK_GROUP, is_someone};
use crate::inventory::store::Statement;
use model::{Address, Claim, Class, Host, Mac, NetworkId, Role, Strength, Subject, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Addresses of other subnets behind one hardware address that make it a router. Two may be a second address.
const ROUTER_MIN_ADDRESSES: usize = 3;
/// IPv4 addresses of one subnet a hardware address may answer ARP for and still be taken for their owner; beyond it is proxy ARP.
const MAX_OWN_ADDRESSES: usize = 8;
/// Blocks of public addresses behind one hardware address that make all of them the outside's: nobody numbers a plant from
/// so many.
const OUTSIDE_MIN_BLOCKS: usize = 8;
/// How long an address is silent before frames alone (no statement) count as a replacement.
pub(super) const REPLACED_SILENCE: i64 = 60 * Time::SECOND;

/// What ties a hardware address and an IP address.
#[derive(Clone, Debug, Default)]
pub(super) struct Tie {
    /// The owner of the address said so (ARP, DHCP, ND, DCP).
    pub stated: Option<Span>,
    pub stated_by: BTreeSet<&'static str>,
    /// Frames came that way.
    pub carried: Option<Span>,
    /// The two are one device by another statement (LLDP, SNMP, NetBIOS).
    pub linked: Option<&'static str>,
    /// Frames came that way to a group no router passes on: the sender stands on the link.
    pub on_link: bool,
    /// Redundancy protocol sent from here.
    pub redundancy: bool,
}

impl Tie {
    /// The address is the holder's own: somebody says so, or it sends what stays on the link.
    fn is_own(&self) -> bool {
        self.stated.is_some() || self.linked.is_some() || self.on_link
    }

    fn span(&self) -> Option<Span> {
        match (self.stated, self.carried) {
            (Some(a), Some(b)) => Some(a.join(b)),
            (a, b) => a.or(b),
        }
    }
}

/// A time in which one hardware address held an IP address.
#[derive(Clone, Debug)]
pub(super) struct Tenure {
    pub from: Time,
    pub until: Time,
    pub mac: Option<Host>,
    pub reason: Reason,
    pub contested_by: BTreeSet<Mac>,
}

/// Everything known about who holds which address.
#[derive(Clone, Debug, Default)]
pub(super) struct Ties {
    pub pairs: BTreeMap<(Host, Host), Tie>,
    pub tenures: BTreeMap<Host, Vec<Tenure>>,
    pub routers: BTreeMap<Host, Reason>,
    pub outside: BTreeSet<Host>,
    /// Broadcast addresses of subnets: nobody's, even where frames name them as their source.
    pub broadcasts: BTreeSet<Host>,
    /// Hardware addresses that send in the name of such an address.
    pub nameless: BTreeSet<Host>,
    /// Public addresses that obey: field devices reached from far, devices of the plant all the same.
    pub far: BTreeSet<Host>,
    /// Same device, said of two addresses of the same kind.
    pub links: Vec<(Host, Host, &'static str, Time)>,
    /// Addresses a device named as its own when it described itself, with when and by which protocol. They may never be
    /// seen on the wire.
    pub named: BTreeMap<Host, (Span, &'static str)>,
    /// Addresses said to be routers' (by their holder, or by who hands out addresses).
    gateways: BTreeSet<Host>,
    /// First and last time anything was seen from a hardware address.
    pub alive: BTreeMap<Host, Span>,
    /// Hardware addresses tied to an IP address.
    by_ip: BTreeMap<Host, Vec<Host>>,
    /// What the time to live tells.
    distances: Distances,
    /// Tenures a hardware address contested: the address and which tenure of it.
    contests: BTreeMap<Mac, BTreeSet<(Host, usize)>>,
}

fn widen(span: &mut Option<Span>, more: Span) {
    *span = Some(span.map_or(more, |own| own.join(more)));
}

/// Reads all ties from the facts.
pub(super) fn ties(facts: &Facts) -> Ties {
    let mut ties = Ties { distances: Distances::new(facts), ..Ties::default() };
    let all = facts.iter().flat_map(|(about, list)| list.iter().map(move |f| (about.host, f)));
    ties.broadcasts = all.filter(|(_, f)| f.statement == Statement::Broadcast).map(|(host, _)| host).collect();
    let mut claimed_routers = BTreeMap::new();
    for fact in facts.values().flatten().filter(|f| f.about.path.is_host()) {
        let host = fact.about.host;
        let span = Span::of(&fact.seen);
        if mac_of(host).is_some() {
            ties.alive.entry(host).and_modify(|s| *s = s.join(span)).or_insert(span);
        }
        let (address, same) = match &fact.statement {
            Statement::Claim(Claim::SameAs(address)) => (*address, true),
            Statement::Claim(Claim::SeenBehind(address)) => (*address, false),
            Statement::Claim(Claim::Role(Role::Router)) if fact.strength >= Strength::Implied => {
                let reason = Reason::new("states_role").with("protocol", fact.protocol).with("role", "router");
                claimed_routers.entry(host).or_insert(reason);
                continue;
            }
            _ => continue,
        };
        let other = in_network(host.network, address);
        if !is_someone(address) || !is_someone(host.address) || other == host {
            continue;
        }
        if same && fact.own() && describes_itself(fact.protocol) {
            ties.named.entry(other).and_modify(|(s, _)| *s = s.join(span)).or_insert((span, fact.protocol));
        }
        let (mac, ip) = match (host.address, address) {
            (Address::Mac(_), Address::Ip(_)) => (host, other),
            (Address::Ip(_), Address::Mac(_)) => (other, host),
            _ if same => {
                ties.links.push((host, other, fact.protocol, span.last));
                continue;
            }
            _ => continue,
        };
        ties.alive.entry(mac).and_modify(|s| *s = s.join(span)).or_insert(span);
        if ties.broadcasts.contains(&ip) {
            ties.nameless.insert(mac);
            continue;
        }
        let tie = ties.pairs.entry((mac, ip)).or_default();
        if !same {
            widen(&mut tie.carried, span);
            tie.redundancy |= is_redundancy(fact.protocol);
            tie.on_link |= fact.protocol == LINK_GROUP || is_redundancy(fact.protocol);
        } else if states_holding(fact.protocol) {
            widen(&mut tie.stated, span);
            tie.stated_by.insert(fact.protocol);
        } else {
            tie.linked.get_or_insert(fact.protocol);
        }
    }
    for (mac, ip) in ties.pairs.keys() {
        ties.by_ip.entry(*ip).or_default().push(*mac);
    }
    ties.proxies();
    ties.find_outside(facts);
    ties.gateways = claimed_routers.keys().filter(|h| mac_of(**h).is_none()).copied().collect();
    ties.find_routers(&claimed_routers);
    ties.find_tenures(facts);
    ties
}

impl Ties {
    /// A hardware address that answers ARP for very many addresses of one subnet holds none of them by that.
    fn proxies(&mut self) {
        let mut answered: BTreeMap<(Host, (bool, u64)), usize> = BTreeMap::new();
        for ((mac, ip), tie) in &self.pairs {
            if let (true, Address::Ip(address @ IpAddr::V4(_))) = (tie.stated_by.contains("arp"), ip.address) {
                *answered.entry((*mac, subnet(address))).or_default() += 1;
            }
        }
        for ((mac, net), count) in answered {
            if count <= MAX_OWN_ADDRESSES {
                continue;
            }
            self.routers.insert(mac, Reason::new("answers_for_many").with("count", count));
            for ((holder, ip), tie) in &mut self.pairs {
                let there = ip.address.ip().map(subnet) == Some(net);
                if *holder == mac && there && tie.stated_by.iter().all(|p| *p == "arp") {
                    let stated = tie.stated.take();
                    tie.stated_by.clear();
                    if let Some(stated) = stated {
                        widen(&mut tie.carried, stated);
                    }
                }
            }
        }
    }

    /// Public addresses are outside where the plant numbers itself privately and nobody on the link claims them.
    fn find_outside(&mut self, facts: &Facts) {
        let hosts: BTreeSet<Host> = facts.keys().map(|s| s.host).chain(self.pairs.keys().map(|(_, ip)| *ip)).collect();
        let private: BTreeSet<(NetworkId, bool)> = hosts
            .iter()
            .filter_map(|h| h.address.ip().filter(|ip| is_private(*ip)).map(|ip| (h.network, ip.is_ipv6())))
            .collect();
        let held: BTreeSet<(NetworkId, (bool, u64))> = self
            .pairs
            .iter()
            .filter(|(_, tie)| tie.is_own())
            .filter_map(|((_, ip), _)| ip.address.ip().map(|a| (ip.network, subnet(a))))
            .collect();
        let blocks: BTreeSet<(NetworkId, (bool, u64))> = self
            .pairs
            .iter()
            .filter(|(_, tie)| tie.is_own())
            .filter_map(|((_, ip), _)| ip.address.ip().map(|a| (ip.network, block(a))))
            .collect();
        let mut stated: BTreeMap<Host, Vec<IpAddr>> = BTreeMap::new();
        for ((mac, ip), _) in self.pairs.iter().filter(|(_, tie)| tie.stated.is_some()) {
            stated.entry(*mac).or_default().extend(ip.address.ip().filter(|a| !is_link_local(*a)));
        }
        // Every hardware address it was seen behind holds an address of another subnet.
        let elsewhere = |mac: Host, ip: IpAddr| {
            let mut held = stated.get(&mac).into_iter().flatten();
            held.any(|own| own.is_ipv4() == ip.is_ipv4() && subnet(*own) != subnet(ip))
        };
        let mut carried: BTreeMap<(Host, bool), BTreeSet<u64>> = BTreeMap::new();
        for ((mac, ip), _) in self.pairs.iter().filter(|(_, tie)| !tie.is_own()) {
            if let Some(address) = ip.address.ip().filter(|a| is_public(*a)) {
                let (v6, number) = block(address);
                carried.entry((*mac, v6)).or_default().insert(number);
            }
        }
        let many = |mac: Host, ip: IpAddr| {
            carried.get(&(mac, ip.is_ipv6())).is_some_and(|blocks| blocks.len() >= OUTSIDE_MIN_BLOCKS)
        };
        let routed = |host: Host, ip: IpAddr| {
            let mut macs = self.macs_of(host).map(|(mac, _)| mac).peekable();
            macs.peek().is_some() && macs.all(|mac| elsewhere(mac, ip) || many(mac, ip))
        };
        // Two cards with undiminished packets from one subnet: it is the link's, whoever its numbers belong to.
        let mut cards: BTreeMap<(NetworkId, (bool, u64)), BTreeSet<Host>> = BTreeMap::new();
        for (mac, ip) in self.distances.on_link() {
            if let Some(address) = ip.address.ip() {
                cards.entry((ip.network, subnet(address))).or_default().insert(mac);
            }
        }
        let here = |at: &(NetworkId, (bool, u64))| held.contains(at) || cards.get(at).is_some_and(|all| all.len() > 1);
        let public: BTreeSet<Host> = hosts
            .into_iter()
            .filter(|h| {
                h.address.ip().is_some_and(|ip| {
                    // IPv6 plants number hosts globally: one is outside only behind a router of private IPv4 ones.
                    // Where the link itself has public numbers, what is routed to it from other blocks is outside.
                    let numbered = private.contains(&(h.network, ip.is_ipv6()))
                        || private.contains(&(h.network, false))
                        || (routed(*h, ip) && !blocks.contains(&(h.network, block(ip))));
                    is_public(ip) && numbered && !here(&(h.network, subnet(ip))) && !self.formed_on_link(*h, ip)
                })
            })
            .collect();
        let obeys = |host: &Host| {
            let mut own = facts.get(&Subject::host(*host)).into_iter().flatten();
            own.any(|f| matches!(&f.statement, Statement::Obeys { class } if *class != Class::Identify))
        };
        (self.far, self.outside) = public.into_iter().partition(obeys);
    }

    /// An IPv6 address formed from the hardware address it was seen behind is on the link.
    fn formed_on_link(&self, host: Host, ip: IpAddr) -> bool {
        ip.is_ipv6() && self.macs_of(host).any(|(mac, _)| mac_of(mac).is_some_and(|m| is_eui64_of(ip, m)))
    }

    pub fn macs_of(&self, ip: Host) -> impl Iterator<Item = (Host, &Tie)> {
        let macs = self.by_ip.get(&ip).into_iter().flatten();
        macs.filter_map(move |mac| self.pairs.get(&(*mac, ip)).map(|tie| (*mac, tie)))
    }

    fn find_routers(&mut self, claimed: &BTreeMap<Host, Reason>) {
        let mut behind: BTreeMap<Host, Vec<(Host, IpAddr, bool)>> = BTreeMap::new();
        for ((mac, ip), tie) in &self.pairs {
            if let Some(address) = ip.address.ip().filter(|a| !is_link_local(*a)) {
                behind.entry(*mac).or_default().push((*ip, address, tie.is_own()));
            }
        }
        for (mac, ips) in &behind {
            let own_nets: BTreeSet<_> = ips.iter().filter(|(.., own)| *own).map(|(_, ip, _)| subnet(*ip)).collect();
            let foreign = ips.iter().filter(|(h, ip, own)| {
                !own && !self.outside.contains(h) && !own_nets.contains(&subnet(*ip)) && ip.is_ipv4()
            });
            let foreign = foreign.count();
            let outside = ips.iter().any(|(h, ..)| self.outside.contains(h) || self.far.contains(h));
            let routed = ips.iter().filter(|(.., own)| !own).find_map(|(ip, ..)| self.distances.routed(*mac, *ip));
            let holder = ips.iter().filter(|(.., own)| *own).find_map(|(ip, ..)| claimed.get(ip));
            let reason = match mac_of(*mac).and_then(virtual_scheme) {
                Some(scheme) => Reason::new("virtual_router").with("scheme", scheme),
                None => match claimed.get(mac).or(holder) {
                    Some(reason) => reason.clone(),
                    None if foreign >= ROUTER_MIN_ADDRESSES => Reason::new("is_in_front").with("count", foreign),
                    None if outside => Reason::new("in_front_of_outside"),
                    None => match routed {
                        Some(ttl) => Reason::new("in_front_of_routed").with("ttl", ttl),
                        None => continue,
                    },
                },
            };
            self.routers.entry(*mac).or_insert(reason);
        }
        // The shared address of a redundant pair may be link-local.
        for (mac, _) in self.pairs.keys() {
            if let Some(scheme) = mac_of(*mac).and_then(virtual_scheme) {
                self.routers.entry(*mac).or_insert_with(|| Reason::new("virtual_router").with("scheme", scheme));
            }
        }
        for (host, reason) in claimed {
            if mac_of(*host).is_some() {
                self.routers.entry(*host).or_insert_with(|| reason.clone());
            }
        }
    }

    /// Whether frames alone make this address the device's own, and why.
    fn hint(
        &self,
        mac: Host,
        ip: Host,
        tie: &Tie,
        on_link: &BTreeSet<(NetworkId, (bool, u64))>,
        behind: &Behind,
    ) -> Option<Reason> {
        let (Address::Mac(hw), Address::Ip(address)) = (mac.address, ip.address) else { return None };
        // Of a redundant pair's hardware address only what its protocol says is its own: its bodies speak from it, too.
        if virtual_scheme(hw).is_some() || self.outside.contains(&ip) || self.far.contains(&ip) {
            return None;
        }
        if is_link_local(address) {
            return Some(Reason::new("link_local"));
        }
        if tie.on_link {
            return Some(Reason::new("link_group"));
        }
        if is_eui64_of(address, hw) {
            return Some(Reason::new("derived_from_mac"));
        }
        if self.distances.routed(mac, ip).is_some() {
            return None;
        }
        if !self.routers.contains_key(&mac) {
            let alike = if address.is_ipv6() { behind.v6.len() } else { behind.v4.len() };
            if alike == 1 {
                return Some(Reason::new("only_address_behind"));
            }
            if address.is_ipv4() && behind.one_card {
                return Some(Reason::new("own_by_ttl"));
            }
        }
        // A router's own address is the only one of the subnet it shares with its neighbours. One address more behind it
        // makes no router, but an address handed out as the gateway of that subnet is one.
        let here = (ip.network, subnet(address));
        let mine = behind.subnets.get(&here.1).copied();
        let router = self.routers.contains_key(&mac) || self.gateways.contains(&ip);
        (router && mine == Some(1) && on_link.contains(&here)).then(|| Reason::new("only_on_link"))
    }

    fn find_tenures(&mut self, facts: &Facts) {
        let mut by_mac: BTreeMap<Host, Behind> = BTreeMap::new();
        for ((mac, ip), tie) in &self.pairs {
            let address = ip.address.ip().filter(|a| !is_link_local(*a) && !self.outside.contains(ip));
            if let Some(address) = address {
                let always = Span { first: Time(i64::MIN), last: Time(i64::MAX), count: 0 };
                let span = tie.span().unwrap_or(always);
                let behind = by_mac.entry(*mac).or_default();
                (if address.is_ipv6() { &mut behind.v6 } else { &mut behind.v4 }).push((*ip, span));
                *behind.subnets.entry(subnet(address)).or_default() += 1;
            }
        }
        for (mac, behind) in &mut by_mac {
            behind.one_card = self.distances.one_card(facts, *mac, &behind.v4);
        }
        // Subnets in which some plain device stands on the link.
        let on_link: BTreeSet<_> = self
            .pairs
            .iter()
            .filter(|((mac, ip), tie)| {
                tie.stated.is_some()
                    || tie.on_link
                    || (!self.routers.contains_key(mac)
                        && !self.outside.contains(ip)
                        && by_mac.get(mac).is_some_and(|behind| behind.v4.len() == 1))
            })
            .filter_map(|((_, ip), _)| ip.address.ip().map(|a| (ip.network, subnet(a))))
            .collect();
        let ips: BTreeSet<Host> =
            facts.keys().map(|s| s.host).filter(|h| mac_of(*h).is_none()).chain(self.by_ip.keys().copied()).collect();
        let mut all = BTreeMap::new();
        let nothing = Behind::default();
        for ip in ips {
            let mut candidates = Vec::new();
            for (mac, tie) in self.macs_of(ip) {
                let Some(span) = tie.span() else { continue };
                if tie.stated.is_some() {
                    let by: Vec<_> = tie.stated_by.iter().copied().collect();
                    let reason = Reason::new("stated_together").with("protocol", by.join(", "));
                    candidates.push(Candidate { mac, span, stated: true, reason });
                } else if let Some(reason) = self.hint(mac, ip, tie, &on_link, by_mac.get(&mac).unwrap_or(&nothing)) {
                    candidates.push(Candidate { mac, span, stated: false, reason });
                }
            }
            all.insert(ip, candidates);
        }
        let suspects = suspects(&all);
        let all: BTreeMap<Host, Vec<Tenure>> =
            all.into_iter().map(|(ip, candidates)| (ip, tenures_of(candidates, &suspects))).collect();
        for (ip, tenures) in &all {
            for (k, tenure) in tenures.iter().enumerate() {
                for mac in &tenure.contested_by {
                    self.contests.entry(*mac).or_default().insert((*ip, k));
                }
            }
        }
        self.tenures = all;
    }

    /// Addresses these hardware addresses claimed while another held them.
    pub fn contested<'a>(&'a self, macs: impl Iterator<Item = Mac> + 'a) -> impl Iterator<Item = (Host, &'a Tenure)> {
        let places = macs.filter_map(|mac| self.contests.get(&mac)).flatten();
        places.filter_map(|(ip, k)| self.tenures.get(ip)?.get(*k).map(|tenure| (*ip, tenure)))
    }

    /// Whether this address was seen as one of the link or behind its routers.
    pub fn is_seen(&self, ip: Host) -> bool {
        self.tenures.contains_key(&ip)
    }

    /// Which tenure of an address a moment falls into.
    pub fn tenure_at(&self, ip: Host, at: Time) -> usize {
        let Some(tenures) = self.tenures.get(&ip) else { return 0 };
        tenures.iter().rposition(|t| t.from <= at).unwrap_or(0)
    }
}

/// The addresses of the inside behind a hardware address, link-local ones aside.
#[derive(Default)]
struct Behind {
    v4: Vec<(Host, Span)>,
    v6: Vec<(Host, Span)>,
    subnets: BTreeMap<(bool, u64), usize>,
    /// All IPv4 addresses are its own.
    one_card: bool,
}

struct Candidate {
    mac: Host,
    span: Span,
    stated: bool,
    reason: Reason,
}

/// Hardware addresses that claim several addresses, one of them while another hardware address uses it: they answer for
/// others. Who has only that one address is its holder.
fn suspects(all: &BTreeMap<Host, Vec<Candidate>>) -> BTreeSet<Host> {
    let mut stated: BTreeMap<Host, usize> = BTreeMap::new();
    let mut contested = BTreeSet::new();
    for candidates in all.values() {
        for (i, one) in candidates.iter().enumerate().filter(|(_, c)| c.stated) {
            *stated.entry(one.mac).or_default() += 1;
            let mut others = candidates.iter().enumerate().filter(|(k, _)| *k != i);
            if others.any(|(_, other)| other.mac != one.mac && beside(one.span, other.span)) {
                contested.insert(one.mac);
            }
        }
    }
    contested.retain(|mac| stated.get(mac).is_some_and(|n| *n > 1));
    contested
}

/// Both at the same time, or one so soon after the other that nobody was replaced.
fn beside(a: Span, b: Span) -> bool {
    a.first.since(b.last) < REPLACED_SILENCE && b.first.since(a.last) < REPLACED_SILENCE
}

/// Orders who held an address into tenures. Who claims it while another still holds it is shown, not believed.
fn tenures_of(mut candidates: Vec<Candidate>, suspects: &BTreeSet<Host>) -> Vec<Tenure> {
    // An address with a redundant router's hardware address belongs to the pair, whoever else answers for it.
    if candidates.iter().any(|c| mac_of(c.mac).and_then(virtual_scheme).is_some()) {
        candidates.retain(|c| mac_of(c.mac).and_then(virtual_scheme).is_some());
    }
    candidates.sort_by_key(|c| (c.span.first, !c.stated, c.mac));
    let mut clusters: Vec<(Span, Vec<Candidate>)> = Vec::new();
    for candidate in candidates {
        let silent = |end: Time| candidate.span.first.since(end) >= REPLACED_SILENCE;
        match clusters.last_mut() {
            Some((span, members))
                if span.overlaps(candidate.span)
                    || !(silent(span.last) || candidate.stated && members.iter().any(|m| m.stated)) =>
            {
                *span = span.join(candidate.span);
                members.push(candidate);
            }
            _ => clusters.push((candidate.span, vec![candidate])),
        }
    }
    let mut tenures = Vec::new();
    for (span, members) in clusters {
        let stated: Vec<&Candidate> = members.iter().filter(|m| m.stated).collect();
        // Among statements the first holder keeps the address; among hints the one with most frames has it. Who answers for
        // others gives way to who only uses the address.
        let most =
            || members.iter().max_by_key(|m| (!suspects.contains(&m.mac), m.span.count, std::cmp::Reverse(m.mac)));
        let honest = stated.iter().copied().find(|m| !suspects.contains(&m.mac));
        let user = most().filter(|m| !suspects.contains(&m.mac));
        let Some(owner) = honest.or(user).or(stated.first().copied()).or_else(most) else { continue };
        tenures.push(Tenure {
            from: span.first,
            until: span.last,
            mac: Some(owner.mac),
            reason: owner.reason.clone(),
            contested_by: stated.iter().filter(|m| m.mac != owner.mac).filter_map(|m| mac_of(m.mac)).collect(),
        });
    }
    if tenures.is_empty() {
        let (from, until) = (Time(i64::MIN), Time(i64::MAX));
        tenures.push(Tenure {
            from,
            until,
            mac: None,
            reason: Reason::new("own_address"),
            contested_by: BTreeSet::new(),
        });
    }
    tenures
}
