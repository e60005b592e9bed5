//! Bytes to structure. Stateless.
//!
//! ```text
//! X.224 user data: "Cookie: mstshash=" user CR LF | type 1 = 1 | flags 1 | length 2 = 8 | requested protocols 4
//! answer:          type 1 = 2 | flags 1 | length 2 = 8 | selected protocol 4        type 3: failure code 4
//! data:            T.125: BER 7f 65 connect initial, 7f 66 connect response, else PER with the choice in six bits
//!   inside connect: T.124 (PER) with the key "Duca" or "McDn", then blocks: type 2 | length 2 | …, little-endian
//! ```

use wire::{Malformed, Read, Reader};

/// A negotiation structure ([MS-RDPBCGR] 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiation {
    pub kind: u8,
    pub flags: u8,
    pub value: u32,
}

/// Request.
pub const REQUEST: u8 = 1;
/// Failure; a response is 2.
pub const FAILURE: u8 = 3;

/// Reads a negotiation structure.
pub fn negotiation(bytes: &[u8]) -> Read<Negotiation> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("type")?;
    let flags = r.u8("flags")?;
    if !(REQUEST..=FAILURE).contains(&kind) || r.le16("length")? != 8 {
        return Err(Malformed::invalid("negotiation", 0));
    }
    Ok(Negotiation { kind, flags, value: r.le32("protocols")? })
}

/// What a connection request carries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The user, cut to nine characters by Windows.
    pub user: &'a [u8],
    /// Where a load balancer is to send the connection.
    pub token: &'a [u8],
    pub negotiation: Option<Negotiation>,
}

/// Reads the variable part of a connection request.
pub fn request(bytes: &[u8]) -> Read<Request<'_>> {
    const COOKIE: &[u8] = b"Cookie: ";
    let mut request = Request::default();
    let mut rest = bytes;
    if let Some(cookie) = bytes.strip_prefix(COOKIE) {
        let Some(end) = cookie.windows(2).position(|w| w == b"\r\n") else {
            return Err(Malformed::truncated("cookie", 0));
        };
        let text = cookie.get(..end).unwrap_or_default();
        match text.strip_prefix(b"mstshash=") {
            Some(user) => request.user = user,
            None => request.token = text,
        }
        rest = cookie.get(end + 2..).unwrap_or_default();
    }
    if !rest.is_empty() {
        request.negotiation = Some(negotiation(rest)?);
    }
    Ok(request)
}

/// What a T.125 message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pdu {
    ConnectInitial,
    ConnectResponse,
    /// A PDU of the domain, by its choice.
    Domain(u8),
}

/// Which PDU bytes begin with.
pub fn pdu(bytes: &[u8]) -> Option<Pdu> {
    match bytes {
        [0x7f, 0x65, ..] => Some(Pdu::ConnectInitial),
        [0x7f, 0x66, ..] => Some(Pdu::ConnectResponse),
        [first, ..] => match first >> 2 {
            choice @ (1 | 8 | 10 | 11 | 14 | 15 | 25 | 26) => Some(Pdu::Domain(choice)),
            _ => None,
        },
        [] => None,
    }
}

/// The blocks behind a key of T.124: `Duca` from the client, `McDn` from the server.
pub fn blocks<'a>(bytes: &'a [u8], key: &[u8; 4]) -> Read<Vec<(u16, &'a [u8])>> {
    /// Blocks of one message; the standard has seven.
    const MAX_BLOCKS: usize = 16;
    let at = bytes.windows(4).position(|w| w == key).ok_or(Malformed::invalid("T.124 key", 0))?;
    let mut r = Reader::new(bytes);
    r.skip(at + 4, "T.124 key")?;
    // PER length: one byte, or two with the top bit set
    let first = r.u8("length")?;
    if first & 0x80 != 0 {
        r.skip(1, "length")?;
    }
    let mut list = Vec::new();
    while !r.is_empty() && list.len() < MAX_BLOCKS {
        let kind = r.le16("block type")?;
        let length = usize::from(r.le16("block length")?);
        let Some(length) = length.checked_sub(4) else {
            return Err(Malformed::invalid("block length", r.offset()));
        };
        list.push((kind, r.take(length, "block")?));
    }
    Ok(list)
}

/// Client core data (2.2.1.3.2), as far as it says who the client is.
#[derive(Clone, Copy, Debug)]
pub struct ClientCore<'a> {
    pub version: u32,
    pub desktop: (u16, u16),
    pub keyboard: u32,
    pub build: u32,
    /// UTF-16, cut to fifteen characters.
    pub name: &'a [u8],
    /// UTF-16: product id of the client's Windows.
    pub product: &'a [u8],
}

/// Reads client core data. What stands behind the name came later.
pub fn client_core(block: &[u8]) -> Read<ClientCore<'_>> {
    let mut r = Reader::new(block);
    let version = r.le32("version")?;
    let desktop = (r.le16("width")?, r.le16("height")?);
    r.skip(4, "colours")?;
    let keyboard = r.le32("keyboard layout")?;
    let build = r.le32("client build")?;
    let name = r.take(32, "client name")?;
    // keyboard type, input method, colours, serial number
    let product = r.skip(12 + 64 + 14, "keyboard");
    let product = product.and_then(|()| r.take(64, "product id")).unwrap_or_default();
    Ok(ClientCore { version, desktop, keyboard, build, name, product })
}

/// Names of the virtual channels a client asks for (2.2.1.3.4).
pub fn channels(block: &[u8]) -> Read<Vec<&[u8]>> {
    /// The standard's own bound.
    const MAX_CHANNELS: u32 = 31;
    let mut r = Reader::new(block);
    let count = r.le32("channel count")?.min(MAX_CHANNELS);
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(r.take(8, "channel name")?);
        r.skip(4, "channel options")?;
    }
    Ok(list)
}

/// The security header's flags inside a send data PDU: initiator 2, channel 2, priority 1, PER length, flags 2.
pub fn security(bytes: &[u8]) -> Read<(u16, &[u8])> {
    let mut r = Reader::new(bytes);
    r.skip(6, "send data")?;
    if r.u8("length")? & 0x80 != 0 {
        r.skip(1, "length")?;
    }
    let flags = r.le16("security flags")?;
    r.skip(2, "security flags high")?;
    Ok((flags, r.rest()))
}

/// A client info packet (2.2.1.11.1.1): domain, user, password.
pub fn client_info(body: &[u8]) -> Read<(bool, [&[u8]; 3])> {
    const UNICODE: u32 = 0x10;
    let mut r = Reader::new(body);
    r.skip(4, "code page")?;
    let unicode = r.le32("flags")? & UNICODE != 0;
    let zero = if unicode { 2 } else { 1 };
    let mut lengths = [0usize; 5];
    for length in &mut lengths {
        *length = r.le16("length")?.into();
    }
    let [domain, user, password, ..] = lengths;
    let mut take = |n: usize| {
        let text = r.take(n, "text")?;
        r.skip(zero, "text").map(|()| text)
    };
    Ok((unicode, [take(domain)?, take(user)?, take(password)?]))
}
