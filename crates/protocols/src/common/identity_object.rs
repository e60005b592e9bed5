//! The Identity object (CIP Volume 1, 5A-2) as a device sends it in one piece: in a List Identity reply and in the
//! answer to `get_attributes_all` of class 1.

use crate::evidence::{About, Kind};
use crate::output::Output;
use model::{Path, Role, Strength};
use wire::{Read, Reader};

/// Vendor number of Rockwell Automation, whose controllers report the key switch in the status word.
pub const ROCKWELL: u16 = 1;
/// Device type of programmable logic controllers (CIP Volume 1, chapter 6).
pub const CONTROLLER: u16 = 0x0e;

/// Attributes 1 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    pub vendor: u16,
    pub device_type: u16,
    pub product_code: u16,
    pub major: u8,
    pub minor: u8,
    pub status: u16,
    pub serial: u32,
    pub name: &'a [u8],
}

/// Reads attributes 1 to 7 in order.
pub fn read<'a>(r: &mut Reader<'a>) -> Read<Identity<'a>> {
    let vendor = r.le16("vendor id")?;
    let device_type = r.le16("device type")?;
    let product_code = r.le16("product code")?;
    let major = r.u8("major revision")?;
    let minor = r.u8("minor revision")?;
    let status = r.le16("status")?;
    let serial = r.le32("serial number")?;
    let length = r.u8("product name length")?;
    let name = r.take(length.into(), "product name")?;
    Ok(Identity { vendor, device_type, product_code, major, minor, status, serial, name })
}

/// Says what the object proves about the sender (or the thing behind it).
pub fn say(identity: &Identity<'_>, path: Path, strength: Strength, out: &mut Output) {
    let Identity { vendor, device_type, product_code, .. } = *identity;
    let product =
        Kind::ProductCode { space: "enip", vendor: vendor.into(), kind: device_type.into(), code: product_code.into() };
    let mut speaker = out
        .about(About::Sender)
        .path(path)
        .strength(strength)
        .vendor_id("enip", vendor.into())
        .is(product)
        .model(identity.name)
        .formatted(Kind::Firmware, format_args!("{}.{}", identity.major & 0x7f, identity.minor));
    // serial number 0 is what devices without one send
    if identity.serial != 0 {
        speaker = speaker.formatted(Kind::Serial, format_args!("{:08x}", identity.serial));
    }
    if let Some(role) = role(device_type) {
        speaker.implied().role(role);
    }
    say_mode(identity.status, Some((vendor, device_type)), path, strength, out);
}

/// What the status word says about the mode, if anything.
pub fn say_mode(status: u16, device: Option<(u16, u16)>, path: Path, strength: Strength, out: &mut Output) {
    if let Some(mode) = mode(status, device) {
        out.about(About::Sender).path(path).strength(strength).mode(mode.as_bytes());
    }
}

/// The mode in the status word (CIP Volume 1, 5A-2.2.1.5): bits 4 to 7 are the extended device status, bits 10 and 11
/// major faults. Rockwell controllers put the key switch into bits 12 and 13 (1 run, 2 program, 3 remote), which the
/// standard reserves, and answer 6 for run and 7 for program in bits 4 to 7.
pub fn mode(status: u16, device: Option<(u16, u16)>) -> Option<&'static str> {
    let extended = status >> 4 & 0xf;
    let key = status >> 12 & 3;
    let controller = device.is_none_or(|d| d == (ROCKWELL, CONTROLLER));
    match (extended, key) {
        (6, 1) if controller => Some("run"),
        (7, 2) if controller => Some("program"),
        (6, 3) if controller => Some("remote run"),
        (7, 3) if controller => Some("remote program"),
        (1, _) => Some("firmware update in progress"),
        (5, _) => Some("major fault"),
        _ if status & 0x0800 != 0 => Some("major unrecoverable fault"),
        _ if status & 0x0400 != 0 => Some("major recoverable fault"),
        (4, _) => Some("non-volatile configuration bad"),
        (2, _) => Some("i/o connection faulted"),
        (6, _) => Some("run"),
        (7, _) => Some("idle"),
        _ => None,
    }
}

/// What a device profile is for, where one role fits (CIP Volume 1, chapter 6).
fn role(device_type: u16) -> Option<Role> {
    match device_type {
        0x02 | 0x13 | 0x25 | 0x2d => Some(Role::Drive),
        0x07 | 0x23 => Some(Role::Io),
        CONTROLLER => Some(Role::Controller),
        0x18 => Some(Role::Hmi),
        0x2c => Some(Role::Switch),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_in_order() {
        let mut bytes = vec![1, 0, 0x0e, 0, 0x41, 0, 20, 11, 0x60, 0x30, 0x78, 0x56, 0x34, 0x12, 3];
        bytes.extend_from_slice(b"PLC");
        let identity = read(&mut Reader::new(&bytes));
        assert!(identity.is_ok_and(|i| i.serial == 0x1234_5678 && i.name == b"PLC" && i.major == 20));
        bytes.pop();
        assert!(read(&mut Reader::new(&bytes)).is_err());
    }

    #[test]
    fn modes() {
        let logix = Some((ROCKWELL, CONTROLLER));
        assert_eq!(mode(0x3060, logix), Some("remote run"));
        assert_eq!(mode(0x2070, logix), Some("program"));
        assert_eq!(mode(0x3070, Some((5, 12))), Some("idle"));
        assert_eq!(mode(0x0000, logix), None);
        assert_eq!(mode(0x0450, logix), Some("major fault"));
    }
}
