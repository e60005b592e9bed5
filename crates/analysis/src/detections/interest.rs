//! What a detection wants to see, so that dispatch is a look-up and not a scan.

use model::{Class, Event, Outcome, What};

/// The kinds of fact beside transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Claims about devices.
    Evidence,
    /// Broken rules.
    Anomaly,
    /// Missing bytes.
    Gap,
    /// Sums of flows.
    Flow,
    /// Byte patterns.
    Match,
    /// Moved programs and files.
    Transfer,
    /// The engine about itself.
    Health,
}

const OUTCOMES: u8 = 4;
const CLASSES: u8 = Class::ALL.len() as u8;
const OTHERS: u8 = 7;

/// Number of slots the index has.
pub(super) const SLOTS: u8 = CLASSES * OUTCOMES + OTHERS;

const fn outcome_bit(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Ok | Outcome::ReplyOnly => 0,
        Outcome::Refused(_) => 1,
        Outcome::NoReply => 2,
        Outcome::Unseen => 3,
    }
}

/// A set of facts.
#[derive(Clone, Copy, Debug)]
pub struct Interest {
    classes: u16,
    outcomes: u8,
    facts: u8,
    /// Only of these protocols; empty for all. Flows, matches and gaps are not bound by it.
    pub protocols: &'static [&'static str],
}

impl Interest {
    /// Operations of these classes, however they ended.
    pub const fn classes(classes: &[Class]) -> Interest {
        let mut bits = 0u16;
        let mut rest = classes;
        while let [class, tail @ ..] = rest {
            bits |= 1 << *class as u16;
            rest = tail;
        }
        Interest { classes: bits, outcomes: 0xf, facts: 0, protocols: &[] }
    }

    /// All operations.
    pub const fn operations() -> Interest {
        Interest::classes(Class::ALL)
    }

    /// Facts of one kind, no operations.
    pub const fn only(fact: Fact) -> Interest {
        Interest { classes: 0, outcomes: 0xf, facts: 1 << fact as u8, protocols: &[] }
    }

    /// And facts of this kind.
    pub const fn and(mut self, fact: Fact) -> Interest {
        self.facts |= 1 << fact as u8;
        self
    }

    /// Only of these protocols.
    pub const fn of(mut self, protocols: &'static [&'static str]) -> Interest {
        self.protocols = protocols;
        self
    }

    /// Only refused operations.
    pub const fn refused(mut self) -> Interest {
        self.outcomes = 1 << 1;
        self
    }

    /// Only operations refused or without reply.
    pub const fn failed(mut self) -> Interest {
        self.outcomes = 1 << 1 | 1 << 2;
        self
    }

    pub(super) fn covers(&self, slot: u8, protocol: &str) -> bool {
        let kind = match slot.checked_sub(CLASSES * OUTCOMES) {
            Some(fact) => self.facts & 1 << fact != 0,
            None => self.classes & 1 << (slot / OUTCOMES) != 0 && self.outcomes & 1 << (slot % OUTCOMES) != 0,
        };
        kind && (self.protocols.is_empty() || protocol.is_empty() || self.protocols.contains(&protocol))
    }
}

/// The slot of a fact, and its protocol (empty where protocols do not bind).
pub(super) fn slot(event: &Event) -> (u8, &'static str) {
    let other = |fact: Fact| CLASSES * OUTCOMES + fact as u8;
    match &event.what {
        What::Transaction(t) => (t.class as u8 * OUTCOMES + outcome_bit(t.outcome), t.protocol),
        What::Evidence(e) => (other(Fact::Evidence), e.protocol),
        What::Anomaly(a) => (other(Fact::Anomaly), a.protocol),
        What::Transfer(t) => (other(Fact::Transfer), t.protocol),
        What::Gap(_) => (other(Fact::Gap), ""),
        What::Flow(_) => (other(Fact::Flow), ""),
        What::Match(_) => (other(Fact::Match), ""),
        What::Health(_) => (other(Fact::Health), ""),
    }
}
