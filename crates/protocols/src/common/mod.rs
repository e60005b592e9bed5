//! Readers shared by several protocols; protocols never import each other.

pub mod description;
