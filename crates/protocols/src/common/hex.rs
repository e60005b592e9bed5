//! Bytes shown to people: text where they are text, else hexadecimal; lists of numbers with commas.

use crate::Draft;
use crate::Span;
use core::fmt;

/// Two digits per byte.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

/// Numbers with commas between them.
pub struct Numbers<I>(pub I);

impl<I: Iterator<Item = u16> + Clone> fmt::Display for Numbers<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, n) in self.0.clone().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{n}")?;
        }
        Ok(())
    }
}

/// Whether the bytes can be shown as they are.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.is_empty() && core::str::from_utf8(bytes).is_ok_and(|t| !t.chars().any(char::is_control))
}

/// Text as it is, anything else in hexadecimal.
pub fn readable(draft: &mut Draft<'_>, bytes: &[u8]) -> Span {
    if is_text(bytes) { draft.text(bytes) } else { draft.format(format_args!("{}", Hex(bytes))) }
}
