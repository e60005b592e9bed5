//! TriStation 1131: the descriptor. See the page.

mod identity;
mod meaning;
mod moving;
mod names;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};

/// TriStation (engineering of Triconex safety controllers over UDP 1502; no public specification).
pub static PROTOCOL: Protocol = Protocol {
    name: "tristation",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(1502)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("answer", "name of the answer"),
        field("channel", "channel of the message, where it is not 0"),
        field("data", "bytes of a request whose layout is not public (first 64)"),
        field("data_length", "length of those bytes"),
        field("key", "position of the key switch: stop, program, run, remote"),
        field("project", "name of the project loaded"),
        field("project_version", "version of the project"),
        field("built", "when the project was built"),
        field("node", "node number of the controller"),
        field("reject", "reason of a refusal, where it is known"),
        field("reply", "command code of the answer"),
        field("run_state", "running, halted, paused"),
    ],
    spaces: &["program", "function", "project"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Length, direction and a 16-bit check sum over the whole message leave no doubt.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::message(probe.bytes) {
        Ok(m) if m.sealed => Verdict::Sure,
        _ => Verdict::No,
    }
}
