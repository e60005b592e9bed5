//! DNP3 IIN 1.7 goes from clear to set. The page beside this file says what it means.

use super::count::Bounded;
use super::outstation_trouble::indicated;
use super::{Detector, Finding, Findings, Interest, World, words};
use model::{Event, Subject, Transaction, What};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3"]);

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Restarted::default())
}

/// Whether the flag was set when last seen, per outstation.
#[derive(Default)]
pub(super) struct Flags {
    set: Bounded<Subject, Option<bool>>,
}

impl Flags {
    /// A finding when the flag goes from clear to set.
    pub(super) fn risen(&mut self, t: &Transaction, event: &Event) -> Option<Finding> {
        words::field(t, "iin")?;
        if t.fields.iter().any(|f| f.key == "last_seen") {
            // a sum is told after what it sums up: it says nothing about the order
            return None;
        }
        let finding = indicated(t, event, "device_restart");
        let before = self.set.entry(t.subject_of()).replace(finding.is_some());
        let mut finding = finding.filter(|_| before == Some(false))?;
        finding.count = 1;
        Some(finding)
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.set.forgotten()
    }
}

#[derive(Default)]
struct Restarted {
    flags: Flags,
}

impl Detector for Restarted {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        if let What::Transaction(t) = &event.what
            && let Some(finding) = self.flags.risen(t, event)
        {
            found.add(finding);
        }
    }

    fn forgotten(&self) -> u64 {
        self.flags.forgotten()
    }
}
