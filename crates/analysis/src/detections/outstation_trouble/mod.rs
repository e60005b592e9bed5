//! DNP3 IIN 1.6. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Event, Transaction};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3"]);

/// A finding about the outstation when this internal indication is set.
pub(super) fn indicated(t: &Transaction, event: &Event, flag: &str) -> Option<Finding> {
    words::lists(t, "iin", flag).then(|| {
        let mut finding = Finding::of(event, t).about(t.subject_of());
        finding.actor = None;
        finding
    })
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| indicated(t, event, "device_trouble"))
}
