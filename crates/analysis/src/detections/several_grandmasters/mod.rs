//! A grandmaster that changes to and fro. The page beside this file says what it means.

use super::count::Switches;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, NetworkId, Subject, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["ptp"]);

const WINDOW: i64 = shapes::minutes(1);
const SWITCHES: u64 = 3;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Grandmasters { masters: Switches::within(WINDOW) })
}

struct Grandmasters {
    masters: Switches<(NetworkId, u64), String>,
}

impl Detector for Grandmasters {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let Some(master) = t.field("grandmaster").map(words::shown).filter(|_| t.operation == "announce") else { return };
        let domain = words::number(t, "domain").unwrap_or(0);
        let (switches, others) = self.masters.claim((t.actor.host.network, domain), &master, event.at.time);
        if switches >= SWITCHES {
            let mut finding = Finding::new(event).about(Subject::host(t.actor.host)).fact("domain", domain.to_string());
            finding.key = format!("{}|{domain}", t.actor.host.network.0);
            finding = finding.fact("grandmasters", master);
            found.add(others.iter().fold(finding, |f, other| f.fact("grandmasters", other)));
        }
    }

    fn forgotten(&self) -> u64 {
        self.masters.forgotten()
    }
}
