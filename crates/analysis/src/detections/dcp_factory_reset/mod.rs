//! DCP Set of a reset option. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes};
use model::{Class, Transaction};

pub(super) const WANTS: Interest = Interest::classes(Class::ALL).of(&["profinet_dcp"]);

/// Names of the options that reset (DCP control suboptions 5 and 6).
pub(super) const RESETS: [&str; 2] = ["factory_reset", "reset_to_factory"];

/// Whether a DCP Set touches one of these options.
pub(super) fn sets(t: &Transaction, options: &[&str]) -> bool {
    let named = |name: &str| options.contains(&name);
    t.operation == "set" && t.items.iter().any(|item| named(item.target.space) || named(&item.target.name))
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| sets(t, &RESETS).then(|| Finding::of(event, t)))
}
