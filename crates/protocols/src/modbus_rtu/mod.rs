//! Modbus of serial lines over IP: the descriptor. See the page.

mod session;
mod wire;

use crate::common::modbus::{FIELDS, Pdu, SPACES, Shape, is_plausible, meaning, shape};
use crate::{Hint, Probe, Protocol, Verdict, plain_notation};

/// Modbus RTU and ASCII frames (Modbus over Serial Line V1.02) as serial servers send them over TCP and UDP.
pub static PROTOCOL: Protocol = Protocol {
    name: "modbus_rtu",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[
        Hint::Tcp(502),
        Hint::Tcp(950),
        Hint::Tcp(4001),
        Hint::Tcp(9999),
        Hint::Udp(502),
        Hint::Udp(950),
        Hint::Udp(4001),
    ],
    operations: meaning::OPERATIONS,
    fields: FIELDS,
    spaces: SPACES,
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Units of a line (Modbus over Serial Line V1.02, 2.2); those above are reserved.
const LAST_UNIT: u8 = 247;

/// A known function, lengths that fit and a check sum. Other protocols of serial lines seal their messages the same way
/// (ROC Plus), so that one frame alone is likely at most: an answer or a usual port must agree.
fn identify(probe: &Probe<'_>) -> Verdict {
    let pdu = |unit: u8, pdu: &Pdu<'_>| unit <= LAST_UNIT && meaning::is_named(pdu.function) && is_plausible(pdu);
    if probe.bytes.first() == Some(&b':') {
        return match wire::ascii(probe.bytes) {
            Ok(Some(ascii)) if ascii.frame().is_some_and(|(u, p)| pdu(u, &p)) => Verdict::Likely,
            _ => Verdict::No,
        };
    }
    let wire::Front::Frame(n) = wire::front(probe.bytes) else { return Verdict::No };
    match wire::frame(probe.bytes, n) {
        // eight octets that are a request and an answer at once say little
        Some((u, p)) if pdu(u, &p) && matches!(p.function, 1 | 2) && shape(&p) == Shape::Either => Verdict::Maybe,
        Some((u, p)) if pdu(u, &p) => Verdict::Likely,
        _ => Verdict::No,
    }
}
