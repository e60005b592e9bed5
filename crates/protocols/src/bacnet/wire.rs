//! Bytes to headers: BVLC (annexes J and U), NPDU (clause 6), APDU (clause 20.1), tags (clause 20.2.1). Stateless.

use model::{Hop, Path};
use wire::{Malformed, Read, Reader};

/// BVLC type of BACnet/IP.
pub const TYPE_IP: u8 = 0x81;
/// BVLC type of BACnet/IPv6.
pub const TYPE_IPV6: u8 = 0x82;

/// A station: network number and hardware address there, up to 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station {
    /// Network number; 0xffff is all networks.
    pub network: u16,
    /// Address, big-endian.
    pub mac: u64,
    /// Length of the address; 0 is everyone there.
    pub len: u8,
}

impl Station {
    /// The way to it from the router in front.
    pub fn path(self) -> Path {
        Path::of(Hop::Remote { network: self.network, mac: self.mac, len: self.len })
    }
}

/// The network layer's header.
#[derive(Clone, Copy, Debug)]
pub struct Npdu {
    /// A network layer message follows, else an APDU.
    pub network_message: bool,
    /// The message is for a station on another network.
    pub to: Option<Station>,
    /// The message comes from a station on another network.
    pub from: Option<Station>,
}

fn station(r: &mut Reader<'_>, what: &'static str) -> Read<Station> {
    let network = r.be16("network number")?;
    let at = r.offset();
    let len = r.u8(what)?;
    if len > 8 {
        return Err(Malformed::invalid(what, at));
    }
    Ok(Station { network, mac: r.be_uint(len.into(), "station address")?, len })
}

/// Reads the network layer's header.
pub fn npdu(r: &mut Reader<'_>) -> Read<Npdu> {
    let at = r.offset();
    if r.u8("NPDU version")? != 1 {
        return Err(Malformed::invalid("NPDU version", at));
    }
    let at = r.offset();
    let control = r.u8("NPDU control")?;
    if control & 0x50 != 0 {
        return Err(Malformed::invalid("NPDU control", at));
    }
    let to = if control & 0x20 != 0 { Some(station(r, "DLEN")?) } else { None };
    let from = if control & 0x08 != 0 { Some(station(r, "SLEN")?) } else { None };
    if to.is_some() {
        r.skip(1, "hop count")?;
    }
    // nobody sends from everywhere
    if from.is_some_and(|s| s.len == 0 || s.network == 0xffff) {
        return Err(Malformed::invalid("SLEN", at));
    }
    Ok(Npdu { network_message: control & 0x80 != 0, to, from })
}

/// A piece of a message that was too long for one APDU.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Sequence number, modulo 256.
    pub sequence: u8,
    /// More follow.
    pub more: bool,
}

/// The application layer's header; what follows it is the service's parameters.
#[derive(Clone, Copy, Debug)]
pub enum Apdu {
    /// Confirmed-Request.
    Confirmed { invoke: u8, service: u8, segment: Option<Segment> },
    /// Unconfirmed-Request.
    Unconfirmed { service: u8 },
    /// SimpleACK.
    Simple { invoke: u8, service: u8 },
    /// ComplexACK.
    Complex { invoke: u8, service: u8, segment: Option<Segment> },
    /// SegmentACK.
    SegmentAck,
    /// Error.
    Error { invoke: u8, service: u8 },
    /// Reject.
    Reject { invoke: u8, reason: u8 },
    /// Abort; by the server or by the client.
    Abort { invoke: u8, reason: u8, server: bool },
}

