//! Common Industrial Protocol messages (CIP volume 1) and the Logix tag services (Rockwell 1756-PM020).

use super::Buf;

/// Path to an instance of a class.
pub fn instance(class: u8, instance: u8) -> Vec<u8> {
    vec![0x20, class, 0x24, instance]
}

/// Path to a tag by its name.
pub fn symbol(name: &str) -> Vec<u8> {
    Buf::new().u8(0x91).u8(name.len() as u8).text(name).zeros(name.len() % 2).done()
}

/// A request to `path`.
pub fn request(service: u8, path: &[u8], data: &[u8]) -> Vec<u8> {
    Buf::new().u8(service).u8((path.len() / 2) as u8).put(path).put(data).done()
}

/// A response; status 0 is success.
pub fn response(service: u8, status: u8, data: &[u8]) -> Vec<u8> {
    Buf::new().u8(service | 0x80).u8(0).u8(status).u8(0).put(data).done()
}

/// Wraps a request for the module in backplane slot `slot` (connection manager, unconnected send).
pub fn to_slot(slot: u8, message: &[u8]) -> Vec<u8> {
    let data = Buf::new().u8(10).u8(14).le16(message.len() as u16).put(message).zeros(message.len() % 2);
    request(0x52, &instance(6, 1), &data.u8(1).u8(0).u8(1).u8(slot).0)
}

/// Get attributes all of the identity object.
pub fn get_identity() -> Vec<u8> {
    request(1, &instance(1, 1), &[])
}

/// What both sides know of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Id the target listens to.
    pub to_target: u32,
    /// Id the originator listens to.
    pub to_originator: u32,
    /// Connection serial number.
    pub serial: u16,
    /// Originator's vendor id.
    pub vendor: u16,
    /// Originator's serial number.
    pub originator: u32,
    /// Requested packet interval, µs.
    pub interval: u32,
}

/// Forward open to the message router behind slot `slot`.
pub fn forward_open(c: &Connection, slot: u8) -> Vec<u8> {
    let path = [&[1, slot][..], &instance(2, 1)].concat();
    let data = Buf::new()
        .u8(10)
        .u8(14)
        .le32(0)
        .le32(c.to_originator)
        .le16(c.serial)
        .le16(c.vendor)
        .le32(c.originator)
        .le32(3)
        .le32(c.interval)
        .le16(0x43f4)
        .le32(c.interval)
        .le16(0x43f4)
        .u8(0xa3)
        .u8((path.len() / 2) as u8)
        .put(&path);
    request(0x54, &instance(6, 1), &data.0)
}

/// The target's agreement.
pub fn forward_opened(c: &Connection) -> Vec<u8> {
    let data = Buf::new().le32(c.to_target).le32(c.to_originator).le16(c.serial).le16(c.vendor).le32(c.originator);
    response(0x54, 0, &data.le32(c.interval).le32(c.interval).le16(0).0)
}

/// Reads one element of a tag.
pub fn read_tag(name: &str) -> Vec<u8> {
    request(0x4c, &symbol(name), &[1, 0])
}

/// The answer for a tag of type REAL.
pub fn tag_real(value: f32) -> Vec<u8> {
    response(0x4c, 0, &Buf::new().le16(0xca).le_f32(value).0)
}

/// Writes one REAL element.
pub fn write_tag(name: &str, value: f32) -> Vec<u8> {
    request(0x4d, &symbol(name), &Buf::new().le16(0xca).le16(1).le_f32(value).0)
}
