//! Bytes to TLVs (IEEE 802.1AB-2016, 8).

use model::{Address, Mac};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// Most TLVs read from one frame. 1500 bytes could hold 750 empty ones; real frames hold under 40.
pub const MAX_TLVS: usize = 128;

/// One TLV.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    /// 0 to 127.
    pub kind: u8,
    /// Offset of the value in the message, for errors.
    pub at: usize,
    /// The value.
    pub value: &'a [u8],
}

/// The TLVs of a frame up to the end marker, the end of the frame, or the first that does not fit.
pub struct Tlvs<'a> {
    reader: Reader<'a>,
    count: usize,
    over: bool,
}

impl<'a> Tlvs<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Tlvs { reader: Reader::new(bytes), count: 0, over: false }
    }

    /// More TLVs than are read.
    pub fn is_cut(&self) -> bool {
        self.count >= MAX_TLVS
    }

    fn read(&mut self) -> Read<Option<Tlv<'a>>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let head = self.reader.be16("TLV header")?;
        if head == 0 {
            return Ok(None);
        }
        let at = self.reader.offset();
        let value = self.reader.take((head & 0x1ff).into(), "TLV information string")?;
        Ok(Some(Tlv { kind: (head >> 9) as u8, at, value }))
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Read<Tlv<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over || self.count >= MAX_TLVS {
            return None;
        }
        self.count += 1;
        let read = self.read().transpose();
        self.over = !matches!(read, Some(Ok(_)));
        read
    }
}

/// A chassis or port id: subtype and bytes (8.5.2, 8.5.3).
pub fn id<'a>(tlv: &Tlv<'a>, what: &'static str) -> Read<(u8, &'a [u8])> {
    match tlv.value {
        [subtype, id @ ..] if !id.is_empty() && id.len() <= 255 => Ok((*subtype, id)),
        _ => Err(Malformed::invalid(what, tlv.at)),
    }
}

/// A network address of the IANA address family numbers: 1 IPv4, 2 IPv6, 6 IEEE 802.
pub fn address(family: u8, bytes: &[u8]) -> Option<Address> {
    match (family, bytes.len()) {
        (1, 4) => bytes.first_chunk::<4>().map(|b| Address::Ip(IpAddr::V4(Ipv4Addr::from(*b)))),
        (2, 16) => bytes.first_chunk::<16>().map(|b| Address::Ip(IpAddr::V6(Ipv6Addr::from(*b)))),
        (6, 6) => mac(bytes).map(Address::Mac),
        _ => None,
    }
}

/// Six bytes as a hardware address.
pub fn mac(bytes: &[u8]) -> Option<Mac> {
    <[u8; 6]>::try_from(bytes).ok().map(Mac)
}
