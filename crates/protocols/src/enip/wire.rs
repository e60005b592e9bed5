//! Bytes to message. Stateless.
//!
//! ```text
//! Encapsulation header (CIP Volume 2, 2-3), little-endian
//! | command 2 | length 2 | session handle 4 | status 4 | sender context 8 | options 4 | data: length bytes |
//!
//! Common packet format (CIP Volume 2, 2-6)
//! | item count 2 | { type 2 | length 2 | data } … |
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the encapsulation header.
pub const HEADER: usize = 24;
/// Most bytes behind the header (Volume 2, 2-3.2.2).
pub const MAX_LENGTH: usize = 65_511;
/// Most items read from one packet. The standard needs four (two data, two socket addresses); a list answer has one
/// per service or device.
pub const MAX_ITEMS: usize = 16;

pub const NOP: u16 = 0x0000;
/// Reserved for legacy use; older Rockwell modules still answer it with their address.
pub const LIST_TARGETS: u16 = 0x0001;
pub const LIST_SERVICES: u16 = 0x0004;
pub const LIST_IDENTITY: u16 = 0x0063;
pub const LIST_INTERFACES: u16 = 0x0064;
pub const REGISTER_SESSION: u16 = 0x0065;
pub const UNREGISTER_SESSION: u16 = 0x0066;
pub const SEND_RR_DATA: u16 = 0x006f;
pub const SEND_UNIT_DATA: u16 = 0x0070;
pub const INDICATE_STATUS: u16 = 0x0072;
pub const CANCEL: u16 = 0x0073;
pub const START_DTLS: u16 = 0x00c8;

/// Item types (Volume 2, table 2-6.3).
pub mod item {
    pub const NULL: u16 = 0x0000;
    pub const LIST_TARGETS: u16 = 0x0001;
    pub const LIST_IDENTITY: u16 = 0x000c;
    pub const CONNECTED_ADDRESS: u16 = 0x00a1;
    pub const CONNECTED_DATA: u16 = 0x00b1;
    pub const UNCONNECTED_DATA: u16 = 0x00b2;
    pub const LIST_SERVICES: u16 = 0x0100;
    pub const SOCKADDR_O_T: u16 = 0x8000;
    pub const SOCKADDR_T_O: u16 = 0x8001;
    pub const SEQUENCED_ADDRESS: u16 = 0x8002;
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub struct Encap<'a> {
    pub command: u16,
    pub session: u32,
    pub status: u32,
    pub context: u64,
    pub options: u32,
    pub data: &'a [u8],
    /// Bytes of the whole message.
    pub size: usize,
}

/// Whether the standard names this command.
pub fn is_named(command: u16) -> bool {
    matches!(
        command,
        NOP | LIST_TARGETS
            | LIST_SERVICES
            | LIST_IDENTITY
            | LIST_INTERFACES
            | REGISTER_SESSION
            | UNREGISTER_SESSION
            | SEND_RR_DATA
            | SEND_UNIT_DATA
            | INDICATE_STATUS
            | CANCEL
            | START_DTLS
    )
}

/// Status codes of the standard (Volume 2, table 2-3.3).
pub fn is_status(status: u32) -> bool {
    matches!(status, 0..=3 | 0x64 | 0x65 | 0x69 | 0x6a)
}

/// Reads the message at the front. `Ok(None)`: not complete yet. A header that cannot be one is malformed.
pub fn encap(bytes: &[u8]) -> Read<Option<Encap<'_>>> {
    let mut r = Reader::new(bytes);
    let Some(head) = header(&mut r)? else { return Ok(None) };
    let (encap, length) = head;
    match r.take(length, "data") {
        Ok(data) => Ok(Some(Encap { data, ..encap })),
        Err(_) => Ok(None),
    }
}

/// Reads the header alone: the message without data, and the data's length.
pub fn header<'a>(r: &mut Reader<'a>) -> Read<Option<(Encap<'a>, usize)>> {
    let Ok(command) = r.le16("command") else { return Ok(None) };
    if !is_named(command) {
        return Err(Malformed::invalid("command", 0));
    }
    let Ok(length) = r.le16("length") else { return Ok(None) };
    let length = usize::from(length);
    if length > MAX_LENGTH {
        return Err(Malformed::invalid("length", 2));
    }
    let (Ok(session), Ok(status), Ok(context), Ok(options)) =
        (r.le32("session handle"), r.le32("status"), r.le64("sender context"), r.le32("options"))
    else {
        return Ok(None);
    };
    let encap = Encap { command, session, status, context, options, data: &[], size: HEADER.saturating_add(length) };
    Ok(Some((encap, length)))
}

/// One item of the common packet format. `at` is its data's offset in what was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Item<'a> {
    pub kind: u16,
    pub data: &'a [u8],
    pub at: usize,
}

/// The items of one packet.
#[derive(Clone, Copy, Debug, Default)]
pub struct Items<'a> {
    list: [Item<'a>; MAX_ITEMS],
    count: usize,
    /// There were more than [`MAX_ITEMS`].
    pub more: bool,
}

impl<'a> Items<'a> {
    /// The items read.
    pub fn iter(&self) -> impl Iterator<Item = &Item<'a>> {
        self.list.iter().take(self.count)
    }

    /// The first item of a type.
    pub fn find(&self, kind: u16) -> Option<&Item<'a>> {
        self.iter().find(|i| i.kind == kind)
    }
}

/// Reads the common packet format.
pub fn items<'a>(r: &mut Reader<'a>) -> Read<Items<'a>> {
    let count = usize::from(r.le16("item count")?);
    let mut items = Items { more: count > MAX_ITEMS, ..Items::default() };
    for slot in items.list.iter_mut().take(count) {
        let kind = r.le16("item type id")?;
        let length = r.le16("item length")?;
        let at = r.offset();
        *slot = Item { kind, data: r.take(length.into(), "item data")?, at };
        items.count += 1;
    }
    Ok(items)
}

/// What `send_rr_data` and `send_unit_data` carry (Volume 2, 2-4.7): interface handle, timeout in seconds, items.
pub fn packet(data: &[u8]) -> Read<(u32, u16, Items<'_>)> {
    let mut r = Reader::new(data);
    let interface = r.le32("interface handle")?;
    let timeout = r.le16("timeout")?;
    let items = items(&mut r)?;
    Ok((interface, timeout, items))
}

/// A socket address item (Volume 2, 2-6.3.3): family, port and address in big-endian order, eight zero bytes.
pub fn socket(data: &[u8]) -> Read<(u16, u16, [u8; 4])> {
    let mut r = Reader::new(data);
    Ok((r.be16("sin_family")?, r.be16("sin_port")?, r.array("sin_addr")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_items() {
        let mut bytes = vec![0x6f, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 0, 0, 0];
        bytes.extend_from_slice(&[0, 0, 0, 0, 5, 0, 2, 0, 0, 0, 0, 0, 0xb2, 0, 0, 0]);
        let encap = encap(&bytes).ok().flatten();
        let data = encap.map(|e| e.data).unwrap_or_default();
        let (interface, timeout, items) = packet(data).unwrap_or((9, 9, Items::default()));
        assert_eq!((interface, timeout, items.iter().count()), (0, 5, 2));
        assert!(items.find(item::UNCONNECTED_DATA).is_some_and(|i| i.at == 16));
        assert!(super::encap(bytes.get(..30).unwrap_or_default()).is_ok_and(|e| e.is_none()));
        assert!(super::encap(&[0x77, 0x77, 0, 0]).is_err());
    }
}
