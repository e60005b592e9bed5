//! DNP3 IIN 2.1 and 2.2 on what is no read. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Write, Class::Operate, Class::Configure, Class::Program, Class::File]).of(&["dnp3"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let said = ["object_unknown", "parameter_error"].iter().find(|w| words::lists(t, "iin", w))?;
        Some(Finding::of(event, t).fact("iin", said.replace('_', " ")))
    })
}
