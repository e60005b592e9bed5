//! Bytes to messages.

use crate::common::crc16::crc16;
use wire::{Malformed, Read, Reader};

/// Message types (first octet).
pub const CONNECT: u8 = 1;
pub const CONNECTED: u8 = 2;
pub const DISCONNECTED: u8 = 3;
pub const DISCONNECT: u8 = 4;
pub const COMMAND: u8 = 5;
pub const PING: u8 = 6;
/// The last refusal: 7 connection limit, 8 not connected, 9 main processors dead, 10 access denied, 11 failed.
pub const LAST: u8 = 11;

/// Type, channel, length of what follows.
const HEADER: usize = 4;
/// Direction, connection, command, sequence, reserved, sum, length.
const COMMAND_HEADER: usize = 10;
/// One datagram.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Type.
    pub kind: u8,
    /// Channel.
    pub channel: u8,
    /// The CRC over the message fits.
    pub sealed: bool,
    /// What a type 5 message carries.
    pub command: Option<Command<'a>>,
}

/// A command or its answer.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// From the controller.
    pub reply: bool,
    /// Command code.
    pub code: u8,
    /// Sequence number; an answer repeats it.
    pub sequence: u8,
    /// The byte sum fits.
    pub summed: bool,
    /// Data.
    pub data: &'a [u8],
}

/// Reads a datagram. Both lengths must agree with the datagram's.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("message type")?;
    if kind == 0 || kind > LAST {
        return Err(Malformed::invalid("message type", 0));
    }
    let channel = r.u8("channel")?;
    let length = usize::from(r.le16("length")?);
    let body = r.take(length, "message")?;
    let crc = r.le16("crc")?;
    if r.left() != 0 {
        return Err(Malformed::invalid("length", 2));
    }
    let sealed = crc16(0, bytes.get(..HEADER + length).unwrap_or_default()) == crc;
    let command = if kind == COMMAND { Some(command(body)?) } else { None };
    if kind != COMMAND && length != 0 && !sealed {
        return Err(Malformed::invalid("length", 2));
    }
    Ok(Message { kind, channel, sealed, command })
}

fn command(body: &[u8]) -> Read<Command<'_>> {
    let mut r = Reader::new(body);
    let direction = r.u8("direction")?;
    if direction > 1 {
        return Err(Malformed::invalid("direction", HEADER));
    }
    let _connection = r.u8("connection")?;
    let code = r.u8("command")?;
    let sequence = r.u8("sequence")?;
    let _reserved = r.le16("reserved")?;
    let sum = r.le16("sum")?;
    let length = usize::from(r.le16("inner length")?);
    let data = r.rest();
    if length != COMMAND_HEADER + data.len() {
        return Err(Malformed::invalid("inner length", HEADER + 8));
    }
    Ok(Command { reply: direction == 1, code, sequence, summed: total(body) == sum, data })
}

/// The sum of all octets from the direction to the data, the sum itself left out, plus the length as a number (seen in
/// every message of a real exchange).
fn total(body: &[u8]) -> u16 {
    let add = |sum: u16, part: Option<&[u8]>| part.unwrap_or_default().iter().fold(sum, |s, b| s.wrapping_add((*b).into()));
    add(add(body.len() as u16, body.get(..6)), body.get(8..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_must_agree() {
        assert!(message(&[1, 0, 0, 0, 0x01, 0xfc]).is_ok_and(|m| m.sealed));
        assert!(message(&[1, 0, 0, 0, 0x01]).is_err_and(|e| e.is_truncated()));
        assert!(message(&[1, 0, 0, 0, 0x01, 0xfc, 0]).is_err_and(|e| !e.is_truncated()));
    }
}
