//! What TLS and its relatives have in common: hellos, names, fingerprints.

pub mod ciphers;
pub mod fingerprint;
pub mod hello;
pub mod names;
