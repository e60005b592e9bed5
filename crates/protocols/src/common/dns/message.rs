//! Bytes to message (RFC 1035, clause 4). Stateless, without allocation.
//!
//! ```text
//! | id 2 | QR 1 bit, opcode 4, flags 7, response code 4 | four counts of 2 | questions | answers | authority | additional |
//! question: name, type 2, class 2        record: name, type 2, class 2, time to live 4, length 2, data
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the header.
const HEADER: usize = 12;
/// Longest name on the wire, in bytes (RFC 1035, 2.3.4); also bounds how many labels are followed.
const MAX_NAME: usize = 255;
/// Most compression pointers followed in one name: each must lead to an earlier label, so more than the labels a name
/// can have is an attack.
const MAX_POINTERS: usize = 127;
/// Most questions of a message: multicast DNS was seen to ask 81 at once; larger counts are not this protocol.
const MAX_QUESTIONS: usize = 256;

/// Types of records that are looked at by number.
pub mod kind {
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const PTR: u16 = 12;
    pub const HINFO: u16 = 13;
    pub const MX: u16 = 15;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const NB: u16 = 32;
    pub const SRV: u16 = 33;
    pub const NBSTAT: u16 = 33;
    pub const DNAME: u16 = 39;
    pub const OPT: u16 = 41;
    pub const TSIG: u16 = 250;
    pub const IXFR: u16 = 251;
    pub const AXFR: u16 = 252;
}

/// A header, and the bytes behind it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Transaction id.
    pub id: u16,
    /// Flags, with opcode and response code.
    pub flags: u16,
    /// Questions, answers, authority records, additional records.
    pub counts: [u16; 4],
    whole: &'a [u8],
}

/// Reads a header.
pub fn message(bytes: &[u8]) -> Read<Message<'_>> {
    let mut r = Reader::new(bytes);
    let (id, flags) = (r.be16("id")?, r.be16("flags")?);
    let mut counts = [0; 4];
    for count in &mut counts {
        *count = r.be16("count")?;
    }
    Ok(Message { id, flags, counts, whole: bytes })
}

/// The length in front of a message on a stream (RFC 1035, 4.2.2) and the message, as far as it is here.
pub fn length_prefix(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut r = Reader::new(bytes);
    let length = usize::from(r.be16("length").ok()?);
    let rest = r.rest();
    Some((length, rest.get(..length).unwrap_or(rest)))
}

impl<'a> Message<'a> {
    /// An answer.
    pub fn is_response(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// Kind of the message.
    pub fn opcode(&self) -> u8 {
        (self.flags >> 11 & 15) as u8
    }

    /// The answer is the server's own knowledge.
    pub fn is_authoritative(&self) -> bool {
        self.flags & 0x0400 != 0
    }

    /// The answer did not fit.
    pub fn is_truncated(&self) -> bool {
        self.flags & 0x0200 != 0
    }

    /// Recursion is offered.
    pub fn recursion_available(&self) -> bool {
        self.flags & 0x0080 != 0
    }

    /// The response code of the header alone.
    pub fn code(&self) -> u16 {
        self.flags & 15
    }

    /// The response code with the upper bits that an OPT record adds (RFC 6891, 6.1.3).
    pub fn full_code(&self) -> u16 {
        let opt = self.records().flatten().find(|r| r.kind == kind::OPT && r.section == Section::Additional);
        opt.map_or(0, |r| (r.ttl >> 24 << 4) as u16) | self.code()
    }

    /// Whether the header could be one of a message of this length: few questions, something in it, not more than fits.
    pub fn is_plausible(&self, length: usize) -> bool {
        let [questions, answers, authority, additional] = self.counts.map(usize::from);
        // the shortest question has 5 bytes, the shortest record 11
        let least = HEADER + questions * 5 + (answers + authority + additional) * 11;
        let something = questions + answers + authority > 0 || (self.is_response() && self.code() != 0);
        something && questions <= MAX_QUESTIONS && (least <= length || self.is_truncated())
    }

    /// The questions; ends behind the first that is broken.
    pub fn questions(&self) -> impl Iterator<Item = Read<Question<'a>>> + use<'a> {
        let (whole, mut left) = (self.whole, self.counts.first().copied().unwrap_or_default());
        let mut r = Reader::new(whole);
        let _ = r.skip(HEADER, "header");
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let question = read_question(&mut r, whole);
            if question.is_err() {
                left = 0;
            }
            Some(question)
        })
    }

    /// The first question, where it can be read.
    pub fn question(&self) -> Option<Question<'a>> {
        self.questions().next().and_then(Result::ok)
    }

    /// The records of all sections; ends behind the first that is broken.
    pub fn records(&self) -> Records<'a> {
        let mut r = Reader::new(self.whole);
        let mut broken = r.skip(HEADER, "header").err();
        for _ in 0..self.counts.first().copied().unwrap_or_default() {
            if broken.is_none() {
                broken = read_question(&mut r, self.whole).err();
            }
        }
        Records { r, whole: self.whole, counts: self.counts, section: 1, broken }
    }

    /// The records of the answer section.
    pub fn answers(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        self.records().flatten().take_while(|r| r.section == Section::Answer)
    }

    /// What is wrong with the message, if anything.
    pub fn error(&self) -> Option<Malformed> {
        let mut records = self.records();
        if let Some(error) = records.by_ref().find_map(Result::err) {
            return Some(error);
        }
        let left = records.left();
        (left > 0).then(|| Malformed::invalid("bytes behind the last record", self.whole.len() - left))
    }
}

