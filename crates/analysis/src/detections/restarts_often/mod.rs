//! Restarts and restart commands, counted. The page beside this file says what it means.

use super::count::Rate;
use super::outstation_restarted::Flags;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, Outcome, Subject, What};

pub(super) const WANTS: Interest = Interest::operations().of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(10);
const RESTARTS: u64 = 3;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Often { flags: Flags::default(), rate: Rate::within(WINDOW) })
}

struct Often {
    flags: Flags,
    rate: Rate<Subject>,
}

impl Detector for Often {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let sign = if words::is(t, words::RESTART) {
            // a refused command restarts nothing
            if matches!(t.outcome, Outcome::Refused(_)) {
                return;
            }
            Some(Finding::of(event, t).about(t.subject_of()))
        } else if t.protocol == "dnp3" {
            self.flags.risen(t, event)
        } else {
            None
        };
        let Some(finding) = sign else { return };
        let n = self.rate.spread(t.subject_of(), finding.count, finding.first.time, finding.last.time);
        if n >= RESTARTS {
            found.add(finding.number("in_window", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.flags.forgotten() + self.rate.forgotten()
    }
}
