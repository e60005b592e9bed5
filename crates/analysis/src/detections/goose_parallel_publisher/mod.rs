//! One control block, two sources. The page beside this file says what it means.

use super::count::Switches;
use super::{Detector, Finding, Findings, Interest, World, words};
use model::{Event, Host, Subject, Time, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["goose"]);

/// A publisher that only repeats itself is told every ten seconds.
const WINDOW: i64 = 60 * Time::SECOND;
/// There and back again.
const SWITCHES: u64 = 2;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Parallel { publishers: Switches::within(WINDOW) })
}

struct Parallel {
    publishers: Switches<(Host, String), Host>,
}

impl Detector for Parallel {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let Some(reference) = words::field(t, "gocb_ref").filter(|_| !words::is_sum(t)) else { return };
        let key = (t.subject.host, reference.to_owned());
        let (switches, others) = self.publishers.claim(key, &t.actor.host, event.at.time);
        if switches >= SWITCHES {
            let finding = Finding::new(event).about(Subject::host(t.subject.host)).per(reference);
            let finding = finding.fact("gocb_ref", reference).fact("publishers", t.actor.host.to_string());
            found.add(others.iter().fold(finding, |f, host| f.fact("publishers", host.to_string())));
        }
    }

    fn forgotten(&self) -> u64 {
        self.publishers.forgotten()
    }
}
