//! All integration tests of the crate, in one binary.

mod builders;
mod plant;
mod tshark;
mod wire_to_alert;
mod wire_to_device;
