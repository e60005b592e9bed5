//! Bytes to records (RFC 5246, 6.2; RFC 8446, 5.1) and to the messages of SSL 2.

use crate::common::tls::names;
use wire::{Malformed, Read, Reader};

/// Bytes in front of a record's content.
pub const HEADER: usize = 5;
/// Longest record: 16 KiB and what protection may add (RFC 5246, 6.2.3).
pub const MAX_RECORD: usize = (1 << 14) + 2048;

/// What a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ChangeCipherSpec,
    Alert,
    Handshake,
    Application,
    Heartbeat,
}

/// The front of a record.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub kind: Kind,
    /// Bytes of the content.
    pub length: usize,
}

/// Reads the front of a record.
pub fn record(bytes: &[u8]) -> Read<Record> {
    let mut r = Reader::new(bytes);
    let kind = match r.u8("record type")? {
        20 => Kind::ChangeCipherSpec,
        21 => Kind::Alert,
        22 => Kind::Handshake,
        23 => Kind::Application,
        24 => Kind::Heartbeat,
        _ => return Err(Malformed::invalid("record type", 0)),
    };
    if !matches!(r.be16("record version")?, 0x0300..=0x0304) {
        return Err(Malformed::invalid("record version", 1));
    }
    match usize::from(r.be16("record length")?) {
        0 if kind != Kind::Application => Err(Malformed::invalid("record length", 3)),
        length if length > MAX_RECORD => Err(Malformed::invalid("record length", 3)),
        length => Ok(Record { kind, length }),
    }
}

/// Whether bytes that are shorter than the front of a record can be one.
pub fn may_begin(bytes: &[u8]) -> bool {
    matches!(bytes, [20..=24] | [20..=24, 3] | [20..=24, 3, 0..=4, ..])
}

/// Messages of a handshake.
pub mod message {
    pub const CLIENT_HELLO: u8 = 1;
    pub const SERVER_HELLO: u8 = 2;
    pub const CERTIFICATE: u8 = 11;
    pub const CERTIFICATE_REQUEST: u8 = 13;
}

/// Whether a message of a handshake has this number.
pub fn is_message(kind: u8) -> bool {
    matches!(kind, 0..=6 | 8 | 11..=16 | 20..=25 | 67 | 254)
}

/// The first message in bytes: its number, its body; `None` where it is not whole.
pub fn first_message(bytes: &[u8]) -> Option<(u8, usize, Option<&[u8]>)> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("message type").ok()?;
    let length = r.be24("message length").ok()? as usize;
    Some((kind, length, r.take(length, "message").ok()))
}

/// Whether bytes are whole messages, one behind the other, and nothing else: protected ones are not.
pub fn are_messages(mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match first_message(bytes) {
            Some((kind, length, Some(_))) if is_message(kind) => bytes = bytes.get(4 + length..).unwrap_or_default(),
            _ => return false,
        }
    }
    true
}

/// Whether bytes begin a hello or a list of certificates that may go on in the next record.
pub fn begin_long_message(bytes: &[u8]) -> bool {
    let known = matches!(bytes.first(), Some(&(message::CLIENT_HELLO | message::SERVER_HELLO | message::CERTIFICATE)));
    let version = match bytes.first() {
        Some(&message::CERTIFICATE) => true,
        _ => matches!(bytes.get(4..6), Some([3, 0..=4] | [0x7f, _])),
    };
    known && version && bytes.get(1) == Some(&0)
}

/// An alert in the clear: level and description.
pub fn alert(content: &[u8]) -> Option<(u8, u8)> {
    match content {
        [level @ 1..=2, code] if names::alert(*code).is_some() => Some((*level, *code)),
        _ => None,
    }
}

/// The first certificate of a list, and how many there are.
pub fn first_certificate(body: &[u8]) -> Read<Option<(&[u8], u32)>> {
    let mut r = Reader::new(body);
    let length = r.be24("certificates length")?;
    let mut list = r.sub(length as usize, "certificates")?;
    let mut first = None;
    let mut count = 0;
    while !list.is_empty() {
        let length = list.be24("certificate length")?;
        let certificate = list.take(length as usize, "certificate")?;
        first = first.or(Some(certificate));
        count += 1;
    }
    Ok(first.map(|first| (first, count)))
}

/// A client's hello in the form of SSL 2.
#[derive(Clone, Copy, Debug)]
pub struct OldHello {
    /// Bytes with the front.
    pub size: usize,
    /// Highest version the client can speak.
    pub version: u16,
}

/// A client's hello in the form of SSL 2 (RFC 5246, E.2); `None` where it is none, an error where it is not whole.
pub fn old_hello(bytes: &[u8]) -> Option<Read<OldHello>> {
    let [first, second, 1, major, minor, ..] = bytes else { return None };
    let size = 2 + (usize::from(first & 0x7f) << 8 | usize::from(*second));
    let version = u16::from_be_bytes([*major, *minor]);
    if first & 0x80 == 0 || !matches!(version, 0x0002 | 0x0300..=0x0304) {
        return None;
    }
    let mut r = Reader::new(bytes.get(5..)?);
    let mut lengths = || -> Read<[usize; 3]> {
        let mut next = || r.be16("length").map(usize::from);
        Ok([next()?, next()?, next()?])
    };
    match lengths() {
        Ok([ciphers, session, challenge]) => {
            let fits = size == 11 + ciphers + session + challenge;
            let sane = ciphers > 0 && ciphers % 3 == 0 && matches!(session, 0 | 16) && (16..=32).contains(&challenge);
            if !(fits && sane) {
                return None;
            }
            match bytes.len() < size {
                true => Some(Err(Malformed::truncated("hello", bytes.len()))),
                false => Some(Ok(OldHello { size, version })),
            }
        }
        Err(error) => Some(Err(error)),
    }
}

/// A server's hello of SSL 2.
#[derive(Clone, Copy, Debug)]
pub struct OldAnswer<'a> {
    pub size: usize,
    pub certificate: &'a [u8],
    /// Suites both can speak, three bytes each.
    pub ciphers: &'a [u8],
}

/// A server's hello of SSL 2; `None` where it is none, an error where it is not whole.
pub fn old_answer(bytes: &[u8]) -> Option<Read<OldAnswer<'_>>> {
    let [first, second, 4, 0 | 1, 0 | 1, 0, 2, ..] = bytes else { return None };
    let size = 2 + (usize::from(first & 0x7f) << 8 | usize::from(*second));
    if first & 0x80 == 0 {
        return None;
    }
    let mut r = Reader::new(bytes);
    let mut read = || -> Read<OldAnswer<'_>> {
        r.skip(7, "front")?;
        let certificate = r.be16("certificate length")?;
        let ciphers = r.be16("cipher specifications length")?;
        let connection = r.be16("connection id length")?;
        let whole = 13 + usize::from(certificate) + usize::from(ciphers) + usize::from(connection);
        if whole != size || ciphers % 3 != 0 {
            return Err(Malformed::invalid("hello length", 0));
        }
        let certificate = r.take(certificate.into(), "certificate")?;
        let ciphers = r.take(ciphers.into(), "cipher specifications")?;
        r.skip(connection.into(), "connection id")?;
        Ok(OldAnswer { size, certificate, ciphers })
    };
    match read() {
        Err(error) if !error.is_truncated() => None,
        read => Some(read),
    }
}
