//! Bytes to identification lines and unprotected packets (RFC 4253, 4.2, 6, 7.1).

use wire::{Malformed, Read, Reader};

/// Longest identification line, in bytes (RFC 4253, 4.2).
pub const MAX_LINE: usize = 255;
/// Longest line a server may send before it, in bytes; the standard names no bound.
pub const MAX_TEXT_LINE: usize = 1024;
/// Longest packet believed, in bytes. 35,000 must be understood (RFC 4253, 6.1); unprotected ones are far shorter.
pub const MAX_PACKET: usize = 64 * 1024;

/// Numbers of messages.
pub mod message {
    pub const DISCONNECT: u8 = 1;
    pub const KEY_EXCHANGE_INIT: u8 = 20;
    pub const NEW_KEYS: u8 = 21;
}

/// An identification line.
#[derive(Clone, Copy, Debug)]
pub struct Identification<'a> {
    /// The line without its end: `SSH-2.0-OpenSSH_9.6 comment`.
    pub line: &'a [u8],
    /// `2.0`, `1.99`, `1.5`.
    pub version: &'a [u8],
    /// Software and comment.
    pub software: &'a [u8],
    /// Bytes with the line's end.
    pub size: usize,
}

/// Whether bytes are the front of an identification line, as far as they go.
pub fn may_identify(bytes: &[u8]) -> bool {
    let start = b"SSH-";
    let n = bytes.len().min(start.len());
    n > 0 && bytes.get(..n) == start.get(..n)
}

/// Whether bytes are an identification line whose end has not arrived.
pub fn begins_to_identify(bytes: &[u8]) -> bool {
    may_identify(bytes) && bytes.len() < MAX_LINE && !bytes.contains(&b'\n')
}

/// Reads an identification line; `None` where it is none or has not arrived.
pub fn identification(bytes: &[u8]) -> Option<Identification<'_>> {
    let end = bytes.iter().take(MAX_LINE).position(|b| *b == b'\n')?;
    let line = bytes.get(..end)?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let rest = line.strip_prefix(b"SSH-")?;
    let dash = rest.iter().position(|b| *b == b'-')?;
    let (version, software) = rest.split_at_checked(dash)?;
    let software = software.get(1..)?;
    let is_version = version.len() <= 4 && version.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    (is_version && version.first().is_some_and(|b| matches!(b, b'1' | b'2')) && software.is_ascii())
        .then_some(Identification { line, version, software, size: end + 1 })
}

/// An unprotected packet.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number of the message.
    pub kind: u8,
    /// What follows the number.
    pub body: &'a [u8],
    /// Bytes with length and padding.
    pub size: usize,
}

/// Reads a packet.
pub fn packet(bytes: &[u8]) -> Read<Packet<'_>> {
    let mut r = Reader::new(bytes);
    let length = r.be32("packet length")? as usize;
    if !(2..=MAX_PACKET).contains(&length) {
        return Err(Malformed::invalid("packet length", 0));
    }
    let padding = usize::from(r.u8("padding length")?);
    if padding + 2 > length {
        return Err(Malformed::invalid("padding length", 4));
    }
    let kind = r.u8("message number")?;
    if !is_plain(kind) {
        return Err(Malformed::invalid("message number", 5));
    }
    let body = r.take(length - padding - 2, "packet")?;
    r.skip(padding, "padding")?;
    Ok(Packet { kind, body, size: 4 + length })
}

/// Messages that may be sent before new keys are taken: transport, key exchange.
fn is_plain(kind: u8) -> bool {
    matches!(kind, 1..=8 | 20 | 21 | 30..=49)
}

/// Lists of an offer, in their order.
pub mod list {
    pub const KEX: usize = 0;
    pub const HOST_KEY: usize = 1;
    pub const CIPHER: usize = 2;
    pub const CIPHER_BACK: usize = 3;
    pub const MAC: usize = 4;
    pub const MAC_BACK: usize = 5;
    pub const COMPRESSION: usize = 6;
    pub const COMPRESSION_BACK: usize = 7;
}

/// Algorithms one side offers: ten lists of names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offer<'a> {
    pub lists: [&'a [u8]; 10],
}

/// Reads the body of a key exchange init.
pub fn offer(body: &[u8]) -> Read<Offer<'_>> {
    let mut r = Reader::new(body);
    r.skip(16, "cookie")?;
    let mut lists = [&[][..]; 10];
    for list in &mut lists {
        *list = string(&mut r)?;
    }
    r.skip(5, "first packet follows")?;
    Ok(Offer { lists })
}

/// A length and as many bytes.
pub fn string<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    let length = r.be32("string length")?;
    r.take(length as usize, "string")
}

/// The names of a list.
pub fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|b| *b == b',').filter(|name| !name.is_empty())
}

/// The first name of the client that the server knows too (RFC 4253, 7.1).
pub fn agreed<'a>(client: &'a [u8], server: &[u8]) -> Option<&'a [u8]> {
    names(client).find(|name| names(server).any(|other| other == *name))
}

/// A disconnection: reason and description.
pub fn disconnect(body: &[u8]) -> Read<(u32, &[u8])> {
    let mut r = Reader::new(body);
    Ok((r.be32("reason code")?, string(&mut r)?))
}
