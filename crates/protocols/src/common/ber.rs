//! The Basic Encoding Rules (ITU-T X.690), as far as protocols of the field use them: definite lengths, identifiers of
//! up to four bytes. Identifiers stay as they are on the wire (`0x30`, `0xa0`, `0xbf4c`), because that is how standards
//! and people name them.

use wire::{Malformed, Read, Reader};

/// One element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Identifier bytes as one big-endian number.
    pub tag: u32,
    /// Offset of the identifier in the message, for errors.
    pub at: usize,
    /// The content; for constructed elements the elements inside.
    pub content: Reader<'a>,
}

impl<'a> Element<'a> {
    /// The content's bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.content.peek()
    }

    /// Holds elements.
    pub fn is_constructed(&self) -> bool {
        let leading = (self.tag.leading_zeros() / 8).min(3) * 8;
        self.tag << leading & 0x2000_0000 != 0
    }
}

/// Reads the next element. Indefinite lengths are refused.
pub fn element<'a>(r: &mut Reader<'a>, what: &'static str) -> Read<Element<'a>> {
    let at = r.offset();
    let tag = tag(r, what)?;
    let length = length(r, what)?;
    let content = r.sub(length, what)?;
    Ok(Element { tag, at, content })
}

fn tag(r: &mut Reader<'_>, what: &'static str) -> Read<u32> {
    let first = r.u8(what)?;
    let mut tag = u32::from(first);
    if first & 0x1f != 0x1f {
        return Ok(tag);
    }
    for _ in 0..3 {
        let next = r.u8(what)?;
        tag = tag << 8 | u32::from(next);
        if next & 0x80 == 0 {
            return Ok(tag);
        }
    }
    Err(Malformed::invalid(what, r.offset()))
}

fn length(r: &mut Reader<'_>, what: &'static str) -> Read<usize> {
    let at = r.offset();
    match r.u8(what)? {
        short @ 0..=0x7f => Ok(short.into()),
        long @ 0x81..=0x84 => Ok(r.be_uint(usize::from(long & 0x7f), what)? as usize),
        _ => Err(Malformed::invalid(what, at)),
    }
}

/// An INTEGER that cannot be negative. Senders that leave the leading zero out are understood.
pub fn unsigned(content: &[u8]) -> Option<u64> {
    let zeros = content.iter().take_while(|b| **b == 0).count();
    let digits = content.get(zeros..).filter(|d| !content.is_empty() && d.len() <= 8)?;
    Some(digits.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// An INTEGER of up to 64 bits.
pub fn signed(content: &[u8]) -> Option<i64> {
    let first = content.first().filter(|_| content.len() <= 8)?;
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(content.iter().fold(sign, |n, b| n << 8 | i64::from(*b)))
}

/// A BOOLEAN: anything but zero is true.
pub fn boolean(content: &[u8]) -> Option<bool> {
    match content {
        [b] => Some(*b != 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_lengths() {
        let mut r = Reader::new(&[0xbf, 0x4c, 0x03, 0x02, 0x01, 0xff, 0x04, 0x81, 0x02, 0xaa, 0xbb, 0x30, 0x80]);
        let outer = element(&mut r, "outer");
        assert!(outer.as_ref().is_ok_and(|e| e.tag == 0xbf4c && e.is_constructed()));
        let inner = outer.and_then(|mut e| element(&mut e.content, "inner"));
        assert!(inner.is_ok_and(|e| e.tag == 2 && e.at == 3 && !e.is_constructed() && e.bytes() == [0xff]));
        assert!(element(&mut r, "text").is_ok_and(|e| e.bytes() == [0xaa, 0xbb]));
        assert!(element(&mut r, "indefinite").is_err_and(|e| !e.is_truncated()));
        assert!(element(&mut Reader::new(&[4, 5, 1]), "short").is_err_and(|e| e.is_truncated()));
    }

    #[test]
    fn numbers() {
        assert_eq!(unsigned(&[0, 0xff]), Some(255));
        assert_eq!(unsigned(&[0xff; 8]), Some(u64::MAX));
        assert_eq!(unsigned(&[1; 9]), None);
        assert_eq!(unsigned(&[]), None);
        assert_eq!(unsigned(&[0]), Some(0));
        assert_eq!(signed(&[0xff]), Some(-1));
        assert_eq!(signed(&[0x00, 0x80]), Some(128));
        assert_eq!(signed(&[0; 9]), None);
        assert_eq!(boolean(&[1]), Some(true));
    }
}
