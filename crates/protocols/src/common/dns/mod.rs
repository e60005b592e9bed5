//! The message form of DNS (RFC 1035, 4), which multicast DNS, LLMNR and the NetBIOS name service share.

mod name;
mod show;

pub use name::Name;
pub use show::{push_answers, value};

use wire::{Read, Reader};

/// Records looked at per message. Answers hold a few; a zone transfer over TCP fills 64 KiB with thousands, of which
/// nobody needs to see more.
pub const MAX_RECORDS: usize = 256;
/// Size of the header in bytes.
const HEADER: usize = 12;

/// Types this project looks into.
pub const A: u16 = 1;
pub const NS: u16 = 2;
pub const CNAME: u16 = 5;
pub const SOA: u16 = 6;
pub const PTR: u16 = 12;
pub const MX: u16 = 15;
pub const TXT: u16 = 16;
pub const AAAA: u16 = 28;
pub const SRV: u16 = 33;
pub const OPT: u16 = 41;
pub const IXFR: u16 = 251;
pub const AXFR: u16 = 252;

/// Which part of a message a record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What is asked (RFC 2136: the zone).
    Question,
    /// Answers (the prerequisites of an update).
    Answer,
    /// Authorities (the changes of an update).
    Authority,
    /// Anything that helps.
    Additional,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The whole message: compressed names point into it.
    bytes: &'a [u8],
    /// Identifier.
    pub id: u16,
    /// The sixteen bits behind it.
    pub flags: u16,
    counts: [u16; 4],
}

/// Reads the header.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let id = r.be16("ID")?;
    let flags = r.be16("flags")?;
    let counts = [r.be16("QDCOUNT")?, r.be16("ANCOUNT")?, r.be16("NSCOUNT")?, r.be16("ARCOUNT")?];
    Ok(Message { bytes, id, flags, counts })
}

/// A question, or a record without its data.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Where it stands.
    pub section: Section,
    /// Its owner.
    pub name: Name<'a>,
    /// Type.
    pub kind: u16,
    /// Class, with the top bit that multicast DNS uses for other ends.
    pub class: u16,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// Data; empty for questions.
    pub data: &'a [u8],
    /// Where the data begins in the message.
    pub data_at: usize,
    whole: &'a [u8],
}

impl<'a> Message<'a> {
    /// Response rather than query.
    pub fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Kind of query.
    pub fn opcode(&self) -> u8 {
        (self.flags >> 11 & 0xf) as u8
    }

    /// Response code in the header.
    pub fn rcode(&self) -> u8 {
        (self.flags & 0xf) as u8
    }

    /// Whether a bit of the flags is set.
    pub fn has(&self, bit: u16) -> bool {
        self.flags & bit != 0
    }

    /// How many records a section says it has.
    pub fn count(&self, section: Section) -> u16 {
        let [questions, answers, authorities, additional] = self.counts;
        match section {
            Section::Question => questions,
            Section::Answer => answers,
            Section::Authority => authorities,
            Section::Additional => additional,
        }
    }

    /// Questions and records in order, up to the first that cannot be read.
    pub fn records(&self) -> Records<'a> {
        Records { message: *self, at: HEADER, left: self.counts, count: 0, over: false }
    }

    /// The records of one section that can be read.
    pub fn section(&self, section: Section) -> impl Iterator<Item = Record<'a>> + use<'a> {
        self.records().flatten().filter(move |r| r.section == section)
    }

    /// The first question.
    pub fn question(&self) -> Option<Record<'a>> {
        self.section(Section::Question).next()
    }

    /// More records than are looked at.
    pub fn is_long(&self) -> bool {
        self.counts.iter().map(|n| usize::from(*n)).sum::<usize>() > MAX_RECORDS
    }

    /// Every record can be read and nothing follows: what identification asks.
    pub fn fits(&self) -> bool {
        let mut records = self.records();
        records.by_ref().all(|r| r.is_ok_and(|r| r.name.labels().all(|l| l.is_ok())))
            && (records.at == self.bytes.len() || self.is_long())
    }
}

/// The records of a message.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    message: Message<'a>,
    at: usize,
    left: [u16; 4],
    count: usize,
    over: bool,
}

impl<'a> Records<'a> {
    fn read(&mut self, section: Section) -> Read<Record<'a>> {
        let whole = self.message.bytes;
        let (name, end) = Name::read(whole, self.at)?;
        let mut r = Reader::new(whole);
        r.skip(end, "name")?;
        let kind = r.be16("TYPE")?;
        let class = r.be16("CLASS")?;
        let mut record = Record { section, name, kind, class, ttl: 0, data: &[], data_at: r.offset(), whole };
        if section != Section::Question {
            record.ttl = r.be32("TTL")?;
            let length = r.be16("RDLENGTH")?;
            record.data_at = r.offset();
            record.data = r.take(length.into(), "RDATA")?;
        }
        self.at = r.offset();
        Ok(record)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Read<Record<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.count >= MAX_RECORDS {
            return None;
        }
        let sections = [Section::Question, Section::Answer, Section::Authority, Section::Additional];
        let (left, section) = self.left.iter_mut().zip(sections).find(|(left, _)| **left > 0)?;
        *left -= 1;
        self.count += 1;
        let read = self.read(section);
        self.over = read.is_err();
        Some(read)
    }
}

impl<'a> Record<'a> {
    /// The address of an A or AAAA record.
    pub fn address(&self) -> Option<std::net::IpAddr> {
        match self.kind {
            A => <[u8; 4]>::try_from(self.data).ok().map(std::net::IpAddr::from),
            AAAA => <[u8; 16]>::try_from(self.data).ok().map(std::net::IpAddr::from),
            _ => None,
        }
    }

    /// The name in the data, behind `skip` bytes (0 for PTR, NS, CNAME; 2 for MX; 6 for SRV).
    pub fn target(&self, skip: usize) -> Option<Name<'a>> {
        let at = self.data_at + skip;
        let (name, end) = Name::read(self.whole, at).ok()?;
        (end <= self.data_at + self.data.len()).then_some(name)
    }

    /// The port of an SRV record.
    pub fn port(&self) -> Option<u16> {
        let mut r = Reader::new(self.data);
        r.skip(4, "priority and weight").ok()?;
        r.be16("port").ok()
    }

    /// The strings of a TXT record.
    pub fn strings(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut r = Reader::new(self.data);
        core::iter::from_fn(move || {
            let length = r.u8("length").ok()?;
            r.take(length.into(), "string").ok()
        })
    }
}

/// Name of a type, where it has one (IANA registry).
pub fn kind_name(kind: u16) -> Option<&'static str> {
    Some(match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        10 => "NULL",
        11 => "WKS",
        12 => "PTR",
        13 => "HINFO",
        14 => "MINFO",
        15 => "MX",
        16 => "TXT",
        17 => "RP",
        18 => "AFSDB",
        24 => "SIG",
        25 => "KEY",
        28 => "AAAA",
        29 => "LOC",
        33 => "SRV",
        35 => "NAPTR",
        37 => "CERT",
        39 => "DNAME",
        41 => "OPT",
        43 => "DS",
        44 => "SSHFP",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        49 => "DHCID",
        50 => "NSEC3",
        52 => "TLSA",
        64 => "SVCB",
        65 => "HTTPS",
        99 => "SPF",
        249 => "TKEY",
        250 => "TSIG",
        251 => "IXFR",
        252 => "AXFR",
        255 => "ANY",
        256 => "URI",
        257 => "CAA",
        65281 => "WINS",
        _ => return None,
    })
}
