//! Many functions the device does not have. The page beside this file says what it means.

use super::count::Distinct;
use super::function_not_supported::refused;
use super::{Detector, Finding, Findings, Interest, World, shapes};
use model::{Event, Host, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3", "modbus", "modbus_rtu"]);

const WINDOW: i64 = shapes::minutes(2);
const FUNCTIONS: u64 = 5;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan { tried: Distinct::within(WINDOW) })
}

struct Scan {
    tried: Distinct<(Host, Host), (&'static str, u32)>,
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        if !refused(t) {
            return;
        }
        let n = self.tried.add((t.actor.host, t.subject.host), (t.operation, t.code), event.at.time);
        if n >= FUNCTIONS {
            found.add(Finding::of(event, t).number("functions", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.tried.forgotten()
    }
}
