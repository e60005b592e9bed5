//! Bytes to message. Stateless.
//!
//! ```text
//! request (CIP Volume 1, 2-4.1)   | service 1 | path size in words 1 | path | data … |
//! reply (2-4.2)                   | service + 0x80 1 | 0 1 | general status 1 | extended words 1 | extended | data … |
//! ```

use wire::{Malformed, Read, Reader};

/// The reply bit of the service code.
pub const REPLY: u8 = 0x80;
/// General status: success.
pub const SUCCESS: u8 = 0x00;
/// General status: only part of the data fits; more follows on request. Not an error.
pub const PARTIAL: u8 = 0x06;
/// General status: one of several inner services failed; each inner reply has its own status.
pub const EMBEDDED: u8 = 0x1e;
/// Most services in one multiple service packet that are looked into. A packet of 4,000 bytes holds about 400 of the
/// shortest.
pub const MAX_INNER: usize = 512;

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub service: u8,
    pub path: &'a [u8],
    pub data: &'a [u8],
}

/// A reply.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Without the reply bit.
    pub service: u8,
    pub status: u8,
    /// Extended status, 16-bit words little-endian.
    pub extended: &'a [u8],
    pub data: &'a [u8],
}

impl Response<'_> {
    /// The answer is an answer, complete or in parts.
    pub fn is_ok(&self) -> bool {
        matches!(self.status, SUCCESS | PARTIAL)
    }
}

/// Reads a request.
pub fn request(bytes: &[u8]) -> Read<Request<'_>> {
    let mut r = Reader::new(bytes);
    let service = r.u8("service")?;
    if service & REPLY != 0 || service == 0 {
        return Err(Malformed::invalid("service", 0));
    }
    let words = r.u8("request path size")?;
    let path = r.take(usize::from(words) * 2, "request path")?;
    Ok(Request { service, path, data: r.rest() })
}

/// Reads a reply.
pub fn response(bytes: &[u8]) -> Read<Response<'_>> {
    let mut r = Reader::new(bytes);
    let service = r.u8("service")?;
    if service & REPLY == 0 {
        return Err(Malformed::invalid("service", 0));
    }
    r.skip(1, "reserved")?;
    let status = r.u8("general status")?;
    let words = r.u8("size of additional status")?;
    let extended = r.take(usize::from(words) * 2, "additional status")?;
    Ok(Response { service: service & !REPLY, status, extended, data: r.rest() })
}

/// What an unconnected send carries (Volume 1, 3-5.5.2): the embedded request and its route.
pub fn unconnected_send(data: &[u8]) -> Read<(&[u8], &[u8])> {
    let mut r = Reader::new(data);
    r.skip(2, "priority, time-out")?;
    let size = usize::from(r.le16("embedded message request size")?);
    let message = r.take(size, "embedded message")?;
    if size % 2 == 1 {
        r.skip(1, "pad")?;
    }
    let words = r.u8("route path size")?;
    r.skip(1, "reserved")?;
    let route = r.take(usize::from(words) * 2, "route path")?;
    Ok((message, route))
}

/// The inner messages of a multiple service packet (Volume 1, A-4.10): count, offsets from the count, messages.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    all: &'a [u8],
    count: usize,
}

/// Reads the count and checks the table of offsets.
pub fn packet(data: &[u8]) -> Read<Packet<'_>> {
    let count = usize::from(Reader::new(data).le16("number of services")?);
    let table = count.saturating_mul(2).saturating_add(2);
    if table > data.len() {
        return Err(Malformed::truncated("offsets", 2));
    }
    Ok(Packet { all: data, count })
}

impl<'a> Packet<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The message at this place.
    pub fn get(&self, index: usize) -> Read<&'a [u8]> {
        let start = self.offset(index)?;
        let end = if index.saturating_add(1) < self.count { self.offset(index + 1)? } else { self.all.len() };
        self.all.get(start..end).ok_or(Malformed::invalid("offset", index.saturating_mul(2).saturating_add(2)))
    }

    fn offset(&self, index: usize) -> Read<usize> {
        let at = index.saturating_mul(2).saturating_add(2);
        let offset = Reader::new(self.all.get(at..).unwrap_or_default()).le16("offset")?;
        Ok(offset.into())
    }
}

/// Whether bytes look like one CIP message, for identification and after lost framing.
pub fn fits(bytes: &[u8]) -> Read<bool> {
    if bytes.first().is_some_and(|s| s & REPLY != 0) {
        let response = response(bytes)?;
        // general status codes end at 0x2c, with vendor specific ones from 0xd0
        return Ok(matches!(response.status, 0..=0x31 | 0xd0..) && bytes.get(1) == Some(&0));
    }
    let request = request(bytes)?;
    let way = super::path::way(request.path)?;
    if way.class.is_none() && !way.symbol {
        return Err(Malformed::invalid("request path", 2));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_and_response() {
        let bytes = [0x0e, 3, 0x20, 1, 0x24, 1, 0x30, 7, 9];
        let read = request(&bytes);
        assert!(read.is_ok_and(|r| r.service == 0x0e && r.path.len() == 6 && r.data == [9]));
        assert!(request(&[0x0e, 4, 0x20, 1]).is_err());
        let bytes = [0x8e, 0, 1, 1, 0x11, 3, 5];
        assert!(response(&bytes).is_ok_and(|r| r.status == 1 && r.extended == [0x11, 3] && r.data == [5]));
    }

    #[test]
    fn packets_inside_packets() {
        let data = [2, 0, 6, 0, 8, 0, 1, 2, 3, 4];
        let packet = packet(&data);
        assert!(packet.is_ok_and(|p| p.get(0) == Ok(&[1, 2]) && p.get(1) == Ok(&[3, 4])));
        assert!(super::packet(&[9, 0, 1]).is_err());
        let backwards = [2, 0, 8, 0, 6, 0, 1, 2, 3, 4];
        assert!(super::packet(&backwards).is_ok_and(|p| p.get(0).is_err()));
    }
}
