//! Options of neighbour discovery (RFC 4861, 4.6): type, length in units of eight bytes, value.

use model::Mac;
use wire::{Malformed, Read, Reader};

/// Most options read from one message. Routers with many prefixes send under twenty.
pub const MAX_OPTIONS: usize = 64;

/// Source link-layer address.
pub const SOURCE: u8 = 1;
/// Target link-layer address.
pub const TARGET: u8 = 2;
/// A prefix of this link.
pub const PREFIX: u8 = 3;
/// Largest packet of this link.
pub const MTU: u8 = 5;
/// Name servers (RFC 8106).
pub const NAME_SERVERS: u8 = 25;
/// Search domains (RFC 8106).
pub const SEARCH: u8 = 31;

/// One option; the value begins behind the length.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub kind: u8,
    pub value: &'a [u8],
}

/// The options of a message, up to the end or the first that does not fit.
pub struct Entries<'a> {
    reader: Reader<'a>,
    count: usize,
    over: bool,
}

impl<'a> Entries<'a> {
    pub fn new(reader: Reader<'a>) -> Self {
        Entries { reader, count: 0, over: false }
    }

    /// More options than are read.
    pub fn is_cut(&self) -> bool {
        self.count >= MAX_OPTIONS
    }

    fn read(&mut self) -> Read<Entry<'a>> {
        let at = self.reader.offset();
        let kind = self.reader.u8("option type")?;
        let units = self.reader.u8("option length")?;
        let Some(size) = (usize::from(units) * 8).checked_sub(2) else {
            return Err(Malformed::invalid("option length", at + 1));
        };
        Ok(Entry { kind, value: self.reader.take(size, "option")? })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Read<Entry<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.reader.is_empty() || self.count >= MAX_OPTIONS {
            return None;
        }
        self.count += 1;
        let read = self.read();
        self.over = read.is_err();
        Some(read)
    }
}

/// The hardware address in an option of this kind.
pub fn link_layer(reader: Reader<'_>, kind: u8) -> Option<Mac> {
    let entry = Entries::new(reader).flatten().find(|e| e.kind == kind)?;
    entry.value.first_chunk::<6>().map(|b| Mac(*b)).filter(|mac| !mac.is_zero() && !mac.is_group())
}
