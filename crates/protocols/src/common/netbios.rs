//! NetBIOS names (RFC 1001, 14.1): fifteen bytes of text and a suffix that tells the kind of service, each byte as two
//! letters from `A` on.

use crate::Kind;
use crate::evidence::Speaker;
use core::fmt;
use model::{NameKind, Role};

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    text: [u8; 15],
    /// What kind of service has the name.
    pub suffix: u8,
}

impl Name {
    /// Decodes the label of a name.
    pub fn decode(label: &[u8]) -> Option<Name> {
        if label.len() != 32 || !label.iter().all(|b| (b'A'..=b'P').contains(b)) {
            return None;
        }
        let mut all = [0u8; 16];
        for (byte, pair) in all.iter_mut().zip(label.as_chunks::<2>().0) {
            let [high, low] = *pair;
            *byte = (high - b'A') << 4 | (low - b'A');
        }
        Some(Name::plain(all))
    }

    /// A name as it stands in lists of names.
    pub fn plain(all: [u8; 16]) -> Name {
        let [text @ .., suffix] = all;
        Name { text, suffix }
    }

    /// The text without the blanks (or zero bytes) that fill it up.
    pub fn text(&self) -> &[u8] {
        let end = self.text.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |i| i + 1);
        self.text.get(..end).unwrap_or_default()
    }

    /// What having this name says about a device.
    pub fn prove<'o>(&self, group: bool, speaker: Speaker<'o>) -> Speaker<'o> {
        let text = self.text();
        // `*`, and `__MSBROWSE__` between two control bytes
        if text.is_empty() || text.first().is_some_and(|b| matches!(b, b'*' | 1)) {
            return speaker;
        }
        match (self.suffix, group) {
            (0x00, false) => speaker.name(NameKind::Host, text),
            (0x00 | 0x1e, true) => speaker.name(NameKind::Domain, text),
            // every Windows machine shares something: a service, but no file server for that
            (0x20, false) => speaker.is(Kind::Service { transport: "tcp", port: 139, protocol: "nbss" }),
            (0x1b, false) | (0x1c, true) => speaker.implied().role(Role::DomainController).name(NameKind::Domain, text),
            _ => speaker,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.text() {
            let c = char::from(*byte);
            write!(f, "{}", if c.is_control() { ' ' } else { c })?;
        }
        write!(f, "<{:02x}>", self.suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        let name = Name::decode(b"EIEGCACACACACACACACACACACACACACA").unwrap();
        assert_eq!((name.text(), name.suffix), (&b"HF"[..], 0x20));
        assert_eq!(name.to_string(), "HF<20>");
        assert_eq!(Name::decode(b"EIEG"), None);
    }
}
