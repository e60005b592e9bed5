//! Functions that IEEE 1815 marks obsolete. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| words::is(t, words::OBSOLETE).then(|| Finding::of(event, t)))
}
