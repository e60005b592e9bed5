//! Why a capture file could not be read further, and where.

use core::fmt;
use std::io;

/// Where and why reading stopped or stumbled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileError {
    /// Offset in bytes from the start of the (decompressed) file.
    pub offset: u64,
    /// Why.
    pub reason: Reason,
    /// Whether records after this place can still be read.
    pub recoverable: bool,
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The source failed.
    Io(io::ErrorKind),
    /// The file is empty.
    Empty,
    /// Not a capture file this crate knows; its first bytes.
    UnknownFormat([u8; 8]),
    /// A known format other than pcap and pcapng.
    OtherFormat(&'static str),
    /// The file ends inside a header, record or block.
    Truncated {
        /// Bytes that are there.
        have: u64,
        /// Bytes that should be.
        need: u64,
    },
    /// A length no capture would have.
    ImplausibleLength {
        /// Which length.
        what: &'static str,
        /// Its value.
        value: u64,
    },
    /// A field or rule of the format is broken.
    Invalid(&'static str),
    /// A packet on an interface the section has not described.
    UnknownInterface(u32),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.offset)?;
        match self.reason {
            Reason::Io(kind) => write!(f, "reading failed: {kind}"),
            Reason::Empty => f.write_str("the file is empty"),
            Reason::UnknownFormat(first) => {
                f.write_str("not a capture file: it begins with")?;
                first.iter().try_for_each(|b| write!(f, " {b:02x}"))
            }
            Reason::OtherFormat(name) => write!(f, "this is {name}, not pcap or pcapng"),
            Reason::Truncated { have, need } => write!(f, "the file ends: {have} of {need} bytes are there"),
            Reason::ImplausibleLength { what, value } => write!(f, "implausible {what}: {value}"),
            Reason::Invalid(what) => write!(f, "invalid {what}"),
            Reason::UnknownInterface(number) => write!(f, "packet on interface {number}, which is not described"),
        }
    }
}

impl std::error::Error for FileError {}
