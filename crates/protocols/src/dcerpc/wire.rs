//! Bytes to message. Stateless.
//!
//! ```text
//! connection: | version 5 | minor | type | flags | data representation 4 | length 2 | auth length 2 | call id 4 | …
//!   bind: sizes 4 | group 4 | count 1, 3 | context: id 2, count 1, 1, interface 16 + version 4, transfer syntaxes 20
//!   request: hint 4 | context 2 | opnum 2 | (object 16) | stub        fault: hint 4 | context 2 | 2 | status 4
//!   authentication at the end: type 1 | level 1 | padding 1 | 1 | context 4 | value
//! datagram: | version 4 | type | flags 2 | data representation 3 | 1 | object 16 | interface 16 | activity 16 | boot 4
//!   | interface version 4 | sequence 4 | opnum 2 | hints 4 | length 2 | fragment 2 | auth 1 | 1 | stub    (C706, 12.5, 12.6)
//! ```

use crate::common::windows::Guid;
use wire::{Malformed, Read, Reader};

/// Bytes of the header of connections.
pub const HEADER: usize = 16;
/// First fragment.
pub const FIRST: u8 = 1;
/// An object id stands in front of the stub.
const OBJECT: u8 = 0x80;

/// A message on a connection.
#[derive(Clone, Copy, Debug)]
pub struct Pdu<'a> {
    pub kind: u8,
    pub flags: u8,
    pub little: bool,
    pub length: usize,
    pub call: u32,
    /// Behind the header, without the authentication; as much as is here.
    pub body: &'a [u8],
    /// Type and value of the authentication.
    pub auth: Option<(u8, &'a [u8])>,
}

/// Reads a message of a connection. `Ok(None)`: not all here.
pub fn pdu(bytes: &[u8]) -> Read<Option<Pdu<'_>>> {
    let mut r = Reader::new(bytes);
    let Ok(version) = r.u8("version") else { return Ok(None) };
    if version != 5 {
        return Err(Malformed::invalid("version", 0));
    }
    let Ok(head) = r.array::<7>("header") else { return Ok(None) };
    let [minor, kind, flags, order, float, 0, 0] = head else {
        return Err(Malformed::invalid("data representation", 6));
    };
    // packet types of connections; the others are for datagrams
    if minor > 1 || !matches!(kind, 0 | 2 | 3 | 11..=19) {
        return Err(Malformed::invalid("packet type", 2));
    }
    if !matches!(order, 0x00 | 0x10) || float > 3 {
        return Err(Malformed::invalid("data representation", 4));
    }
    let little = order == 0x10;
    let (Ok(length), Ok(auth), Ok(call)) =
        (num16(&mut r, little), num16(&mut r, little), num32(&mut r, little))
    else {
        return Ok(None);
    };
    let (length, auth) = (usize::from(length), usize::from(auth));
    // eight bytes stand in front of the authentication's value
    let behind = if auth > 0 { auth + 8 } else { 0 };
    let Some(size) = length.checked_sub(HEADER + behind) else {
        return Err(Malformed::invalid("fragment length", 8));
    };
    if bytes.len() < length {
        return Ok(None);
    }
    let mut body = r.sub(length - HEADER, "body")?;
    let inside = body.take(size, "body")?;
    let auth = match auth {
        0 => None,
        _ => {
            let kind = body.u8("authentication type")?;
            body.skip(7, "authentication")?;
            Some((kind, body.rest()))
        }
    };
    Ok(Some(Pdu { kind, flags, little, length, call, body: inside, auth }))
}

/// A number of two bytes in the message's order.
pub fn num16(r: &mut Reader<'_>, little: bool) -> Read<u16> {
    if little { r.le16("number") } else { r.be16("number") }
}

/// A number of four bytes in the message's order.
pub fn num32(r: &mut Reader<'_>, little: bool) -> Read<u32> {
    if little { r.le32("number") } else { r.be32("number") }
}

fn guid(r: &mut Reader<'_>, little: bool) -> Read<Guid> {
    let mut bytes = r.array::<16>("uuid")?;
    if !little {
        // the first three numbers follow the order, the rest are bytes
        let (first, rest) = bytes.split_at_mut(4);
        first.reverse();
        let (second, rest) = rest.split_at_mut(2);
        second.reverse();
        rest.split_at_mut(2).0.reverse();
    }
    Ok(Guid(bytes))
}

/// A presentation context: id, interface, its version.
pub type Context = (u16, Guid, u32);

/// Contexts of BIND and ALTER_CONTEXT.
pub fn contexts(pdu: &Pdu<'_>) -> Read<Vec<Context>> {
    let mut r = Reader::new(pdu.body);
    r.skip(8, "sizes")?;
    let count = r.u8("context count")?;
    r.skip(3, "reserved")?;
    let mut list = Vec::new();
    for _ in 0..count {
        let id = num16(&mut r, pdu.little)?;
        let syntaxes = usize::from(r.u8("syntax count")?);
        r.skip(1, "reserved")?;
        let interface = guid(&mut r, pdu.little)?;
        list.push((id, interface, num32(&mut r, pdu.little)?));
        r.skip(syntaxes * 20, "transfer syntaxes")?;
    }
    Ok(list)
}

