//! Packets (RFC 1350, clause 5; options: RFC 2347).

use wire::{Malformed, Read, Reader};

/// Longest file name or option, in bytes. RFC 2347 bounds a request to 512 bytes.
const MAX_TEXT: usize = 512;

/// One packet.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// Read or write request; what follows the mode are options.
    Request { write: bool, file: &'a [u8], mode: &'a [u8], options: &'a [u8] },
    /// A block of data.
    Data { block: u16, bytes: &'a [u8] },
    /// A block was received.
    Acknowledgment,
    /// The transfer ends.
    Error { code: u16, message: &'a [u8] },
    /// Options the server takes up.
    Options(&'a [u8]),
}

fn text<'a>(r: &mut Reader<'a>, what: &'static str) -> Read<&'a [u8]> {
    let rest = r.peek();
    let Some(end) = rest.iter().take(MAX_TEXT).position(|b| *b == 0) else {
        return Err(Malformed::truncated(what, r.offset()));
    };
    let text = r.take(end, what)?;
    r.skip(1, what)?;
    Ok(text)
}

/// Reads a packet.
pub fn packet(bytes: &[u8]) -> Read<Packet<'_>> {
    let mut r = Reader::new(bytes);
    Ok(match r.be16("opcode")? {
        code @ (1 | 2) => {
            let file = text(&mut r, "file name")?;
            let at = r.offset();
            let mode = text(&mut r, "mode")?;
            if ![&b"netascii"[..], b"octet", b"mail"].iter().any(|m| mode.eq_ignore_ascii_case(m)) {
                return Err(Malformed::invalid("mode", at));
            }
            Packet::Request { write: code == 2, file, mode, options: r.rest() }
        }
        3 => Packet::Data { block: r.be16("block")?, bytes: r.rest() },
        4 => {
            r.skip(2, "block")?;
            Packet::Acknowledgment
        }
        5 => Packet::Error { code: r.be16("error code")?, message: r.rest() },
        6 => Packet::Options(r.rest()),
        _ => return Err(Malformed::invalid("opcode", 0)),
    })
}

/// The options of a request or of their acknowledgment: name and value.
pub fn options(bytes: &[u8]) -> impl Iterator<Item = Read<(&[u8], &[u8])>> {
    let mut r = Reader::new(bytes);
    core::iter::from_fn(move || {
        if r.is_empty() {
            return None;
        }
        let pair = text(&mut r, "option").and_then(|name| Ok((name, text(&mut r, "option value")?)));
        if pair.is_err() {
            r.rest();
        }
        Some(pair)
    })
}

/// A value that is a number.
pub fn number(value: &[u8]) -> Option<u64> {
    core::str::from_utf8(value).ok()?.parse().ok()
}

/// Words of the error codes.
pub const ERRORS: [&str; 9] = [
    "not_defined",
    "file_not_found",
    "access_violation",
    "disk_full",
    "illegal_operation",
    "unknown_transfer_id",
    "file_already_exists",
    "no_such_user",
    "option_negotiation",
];
