//! What answers and traps prove about the agent that sends them.

use super::oid;
use super::wire::{self, Pdu, Variable};
use crate::common::{ber, description};
use crate::{About, Kind, Output};
use model::{Mac, NameKind, Role};

/// Most variables of one message that are looked at.
const MAX_VARIABLES: usize = super::meaning::MAX_TARGETS;
/// Kinds of physical entities (RFC 6933): the housing.
const CHASSIS: u64 = 3;
/// Agent software that runs on machines of any maker: its number says nothing about them.
const SOFTWARE_AGENTS: &[u32] = &[8072, 2021, 311];
/// Windows: workstation, server, domain controller stand behind 1.3.6.1.4.1.311.1.1.3.1.
const WINDOWS: &[u8] = b"\x2b\x06\x01\x04\x01\x82\x37\x01\x01\x03\x01";
/// Operating systems in the numbers of the Net-SNMP agent.
const NET_SNMP: &[u8] = b"\x2b\x06\x01\x04\x01\xbf\x08\x03\x02";

/// What is remembered of a walk through the physical entities.
#[derive(Default)]
pub struct Entities {
    /// Number of the housing; 1 where the walk has not told.
    chassis: Option<u32>,
}

impl Entities {
    /// Looks at the variables of an answer or a notification.
    pub fn look(&mut self, pdu: &Pdu<'_>, out: &mut Output) {
        let mut r = pdu.variables;
        for _ in 0..MAX_VARIABLES {
            if r.is_empty() {
                break;
            }
            let Ok(variable) = wire::variable(&mut r) else { return };
            self.variable(&variable, out);
        }
    }

    fn variable(&mut self, variable: &Variable<'_>, out: &mut Output) {
        let Variable { object, value } = variable;
        let bytes = value.bytes();
        let scalar = |prefix: &[u8]| oid::index(object, prefix) == Some(0);
        if value.tag == 0x02 {
            if let (Some(index), Some(CHASSIS), None) =
                (oid::index(object, oid::ENT_CLASS), ber::unsigned(bytes), self.chassis)
            {
                self.chassis = Some(index);
            }
            if scalar(oid::SYS_SERVICES) {
                services(ber::unsigned(bytes).unwrap_or_default(), out);
            }
            return;
        }
        if value.tag == 0x06 {
            if scalar(oid::SYS_OBJECT_ID) {
                kind_of_device(bytes, out);
            }
            return;
        }
        if value.tag != 0x04 || bytes.is_empty() {
            return;
        }
        if super::meaning::is_address(object) {
            return address(bytes, out);
        }
        let about = out.about(About::Sender).verified();
        if scalar(oid::SYS_DESCR) {
            description::say(about, bytes);
        } else if scalar(oid::SYS_CONTACT) {
            about.contact(bytes);
        } else if scalar(oid::SYS_NAME) {
            about.name(NameKind::System, bytes);
        } else if scalar(oid::SYS_LOCATION) {
            about.location(bytes);
        } else if scalar(oid::UPS_MANUFACTURER) {
            about.vendor(bytes).implied().role(Role::Ups);
        } else if scalar(oid::UPS_MODEL) {
            about.model(bytes);
        } else if scalar(oid::UPS_SOFTWARE) {
            about.firmware(bytes);
        } else if oid::index(object, oid::PRINTER_SERIAL) == Some(1) {
            about.serial(bytes).implied().role(Role::Printer);
        } else {
            self.entity(variable, out);
        }
    }

    /// A property of the housing.
    fn entity(&self, variable: &Variable<'_>, out: &mut Output) {
        let chassis = self.chassis.unwrap_or(1);
        let is = |prefix: &[u8]| oid::index(variable.object, prefix) == Some(chassis);
        let bytes = variable.value.bytes();
        let kind = if is(oid::ENT_HARDWARE) {
            Kind::Hardware
        } else if is(oid::ENT_FIRMWARE) {
            Kind::Firmware
        } else if is(oid::ENT_SOFTWARE) {
            Kind::Software
        } else if is(oid::ENT_SERIAL) {
            Kind::Serial
        } else if is(oid::ENT_MAKER) {
            Kind::Vendor
        } else if is(oid::ENT_MODEL) {
            Kind::Model
        } else {
            return;
        };
        let text = out.text(bytes);
        if !text.is_empty() {
            out.about(About::Sender).verified().span(kind, text);
        }
    }
}

