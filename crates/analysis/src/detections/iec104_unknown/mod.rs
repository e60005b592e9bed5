//! IEC 60870-5 causes 44 to 47. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Outcome;

pub(super) const WANTS: Interest = Interest::operations().of(&["iec104"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let said = words::field(t, "cause").filter(|cause| cause.starts_with("unknown_"));
        let cause = said.or(match t.outcome {
            Outcome::Refused(44) => Some("unknown_type_identification"),
            Outcome::Refused(45) => Some("unknown_cause_of_transmission"),
            Outcome::Refused(46) => Some("unknown_common_address_of_asdu"),
            Outcome::Refused(47) => Some("unknown_information_object_address"),
            _ => None,
        })?;
        Some(Finding::of(event, t).fact("cause", cause.replace('_', " ")))
    })
}
