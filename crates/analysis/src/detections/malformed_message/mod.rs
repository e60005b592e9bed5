//! A message of a control protocol that breaks its standard. The page beside this file says what it means.

use super::reserved_function::{is_code, told};
use super::{Detector, Fact, Finding, Interest, shapes, words};
use model::{Event, What};

pub(super) const WANTS: Interest = Interest::only(Fact::Anomaly).of(words::CONTROL);

/// Anomalies with a detection of their own.
const OTHERS: [&str; 5] =
    ["address_conflict", "data_changed_in_state", "duplicate_address", "state_number_regression", "sequence_regression"];

/// An anomaly of shape.
pub(super) fn shape(event: &Event) -> Option<Finding> {
    match &event.what {
        What::Anomaly(a) if !is_code(a) && !OTHERS.contains(&a.kind) => Some(told(event, a).per(a.protocol)),
        _ => None,
    }
}

pub(super) fn detector() -> Box<dyn Detector> {
    // what is broken is the sender: one alert, however many it sends to
    shapes::single(|event, _| match &event.what {
        What::Anomaly(a) => {
            let finding = shape(event)?.by_actor(a.sender.host).per(a.protocol);
            Some(finding.fact("receivers", a.receiver.host.to_string()))
        }
        _ => None,
    })
}
