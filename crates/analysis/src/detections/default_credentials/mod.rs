//! Published credentials that work. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::Outcome;

pub(super) const WANTS: Interest = Interest::operations();

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let default = words::flag(t, "default_credential") || words::flag(t, "community_default");
        let worked = matches!(t.outcome, Outcome::Ok | Outcome::ReplyOnly);
        let finding = || Finding::of(event, t).per(t.protocol).fact("user", words::field(t, "user").unwrap_or(""));
        (default && worked).then(finding)
    })
}
