//! Object headers and objects (IEEE 1815, clause 4.2.2.7 and annex A). Stateless.

use wire::{Malformed, Read, Reader};

/// Most points of one header that are looked at; the rest is stepped over. A fragment of 2,048 bytes holds up to
/// 16,000 packed bits, and a row keeps 64 values.
pub const MAX_POINTS: usize = 64;

/// How an object is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// No bytes (class data, variation 0).
    Empty,
    /// One bit each, packed.
    Bits,
    /// Two bits each, packed.
    DoubleBits,
    /// One flag octet with the state in its upper bits, and a time of so many bytes.
    Flag { time: u8 },
    /// A number, with a flag octet in front where `flag`, and a time of so many bytes behind.
    Number { flag: bool, number: Number, time: u8 },
    /// A number, then a control status octet.
    Setpoint(Number),
    /// A control status octet, a number, and a time of so many bytes.
    SetpointEvent { number: Number, time: u8 },
    /// So many bytes of another layout.
    Fixed(usize),
    /// Device attribute: data type, length, value.
    Attribute,
    /// Known by its length prefix only.
    Sized,
}

/// Number formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    U8,
    U16,
    U32,
    I16,
    I32,
    F32,
    F64,
}

impl Number {
    fn size(self) -> usize {
        match self {
            Number::U8 => 1,
            Number::U16 | Number::I16 => 2,
            Number::U32 | Number::I32 | Number::F32 => 4,
            Number::F64 => 8,
        }
    }
}

/// Layout of a group and variation; `None` where the standard has none.
pub fn form(group: u8, variation: u8) -> Option<Form> {
    use Number::*;
    let plain = |number, time| Form::Number { flag: false, number, time };
    let flagged = |number, time| Form::Number { flag: true, number, time };
    let event = |number, time| Form::SetpointEvent { number, time };
    Some(match (group, variation) {
        (0, 1..) => Form::Attribute,
        (110..=113, n) => Form::Fixed(n.into()),
        (_, 0) => Form::Empty,
        (1 | 10 | 80, 1) | (12, 3) => Form::Bits,
        (3, 1) => Form::DoubleBits,
        (1 | 3 | 10, 2) | (2 | 4 | 11 | 13, 1) => Form::Flag { time: 0 },
        (2 | 4 | 11 | 13, 2) => Form::Flag { time: 6 },
        (2 | 4, 3) => Form::Flag { time: 2 },
        (12, 1 | 2) => Form::Fixed(11),
        (20, 1 | 3) | (21..=23, 1 | 3) => flagged(U32, 0),
        (20, 2 | 4) | (21..=23, 2 | 4) => flagged(U16, 0),
        (20, 5 | 7) | (21, 9 | 11) => plain(U32, 0),
        (20, 6 | 8) | (21, 10 | 12) => plain(U16, 0),
        (21..=23, 5 | 7) => flagged(U32, 6),
        (21..=23, 6 | 8) => flagged(U16, 6),
        (30..=33 | 40 | 42, 1) => flagged(I32, 0),
        (30..=33 | 40 | 42, 2) => flagged(I16, 0),
        (30, 3) | (31, 5) => plain(I32, 0),
        (30, 4) | (31, 6) => plain(I16, 0),
        (31..=33 | 42, 3) => flagged(I32, 6),
        (31..=33 | 42, 4) => flagged(I16, 6),
        (30, 5) | (31, 7) | (32 | 33 | 42, 5) | (40, 3) => flagged(F32, 0),
        (30, 6) | (31, 8) | (32 | 33 | 42, 6) | (40, 4) => flagged(F64, 0),
        (32 | 33 | 42, 7) => flagged(F32, 6),
        (32 | 33 | 42, 8) => flagged(F64, 6),
        (34, 1) => plain(U16, 0),
        (34, 2) => plain(U32, 0),
        (34, 3) => plain(F32, 0),
        (41, 1) => Form::Setpoint(I32),
        (41, 2) => Form::Setpoint(I16),
        (41, 3) => Form::Setpoint(F32),
        (41, 4) => Form::Setpoint(F64),
        (43, 1) => event(I32, 0),
        (43, 2) => event(I16, 0),
        (43, 3) => event(I32, 6),
        (43, 4) => event(I16, 6),
        (43, 5) => event(F32, 0),
        (43, 6) => event(F64, 0),
        (43, 7) => event(F32, 6),
        (43, 8) => event(F64, 6),
        (50, 1 | 3) | (51, 1 | 2) => Form::Fixed(6),
        (50, 2) => Form::Fixed(10),
        (50, 4) => Form::Fixed(11),
        (52, 1 | 2) => plain(U16, 0),
        (60, 1..=4) => Form::Empty,
        (70, 1..=8) | (82, 1) | (83, 1 | 2) | (85..=88, _) | (90 | 91, 1) => Form::Sized,
        (81, 1) => Form::Fixed(3),
        (101, 1) => Form::Fixed(2),
        (101, 2) => Form::Fixed(4),
        (101, 3) => Form::Fixed(8),
        (102, 1) => plain(U8, 0),
        (120, 3) => Form::Fixed(6),
        (120, 4) => Form::Fixed(2),
        (120, _) => Form::Sized,
        (121, 1) => flagged_association(0),
        (122, 1) => flagged_association(0),
        (122, 2) => flagged_association(6),
        _ => return None,
    })
}