/// Which part of a message a record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Answer,
    Authority,
    Additional,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub name: Name<'a>,
    pub kind: u16,
    pub class: u16,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub section: Section,
    pub name: Name<'a>,
    pub kind: u16,
    pub class: u16,
    pub ttl: u32,
    pub data: &'a [u8],
    /// Where the data stands in the message.
    at: usize,
    whole: &'a [u8],
}

impl<'a> Record<'a> {
    /// A name that begins so many bytes into the data (it may be compressed).
    pub fn name_at(&self, skip: usize) -> Option<Name<'a>> {
        let mut r = Reader::new(self.whole.get(..self.at.checked_add(self.data.len())?)?);
        r.skip(self.at.checked_add(skip)?, "data").ok()?;
        read_name(&mut r, self.whole).ok()
    }

    /// Two names that follow each other.
    pub fn two_names(&self) -> Option<(Name<'a>, Name<'a>, &'a [u8])> {
        let mut r = Reader::new(self.whole.get(..self.at.checked_add(self.data.len())?)?);
        r.skip(self.at, "data").ok()?;
        let first = read_name(&mut r, self.whole).ok()?;
        let second = read_name(&mut r, self.whole).ok()?;
        Some((first, second, r.rest()))
    }

    /// The strings of a text record.
    pub fn strings(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut r = Reader::new(self.data);
        core::iter::from_fn(move || {
            let length = r.u8("length").ok()?;
            r.take(length.into(), "string").ok()
        })
    }

    /// The address of an A or AAAA record.
    pub fn ip(&self) -> Option<core::net::IpAddr> {
        match self.kind {
            kind::A => <[u8; 4]>::try_from(self.data).ok().map(Into::into),
            kind::AAAA => <[u8; 16]>::try_from(self.data).ok().map(Into::into),
            _ => None,
        }
    }

    /// Port and host of a service record.
    pub fn service(&self) -> Option<(u16, Name<'a>)> {
        let mut r = Reader::new(self.data);
        r.skip(4, "priority and weight").ok()?;
        Some((r.be16("port").ok()?, self.name_at(6)?))
    }
}

/// Walks over the records.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    r: Reader<'a>,
    whole: &'a [u8],
    counts: [u16; 4],
    section: usize,
    broken: Option<Malformed>,
}

impl Records<'_> {
    /// Bytes behind what was read.
    pub fn left(&self) -> usize {
        self.r.left()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Read<Record<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.broken.take() {
            self.section = self.counts.len();
            return Some(Err(error));
        }
        loop {
            let left = self.counts.get_mut(self.section)?;
            if *left > 0 {
                *left -= 1;
                break;
            }
            self.section += 1;
        }
        let section = match self.section {
            1 => Section::Answer,
            2 => Section::Authority,
            _ => Section::Additional,
        };
        let record = read_record(&mut self.r, self.whole, section);
        if record.is_err() {
            self.section = self.counts.len();
        }
        Some(record)
    }
}

fn read_question<'a>(r: &mut Reader<'a>, whole: &'a [u8]) -> Read<Question<'a>> {
    let name = read_name(r, whole)?;
    Ok(Question { name, kind: r.be16("question type")?, class: r.be16("question class")? })
}

fn read_record<'a>(r: &mut Reader<'a>, whole: &'a [u8], section: Section) -> Read<Record<'a>> {
    let name = read_name(r, whole)?;
    let (kind, class, ttl) = (r.be16("type")?, r.be16("class")?, r.be32("time to live")?);
    let length = r.be16("data length")?;
    let at = r.offset();
    let data = r.take(length.into(), "data")?;
    Ok(Record { section, name, kind, class, ttl, data, at, whole })
}

