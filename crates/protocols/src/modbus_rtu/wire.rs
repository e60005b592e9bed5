//! Bytes to frames. Stateless.
//!
//! ```text
//! RTU    | unit 1 | function 1 | data … | CRC 2, low byte first |       at most 256 octets, no length anywhere
//! ASCII  ':' two hexadecimal digits per octet of: unit, function, data …, LRC; CR LF
//! ```

use crate::common::crc16::crc16;
use crate::common::modbus::{Pdu, UMAS};
use wire::Reader;

/// Longest frame (Modbus over Serial Line V1.02, 2.5.1.1).
pub const MAX_FRAME: usize = 256;
/// Unit, function, CRC.
const LEAST: usize = 4;
/// ':' and CR LF around twice the octets, less the CRC, with the LRC.
pub const MAX_ASCII: usize = 2 * (MAX_FRAME - 1) + 3;

/// What stands at the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// A frame of this many octets whose check sum fits.
    Frame(usize),
    /// Not complete yet.
    Short,
    /// No frame; `true` where everything here has the length of one, so that only the check sum is wrong.
    Broken(bool),
}

/// Looks for a frame. The function says how long a request and an answer are; the check sum says which of the two
/// it is. Functions of unknown length reach to the end of what is here.
pub fn front(bytes: &[u8]) -> Front {
    let Some(function) = bytes.get(1).copied() else { return Front::Short };
    let mut lengths = lengths(function, bytes);
    lengths.sort_unstable();
    let mut short = false;
    let mut fits = false;
    for length in lengths.into_iter().flatten() {
        match length {
            Length::Is(n) if n > MAX_FRAME => {}
            Length::Is(n) if n > bytes.len() => short = true,
            Length::Is(n) if sealed(bytes, n) => return Front::Frame(n),
            Length::Is(n) => fits |= n == bytes.len(),
            Length::More => short = true,
            Length::Rest if sealed(bytes, bytes.len()) => return Front::Frame(bytes.len()),
            Length::Rest => fits |= bytes.len() <= MAX_FRAME,
            Length::Any => {
                let most = bytes.len().min(MAX_FRAME);
                if let Some(n) = (LEAST..=most).find(|n| sealed(bytes, *n)) {
                    return Front::Frame(n);
                }
                short |= bytes.len() < MAX_FRAME;
            }
        }
    }
    if short { Front::Short } else { Front::Broken(fits) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Length {
    /// This many octets.
    Is(usize),
    /// The octet that tells is not here yet.
    More,
    /// Whatever is here.
    Rest,
    /// Wherever the check sum fits.
    Any,
}

/// Lengths of a request and of an answer with this function, of the whole frame.
fn lengths(function: u8, bytes: &[u8]) -> [Option<Length>; 2] {
    use Length::{Any, Is, More, Rest};
    // the octet at this place counts those that follow it
    let counted = |at: usize| bytes.get(at).map_or(More, |n| Is(at + 3 + usize::from(*n)));
    let word = |at: usize| match bytes.get(at..at + 2) {
        Some([a, b]) => Is(at + 4 + usize::from(u16::from_be_bytes([*a, *b]))),
        _ => More,
    };
    match function {
        1..=4 => [Some(Is(8)), Some(counted(2))],
        5 | 6 => [Some(Is(8)), None],
        7 => [Some(Is(4)), Some(Is(5))],
        8 => [Some(Is(8)), Some(Rest)],
        11 => [Some(Is(4)), Some(Is(8))],
        12 | 17 => [Some(Is(4)), Some(counted(2))],
        15 | 16 => [Some(Is(8)), Some(counted(6))],
        20 | 21 => [Some(counted(2)), None],
        22 => [Some(Is(10)), None],
        23 => [Some(counted(10)), Some(counted(2))],
        24 => [Some(Is(6)), Some(word(2))],
        43 if bytes.get(2).is_none_or(|mei| *mei == 14) => [Some(Is(7)), Some(identification(bytes))],
        UMAS => [Some(Any), None],
        129.. => [Some(Is(5)), None],
        _ => [Some(Rest), None],
    }
}

/// The answer to read device identification: six octets of head, then objects with their lengths.
fn identification(bytes: &[u8]) -> Length {
    let Some(objects) = bytes.get(7) else { return Length::More };
    let mut at = 8usize;
    for _ in 0..*objects {
        let Some(length) = bytes.get(at + 1) else { return Length::More };
        at += 2 + usize::from(*length);
    }
    Length::Is(at + 2)
}

fn sealed(bytes: &[u8], n: usize) -> bool {
    let Some((body, crc)) = bytes.get(..n).and_then(|b| b.split_last_chunk::<2>()) else { return false };
    n >= LEAST && crc16(0xffff, body) == u16::from_le_bytes(*crc)
}

/// Unit and protocol data unit of a frame of `n` octets.
pub fn frame(bytes: &[u8], n: usize) -> Option<(u8, Pdu<'_>)> {
    let mut r = Reader::new(bytes.get(..n.checked_sub(2)?)?);
    let unit = r.u8("unit").ok()?;
    let function = r.u8("function").ok()?;
    Some((unit, Pdu { function, data: r.rest() }))
}

/// The octets of an ASCII frame without its LRC, in a buffer of the stack.
pub struct Ascii {
    octets: [u8; MAX_FRAME],
    len: usize,
    /// Characters of the frame.
    pub size: usize,
}

impl Ascii {
    /// Unit and protocol data unit.
    pub fn frame(&self) -> Option<(u8, Pdu<'_>)> {
        let octets = self.octets.get(..self.len)?;
        let (unit, rest) = octets.split_first()?;
        let (function, data) = rest.split_first()?;
        Some((*unit, Pdu { function: *function, data }))
    }
}

/// Reads an ASCII frame. `Ok(None)`: not complete yet.
pub fn ascii(bytes: &[u8]) -> Result<Option<Ascii>, ()> {
    let Some((b':', text)) = bytes.split_first() else { return Err(()) };
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'A'..=b'F' => Some(c - b'A' + 10),
        _ => None,
    };
    let mut frame = Ascii { octets: [0; MAX_FRAME], len: 0, size: 0 };
    let mut sum = 0u8;
    let mut rest = text;
    loop {
        match rest {
            [b'\r', b'\n', ..] => break,
            [] | [b'\r'] => return Ok(None),
            [a] if digit(*a).is_some() => return Ok(None),
            [a, b, more @ ..] => {
                let (Some(a), Some(b)) = (digit(*a), digit(*b)) else { return Err(()) };
                let octet = a << 4 | b;
                *frame.octets.get_mut(frame.len).ok_or(())? = octet;
                frame.len += 1;
                sum = sum.wrapping_add(octet);
                rest = more;
            }
            _ => return Err(()),
        }
    }
    // the LRC makes the sum of all octets zero
    if sum != 0 || frame.len < 3 {
        return Err(());
    }
    frame.size = 3 + 2 * frame.len;
    frame.len -= 1;
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_decides_between_request_and_answer() {
        // 01 03 05 … could be an answer of five octets or a request from register 0x0500
        let mut request = vec![1, 3, 5, 0, 0, 1];
        request.extend(crc16(0xffff, &request).to_le_bytes());
        assert_eq!(front(&request), Front::Frame(8));
        assert_eq!(front(&request[..7]), Front::Short);
        request[4] ^= 1;
        assert_eq!(front(&request), Front::Short);
        request.extend([0, 0]);
        assert_eq!(front(&request), Front::Broken(true));
    }

    #[test]
    fn ascii_frames() {
        let read = ascii(b":01030010000 2EA\r\n");
        assert!(read.is_err());
        let Ok(Some(frame)) = ascii(b":010300100002EA\r\n:") else { panic!() };
        assert_eq!(frame.size, 17);
        assert!(frame.frame().is_some_and(|(unit, pdu)| unit == 1 && pdu.function == 3 && pdu.data == [0, 16, 0, 2]));
        assert!(ascii(b":0103").is_ok_and(|f| f.is_none()));
        assert!(ascii(b":010300100002EB\r\n").is_err());
    }
}
