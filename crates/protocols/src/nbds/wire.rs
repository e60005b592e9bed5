//! Bytes to datagram (RFC 1002, 4.4) and to the mailslot message inside ([MS-CIFS] 2.2.4.33).

use crate::common::dns::NetbiosName;
use std::net::Ipv4Addr;
use wire::{Malformed, Read, Reader};

/// Size of an SMB header in bytes.
const SMB_HEADER: usize = 32;

/// One datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Message type.
    pub kind: u8,
    /// Address of the sender, in its own words.
    pub source: Ipv4Addr,
    /// Sender and receiver, in types that carry data.
    pub names: Option<(NetbiosName, NetbiosName)>,
    /// The mailslot's name and its message, where the data is one.
    pub mail: Option<(&'a [u8], &'a [u8])>,
}

/// Reads a datagram.
pub fn datagram(bytes: &[u8]) -> Read<Datagram<'_>> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("MSG_TYPE")?;
    if !(0x10..=0x16).contains(&kind) {
        return Err(Malformed::invalid("MSG_TYPE", 0));
    }
    r.skip(3, "FLAGS and DGM_ID")?;
    let source = Ipv4Addr::from(r.array::<4>("SOURCE_IP")?);
    r.skip(2, "SOURCE_PORT")?;
    if kind > 0x12 {
        return Ok(Datagram { kind, source, names: None, mail: None });
    }
    let length = r.be16("DGM_LENGTH")?;
    r.skip(2, "PACKET_OFFSET")?;
    let mut body = match r.left() < usize::from(length) {
        // some senders count the header, too
        true => r,
        false => r.sub(length.into(), "DGM_LENGTH")?,
    };
    let from = name(&mut body, "SOURCE_NAME")?;
    let to = name(&mut body, "DESTINATION_NAME")?;
    Ok(Datagram { kind, source, names: Some((from, to)), mail: mail(body.rest()) })
}

fn name(r: &mut Reader<'_>, what: &'static str) -> Read<NetbiosName> {
    let at = r.offset();
    let length = r.u8(what)?;
    let decoded = NetbiosName::decode(r.take(length.into(), what)?).ok_or(Malformed::invalid(what, at))?;
    // labels of the scope
    loop {
        match usize::from(r.u8(what)?) {
            0 => return Ok(decoded),
            label @ 1..=63 => r.skip(label, what)?,
            _ => return Err(Malformed::invalid(what, at)),
        }
    }
}

/// An SMB transaction to a mailslot: name and data.
fn mail(smb: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut r = Reader::new(smb);
    if r.array::<4>("protocol").ok()? != [0xff, b'S', b'M', b'B'] || r.u8("command").ok()? != 0x25 {
        return None;
    }
    r.skip(SMB_HEADER - 5, "header").ok()?;
    let words = r.u8("word count").ok()?;
    let mut setup = r.sub(usize::from(words) * 2, "words").ok()?;
    setup.skip(22, "counts, flags and time-out").ok()?;
    let count = setup.le16("data count").ok()?;
    let offset = setup.le16("data offset").ok()?;
    r.skip(2, "byte count").ok()?;
    let name = r.peek().split(|b| *b == 0).next()?;
    let data = smb.get(usize::from(offset)..)?;
    Some((name, data.get(..usize::from(count).min(data.len()))?))
}
