//! Everything the crate promises, tried from outside.

mod anything;
mod build;
mod corpus;
mod files;
mod fragments;
mod headers;
mod oracle;
mod tunnels;
