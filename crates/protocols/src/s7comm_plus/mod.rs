//! S7 communication plus: the descriptor. See the page.

mod identity;
mod meaning;
mod session;
mod value;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field};

/// S7 communication plus of SIMATIC S7-1200 and S7-1500 (protocol id 0x72).
pub static PROTOCOL: Protocol = Protocol {
    name: "s7comm_plus",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("cotp")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("items_failed", "number of variables that could not be read or written"),
        field("object_class", "class of a created object"),
        field("object_name", "name of a created object"),
        field("protected", "a digest protects the message"),
        field("session", "session the request belongs to"),
        field("user", "user or connection the client names when it opens a session"),
        field("version", "version of the protocol's header: 1 to 3"),
        field("workstation", "computer the client names when it opens a session"),
    ],
    spaces: &["variable", "object", "block", "subscription"],
    carrier: true,
    identify,
    session: session::new,
    notation: meaning::notation,
};

/// Protocol id, a known version, a length that fits, and a trailer where there is one.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Inside("cotp")) {
        return Verdict::No;
    }
    match wire::part(probe.bytes) {
        Ok(part) if part.last && part.version != wire::KEEP_ALIVE => Verdict::Sure,
        Ok(_) => Verdict::Likely,
        Err(error) if error.is_truncated() && probe.bytes.first() == Some(&0x72) => Verdict::Maybe,
        Err(_) => Verdict::No,
    }
}
