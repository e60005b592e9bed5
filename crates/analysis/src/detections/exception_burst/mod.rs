//! Many refusals between one pair. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::What;

pub(super) const WANTS: Interest = Interest::operations().refused().of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(60);
const REFUSALS: u64 = 20;

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, REFUSALS, |event, _| match &event.what {
        What::Transaction(t) => Some(Finding::of(event, t)),
        _ => None,
    })
}
