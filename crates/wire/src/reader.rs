//! The only way to bytes. Every read checks itself; *truncated* and *invalid* stay apart,
//! because the first is usually the network's fault and the second the sender's.

use core::fmt;

/// Why bytes could not be read as what they claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Malformed {
    /// Bytes are missing, or bytes are wrong.
    pub kind: Kind,
    /// The field or rule that failed, in the standard's own words.
    pub what: &'static str,
    /// Offset in bytes from the start of the message.
    pub at: u32,
}

/// The two ways a message can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The message ends before the field does.
    Truncated,
    /// The field is complete and breaks the standard.
    Invalid,
}

impl Malformed {
    /// A rule of the standard is broken at offset `at`.
    pub fn invalid(what: &'static str, at: usize) -> Self {
        Malformed { kind: Kind::Invalid, what, at: at as u32 }
    }

    /// The message ends before the field at offset `at` does.
    pub fn truncated(what: &'static str, at: usize) -> Self {
        Malformed { kind: Kind::Truncated, what, at: at as u32 }
    }

    /// True when bytes are missing rather than wrong.
    pub fn is_truncated(&self) -> bool {
        self.kind == Kind::Truncated
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Truncated => "truncated",
            Kind::Invalid => "invalid",
        };
        write!(f, "{kind} {} at byte {}", self.what, self.at)
    }
}

/// Result of reading from the wire.
pub type Read<T> = Result<T, Malformed>;

/// A bounds-checked cursor over one message.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Offset of `bytes[0]` in the whole message, so that errors in a sub-reader name true offsets.
    base: usize,
}

macro_rules! ints {
    ($($name:ident $type:ty, $size:literal, $from:ident;)*) => {$(
        #[doc = concat!("Reads a `", stringify!($type), "` with `", stringify!($from), "`.")]
        #[inline]
        pub fn $name(&mut self, what: &'static str) -> Read<$type> {
            match self.bytes.get(self.at..).and_then(|b| b.first_chunk::<$size>()) {
                Some(b) => { self.at += $size; Ok(<$type>::$from(*b)) }
                None => Err(self.short(what)),
            }
        }
    )*};
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `bytes`.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0, base: 0 }
    }

    ints! {
        u8 u8, 1, from_be_bytes;
        i8 i8, 1, from_be_bytes;
        be16 u16, 2, from_be_bytes;
        be32 u32, 4, from_be_bytes;
        be64 u64, 8, from_be_bytes;
        le16 u16, 2, from_le_bytes;
        le32 u32, 4, from_le_bytes;
        le64 u64, 8, from_le_bytes;
        be_i16 i16, 2, from_be_bytes;
        be_i32 i32, 4, from_be_bytes;
        le_i16 i16, 2, from_le_bytes;
        le_i32 i32, 4, from_le_bytes;
        be_f32 f32, 4, from_be_bytes;
        be_f64 f64, 8, from_be_bytes;
        le_f32 f32, 4, from_le_bytes;
        le_f64 f64, 8, from_le_bytes;
    }

    /// Reads a 24-bit big-endian number.
    #[inline]
    pub fn be24(&mut self, what: &'static str) -> Read<u32> {
        let b = self.array::<3>(what)?;
        Ok(u32::from_be_bytes([0, b[0], b[1], b[2]]))
    }

    /// Reads a 24-bit little-endian number.
    #[inline]
    pub fn le24(&mut self, what: &'static str) -> Read<u32> {
        let b = self.array::<3>(what)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], 0]))
    }

    /// Reads an unsigned big-endian number of `n` bytes (0 to 8).
    #[inline]
    pub fn be_uint(&mut self, n: usize, what: &'static str) -> Read<u64> {
        if n > 8 {
            return Err(Malformed::invalid(what, self.offset()));
        }
        Ok(self.take(n, what)?.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    /// Reads an unsigned little-endian number of `n` bytes (0 to 8).
    #[inline]
    pub fn le_uint(&mut self, n: usize, what: &'static str) -> Read<u64> {
        if n > 8 {
            return Err(Malformed::invalid(what, self.offset()));
        }
        Ok(self.take(n, what)?.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    /// Reads a fixed number of bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Read<[u8; N]> {
        match self.bytes.get(self.at..).and_then(|b| b.first_chunk::<N>()) {
            Some(b) => {
                self.at += N;
                Ok(*b)
            }
            None => Err(self.short(what)),
        }
    }

    /// Takes the next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize, what: &'static str) -> Read<&'a [u8]> {
        match self.bytes.get(self.at..).and_then(|b| b.get(..n)) {
            Some(b) => {
                self.at += n;
                Ok(b)
            }
            None => Err(self.short(what)),
        }
    }

    /// A reader over the next `n` bytes; what is left inside it afterwards is trailing data.
    #[inline]
    pub fn sub(&mut self, n: usize, what: &'static str) -> Read<Reader<'a>> {
        let base = self.offset();
        Ok(Reader { bytes: self.take(n, what)?, at: 0, base })
    }

    /// Skips `n` bytes.
    #[inline]
    pub fn skip(&mut self, n: usize, what: &'static str) -> Read<()> {
        self.take(n, what).map(|_| ())
    }

    /// Takes everything that is left.
    #[inline]
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// What is left, without taking it.
    #[inline]
    pub fn peek(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next byte, without taking it.
    #[inline]
    pub fn peek_u8(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Number of bytes left.
    #[inline]
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// True when nothing is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// Offset from the start of the whole message, in bytes.
    #[inline]
    pub fn offset(&self) -> usize {
        self.base.saturating_add(self.at)
    }

    fn short(&self, what: &'static str) -> Malformed {
        Malformed::truncated(what, self.offset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_and_invalid_stay_apart_and_name_true_offsets() {
        let mut r = Reader::new(&[0, 2, 0xaa, 0xbb, 0xcc]);
        let n = r.be16("length").unwrap_or_default();
        let mut inner = r.sub(n.into(), "body").unwrap_or(Reader::new(&[]));
        assert_eq!(inner.u8("first"), Ok(0xaa));
        assert_eq!(inner.be16("word"), Err(Malformed::truncated("word", 3)));
        assert_eq!(r.rest(), &[0xcc]);
        assert!(r.be_uint(9, "too wide").is_err_and(|e| !e.is_truncated()));
    }

    #[test]
    fn odd_widths() {
        assert_eq!(Reader::new(&[1, 2, 3]).be24("n"), Ok(0x010203));
        assert_eq!(Reader::new(&[1, 2, 3]).le24("n"), Ok(0x030201));
        assert_eq!(Reader::new(&[1, 2, 3]).le_uint(3, "n"), Ok(0x030201));
        assert_eq!(Reader::new(&[]).be_uint(0, "n"), Ok(0));
    }
}
