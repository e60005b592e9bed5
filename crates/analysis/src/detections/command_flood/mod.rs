//! One command again and again. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes};
use model::{Class, Time, What};

/// Telecontrol only: there, people and sequences command, and values are reported as they change. Elsewhere cyclic writes
/// are how masters work.
pub(super) const WANTS: Interest = Interest::classes(&[
    Class::Write,
    Class::Operate,
    Class::Configure,
    Class::Mode,
    Class::Firmware,
])
.of(&["dnp3", "iec104"]);

/// Half of it always counts together.
const WINDOW: i64 = 20 * Time::SECOND;
/// Under the number that the engine tells one by one before it sums up.
const COMMANDS: u64 = 15;

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, COMMANDS, |event, _| match &event.what {
        What::Transaction(t) => {
            let target = t.items.first().map_or("", |item| item.target.name.as_str());
            Some(Finding::of(event, t).per(t.operation).per(target))
        }
        _ => None,
    })
}
