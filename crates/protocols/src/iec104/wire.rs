//! Bytes to APDUs and ASDUs. Stateless.
//!
//! ```text
//! APCI (IEC 60870-5-104, clause 5)      ASDU (IEC 60870-5-101, 7.2; sizes of -104, clause 7)
//! | 68 | length 1 | control 4 |         | type 1 | SQ, number 1 | cause 2 | common address 2 | objects … |
//!        └ counts control and ASDU      object: | address 3 | elements … |; with SQ one address for all
//! ```

use super::meaning;
use wire::{Malformed, Read, Reader};

/// First octet of every APDU.
pub const START: u8 = 0x68;
/// Start and length.
const HEADER: usize = 2;
/// Length of control fields alone, and the longest APDU (clause 5).
const LENGTH: core::ops::RangeInclusive<usize> = 4..=253;

/// One APDU.
#[derive(Clone, Copy, Debug)]
pub struct Apdu<'a> {
    pub control: Control,
    pub asdu: &'a [u8],
    /// Bytes of the whole APDU.
    pub size: usize,
}

/// Control fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Numbered information: send and receive sequence numbers.
    Information { send: u16, receive: u16 },
    /// Numbered supervision: receive sequence number.
    Supervision { receive: u16 },
    /// Unnumbered: the first control octet.
    Unnumbered(u8),
}

/// Reads the APDU at the front. `Ok(None)`: not complete yet.
pub fn apdu(bytes: &[u8]) -> Read<Option<Apdu<'_>>> {
    let mut r = Reader::new(bytes);
    match r.u8("start") {
        Ok(START) => {}
        Ok(_) => return Err(Malformed::invalid("start octet", 0)),
        Err(_) => return Ok(None),
    }
    let Ok(length) = r.u8("length") else { return Ok(None) };
    let length = usize::from(length);
    if !LENGTH.contains(&length) {
        return Err(Malformed::invalid("length", 1));
    }
    let Ok(mut body) = r.sub(length, "apdu") else { return Ok(None) };
    let (first, second) = (body.le16("control")?, body.le16("control")?);
    let control = match first & 3 {
        1 => Control::Supervision { receive: second >> 1 },
        3 => Control::Unnumbered(first as u8),
        _ => Control::Information { send: first >> 1, receive: second >> 1 },
    };
    Ok(Some(Apdu { control, asdu: body.rest(), size: HEADER + length }))
}

/// Whether the control fields keep to their format: reserved bits are 0, U formats name one function, and only I
/// formats carry an ASDU. `bytes` begin with the APDU.
pub fn is_proper(apdu: &Apdu<'_>, bytes: &[u8]) -> bool {
    let control = bytes.get(HEADER..HEADER + 4).unwrap_or_default();
    match (apdu.control, control) {
        (Control::Information { .. }, &[_, _, third, _]) => third & 1 == 0 && !apdu.asdu.is_empty(),
        (Control::Supervision { .. }, &[first, second, third, _]) => {
            first == 1 && second == 0 && third & 1 == 0 && apdu.asdu.is_empty()
        }
        (Control::Unnumbered(function), &[_, second, third, fourth]) => {
            (second, third, fourth) == (0, 0, 0) && meaning::unnumbered(function).is_some() && apdu.asdu.is_empty()
        }
        _ => false,
    }
}

/// Sizes of fields that IEC 60870-5-101 leaves to the system and -104 fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub cause: usize,
    pub common_address: usize,
    pub object_address: usize,
}

/// The sizes of IEC 60870-5-104.
pub const STANDARD: Sizes = Sizes { cause: 2, common_address: 2, object_address: 3 };

/// Sizes met on converters from serial lines, most usual first, and how they are told.
pub const VARIANTS: [(Sizes, &str); 7] = [
    (Sizes { cause: 1, common_address: 1, object_address: 2 }, "cause 1, common address 1, object address 2"),
    (Sizes { cause: 1, common_address: 2, object_address: 2 }, "cause 1, common address 2, object address 2"),
    (Sizes { cause: 2, common_address: 2, object_address: 2 }, "cause 2, common address 2, object address 2"),
    (Sizes { cause: 1, common_address: 1, object_address: 1 }, "cause 1, common address 1, object address 1"),
    (Sizes { cause: 1, common_address: 2, object_address: 3 }, "cause 1, common address 2, object address 3"),
    (Sizes { cause: 2, common_address: 1, object_address: 2 }, "cause 2, common address 1, object address 2"),
    (Sizes { cause: 2, common_address: 1, object_address: 3 }, "cause 2, common address 1, object address 3"),
];

