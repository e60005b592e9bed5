//! Small readers that several folders need. Folders never import each other.

// shared by protocols that need different parts of it
#[allow(dead_code)]
pub(crate) mod ber;
pub(crate) mod crc16;
pub(crate) mod description;
pub(crate) mod identity_object;
pub(crate) mod modbus;
pub(crate) mod tsap;
