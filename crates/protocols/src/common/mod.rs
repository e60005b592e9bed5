//! Small readers that several folders need. Folders never import each other.

pub(crate) mod identity_object;
//! Small things that several folders need. Folders never import each other.

pub mod tsap;
//! Readers shared by several protocols; protocols never import each other.

pub mod description;
