//! What names prove: their owner says which he holds, and the suffix says what for.

use super::session::{entries, names};
use crate::common::dns::{self, Message, NetbiosName, Section, kind};
use crate::{About, Input, Kind, Output};
use model::{Mac, NameKind, Role, Strength};

/// A registration or refresh by the owner of the name.
pub fn asked(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    if !matches!(message.opcode(), 5 | 8 | 9 | 15) {
        return;
    }
    let own = input.src.host.address.ip();
    for record in message.records().flatten().filter(|r| r.section == Section::Additional && r.kind == kind::NB) {
        let Some(name) = dns::netbios_name(&record.name) else { continue };
        for (group, ip) in entries(&record) {
            if Some(ip) == own {
                holds(&name, group, Strength::Stated, out);
            }
        }
    }
}

/// An answer: by the owner of the name, or by a name server.
pub fn answered(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    // only a name server sets this (RFC 1002, 4.2.1.1)
    if message.recursion_available() && matches!(message.code(), 0 | 3 | 6) {
        let service = Kind::Service { transport: "udp", port: input.src.port, protocol: "nbns" };
        out.about(About::Sender).role(Role::NameServer).is(service);
    }
    if message.code() != 0 {
        return;
    }
    let own = input.src.host.address.ip();
    for record in message.answers() {
        match record.kind {
            kind::NB if message.opcode() == 0 => {
                let Some(name) = dns::netbios_name(&record.name) else { continue };
                // a group's name is answered for by each of its members
                for (group, ip) in entries(&record) {
                    if Some(ip) == own {
                        holds(&name, group, Strength::Stated, out);
                    }
                }
            }
            kind::NBSTAT => {
                let (names, unit) = names(&record);
                for (name, group) in names {
                    holds(&name, group, Strength::Verified, out);
                }
                if let Some(mac) = unit.map(Mac).filter(|m| !m.is_zero() && !m.is_group()) {
                    out.about(About::Sender).verified().same_as(mac);
                }
            }
            _ => {}
        }
    }
}

/// What the holder of a name is (suffixes: [MS-NBTE], [MS-BRWS]).
fn holds(name: &NetbiosName, group: bool, strength: Strength, out: &mut Output) {
    // programs register names of their own with such a sign: `INet~Services`, `IS~HOST`
    if !name.is_printable() || name.is_any() || name.text().contains(&b'~') {
        return;
    }
    let speaker = out.about(About::Sender).strength(strength);
    let _ = match (name.suffix, group) {
        (0x00, false) => speaker.name(NameKind::Host, name.text()),
        (0x00 | 0x1e, true) => speaker.name(NameKind::Domain, name.text()),
        (0x1c, true) => speaker.role(Role::DomainController),
        // the primary domain controller, in domains of old also another master of the browsers' list
        (0x1b, false) => speaker.implied().role(Role::DomainController),
        // every machine with a file service registers it, workstations too: it shares something, and is no server for that
        (0x20, false) => speaker.is(Kind::Service { transport: "tcp", port: 139, protocol: "nbss" }),
        _ => speaker,
    };
}
