//! What a message proves about a controller: system status lists (SIMATIC "System and Standard Functions for
//! S7-300/400", chapter on system status lists).

use crate::{About, Kind, Output};
use model::{Hop, NameKind, Path, Role};
use wire::{Read, Reader};

/// Most records looked at in one list: a full configuration of 32 racks with 18 slots is said in parts.
const MAX_RECORDS: usize = 256;

/// Says what an answered list proves.
pub fn szl(payload: &[u8], out: &mut Output) {
    // a list that ends early has said what it has said
    let _ = lists(payload, out);
}

fn lists(payload: &[u8], out: &mut Output) -> Read<()> {
    let mut r = Reader::new(payload);
    let id = r.be16("SZL id")?;
    let index = r.be16("SZL index")?;
    let length = usize::from(r.be16("length of a record")?);
    let count = usize::from(r.be16("number of records")?);
    // lists about modules other than the CPU have another first digit
    if id >> 12 != 0 || length == 0 {
        return Ok(());
    }
    for _ in 0..count.min(MAX_RECORDS) {
        let mut record = r.sub(length, "record")?;
        // a record of an odd shape does not spoil the next
        let _ = match id & 0xff {
            0x11 => module_identification(&mut record, out),
            0x1c => component_identification(&mut record, out),
            0x24 => operating_mode(&mut record, out),
            0x32 if id != 0x0232 && index == 4 => protection(&mut record, out),
            0x91 => module_status(&mut record, out),
            0x96 => module_status_extended(&mut record, out),
            _ => return Ok(()),
        };
    }
    Ok(())
}

/// W#16#xy11: index, order number, type id, two versions. Index 1 module, 6 basic hardware, 7 basic firmware.
fn module_identification(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let index = r.be16("index")?;
    let order = r.take(20, "order number")?;
    r.skip(2, "module type id")?;
    let version = r.array::<4>("versions")?;
    let said = out.about(About::Sender).verified();
    match index {
        1 => {
            let said = said.order_number(order);
            if order.starts_with(b"6ES7") || order.starts_with(b"6AG1") {
                said.implied().vendor(b"Siemens");
            }
        }
        6 => {
            let [_, release, ..] = version;
            said.formatted(Kind::Hardware, format_args!("{release}"));
        }
        7 => {
            let [letter, major, minor, patch] = version;
            if letter == b'V' {
                said.formatted(Kind::Firmware, format_args!("V{major}.{minor}.{patch}"));
            }
        }
        0x81 => {
            let [letter, major, minor, patch] = version;
            if letter == b'V' {
                let name = crate::text::clean(order);
                said.formatted(Kind::Software, format_args!("{name} V{major}.{minor}.{patch}"));
            }
        }
        _ => {}
    }
    Ok(())
}

/// W#16#xy1C: index and 32 bytes, mostly text.
fn component_identification(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let index = r.be16("index")?;
    let text = r.take(r.left().min(32), "identification")?;
    let said = out.about(About::Sender).verified();
    match index & 0xff {
        1 => said.name(NameKind::Station, text),
        2 => said.name(NameKind::System, text),
        3 | 0x0b => said.location(text),
        4 if text.starts_with(b"Original Siemens Equipment") => said.vendor(b"Siemens"),
        5 => said.serial(text),
        7 => said.model(text),
        _ => said,
    };
    Ok(())
}

/// W#16#xy24: event, identifiers, modes. The low half of the fourth byte is the mode asked for or reached.
fn operating_mode(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(3, "event and identifier")?;
    if let Some(mode) = mode(r.u8("mode")? & 0x0f) {
        out.about(About::Sender).verified().mode(mode.as_bytes());
    }
    Ok(())
}

fn mode(code: u8) -> Option<&'static str> {
    Some(match code {
        1..=4 => "stop",
        5..=7 => "startup",
        8 => "run",
        9 => "run_redundant",
        10 => "hold",
        11 => "link_up",
        12 => "update",
        13 => "defect",
        _ => return None,
    })
}

/// W#16#0132 index 4: levels by key switch, by parameter, and the valid one.
fn protection(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(6, "index, levels by key switch and by parameter")?;
    let valid = r.be16("valid level")?;
    let said = out.about(About::Sender).verified();
    said.formatted(Kind::Protection, format_args!("s7_protection_level_{valid}"));
    Ok(())
}

/// W#16#xy91: rack, slot, addresses, types expected and found, state. Modules on the central racks are told; those
/// behind DP or PROFINET have other addresses and speak for themselves.
fn module_status(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let rack = r.be16("rack")?;
    let slot = r.be16("slot and submodule")?;
    r.skip(4, "logical address and expected type")?;
    let actual = r.be16("actual type")?;
    r.skip(2, "reserved")?;
    let state = r.be16("I/O status")?;
    module(rack, slot >> 8, slot & 0xff, actual, state, out);
    Ok(())
}

/// W#16#xy96: the same in the longer form of PROFINET CPUs, whose central rack is station system 0.
fn module_status_extended(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(2, "logical address")?;
    let system = r.be16("system")?;
    r.skip(4, "API")?;
    let rack = r.be16("station")?;
    let slot = r.be16("slot")?;
    let sub = r.be16("subslot")?;
    r.skip(18, "offset, expected type, comparison")?;
    r.skip(2, "reserved")?;
    let state = r.be16("I/O status")?;
    if system == 0 {
        module(rack, slot, sub, 0, state, out);
    }
    Ok(())
}

/// A module that is there (bit 1 of its state): its place, and its type where one is told.
fn module(rack: u16, slot: u16, sub: u16, kind: u16, state: u16, out: &mut Output) {
    let there = state & 0x0002 != 0;
    // the high byte names a DP master system or, with its top bit, a PROFINET IO system
    if !there || rack > 31 || slot == 0 || sub > 1 {
        return;
    }
    let place = Path::of(Hop::Slot { rack: rack as u8, slot });
    let said = out.about(About::Sender).path(place).verified();
    if kind != 0 && kind != 0xffff {
        said.is(Kind::ProductCode { space: "s7_module", vendor: 42, kind: 0, code: kind.into() });
    } else {
        said.is(Kind::Role(Role::Io));
    }
}

/// A controller tells that it changed its mode (subfunction of a mode transition).
pub fn mode_transition(subfunction: u8, out: &mut Output) {
    let mode = match subfunction {
        0 => "stop",
        1 | 3 | 6 => "startup",
        2 => "run",
        4 => "hold",
        9 => "run_redundant",
        11 => "link_up",
        12 => "update",
        _ => return,
    };
    out.about(About::Sender).mode(mode.as_bytes());
}
