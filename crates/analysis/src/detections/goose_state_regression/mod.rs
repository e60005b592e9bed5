//! A state number that falls. The page beside this file says what it means.

use super::count::Bounded;
use super::goose_needs_commissioning::publisher;
use super::{Detector, Findings, Interest, World, words};
use model::{Event, Host, NetworkId, Stamp, Time, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["goose"]);

/// Copies over the two paths of a redundant network lie this close together.
const COPIES: i64 = 20 * Time::MILLISECOND;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Regression::default())
}

/// Per network, group and control block: the state number that counts, and when it was first seen.
#[derive(Default)]
struct Regression {
    highest: Bounded<(NetworkId, Host, String), Option<(u64, Stamp)>>,
}

impl Detector for Regression {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        if words::is_sum(t) {
            return;
        }
        let (Some(state), Some(reference)) = (words::number(t, "st_num"), words::field(t, "gocb_ref")) else { return };
        let known = self.highest.entry((t.actor.host.network, t.subject.host, reference.to_owned()));
        match *known {
            // Its own restart, or the number has begun again.
            _ if state <= 1 => *known = Some((state, event.at)),
            Some((before, at)) if state < before => {
                if event.at.time.since(at.time) >= COPIES {
                    let finding = publisher(t, event).because(at);
                    found.add(finding.number("now", state).number("before", before));
                    // told once: what follows is measured by the new count
                    *known = Some((state, event.at));
                }
            }
            Some((before, _)) if state == before => {}
            _ => *known = Some((state, event.at)),
        }
    }

    fn forgotten(&self) -> u64 {
        self.highest.forgotten()
    }
}
