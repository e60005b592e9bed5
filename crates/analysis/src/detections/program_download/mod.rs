//! Control program on its way into a controller. The page beside this file says what it means.

use super::words::{Step, step};
use super::{Detector, Fact, Finding, Interest, shapes};
use model::{Class, Event, Subject, TransferKind, What};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Program]).and(Fact::Transfer);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| moved(event, TransferKind::Download, Step::Download))
}

/// A step of moving program in this direction, or the moved thing itself.
pub(super) fn moved(event: &Event, kind: TransferKind, part: Step) -> Option<Finding> {
    // what is loaded into a safety controller has a page of its own
    let elsewhere = |protocol: &str| kind == TransferKind::Download && protocol == "tristation";
    match &event.what {
        What::Transaction(t) if step(t) == part && !elsewhere(t.protocol) => Some(Finding::of(event, t)),
        What::Transfer(t) if t.kind == kind && matches!(t.content, "program" | "block") && !elsewhere(t.protocol) => {
            let mut finding = Finding::new(event)
                .pair(t.actor.host, Subject { host: t.subject.host, path: t.path })
                .fact("protocol", t.protocol)
                .fact("name", &t.name)
                .fact("sha256", &t.sha256)
                .number("bytes", t.size)
                .because(t.first);
            finding.first = t.first.min(event.at);
            Some(finding)
        }
        _ => None,
    }
}
