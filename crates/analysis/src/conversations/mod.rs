//! Who acts on whom, over what, how often, with what result. See the folder's `README.md`.

mod join;
mod rows;
mod sums;
#[cfg(test)]
mod tests;

pub use rows::{
    Conversation, Conversations, MAX_CONVERSATIONS, MAX_OPERATIONS, MAX_PORTS, MAX_RANGES, MAX_STATES, MAX_UNKNOWN,
    Operation, Outcomes, Range, Unknown,
};
pub use sums::{Added, FlowSums, OpenFlows};
