/// A growing message: numbers and bytes are appended in wire order, big endian (`be`) or little endian (`le`).
#[derive(Clone, Debug, Default)]
pub struct Buf(pub Vec<u8>);

macro_rules! numbers {
    ($($be:ident $le:ident $t:ty),*) => {$(
        /// Appends a number, most significant byte first.
        pub fn $be(self, v: $t) -> Buf { self.put(&v.to_be_bytes()) }
        /// Appends a number, least significant byte first.
        pub fn $le(self, v: $t) -> Buf { self.put(&v.to_le_bytes()) }
    )*};
}

impl Buf {
    /// An empty message.
    pub fn new() -> Buf {
        Buf::default()
    }

    numbers!(be16 le16 u16, be32 le32 u32, be64 le64 u64);

    /// Appends one byte.
    pub fn u8(mut self, v: u8) -> Buf {
        self.0.push(v);
        self
    }

    /// Appends the low three bytes, most significant first.
    pub fn be24(self, v: u32) -> Buf {
        self.put(&v.to_be_bytes()[1..])
    }

    /// Appends an IEEE 754 single, least significant byte first.
    pub fn le_f32(self, v: f32) -> Buf {
        self.put(&v.to_le_bytes())
    }

    /// Appends an IEEE 754 single, most significant byte first.
    pub fn be_f32(self, v: f32) -> Buf {
        self.put(&v.to_be_bytes())
    }

    /// Appends bytes as they are.
    pub fn put(mut self, bytes: &[u8]) -> Buf {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends text as it is.
    pub fn text(self, s: &str) -> Buf {
        self.put(s.as_bytes())
    }

    /// Appends text cut or filled to `len` bytes with `fill`.
    pub fn fixed(self, s: &str, len: usize, fill: u8) -> Buf {
        let mut bytes = s.as_bytes().to_vec();
        bytes.resize(len, fill);
        self.put(&bytes)
    }

    /// Appends text in UTF-16, little endian.
    pub fn utf16(mut self, s: &str) -> Buf {
        for unit in s.encode_utf16() {
            self = self.le16(unit);
        }
        self
    }

    /// Appends `n` zero bytes.
    pub fn zeros(mut self, n: usize) -> Buf {
        self.0.resize(self.0.len() + n, 0);
        self
    }

    /// The length so far, in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The message.
    pub fn done(self) -> Vec<u8> {
        self.0
    }
}
