//! Many messages that break several rules. The page beside this file says what it means.

use super::count::{Distinct, Rate};
use super::malformed_message::shape;
use super::{Detector, Fact, Findings, Interest, World, shapes, words};
use model::{Event, What};

pub(super) const WANTS: Interest = Interest::only(Fact::Anomaly).of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(10);
const MESSAGES: u64 = 20;
const KINDS: u64 = 2;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Malformed { rate: Rate::within(WINDOW), kinds: Distinct::within(WINDOW) })
}

struct Malformed {
    rate: Rate<String>,
    kinds: Distinct<String, &'static str>,
}

impl Detector for Malformed {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let (What::Anomaly(a), Some(finding)) = (&event.what, shape(event)) else { return };
        let kinds = self.kinds.add(finding.key.clone(), a.kind, event.at.time);
        let n = self.rate.add(finding.key.clone(), finding.count, event.at.time);
        if n >= MESSAGES && kinds >= KINDS {
            found.add(finding.number("in_window", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.rate.forgotten() + self.kinds.forgotten()
    }
}
