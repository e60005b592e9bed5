//! Requests without any answer. The page beside this file says what it means.

use super::count::Rate;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, Outcome, What};

pub(super) const WANTS: Interest = Interest::operations().of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(5);
const REQUESTS: u64 = 8;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Unresponsive { silent: Rate::within(WINDOW) })
}

struct Unresponsive {
    silent: Rate<String>,
}

impl Detector for Unresponsive {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        if t.subject.host.address.is_group() || t.actor.host.address.is_group() {
            return;
        }
        let finding = Finding::of(event, t).per(t.protocol);
        match t.outcome {
            Outcome::NoReply => {
                let n = self.silent.spread(finding.key.clone(), finding.count, finding.first.time, event.at.time);
                if n >= REQUESTS {
                    found.add(finding.number("in_window", n));
                }
            }
            Outcome::Ok | Outcome::Refused(_) | Outcome::ReplyOnly => self.silent.clear(&finding.key),
            Outcome::Unseen => {}
        }
    }

    fn forgotten(&self) -> u64 {
        self.silent.forgotten()
    }
}
