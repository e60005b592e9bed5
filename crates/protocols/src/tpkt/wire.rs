//! Bytes to packet. Stateless.
//!
//! ```text
//! | version 1 = 3 | reserved 1 | length 2 | TPDU … |        (RFC 1006, section 6)
//!                                └ counts the four bytes of the header too
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the header.
pub const HEADER: usize = 4;
/// Shortest packet: the header and a three-byte TPDU (RFC 1006, section 6).
pub const SHORTEST: usize = 7;

/// Length of the packet at the front. `Ok(None)`: not told yet.
pub fn length(bytes: &[u8]) -> Read<Option<usize>> {
    let mut r = Reader::new(bytes);
    let Ok(version) = r.u8("version") else { return Ok(None) };
    if version != 3 {
        return Err(Malformed::invalid("version", 0));
    }
    let (Ok(_), Ok(length)) = (r.u8("reserved"), r.be16("length")) else { return Ok(None) };
    if usize::from(length) < SHORTEST {
        return Err(Malformed::invalid("length", 2));
    }
    Ok(Some(length.into()))
}

/// Length and the part of the body that is here, where the front is a packet.
pub fn front(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let length = length(bytes).ok()??;
    let body = bytes.get(HEADER..)?;
    (bytes.get(1) == Some(&0)).then(|| (length, body.get(..length - HEADER).unwrap_or(body)))
}

/// What a packet's body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An ISO 8073 TPDU.
    Tpdu,
    /// Q.931 signalling (H.225.0).
    Signalling,
    /// Too little is here to tell.
    Short,
    /// Neither.
    Other,
}

/// Looks at a body of `size` bytes of which `body` is here.
pub fn content(size: usize, body: &[u8]) -> Content {
    let (Some(indicator), Some(code)) = (body.first().map(|b| usize::from(*b)), body.get(1)) else {
        return Content::Short;
    };
    if indicator == 8 && *code == 2 {
        return Content::Signalling;
    }
    // length indicator: the header without itself, at most 254 (ISO 8073, 13.2.1)
    let credible = indicator < size && indicator <= 254;
    let fits = match code >> 4 {
        0xf => {
            *code & 0x0e == 0 && (indicator == 2 && body.get(2).is_none_or(|eot| *eot & 0x7f == 0) || indicator == 4)
        }
        0xe | 0xd => indicator >= 6 && code & 0x0f == 0 && body.get(6).is_none_or(|class| class >> 4 <= 4),
        0x8 => indicator >= 6 && *code == 0x80,
        0xc => indicator >= 5 && *code == 0xc0,
        0x7 => indicator >= 4 && *code == 0x70,
        0x1 => indicator >= 4 && *code == 0x10,
        _ => false,
    };
    if credible && fits { Content::Tpdu } else { Content::Other }
}

/// Whether a body is the opening of a Remote Desktop connection ([MS-RDPBCGR] 2.2.1.1): a connection request whose
/// variable part is a cookie, a routing token or a negotiation request instead of ISO parameters; or the confirmation
/// with the answer to such a request (2.2.1.2).
pub fn opens_remote_desktop(body: &[u8]) -> bool {
    let variable = body.get(7..).unwrap_or_default();
    match body.get(1) {
        Some(0xe0) => variable.starts_with(b"Cookie: ") || matches!(variable, [1, _, 8, 0, ..]),
        Some(0xd0) => matches!(variable, [2 | 3, _, 8, 0, ..]),
        _ => false,
    }
}

/// Whether a packet at the front opens a Remote Desktop connection.
pub fn begins_remote_desktop(bytes: &[u8]) -> bool {
    front(bytes).is_some_and(|(_, body)| opens_remote_desktop(body))
}

/// Where, behind the front, a packet opens a Remote Desktop connection.
pub fn find_remote_desktop(bytes: &[u8]) -> Option<usize> {
    (1..bytes.len()).find(|at| bytes.get(*at..).is_some_and(begins_remote_desktop))
}

/// Length of a Remote Desktop fast-path packet at the front ([MS-RDPBCGR] 2.2.8.1.2, 2.2.9.1.2): the low two bits of
/// the first byte are 0, the length is one byte or, with its high bit set, two. `None`: not told yet or not one.
pub fn fast_path(bytes: &[u8]) -> Option<usize> {
    let mut r = Reader::new(bytes);
    let action = r.u8("action").ok()?;
    let short = r.u8("length").ok()?;
    let length = match short & 0x80 {
        0 => usize::from(short),
        _ => usize::from(short & 0x7f) << 8 | usize::from(r.u8("length").ok()?),
    };
    (action & 3 == 0 && length > 3).then_some(length)
}
