//! Modbus exception 4. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes};
use model::{Outcome, What};

pub(super) const WANTS: Interest = Interest::operations().refused().of(&["modbus", "modbus_rtu"]);

const WINDOW: i64 = shapes::minutes(10);
const ANSWERS: u64 = 3;
/// Server device failure (Modbus Application Protocol 1.1b3, section 7).
const DEVICE_FAILURE: Outcome = Outcome::Refused(4);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, ANSWERS, |event, _| match &event.what {
        What::Transaction(t) if t.outcome == DEVICE_FAILURE => Some(Finding::of(event, t)),
        _ => None,
    })
}
