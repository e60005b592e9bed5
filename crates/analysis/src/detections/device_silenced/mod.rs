//! A command that makes a device silent. The page beside this file says what it means.

use super::{Detector, Finding, Interest, Severity, shapes, words};
use model::{Class, Outcome};

pub(super) const WANTS: Interest =
    Interest::classes(&[Class::Mode, Class::Operate, Class::Diagnose, Class::Configure]).of(words::CONTROL);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let again = ["state", "enable_disable"].iter().any(|key| words::field(t, key) == Some("enable"));
        let finding = || match t.outcome {
            // it went on speaking: only the attempt is worth a line
            Outcome::Refused(_) => Finding::of(event, t).severity(Severity::Warning),
            _ => Finding::of(event, t),
        };
        (words::is(t, words::SILENCE) && !again).then(finding)
    })
}
