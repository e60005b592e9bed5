//! A function the device does not have. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};
use model::{Class, Outcome, Transaction};

pub(super) const WANTS: Interest = Interest::operations().of(&["dnp3", "modbus", "modbus_rtu"]);

/// Modbus exception 1, illegal function (Modbus Application Protocol 1.1b3, section 7).
const ILLEGAL_FUNCTION: u32 = 1;

/// Whether the device said that it does not have the function.
pub(super) fn refused(t: &Transaction) -> bool {
    match t.protocol {
        "dnp3" => words::lists(t, "iin", "no_function_code_support"),
        _ => t.outcome == Outcome::Refused(ILLEGAL_FUNCTION),
    }
}

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, _| {
        let trying = matches!(t.class, Class::Identify | Class::Diagnose | Class::Session | Class::Read);
        (refused(t) && !trying).then(|| Finding::of(event, t))
    })
}
