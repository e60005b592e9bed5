//! Bytes to TLVs, and the check sum.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// Most TLVs read from one message. Real ones have under 30; 1500 bytes could hold 370 empty ones.
pub const MAX_TLVS: usize = 64;
/// Most addresses read from one TLV.
pub const MAX_ADDRESSES: u32 = 32;

/// The header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub version: u8,
    pub time_to_live: u8,
    pub checksum: u16,
}

/// Reads the header: versions 1 and 2 are known.
pub fn header<'a>(bytes: &'a [u8]) -> Read<(Header, Reader<'a>)> {
    let mut r = Reader::new(bytes);
    let version = r.u8("version")?;
    if !matches!(version, 1 | 2) {
        return Err(Malformed::invalid("version", 0));
    }
    let time_to_live = r.u8("time to live")?;
    let checksum = r.be16("checksum")?;
    Ok((Header { version, time_to_live, checksum }, r))
}

/// One TLV.
#[derive(Clone, Copy, Debug)]
pub struct Tlv<'a> {
    pub kind: u16,
    pub value: Reader<'a>,
}

/// Reads the next TLV; `None` at the end. The length counts its own header.
pub fn tlv<'a>(r: &mut Reader<'a>) -> Read<Option<Tlv<'a>>> {
    if r.is_empty() {
        return Ok(None);
    }
    let kind = r.be16("type")?;
    let at = r.offset();
    let length = usize::from(r.be16("length")?);
    let length = length.checked_sub(4).ok_or(Malformed::invalid("length", at))?;
    Ok(Some(Tlv { kind, value: r.sub(length, "value")? }))
}

/// Whether the check sum of a whole message is right. The reference implementation adds an odd last byte as a word of
/// its own, with its sign, and carries it one short; others follow RFC 1071. Both are right.
pub fn is_sound(bytes: &[u8]) -> bool {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let sum: u32 = pairs.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
    let Some(last) = odd.first().map(|b| u32::from(*b)) else { return folds(sum) };
    let signed = if last & 0x80 == 0 { last } else { 0xff00 | (last - 1) };
    folds(sum + signed) || folds(sum + (last << 8))
}

/// The ones' complement sum of a message with its check sum is all ones.
fn folds(mut sum: u32) -> bool {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum == 0xffff
}

/// The addresses of an address list.
pub fn addresses(mut r: Reader<'_>) -> impl Iterator<Item = IpAddr> {
    let count = r.be32("number of addresses").unwrap_or_default().min(MAX_ADDRESSES);
    (0..count).map_while(move |_| address(&mut r).ok()).flatten()
}

/// One address: protocol type and identifier, then the address. `None` for other protocols than IP.
fn address(r: &mut Reader<'_>) -> Read<Option<IpAddr>> {
    r.skip(1, "protocol type")?;
    let length = r.u8("protocol length")?;
    let protocol = r.take(length.into(), "protocol")?;
    let length = r.be16("address length")?;
    let address = r.take(length.into(), "address")?;
    Ok(match protocol {
        // network layer protocol id of IP
        [0xcc] => <[u8; 4]>::try_from(address).ok().map(|a| IpAddr::V4(Ipv4Addr::from(a))),
        // LLC, SNAP and the EtherType of IPv6
        [0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd] => {
            <[u8; 16]>::try_from(address).ok().map(|a| IpAddr::V6(Ipv6Addr::from(a)))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_lengths_have_two_right_check_sums() {
        // version 2, time to live 180; the rest chosen so that the sum is all ones
        let even = [2u8, 0xb4, 0xfd, 0x4b];
        assert!(is_sound(&even));
        // 0x02b4 + sum + 0x0041 = 0xffff
        assert!(is_sound(&[2, 0xb4, 0xfd, 0x0a, 0x41]));
        // by RFC 1071: 0x02b4 + sum + 0x4100 = 0xffff
        assert!(is_sound(&[2, 0xb4, 0xbc, 0x4b, 0x41]));
        // with sign and one short: 0x02b4 + sum + 0xff80 folds to 0xffff
        assert!(is_sound(&[2, 0xb4, 0xfd, 0xca, 0x81]));
        assert!(!is_sound(&[2, 0xb4, 0xfd, 0x0b, 0x41]));
    }
}
