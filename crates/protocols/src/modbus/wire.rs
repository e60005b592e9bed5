//! Bytes to message. Stateless.
//!
//! ```text
//! MBAP header (Messaging on TCP/IP V1.0b, 3.1.3)          PDU (Application Protocol V1.1b3, 4.1)
//! | transaction id 2 | protocol id 2 = 0 | length 2 | unit 1 | function 1 | data … |
//!                                          └ counts unit, function and data
//! ```

use crate::common::modbus::Pdu;
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
    pub pdu: Pdu<'a>,
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
    let pdu = Pdu { function, data: body.rest() };
    Ok(Some(Adu { transaction, unit, pdu, size: HEADER + length }))
}
