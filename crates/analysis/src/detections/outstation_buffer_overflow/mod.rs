//! DNP3 IIN 2.3. The page beside this file says what it means.

use super::outstation_trouble::indicated;
use super::{Detector, Interest, shapes};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| indicated(t, event, "event_buffer_overflow"))
}
