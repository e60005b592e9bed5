//! Many names that do not exist. The page beside this file says what it means.

use super::count::Distinct;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, Host, What};

pub(super) const WANTS: Interest = Interest::operations().refused().of(&["dns"]);

const WINDOW: i64 = shapes::minutes(1);
const NAMES: u64 = 25;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Queries { names: Distinct::within(WINDOW) })
}

struct Queries {
    names: Distinct<Host, String>,
}

impl Detector for Queries {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let Some(name) = words::field(t, "name") else { return };
        let n = self.names.add(t.actor.host, name.to_ascii_lowercase(), event.at.time);
        if n >= NAMES {
            found.add(Finding::new(event).by_actor(t.actor.host).fact("name", name).number("names", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.names.forgotten()
    }
}
