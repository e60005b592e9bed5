//! The beliefs, laid out for resolution.

use crate::inventory::Source;
use crate::inventory::store::{Inventory, Sighting, Statement};
use model::{Claim, Host, NameKind, Strength, Subject, Time};
use std::collections::BTreeMap;

/// A belief with its sightings summed over sources.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub about: Subject,
    pub statement: Statement,
    pub by: Option<Host>,
    pub protocol: &'static str,
    pub strength: Strength,
    pub seen: Sighting,
}

impl Fact {
    pub fn claim(&self) -> Option<&Claim> {
        match &self.statement {
            Statement::Claim(claim) => Some(claim),
            _ => None,
        }
    }

    /// Said by the device itself.
    pub fn own(&self) -> bool {
        self.by.is_none()
    }

    pub fn source(&self) -> Source {
        Source {
            protocol: self.protocol,
            by: self.by,
            about: self.about,
            raw: self.claim().map(ToString::to_string).unwrap_or_default(),
            first: self.seen.first,
            last: self.seen.last,
            count: self.seen.count,
        }
    }
}

/// All facts by subject.
pub(super) type Facts = BTreeMap<Subject, Vec<Fact>>;

pub(super) fn collect(inventory: &Inventory) -> Facts {
    let mut facts = Facts::new();
    for (about, key, seen) in inventory.totals() {
        facts.entry(about).or_default().push(Fact {
            about,
            statement: key.statement.clone(),
            by: key.by,
            protocol: key.protocol,
            strength: key.strength,
            seen,
        });
    }
    facts
}

/// A stretch of time in which something was seen, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub first: Time,
    pub last: Time,
    pub count: u64,
}

impl Span {
    pub fn of(seen: &Sighting) -> Span {
        let (a, b) = (seen.first.time, seen.last.time);
        Span { first: a.min(b), last: a.max(b), count: seen.count }
    }

    pub fn join(self, other: Span) -> Span {
        Span {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            count: self.count.saturating_add(other.count),
        }
    }

    pub fn overlaps(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Claims that tell one device from another.
pub(super) fn tells_apart(claim: &Claim) -> bool {
    matches!(
        claim,
        Claim::Vendor(_)
            | Claim::Model(_)
            | Claim::OrderNumber(_)
            | Claim::Firmware(_)
            | Claim::Serial(_)
            | Claim::ProductCode { .. }
            | Claim::Name(NameKind::Station | NameKind::System | NameKind::Host, _)
    )
}
