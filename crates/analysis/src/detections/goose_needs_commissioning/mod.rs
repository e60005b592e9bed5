//! The ndsCom flag of IEC 61850-8-1. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Event, Transaction};

pub(super) const WANTS: Interest = Interest::operations().of(&["goose"]);

/// A finding about this publisher and control block.
pub(super) fn publisher(t: &Transaction, event: &Event) -> Finding {
    let reference = words::field(t, "gocb_ref").unwrap_or("");
    let mut finding = Finding::new(event).by_actor(t.actor.host).per(reference).fact("gocb_ref", reference);
    finding.count = t.repeats.max(1);
    finding.first = t.first.min(event.at);
    finding
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| words::flag(t, "nds_com").then(|| publisher(t, event)))
}
