//! Refused sign-ins, counted. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, What};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Session]).refused();

const WINDOW: i64 = shapes::minutes(10);
const FAILURES: u64 = 10;

/// Parts of the names of operations that sign in.
const SIGN_IN: [&str; 5] = ["login", "logon", "session_setup", "auth", "password"];

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::burst(WINDOW, FAILURES, |event, _| match &event.what {
        What::Transaction(t) if SIGN_IN.iter().any(|part| t.operation.contains(part)) => {
            Some(Finding::of(event, t).per(t.protocol).fact("user", words::field(t, "user").unwrap_or("")))
        }
        _ => None,
    })
}
