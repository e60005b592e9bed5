//! A firmware image, or the command to take one. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use model::{Class, Subject, TransferKind, What};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Firmware]).and(Fact::Transfer);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| match &event.what {
        What::Transaction(t) => Some(Finding::of(event, t)),
        What::Transfer(t) if t.content == "firmware" && t.kind == TransferKind::Download => {
            let finding = Finding::new(event).pair(t.actor.host, Subject { host: t.subject.host, path: t.path });
            let finding = finding.fact("protocol", t.protocol).fact("name", &t.name).fact("sha256", &t.sha256);
            Some(finding.number("bytes", t.size).because(t.first))
        }
        _ => None,
    })
}
