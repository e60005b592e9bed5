//! Control program removed from a controller. The page beside this file says what it means.

use super::words::{Step, step};
use super::{Detector, Finding, Interest, shapes};
use model::Class;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Program]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| (step(t) == Step::Delete).then(|| Finding::of(event, t)))
}
