//! SNMP: the descriptor. See the page.

mod identity;
mod meaning;
mod oid;
mod session;
mod wire;

use crate::{Goal, Hint, Probe, Protocol, Verdict, field};

/// Simple Network Management Protocol, versions 1, 2c and 3 (RFC 1157, 3416, 3412, 3414).
pub static PROTOCOL: Protocol = Protocol {
    name: "snmp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(161), Hint::Udp(162)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("agent", "address a version 1 trap names as its origin, where it is not the sender's"),
        field("community", "community (masked)"),
        field("community_default", "the community is one that everybody knows"),
        field("engine_id", "engine the message is for or from (version 3), hexadecimal"),
        field("enterprise", "object identifier of the kind of device that sends a version 1 trap"),
        field("error", "the standard's word for a refusal"),
        field("error_index", "number of the variable the refusal is about"),
        field("max_repetitions", "how many rows a bulk request asks for"),
        field("next", "the object that follows the one asked for"),
        field("report", "why version 3 did not process a request"),
        field("returned", "number of variables in an answer to a bulk request, or of more than one next"),
        field("security_level", "version 3: none, auth, auth_priv"),
        field("specific_trap", "number of a maker's own trap"),
        field("uptime", "up time of the sender of a trap, hundredths of a second"),
        field("user", "user name of version 3"),
        field("version", "1, 2c, 3"),
    ],
    spaces: &["notification", "object", "subtree"],
    carrier: false,
    identify,
    session: session::new,
    notation,
};

/// Version, and for 1 and 2c a community and a known request, with lengths that all agree: certain.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::message(probe.bytes) {
        Ok(_) => Verdict::Sure,
        // broken inside, or cut off: the beginning is right
        Err(_) if wire::begins(probe.bytes) => Verdict::Likely,
        Err(_) => Verdict::No,
    }
}

/// Objects are known by their names; a subtree ends in an asterisk.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    text.push_str(name);
    if goal.space == "subtree" {
        text.push_str(".*");
    }
}
