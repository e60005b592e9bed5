//! What `./dev bench` is made of: inputs ([`weave`]), runs ([`run`]), the page ([`page`]).

pub mod page;
pub mod run;
pub mod weave;
