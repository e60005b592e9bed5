//! Development tools, never part of the product.
//!
//! - [`corpus`]: the captures beside the project, where they are there
//! - [`pages`]: the cases of the protocol pages (bytes to facts), run through the real engine
//! - [`laws`]: what every protocol must keep under stress

pub mod corpus;
pub mod laws;
pub mod pages;
//! Development tools, never part of the product: message builders and simulated plants.
//! - [`build`]: packets and messages of office and plant protocols, from bytes up
//! - [`plant`]: a simulated water works, with its ground truth

pub mod build;
pub mod plant;
