//! Bytes to a message (IEC 61158-6-10, DCP-PDU).

use wire::{Malformed, Read, Reader};

/// What a message is in its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
    /// A response: the service is not supported.
    Unsupported,
}

/// One message behind its frame id.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub service: u8,
    pub kind: Kind,
    pub xid: u32,
    /// Response delay of an identify request.
    pub delay: u16,
    pub blocks: Reader<'a>,
}

/// Reads the header.
pub fn message<'a>(bytes: &'a [u8]) -> Read<Message<'a>> {
    let mut r = Reader::new(bytes);
    let service = r.u8("ServiceID")?;
    if !matches!(service, 3..=6) {
        return Err(Malformed::invalid("ServiceID", 0));
    }
    let kind = match r.u8("ServiceType")? {
        0 => Kind::Request,
        1 => Kind::Response,
        5 => Kind::Unsupported,
        _ => return Err(Malformed::invalid("ServiceType", 1)),
    };
    let xid = r.be32("Xid")?;
    let delay = r.be16("ResponseDelay")?;
    let length = r.be16("DCPDataLength")?;
    let blocks = r.sub(length.into(), "DCPData")?;
    Ok(Message { service, kind, xid, delay, blocks })
}

/// Most blocks read from one message. A station has about twelve options; a frame could hold 370 empty blocks.
pub const MAX_BLOCKS: usize = 64;

/// One option with its data.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    pub option: u8,
    pub suboption: u8,
    pub data: Reader<'a>,
}

/// Reads the next block; blocks begin at even offsets.
pub fn block<'a>(r: &mut Reader<'a>) -> Read<Block<'a>> {
    let (option, suboption) = (r.u8("Option")?, r.u8("Suboption")?);
    let length = r.be16("DCPBlockLength")?;
    let data = r.sub(length.into(), "DCPBlock")?;
    if length % 2 == 1 && !r.is_empty() {
        r.skip(1, "padding")?;
    }
    Ok(Block { option, suboption, data })
}
