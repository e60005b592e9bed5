//! One hardware address takes the IP addresses of several owners. The page beside this file says what it means.

use super::address_conflict::{SPEAK, stated};
use super::count::{Bounded, Distinct};
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes, words};
use model::{Address, Class, Event, Host, Mac, Stamp, Time, Transaction, Value, What};
use std::collections::BTreeSet;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Identify]).and(Fact::Evidence).of(SPEAK);

const WINDOW: i64 = shapes::minutes(10);
const OWNERS: usize = 2;
/// How long an owner is remembered: routine statements are told seldom, and an owner may have been silent for hours.
const OWNED: i64 = shapes::minutes(24 * 60);
/// A reply later than this was not asked for.
const REPLY: i64 = 5 * Time::SECOND;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Poisoning {
        owners: Bounded::default(),
        taken: Distinct::within(WINDOW),
        asked: Bounded::default(),
        told: Bounded::default(),
        claimed: Bounded::default(),
        on_demand: Bounded::default(),
    })
}

struct Poisoning {
    owners: Bounded<Host, Option<(Mac, Stamp)>>,
    /// Per claimant and network: whose address was taken, and which.
    taken: Distinct<Mac, (Mac, Host)>,
    /// Who asked for which address, and when last.
    asked: Bounded<(Mac, Host), Option<Time>>,
    /// At which hardware address a claimant itself reached an IP address with a reply nobody had asked for.
    told: Bounded<(Mac, Host), Option<(Mac, Stamp)>>,
    /// Which address a claimant stated in such a reply as its own.
    claimed: Bounded<(Mac, Host), Option<Stamp>>,
    /// Addresses that a hardware address states when it is asked: a proxy, or the owner.
    on_demand: Bounded<(Mac, Host), bool>,
}

/// One address that a claimant has taken: from whom, and the statement it contradicts.
type Taken = (Mac, Host, Stamp);

impl Poisoning {
    /// Taken from an owner that had stated it before.
    fn take_from_owner(&mut self, host: Host, mac: Mac, at: Stamp) -> Option<Taken> {
        let (owner, stamp) = self.owners.entry(host).replace((mac, at))?;
        (owner != mac && at.time.since(stamp.time) <= OWNED).then_some((owner, host, stamp))
    }

    /// Whether a reply was asked for by the one it goes to. Proxies answer for others like that, all day.
    fn was_asked(&self, t: &Transaction, host: Host, at: Stamp) -> bool {
        let Address::Mac(receiver) = t.subject.host.address else { return false };
        let asked = self.asked.get(&(receiver, host)).copied().flatten();
        t.operation == "is_at" && asked.is_some_and(|t| at.time.since(t) <= REPLY)
    }

    /// Taken by the claimant's own words: it tells one host that an address is at its own hardware address, and sends to
    /// that address's holder at another.
    fn by_own_words(&mut self, t: &Transaction, host: Host, mac: Mac, at: Stamp) -> Vec<Taken> {
        let (Address::Mac(receiver), Some(Value::Ip(ip))) = (t.subject.host.address, t.field("target_ip")) else {
            return Vec::new();
        };
        let reached = Host { network: host.network, address: (*ip).into() };
        if t.operation != "is_at" || receiver == mac {
            return Vec::new();
        }
        *self.told.entry((mac, reached)) = Some((receiver, at));
        *self.claimed.entry((mac, host)) = Some(at);
        let fresh = |stamp: &Stamp| at.time.since(stamp.time) <= WINDOW;
        let told = self.told.get(&(mac, host)).copied().flatten().filter(|(_, s)| fresh(s));
        let claimed = self.claimed.get(&(mac, reached)).copied().flatten().filter(fresh);
        let claims = told.map(|(owner, stamp)| (owner, host, stamp));
        claims.into_iter().chain(claimed.map(|stamp| (receiver, reached, stamp))).collect()
    }
}

impl Detector for Poisoning {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let (operation, at) = match &event.what {
            // a sum is drawn up later than the last it tells of, and in any order: who had asked cannot be told
            What::Transaction(t) if words::is_sum(t) => (None, Stamp { time: words::last(t, event), ..event.at }),
            What::Transaction(t) => (Some(t), event.at),
            _ => (None, event.at),
        };
        if let Some(t) = operation.filter(|t| t.operation == "who_has")
            && let Address::Mac(asks) = t.actor.host.address
            && let Some(ip) = t.items.iter().find_map(|i| super::arp_scan::address(&i.target.name))
        {
            let wanted = Host { network: t.actor.host.network, address: ip.into() };
            *self.asked.entry((asks, wanted)) = Some(event.at.time);
        }
        let Some((host, mac)) = stated(event) else { return };
        let asked = match (&event.what, operation) {
            // the operation of the same message says the same, and whether it was asked for
            (What::Evidence(e), _) if e.protocol == "arp" => {
                self.owners.entry(host).get_or_insert((mac, at));
                return;
            }
            (_, Some(t)) => {
                let asked = self.was_asked(t, host, at);
                *self.on_demand.entry((mac, host)) |= asked;
                asked
            }
            _ => self.on_demand.get(&(mac, host)) == Some(&true),
        };
        let from_owner = self.take_from_owner(host, mac, at);
        if asked {
            return;
        }
        let own_words = operation.map_or(Vec::new(), |t| self.by_own_words(t, host, mac, at));
        let now: Vec<Taken> = from_owner.into_iter().chain(own_words).collect();
        for (owner, host, _) in &now {
            self.taken.add(mac, (*owner, *host), at.time);
        }
        let Some((_, _, stamp)) = now.first() else { return };
        let taken = self.taken.values(&mac, at.time);
        let owners: BTreeSet<Mac> = taken.iter().map(|(owner, _)| *owner).collect();
        if owners.len() >= OWNERS {
            let mut finding = Finding::new(event).by_actor(Host { network: host.network, address: mac.into() });
            finding.first = finding.first.min(at);
            finding.last = at;
            let finding = finding.because(*stamp).number("victims", owners.len() as u64);
            found.add(taken.iter().fold(finding, |f, (_, host)| f.fact("addresses", host.to_string())));
        }
    }

    fn forgotten(&self) -> u64 {
        let own = self.told.forgotten() + self.claimed.forgotten();
        let asked = self.asked.forgotten() + self.on_demand.forgotten();
        self.owners.forgotten() + self.taken.forgotten() + own + asked
    }
}
