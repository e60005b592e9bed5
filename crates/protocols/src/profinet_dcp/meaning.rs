//! Options and what is done to them.

use super::wire::Block;
use crate::{Draft, Goal, Val};
use model::Class;
use std::net::{IpAddr, Ipv4Addr};
use wire::{Read, Reader};

/// Every option's name, sorted by use as address space.
pub const SPACES: &[&str] = &[
    "alias_name",
    "all",
    "device_id",
    "device_initiative",
    "device_instance",
    "device_options",
    "device_role",
    "dhcp",
    "end_transaction",
    "factory_reset",
    "full_ip_suite",
    "ip_parameter",
    "mac_address",
    "manufacturer_specific",
    "name_of_station",
    "oem_device_id",
    "option",
    "reset_to_factory",
    "response",
    "rsi_properties",
    "signal",
    "standard_gateway",
    "start_transaction",
    "type_of_station",
];

/// The target an option and suboption name.
pub fn goal(option: u8, suboption: u8) -> Goal {
    let space = match (option, suboption) {
        (1, 1) => "mac_address",
        (1, 2) => "ip_parameter",
        (1, 3) => "full_ip_suite",
        (2, 1) => "type_of_station",
        (2, 2) => "name_of_station",
        (2, 3) => "device_id",
        (2, 4) => "device_role",
        (2, 5) => "device_options",
        (2, 6) => "alias_name",
        (2, 7) => "device_instance",
        (2, 8) => "oem_device_id",
        (2, 9) => "standard_gateway",
        (2, 10) => "rsi_properties",
        (5, 1) => "start_transaction",
        (5, 2) => "end_transaction",
        (5, 3) => "signal",
        (5, 4) => "response",
        (5, 5) => "factory_reset",
        (5, 6) => "reset_to_factory",
        (6, 1) => "device_initiative",
        (0xff, 0xff) => "all",
        // the suboption is the option of DHCP
        (3, _) => return Goal::range("dhcp", suboption.into(), 1),
        (0x80..=0xfe, _) => {
            return Goal::range("manufacturer_specific", u64::from(option) << 8 | u64::from(suboption), 1);
        }
        _ => return Goal::range("option", u64::from(option) << 8 | u64::from(suboption), 1),
    };
    Goal::space(space)
}

/// What setting an option does. The strongest of a message counts.
pub fn class_of_set(option: u8, suboption: u8) -> (u8, Class) {
    match (option, suboption) {
        (5, 5 | 6) => (3, Class::Mode),
        (5, 3) => (1, Class::Operate),
        (5, 1 | 2) => (0, Class::Session),
        _ => (2, Class::Configure),
    }
}

/// BlockError.
pub fn error(code: u8) -> &'static str {
    match code {
        0 => "ok",
        1 => "option_not_supported",
        2 => "suboption_not_supported_or_no_data_set",
        3 => "suboption_not_set",
        4 => "resource_error",
        5 => "set_not_possible_by_local_reasons",
        6 => "in_operation_set_not_possible",
        _ => "unknown",
    }
}

/// What a reset to factory settings resets (BlockQualifier, mode in bits 1 to 15).
fn reset_mode(qualifier: u16) -> &'static str {
    match qualifier >> 1 {
        1 => "application_data",
        2 => "communication_parameters",
        3 => "engineering_parameters",
        4 => "all_stored_data",
        8 => "device",
        9 => "device_and_firmware",
        _ => "reserved",
    }
}

/// How a block's data begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// With its data (identify requests).
    Data,
    /// With two bytes of block info (answers, hello).
    Info,
    /// With two bytes of block qualifier (set requests).
    Qualifier,
}

/// Says a block: target, value, and what stands beside it.
pub fn say(block: &Block<'_>, front: Front, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = block.data;
    let first = match front {
        // "everything" has neither data nor info
        Front::Data => 0,
        _ if r.is_empty() => 0,
        _ => r.be16("BlockInfo")?,
    };
    let target = goal(block.option, block.suboption);
    match front {
        Front::Qualifier if (block.option, block.suboption) == (5, 6) => {
            draft.push_extra("reset_mode", Val::Name(reset_mode(first)));
        }
        Front::Qualifier if block.option != 5 => draft.push_extra("permanent", Val::Bool(first & 1 == 1)),
        Front::Info if block.option == 1 && block.suboption != 1 => {
            let source = match first & 0x7f {
                0 => "not_set",
                2 => "dhcp",
                _ => "static",
            };
            draft.push_extra("address_source", Val::Name(source));
            if first & 0x80 != 0 {
                draft.push_extra("address_conflict", Val::Bool(true));
            }
        }
        _ => {}
    }
    let value = value(block, r, draft)?;
    put(target, value, draft);
    Ok(())
}

/// Gives a target its value: the one that asked for it, or a new one.
fn put(target: Goal, value: Val, draft: &mut Draft<'_>) {
    let asked = draft.items_mut().iter_mut().find(|e| e.goal == target && e.value == Val::None);
    match asked {
        Some(entry) => entry.value = value,
        None => draft.push_item(target, value),
    }
}

fn value(block: &Block<'_>, mut r: Reader<'_>, draft: &mut Draft<'_>) -> Read<Val> {
    Ok(match (block.option, block.suboption) {
        (1, 1) => Val::Mac(model::Mac(r.array::<6>("MACAddress")?)),
        (1, 2 | 3) => {
            let address = ip(&mut r)?;
            let (mask, gateway) = (ip(&mut r)?, ip(&mut r)?);
            draft.push_extra("subnet_mask", Val::Ip(mask));
            draft.push_extra("gateway", Val::Ip(gateway));
            if block.suboption == 3 {
                let servers = (0..4).filter_map(|_| ip(&mut r).ok()).filter(|s| !s.is_unspecified()).count();
                draft.push_extra("dns_servers", Val::Uint(servers as u64));
            }
            Val::Ip(address)
        }
        (2, 1 | 2 | 6) | (3, 12 | 60 | 81) => Val::Text(draft.text(r.rest())),
        (2, 3) => {
            let (vendor, device) = (r.be16("VendorID")?, r.be16("DeviceID")?);
            draft.push_extra("vendor_id", Val::Uint(vendor.into()));
            draft.push_extra("device_id", Val::Uint(device.into()));
            Val::Uint(u64::from(vendor) << 16 | u64::from(device))
        }
        (2, 4) => {
            let role = r.u8("DeviceRoleDetails")?;
            draft.push_extra("device_role", Val::Uint(role.into()));
            Val::Uint(role.into())
        }
        (2, 7) => {
            let instance = r.be16("DeviceInstance")?;
            draft.push_extra("device_instance", Val::Uint(instance.into()));
            Val::Uint(instance.into())
        }
        (2, 8) => {
            let oem = r.be32("OEMDeviceID")?;
            draft.push_extra("oem_device_id", Val::Uint(oem.into()));
            Val::Uint(oem.into())
        }
        (2, 9) | (3, 54) => Val::Ip(ip(&mut r)?),
        (5, 3) => Val::Name(if r.be16("SignalValue")? == 0x0100 { "flash_once" } else { "reserved" }),
        (5, _) | (0xff, _) => Val::None,
        (6, 1) => Val::Bool(r.be16("DeviceInitiativeValue")? & 1 == 1),
        _ if r.is_empty() => Val::None,
        _ => Val::Bytes(draft.bytes(r.rest())),
    })
}

/// An address of four bytes.
pub fn ip(r: &mut Reader<'_>) -> Read<IpAddr> {
    Ok(IpAddr::V4(Ipv4Addr::from(r.array::<4>("IPAddress")?)))
}