/// One ASDU.
#[derive(Clone, Copy, Debug)]
pub struct Asdu<'a> {
    pub kind: u8,
    /// One address, the objects follow each other.
    pub sequence: bool,
    /// Number of objects.
    pub count: u8,
    /// Cause of transmission without its flags.
    pub cause: u8,
    pub negative: bool,
    pub test: bool,
    pub originator: u8,
    pub common_address: u16,
    pub objects: &'a [u8],
    pub sizes: Sizes,
}

/// Reads the data unit identifier.
pub fn asdu(bytes: &[u8], sizes: Sizes) -> Read<Asdu<'_>> {
    let mut r = Reader::new(bytes);
    let kind = r.u8("type identification")?;
    let qualifier = r.u8("variable structure qualifier")?;
    let cause = r.u8("cause of transmission")?;
    let originator = if sizes.cause == 2 { r.u8("originator address")? } else { 0 };
    let common_address = r.le_uint(sizes.common_address, "common address")? as u16;
    Ok(Asdu {
        kind,
        sequence: qualifier & 0x80 != 0,
        count: qualifier & 0x7f,
        cause: cause & 0x3f,
        negative: cause & 0x40 != 0,
        test: cause & 0x80 != 0,
        originator,
        common_address,
        objects: r.rest(),
        sizes,
    })
}

impl<'a> Asdu<'a> {
    /// Whether the objects fill the ASDU exactly; `None` where the type's size is not known or not fixed.
    pub fn fits(&self) -> Option<bool> {
        let element = meaning::element_size(self.kind)?;
        let (count, address) = (usize::from(self.count), self.sizes.object_address);
        let bytes = if self.sequence { address + count * element } else { count * (address + element) };
        Some(self.count > 0 && bytes == self.objects.len())
    }

    /// Everything says that this is an ASDU: a type and a cause of the standard, a length that fits.
    pub fn is_credible(&self) -> bool {
        let length = match self.fits() {
            Some(fits) => fits,
            None => meaning::is_named(self.kind) && self.count > 0 && self.objects.len() > self.sizes.object_address,
        };
        length && meaning::cause(self.cause).is_some()
    }

    /// The first object's address.
    pub fn first_address(&self) -> Option<u32> {
        Reader::new(self.objects).le_uint(self.sizes.object_address, "information object address").ok().map(|a| a as u32)
    }

    /// The first object's element.
    pub fn first_element(&self) -> &'a [u8] {
        self.objects.get(self.sizes.object_address..).unwrap_or_default()
    }

    /// Hands out each object's address and element; types of unknown size give nothing.
    pub fn each(&self, mut each: impl FnMut(u32, &'a [u8])) -> Read<()> {
        let Some(element) = meaning::element_size(self.kind) else { return Ok(()) };
        let mut r = Reader::new(self.objects);
        let mut address = 0u32;
        for nth in 0..self.count {
            if nth == 0 || !self.sequence {
                address = r.le_uint(self.sizes.object_address, "information object address")? as u32;
            } else {
                address = address.wrapping_add(1);
            }
            each(address, r.take(element, "information element")?);
        }
        match r.is_empty() {
            true => Ok(()),
            false => Err(Malformed::invalid("length of the objects", r.offset())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let start = [0x68, 4, 7, 0, 0, 0];
        let got = apdu(&start).unwrap().unwrap();
        assert_eq!((got.control, got.size), (Control::Unnumbered(7), 6));
        assert!(is_proper(&got, &start));
        let two_functions = [0x68, 4, 0x0f, 0, 0, 0];
        assert!(!is_proper(&apdu(&two_functions).unwrap().unwrap(), &two_functions));
        let ack = [0x68, 4, 1, 0, 0x0a, 0];
        assert_eq!(apdu(&ack).unwrap().unwrap().control, Control::Supervision { receive: 5 });
        assert!(apdu(&[0x68, 3, 1, 0, 0]).is_err_and(|e| !e.is_truncated()));
        assert!(apdu(&[0x68, 14, 0]).unwrap().is_none());
    }

    #[test]
    fn objects_alone_and_in_sequence() {
        let alone = [1, 2, 3, 0, 9, 0, 1, 0, 0, 1, 5, 0, 0, 0x80];
        let got = asdu(&alone, STANDARD).unwrap();
        let mut list = Vec::new();
        assert_eq!(got.each(|a, e| list.push((a, e[0]))), Ok(()));
        assert_eq!((got.fits(), list), (Some(true), vec![(1, 1), (5, 0x80)]));
        let row = [11, 0x82, 3, 0, 9, 0, 100, 0, 0, 1, 0, 0, 2, 0, 0];
        let mut list = Vec::new();
        assert_eq!(asdu(&row, STANDARD).unwrap().each(|a, e| list.push((a, e[0]))), Ok(()));
        assert_eq!(list, [(100, 1), (101, 2)]);
        assert_eq!(asdu(&row[..12], STANDARD).unwrap().fits(), Some(false));
    }
}
