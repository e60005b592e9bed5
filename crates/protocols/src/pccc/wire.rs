//! Bytes to message. Stateless.
//!
//! ```text
//! command (1770-6.5.16, chapter 6)   | CMD 1 | STS 1 = 0 | TNS 2 | FNC 1 (some commands) | data … |
//! reply                              | CMD + 0x40 1 | STS 1 | TNS 2 | EXT STS 1 (when STS is 0xf0) | data … |
//! ```

use wire::{Read, Reader};

/// The reply bit of the command.
pub const REPLY: u8 = 0x40;
/// Status: an extended status byte follows.
pub const EXTENDED: u8 = 0xf0;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Command without the reply bit and the priority bit.
    pub command: u8,
    pub reply: bool,
    pub status: u8,
    pub transaction: u16,
    /// Everything behind the transaction number.
    pub data: &'a [u8],
}

/// Reads a message.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let command = r.u8("command")?;
    let status = r.u8("status")?;
    let transaction = r.le16("transaction number")?;
    Ok(Message { command: command & 0x0f, reply: command & REPLY != 0, status, transaction, data: r.rest() })
}

/// Commands that are followed by a function code.
pub fn has_function(command: u8) -> bool {
    matches!(command, 0x06 | 0x07 | 0x0b | 0x0e | 0x0f)
}

/// An address field: one byte, or 0xff and two bytes (1770-6.5.16, chapter 13).
pub fn address(r: &mut Reader<'_>, what: &'static str) -> Read<u16> {
    match r.u8(what)? {
        0xff => r.le16(what),
        short => Ok(short.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_replies() {
        let read = message(&[0x0f, 0, 0x34, 0x12, 0xa2, 1]);
        assert!(read.is_ok_and(|m| m.command == 0x0f && !m.reply && m.transaction == 0x1234 && m.data == [0xa2, 1]));
        assert!(message(&[0x4f, 0, 1, 0]).is_ok_and(|m| m.reply && m.data.is_empty()));
        assert_eq!(address(&mut Reader::new(&[0xff, 0x2c, 1]), ""), Ok(300));
    }
}