/// Security statistics: flags, association 2, count 4, time.
fn flagged_association(time: usize) -> Form {
    Form::Fixed(7 + time)
}

/// Bytes of one object of a fixed form.
fn size(form: Form) -> Option<usize> {
    Some(match form {
        Form::Empty => 0,
        Form::Flag { time } => 1 + usize::from(time),
        Form::Number { flag, number, time } => usize::from(flag) + number.size() + usize::from(time),
        Form::Setpoint(number) => number.size() + 1,
        Form::SetpointEvent { number, time } => 1 + number.size() + usize::from(time),
        Form::Fixed(n) => n,
        Form::Bits | Form::DoubleBits | Form::Attribute | Form::Sized => return None,
    })
}

/// Which objects a header speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// From start to stop, both included.
    Span { start: u32, stop: u32 },
    /// Everything of the kind.
    All,
    /// So many, numbered by prefixes or not at all.
    Count(u32),
}

/// One object header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub group: u8,
    pub variation: u8,
    pub qualifier: u8,
    pub range: Range,
}

impl Header {
    /// Number of objects; 0 for all.
    pub fn count(&self) -> u64 {
        match self.range {
            Range::Span { start, stop } => u64::from(stop).saturating_sub(start.into()) + 1,
            Range::All => 0,
            Range::Count(n) => n.into(),
        }
    }

    /// Bytes of the index in front of each object.
    fn index_size(&self) -> usize {
        match self.qualifier >> 4 & 7 {
            1 => 1,
            2 => 2,
            3 => 4,
            _ => 0,
        }
    }

    /// Bytes of the size in front of each object.
    fn length_size(&self) -> usize {
        match self.qualifier >> 4 & 7 {
            4 => 1,
            5 => 2,
            6 => 4,
            _ => 0,
        }
    }

    /// Index of the object number `nth`, where it has no prefix.
    fn index(&self, nth: u64) -> Option<u32> {
        match self.range {
            Range::Span { start, .. } => u32::try_from(u64::from(start).saturating_add(nth)).ok(),
            _ => None,
        }
    }
}

/// What one object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// One packed bit.
    Bit(bool),
    /// Two packed bits.
    DoubleBit(u8),
    /// Its bytes.
    Bytes(&'a [u8]),
    /// An index without an object (requests).
    Nothing,
}

/// What the walk finds.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A header without objects behind it.
    Header(Header),
    /// One object.
    Point { header: Header, index: Option<u32>, body: Body<'a> },
    /// More objects of this header than are looked at.
    Skipped,
}

fn header(r: &mut Reader<'_>) -> Read<Header> {
    let group = r.u8("object group")?;
    let variation = r.u8("object variation")?;
    let at = r.offset();
    let qualifier = r.u8("qualifier")?;
    let span = |start: u32, stop: u32| match start <= stop {
        true => Ok(Range::Span { start, stop }),
        false => Err(Malformed::invalid("range", at + 1)),
    };
    let range = match qualifier & 0x0f {
        // 3 to 5 are memory addresses, written alike
        0 | 3 => span(r.u8("start")?.into(), r.u8("stop")?.into())?,
        1 | 4 => span(r.le16("start")?.into(), r.le16("stop")?.into())?,
        2 | 5 => span(r.le32("start")?, r.le32("stop")?)?,
        6 => Range::All,
        7 | 0x0b => Range::Count(r.u8("count")?.into()),
        8 => Range::Count(r.le16("count")?.into()),
        9 => Range::Count(r.le32("count")?),
        _ => return Err(Malformed::invalid("range specifier code", at)),
    };
    if qualifier & 0x80 != 0 || qualifier >> 4 & 7 == 7 {
        return Err(Malformed::invalid("object prefix code", at));
    }
    Ok(Header { group, variation, qualifier, range })
}

