//! From facts to beliefs: claims as they come, and what flows and operations show without anyone saying it.

use super::control::{controls, is_redundancy, states_holding};
use super::store::{Inventory, Key, MAX_MAP_WORDS, MapKey, MapRow, Statement};
use model::{
    Address, Claim, Class, Endpoint, Event, Evidence, FlowFact, Host, Item, Outcome, Path, Role, Stamp, Strength,
    Subject, Transaction, Transfer, Value, What,
};
use std::net::IpAddr;

/// Modbus exception codes of a gateway that found nobody: path unavailable, target failed to respond (Modbus
/// Application Protocol 1.1b3, section 7).
const GATEWAY_PATH_UNAVAILABLE: u32 = 0x0a;
const GATEWAY_TARGET_FAILED: u32 = 0x0b;
/// CIP general status "connection failure": whoever passed the request on found nobody in the slot (CIP volume 1, appendix B).
/// The module asked may say so too, about a connection, but then it is seen by its other answers.
const CIP_CONNECTION_FAILURE: u32 = 0x01;
/// Refusals that speak about the address asked for (Modbus `illegal_data_address`).
const ILLEGAL_DATA_ADDRESS: u32 = 0x02;

/// What carried a frame whose sender stands on the link: it went to a group no router passes on.
pub(super) const LINK_GROUP: &str = "link_group";

impl Inventory {
    /// Takes a fact in. Facts that say nothing about devices pass by.
    pub fn see(&mut self, event: &Event) {
        match &event.what {
            What::Evidence(evidence) => self.evidence(evidence, event.at),
            What::Transaction(transaction) => self.transaction(transaction, event.at),
            What::Flow(flow) => self.flow(flow),
            What::Transfer(transfer) => self.transfer(transfer, event.at),
            What::Anomaly(_) | What::Gap(_) | What::Match(_) | What::Health(_) => {}
        }
    }

    fn evidence(&mut self, evidence: &Evidence, at: Stamp) {
        if !is_someone(evidence.about.host.address) {
            return;
        }
        // Somebody without an address yet (DHCP) and somebody naming an address of its own (ARP) speak for themselves.
        let by = evidence.by.filter(|by| {
            let itself = *by == evidence.about.host || matches!(evidence.claim, Claim::SameAs(a) if a == by.address);
            is_someone(by.address) && !itself
        });
        let key = Key {
            statement: Statement::Claim(evidence.claim.clone()),
            protocol: evidence.protocol,
            by,
            strength: evidence.strength,
        };
        // What only others say is not proof that it is there; what it says itself is, unless it merely names where it
        // was seen (those come from a frame's addresses and prove the sender, which the flow says better).
        let itself = key.by.is_none() && !matches!(evidence.claim, Claim::SeenBehind(_));
        self.note(evidence.about, key, at, at, 1);
        if itself {
            self.shown(evidence.about, Statement::Present, evidence.protocol, at, at, 1);
        }
        // Who claims an address on the link sent the frame that says so.
        if let (true, Claim::SameAs(Address::Mac(mac))) = (itself && states_holding(evidence.protocol), &evidence.claim)
        {
            let sender = Host { network: evidence.about.host.network, address: Address::Mac(*mac) };
            self.shown(Subject::host(sender), Statement::Present, evidence.protocol, at, at, 1);
        }
        if let Some(by) = evidence.by.filter(|by| is_someone(by.address)) {
            self.shown(Subject::host(by), Statement::Present, evidence.protocol, at, at, 1);
        }
    }

    fn shown(
        &mut self,
        about: Subject,
        statement: Statement,
        protocol: &'static str,
        first: Stamp,
        last: Stamp,
        n: u64,
    ) {
        if is_someone(about.host.address) {
            let strength = match statement {
                Statement::Claim(Claim::SeenBehind(_) | Claim::Service { .. }) => Strength::Implied,
                Statement::Claim(_) => Strength::Guessed,
                _ => Strength::Stated,
            };
            self.note(about, Key { statement, protocol, by: None, strength }, first, last, n);
        }
    }

