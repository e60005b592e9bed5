//! A sign-in without encryption. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Class;

pub(super) const WANTS: Interest = Interest::classes(&[Class::Session]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let finding = || Finding::of(event, t).per(t.protocol).fact("user", words::field(t, "user").unwrap_or(""));
        words::flag(t, "clear_text").then(finding)
    })
}
