//! Ways to put messages on the plant's network: address resolution, connections, datagrams, groups.

use super::device::Zone;
use super::sim::{Diversion, Link, LinkId, MICRO, MILLI, SECOND, Sim};
use super::truth::Meaning;
use crate::build::ip::{self, Header, group_mac};
use crate::build::link::{ARP, BROADCAST, IPV4, arp_reply, arp_request, ethernet};
use crate::build::tcp::{Conversation, From, Sent, Side};
use crate::build::{Ip, Mac};

/// How long an address stays resolved.
const RESOLVED: i64 = 240 * SECOND;
/// One request in so many is sent again.
const RETRANSMITTED: u64 = 3_000;
/// In one exchange out of so many the capture misses a frame.
const MISSED: u64 = 8_000;

/// An operation with the unit it is addressed to.
pub type Operation = (&'static str, Option<u32>);

impl Sim {
    /// Makes `a` know the hardware address on its way to `b`; returns when it does.
    fn resolve(&mut self, a: usize, b: usize, time: i64) -> i64 {
        let remote = |sim: &Sim, d: usize| sim.devices[d].zone == Zone::Remote;
        let target =
            if self.devices[a].zone == self.devices[b].zone && !remote(self, a) { b } else { self.site.router };
        let asker = if remote(self, a) { self.site.wan } else { a };
        if self.resolved.get(&(asker, target)).is_some_and(|until| *until > time) {
            return time;
        }
        let until = time + RESOLVED + self.random.below(60 * SECOND as u64) as i64;
        self.resolved.insert((asker, target), until);
        let zone = self.devices[a].zone;
        let asked = if target == self.site.router { zone.address(0) } else { self.devices[target].ip };
        let own = if asker == self.site.wan { Zone::Remote.address(1) } else { self.devices[asker].ip };
        let (mac, answer) = (self.devices[asker].mac, self.devices[target].mac);
        let talk = self.truth.talk(asker, Some(target), "arp");
        let vlan = Some(zone.vlan());
        self.put(time, ethernet(BROADCAST, mac, vlan, ARP, &arp_request((mac, own), asked)), talk, None);
        let reply = ethernet(mac, answer, vlan, ARP, &arp_reply((answer, asked), (mac, own)));
        let wait = self.random.between(80, 600) as i64 * MICRO;
        self.put(time + wait, reply, talk, Some(("resolve", None)));
        time + wait + 30 * MICRO
    }

    fn side(&mut self, a: usize, b: usize, port: u16) -> Side {
        let (mac, next, vlan, ttl) = self.path(a, b);
        let (ip, window) = (self.devices[a].ip, self.devices[a].window);
        let (id, seq) = (self.random.bits() as u16, self.random.bits() as u32);
        Side { mac, next, vlan, ip, port, ttl, window, id, seq }
    }

    /// A connection that stood before the capture began, or whose opening is put by [`Sim::open`].
    pub fn attach(&mut self, client: usize, server: usize, port: u16, protocol: &'static str) -> LinkId {
        let from = self.port();
        let (c, s) = (self.side(client, server, from), self.side(server, client, port));
        let talk = self.truth.talk(client, Some(server), protocol);
        let diversion = self.diversion(client, server);
        let tcp = Conversation { client: c, server: s, via: diversion.map(|d| d.via) };
        let tamper = diversion.map(|d| d.tamper);
        self.new_link(Link { client, server, talk, tcp, clock: self.now, tamper })
    }

    /// Opens a connection with its handshake.
    pub fn open(&mut self, client: usize, server: usize, port: u16, protocol: &'static str) -> LinkId {
        let id = self.attach(client, server, port, protocol);
        self.exchange(id, |tcp| tcp.open(), Some(("connect", None)));
        id
    }

    /// Whether the connection stands.
    pub fn stands(&self, id: LinkId) -> bool {
        self.links.contains_key(&id)
    }

    /// Lets time pass on a connection before its next message.
    pub fn pause(&mut self, id: LinkId, ns: i64) {
        let now = self.now;
        if let Some(link) = self.links.get_mut(&id) {
            link.clock = link.clock.max(now) + ns;
        }
    }

    /// Puts frames of one connection, the operation on the last one.
    fn exchange(&mut self, id: LinkId, make: impl FnOnce(&mut Conversation) -> Vec<Sent>, op: Option<Operation>) {
        self.paced(id, make, op, false, 0);
    }

    fn paced(
        &mut self,
        id: LinkId,
        make: impl FnOnce(&mut Conversation) -> Vec<Sent>,
        operation: Option<Operation>,
        lossy: bool,
        think: i64,
    ) {
        let Some(link) = self.links.get(&id) else { return };
        let (client, server, talk) = (link.client, link.server, link.talk);
        let start = link.clock.max(self.now) + self.random.between(20, 90) as i64 * MICRO;
        let mut clock = self.resolve(client, server, start);
        clock = self.resolve(server, client, clock);
        let Some(link) = self.links.get_mut(&id) else { return };
        let sent = make(&mut link.tcp);
        let last = sent.len().saturating_sub(1);
        let missed = if lossy && self.random.chance(1, MISSED) && !sent.is_empty() {
            Some(self.random.below(sent.len() as u64) as usize)
        } else {
            None
        };
        // Told by the last frame the capture has.
        let told = if missed == Some(last) { last.saturating_sub(1) } else { last };
        let through = self.diversion(client, server).map(|d| d.attack);
        let attack = self.attack.or(through);
        let mut before = None;
        for (n, (from, bytes)) in sent.into_iter().enumerate() {
            clock += match before {
                Some(b) if b == from => self.random.between(8, 40) as i64 * MICRO,
                Some(_) => think + self.random.between(150, 900) as i64 * MICRO,
                None => 0,
            };
            before = Some(from);
            let operation = if n == told { operation } else { None };
            let meaning = Meaning { talk, operation, partly: missed.is_some(), attack };
            self.put_marked(clock, bytes, meaning, missed == Some(n));
        }
        if let Some(link) = self.links.get_mut(&id) {
            link.clock = clock;
        }
    }

    /// A request and its response on a connection, with the acknowledgement that follows.
    pub fn ask(&mut self, id: LinkId, operation: &'static str, request: &[u8], response: &[u8]) {
        self.ask_unit(id, (operation, None), request, response);
    }

    /// [`Sim::ask`] for one unit behind the server.
    pub fn ask_unit(&mut self, id: LinkId, operation: Operation, request: &[u8], response: &[u8]) {
        let Some(link) = self.links.get(&id) else { return };
        let tamper = link.tamper;
        let slow = matches!(self.devices[link.server].kind, "gateway" | "rtu");
        let think = if slow { self.random.between(15, 60) } else { self.random.between(1, 7) } as i64 * MILLI;
        if self.random.chance(1, RETRANSMITTED) && tamper.is_none() && request.len() < 1400 {
            self.exchange(id, |tcp| tcp.send(From::Client, request, None), None);
            self.pause(id, 210 * MILLI);
            self.exchange(id, |tcp| tcp.again(From::Client, request), None);
            self.pause(id, think);
            self.exchange(id, |tcp| tcp.send(From::Server, response, None), Some(operation));
        } else {
            let make = |tcp: &mut Conversation| {
                let mut sent = tcp.send(From::Client, request, tamper);
                sent.extend(tcp.send(From::Server, response, tamper));
                sent
            };
            self.paced(id, make, Some(operation), true, think);
        }
        if self.random.chance(3, 5) {
            let wait = self.random.between(1, 45) as i64 * MILLI;
            self.pause(id, wait);
            self.exchange(id, |tcp| tcp.ack(From::Client), None);
        }
    }

    /// A message nobody answers on its own level; the other side acknowledges it.
    pub fn say(&mut self, id: LinkId, from: From, operation: &'static str, data: &[u8]) {
        let Some(tamper) = self.links.get(&id).map(|l| l.tamper) else { return };
        let make = |tcp: &mut Conversation| {
            let mut sent = tcp.send(from, data, tamper);
            sent.extend(tcp.ack(from.other()));
            sent
        };
        self.paced(id, make, Some((operation, None)), false, 5 * MILLI);
    }

    /// A request of the server's own, answered by the client.
    pub fn asked(&mut self, id: LinkId, operation: &'static str, request: &[u8], response: &[u8]) {
        let make = |tcp: &mut Conversation| {
            let mut sent = tcp.send(From::Server, request, None);
            sent.extend(tcp.send(From::Client, response, None));
            sent
        };
        self.paced(id, make, Some((operation, None)), false, 3 * MILLI);
    }

    /// Closes a connection in good order.
    pub fn close(&mut self, id: LinkId) {
        self.exchange(id, |tcp| tcp.close(From::Client), None);
        self.links.remove(&id);
    }

    /// Breaks a connection.
    pub fn reset(&mut self, id: LinkId, from: From) {
        self.exchange(id, |tcp| tcp.reset(from), None);
        self.links.remove(&id);
    }

    /// Breaks every connection of a device: it stopped, moved or restarted.
    pub fn drop_links(&mut self, device: usize) {
        let of = |l: &Link| l.client == device || l.server == device;
        self.links.retain(|_, l| !of(l));
    }

    /// Leads the connections of a pair, present and future, through an intruder; none leads them straight again.
    pub fn divert(&mut self, diversion: Option<Diversion>) {
        let old = std::mem::replace(&mut self.diverted, diversion);
        for link in self.links.values_mut() {
            let of = |d: &Diversion| (link.client, link.server) == (d.client, d.server);
            if let Some(d) = diversion.filter(of) {
                (link.tcp.via, link.tamper) = (Some(d.via), Some(d.tamper));
            } else if old.is_some_and(|d| of(&d)) {
                (link.tcp.via, link.tamper) = (None, None);
            }
        }
    }

    /// The diversion a pair is under.
    fn diversion(&self, client: usize, server: usize) -> Option<Diversion> {
        self.diverted.filter(|d| (d.client, d.server) == (client, server))
    }

    /// A port that is tried: open ports answer and are left again, closed ones refuse.
    pub fn probe(&mut self, client: usize, server: usize, port: u16, open: bool) {
        let id = self.attach(client, server, port, "tcp");
        if open {
            self.exchange(id, |tcp| tcp.open(), Some(("connect", None)));
            self.reset(id, From::Client);
        } else {
            self.exchange(id, |tcp| tcp.refused(), Some(("connect_refused", None)));
            self.links.remove(&id);
        }
    }

    /// A datagram `delay` ns from now.
    pub fn datagram(
        &mut self,
        delay: i64,
        a: usize,
        b: usize,
        ports: (u16, u16),
        data: &[u8],
        (talk, operation): (usize, Option<Operation>),
    ) {
        let time = self.resolve(a, b, self.now + delay);
        let (mac, next, vlan, ttl) = self.path(a, b);
        let h = Header { src: self.devices[a].ip, dst: self.devices[b].ip, id: self.ip_id(a), ttl };
        self.put(time, ethernet(next, mac, vlan, IPV4, &ip::udp(h, ports.0, ports.1, data)), talk, operation);
    }

    /// A datagram and its answer `think` ns later.
    pub fn datagrams(
        &mut self,
        (a, b): (usize, usize),
        ports: (u16, u16),
        protocol: &'static str,
        operation: &'static str,
        request: &[u8],
        response: &[u8],
    ) {
        self.datagrams_at(0, (a, b), ports, protocol, (operation, None), request, response);
    }

    /// [`Sim::datagrams`] `delay` ns from now, for a unit.
    #[allow(clippy::too_many_arguments)]
    pub fn datagrams_at(
        &mut self,
        delay: i64,
        (a, b): (usize, usize),
        ports: (u16, u16),
        protocol: &'static str,
        operation: Operation,
        request: &[u8],
        response: &[u8],
    ) {
        let talk = self.truth.talk(a, Some(b), protocol);
        self.datagram(delay, a, b, ports, request, (talk, None));
        let think = self.random.between(1_200, 6_000) as i64 * MICRO;
        self.datagram(delay + think, b, a, (ports.1, ports.0), response, (talk, Some(operation)));
    }

    /// A datagram to a group or to everyone in the zone (`255.255.255.255` or the zone's broadcast address).
    pub fn cast(
        &mut self,
        a: usize,
        group: Ip,
        ports: (u16, u16),
        protocol: &'static str,
        operation: &'static str,
        data: &[u8],
    ) {
        let mac = if group[0] < 240 && group[0] >= 224 { group_mac(group) } else { BROADCAST };
        let ttl = if group == [224, 0, 1, 129] { 1 } else { self.devices[a].ttl };
        let h = Header { src: self.devices[a].ip, dst: group, id: self.ip_id(a), ttl };
        let (src, vlan) = (self.devices[a].mac, self.devices[a].zone.vlan());
        let talk = self.truth.talk(a, None, protocol);
        let frame = ethernet(mac, src, Some(vlan), IPV4, &ip::udp(h, ports.0, ports.1, data));
        self.put(self.now, frame, talk, Some((operation, None)));
    }

    /// A frame without IP, `delay` ns from now; no VLAN tag for link-local groups.
    pub fn layer2(
        &mut self,
        delay: i64,
        (a, b): (usize, Option<usize>),
        dst: Mac,
        ethertype: u16,
        payload: &[u8],
        (protocol, operation): (&'static str, &'static str),
    ) {
        let device = &self.devices[a];
        let vlan = if dst[..3] == [0x01, 0x80, 0xc2] { None } else { Some(device.zone.vlan()) };
        let frame = ethernet(dst, device.mac, vlan, ethertype, payload);
        let talk = self.truth.talk(a, b, protocol);
        self.put(self.now + delay, frame, talk, Some((operation, None)));
    }

    /// The zone's broadcast address of a device.
    pub fn everyone(&self, device: usize) -> Ip {
        let ip = self.devices[device].ip;
        [ip[0], ip[1], 255, 255]
    }
}
