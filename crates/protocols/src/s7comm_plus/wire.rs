//! Bytes to message. Stateless.
//!
//! ```text
//! | 0x72 | version 1 | data length 2 | data … | trailer: 0x72, version, 00 00 |
//! version 3: data begins with the length of a digest (32) and the digest
//! a message in several TSDUs has the trailer in the last one only
//! request:      | 0x31 | reserved 2 | function 2 | reserved 2 | sequence 2 | session 4 | flags 1 | … |
//! response:     | 0x32 or 0x02 | reserved 2 | function 2 | reserved 2 | sequence 2 | flags 1 | return value | … |
//! notification: | 0x33 | subscription 4 | … |
//! ```
//!
//! Numbers of variable length have seven bits per byte, most significant first; a set high bit means that more follow.

use wire::{Malformed, Read, Reader};

/// What one TSDU holds.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub version: u8,
    /// The message's bytes, without digest.
    pub data: &'a [u8],
    /// A digest protects them.
    pub protected: bool,
    /// The last part of its message.
    pub last: bool,
}

/// Version number of a keep-alive.
pub const KEEP_ALIVE: u8 = 0xfe;
/// Length of a digest.
const DIGEST: u8 = 32;

/// Reads one TSDU.
pub fn part(bytes: &[u8]) -> Read<Part<'_>> {
    let mut r = Reader::new(bytes);
    if r.u8("protocol id")? != 0x72 {
        return Err(Malformed::invalid("protocol id", 0));
    }
    let version = r.u8("version")?;
    if !matches!(version, 1..=3 | KEEP_ALIVE) {
        return Err(Malformed::invalid("version", 1));
    }
    let length = r.be16("data length")?;
    if version == KEEP_ALIVE {
        return Ok(Part { version, data: r.rest(), protected: false, last: true });
    }
    let mut body = r.sub(length.into(), "data")?;
    let protected = version == 3 && body.peek_u8() == Some(DIGEST);
    if protected {
        body.skip(1 + usize::from(DIGEST), "digest")?;
    }
    let trailer = r.rest();
    let last = match trailer {
        [] => false,
        [0x72, v, _, _] if *v == version => true,
        _ => return Err(Malformed::invalid("trailer", 4 + usize::from(length))),
    };
    Ok(Part { version, data: body.rest(), protected, last })
}

/// Kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    Request,
    Response,
    /// Response to a request that does not wait for one.
    LateResponse,
    Notification,
}

/// The head of a message.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    pub opcode: Opcode,
    /// Function; 0 for notifications.
    pub function: u16,
    pub sequence: u16,
    /// Session of a request, subscription of a notification; 0 in responses.
    pub object: u32,
    /// Transport flags; bit 6: no answer is waited for.
    pub flags: u8,
    /// What follows.
    pub body: Reader<'a>,
}

/// Bit of the transport flags: no answer is waited for.
pub const NO_ANSWER: u8 = 0x40;

/// Reads the head of a message.
pub fn head(data: &[u8]) -> Read<Head<'_>> {
    let mut r = Reader::new(data);
    let opcode = match r.u8("opcode")? {
        0x31 => Opcode::Request,
        0x32 => Opcode::Response,
        0x02 => Opcode::LateResponse,
        0x33 => {
            let object = r.be32("subscription")?;
            return Ok(Head { opcode: Opcode::Notification, function: 0, sequence: 0, object, flags: 0, body: r });
        }
        _ => return Err(Malformed::invalid("opcode", 0)),
    };
    r.skip(2, "reserved")?;
    let function = r.be16("function")?;
    r.skip(2, "reserved")?;
    let sequence = r.be16("sequence number")?;
    let object = if opcode == Opcode::Request { r.be32("session")? } else { 0 };
    let flags = r.u8("transport flags")?;
    Ok(Head { opcode, function, sequence, object, flags, body: r })
}

/// An unsigned number of variable length, 32 bits.
pub fn vlq32(r: &mut Reader<'_>, what: &'static str) -> Read<u32> {
    let mut value: u32 = 0;
    for _ in 0..5 {
        let byte = r.u8(what)?;
        value = value << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Malformed::invalid(what, r.offset()))
}

/// An unsigned number of variable length, 64 bits: the ninth byte counts whole.
pub fn vlq64(r: &mut Reader<'_>, what: &'static str) -> Read<u64> {
    let mut value: u64 = 0;
    for _ in 0..8 {
        let byte = r.u8(what)?;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Ok(value << 8 | u64::from(r.u8(what)?))
}

/// A signed number of variable length: bit 6 of the first byte is the sign. At most nine bytes.
pub fn signed(r: &mut Reader<'_>, what: &'static str) -> Read<i64> {
    let first = r.u8(what)?;
    let mut value = i64::from(first & 0x3f) - i64::from(first & 0x40);
    let mut more = first & 0x80 != 0;
    for n in 1..9 {
        if !more {
            break;
        }
        let byte = r.u8(what)?;
        if n == 8 {
            return Ok(value.wrapping_shl(8) | i64::from(byte));
        }
        value = value.wrapping_shl(7) | i64::from(byte & 0x7f);
        more = byte & 0x80 != 0;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length() {
        assert_eq!(vlq32(&mut Reader::new(&[0x82, 0x32]), ""), Ok(306));
        assert_eq!(vlq32(&mut Reader::new(&[0x88, 0xd0, 0xb8, 0x80, 0x02]), ""), Ok(0x8a0e_0002));
        assert!(vlq32(&mut Reader::new(&[0xff; 6]), "").is_err());
        assert_eq!(vlq64(&mut Reader::new(&[0xff; 9]), ""), Ok(u64::MAX));
        assert_eq!(signed(&mut Reader::new(&[0x7f]), ""), Ok(-1));
        assert_eq!(signed(&mut Reader::new(&[0x3f]), ""), Ok(63));
        assert_eq!(signed(&mut Reader::new(&[0x80, 0x40]), ""), Ok(64));
        assert_eq!(signed(&mut Reader::new(&[0xff, 0x00]), ""), Ok(-128));
    }

    #[test]
    fn parts_and_trailers() {
        assert!(part(&[0x72, 1, 0, 1, 0x31]).is_ok_and(|p| !p.last && p.data == [0x31]));
        assert!(part(&[0x72, 1, 0, 1, 0x31, 0x72, 1, 0, 0]).is_ok_and(|p| p.last));
        assert!(part(&[0x72, 1, 0, 1, 0x31, 0x72, 2, 0, 0]).is_err());
        assert!(part(&[0x72, 1, 0, 9, 0x31]).is_err_and(|e| e.is_truncated()));
    }
}
