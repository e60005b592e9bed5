//! Negative confirmations. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Outcome, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["iec104"]);

const WINDOW: i64 = shapes::minutes(10);
const REFUSALS: u64 = 3;

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, REFUSALS, |event, _| match &event.what {
        What::Transaction(t) if words::flag(t, "negative") => {
            let unknown = words::field(t, "cause").is_some_and(|cause| cause.starts_with("unknown_"))
                || matches!(t.outcome, Outcome::Refused(44..=47));
            (!unknown).then(|| Finding::of(event, t))
        }
        _ => None,
    })
}
