//! Bytes to BPDU (IEEE 802.1Q, 14.4).

use core::fmt;
use model::Mac;
use wire::{Malformed, Read, Reader};

/// A bridge: priority (with the tree's number in its lower twelve bits) and hardware address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bridge {
    pub priority: u16,
    pub mac: Mac,
}

impl fmt::Display for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.priority, self.mac)
    }
}

/// What a BPDU says of the tree; a topology change notification says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    pub flags: u8,
    pub root: Bridge,
    pub cost: u32,
    pub bridge: Bridge,
    pub port: u16,
    /// In units of 1/256 s.
    pub hello: u16,
    /// Name of the region, of multiple spanning tree.
    pub region: &'a [u8],
}

/// One BPDU.
#[derive(Clone, Copy, Debug)]
pub struct Bpdu<'a> {
    pub version: u8,
    pub kind: u8,
    pub tree: Option<Tree<'a>>,
}

/// Reads a BPDU; what follows it in the frame is padding.
pub fn bpdu(bytes: &[u8]) -> Read<Bpdu<'_>> {
    let mut r = Reader::new(bytes);
    if r.be16("protocol identifier")? != 0 {
        return Err(Malformed::invalid("protocol identifier", 0));
    }
    let version = r.u8("protocol version identifier")?;
    let kind = r.u8("BPDU type")?;
    match (version, kind) {
        (_, 0x80) => return Ok(Bpdu { version, kind, tree: None }),
        (_, 0x00) | (2.., 0x02) => {}
        _ => return Err(Malformed::invalid("BPDU type", 3)),
    }
    let flags = r.u8("flags")?;
    let root = bridge(&mut r, "root identifier")?;
    let cost = r.be32("root path cost")?;
    let sender = bridge(&mut r, "bridge identifier")?;
    let port = r.be16("port identifier")?;
    r.skip(4, "message age and max age")?;
    let hello = r.be16("hello time")?;
    r.skip(2, "forward delay")?;
    // version 1 length, version 3 length, format selector, then the name of the configuration
    let name = |mut r: Reader<'_>| -> Option<()> { (r.be24("lengths").ok()? > 0 && r.u8("format").ok()? == 0).then_some(()) };
    let region = match (version, name(r)) {
        (3.., Some(())) => r.peek().get(4..36).and_then(|n| n.split(|b| *b == 0).next()).unwrap_or_default(),
        _ => &[],
    };
    Ok(Bpdu { version, kind, tree: Some(Tree { flags, root, cost, bridge: sender, port, hello, region }) })
}

fn bridge(r: &mut Reader<'_>, what: &'static str) -> Read<Bridge> {
    let priority = r.be16(what)?;
    Ok(Bridge { priority, mac: Mac(r.array::<6>(what)?) })
}
