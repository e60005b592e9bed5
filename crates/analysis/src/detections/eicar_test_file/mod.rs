//! The EICAR string. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use model::What;

pub(super) const WANTS: Interest = Interest::only(Fact::Match);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| match &event.what {
        What::Match(m) if m.pattern.starts_with("eicar") => {
            Some(Finding::new(event).ends(&m.sender, &m.receiver).fact("protocol", m.protocol.unwrap_or("")))
        }
        _ => None,
    })
}
