//! One frame, one statement; no state.

use super::wire::{MAX_TLVS, Tlv, header, is_sound, tlv};
use super::{ADVERTISEMENT, OPERATIONS, identity};
use crate::{Draft, Goal, Input, Output, Session, Step, Val};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Read, Reader};

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Cdp)
}

struct Cdp;

impl Session for Cdp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let (header, tlvs) = match header(input.bytes) {
            Ok(read) => read,
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        let mut draft = out.draft(OPERATIONS, ADVERTISEMENT, input.dir).actor(input.dir);
        draft.push_extra("version", Val::Uint(header.version.into()));
        draft.push_extra("time_to_live", Val::Uint(header.time_to_live.into()));
        let read = each(tlvs, |tlv| describe(tlv, &mut draft));
        draft.commit();
        // a frame the capture cut cannot be checked; a changed one proves nothing about its sender
        let sound = input.cut > 0 || is_sound(input.bytes);
        if sound {
            identity::prove(tlvs, out);
        } else {
            out.anomaly("checksum", "checksum", header.checksum.into(), input.dir);
        }
        match read {
            Ok(true) => {}
            Ok(false) => out.limit("cdp_tlvs"),
            Err(error) if input.cut == 0 || !error.is_truncated() => out.malformed(error, input.dir),
            Err(_) => {}
        }
        Step::Took(input.bytes.len())
    }
}

/// Looks at each TLV; false where there are more than are read.
pub fn each<'a>(mut r: Reader<'a>, mut look: impl FnMut(&Tlv<'a>)) -> Read<bool> {
    for _ in 0..MAX_TLVS {
        match tlv(&mut r)? {
            Some(tlv) => look(&tlv),
            None => return Ok(true),
        }
    }
    Ok(false)
}

fn describe(tlv: &Tlv<'_>, draft: &mut Draft<'_>) {
    let mut r = tlv.value;
    match tlv.kind {
        0x0001 => text("device_id", r, draft),
        0x0003 => {
            let port = draft.text(r.rest());
            draft.push_item(Goal::named("port", port), Val::None);
        }
        0x0004 => number("capabilities", r.be32("capabilities").ok().map(u64::from), draft),
        0x0006 => text("platform", r, draft),
        // a list of prefixes, or one router
        0x0007 if r.left() == 4 => {
            if let Ok(address) = r.array::<4>("gateway") {
                draft.push_extra("gateway", Val::Ip(IpAddr::V4(Ipv4Addr::from(address))));
            }
        }
        0x0009 => text("vtp_domain", r, draft),
        0x000a => number("native_vlan", r.be16("native VLAN").ok().map(u64::from), draft),
        0x000b => {
            let duplex = match r.u8("duplex") {
                Ok(0) => "half",
                Ok(1) => "full",
                _ => return,
            };
            draft.push_extra("duplex", Val::Name(duplex));
        }
        // appliance id, VLAN
        0x000e => {
            let _ = r.skip(1, "appliance id");
            number("voice_vlan", r.be16("VLAN").ok().map(u64::from), draft);
        }
        0x0010 => number("power_consumption", r.be16("power consumption").ok().map(u64::from), draft),
        0x0011 => number("mtu", r.be32("MTU").ok().map(u64::from), draft),
        0x0012 => number("trust_bitmap", r.u8("trust bitmap").ok().map(u64::from), draft),
        _ => {}
    }
}

fn text(key: &'static str, mut r: Reader<'_>, draft: &mut Draft<'_>) {
    let text = draft.text(r.rest());
    if !text.is_empty() {
        draft.push_extra(key, Val::Text(text));
    }
}

fn number(key: &'static str, value: Option<u64>, draft: &mut Draft<'_>) {
    if let Some(value) = value {
        draft.push_extra(key, Val::Uint(value));
    }
}
