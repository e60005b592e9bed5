//! Bytes to the fronts of packets: what all versions have in common (RFC 8999), and the numbers of packets of versions 1 and 2.

use wire::{Malformed, Read, Reader};

/// Smallest datagram in which a client begins (RFC 9000, 14.1).
pub const MIN_INITIAL: usize = 1200;
/// Longest connection id of versions 1 and 2.
const MAX_ID: usize = 20;

/// What a packet with a long front is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
    VersionNegotiation,
    /// A version of Google's before the standard; its packets have other fronts.
    Google,
}

/// A packet with a long front.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    pub kind: Kind,
    pub version: u32,
    /// Connection ids: the receiver's and the sender's.
    pub to: &'a [u8],
    pub from: &'a [u8],
    /// Versions a server can speak, four bytes each, in a version negotiation.
    pub versions: &'a [u8],
}

const VERSION_1: u32 = 1;
const VERSION_2: u32 = 0x6b33_43cf;

/// Whether a version is one this product can name.
pub fn is_known(version: u32) -> bool {
    matches!(version, VERSION_1 | VERSION_2 | 0xff00_0001..=0xff00_0022 | 0xface_b000..=0xface_b0ff)
        || is_google(version)
}

/// `Q` or `T` and three digits.
pub fn is_google(version: u32) -> bool {
    matches!(version.to_be_bytes(), [b'Q' | b'T', b'0', b'0'..=b'9', b'0'..=b'9'])
}

/// Reads the front of a packet: a long one, or one of Google's first versions.
pub fn packet(bytes: &[u8]) -> Read<Packet<'_>> {
    let mut r = Reader::new(bytes);
    let first = r.u8("first byte")?;
    if first & 0x80 == 0 {
        return google(bytes);
    }
    let version = r.be32("version")?;
    if is_google(version) {
        return Ok(Packet { kind: Kind::Google, version, to: &[], from: &[], versions: &[] });
    }
    let to = id(&mut r)?;
    let from = id(&mut r)?;
    if version == 0 {
        let versions = r.rest();
        return match versions.len() {
            4.. if versions.len().is_multiple_of(4) => Ok(Packet { kind: Kind::VersionNegotiation, version, to, from, versions }),
            _ => Err(Malformed::invalid("versions", 5)),
        };
    }
    if !is_known(version) || first & 0x40 == 0 {
        return Err(Malformed::invalid("version", 1));
    }
    let kind = match (first >> 4 & 3, version == VERSION_2) {
        (0, false) | (1, true) => Kind::Initial,
        (1, false) | (2, true) => Kind::ZeroRtt,
        (2, false) | (3, true) => Kind::Handshake,
        _ => Kind::Retry,
    };
    if kind == Kind::Initial {
        let token = number(&mut r)?;
        r.skip(usize::try_from(token).unwrap_or(usize::MAX), "token")?;
    }
    if kind != Kind::Retry {
        let at = r.offset();
        let length = number(&mut r)?;
        // a packet number and the tag of the protection at least
        if length < 17 || length > r.left() as u64 {
            return Err(Malformed::invalid("length", at));
        }
    }
    Ok(Packet { kind, version, to, from, versions: &[] })
}

fn id<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    let at = r.offset();
    match usize::from(r.u8("connection id length")?) {
        length if length <= MAX_ID => r.take(length, "connection id"),
        _ => Err(Malformed::invalid("connection id length", at)),
    }
}

/// A number of 1, 2, 4 or 8 bytes (RFC 9000, 16).
fn number(r: &mut Reader<'_>) -> Read<u64> {
    let first = r.u8("number")?;
    let more = (1usize << (first >> 6)) - 1;
    let rest = r.be_uint(more, "number")?;
    Ok(u64::from(first & 0x3f) << (8 * more) | rest)
}

/// A client's packet of Google's first versions: flags, connection id, version.
fn google(bytes: &[u8]) -> Read<Packet<'_>> {
    let mut r = Reader::new(bytes);
    let flags = r.u8("flags")?;
    // a version is there, and eight bytes of connection id
    if flags & 0xc9 != 0x09 {
        return Err(Malformed::invalid("flags", 0));
    }
    let to = r.take(8, "connection id")?;
    let version = r.be32("version")?;
    if !is_google(version) {
        return Err(Malformed::invalid("version", 9));
    }
    Ok(Packet { kind: Kind::Google, version, to, from: &[], versions: &[] })
}
