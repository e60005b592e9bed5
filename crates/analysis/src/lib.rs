//! What the facts add up to. Pure: no I/O, no clock, no randomness; sees facts, never bytes.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod knowledge;
pub mod conversations;
pub mod inventory;
pub mod quality;
pub mod alerts;
pub mod detections;
