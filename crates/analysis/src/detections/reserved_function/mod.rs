//! A code that no request may carry. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes, words};
use model::{Anomaly, Event, What};

pub(super) const WANTS: Interest = Interest::only(Fact::Anomaly).of(words::CONTROL);

/// What parsers call such a code.
const KINDS: [&str; 5] =
    ["illegal_function_code", "reserved_function", "reserved_function_code", "unknown_function", "unknown_function_code"];

/// Whether the anomaly is about the function code.
pub(super) fn is_code(a: &Anomaly) -> bool {
    KINDS.contains(&a.kind)
}

/// An anomaly as a finding.
pub(super) fn told(event: &Event, a: &Anomaly) -> Finding {
    let mut finding = Finding::new(event).ends(&a.sender, &a.receiver);
    finding.count = a.repeats.max(1);
    finding.fact("protocol", a.protocol).fact("kind", a.kind.replace('_', " ")).fact("detail", &a.detail)
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| match &event.what {
        What::Anomaly(a) if is_code(a) => Some(told(event, a)),
        _ => None,
    })
}