/// Results of BIND_ACK and ALTER_CONTEXT_RESP: result and reason of each context.
pub fn results(pdu: &Pdu<'_>) -> Read<Vec<(u16, u16)>> {
    let mut r = Reader::new(pdu.body);
    r.skip(8, "sizes")?;
    let address = num16(&mut r, pdu.little)?;
    r.skip(address.into(), "secondary address")?;
    let padding = r.offset().next_multiple_of(4) - r.offset();
    r.skip(padding, "padding")?;
    let count = r.u8("result count")?;
    r.skip(3, "reserved")?;
    let mut list = Vec::new();
    for _ in 0..count {
        list.push((num16(&mut r, pdu.little)?, num16(&mut r, pdu.little)?));
        r.skip(20, "transfer syntax")?;
    }
    Ok(list)
}

/// REQUEST: context, opnum, stub.
pub fn request<'a>(pdu: &Pdu<'a>) -> Read<(u16, u16, &'a [u8])> {
    let mut r = Reader::new(pdu.body);
    r.skip(4, "allocation hint")?;
    let (context, opnum) = (num16(&mut r, pdu.little)?, num16(&mut r, pdu.little)?);
    if pdu.flags & OBJECT != 0 {
        r.skip(16, "object")?;
    }
    Ok((context, opnum, r.rest()))
}

/// RESPONSE: stub.
pub fn response<'a>(pdu: &Pdu<'a>) -> Read<&'a [u8]> {
    let mut r = Reader::new(pdu.body);
    r.skip(8, "context")?;
    Ok(r.rest())
}

/// FAULT: status.
pub fn fault(pdu: &Pdu<'_>) -> Read<u32> {
    let mut r = Reader::new(pdu.body);
    r.skip(8, "context")?;
    num32(&mut r, pdu.little)
}

/// A datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    pub kind: u8,
    pub little: bool,
    pub interface: Guid,
    pub activity: Guid,
    pub sequence: u32,
    pub opnum: u16,
    pub fragment: u16,
    pub body: &'a [u8],
    /// The length fits the datagram.
    pub fits: bool,
}

/// Reads a datagram.
pub fn datagram(bytes: &[u8]) -> Read<Datagram<'_>> {
    let mut r = Reader::new(bytes);
    if r.u8("version")? != 4 {
        return Err(Malformed::invalid("version", 0));
    }
    let kind = r.u8("packet type")?;
    if kind > 10 {
        return Err(Malformed::invalid("packet type", 1));
    }
    r.skip(2, "flags")?;
    let [order, float, zero] = r.array("data representation")?;
    if !matches!(order, 0x00 | 0x10) || float > 3 || zero != 0 {
        return Err(Malformed::invalid("data representation", 4));
    }
    let little = order == 0x10;
    r.skip(1 + 16, "object")?;
    let (interface, activity) = (guid(&mut r, little)?, guid(&mut r, little)?);
    r.skip(8, "boot time and version")?;
    let sequence = num32(&mut r, little)?;
    let opnum = num16(&mut r, little)?;
    r.skip(4, "hints")?;
    let length = usize::from(num16(&mut r, little)?);
    let fragment = num16(&mut r, little)?;
    r.skip(2, "authentication")?;
    let body = r.rest();
    let fits = body.len() == length;
    let body = body.get(..length).unwrap_or(body);
    Ok(Datagram { kind, little, interface, activity, sequence, opnum, fragment, body, fits })
}

/// A string of the network data representation: largest, offset and actual count, then UTF-16.
pub fn text<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    r.skip(8, "string")?;
    let count = r.le32("string length")? as usize;
    r.take(count.saturating_mul(2), "string")
}

/// Ports of the towers in an answer to `ept_map`.
pub fn tower_ports(stub: &[u8]) -> Read<Vec<u16>> {
    /// Towers read from one answer; clients ask for four.
    const MAX_TOWERS: usize = 32;
    let mut r = Reader::new(stub);
    r.skip(20, "entry handle")?;
    let count = (r.le32("tower count")? as usize).min(MAX_TOWERS);
    r.skip(12, "array")?;
    r.skip(count * 4, "pointers")?;
    let mut ports = Vec::new();
    for _ in 0..count {
        r.skip(4, "tower size")?;
        let length = r.le32("tower length")? as usize;
        let tower = r.take(length, "tower")?;
        let padding = length.next_multiple_of(4) - length;
        let mut floors = Reader::new(tower);
        for _ in 0..floors.le16("floor count")?.min(8) {
            let size = usize::from(floors.le16("floor")?);
            let left = floors.take(size, "floor")?;
            let size = usize::from(floors.le16("floor")?);
            let right = floors.take(size, "floor")?;
            // TCP and UDP ports, big-endian
            if let ([7 | 8], [high, low]) = (left, right) {
                ports.push(u16::from_be_bytes([*high, *low]));
            }
        }
        if r.skip(padding, "padding").is_err() {
            break;
        }
    }
    Ok(ports)
}

/// Network addresses in an answer to `ServerAlive2` ([MS-DCOM] 3.1.2.5.1.6): UTF-16, one each.
pub fn bindings(stub: &[u8]) -> Read<Vec<Vec<u8>>> {
    /// Addresses read from one answer.
    const MAX_BINDINGS: usize = 32;
    let mut r = Reader::new(stub);
    r.skip(4 + 4 + 4, "version and pointer")?;
    r.skip(4, "entry count and security offset")?;
    let mut list = Vec::new();
    while list.len() < MAX_BINDINGS && r.le16("tower id")? != 0 {
        let mut text = Vec::new();
        loop {
            let unit = r.array::<2>("address")?;
            if unit == [0, 0] {
                break;
            }
            text.extend(unit);
        }
        list.push(text);
    }
    Ok(list)
}
