//! Small things that several folders need. Folders never import each other.

pub mod tsap;
