//! Small readers that several folders need. Folders never import each other.

pub(crate) mod banner;
pub(crate) mod ber;
pub(crate) mod certificate;
pub(crate) mod crc16;
pub(crate) mod data_channel;
pub(crate) mod der;
pub(crate) mod description;
pub(crate) mod dns;
pub(crate) mod header;
pub(crate) mod hex;
pub(crate) mod identity_object;
pub(crate) mod mms_data;
pub(crate) mod modbus;
pub(crate) mod ntlmssp;
pub(crate) mod ntstatus;
pub(crate) mod quoted;
pub(crate) mod shared_files;
pub(crate) mod spnego;
pub(crate) mod tls;
pub(crate) mod tsap;
pub(crate) mod windows;
