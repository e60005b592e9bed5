//! UMAS: the descriptor. See the page.

mod identity;
mod meaning;
mod moving;
mod session;
mod wire;

use crate::{Goal, Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};

/// Unity Messaging Application Services (engineering of Modicon controllers inside Modbus function 90; no public
/// specification).
pub static PROTOCOL: Protocol = Protocol {
    name: "umas",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("modbus"), Hint::Inside("modbus_rtu")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("application_crc", "check value of the loaded application, hexadecimal"),
        field("blocks", "number of blocks that a transfer counts at its end"),
        field("created", "when the project was made, local time of the controller"),
        field("data", "bytes of a request whose layout is not public (first 64)"),
        field("error_detail", "bytes behind the error code of a refusal"),
        field("host_name", "name of the station that reserves or has reserved the controller"),
        field("max_frame", "longest message the controller takes, in bytes"),
        field("modified", "when the project was last changed, local time of the controller"),
        field("project", "name of the project loaded"),
        field("project_version", "version of the project"),
        field("reservation", "number the controller gave for its reservation"),
        field("session", "number of the reservation the message belongs to; not given where 0"),
        field("signed", "the message carries a signature"),
        field("sub_code", "sub-function"),
        field("variables", "how many variables one request names"),
    ],
    spaces: &["block", "dictionary", "memory", "physical", "variable"],
    carrier: false,
    identify,
    session: session::new,
    notation,
};

/// Modbus hands on function 90 alone, which is reserved for this: a known function is enough. Tools that try all
/// functions of Modbus send others.
fn identify(probe: &Probe<'_>) -> Verdict {
    match (probe.transport, wire::message(probe.bytes)) {
        (Transport::Inside("modbus" | "modbus_rtu"), Ok(m)) if meaning::is_named(m.code) => Verdict::Sure,
        _ => Verdict::No,
    }
}

/// Memory and variables have a block before the address: `memory:0x13:0..99`.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    if !matches!(goal.space, "memory" | "variable" | "dictionary") {
        return plain_notation(goal, name, text);
    }
    let _ = write!(text, "{}:{:#x}:{}", goal.space, goal.sub, goal.first);
    if goal.count > 1 {
        let _ = write!(text, "..{}", goal.first.saturating_add(u64::from(goal.count) - 1));
    }
}
