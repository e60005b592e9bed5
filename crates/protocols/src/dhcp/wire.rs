//! Bytes to message (RFC 2131, 2) and options (RFC 2132, 2).

use model::Mac;
use std::net::Ipv4Addr;
use wire::{Malformed, Read, Reader};

/// What stands in front of options (RFC 2132, 2).
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Most options read from one message. Windows asks with about ten, servers answer with under thirty.
pub const MAX_OPTIONS: usize = 128;
/// RFC 1542, 4.1.1: a message that went through more relay agents is dropped.
const MAX_HOPS: u8 = 16;

/// A message without its options.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// `op` is BOOTREPLY.
    pub reply: bool,
    /// `xid`.
    pub transaction: u32,
    /// `ciaddr`: the client's address, where it has one.
    pub client_address: Ipv4Addr,
    /// `yiaddr`: the address given to the client.
    pub your_address: Ipv4Addr,
    /// `siaddr`: next server.
    pub server_address: Ipv4Addr,
    /// `giaddr`: relay agent.
    pub relay: Ipv4Addr,
    /// `chaddr`, where it is an IEEE 802 address.
    pub client: Option<Mac>,
    /// `sname` and `file`.
    sname: &'a [u8],
    file: &'a [u8],
    /// The cookie is there: options follow.
    pub cookie: bool,
    options: Reader<'a>,
}

/// Reads the fixed part.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let op = r.u8("op")?;
    if !matches!(op, 1 | 2) {
        return Err(Malformed::invalid("op", 0));
    }
    let hardware = r.u8("htype")?;
    let length = r.u8("hlen")?;
    if length > 16 {
        return Err(Malformed::invalid("hlen", 2));
    }
    if r.u8("hops")? > MAX_HOPS {
        return Err(Malformed::invalid("hops", 3));
    }
    let transaction = r.be32("xid")?;
    r.skip(2, "secs")?;
    if r.be16("flags")? & 0x7fff != 0 {
        return Err(Malformed::invalid("flags", 10));
    }
    let mut ip = |what| r.array::<4>(what).map(Ipv4Addr::from);
    let (client_address, your_address) = (ip("ciaddr")?, ip("yiaddr")?);
    let (server_address, relay) = (ip("siaddr")?, ip("giaddr")?);
    let chaddr = r.take(16, "chaddr")?;
    let mac = chaddr.first_chunk::<6>().map(|b| Mac(*b)).filter(|mac| !mac.is_zero() && !mac.is_group());
    let client = mac.filter(|_| matches!((hardware, length), (1 | 6, 6)));
    let (sname, file) = (r.take(64, "sname")?, r.take(128, "file")?);
    let cookie = r.peek().starts_with(&COOKIE);
    if cookie {
        r.skip(4, "cookie")?;
    }
    Ok(Message {
        reply: op == 2,
        transaction,
        client_address,
        your_address,
        server_address,
        relay,
        client,
        sname,
        file,
        cookie,
        options: r,
    })
}

impl<'a> Message<'a> {
    /// The options, those of the overloaded fields behind the others (option 52).
    pub fn options(&self) -> impl Iterator<Item = Read<Entry<'a>>> + use<'a> {
        let own = || Entries { reader: if self.cookie { self.options } else { Reader::new(&[]) }, over: false };
        let overload = own().flatten().find(|o| o.code == 52).and_then(|o| o.value.first().copied()).unwrap_or(0);
        let field = |bit: u8, bytes: &'a [u8]| Entries { reader: Reader::new(bytes), over: overload & bit == 0 };
        own().chain(field(1, self.file)).chain(field(2, self.sname)).take(MAX_OPTIONS)
    }

    /// The first option of this code.
    pub fn option(&self, code: u8) -> Option<&'a [u8]> {
        self.options().flatten().find(|o| o.code == code).map(|o| o.value)
    }

    /// The first address in an option.
    pub fn address(&self, code: u8) -> Option<Ipv4Addr> {
        addresses(self.option(code)?).next()
    }

    /// Option 53.
    pub fn kind(&self) -> Option<u8> {
        match self.option(53)? {
            [kind] => Some(*kind),
            _ => None,
        }
    }

    /// `file`, unless options lie there.
    pub fn file(&self) -> &'a [u8] {
        let overloaded = self.option(52).and_then(|v| v.first()).is_some_and(|bits| bits & 1 != 0);
        let named = self.file.split(|b| *b == 0).next().unwrap_or_default();
        self.option(67).or((!overloaded).then_some(named)).unwrap_or_default()
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub code: u8,
    pub value: &'a [u8],
}

/// Options up to the end option, the end of the field, or the first that does not fit.
struct Entries<'a> {
    reader: Reader<'a>,
    over: bool,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Read<Entry<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.reader.u8("option code").ok()? {
                0 => {}
                255 => self.over = true,
                code => {
                    let value = self.reader.u8("option length").and_then(|n| self.reader.take(n.into(), "option"));
                    self.over = value.is_err();
                    return Some(value.map(|value| Entry { code, value }));
                }
            }
        }
        None
    }
}

/// A list of addresses.
pub fn addresses(value: &[u8]) -> impl Iterator<Item = Ipv4Addr> + '_ {
    value.as_chunks::<4>().0.iter().map(|b| Ipv4Addr::from(*b)).filter(|a| !a.is_unspecified() && !a.is_broadcast())
}
