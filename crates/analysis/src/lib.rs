//! What the facts add up to. Pure: no I/O, no clock, no randomness; sees facts, never bytes.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod alerts;
pub mod conversations;
pub mod detections;
mod hash;
pub mod inventory;
mod judge;
pub mod knowledge;
pub mod quality;
pub mod reports;
mod table;

pub use judge::{Judge, MAX_TRANSFERS, Tally};
