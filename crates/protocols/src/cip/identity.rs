//! What answers prove about a device, at the place the request was addressed to.

use super::meaning::{ETHERNET_LINK, IDENTITY, NAME, TCP_IP};
use super::path::Way;
use crate::common::identity_object;
use crate::{About, Kind, Output};
use model::{Address, Mac, NameKind, Path, Strength};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Read, Reader};

/// Most attributes looked at in one list answer; Identity has 19.
const MAX_ATTRIBUTES: usize = 32;

/// A positive answer.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub service: u8,
    pub way: &'a Way,
    pub data: &'a [u8],
    pub path: Path,
    /// How far to trust it: less where the route of the connection was not seen.
    pub strength: Strength,
}

/// Says what it proves, if anything. An error means that the contents break the object's definition.
pub fn say(answer: &Answer<'_>, out: &mut Output) -> Read<()> {
    let first = answer.way.instance == Some(1);
    match (answer.way.class, answer.service) {
        (Some(IDENTITY), 0x01) if first => {
            let identity = identity_object::read(&mut Reader::new(answer.data))?;
            identity_object::say(&identity, answer.path, answer.strength, out);
        }
        (Some(IDENTITY), 0x0e) if first => {
            if let Some(attribute) = answer.way.attribute {
                identity_attribute(attribute, &mut Reader::new(answer.data), answer, out)?;
            }
        }
        (Some(IDENTITY), 0x03) if first => {
            let mut r = Reader::new(answer.data);
            let count = usize::from(r.le16("attribute count")?);
            for _ in 0..count.min(MAX_ATTRIBUTES) {
                let attribute = r.le16("attribute id")?;
                // an attribute that is refused has no value behind its status
                if r.le16("attribute status")? == 0 && !identity_attribute(attribute.into(), &mut r, answer, out)? {
                    break;
                }
            }
        }
        (Some(NAME), 0x01) if first => name(answer, out),
        (Some(TCP_IP), 0x0e) if first => match answer.way.attribute {
            Some(5) => interface(&mut Reader::new(answer.data), answer, out)?,
            Some(6) => {
                let mut r = Reader::new(answer.data);
                let length = r.le16("host name length")?;
                host(r.take(length.into(), "host name")?, answer, out);
            }
            _ => {}
        },
        (Some(TCP_IP), 0x01) if first => {
            let mut r = Reader::new(answer.data);
            r.skip(12, "status, configuration capability, configuration control")?;
            let words = r.le16("physical link path size")?;
            r.skip(usize::from(words) * 2, "physical link path")?;
            interface(&mut r, answer, out)?;
            let length = r.le16("host name length")?;
            host(r.take(length.into(), "host name")?, answer, out);
        }
        (Some(ETHERNET_LINK), 0x0e) if answer.way.attribute == Some(3) => {
            mac(&mut Reader::new(answer.data), answer, out)?;
        }
        (Some(ETHERNET_LINK), 0x01) => {
            let mut r = Reader::new(answer.data);
            r.skip(8, "interface speed, interface flags")?;
            mac(&mut r, answer, out)?;
        }
        _ => {}
    }
    Ok(())
}

/// One attribute of the Identity object; `false` where its length is not known, so that a list ends here.
fn identity_attribute(id: u32, r: &mut Reader<'_>, answer: &Answer<'_>, out: &mut Output) -> Read<bool> {
    let Answer { path, strength, .. } = *answer;
    match id {
        1 => {
            let vendor = r.le16("vendor id")?;
            out.about(About::Sender).path(path).strength(strength).vendor_id("enip", vendor.into());
        }
        2 | 3 => {
            r.le16("device type, product code")?;
        }
        4 => {
            let (major, minor) = (r.u8("major revision")?, r.u8("minor revision")?);
            out.about(About::Sender).path(path).strength(strength).formatted(Kind::Firmware, format_args!("{}.{minor}", major & 0x7f));
        }
        5 => {
            let status = r.le16("status")?;
            identity_object::say_mode(status, None, path, strength, out);
        }
        6 => {
            let serial = r.le32("serial number")?;
            if serial != 0 {
                out.about(About::Sender).path(path).strength(strength).formatted(Kind::Serial, format_args!("{serial:08x}"));
            }
        }
        7 => {
            let length = r.u8("product name length")?;
            let name = r.take(length.into(), "product name")?;
            out.about(About::Sender).path(path).strength(strength).model(name);
        }
        8 => {
            r.u8("state")?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Class 0x64 of Logix devices: the name given to the controller's project, or the module's catalogue number.
fn name(answer: &Answer<'_>, out: &mut Output) {
    let mut r = Reader::new(answer.data);
    let Ok(length) = r.le16("name length") else { return };
    let Ok(name) = r.take(length.into(), "name") else { return };
    if !name.iter().all(|b| (0x20..0x7f).contains(b)) {
        return;
    }
    out.about(About::Sender).path(answer.path).strength(answer.strength).name(NameKind::Station, name);
}

fn host(name: &[u8], answer: &Answer<'_>, out: &mut Output) {
    out.about(About::Sender).path(answer.path).strength(answer.strength).name(NameKind::Host, name);
}

/// Interface configuration (Volume 2, 5-4.3.2.5): address, mask, gateway, two name servers, domain name.
fn interface(r: &mut Reader<'_>, answer: &Answer<'_>, out: &mut Output) -> Read<()> {
    let address = IpAddr::V4(Ipv4Addr::from(r.le32("ip address")?));
    r.skip(16, "network mask, gateway, name servers")?;
    let length = usize::from(r.le16("domain name length")?);
    let domain = r.take(length, "domain name")?;
    if length % 2 == 1 {
        let _ = r.skip(1, "pad");
    }
    out.about(About::Sender).path(answer.path).strength(answer.strength).name(NameKind::Domain, domain);
    if !address.is_unspecified() && !Address::Ip(address).is_group() {
        out.about(About::Sender).path(answer.path).strength(answer.strength).same_as(address);
    }
    Ok(())
}

fn mac(r: &mut Reader<'_>, answer: &Answer<'_>, out: &mut Output) -> Read<()> {
    let mac = Mac(r.array("physical address")?);
    if !mac.is_zero() && !mac.is_group() {
        out.about(About::Sender).path(answer.path).strength(answer.strength).same_as(mac);
    }
    Ok(())
}
