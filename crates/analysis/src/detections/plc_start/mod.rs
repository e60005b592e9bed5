//! A command that starts a controller's program. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Mode]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| words::is(t, words::START).then(|| Finding::of(event, t)))
}
