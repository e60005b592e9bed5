//! EtherNet/IP encapsulation (CIP volume 2) on TCP and UDP 44818, and implicit I/O on UDP 2222.

use super::{Buf, Ip};

fn encapsulate(command: u16, session: u32, context: u64, data: &[u8]) -> Vec<u8> {
    Buf::new().le16(command).le16(data.len() as u16).le32(session).le32(0).le64(context).le32(0).put(data).done()
}

/// What an identity object says.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    /// Vendor id (1 is Rockwell Automation).
    pub vendor: u16,
    /// Device type (14 programmable logic controller, 12 communications adapter, 150 drive).
    pub kind: u16,
    /// Product code.
    pub product: u16,
    /// Major and minor revision.
    pub revision: (u8, u8),
    /// Status word.
    pub status: u16,
    /// Serial number.
    pub serial: u32,
    /// Product name.
    pub name: &'a str,
}

/// The attributes of class 1 as "get attributes all" gives them.
pub fn identity(i: &Identity<'_>) -> Vec<u8> {
    Buf::new()
        .le16(i.vendor)
        .le16(i.kind)
        .le16(i.product)
        .u8(i.revision.0)
        .u8(i.revision.1)
        .le16(i.status)
        .le32(i.serial)
        .u8(i.name.len() as u8)
        .text(i.name)
        .done()
}

/// "Everyone, who are you?"
pub fn list_identity() -> Vec<u8> {
    encapsulate(0x63, 0, 0, &[])
}

/// The answer to [`list_identity`].
pub fn listed(ip: Ip, i: &Identity<'_>) -> Vec<u8> {
    let item = Buf::new().le16(1).be16(2).be16(44_818).put(&ip).zeros(8).put(&identity(i)).u8(3).done();
    encapsulate(0x63, 0, 0, &Buf::new().le16(1).le16(0x0c).le16(item.len() as u16).put(&item).0)
}

/// Opens a session; the answer carries the handle given.
pub fn register_session(session: u32) -> Vec<u8> {
    encapsulate(0x65, session, 0, &[1, 0, 0, 0])
}

/// An unconnected message (SendRRData), request or response alike.
pub fn unconnected(session: u32, context: u64, cip: &[u8]) -> Vec<u8> {
    let data = Buf::new().le32(0).le16(10).le16(2).le16(0).le16(0).le16(0xb2).le16(cip.len() as u16).put(cip).done();
    encapsulate(0x6f, session, context, &data)
}

/// A connected message (SendUnitData) on `connection` with its sequence count.
pub fn connected(session: u32, connection: u32, sequence: u16, cip: &[u8]) -> Vec<u8> {
    let head = Buf::new().le32(0).le16(0).le16(2).le16(0xa1).le16(4).le32(connection);
    let data = head.le16(0xb1).le16(cip.len() as u16 + 2).le16(sequence).put(cip).done();
    encapsulate(0x70, session, 0, &data)
}

/// One implicit I/O datagram.
pub fn io(connection: u32, sequence: u32, data: &[u8]) -> Vec<u8> {
    let b = Buf::new().le16(2).le16(0x8002).le16(8).le32(connection).le32(sequence);
    b.le16(0xb1).le16(data.len() as u16 + 2).le16(sequence as u16).put(data).done()
}
