//! Refused commands. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, What};

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Write, Class::Operate, Class::Configure, Class::Program, Class::Mode, Class::Firmware])
        .refused()
        .of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(10);
const REFUSALS: u64 = 5;

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, REFUSALS, |event, _| match &event.what {
        What::Transaction(t) => Some(Finding::of(event, t)),
        _ => None,
    })
}
