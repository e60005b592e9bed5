//! Small readers that several folders need. Folders never import each other.

pub(crate) mod crc16;
pub(crate) mod description;
pub(crate) mod identity_object;
pub(crate) mod modbus;
pub(crate) mod tsap;