/// Reads a name and checks all of it, compression included.
fn read_name<'a>(r: &mut Reader<'a>, whole: &'a [u8]) -> Read<Name<'a>> {
    let at = r.offset();
    let mut walk = Walk { whole, at, pointers: 0, length: 0 };
    while walk.step()?.is_some() {}
    // in place a name ends with its root label or its first pointer
    loop {
        match r.u8("label length")? {
            0 => break,
            length if length >= 0xc0 => {
                r.skip(1, "compression pointer")?;
                break;
            }
            length => r.skip(length.into(), "label")?,
        }
    }
    Ok(Name { whole, at })
}

/// A name whose form was checked.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Name<'a> {
    /// The labels, without the root.
    pub fn labels(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut walk = Walk { whole: self.whole, at: self.at, pointers: 0, length: 0 };
        core::iter::from_fn(move || walk.step().ok().flatten())
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// Whether no label has control characters.
    pub fn is_printable(&self) -> bool {
        self.labels().all(|l| l.iter().all(|b| *b >= 0x20 && *b != 0x7f))
    }

    /// Writes the name with dots between the labels; a dot inside a label is written `\.` (RFC 4343, 2.1).
    pub fn write(&self, text: &mut Vec<u8>) {
        for (n, label) in self.labels().enumerate() {
            if n > 0 {
                text.push(b'.');
            }
            for b in label {
                if matches!(b, b'.' | b'\\') {
                    text.push(b'\\');
                }
                text.push(*b);
            }
        }
        if self.is_root() {
            text.push(b'.');
        }
    }

    /// The name as text.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(64);
        self.write(&mut text);
        text
    }

    /// Whether two names are the same, whatever the case.
    pub fn is(&self, other: &Name<'_>) -> bool {
        self.labels().map(Label).eq(other.labels().map(Label))
    }

    /// A number that equal names share.
    pub fn hash(&self) -> u64 {
        // FNV-1a: only tells questions of one conversation apart
        let step = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        self.labels()
            .fold(0xcbf2_9ce4_8422_2325, |h, l| l.iter().fold(step(h, b'.'), |h, b| step(h, b.to_ascii_lowercase())))
    }
}

struct Label<'a>(&'a [u8]);

impl PartialEq for Label<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

struct Walk<'a> {
    whole: &'a [u8],
    at: usize,
    pointers: usize,
    length: usize,
}

impl<'a> Walk<'a> {
    /// The next label; `None` at the root.
    fn step(&mut self) -> Read<Option<&'a [u8]>> {
        loop {
            let mut r = Reader::new(self.whole);
            r.skip(self.at, "compression pointer")?;
            let length = r.u8("label length")?;
            match length {
                0 => return Ok(None),
                1..=63 => {
                    let label = r.take(length.into(), "label")?;
                    self.length += label.len() + 1;
                    if self.length >= MAX_NAME {
                        return Err(Malformed::invalid("name length", self.at));
                    }
                    self.at = r.offset();
                    return Ok(Some(label));
                }
                0xc0.. => {
                    let low = r.u8("compression pointer")?;
                    let target = usize::from(length & 0x3f) << 8 | usize::from(low);
                    self.pointers += 1;
                    // a pointer leads to what came before it: nothing can go round in circles
                    if target >= self.at || target < HEADER || self.pointers > MAX_POINTERS {
                        return Err(Malformed::invalid("compression pointer", self.at));
                    }
                    self.at = target;
                }
                _ => return Err(Malformed::invalid("label length", self.at)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_back() {
        let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        bytes.extend([1, b'a', 0xc0, 12, 0, 1, 0, 1]);
        let m = message(&bytes).unwrap();
        // the pointer leads to the label in front of it: a circle, ended by the length of a name
        assert!(m.question().is_none());
        assert_eq!(m.error().unwrap().what, "name length");
        bytes[15] = 14;
        assert_eq!(message(&bytes).unwrap().error().unwrap().what, "compression pointer");
    }

    #[test]
    fn names() {
        let mut bytes = vec![0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0];
        bytes.extend(b"\x03a.b\x05local\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01");
        let m = message(&bytes).unwrap();
        let names: Vec<Name<'_>> = m.questions().map(|q| q.unwrap().name).collect();
        assert_eq!(names[0].text(), b"a\\.b.local");
        assert!(names[0].is(&names[1]));
        assert!(m.error().is_none());
    }
}
