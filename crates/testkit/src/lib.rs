//! Development tools, never part of the product.
//!
//! - [`pages`]: the cases of the protocol pages (bytes to facts), run through the real engine
//! - [`laws`]: what every protocol must keep under stress

pub mod laws;
pub mod pages;
