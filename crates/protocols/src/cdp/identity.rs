//! What a message proves about its sender.

use super::session::each;
use super::wire::{Tlv, addresses};
use crate::common::description;
use crate::{About, Kind, Output, Speaker};
use model::{NameKind, Role};
use std::net::IpAddr;
use wire::Reader;

const ROUTER: u32 = 1;
const BRIDGE: u32 = 2 | 4;
const SWITCH: u32 = 8;
const PHONE: u32 = 0x80;

/// Says everything the sender states about itself. The sender is the port's hardware address.
pub fn prove(tlvs: Reader<'_>, out: &mut Output) {
    let mut capabilities = 0;
    let mut radio = false;
    // what can be read is told; the session says what is broken
    let _ = each(tlvs, |tlv| {
        let mut r = tlv.value;
        match tlv.kind {
            0x0004 => capabilities = r.be32("capabilities").unwrap_or_default(),
            // the maker's access points begin like this
            0x0006 => radio = r.rest().windows(4).any(|w| w == b"AIR-"),
            _ => {}
        }
        one(tlv, out);
    });
    let has = |bits: u32| capabilities & bits != 0;
    let role = if has(PHONE) {
        Role::Phone
    } else if radio {
        Role::AccessPoint
    } else if has(ROUTER) && !has(SWITCH) {
        Role::Router
    } else if has(SWITCH | BRIDGE) {
        Role::Switch
    } else {
        return;
    };
    out.about(About::Sender).role(role);
    if role == Role::Switch && has(ROUTER) {
        out.about(About::Sender).role(Role::Router);
    }
}

fn one(tlv: &Tlv<'_>, out: &mut Output) {
    let mut r = tlv.value;
    match tlv.kind {
        0x0001 => device_id(r.rest(), out.about(About::Sender)),
        0x0002 | 0x0016 => {
            for address in addresses(tlv.value) {
                if !address.is_unspecified() && !address.is_loopback() && !address.is_multicast() && !is_local(address) {
                    out.about(About::Sender).same_as(address);
                }
            }
        }
        0x0005 => {
            description::say(out.about(About::Sender), r.rest());
        }
        0x0006 => platform(r.rest(), out.about(About::Sender)),
        0x000a => {
            if let Ok(vlan) = r.be16("native VLAN")
                && vlan != 0
            {
                out.about(About::Sender).is(Kind::Vlan(vlan));
            }
        }
        0x0014 => {
            out.about(About::Sender).name(NameKind::System, r.rest());
        }
        // a kind, then text
        0x0017 => {
            let _ = r.skip(1, "location type");
            out.about(About::Sender).location(r.rest());
        }
        _ => {}
    }
}

/// Link-local addresses of IPv6 repeat in every network and on every port.
fn is_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(ip) if ip.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80))
}

/// A name, with a domain perhaps; `serial(name)` in older switches.
fn device_id(id: &[u8], speaker: Speaker<'_>) {
    let inner = id.strip_suffix(b")").and_then(|front| {
        let open = front.iter().position(|b| *b == b'(')?;
        Some((front.get(..open)?, front.get(open + 1..)?))
    });
    match inner {
        Some((serial, name)) if serial.len() >= 8 && serial.iter().all(u8::is_ascii_alphanumeric) => {
            speaker.serial(serial).name(NameKind::System, name);
        }
        _ => {
            speaker.name(NameKind::System, id);
        }
    }
}

/// `cisco WS-C2960-24TT-L`: maker and model. Other makers that speak the protocol write what they like.
fn platform(text: &[u8], speaker: Speaker<'_>) {
    match text.split_at_checked(6) {
        Some((maker, model)) if maker.eq_ignore_ascii_case(b"cisco ") => {
            speaker.model(model.trim_ascii()).implied().vendor(b"Cisco");
        }
        _ => {
            speaker.model(text);
        }
    }
}
