//! GOOSE values that change without a new state number. The page beside this file says what it means.

use super::reserved_function::told;
use super::{Detector, Fact, Interest, shapes};
use model::What;

pub(super) const WANTS: Interest = Interest::only(Fact::Anomaly).of(&["goose"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| match &event.what {
        What::Anomaly(a) if a.kind == "data_changed_in_state" => Some(told(event, a)),
        _ => None,
    })
}
