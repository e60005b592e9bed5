//! Development tools, never part of the product.
//!
//! - [`bench`]: inputs, runs and the page of `./dev bench`
//! - [`build`]: packets and messages of office and plant protocols, from bytes up
//! - [`corpus`]: the captures beside the project, where they are there
//! - [`differential`]: the parsers against tshark
//! - [`fuzz`]: any bytes through a part of the product, with laws as oracles
//! - [`laws`]: what every protocol must keep under stress
//! - [`pages`]: the cases of the protocol pages (bytes to facts), run through the real engine
//! - [`plant`]: a simulated water works, with its ground truth

pub mod bench;
pub mod build;
pub mod corpus;
pub mod differential;
pub mod fuzz;
pub mod laws;
pub mod pages;
pub mod plant;