    fn flow(&mut self, flow: &FlowFact) {
        let (first, last) = (flow.first, flow.last);
        let protocol = flow.protocol.unwrap_or(flow.transport);
        let redundancy = flow.protocol.is_some_and(is_redundancy);
        for (side, own, mac) in [(0, flow.client, flow.macs[0]), (1, flow.server, flow.macs[1])] {
            let sent = count(flow.frames, side);
            // A TCP payload is only sent once the other side has answered, so it proves a peer the mirror does not show.
            let implied = flow.transport == "tcp" && count(flow.bytes, 1 - side) > 0;
            if sent == 0 && !implied {
                continue;
            }
            let about = Subject::host(own.host);
            self.shown(about, Statement::Present, protocol, first, last, sent.max(1));
            if let Some(name) = flow.protocol {
                self.shown(about, Statement::Speaks, name, first, last, 1);
            }
            if sent == 0 {
                continue;
            }
            if let Some(vlan) = flow.vlan {
                self.shown(about, Statement::Claim(Claim::Vlan(vlan)), "ethernet", first, last, 1);
            }
            // Equal hardware addresses on both sides come from rewritten captures and say nothing.
            if let (Some(mac), Address::Ip(_)) = (mac, own.host.address)
                && !mac.is_group()
                && !mac.is_zero()
                && flow.macs[0] != flow.macs[1]
            {
                let carrier = match side == 0 && stays_on_link(flow.server.host.address) {
                    _ if redundancy => protocol,
                    true => LINK_GROUP,
                    false => "ethernet",
                };
                if let (LINK_GROUP, Some(name)) = (carrier, routing(flow.transport, flow.kind)) {
                    self.shown(about, Statement::Claim(Claim::Role(Role::Router)), name, first, last, sent);
                }
                let behind = Statement::Claim(Claim::SeenBehind(Address::Mac(mac)));
                self.shown(about, behind, carrier, first, last, sent);
                if let Some(&ttl) = flow.ttl.get(side).filter(|ttl| **ttl > 0) {
                    self.shown(about, Statement::Ttl { behind: mac, ttl }, carrier, first, last, 1);
                }
            }
        }
        // All ones in the last octet, and sent to everybody on the link: a subnet's broadcast address (RFC 919), by which
        // some proxies also sign what they repeat.
        if let (Address::Ip(IpAddr::V4(ip)), Some(mac)) = (flow.server.host.address, flow.macs[1])
            && matches!(ip.octets(), [.., 255])
            && mac.0 == [0xff; 6]
        {
            self.shown(Subject::host(flow.server.host), Statement::Broadcast, "ethernet", first, last, 1);
        }
        // The answering side of a recognised protocol offers it.
        let answered =
            count(flow.frames, 1) > 0 && (flow.transport != "tcp" || flow.answered || count(flow.bytes, 1) > 0);
        if let (Some(name), true, true) = (flow.protocol, answered, flow.server.port > 0)
            && (flow.opened || flow.transport == "udp" || flow.server.port < flow.client.port)
            && !flow.server.host.address.is_group()
        {
            let service = Claim::Service { transport: flow.transport, port: flow.server.port, protocol: name };
            self.shown(Subject::host(flow.server.host), Statement::Claim(service), name, first, last, 1);
        }
    }

    fn transaction(&mut self, t: &Transaction, at: Stamp) {
        let (first, last) = (t.first.min(at), at);
        // Who was answered is there, and so is who answered; a request alone proves its sender.
        let answered = matches!(t.outcome, Outcome::Refused(_) | Outcome::ReplyOnly)
            || (t.outcome == Outcome::Ok && t.latency.is_some());
        if t.outcome != Outcome::ReplyOnly {
            self.speaks(t.actor, t.protocol, first, last, t.repeats);
        }
        let subject = t.subject_of();
        if answered {
            self.speaks(t.subject, t.protocol, first, last, t.repeats);
            if !t.path.is_host() && !self.absent(t) && !unreached(t) {
                self.shown(subject, Statement::Present, t.protocol, first, last, t.repeats);
            }
        }
        if self.absent(t) {
            self.shown(Subject::host(t.subject.host), Statement::ReportsAbsent, t.protocol, first, last, t.repeats);
            return;
        }
        if t.path.unit().is_some() {
            self.map(t, at);
        }
        if !t.roles_known || t.outcome == Outcome::NoReply || controls(t.protocol).is_none() {
            return;
        }
        let meant = !matches!(t.class, Class::Session | Class::Unknown);
        // Over the loopback everyone is both; what obeys is what the messages are for.
        if meant && is_someone(t.subject.host.address) && t.actor.host != t.subject.host {
            let acts = Statement::Acts { class: t.class, on: t.subject.host };
            self.shown(Subject::host(t.actor.host), acts, t.protocol, first, last, t.repeats);
        }
        // A refusal shows that it can be asked, but only data or consent shows that it is what obeys.
        if meant && answered && !matches!(t.outcome, Outcome::Refused(_)) {
            let obeys = Statement::Obeys { class: t.class };
            self.shown(Subject::host(t.subject.host), obeys.clone(), t.protocol, first, last, t.repeats);
            if !t.path.is_host() {
                self.shown(subject, obeys, t.protocol, first, last, t.repeats);
            }
        }
    }

    /// True where a gateway says that there is nobody behind it under this unit number.
    fn absent(&self, t: &Transaction) -> bool {
        matches!(t.protocol, "modbus" | "modbus_rtu" | "umas")
            && matches!(t.outcome, Outcome::Refused(GATEWAY_PATH_UNAVAILABLE | GATEWAY_TARGET_FAILED))
    }