/// Whether objects follow their header in messages of this function (4.4 and 4.5: requests that read, freeze or
/// assign name objects only; those that write, control or move files carry them).
fn carries(function: u8, header: &Header) -> bool {
    let by_function = matches!(function, 2..=6 | 25..=33 | 128..);
    let frozen_time = matches!(function, 11 | 12) && header.group == 50;
    by_function || frozen_time || header.group == 120 || header.length_size() > 0
}

/// Walks over everything in a fragment. What is understood is handed to `each` even where a later object breaks.
pub fn walk<'a>(function: u8, objects: &'a [u8], each: &mut impl FnMut(Part<'a>)) -> Read<()> {
    let mut r = Reader::new(objects);
    while !r.is_empty() {
        let header = header(&mut r)?;
        if !carries(function, &header) {
            names(&header, &mut r, each)?;
        } else if header.length_size() > 0 {
            sized(&header, &mut r, each)?;
        } else {
            laid_out(&header, &mut r, each)?;
        }
    }
    Ok(())
}

/// A header whose objects are only named, by range or by a list of indexes.
fn names<'a>(header: &Header, r: &mut Reader<'a>, each: &mut impl FnMut(Part<'a>)) -> Read<()> {
    if header.index_size() == 0 {
        each(Part::Header(*header));
        return Ok(());
    }
    for nth in 0..header.count() {
        let index = r.le_uint(header.index_size(), "index")? as u32;
        let point = Part::Point { header: *header, index: Some(index), body: Body::Nothing };
        bounded(nth, point, each);
    }
    Ok(())
}

/// Objects that each say how long they are.
fn sized<'a>(header: &Header, r: &mut Reader<'a>, each: &mut impl FnMut(Part<'a>)) -> Read<()> {
    for nth in 0..header.count() {
        let length = r.le_uint(header.length_size(), "object size")? as usize;
        let bytes = r.take(length, "object")?;
        bounded(nth, Part::Point { header: *header, index: header.index(nth), body: Body::Bytes(bytes) }, each);
    }
    Ok(())
}

/// Objects laid out as the standard says.
fn laid_out<'a>(header: &Header, r: &mut Reader<'a>, each: &mut impl FnMut(Part<'a>)) -> Read<()> {
    let at = r.offset();
    let Some(form) = form(header.group, header.variation) else {
        each(Part::Header(*header));
        return match header.count() {
            0 => Ok(()),
            _ => Err(Malformed::invalid("object group and variation", at)),
        };
    };
    if header.range == Range::All {
        each(Part::Header(*header));
        return Ok(());
    }
    let prefix = header.index_size();
    if prefix == 0 && matches!(form, Form::Bits | Form::DoubleBits) {
        return packed(header, form, r, each);
    }
    if let Some(size) = size(form) {
        if prefix + size == 0 {
            each(Part::Header(*header));
            return Ok(());
        }
        let total = header.count().saturating_mul((prefix + size) as u64);
        if total > r.left() as u64 {
            // what is there is still told
            for nth in 0..(r.left() / (prefix + size)) as u64 {
                one(header, nth, prefix, size, r, each)?;
            }
            return Err(Malformed::truncated("objects", r.offset()));
        }
        for nth in 0..header.count().min(MAX_POINTS as u64) {
            one(header, nth, prefix, size, r, each)?;
        }
        let rest = header.count().saturating_sub(MAX_POINTS as u64).saturating_mul((prefix + size) as u64);
        if rest > 0 {
            each(Part::Skipped);
            r.skip(rest as usize, "objects")?;
        }
        return Ok(());
    }
    for nth in 0..header.count() {
        let index = match prefix {
            0 => header.index(nth),
            n => Some(r.le_uint(n, "index")? as u32),
        };
        let body = match form {
            Form::Attribute => {
                let mut ahead = *r;
                ahead.skip(1, "attribute data type")?;
                let length = usize::from(ahead.u8("attribute length")?);
                Body::Bytes(r.take(2 + length, "attribute")?)
            }
            Form::Bits => Body::Bit(r.u8("bit")? & 1 == 1),
            Form::DoubleBits => Body::DoubleBit(r.u8("double bit")? & 3),
            _ => return Err(Malformed::invalid("qualifier", at)),
        };
        bounded(nth, Part::Point { header: *header, index, body }, each);
    }
    Ok(())
}

