//! Names of NetBIOS inside names of DNS (RFC 1001, 14.1): each byte of the sixteen as two letters.

use super::Name;

/// Letters of an encoded name.
const ENCODED: usize = 32;

/// A name and its suffix, the sixteenth byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetbiosName {
    bytes: [u8; 15],
    /// What the name stands for.
    pub suffix: u8,
}

impl NetbiosName {
    /// From the sixteen bytes.
    pub fn new(whole: [u8; 16]) -> NetbiosName {
        let [first @ .., suffix] = whole;
        NetbiosName { bytes: first, suffix }
    }

    /// From the label of an encoded name.
    pub fn decode(label: &[u8]) -> Option<NetbiosName> {
        if label.len() != ENCODED {
            return None;
        }
        let mut whole = [0; 16];
        for (byte, pair) in whole.iter_mut().zip(label.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let (high, low) = (high.checked_sub(b'A')?, low.checked_sub(b'A')?);
            if high > 15 || low > 15 {
                return None;
            }
            *byte = high << 4 | low;
        }
        Some(NetbiosName::new(whole))
    }

    /// The name without what fills it up.
    pub fn text(&self) -> &[u8] {
        let end = self.bytes.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |at| at + 1);
        self.bytes.get(..end).unwrap_or_default()
    }

    /// `*`: any name.
    pub fn is_any(&self) -> bool {
        self.bytes.first() == Some(&b'*') && self.bytes.iter().skip(1).all(|b| *b == 0)
    }

    /// Whether it is made of visible characters.
    pub fn is_printable(&self) -> bool {
        !self.text().is_empty() && self.text().iter().all(|b| *b >= 0x20 && *b != 0x7f)
    }
}

/// As people of the field write it: `FILES-1<20>`.
impl core::fmt::Display for NetbiosName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}<{:02x}>", crate::text::clean(self.text()), self.suffix)
    }
}

/// The NetBIOS name in a name, where it is one.
pub fn netbios_name(name: &Name<'_>) -> Option<NetbiosName> {
    NetbiosName::decode(name.labels().next()?)
}