    fn speaks(&mut self, who: Endpoint, protocol: &'static str, first: Stamp, last: Stamp, n: u64) {
        let about = Subject::host(who.host);
        self.shown(about, Statement::Present, protocol, first, last, n);
        self.shown(about, Statement::Speaks, protocol, first, last, n);
    }

    fn transfer(&mut self, transfer: &Transfer, at: Stamp) {
        let class = match transfer.content {
            "program" | "block" => Class::Program,
            "firmware" => Class::Firmware,
            "configuration" => Class::Configure,
            _ => Class::File,
        };
        self.speaks(transfer.actor, transfer.protocol, transfer.first, at, 1);
        self.speaks(transfer.subject, transfer.protocol, transfer.first, at, 1);
        if matches!(class, Class::Program | Class::Firmware) {
            let (actor, subject) = (Subject::host(transfer.actor.host), Subject::host(transfer.subject.host));
            let acts = Statement::Acts { class, on: transfer.subject.host };
            self.shown(actor, acts, transfer.protocol, transfer.first, at, 1);
            self.shown(subject, Statement::Obeys { class }, transfer.protocol, transfer.first, at, 1);
            let programs = Statement::Claim(Claim::Role(Role::Engineering));
            self.shown(actor, programs, transfer.protocol, transfer.first, at, 1);
        }
    }

    /// Keeps what a unit answered where, to tell units apart.
    fn map(&mut self, t: &Transaction, at: Stamp) {
        let answered = matches!(t.outcome, Outcome::Ok | Outcome::ReplyOnly) && t.class == Class::Read;
        let refused = t.outcome == Outcome::Refused(ILLEGAL_DATA_ADDRESS);
        if (!answered && !refused) || !is_someone(t.subject.host.address) {
            return;
        }
        for item in &t.items {
            let key = MapKey {
                about: Subject { host: t.subject.host, path: unit_path(t.path) },
                protocol: t.protocol,
                space: item.target.space,
                at: item.target.first,
            };
            let words = if answered { words(item) } else { Vec::new() };
            if refused || !words.is_empty() {
                self.absorb_map(&key, &MapRow { answered, refused, words, first: at, last: at });
            }
        }
    }
}

/// True where a request was not passed on to the slot it was for.
fn unreached(t: &Transaction) -> bool {
    matches!(t.protocol, "cip" | "pccc") && t.outcome == Outcome::Refused(CIP_CONNECTION_FAILURE)
}

/// The way to the unit itself, without what lies inside it.
fn unit_path(path: Path) -> Path {
    let mut to = Path::HOST;
    for hop in path.hops() {
        to = to.then(hop);
        if matches!(hop, model::Hop::Unit(_)) {
            break;
        }
    }
    to
}

/// The value as numbers that keep their order.
fn words(item: &Item) -> Vec<(u64, u64)> {
    let flip = 1u64 << 63;
    let mut all: Vec<u64> = match &item.value {
        Value::Words(words) => words.iter().map(|w| u64::from(*w)).collect(),
        Value::Bits(bits) => bits.iter().map(|b| u64::from(*b)).collect(),
        Value::Bool(b) => vec![u64::from(*b)],
        Value::Uint(n) => vec![*n],
        Value::Int(n) => vec![n.cast_unsigned() ^ flip],
        Value::Float(f) if !f.is_nan() => {
            let bits = f.to_bits();
            vec![if bits & flip == 0 { bits | flip } else { !bits }]
        }
        _ => Vec::new(),
    };
    all.truncate(MAX_MAP_WORDS);
    all.into_iter().map(|w| (w, w)).collect()
}

/// Protocols that only routers send to groups of the link, by the number in the IP header (IANA). They are not read.
fn routing(transport: &str, kind: u32) -> Option<&'static str> {
    match (transport, kind) {
        ("ip", 88) => Some("eigrp"),
        ("ip", 89) => Some("ospf"),
        ("ip", 103) => Some("pim"),
        _ => None,
    }
}

/// Groups no router passes on: 224.0.0.0/24 and the broadcast of the link (RFC 5771, RFC 919), link-local scope of IPv6
/// (RFC 4291).
fn stays_on_link(address: Address) -> bool {
    match address.ip() {
        Some(IpAddr::V4(ip)) => ip.is_broadcast() || matches!(ip.octets(), [224, 0, 0, _]),
        Some(IpAddr::V6(ip)) => ip.segments().first().is_some_and(|s| s & 0xff0f == 0xff02),
        None => false,
    }
}

fn count(pair: [u64; 2], side: usize) -> u64 {
    pair.get(side).copied().unwrap_or(0)
}

/// Groups and the unspecified address are never devices.
pub(super) fn is_someone(address: Address) -> bool {
    !address.is_group() && !address.is_unspecified()
}
