//! DNP3: the descriptor. See the page.

mod assembly;
mod files;
mod identity;
mod meaning;
mod objects;
mod points;
mod session;
mod wire;

use crate::{Draft, Goal, Hint, Probe, Protocol, Val, Verdict, field, plain_notation};

/// Most targets with values in one row: a response to an integrity poll may hold thousands of points, and the first
/// ones suffice to tell polls apart.
const MAX_ITEMS: usize = 64;
/// Most files open in one conversation; outstations allow one to a few.
const MAX_OPEN_FILES: usize = 8;
/// How far into a first payload a frame is looked for: a capture may begin inside a frame of at most this length.
const MAX_SCAN: usize = wire::MAX_FRAME;

/// DNP3 (IEEE 1815-2012).
pub static PROTOCOL: Protocol = Protocol {
    name: "dnp3",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(20000), Hint::Udp(20000)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("master", "link address of the master"),
        field("iin", "internal indications that are set, as words with commas; `none` where none is"),
        field("broadcast", "the request went to all outstations"),
        field("unsolicited", "the confirmation is for an unsolicited response"),
        field("status", "word for the status in the answer: of a control, or of a file operation"),
        field("op_count", "first control block: how often the operation is done"),
        field("on_time", "first control block: on time in milliseconds"),
        field("off_time", "first control block: off time in milliseconds"),
        field("not_online", "points whose flags say that they are not online"),
        field("forced", "points whose value was forced, locally or remotely"),
        field("mode", "what a file is opened for: read, write or append"),
        field("size", "size of the file in bytes, as announced"),
        field("block", "number of the file block"),
        field("file_type", "directory or simple_file"),
        field("user", "user name for file access"),
        field("password", "password for file access, masked"),
        field("default_credential", "user and password are published defaults"),
        field("user_number", "secure authentication: number of the user"),
        field("authentication_error", "secure authentication: error code"),
        field("data_flow_control", "the secondary station's buffers are full"),
    ],
    spaces: meaning::SPACES,
    carrier: false,
    identify,
    session: session::new,
    notation,
};

/// Two fixed octets, a plausible length and a CRC over both: chance is one in 2^32 and less.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::frame(probe.bytes) {
        Ok(_) if probe.bytes.len() >= wire::HEADER => Verdict::Sure,
        Ok(_) if probe.bytes.len() >= 2 => Verdict::Maybe,
        Ok(_) => Verdict::No,
        Err(_) => {
            let front = probe.bytes.get(..probe.bytes.len().min(MAX_SCAN)).unwrap_or_default();
            let at = wire::next_start(front);
            match front.get(at..) {
                Some(rest) if rest.len() >= wire::HEADER => Verdict::Likely,
                _ => Verdict::No,
            }
        }
    }
}

/// `g30v1:5`, `g1v2:0..7`, `g60v2`; files by name.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    if goal.sub == 0 {
        return plain_notation(goal, name, text);
    }
    let _ = write!(text, "g{}v{}", goal.sub >> 8, goal.sub & 0xff);
    match goal.count {
        0 => {}
        1 => {
            let _ = write!(text, ":{}", goal.first);
        }
        n => {
            let _ = write!(text, ":{}..{}", goal.first, goal.first.saturating_add(u64::from(n) - 1));
        }
    }
}

/// Adds an extra unless the request said it already.
fn add_extra(draft: &mut Draft<'_>, key: &'static str, value: Val) {
    if !draft.out.extras_of(&draft.row).iter().any(|e| e.key == key) {
        draft.push_extra(key, value);
    }
}
