//! A grandmaster that changes to and fro. The page beside this file says what it means.

use super::count::Switches;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, NetworkId, Subject, Transaction, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["ptp"]);

const WINDOW: i64 = shapes::minutes(1);
const SWITCHES: u64 = 3;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Grandmasters { masters: Switches::within(WINDOW) })
}

struct Grandmasters {
    /// By network, organisation of the profile, and domain: profiles do not hear each other.
    masters: Switches<(NetworkId, u64, u64), String>,
}

/// An announce message, not a sum of them: a sum's time is not that of a claim.
fn is_announced(t: &Transaction) -> bool {
    t.operation == "announce" && !words::is_sum(t)
}

impl Detector for Grandmasters {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let Some(master) = t.field("grandmaster").map(words::shown).filter(|_| is_announced(t)) else { return };
        let domain = words::number(t, "domain").unwrap_or(0);
        let profile = words::number(t, "sdo_id").unwrap_or(0);
        let (switches, others) = self.masters.claim((t.actor.host.network, profile, domain), &master, event.at.time);
        if switches >= SWITCHES {
            let mut finding = Finding::new(event).about(Subject::host(t.actor.host)).fact("domain", domain.to_string());
            finding.key = format!("{}|{profile}|{domain}", t.actor.host.network.0);
            finding = finding.fact("grandmasters", master);
            found.add(others.iter().fold(finding, |f, other| f.fact("grandmasters", other)));
        }
    }

    fn forgotten(&self) -> u64 {
        self.masters.forgotten()
    }
}
