//! Secrets never leave the parser: only their length and a keyed hash do.

use sha2::{Digest, Sha256};

/// What a session needs to mask secrets and to know default ones. Made once from the settings.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    key: [u8; 16],
    /// SHA-256 of `user:password` of published default credentials, sorted.
    defaults: Vec<[u8; 32]>,
}

impl Secrets {
    /// `key` makes hashes of one installation useless to another; `defaults` are SHA-256 of `user:password`.
    pub fn new(key: [u8; 16], mut defaults: Vec<[u8; 32]>) -> Secrets {
        defaults.sort_unstable();
        Secrets { key, defaults }
    }

    /// First 64 bits of the keyed SHA-256: equal secrets compare equal, nothing else can be learned.
    pub fn mask(&self, secret: &[u8]) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(secret);
        let digest: [u8; 32] = hash.finalize().into();
        digest.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b))
    }

    /// Whether this pair is a published default.
    pub fn is_default(&self, user: &[u8], password: &[u8]) -> bool {
        let mut hash = Sha256::new();
        hash.update(user);
        hash.update(b":");
        hash.update(password);
        let digest: [u8; 32] = hash.finalize().into();
        self.defaults.binary_search(&digest).is_ok()
    }
}
