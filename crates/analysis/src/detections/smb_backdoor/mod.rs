//! A subcommand nobody uses but one implant. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes};

pub(super) const WANTS: Interest = Interest::operations().of(&["smb"]);

/// Reserved and never implemented (MS-CIFS 2.2.6.15).
const RESERVED: &str = "trans2_session_setup";

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| (t.operation == RESERVED).then(|| Finding::of(event, t)))
}
