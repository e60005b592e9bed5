//! Small readers that several folders need. Folders never import each other.

pub(crate) mod ber;
pub(crate) mod description;
pub(crate) mod identity_object;
pub(crate) mod mms_data;
pub(crate) mod tsap;
