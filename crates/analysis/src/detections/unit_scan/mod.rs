//! Many units that do not exist. The page beside this file says what it means.

use super::count::Distinct;
use super::{Detector, Finding, Findings, Interest, World, shapes};
use model::{Event, Host, Outcome, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3", "iec104", "modbus", "modbus_rtu"]);

const WINDOW: i64 = shapes::minutes(2);
const UNITS: u64 = 16;
/// Gateway path unavailable, gateway target device failed to respond (Modbus Application Protocol 1.1b3, section 7).
const NO_SUCH_UNIT: [u32; 2] = [10, 11];

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan { missing: Distinct::within(WINDOW), there: Distinct::within(WINDOW) })
}

struct Scan {
    missing: Distinct<(Host, Host), u32>,
    there: Distinct<(Host, Host), u32>,
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let Some(unit) = t.path.unit() else { return };
        let pair = (t.actor.host, t.subject.host);
        let failed = match t.outcome {
            Outcome::NoReply => true,
            Outcome::Refused(code) => t.protocol.starts_with("modbus") && NO_SUCH_UNIT.contains(&code),
            Outcome::Unseen => return,
            Outcome::Ok | Outcome::ReplyOnly => false,
        };
        if !failed {
            self.there.add(pair, unit, event.at.time);
            return;
        }
        let missing = self.missing.add(pair, unit, event.at.time);
        if missing >= UNITS && missing > self.there.values(&pair, event.at.time).len() as u64 {
            let finding = Finding::new(event).ends(&t.actor, &t.subject).per(t.protocol);
            found.add(finding.fact("protocol", t.protocol).number("units", missing));
        }
    }

    fn forgotten(&self) -> u64 {
        self.missing.forgotten() + self.there.forgotten()
    }
}
