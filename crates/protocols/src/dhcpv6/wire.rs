//! Bytes to message and options (RFC 8415, 8 and 21).

use model::Mac;
use std::net::Ipv6Addr;
use wire::{Malformed, Read, Reader};

/// Most options read at one level of a message. Clients send about ten.
pub const MAX_OPTIONS: usize = 64;
/// Relay agents one behind the other (HOP_COUNT_LIMIT, 7.6).
const MAX_RELAYS: usize = 8;

/// A client's or server's message, taken out of the relay agents' envelopes.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// `msg-type`.
    pub kind: u8,
    /// `transaction-id`.
    pub transaction: u32,
    /// Link and peer address of the innermost envelope.
    pub relay: Option<(Ipv6Addr, Ipv6Addr)>,
    options: Reader<'a>,
}

/// Reads a message.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let mut relay = None;
    for _ in 0..=MAX_RELAYS {
        let at = r.offset();
        let kind = r.u8("msg-type")?;
        match kind {
            12 | 13 => {
                r.skip(1, "hop-count")?;
                let link = Ipv6Addr::from(r.array::<16>("link-address")?);
                relay = Some((link, Ipv6Addr::from(r.array::<16>("peer-address")?)));
                let inner = Entries::new(r).flatten().find(|o| o.code == 9);
                match inner {
                    Some(option) => r = option.value,
                    None => return Err(Malformed::invalid("relay message option", at)),
                }
            }
            1..=37 => {
                let transaction = r.be24("transaction-id")?;
                return Ok(Message { kind, transaction, relay, options: r });
            }
            _ => return Err(Malformed::invalid("msg-type", at)),
        }
    }
    Err(Malformed::invalid("hop-count", 1))
}

impl<'a> Message<'a> {
    /// The options.
    pub fn options(&self) -> Entries<'a> {
        Entries::new(self.options)
    }

    /// The first option of this code.
    pub fn option(&self, code: u16) -> Option<Reader<'a>> {
        self.options().flatten().find(|o| o.code == code).map(|o| o.value)
    }

    /// There are options, all within the codes assigned so far, and they fill the message.
    pub fn fits(&self) -> bool {
        let mut count = 0;
        let fit = self.options().all(|option| {
            count += 1;
            option.is_ok_and(|o| (1..=255).contains(&o.code))
        });
        fit && count > 0
    }

    /// The first address given: in an association (3) its address (5), with its valid lifetime.
    pub fn address(&self) -> Option<(Ipv6Addr, u32)> {
        let mut association = self.option(3)?;
        association.skip(12, "IAID, T1, T2").ok()?;
        let mut r = Entries::new(association).flatten().find(|o| o.code == 5)?.value;
        let address = Ipv6Addr::from(r.array::<16>("address").ok()?);
        r.skip(4, "preferred lifetime").ok()?;
        Some((address, r.be32("valid lifetime").ok()?))
    }

    /// The first prefix given: in an association (25) its prefix (26).
    pub fn prefix(&self) -> Option<(Ipv6Addr, u8)> {
        let mut association = self.option(25)?;
        association.skip(12, "IAID, T1, T2").ok()?;
        let mut r = Entries::new(association).flatten().find(|o| o.code == 26)?.value;
        r.skip(8, "lifetimes").ok()?;
        let length = r.u8("prefix length").ok()?;
        Some((Ipv6Addr::from(r.array::<16>("prefix").ok()?), length))
    }

    /// The status: of the message, or of its address association.
    pub fn status(&self) -> Option<(u16, &'a [u8])> {
        let own = self.option(13);
        let inner = || {
            let mut association = self.option(3)?;
            association.skip(12, "IAID, T1, T2").ok()?;
            Entries::new(association).flatten().find(|o| o.code == 13).map(|o| o.value)
        };
        let mut r = own.or_else(inner)?;
        Some((r.be16("status code").ok()?, r.rest()))
    }
}

/// What an identifier (DUID, 11) is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duid {
    /// A hardware address of the device (types 1 and 3).
    Hardware(Mac),
    /// A maker's enterprise number and something of its own (type 2).
    Enterprise(u32),
    /// Anything else.
    Other,
}

/// Reads an identifier.
pub fn duid(mut r: Reader<'_>) -> Duid {
    let mut read = || -> Read<Duid> {
        let kind = r.be16("DUID type")?;
        if kind == 2 {
            return Ok(Duid::Enterprise(r.be32("enterprise number")?));
        }
        if !matches!(kind, 1 | 3) || r.be16("hardware type")? != 1 {
            return Ok(Duid::Other);
        }
        if kind == 1 {
            r.skip(4, "time")?;
        }
        let mac = Mac(r.array::<6>("link-layer address")?);
        Ok(if mac.is_zero() || mac.is_group() { Duid::Other } else { Duid::Hardware(mac) })
    };
    read().unwrap_or(Duid::Other)
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub code: u16,
    pub value: Reader<'a>,
}

/// Options up to the end, or the first that does not fit.
pub struct Entries<'a> {
    reader: Reader<'a>,
    count: usize,
    over: bool,
}

impl<'a> Entries<'a> {
    fn new(reader: Reader<'a>) -> Self {
        Entries { reader, count: 0, over: false }
    }

    fn read(&mut self) -> Read<Entry<'a>> {
        let code = self.reader.be16("option-code")?;
        let length = self.reader.be16("option-len")?;
        Ok(Entry { code, value: self.reader.sub(length.into(), "option")? })
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

/// Text of labels with dots between them, at most 255 bytes of it; a partial name has no end label.
pub struct Labels {
    text: [u8; 255],
    len: usize,
}

impl Labels {
    /// Reads a name.
    pub fn read(mut r: Reader<'_>) -> Labels {
        let mut name = Labels { text: [0; 255], len: 0 };
        while let Ok(length @ 1..=63) = r.u8("label") {
            let Ok(label) = r.take(length.into(), "label") else { break };
            let dot: &[u8] = if name.len > 0 { b"." } else { b"" };
            for byte in dot.iter().chain(label) {
                if let Some(place) = name.text.get_mut(name.len) {
                    *place = *byte;
                    name.len += 1;
                }
            }
        }
        name
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }
}
