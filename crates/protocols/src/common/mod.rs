//! Small readers that several folders need. Folders never import each other.

pub(crate) mod banner;
pub(crate) mod data_channel;
pub(crate) mod description;
pub(crate) mod header;
pub(crate) mod identity_object;
pub(crate) mod tsap;