/// `sysObjectID`: the maker's number, and for well-known agent software the operating system.
fn kind_of_device(object: &[u8], out: &mut Output) {
    if !oid::is_sound(object) {
        return;
    }
    let text = out.format(format_args!("{}", oid::Numbers(object)));
    let about = out.about(About::Sender).verified().span(Kind::Fingerprint("sys_object_id"), text).implied();
    let about = match oid::first(object, oid::ENTERPRISES) {
        Some(number) if !SOFTWARE_AGENTS.contains(&number) => about.vendor_id("enterprise", number),
        _ => about,
    };
    match (oid::index(object, WINDOWS), oid::index(object, NET_SNMP)) {
        (Some(3), _) => {
about.os(b"Windows").role(Role::DomainController);
}
        (Some(2), _) => {
about.os(b"Windows").role(Role::Server);
}
        (Some(_), _) => {
about.os(b"Windows");
}
        (_, Some(8)) => {
about.os(b"FreeBSD");
}
        (_, Some(10)) => {
about.os(b"Linux");
}
        _ => {}
    }
}

/// `sysServices`: one bit per layer (RFC 3418). Only what forwards and serves nobody itself is told.
fn services(bits: u64, out: &mut Output) {
    let about = out.about(About::Sender).guessed();
    match (bits & 2 != 0, bits & 4 != 0, bits & 0x40 != 0) {
        (true, false, false) => {
about.role(Role::Switch);
}
        (false, true, false) => {
about.role(Role::Router);
}
        _ => {}
    }
}

/// An address of the agent's own interfaces or bridge. Zero, group, local and redundancy addresses are shared or made
/// up, so they prove nothing.
fn address(bytes: &[u8], out: &mut Output) {
    let [a, b, c, d, e, f] = *bytes else { return };
    let redundant = matches!([a, b, c, d], [0, 0, 0x5e, 0, ..] | [0, 0, 0x0c, 0x07]) || (a, b, c) == (0, 5, 0x73);
    let nothing = bytes.iter().all(|x| *x == 0);
    if a & 3 == 0 && !redundant && !nothing {
        out.about(About::Sender).same_as(Mac([a, b, c, d, e, f]));
    }
}

/// The name of an engine (RFC 3411): maker's number, then what identifies the engine.
pub fn engine(id: &[u8], about: About, out: &mut Output) {
    let Some((head, rest)) = id.split_first_chunk::<4>() else { return };
    let number = u32::from_be_bytes(*head);
    let text = out.format(format_args!("{}", Hex(id)));
    let speaker = out.about(about).span(Kind::Fingerprint("snmp_engine_id"), text).implied();
    // before RFC 3411 an id had twelve octets and the highest bit was clear
    let maker = number & 0x7fff_ffff;
    let formed = number >> 31 == 1 || id.len() == OLD_ENGINE;
    let speaker = match maker {
        0 | LAST_ENTERPRISE.. => speaker,
        _ if !formed => speaker,
        maker if SOFTWARE_AGENTS.contains(&maker) => speaker,
        maker => speaker.vendor_id("enterprise", maker),
    };
    // format 3 is a hardware address; without the highest bit the rest is the maker's own
    if let (true, [3, a, b, c, d, e, f]) = (number >> 31 == 1, rest)
        && a & 3 == 0
        && [*a, *b, *c, *d, *e, *f] != [0; 6]
    {
        speaker.same_as(Mac([*a, *b, *c, *d, *e, *f]));
    }
}

/// Length of an engine id of the old form.
const OLD_ENGINE: usize = 12;
/// Enterprise numbers are given out one after another and have not come near this.
const LAST_ENTERPRISE: u32 = 0x2_0000;

/// Bytes as hexadecimal digits.
pub struct Hex<'a>(pub &'a [u8]);

/// Longest engine id (RFC 3411).
const MAX_ENGINE: usize = 32;

impl core::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().take(MAX_ENGINE).try_for_each(|b| write!(f, "{b:02x}"))
    }
}
