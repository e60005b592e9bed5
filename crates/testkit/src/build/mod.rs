//! Builders: values in, bytes out. Each file is one protocol; nothing here keeps time or talks to a network.
//!
//! Carriers: [`link`], [`ip`], [`tcp`] (a conversation with both sides' sequence numbers), [`capture`] files.

pub mod bacnet;
mod buf;
pub mod capture;
pub mod cip;
pub mod dhcp;
pub mod dnp3;
pub mod dns;
pub mod enip;
pub mod goose;
pub mod http;
pub mod iec104;
pub mod ip;
pub mod link;
pub mod lldp;
pub mod login;
pub mod modbus;
pub mod profinet;
pub mod rdp;
pub mod s7comm;
pub mod smb;
pub mod snmp;
pub mod tcp;
pub mod timing;
pub mod tls;
pub mod tristation;
pub mod umas;

pub use buf::Buf;

/// A hardware address.
pub type Mac = [u8; 6];

/// An IPv4 address.
pub type Ip = [u8; 4];
