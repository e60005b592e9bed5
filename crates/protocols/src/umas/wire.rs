//! Bytes to message. Stateless.
//!
//! ```text
//! request   | session 1 | function 1 | data … |
//! answer    | session 1 | 0xfe done or 0xfd refused | data … |
//! signed    | session 1 | 0x38 | kind 1 | signature 32 | 0x5a | the request … |
//! ```

use wire::{Read, Reader};

/// Answer: done.
pub const DONE: u8 = 0xfe;
/// Answer: refused.
pub const REFUSED: u8 = 0xfd;
/// A request in a signed envelope.
pub const SIGNED: u8 = 0x38;
/// The function code of Modbus stands once more before what is signed.
const MODBUS_FUNCTION: u8 = 0x5a;
/// Kind of signature and signature.
const SIGNATURE: usize = 33;

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Number of the reservation; 0 where nothing is reserved.
    pub session: u8,
    /// Function of a request, status of an answer.
    pub code: u8,
    /// What follows.
    pub data: &'a [u8],
    /// It was in a signed envelope.
    pub signed: bool,
}

impl Message<'_> {
    /// From the controller.
    pub fn is_answer(&self) -> bool {
        matches!(self.code, DONE | REFUSED)
    }
}

/// Reads a message; a signed request is taken out of its envelope.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let outer = plain(bytes)?;
    if outer.code == SIGNED
        && let Some(inner) = unwrap(outer.data)
    {
        return Ok(inner);
    }
    Ok(outer)
}

/// What a signed envelope holds; answers to signed requests have the same envelope.
pub fn unwrap(data: &[u8]) -> Option<Message<'_>> {
    let mut r = Reader::new(data);
    r.skip(SIGNATURE, "signature").ok()?;
    if r.u8("function code").ok()? != MODBUS_FUNCTION {
        return None;
    }
    let inner = plain(r.rest()).ok()?;
    Some(Message { signed: true, ..inner })
}

fn plain(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let session = r.u8("session")?;
    let code = r.u8("function")?;
    Ok(Message { session, code, data: r.rest(), signed: false })
}
