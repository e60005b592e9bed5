//! Bytes to message: the new form (RFC 5424, 6) and what is in use of the old one (RFC 3164, 4).

use wire::{Malformed, Read};

/// Highest priority: facility 23, severity 7.
const MAX_PRIORITY: u16 = 191;

/// One message, without its text.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub facility: u8,
    pub severity: u8,
    pub host: &'a [u8],
    pub application: &'a [u8],
    pub id: &'a [u8],
}

/// Reads a message.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let wrong = |at| Malformed::invalid("PRI", at);
    let rest = bytes.strip_prefix(b"<").ok_or(wrong(0))?;
    let end = rest.iter().take(4).position(|b| *b == b'>').filter(|n| *n > 0).ok_or(wrong(1))?;
    let digits = rest.get(..end).unwrap_or_default();
    let text = core::str::from_utf8(digits).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let priority = text.and_then(|t| t.parse().ok()).filter(|n: &u16| *n <= MAX_PRIORITY).ok_or(wrong(1))?;
    let behind = rest.get(end + 1..).unwrap_or_default();
    // text, of whatever language, without the zero bytes that binary data has
    if !behind.iter().take(16).all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n')) {
        return Err(Malformed::invalid("MSG", end + 2));
    }
    let (host, application, id) = match behind.strip_prefix(b"1 ") {
        Some(new) => structured(new),
        None => loose(behind),
    };
    Ok(Message { facility: (priority >> 3) as u8, severity: (priority & 7) as u8, host, application, id })
}

/// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID`; `-` stands for nothing.
fn structured(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mut words = bytes.split(|b| *b == b' ').skip(1);
    let mut word = || words.next().filter(|w| *w != b"-").unwrap_or_default();
    let (host, application) = (word(), word());
    let _process = word();
    (host, application, word())
}

/// `Mmm dd hh:mm:ss HOST TAG[…]: …`; network devices leave out what they like, and write `%PART-5-KIND: …`.
fn loose(bytes: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let mnemonic = bytes.split(|b| matches!(b, b' ' | b':')).find(|w| w.first() == Some(&b'%') && w.contains(&b'-'));
    if let Some(mnemonic) = mnemonic {
        return (&[], b"", mnemonic.get(1..).unwrap_or_default());
    }
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let dated = MONTHS.iter().any(|m| bytes.starts_with(m)) && bytes.get(15) == Some(&b' ');
    let Some(rest) = bytes.get(16..).filter(|_| dated) else { return (&[], tag(bytes), &[]) };
    let mut words = rest.splitn(2, |b| *b == b' ');
    let (host, behind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // where the host is left out, the tag comes first
    if host.ends_with(b":") { (&[], tag(rest), &[]) } else { (host, tag(behind), &[]) }
}

/// The tag: letters and digits up to a colon or bracket.
fn tag(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().take(48).position(|b| matches!(b, b':' | b'['));
    let tag = end.and_then(|n| bytes.get(..n)).unwrap_or_default();
    if tag.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/')) { tag } else { &[] }
}

/// The facility's name (RFC 5424, table 1; the keywords in use).
pub fn facility(number: u8) -> &'static str {
    const NAMES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];
    NAMES.get(usize::from(number)).copied().unwrap_or("unknown")
}