fn one<'a>(
    header: &Header,
    nth: u64,
    prefix: usize,
    size: usize,
    r: &mut Reader<'a>,
    each: &mut impl FnMut(Part<'a>),
) -> Read<()> {
    let index = match prefix {
        0 => header.index(nth),
        n => Some(r.le_uint(n, "index")? as u32),
    };
    let body = Body::Bytes(r.take(size, "object")?);
    bounded(nth, Part::Point { header: *header, index, body }, each);
    Ok(())
}

/// Packed bits: least significant first, padded to the octet.
fn packed<'a>(header: &Header, form: Form, r: &mut Reader<'a>, each: &mut impl FnMut(Part<'a>)) -> Read<()> {
    let width = if form == Form::Bits { 1u64 } else { 2 };
    let bytes = header.count().saturating_mul(width).div_ceil(8);
    if bytes > r.left() as u64 {
        return Err(Malformed::truncated("packed objects", r.offset()));
    }
    let data = r.take(bytes as usize, "packed objects")?;
    for nth in 0..header.count().min(MAX_POINTS as u64 + 1) {
        let bit = nth * width;
        let byte = data.get((bit / 8) as usize).copied().unwrap_or_default();
        let body = match form {
            Form::Bits => Body::Bit(byte >> (bit % 8) & 1 == 1),
            _ => Body::DoubleBit(byte >> (bit % 8) & 3),
        };
        bounded(nth, Part::Point { header: *header, index: header.index(nth), body }, each);
    }
    Ok(())
}

fn bounded<'a>(nth: u64, part: Part<'a>, each: &mut impl FnMut(Part<'a>)) {
    match nth.cmp(&(MAX_POINTS as u64)) {
        core::cmp::Ordering::Less => each(part),
        core::cmp::Ordering::Equal => each(Part::Skipped),
        core::cmp::Ordering::Greater => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(function: u8, bytes: &[u8]) -> (Vec<String>, Read<()>) {
        let mut list = Vec::new();
        let end = walk(function, bytes, &mut |part| {
            list.push(match part {
                Part::Header(h) => format!("g{}v{} {:?}", h.group, h.variation, h.range),
                Part::Point { header, index, body } => {
                    format!("g{}v{} {index:?} {body:?}", header.group, header.variation)
                }
                Part::Skipped => "skipped".to_string(),
            });
        });
        (list, end)
    }

    #[test]
    fn qualifiers() {
        let (list, end) = points(129, &[1, 1, 0, 3, 5, 0b101, 30, 4, 0x17, 1, 9, 0x34, 0x12]);
        assert_eq!(end, Ok(()));
        assert_eq!(list, ["g1v1 Some(3) Bit(true)", "g1v1 Some(4) Bit(false)", "g1v1 Some(5) Bit(true)",
            "g30v4 Some(9) Bytes([52, 18])"]);
        let (list, end) = points(1, &[60, 2, 6, 60, 3, 7, 9, 30, 0, 1, 0, 0, 5, 0, 1, 2, 0x17, 2, 7, 8]);
        assert_eq!(end, Ok(()));
        assert_eq!(list, ["g60v2 All", "g60v3 Count(9)", "g30v0 Span { start: 0, stop: 5 }",
            "g1v2 Some(7) Nothing", "g1v2 Some(8) Nothing"]);
    }

    #[test]
    fn broken_counts_are_told_and_bounded() {
        let (list, end) = points(129, &[30, 4, 8, 3, 0, 1, 0, 2, 0]);
        assert_eq!(list.len(), 2);
        assert!(end.is_err_and(|e| e.is_truncated()));
        let (_, end) = points(129, &[60, 1, 9, 0xff, 0xff, 0xff, 0xff, 80, 1, 0, 9, 3]);
        assert!(end.is_err_and(|e| !e.is_truncated()));
        let mut many = vec![1, 1, 1, 0, 0, 0xff, 0x03];
        many.extend([0xaa; 128]);
        let (list, end) = points(129, &many);
        assert_eq!((list.len(), end), (MAX_POINTS + 1, Ok(())));
        let (list, _) = points(129, &[200, 1, 7, 1, 9]);
        assert_eq!(list.len(), 1);
    }
}
