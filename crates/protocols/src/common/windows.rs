//! Forms of Windows that several protocols share.

use crate::{Draft, Output, Span, Val};
use model::Time;

/// Steps of 100 ns from 1601 to 1970.
const EPOCH: u64 = 116_444_736_000_000_000;

/// A FILETIME ([MS-DTYP] 2.3.3): steps of 100 ns since 1601. `None` for 0 (not set) and what 64 bits of nanoseconds
/// do not hold.
pub fn filetime(steps: u64) -> Option<Time> {
    let since = steps.checked_sub(EPOCH)?;
    i64::try_from(since).ok()?.checked_mul(100).map(Time)
}

/// A FILETIME as a value.
pub fn time(steps: u64) -> Val {
    filetime(steps).map_or(Val::None, Val::Time)
}

/// A GUID ([MS-DTYP] 2.3.4): three little-endian numbers, then eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// Whether every byte is 0.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 16]
    }
}

impl core::fmt::Display for Guid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let [a, b, c, d, e, g, h, i, rest @ ..] = self.0;
        let (first, second, third) =
            (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, g]), u16::from_le_bytes([h, i]));
        write!(f, "{first:08x}-{second:04x}-{third:04x}-")?;
        for (n, byte) in rest.iter().enumerate() {
            if n == 2 {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// A list of words of the standard, with commas; what is not named is a hexadecimal number.
pub fn words(out: &mut Output, list: impl Iterator<Item = (Option<&'static str>, u32)>) -> Span {
    use core::fmt::Write;
    let mut text = String::new();
    for (name, number) in list {
        if !text.is_empty() {
            text.push(',');
        }
        match name {
            Some(name) => text.push_str(name),
            None => {
                let _ = write!(text, "{number:#x}");
            }
        }
    }
    out.text(text.as_bytes())
}

/// The names of the bits that are set.
pub fn bits(out: &mut Output, set: u32, names: &'static [(u32, &'static str)]) -> Span {
    let known = names.iter().filter(|(bit, _)| set & bit != 0).map(|(bit, name)| (Some(*name), *bit));
    let rest = set & !names.iter().fold(0, |all, (bit, _)| all | bit);
    words(out, known.chain((rest != 0).then_some((None, rest))))
}

/// Adds a text extra where there is text.
pub fn text_extra(draft: &mut Draft<'_>, key: &'static str, text: Span) {
    if !text.is_empty() {
        draft.push_extra(key, Val::Text(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(filetime(EPOCH + 10_000_000), Some(Time(1_000_000_000)));
        assert_eq!(filetime(0), None);
        let guid = Guid([0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0, 0x10, 3]);
        assert_eq!(guid.to_string(), "367abb81-9844-35f1-ad32-98f038001003");
    }
}
