//! What an answer proves about the station that sent it.

use super::meaning::ip;
use super::wire::{Block, MAX_BLOCKS, block};
use crate::{About, Kind, Output, Speaker, Val};
use model::{NameKind, Role, Strength};
use wire::Reader;

/// Says what the blocks of an answer or hello prove about its sender.
pub fn prove(blocks: Reader<'_>, strength: Strength, out: &mut Output) {
    let mut r = blocks;
    for _ in 0..MAX_BLOCKS {
        let Ok(block) = block(&mut r) else { return };
        let speaker = out.about(About::Sender).strength(strength);
        let _ = one(&block, speaker);
    }
}

fn one(block: &Block<'_>, speaker: Speaker<'_>) -> Option<()> {
    let mut r = block.data;
    let info = r.be16("BlockInfo").ok()?;
    match (block.option, block.suboption) {
        // a station without address has 0.0.0.0, one in conflict has not got it
        (1, 2 | 3) if info & 0x80 == 0 => {
            let address = ip(&mut r).ok().filter(|a| !a.is_unspecified() && !a.is_multicast())?;
            speaker.same_as(address);
        }
        (2, 1) => {
            speaker.model(r.rest());
        }
        (2, 2) => {
            speaker.name(NameKind::Station, r.rest());
        }
        (2, 3) => {
            let (vendor, device) = (r.be16("VendorID").ok()?, r.be16("DeviceID").ok()?);
            let product =
                Kind::ProductCode { space: "profinet", vendor: vendor.into(), kind: 0, code: device.into() };
            speaker.vendor_id("profinet", vendor.into()).is(product);
        }
        (2, 4) => {
            let role = r.u8("DeviceRoleDetails").ok()?;
            let role = match role {
                // controllers may be devices of another controller as well
                r if r & 2 != 0 => Role::Controller,
                r if r & 8 != 0 => Role::Engineering,
                r if r & 1 != 0 => Role::Io,
                _ => return None,
            };
            speaker.role(role);
        }
        (3, 12) => {
            speaker.name(NameKind::Host, r.rest());
        }
        _ => {}
    }
    Some(())
}

/// A set was answered well: the station now has this name or address.
pub fn now_has(space: &'static str, value: Val, out: &mut Output) {
    match (space, value) {
        ("name_of_station", Val::Text(name)) if !name.is_empty() => {
            out.about(About::Sender).span(Kind::Name(NameKind::Station), name);
        }
        ("ip_parameter" | "full_ip_suite", Val::Ip(address)) if !address.is_unspecified() => {
            out.about(About::Sender).same_as(address);
        }
        _ => {}
    }
}
