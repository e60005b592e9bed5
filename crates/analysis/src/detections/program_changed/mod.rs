//! The same block, another content. The page beside this file says what it means.

use super::count::Bounded;
use super::{Detector, Fact, Finding, Findings, Interest, World};
use model::{Event, Stamp, Subject, Transfer, What};

pub(super) const WANTS: Interest = Interest::only(Fact::Transfer);

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Changed::default())
}

/// Hash and stamp of the last content of each block.
#[derive(Default)]
struct Changed {
    last: Bounded<(Subject, &'static str, String), Option<Content>>,
}

/// Hash, and when it was seen.
type Content = (String, Stamp);

/// Data blocks hold what the process writes: content that differs is their nature.
fn is_data(t: &Transfer) -> bool {
    t.protocol.starts_with("s7comm") && t.name.starts_with("DB")
}

impl Detector for Changed {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transfer(t) = &event.what else { return };
        let program = matches!(t.content, "program" | "block" | "firmware");
        // Objects named by class and instance (CIP) are handed out anew by each session of the tool.
        let nameless = t.name.starts_with("0x");
        if !program || !t.complete || t.sha256.is_empty() || is_data(t) || nameless {
            return;
        }
        let subject = Subject { host: t.subject.host, path: t.path };
        let last = self.last.entry((subject, t.content, t.name.clone()));
        if let Some((hash, stamp)) = last.replace((t.sha256.clone(), event.at))
            && hash != t.sha256
        {
            let name = if t.name.is_empty() { t.content } else { &t.name };
            let finding = Finding::new(event).pair(t.actor.host, subject).per(name).fact("name", name);
            let finding = finding.fact("protocol", t.protocol).fact("before", hash).fact("after", &t.sha256);
            found.add(finding.because(stamp));
        }
    }

    fn forgotten(&self) -> u64 {
        self.last.forgotten()
    }
}
