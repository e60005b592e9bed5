//! A time written to a device. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Configure, Class::Write, Class::Operate]).of(words::CONTROL);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| words::is(t, words::CLOCK).then(|| Finding::of(event, t)))
}
