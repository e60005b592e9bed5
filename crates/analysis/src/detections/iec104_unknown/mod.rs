//! IEC 60870-5 causes 44 to 47. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(&["iec104"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let cause = words::field(t, "cause").filter(|cause| cause.starts_with("unknown_"))?;
        Some(Finding::of(event, t).fact("cause", cause.replace('_', " ")))
    })
}
