//! Modbus/TCP: the descriptor. See the page.

mod session;
mod wire;

use crate::common::modbus::{FIELDS, SPACES, Shape, meaning, shape};
use crate::{Hint, Probe, Protocol, Verdict, plain_notation};

/// Modbus/TCP (MODBUS Application Protocol V1.1b3, MODBUS Messaging on TCP/IP V1.0b).
pub static PROTOCOL: Protocol = Protocol {
    name: "modbus",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(502), Hint::Udp(502)],
    operations: meaning::OPERATIONS,
    fields: FIELDS,
    spaces: SPACES,
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A header whose protocol id is 0 and whose length fits a known function is rare by chance; both directions make it
/// certain.
fn identify(probe: &Probe<'_>) -> Verdict {
    let Ok(Some(adu)) = wire::adu(probe.bytes) else { return Verdict::No };
    if !meaning::is_named(adu.pdu.function) {
        return Verdict::Maybe;
    }
    match shape(&adu.pdu) {
        Shape::Neither => Verdict::Maybe,
        _ => Verdict::Likely,
    }
}
