//! TPKT: the descriptor. See the page.

mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, plain_notation};

/// ISO transport on top of TCP (RFC 1006, RFC 2126).
pub static PROTOCOL: Protocol = Protocol {
    name: "tpkt",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(102), Hint::Tcp(3389), Hint::Tcp(1720)],
    operations: &[],
    fields: &[],
    spaces: &[],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Version 3, a zero byte and a length are weak; what they carry decides.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Tcp | Transport::StreamInside(_)) {
        return Verdict::No;
    }
    // less than a header tells nothing: two bytes 03 00 are common everywhere
    let Some((length, body)) = wire::front(probe.bytes) else { return Verdict::No };
    match wire::content(length - wire::HEADER, body) {
        wire::Content::Tpdu => Verdict::Sure,
        wire::Content::Signalling => Verdict::Likely,
        wire::Content::Short => Verdict::Maybe,
        wire::Content::Other => Verdict::No,
    }
}
