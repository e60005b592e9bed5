//! All integration tests of the crate, in one binary.

mod builders;
mod plant;
mod tshark;
