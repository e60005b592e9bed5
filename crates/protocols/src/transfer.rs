//! A program, block or file on its way: hashed as it passes, never stored.

use crate::row::Moment;
use model::TransferKind;
use sha2::{Digest, Sha256};

/// A transfer in progress, kept by a session. The hash is incremental; the bytes are not kept.
#[derive(Clone, Debug)]
pub struct Moving {
    /// Into or out of the device.
    pub kind: TransferKind,
    /// `program`, `block`, `firmware`, `file`, `configuration`.
    pub content: &'static str,
    /// Name of the block or file.
    pub name: String,
    /// Bytes seen so far.
    pub size: u64,
    /// Size announced, where the protocol announces one.
    pub announced: Option<u64>,
    /// Bytes are known to be missing.
    pub broken: bool,
    /// When it began.
    pub first: Moment,
    hash: Sha256,
}

impl Moving {
    /// A transfer that begins at `first`.
    pub fn new(kind: TransferKind, content: &'static str, name: String, first: Moment) -> Moving {
        Moving { kind, content, name, size: 0, announced: None, broken: false, first, hash: Sha256::new() }
    }

    /// The next piece.
    pub fn piece(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len() as u64);
        self.hash.update(bytes);
    }

    /// Lower-case hexadecimal SHA-256 of what was seen.
    pub fn sha256(&self) -> String {
        use core::fmt::Write;
        let mut text = String::with_capacity(64);
        for byte in self.hash.clone().finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Everything announced was seen, and nothing is known to be missing.
    pub fn is_complete(&self) -> bool {
        !self.broken && self.announced.is_none_or(|n| n == self.size)
    }
}
