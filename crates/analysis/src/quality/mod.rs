//! Is the mirror any good? What it shows, what it misses, and what to tell the network team. See the folder's `README.md`.

mod findings;
mod tally;
#[cfg(test)]
mod tests;
mod text;

pub use findings::Finding;
pub use tally::{MAX_PAIRS, MAX_PORTS, PortShare, Quality, Summary};
