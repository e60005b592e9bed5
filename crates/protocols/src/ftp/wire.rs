//! Lines (RFC 959, clauses 4.2 and 5.3): a command with its argument, or a reply with its code.

use super::meaning;

/// A line of the control connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A command.
    Command {
        /// Its word.
        word: &'a [u8],
        /// Its code; `None` for a word that is not known here.
        code: Option<u32>,
        /// What follows the word.
        argument: &'a [u8],
    },
    /// A reply.
    Reply {
        /// Three digits.
        code: u16,
        /// More lines follow.
        more: bool,
        /// What follows the code.
        text: &'a [u8],
    },
    /// Neither.
    Other,
}

/// Longest line, in bytes. Paths are at most 4096 bytes where systems bound them.
pub const MAX_LINE: usize = 4608;

/// Where the first line ends (behind its line feed), if it does.
pub fn end(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.get(..bytes.len().min(MAX_LINE)).unwrap_or_default();
    bytes.iter().position(|b| *b == b'\n').map(|at| at + 1)
}

/// Whether bytes can be the front of a line: letters, digits, or Telnet's interrupt before an abort.
pub fn may_begin(bytes: &[u8]) -> bool {
    let front = strip(bytes);
    match front {
        [a, ..] if a.is_ascii_digit() => front.iter().take(3).all(u8::is_ascii_digit),
        [a, ..] if a.is_ascii_alphabetic() => {
            front.iter().take(3).all(|b| b.is_ascii_alphabetic() || matches!(b, b'\r' | b'\n'))
        }
        // the front of an empty line
        [] | [b'\r'] => true,
        _ => false,
    }
}

/// Removes Telnet commands (RFC 959, clause 4.1.3: interrupt and synch before ABOR).
fn strip(mut bytes: &[u8]) -> &[u8] {
    while let [255, 240..=249, rest @ ..] | [240..=249, rest @ ..] | [255, rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

/// Reads one line, with or without its end.
pub fn line(bytes: &[u8]) -> Line<'_> {
    let bytes = strip(bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    if let [a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = bytes {
        let code = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
        return match rest {
            [b'-', text @ ..] => Line::Reply { code, more: true, text },
            [b' ', text @ ..] => Line::Reply { code, more: false, text },
            [] => Line::Reply { code, more: false, text: rest },
            _ => Line::Other,
        };
    }
    let length = bytes.iter().position(|b| *b == b' ').unwrap_or(bytes.len());
    let (word, argument) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
    if !(3..=4).contains(&word.len()) || !word.iter().all(u8::is_ascii_alphabetic) {
        return Line::Other;
    }
    let argument = argument.get(1..).unwrap_or_default();
    if argument.iter().any(|b| *b < 0x20 && *b != b'\t') {
        return Line::Other;
    }
    Line::Command { word, code: meaning::code(word), argument }
}

/// Address and port of PORT and of the reply to PASV: `h1,h2,h3,h4,p1,p2`.
pub fn host_port(text: &[u8]) -> Option<([u8; 4], u16)> {
    let start = text.iter().position(u8::is_ascii_digit)?;
    let mut numbers = [0u8; 6];
    let mut parts = text.get(start..)?.split(|b| *b == b',');
    for number in &mut numbers {
        let part = parts.next()?;
        let digits = part.iter().take_while(|b| b.is_ascii_digit()).count();
        *number = core::str::from_utf8(part.get(..digits)?).ok()?.parse().ok()?;
    }
    let [a, b, c, d, high, low] = numbers;
    Some(([a, b, c, d], u16::from_be_bytes([high, low])))
}

/// Port of EPRT (`|1|address|port|`) and of the reply to EPSV (`(|||port|)`).
pub fn extended_port(text: &[u8]) -> Option<u16> {
    let start = text.iter().position(|b| *b == b'|')?;
    let part = text.get(start..)?.split(|b| *b == b'|').nth(3)?;
    core::str::from_utf8(part).ok()?.parse().ok()
}

/// The size a server tells with the beginning of a transfer: `… (1234 bytes)`.
pub fn size(text: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(text).ok()?;
    let (_, behind) = text.rsplit_once('(')?;
    let (number, unit) = behind.split_once(' ')?;
    if unit.starts_with("byte") { number.parse().ok() } else { None }
}
