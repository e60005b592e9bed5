//! Program, mode or firmware commands to a Triconex controller. The page beside this file says what it means.

use super::words::{Step, step};
use super::{Detector, Finding, Interest, shapes};
use model::Class;

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Program, Class::Mode, Class::Firmware]).of(&["tristation"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let reads = t.class == Class::Program && matches!(step(t), Step::Upload | Step::Around);
        (!reads).then(|| Finding::of(event, t))
    })
}
