//! One hardware address takes the IP addresses of several owners. The page beside this file says what it means.

use super::address_conflict::{SPEAK, stated};
use super::count::{Bounded, Distinct};
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Class, Event, Host, Mac, Stamp};
use std::collections::BTreeSet;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Identify]).and(Fact::Evidence).of(SPEAK);

const WINDOW: i64 = shapes::minutes(10);
const OWNERS: usize = 2;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Poisoning { owners: Bounded::default(), taken: Distinct::within(WINDOW) })
}

struct Poisoning {
    owners: Bounded<Host, Option<(Mac, Stamp)>>,
    /// Per claimant and network: whose address was taken, and which.
    taken: Distinct<Mac, (Mac, Host)>,
}

impl Detector for Poisoning {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let Some((host, mac)) = stated(event) else { return };
        let Some((owner, stamp)) = self.owners.entry(host).replace((mac, event.at)) else { return };
        if owner == mac || event.at.time.since(stamp.time) > WINDOW {
            return;
        }
        self.taken.add(mac, (owner, host), event.at.time);
        let taken = self.taken.values(&mac, event.at.time);
        let owners: BTreeSet<Mac> = taken.iter().map(|(owner, _)| *owner).collect();
        if owners.len() >= OWNERS {
            let finding = Finding::new(event).by_actor(Host { network: host.network, address: mac.into() });
            let finding = finding.because(stamp).number("victims", owners.len() as u64);
            found.add(taken.iter().fold(finding, |f, (_, host)| f.fact("addresses", host.to_string())));
        }
    }

    fn forgotten(&self) -> u64 {
        self.owners.forgotten() + self.taken.forgotten()
    }
}
