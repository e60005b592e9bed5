//! What Modbus means, whatever carries it: functions, lengths, identity.

pub(crate) mod exchange;
pub(crate) mod identity;
pub(crate) mod meaning;

use crate::{FieldInfo, field};
use wire::Reader;

/// The function that carries Schneider's Unity messaging.
pub(crate) const UMAS: u8 = 90;

/// Extras of transactions, in every carrier.
pub(crate) const FIELDS: &[FieldInfo] = &[
    field("data", "bytes of a function this page does not look into"),
    field("read_device_id", "which identity category was asked for: 1 basic, 2 regular, 3 extended, 4 one object"),
    field("sub_function", "number of a diagnostic sub-function or MEI type"),
];

/// Address spaces, in every carrier.
pub(crate) const SPACES: &[&str] =
    &["coil", "discrete", "input", "holding", "file", "fifo", "object", "exception_status"];

/// A protocol data unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pdu<'a> {
    /// Function code; with its highest bit set an exception.
    pub function: u8,
    /// Everything behind the function code.
    pub data: &'a [u8],
}

impl Pdu<'_> {
    /// The exception code of an exception.
    pub fn exception(&self) -> u32 {
        self.data.first().copied().unwrap_or_default().into()
    }
}

/// What the lengths inside a message say about its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
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
pub(crate) fn shape(pdu: &Pdu<'_>) -> Shape {
    let data = pdu.data;
    let n = data.len();
    let word = |at: usize| Reader::new(data.get(at..).unwrap_or_default()).be16("").ok().map(usize::from);
    let byte = |at: usize| data.get(at).copied().map(usize::from);
    let counted = byte(0).is_some_and(|c| n == c + 1);
    let (request, response) = match pdu.function {
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
        // Unity messaging: session and function, or session and status (see the page `umas`)
        UMAS => {
            (n >= 2 && byte(1).is_none_or(|f| f < 0xfd), n >= 2 && byte(1).is_some_and(|f| matches!(f, 0xfd | 0xfe)))
        }
        // an answer has six octets before its first object
        43 => (n == 3 && byte(0) == Some(14), n >= 6 || byte(0) != Some(14)),
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

/// Whether the numbers of a message are within what the standard allows, as far as its shape tells (V1.1b3, section 6).
pub(crate) fn is_plausible(pdu: &Pdu<'_>) -> bool {
    let mut r = Reader::new(pdu.data);
    let numbers = (r.be16("first"), r.be16("second"));
    let (Shape::Request | Shape::Either, (Ok(_), Ok(quantity))) = (shape(pdu), numbers) else {
        return shape(pdu) != Shape::Neither;
    };
    match pdu.function {
        1 | 2 => (1..=2000).contains(&quantity) || shape(pdu) == Shape::Either,
        3 | 4 => (1..=125).contains(&quantity),
        5 => matches!(quantity, 0 | 0xff00),
        15 => (1..=1968).contains(&quantity),
        16 => (1..=123).contains(&quantity),
        _ => true,
    }
}
