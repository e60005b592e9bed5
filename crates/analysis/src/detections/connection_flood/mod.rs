//! Thousands of attempts at one device. The page beside this file says what it means.

use super::count::Rate;
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Event, Host, Subject};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

const WINDOW: i64 = shapes::minutes(1);
/// Per minute; a half-window counts half of it, so a steady flood is always seen.
const ATTEMPTS: u64 = 3000;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Flood { attempts: Rate::within(WINDOW) })
}

struct Flood {
    attempts: Rate<Host>,
}

impl Detector for Flood {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let Some(flow) = shapes::settled(event).filter(|f| shapes::is_barren(f)) else { return };
        let n = self.attempts.add(flow.server.host, 1, flow.first.time);
        if n >= ATTEMPTS {
            let finding = Finding::new(event).about(Subject::host(flow.server.host)).number("attempts", n);
            found.add(finding.fact("from", flow.client.host.to_string()));
        }
    }

    fn forgotten(&self) -> u64 {
        self.attempts.forgotten()
    }
}
