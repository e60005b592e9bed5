//! Bytes to headers: the checked [`Reader`], link, network and transport headers, tunnels, and capture file
//! formats. No I/O, no clock, no state beyond what a header needs.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod reader;

pub use reader::{Kind, Malformed, Read, Reader};
