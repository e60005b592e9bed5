//! The pure machine: flows, reassembly, identification, habits, order. No I/O, no clock, no thread; time comes with
//! the frames.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod dispatch;
mod flow;
mod hash;
mod heard;
mod key;
mod lane;
pub mod limits;
mod lines;
mod order;
mod pair;
mod patterns;
pub mod pipeline;
mod registry;
mod say;
mod shape;
mod shard;
mod slab;
mod stream;

pub use dispatch::{Dispatcher, FrameIn};
pub use lines::{JsonLines, escape, json_value};
pub use order::{Batch, Line, Merge, Order, Placed};
pub use pipeline::{Engine, Settings};
pub use registry::Registry;
pub use say::{Ends, Write, bits, evidence, transaction, value, words};
pub use shard::{AHEAD, Seen, Shard, ShardSettings};
