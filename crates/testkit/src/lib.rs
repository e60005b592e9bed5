//! Development tools, never part of the product: message builders and simulated plants.
//!
//! - [`build`]: packets and messages of office and plant protocols, from bytes up
//! - [`plant`]: a simulated water works, with its ground truth

pub mod build;
pub mod plant;