/// Reads the application layer's header.
pub fn apdu(r: &mut Reader<'_>) -> Read<Apdu> {
    let at = r.offset();
    let first = r.u8("PDU type")?;
    let segment = |r: &mut Reader<'_>| -> Read<Option<Segment>> {
        if first & 0x08 == 0 {
            return Ok(None);
        }
        let sequence = r.u8("sequence number")?;
        r.skip(1, "proposed window size")?;
        Ok(Some(Segment { sequence, more: first & 0x04 != 0 }))
    };
    Ok(match first >> 4 {
        0 => {
            r.skip(1, "maximum response")?;
            let invoke = r.u8("invoke id")?;
            let segment = segment(r)?;
            Apdu::Confirmed { invoke, segment, service: r.u8("service choice")? }
        }
        1 => Apdu::Unconfirmed { service: r.u8("service choice")? },
        2 => Apdu::Simple { invoke: r.u8("invoke id")?, service: r.u8("service choice")? },
        3 => {
            let invoke = r.u8("invoke id")?;
            let segment = segment(r)?;
            Apdu::Complex { invoke, segment, service: r.u8("service choice")? }
        }
        4 => {
            r.skip(3, "invoke id, sequence number, window size")?;
            Apdu::SegmentAck
        }
        5 => Apdu::Error { invoke: r.u8("invoke id")?, service: r.u8("service choice")? },
        6 => Apdu::Reject { invoke: r.u8("invoke id")?, reason: r.u8("reject reason")? },
        7 => Apdu::Abort { invoke: r.u8("invoke id")?, reason: r.u8("abort reason")?, server: first & 1 != 0 },
        _ => return Err(Malformed::invalid("PDU type", at)),
    })
}

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value of an application type; the number is the type.
    Application,
    /// A value whose place in the service gives its type.
    Context,
    /// Constructed data begins.
    Open,
    /// Constructed data ends.
    Close,
}

/// One tag with its contents.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// Kind.
    pub kind: Kind,
    /// Tag number.
    pub number: u8,
    /// Length or value field: an application boolean has its value here.
    pub field: u32,
    /// Contents.
    pub bytes: &'a [u8],
}

impl Tag<'_> {
    /// Whether this opens constructed data of this number.
    pub fn opens(&self, number: u8) -> bool {
        self.kind == Kind::Open && self.number == number
    }
}

/// Reads one tag.
pub fn tag<'a>(r: &mut Reader<'a>) -> Read<Tag<'a>> {
    let at = r.offset();
    let first = r.u8("tag")?;
    let number = match first >> 4 {
        15 => r.u8("extended tag number")?,
        n => n,
    };
    let context = first & 0x08 != 0;
    let field = match first & 7 {
        6 | 7 if context => {
            let kind = if first & 7 == 6 { Kind::Open } else { Kind::Close };
            return Ok(Tag { kind, number, field: 0, bytes: &[] });
        }
        5 => match r.u8("extended length")? {
            254 => r.be16("extended length")?.into(),
            255 => r.be32("extended length")?,
            n => n.into(),
        },
        n @ (6 | 7) => return Err(Malformed::invalid("tag", at.saturating_add(usize::from(n > 7)))),
        n => n.into(),
    };
    if !context && number > 12 {
        return Err(Malformed::invalid("application tag number", at));
    }
    // an application boolean carries its value in the length field
    let length = if !context && number == 1 { 0 } else { field };
    let bytes = r.take(length as usize, "tag contents")?;
    Ok(Tag { kind: if context { Kind::Context } else { Kind::Application }, number, field, bytes })
}

/// Skips to behind the closing tag that belongs to an opening tag just read.
pub fn skip_open(r: &mut Reader<'_>) -> Read<()> {
    let mut depth = 1u32;
    while depth > 0 {
        match tag(r)?.kind {
            Kind::Open => depth = depth.saturating_add(1),
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Unsigned, enumerated, object identifier: up to 8 bytes, big-endian.
pub fn unsigned(bytes: &[u8]) -> Option<u64> {
    let fits = !bytes.is_empty() && bytes.len() <= 8;
    fits.then(|| bytes.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
}

/// Signed: up to 8 bytes, two's complement.
pub fn signed(bytes: &[u8]) -> Option<i64> {
    let value = unsigned(bytes)?;
    let unused = 64 - 8 * bytes.len() as u32;
    Some((value << unused) as i64 >> unused)
}
