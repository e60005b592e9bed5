//! A mode command that has no page of its own. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Mode]).of(words::CONTROL);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let own_page = [words::STOP, words::START, words::RESTART, words::SILENCE].iter().any(|w| words::is(t, w));
        // PROFINET DCP resets are told by their own detection, with what exactly is reset.
        (!own_page && t.protocol != "profinet_dcp").then(|| Finding::of(event, t))
    })
}
