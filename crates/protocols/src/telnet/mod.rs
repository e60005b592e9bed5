//! Telnet: the descriptor. See the page.

mod login;
mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Verdict, field, plain_notation};
use wire::Unit;

/// Telnet (RFC 854 and 855, options).
pub static PROTOCOL: Protocol = Protocol {
    name: "telnet",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(23)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("asks", "what a prompt asks for: user or password"),
        field("clear_text", "the password was sent without encryption"),
        field("default_credential", "user and password are published ones"),
        field("password", "masked"),
        field("user", "user name"),
        field("value", "value of an option"),
    ],
    spaces: &["option"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Two option commands in a row are Telnet anywhere; one, or a prompt, where the port agrees. Text alone says little.
fn identify(probe: &Probe<'_>) -> Verdict {
    let mut bytes = probe.bytes;
    let mut commands = 0;
    while commands < 2 {
        let (unit, length) = wire::unit(bytes);
        match unit {
            Unit::Negotiation(_, option) if meaning::option_name(option).is_some() => commands += 1,
            Unit::Subnegotiation(option, _) if meaning::option_name(option).is_some() => commands += 2,
            Unit::Incomplete | Unit::Unclosed => {
                let option = bytes.get(2).filter(|_| bytes.get(1) == Some(&250));
                commands += usize::from(option.is_some_and(|o| meaning::option_name(*o).is_some()));
                break;
            }
            _ => break,
        }
        bytes = bytes.get(length..).unwrap_or_default();
    }
    match commands {
        0 => {}
        1 => return Verdict::Likely,
        _ => return Verdict::Sure,
    }
    if probe.src_port != 23 && probe.dst_port != 23 {
        return Verdict::No;
    }
    // a byte or two may as well be the end of an option command
    let text = |b: &u8| matches!(b, 0 | 7..=13 | 0x1b | 0x20..=0x7e);
    let text = probe.bytes.len() >= 4 && probe.bytes.iter().all(text);
    let mut screen = login::Screen::new();
    let asks = probe.bytes.iter().any(|b| matches!(screen.feed(*b), login::Seen::Prompt(_)));
    match (asks && probe.src_port == 23, text) {
        (true, true) => Verdict::Likely,
        (false, true) => Verdict::Maybe,
        _ => Verdict::No,
    }
}
