//! What a frame proves about its sender.

use super::session::{IEEE_8021, MED, PROFINET};
use super::wire::{Tlvs, address, id, mac};
use crate::common::description;
use crate::{About, Kind, Output};
use model::{Address, NameKind, Role};
use std::net::IpAddr;
use wire::Reader;

/// System capabilities (8.5.8.1).
const BRIDGE: u16 = 1 << 2;
const WLAN_ACCESS_POINT: u16 = 1 << 3;
const ROUTER: u16 = 1 << 4;
const TELEPHONE: u16 = 1 << 5;

/// Says everything the sender states about itself. The sender is the port's hardware address.
pub fn prove(bytes: &[u8], out: &mut Output) {
    let profinet = Tlvs::new(bytes).flatten().any(|t| t.kind == 127 && t.value.starts_with(&PROFINET));
    for tlv in Tlvs::new(bytes).flatten() {
        let sender = out.about(About::Sender);
        match tlv.kind {
            1 => match id(&tlv, "chassis ID") {
                Ok((4, value)) => same(mac(value).map(Address::Mac), out),
                Ok((5, [family, value @ ..])) => same(address(*family, value), out),
                // PROFINET devices use their name of station here
                Ok((7, value)) if profinet => {
                    sender.name(NameKind::Station, value);
                }
                _ => {}
            },
            2 => match id(&tlv, "port ID") {
                Ok((3, value)) => same(mac(value).map(Address::Mac), out),
                Ok((4, [family, value @ ..])) => same(address(*family, value), out),
                Ok((7, value)) if profinet => {
                    // `port-001.name` since PROFINET 2.3, `port-001` before
                    let name = value.iter().position(|b| *b == b'.').and_then(|dot| value.get(dot + 1..));
                    if let (Some(name), true) = (name, value.starts_with(b"port-")) {
                        sender.name(NameKind::Station, name);
                    }
                }
                _ => {}
            },
            5 => {
                sender.name(NameKind::System, tlv.value);
            }
            6 => {
                description::say(sender, tlv.value);
            }
            7 => {
                let mut r = Reader::new(tlv.value);
                let (_, enabled) = (r.be16("system capabilities"), r.be16("enabled capabilities"));
                if let Ok(enabled) = enabled {
                    roles(enabled, profinet, out);
                }
            }
            8 => {
                // length of subtype and address, subtype, address (8.5.9)
                if let [length, family, rest @ ..] = tlv.value {
                    let value = usize::from(*length).checked_sub(1).and_then(|n| rest.get(..n));
                    same(value.and_then(|v| address(*family, v)), out);
                }
            }
            127 => organization(tlv.value, out),
            _ => {}
        }
    }
}

/// A second address of the sender.
fn same(address: Option<Address>, out: &mut Output) {
    let Some(address) = address else { return };
    let loopback = address.ip().is_some_and(|ip| match ip {
        IpAddr::V4(ip) => ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_loopback(),
    });
    if !address.is_group() && !address.is_unspecified() && !loopback {
        out.about(About::Sender).same_as(address);
    }
}

fn roles(enabled: u16, profinet: bool, out: &mut Output) {
    let has = |bit: u16| enabled & bit != 0;
    if has(ROUTER) {
        out.about(About::Sender).role(Role::Router);
    }
    if has(WLAN_ACCESS_POINT) {
        out.about(About::Sender).role(Role::AccessPoint);
    }
    if has(TELEPHONE) {
        out.about(About::Sender).role(Role::Phone);
    }
    if has(BRIDGE) && !has(WLAN_ACCESS_POINT | TELEPHONE) {
        // PROFINET devices with two ports bridge as well, whatever they are otherwise
        let sender = out.about(About::Sender);
        let sender = if profinet { sender.guessed() } else { sender };
        sender.role(Role::Switch);
    }
}

fn organization(value: &[u8], out: &mut Output) {
    let mut r = Reader::new(value);
    let (Ok(oui), Ok(subtype)) = (r.array::<3>("organizationally unique identifier"), r.u8("subtype")) else { return };
    let rest = r.rest();
    let sender = out.about(About::Sender);
    let _ = match (oui, subtype) {
        (IEEE_8021, 1) => match rest.first_chunk::<2>().map(|b| u16::from_be_bytes(*b)) {
            Some(vlan) if vlan != 0 => sender.is(Kind::Vlan(vlan)),
            _ => sender,
        },
        (PROFINET, 5) => return same(mac(rest).map(Address::Mac), out),
        (MED, 1) if rest.get(2) == Some(&3) => sender.role(Role::Phone),
        (MED, 5) => sender.hardware(rest),
        (MED, 6) => sender.firmware(rest),
        (MED, 7) => sender.software(rest),
        (MED, 8) => sender.serial(rest),
        (MED, 9) => sender.vendor(rest),
        (MED, 10) => sender.model(rest),
        _ => sender,
    };
}
