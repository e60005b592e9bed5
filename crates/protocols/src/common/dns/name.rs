//! Names: labels, compressed by pointers back into the message (RFC 1035, 4.1.4).

use wire::{Malformed, Read, Reader};

/// Longest name in bytes (RFC 1035, 2.3.4).
const MAX_NAME: usize = 255;
/// Most pointers followed for one name. Each has to point further back, so there could be thousands; writers use one
/// or two.
const MAX_POINTERS: u8 = 16;

/// A name in a message.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Name<'a> {
    /// The name that begins here, and where what follows it begins.
    pub fn read(whole: &'a [u8], at: usize) -> Read<(Name<'a>, usize)> {
        let mut r = Reader::new(whole);
        r.skip(at, "name")?;
        loop {
            let here = r.offset();
            match r.u8("label")? {
                0 => break,
                length @ 1..=63 => r.skip(length.into(), "label")?,
                0xc0.. => {
                    r.skip(1, "pointer")?;
                    break;
                }
                _ => return Err(Malformed::invalid("label", here)),
            }
            if r.offset() - at > MAX_NAME {
                return Err(Malformed::invalid("name longer than 255 bytes", at));
            }
        }
        Ok((Name { whole, at }, r.offset()))
    }

    /// The labels, first one first. An error ends them.
    pub fn labels(&self) -> Labels<'a> {
        Labels { whole: self.whole, at: self.at, before: self.at, size: 0, pointers: 0, over: false }
    }

    /// The first label.
    pub fn first(&self) -> Option<&'a [u8]> {
        self.labels().flatten().next()
    }

    /// How many labels.
    pub fn depth(&self) -> usize {
        self.labels().flatten().count()
    }

    /// Ends with these labels, whatever their case.
    pub fn ends_with(&self, suffix: &[&[u8]]) -> bool {
        let skip = self.depth().checked_sub(suffix.len());
        skip.is_some_and(|n| self.labels().flatten().skip(n).zip(suffix).all(|(a, b)| a.eq_ignore_ascii_case(b)))
    }

    /// Both are the same name, whatever their case.
    pub fn is(&self, other: &Name<'_>) -> bool {
        let (mut a, mut b) = (self.labels().flatten(), other.labels().flatten());
        loop {
            match (a.next(), b.next()) {
                (None, None) => return true,
                (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
                _ => return false,
            }
        }
    }

    /// A number that tells names apart, whatever their case.
    pub fn number(&self) -> u64 {
        let bytes = self.labels().flatten().flat_map(|l| l.iter().chain([&b'.']));
        // FNV-1a
        bytes.fold(0xcbf2_9ce4_8422_2325, |h: u64, b| {
            (h ^ u64::from(b.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3)
        })
    }

    /// The text with dots between the labels, in lower case: names compare without case.
    pub fn text(&self) -> Text {
        let mut text = self.text_as_sent();
        text.bytes.make_ascii_lowercase();
        text
    }

    /// The text as it was sent.
    pub fn text_as_sent(&self) -> Text {
        self.front(usize::MAX)
    }

    /// The text as it was sent, without this last label where it has it.
    pub fn text_without(&self, last: &[u8]) -> Text {
        let depth = self.depth();
        self.front(if depth > 1 && self.ends_with(&[last]) { depth - 1 } else { depth })
    }

    fn front(&self, labels: usize) -> Text {
        let mut text = Text { bytes: [0; MAX_NAME], len: 0 };
        for label in self.labels().flatten().take(labels) {
            if text.len > 0 {
                text.push(b'.');
            }
            for byte in label {
                // a name must not end where a NUL stands in it
                text.push(if *byte == 0 { b' ' } else { *byte });
            }
        }
        if text.len == 0 {
            text.push(b'.');
        }
        text
    }

    /// The address a name under `in-addr.arpa` or `ip6.arpa` stands for.
    pub fn reversed(&self) -> Option<std::net::IpAddr> {
        let depth = self.depth();
        if depth == 6 && self.ends_with(&[b"in-addr", b"arpa"]) {
            let mut octets = [0u8; 4];
            for (place, label) in octets.iter_mut().rev().zip(self.labels().flatten()) {
                *place = core::str::from_utf8(label).ok()?.parse().ok()?;
            }
            return Some(octets.into());
        }
        if depth == 34 && self.ends_with(&[b"ip6", b"arpa"]) {
            let mut number = 0u128;
            for (i, label) in self.labels().flatten().take(32).enumerate() {
                let &[digit] = label else { return None };
                number |= u128::from(char::from(digit).to_digit(16)?) << (4 * i);
            }
            return Some(number.to_be_bytes().into());
        }
        None
    }
}

/// The labels of a name.
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    whole: &'a [u8],
    at: usize,
    /// Pointers have to point before this.
    before: usize,
    size: usize,
    pointers: u8,
    over: bool,
}

impl<'a> Labels<'a> {
    fn read(&mut self) -> Read<Option<&'a [u8]>> {
        loop {
            let mut r = Reader::new(self.whole);
            r.skip(self.at, "name")?;
            match r.u8("label")? {
                0 => return Ok(None),
                length @ 1..=63 => {
                    let label = r.take(length.into(), "label")?;
                    self.size += label.len() + 1;
                    if self.size > MAX_NAME {
                        return Err(Malformed::invalid("name longer than 255 bytes", self.at));
                    }
                    self.at = r.offset();
                    return Ok(Some(label));
                }
                high @ 0xc0.. => {
                    let to = usize::from(high & 0x3f) << 8 | usize::from(r.u8("pointer")?);
                    // only back, so no loop can be made
                    if to >= self.before || self.pointers >= MAX_POINTERS {
                        return Err(Malformed::invalid("compression pointer", self.at));
                    }
                    (self.at, self.before, self.pointers) = (to, to, self.pointers + 1);
                }
                _ => return Err(Malformed::invalid("label", self.at)),
            }
        }
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = Read<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let read = self.read().transpose();
        self.over = !matches!(read, Some(Ok(_)));
        read
    }
}

/// The text of a name.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    bytes: [u8; MAX_NAME],
    len: usize,
}

impl Text {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_only_lead_back() {
        let mut message = b"\x03www\x05plant\x00\x04mail\xc0\x04\xc0\x10".to_vec();
        let (name, end) = Name::read(&message, 0).unwrap();
        assert_eq!((name.text().as_bytes(), end), (&b"www.plant"[..], 11));
        let (name, end) = Name::read(&message, 11).unwrap();
        assert_eq!((name.text().as_bytes(), end), (&b"mail.plant"[..], 18));
        assert!(name.ends_with(&[b"PLANT"]) && name.first() == Some(b"mail"));
        // to itself
        message[17] = 16;
        let (name, _) = Name::read(&message, 11).unwrap();
        assert!(name.labels().any(|l| l.is_err()));
    }

    #[test]
    fn addresses_backwards() {
        let (name, _) = Name::read(b"\x019\x010\x010\x0210\x07in-addr\x04arpa\x00", 0).unwrap();
        assert_eq!(name.reversed(), Some([10, 0, 0, 9].into()));
        let mut six = Vec::new();
        for i in 0..32 {
            six.extend([1, if i == 0 { b'b' } else { b'0' }]);
        }
        six.extend(b"\x03ip6\x04arpa\x00");
        let (name, _) = Name::read(&six, 0).unwrap();
        assert_eq!(name.reversed().unwrap().to_string(), "::b");
    }
}
