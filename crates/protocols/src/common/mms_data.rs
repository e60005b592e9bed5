//! Values in the Data type of MMS (ISO 9506-2), as GOOSE and MMS carry them.

use super::ber::{self, Element};
use crate::{Output, Val};
use model::Time;
use wire::{Malformed, Read};

/// Bit strings of up to this many bytes come out bit by bit; the longest of IEC 61850 (quality, 13 bits; check
/// conditions; packed lists) are far shorter.
const MAX_BIT_BYTES: usize = 32;

/// Array and structure: they hold values.
pub const ARRAY: u32 = 0xa1;
/// See [`ARRAY`].
pub const STRUCTURE: u32 = 0xa2;

/// A moment with its quality (IEC 61850-8-1, 8.1.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UtcTime {
    /// The moment.
    pub time: Time,
    /// The quality octet: leap seconds known, clock failure, clock not synchronized, 5 bits accuracy.
    pub quality: u8,
}

/// Reads eight bytes of UtcTime: seconds, a binary fraction of 24 bits, quality.
pub fn utc_time(content: &[u8]) -> Option<UtcTime> {
    let [a, b, c, d, e, f, g, quality] = *<&[u8; 8]>::try_from(content).ok()?;
    let seconds = i64::from(u32::from_be_bytes([a, b, c, d]));
    let fraction = i64::from(u32::from_be_bytes([0, e, f, g]));
    Some(UtcTime { time: Time(seconds * Time::SECOND + ((fraction * Time::SECOND) >> 24)), quality })
}

/// The value of one element that is neither array nor structure.
pub fn value(element: &Element<'_>, out: &mut Output) -> Read<Val> {
    let content = element.bytes();
    let value = match element.tag {
        0x83 => ber::boolean(content).map(Val::Bool),
        0x84 | 0x8e => bits(content, out),
        0x85 => ber::signed(content).map(Val::Int),
        0x86 => ber::unsigned(content).map(Val::Uint),
        0x87 => float(content),
        0x8a | 0x90 => Some(Val::Text(out.text(content))),
        0x91 => utc_time(content).map(|t| Val::Time(t.time)),
        // binary time (12): milliseconds of the day and days since 1984; without days it is no moment
        0x8c => Some(binary_time(content).map_or_else(|| Val::Bytes(out.bytes(content)), Val::Time)),
        // real (8), octet string (9), generalized time (11), BCD (13), object identifier (15): as they are
        0x88 | 0x89 | 0x8b | 0x8d | 0x8f => Some(Val::Bytes(out.bytes(content))),
        _ => return Err(Malformed::invalid("Data", element.at)),
    };
    value.ok_or(Malformed::invalid("Data", element.at))
}

/// First bit first in the standard, last bit first in a [`Val::Bits`].
fn bits(content: &[u8], out: &mut Output) -> Option<Val> {
    let (unused, bytes) = content.split_first()?;
    let count = (bytes.len() * 8).checked_sub(usize::from(*unused)).filter(|_| *unused < 8)?;
    if bytes.len() > MAX_BIT_BYTES {
        return Some(Val::Bytes(out.bytes(bytes)));
    }
    let mut packed = [0u8; MAX_BIT_BYTES];
    for (to, from) in packed.iter_mut().zip(bytes) {
        *to = from.reverse_bits();
    }
    let packed = out.bytes(packed.get(..bytes.len())?);
    Some(Val::Bits { packed, count: count as u16 })
}

/// The first byte is the width of the exponent: 8 single, 11 double precision (IEEE 754).
fn float(content: &[u8]) -> Option<Val> {
    match *content {
        [8, a, b, c, d] => Some(Val::Float(f32::from_be_bytes([a, b, c, d]).into())),
        [11, a, b, c, d, e, f, g, h] => Some(Val::Float(f64::from_be_bytes([a, b, c, d, e, f, g, h]))),
        _ => None,
    }
}

fn binary_time(content: &[u8]) -> Option<Time> {
    /// 1984-01-01 in days since the Unix epoch.
    const DAYS_1984: i64 = 5113;
    let [a, b, c, d, days @ ..] = content else { return None };
    let days = i64::from(u16::from_be_bytes(*days.first_chunk::<2>()?)) + DAYS_1984;
    let milliseconds = i64::from(u32::from_be_bytes([*a, *b, *c, *d]));
    Some(Time(days * 86_400 * Time::SECOND + milliseconds * Time::MILLISECOND))
}
