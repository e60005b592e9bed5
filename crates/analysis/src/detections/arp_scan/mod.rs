//! ARP requests for many addresses nobody uses. The page beside this file says what it means.

use super::count::{Bounded, Distinct};
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Event, Host, Outcome, Time, Value, What};
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) const WANTS: Interest = Interest::operations().and(Fact::Evidence).and(Fact::Flow);

const WINDOW: i64 = shapes::minutes(6);
const TARGETS: usize = 40;
/// A master asks for its devices and talks to them directly after.
const WAIT: i64 = shapes::minutes(1);

/// A target as the ARP parser writes it, `ip:10.0.0.1`.
pub(super) fn address(target: &str) -> Option<IpAddr> {
    target.strip_prefix("ip:")?.parse().ok()
}

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan { asked: Distinct::within(WINDOW), alive: Bounded::default(), waiting: BTreeMap::new() })
}

struct Scan {
    asked: Distinct<Host, Host>,
    alive: Bounded<Host, ()>,
    /// Scans to be judged; at most as many as `asked` has keys.
    waiting: BTreeMap<Host, Finding>,
}

impl Scan {
    fn lives(&mut self, host: Host, world: &dyn World) {
        if host.address.ip().is_some() && !host.address.is_group() && !world.is_external(&host) {
            *self.alive.entry(host) = ();
        }
    }

    fn silent(&self, actor: &Host, at: Time) -> usize {
        self.asked.values(actor, at).iter().filter(|host| self.alive.get(host).is_none()).count()
    }
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, world: &dyn World, _: &mut Findings) {
        match &event.what {
            What::Evidence(e) if e.by.is_none() => self.lives(e.about.host, world),
            What::Flow(flow) if flow.frames.iter().all(|n| *n > 0) => {
                self.lives(flow.client.host, world);
                self.lives(flow.server.host, world);
            }
            What::Transaction(t) if t.protocol == "arp" && t.operation == "who_has" => {
                let network = t.actor.host.network;
                let actor = match t.field("sender_ip") {
                    Some(Value::Ip(ip)) => Host { network, address: (*ip).into() },
                    _ => t.actor.host,
                };
                self.lives(actor, world);
                let asked = t.items.iter().find_map(|item| address(&item.target.name));
                let Some(target) = asked.map(|ip| Host { network, address: ip.into() }) else { return };
                let n = self.asked.add(actor, target, event.at.time);
                if n >= TARGETS as u64 && self.silent(&actor, event.at.time) >= TARGETS {
                    self.waiting.entry(actor).or_insert_with(|| Finding::new(event).by_actor(actor));
                }
            }
            What::Transaction(t) if t.protocol != "arp" => {
                self.lives(t.actor.host, world);
                if matches!(t.outcome, Outcome::Ok | Outcome::Refused(_) | Outcome::ReplyOnly) {
                    self.lives(t.subject.host, world);
                }
            }
            _ => {}
        }
    }

    fn tick(&mut self, now: Time, _: &dyn World, found: &mut Findings) {
        while let Some((actor, at)) =
            self.waiting.iter().map(|(a, f)| (*a, f.last.time)).find(|(_, at)| now.since(*at) >= WAIT)
        {
            let silent = self.silent(&actor, at);
            if let Some(finding) = self.waiting.remove(&actor).filter(|_| silent >= TARGETS) {
                found.add(finding.number("targets", silent as u64));
            }
        }
    }

    fn forgotten(&self) -> u64 {
        self.asked.forgotten() + self.alive.forgotten()
    }
}
