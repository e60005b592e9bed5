//! Published credentials that work. The page beside this file says what it means.

use super::{Detector, Finding, Interest, Severity, shapes, words};
use model::{Class, Outcome};

pub(super) const WANTS: Interest = Interest::operations();

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        if !matches!(t.outcome, Outcome::Ok | Outcome::ReplyOnly) {
            return None;
        }
        if words::flag(t, "community_default") {
            // the community of a notification opens nothing: it goes to the manager
            let asks = matches!(t.class, Class::Read | Class::Identify | Class::Write | Class::Configure);
            let writes = matches!(t.class, Class::Write | Class::Configure);
            let finding = || {
                let finding = Finding::of(event, t).by_actor(t.actor.host).per(t.protocol);
                let finding = finding.fact("devices", t.subject.host.to_string());
                finding.severity(if writes { Severity::Major } else { Severity::Minor })
            };
            return asks.then(finding);
        }
        let finding = || {
            let finding = Finding::of(event, t).per(t.protocol).fact("devices", t.subject_of().to_string());
            finding.fact("user", words::field(t, "user").unwrap_or(""))
        };
        words::flag(t, "default_credential").then(finding)
    })
}
