//! Units of the stream (RFC 854): a command behind IAC, or text.

use super::meaning::option_name;

/// Interpret as command.
pub const IAC: u8 = 255;
/// Subnegotiation begins, ends.
const SB: u8 = 250;
const SE: u8 = 240;

/// Longest subnegotiation of the options that hold a word or two, in bytes.
const MAX_SHORT: usize = 128;
/// Longest subnegotiation, in bytes: authentication tickets.
const MAX_LONG: usize = 2048;

/// One unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit<'a> {
    /// Text up to the next command or the end of what is here.
    Text(&'a [u8]),
    /// A data byte 255.
    Escaped,
    /// A command without option.
    Command(u8),
    /// WILL, WONT, DO, DONT with an option.
    Negotiation(u8, u8),
    /// A subnegotiation: option, contents.
    Subnegotiation(u8, &'a [u8]),
    /// More bytes are needed.
    Incomplete,
    /// A subnegotiation that does not end.
    Unclosed,
    /// Behind IAC stands no command.
    Invalid,
}

/// Reads a unit and its length.
pub fn unit(bytes: &[u8]) -> (Unit<'_>, usize) {
    match bytes {
        [IAC, IAC, ..] => (Unit::Escaped, 2),
        [IAC, SB, option, rest @ ..] => subnegotiation(*option, rest),
        [IAC, verb @ 251..=254, option, ..] => match option_name(*option) {
            Some(_) => (Unit::Negotiation(*verb, *option), 3),
            None if *option <= 140 => (Unit::Negotiation(*verb, *option), 3),
            None => (Unit::Invalid, 3),
        },
        [IAC] | [IAC, 250..=254] => (Unit::Incomplete, 0),
        [IAC, command @ (236..=239 | 241..=249), ..] => (Unit::Command(*command), 2),
        [IAC, ..] => (Unit::Invalid, 2),
        text => {
            let length = text.iter().position(|b| *b == IAC).unwrap_or(text.len());
            (Unit::Text(text.get(..length).unwrap_or_default()), length)
        }
    }
}

fn subnegotiation(option: u8, rest: &[u8]) -> (Unit<'_>, usize) {
    if option_name(option).is_none() && option > 140 {
        return (Unit::Invalid, 3);
    }
    let longest = if matches!(option, 36..=46 | 85..=140) { MAX_LONG } else { MAX_SHORT };
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|r| r.iter().position(|b| *b == IAC)) {
        at += found;
        match rest.get(at + 1) {
            Some(&SE) => return (Unit::Subnegotiation(option, rest.get(..at).unwrap_or_default()), at + 5),
            Some(&IAC) => at += 2,
            // another command: the end was forgotten
            Some(_) => return (Unit::Unclosed, at + 3),
            None => break,
        }
    }
    if rest.len() > longest {
        return (Unit::Unclosed, 3);
    }
    (Unit::Incomplete, 0)
}
