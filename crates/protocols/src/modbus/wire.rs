//! Bytes to message. Stateless.
//!
//! ```text
//! MBAP header (Messaging on TCP/IP V1.0b, 3.1.3)          PDU (Application Protocol V1.1b3, 4.1)
//! | transaction id 2 | protocol id 2 = 0 | length 2 | unit 1 | function 1 | data … |
//!                                          └ counts unit, function and data
//! ```

use wire::{Malformed, Read, Reader};

/// Largest PDU: 253 bytes (V1.1b3, 4.1), plus the unit identifier. UMAS devices use up to 1,021 + 3 bytes, so the
/// frame is taken up to this size and the standard's limit is judged by the session.
pub const MAX_LENGTH: usize = 1200;
/// The standard's own limit for `length`.
pub const STANDARD_LENGTH: usize = 254;
/// Bytes before the unit identifier.
pub const HEADER: usize = 6;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Adu<'a> {
    pub transaction: u16,
    pub unit: u8,
    pub function: u8,
    /// Everything behind the function code.
    pub data: &'a [u8],
    /// Bytes of the whole message.
    pub size: usize,
}

/// Reads the message at the front. `Ok(None)`: not complete yet.
pub fn adu(bytes: &[u8]) -> Read<Option<Adu<'_>>> {
    let mut r = Reader::new(bytes);
    let (Ok(transaction), Ok(protocol)) = (r.be16("transaction id"), r.be16("protocol id")) else { return Ok(None) };
    if protocol != 0 {
        return Err(Malformed::invalid("protocol id", 2));
    }
    let Ok(length) = r.be16("length") else { return Ok(None) };
    let length = usize::from(length);
    if !(2..=MAX_LENGTH).contains(&length) {
        return Err(Malformed::invalid("length", 4));
    }
    let Ok(mut body) = r.sub(length, "body") else { return Ok(None) };
    let unit = body.u8("unit identifier")?;
    let function = body.u8("function code")?;
    Ok(Some(Adu { transaction, unit, function, data: body.rest(), size: HEADER + length }))
}

/// What the lengths inside a message say about its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Only a request can look like this.
    Request,
    /// Only a response can look like this.
    Response,
    /// Both can.
    Either,
    /// Neither: the length contradicts the function.
    Neither,
}

/// Compares the data length with what the function demands of a request and of a response (V1.1b3, section 6).
pub fn shape(adu: &Adu<'_>) -> Shape {
    let data = adu.data;
    let n = data.len();
    let word = |at: usize| Reader::new(data.get(at..).unwrap_or_default()).be16("").ok().map(usize::from);
    let byte = |at: usize| data.get(at).copied().map(usize::from);
    let counted = byte(0).is_some_and(|c| n == c + 1);
    let (request, response) = match adu.function {
        1 | 2 => (n == 4, counted && n >= 2),
        3 | 4 => (n == 4, counted && n >= 3 && n % 2 == 1),
        5 | 6 => (n == 4, n == 4),
        7 | 11 | 12 | 17 => (n == 0, n > 0),
        8 => (n >= 4, n >= 4),
        15 | 16 => (byte(4).is_some_and(|c| n == c + 5), n == 4),
        20 | 21 => (counted, counted),
        22 => (n == 6, n == 6),
        23 => (byte(8).is_some_and(|c| n == c + 9), counted && n % 2 == 1),
        24 => (n == 2, word(0).is_some_and(|c| n == c + 2)),
        43 => (n == 3 && byte(0) == Some(14), n > 3 || byte(0) != Some(14)),
        128.. => (false, n == 1),
        _ => (true, true),
    };
    match (request, response) {
        (true, true) => Shape::Either,
        (true, false) => Shape::Request,
        (false, true) => Shape::Response,
        (false, false) => Shape::Neither,
    }
}
