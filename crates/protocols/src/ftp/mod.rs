//! FTP, the control connection: the descriptor. See the page.

mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};
use meaning::command;
use wire::Line;

/// FTP (RFC 959 and its extensions), the control connection.
pub static PROTOCOL: Protocol = Protocol {
    name: "ftp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(21)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("argument", "what follows the command, where it is no file"),
        field("clear_text", "the password was sent without encryption"),
        field("command", "word of a command that has no name here"),
        field("data_address", "address to which the server shall open the data connection"),
        field("data_port", "port to which the server shall open the data connection"),
        field("default_credential", "user and password are published ones"),
        field("password", "masked"),
        field("reply_code", "three digits of the reply"),
        field("user", "user name"),
    ],
    spaces: &["file"],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Replies of mail and news servers look alike, and so do a few of their commands: those alone are no proof.
fn identify(probe: &Probe<'_>) -> Verdict {
    let Some(end) = wire::end(probe.bytes) else { return Verdict::No };
    let first = probe.bytes.get(..end).unwrap_or_default();
    match wire::line(first) {
        Line::Reply { code, text, .. } => {
            let names_itself = text.windows(3).any(|w| w.eq_ignore_ascii_case(b"ftp"));
            match code {
                220 if names_itself => Verdict::Likely,
                227 if wire::host_port(text).is_some() => Verdict::Likely,
                229 if wire::extended_port(text).is_some() => Verdict::Likely,
                331 => Verdict::Likely,
                120 | 125 | 150 | 200..=257 | 332 | 350 | 421..=553 => Verdict::Maybe,
                _ => Verdict::No,
            }
        }
        Line::Command { code: Some(code), argument, .. } => match code {
            // commands that SMTP, POP3 and NNTP have, too
            0x08 | 0x1b | 0x1f..=0x21 | 0x2f..=0x33 | command::AUTH => Verdict::Maybe,
            0x03 | 0x04 | 0x0e..=0x15 | 0x17..=0x19 if argument.is_empty() => Verdict::Maybe,
            _ => Verdict::Likely,
        },
        _ => Verdict::No,
    }
}
