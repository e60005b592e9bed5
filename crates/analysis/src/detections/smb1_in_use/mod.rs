//! A server that agrees to SMB 1. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, Outcome};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Session]).of(&["smb"]);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let dialect = words::field(t, "dialect").unwrap_or("");
        let old = dialect.eq_ignore_ascii_case("NT LM 0.12") || dialect.starts_with("1.");
        let agreed = matches!(t.outcome, Outcome::Ok | Outcome::ReplyOnly);
        (old && agreed && t.operation.contains("negotiate")).then(|| Finding::of(event, t))
    })
}
