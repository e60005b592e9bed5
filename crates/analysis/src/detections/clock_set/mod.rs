//! A time written to a controller. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, Transaction};

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Configure, Class::Write, Class::Operate]).of(&["cip", "s7comm"]);

/// Class code of the wall clock object, as CIP targets begin.
const WALL_CLOCK: &str = "0x8b/";

/// CIP has no service for it: an attribute of the clock object is set.
fn sets_wall_clock(t: &Transaction) -> bool {
    let clock = |item: &model::Item| item.target.name.starts_with(WALL_CLOCK);
    t.protocol == "cip" && t.operation.starts_with("set_attribute") && t.items.iter().any(clock)
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        (words::is(t, words::CLOCK) || sets_wall_clock(t)).then(|| Finding::of(event, t))
    })
}
