//! Bytes to headers: the checked [`Reader`], link, network and transport headers, tunnels, copies of packets, and
//! capture file formats. No clock, no I/O but `std::io::Read` and `Write` the caller hands in.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod decode;
mod digest;
pub mod duplicates;
pub mod file;
mod reader;

pub use digest::digest;
pub use reader::{Kind, Malformed, Read, Reader};
