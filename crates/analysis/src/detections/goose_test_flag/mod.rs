//! The test or simulation flag of IEC 61850-8-1. The page beside this file says what it means.

use super::goose_needs_commissioning::publisher;
use super::{Detector, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(&["goose"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let marked = words::flag(t, "test") || words::flag(t, "simulation");
        marked.then(|| publisher(t, event))
    })
}
