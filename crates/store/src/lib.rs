//! What is kept of a site between runs: one SQLite file. A run is one transaction: all of it is kept or nothing.
//!
//! The state is evidence, not conclusions: devices are worked out anew from it each time, so a better table or rule
//! improves what was collected a year ago. Joining is that of `analysis`: the order of captures does not matter.

mod codec;
mod error;
mod kept;
mod rows;
mod schema;
mod site;
#[cfg(test)]
mod tests;
mod words;

pub use error::Error;
pub use kept::{Kept, KnownFile};
pub use site::Site;
