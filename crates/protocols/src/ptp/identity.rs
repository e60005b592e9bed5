//! What clocks say about themselves.

use super::wire::{Announce, Header, Tlv, text};
use crate::{About, Kind, Output};
use model::{Address, Mac, NameKind, Role};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{Read, Reader};

/// An announce message: the maker in the clock identity; a time server where the sender announces itself.
pub fn announced(h: &Header<'_>, a: &Announce, out: &mut Output) {
    let [o, u, i, 0xff, 0xfe, ..] = h.source.clock else { return grandmaster(h, a, out) };
    // identities of two makers in two forms: an EUI-64 of 48 bits says its maker in the first three bytes
    let oui = u32::from_be_bytes([0, o, u, i]);
    if oui != 0 && o & 3 == 0 {
        out.about(About::Sender).implied().vendor_id("ptp", oui);
    }
    grandmaster(h, a, out);
}

fn grandmaster(h: &Header<'_>, a: &Announce, out: &mut Output) {
    if a.grandmaster == h.source.clock && a.steps_removed == 0 && a.class < 248 {
        out.about(About::Sender).role(Role::TimeServer);
    }
}

/// The answer to a management request that describes the clock.
pub fn described(tlv: &Tlv<'_>, out: &mut Output) {
    let mut r = tlv.value;
    let _ = match r.be16("managementId") {
        Ok(1) => clock_description(r, out),
        Ok(2) => text(&mut r, "userDescription").map(|t| user(t, out)),
        _ => Ok(()),
    };
}

/// CLOCK_DESCRIPTION (15.5.3.1.2): addresses, maker, product, revisions, what its user calls it.
fn clock_description(mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(2, "clockType")?;
    text(&mut r, "physicalLayerProtocol")?;
    let length = r.be16("physicalAddressLength")?;
    let physical = r.take(length.into(), "physicalAddress")?;
    let family = r.be16("networkProtocol")?;
    let length = r.be16("addressLength")?;
    let protocol = r.take(length.into(), "addressField")?;
    if let Ok(mac) = <[u8; 6]>::try_from(physical) {
        same(Address::Mac(Mac(mac)), out);
    }
    match (family, protocol.len()) {
        (1, 4) => {
            let address = protocol.first_chunk::<4>().map_or(Ipv4Addr::UNSPECIFIED, |b| Ipv4Addr::from(*b));
            same(IpAddr::V4(address).into(), out);
        }
        (2, 16) => {
            let address = protocol.first_chunk::<16>().map_or(Ipv6Addr::UNSPECIFIED, |b| Ipv6Addr::from(*b));
            same(IpAddr::V6(address).into(), out);
        }
        _ => {}
    }
    let [o, u, i] = r.array::<3>("manufacturerIdentity")?;
    r.skip(1, "reserved")?;
    let oui = u32::from_be_bytes([0, o, u, i]);
    let product = text(&mut r, "productDescription")?;
    let revisions = text(&mut r, "revisionData")?;
    let user_text = text(&mut r, "userDescription")?;
    let mut speaker = out.about(About::Sender).verified();
    if oui != 0 {
        speaker = speaker.vendor_id("ptp", oui);
    }
    // maker;model;instance
    let mut parts = product.split(|b| *b == b';');
    let mut next = || parts.next().unwrap_or_default();
    speaker = speaker.vendor(next()).model(next());
    let instance = next();
    // an instance is a serial number, or an address that is told already
    if !instance.contains(&b':') && instance.iter().any(u8::is_ascii_digit) {
        speaker = speaker.serial(instance);
    }
    // hardware;firmware;software
    let mut parts = revisions.split(|b| *b == b';');
    let mut next = || parts.next().unwrap_or_default();
    speaker.hardware(next()).firmware(next()).software(next());
    user(user_text, out);
    Ok(())
}

/// name;location
fn user(text: &[u8], out: &mut Output) {
    let mut parts = text.splitn(2, |b| *b == b';');
    let name = parts.next().unwrap_or_default();
    let location = parts.next().unwrap_or_default();
    out.about(About::Sender).verified().name(NameKind::System, name).location(location);
}

fn same(address: Address, out: &mut Output) {
    if !address.is_group() && !address.is_unspecified() {
        out.about(About::Sender).verified().is(Kind::SameAs(address));
    }
}
