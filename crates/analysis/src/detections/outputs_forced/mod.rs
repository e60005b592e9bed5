//! A forced point. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Operate, Class::Write, Class::Diagnose]).of(words::CONTROL);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        // `force_single_coil` and its like are old names of plain Modbus writes.
        let forced = t.operation.contains("force") && !t.protocol.starts_with("modbus");
        let reading = t.operation.starts_with("read") || t.operation.starts_with("get");
        (forced && !reading).then(|| Finding::of(event, t))
    })
}
