//! Ways through elements of ASN.1 (ITU-T X.690) as certificates carry them.

use super::ber::{Element, element};
use wire::{Malformed, Read, Reader};

/// Tags this product reads.
pub mod tag {
    pub const INTEGER: u32 = 0x02;
    pub const BIT_STRING: u32 = 0x03;
    pub const OCTET_STRING: u32 = 0x04;
    pub const OBJECT_IDENTIFIER: u32 = 0x06;
    pub const BMP_STRING: u32 = 0x1e;
    pub const UTC_TIME: u32 = 0x17;
    pub const GENERALIZED_TIME: u32 = 0x18;
    pub const SEQUENCE: u32 = 0x30;
    pub const SET: u32 = 0x31;
}

/// Most elements looked at inside one. Real names, extensions and lists of alternative names stay far below.
const MAX_ELEMENTS: usize = 512;

/// Reads one element that must have this tag.
pub fn expect<'a>(r: &mut Reader<'a>, tag: u32, what: &'static str) -> Read<&'a [u8]> {
    let element = element(r, what)?;
    if element.tag == tag { Ok(element.bytes()) } else { Err(Malformed::invalid(what, element.at)) }
}

/// Reads one element if it has this tag.
pub fn optional<'a>(r: &mut Reader<'a>, tag: u8, what: &'static str) -> Read<Option<&'a [u8]>> {
    if r.peek_u8() == Some(tag) { element(r, what).map(|e| Some(e.bytes())) } else { Ok(None) }
}

/// The elements inside bytes, until one cannot be read.
pub fn elements(bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut r = Reader::new(bytes);
    core::iter::from_fn(move || element(&mut r, "element").ok()).take(MAX_ELEMENTS)
}

/// An object identifier in dots.
pub fn dotted(oid: &[u8]) -> String {
    use core::fmt::Write;
    let mut text = String::new();
    let mut arc = 0u64;
    for byte in oid {
        arc = arc << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            let first = (arc / 40).min(2);
            let _ = write!(text, "{first}.{}", arc - 40 * first);
        } else {
            let _ = write!(text, ".{arc}");
        }
        arc = 0;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lengths_and_dots() {
        let bytes = [&[0x30, 0x81, 0x80][..], &[0; 0x80]].concat();
        assert_eq!(elements(&bytes).map(|e| (e.tag, e.bytes().len())).collect::<Vec<_>>(), [(0x30, 0x80)]);
        assert_eq!(elements(&[0x30, 0x80, 0, 0]).count(), 0, "an indefinite length is no DER");
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), "1.2.840.113549.1.1.11");
        assert_eq!(dotted(&[0x88, 0x37]), "2.999");
    }
}
