//! What a response proves. A device announces itself: records with its own address are its own. What repeats others'
//! records (reflectors, sleep proxies) has their addresses in them.

use super::services::{self, Meaning};
use crate::common::dns::{A, AAAA, Message, Name, PTR, Record, SRV, Section, TXT};
use crate::{About, Input, Kind, Output};
use model::{Address, Mac, NameKind};
use std::net::IpAddr;

/// Addresses of one name taken from one message; a device has a handful.
const MAX_ADDRESSES: usize = 8;
/// Type HINFO: processor and operating system.
const HINFO: u16 = 13;

/// Says it.
pub fn prove(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let Some(sender) = input.src.host.address.ip() else { return };
    let records = || message.records().flatten().filter(|r| r.section != Section::Question && r.ttl > 0);
    let addresses = || records().filter(|r| matches!(r.kind, A | AAAA));
    let own = addresses().find(|r| r.address() == Some(sender)).map(|r| r.name);
    for record in addresses().take(MAX_ADDRESSES) {
        let Some(address) = record.address().filter(|a| is_usable(*a)) else { continue };
        let host = record.name.text_without(b"local");
        if record.name.first().is_none() {
            continue;
        }
        if own.is_some_and(|own| own.is(&record.name)) {
            let about = out.about(About::Sender).name(NameKind::Host, host.as_bytes());
            if address != sender {
                about.same_as(address);
            }
        } else {
            // somebody else's
            out.about(About::Address(Address::Ip(address))).guessed().name(NameKind::Host, host.as_bytes());
        }
    }
    // without any address it can only be its own; with others' addresses alone it is not
    if own.is_none() && addresses().next().is_some() {
        return;
    }
    for record in records() {
        of_itself(&record, own.as_ref(), out);
    }
}

/// A record of the sender's own.
fn of_itself(record: &Record<'_>, own: Option<&Name<'_>>, out: &mut Output) {
    let service = record.name.labels().flatten().find(|l| l.first() == Some(&b'_')).and_then(services::of);
    match (record.kind, service) {
        // `_ipp._tcp.local` points to an instance of it
        (PTR, Some(service)) => {
            if let (Some(role), Some(_)) = (service.role, record.target(0)) {
                out.about(About::Sender).role(role);
            }
        }
        (SRV, Some(service)) => {
            let here = match (own, record.target(6)) {
                (Some(own), Some(target)) => own.is(&target),
                _ => true,
            };
            let udp = record.name.labels().flatten().any(|l| l.eq_ignore_ascii_case(b"_udp"));
            if let (true, Some(port @ 1..), false) = (here, record.port(), service.protocol.is_empty()) {
                let transport = if udp { "udp" } else { "tcp" };
                let protocol = service.protocol;
                out.about(About::Sender).is(Kind::Service { transport, port, protocol });
            }
            if let (true, Some(role)) = (here, service.role) {
                out.about(About::Sender).role(role);
            }
            if service.name == b"_workstation" {
                workstation(record, out);
            }
        }
        (TXT, Some(_)) => text(record, out),
        (HINFO, None) => {
            let mut strings = record.strings().skip(1);
            if let Some(system) = strings.next() {
                out.about(About::Sender).os(system);
            }
        }
        _ => {}
    }
}

/// The instance of a workstation is `name [hardware address]`.
fn workstation(record: &Record<'_>, out: &mut Output) {
    let Some(instance) = record.name.first() else { return };
    let inside = instance.rsplit(|b| *b == b'[').next().and_then(|t| t.strip_suffix(b"]"));
    if let Some(mac) = inside.and_then(mac) {
        out.about(About::Sender).same_as(mac);
    }
}

fn text(record: &Record<'_>, out: &mut Output) {
    for string in record.strings() {
        let Some(equals) = string.iter().position(|b| *b == b'=') else { continue };
        let (key, value) = string.split_at(equals);
        let value = value.get(1..).unwrap_or_default();
        let Some(meaning) = services::meaning(key).filter(|_| !value.is_empty()) else { continue };
        let about = out.about(About::Sender);
        match meaning {
            Meaning::Model => about.model(value),
            Meaning::Vendor => about.vendor(value),
            Meaning::Serial => about.serial(value),
            Meaning::Firmware => about.firmware(value),
            Meaning::Location => about.location(value),
            Meaning::Mac => match mac(value) {
                Some(mac) => about.same_as(mac),
                None => about,
            },
        };
    }
}

fn is_usable(address: IpAddr) -> bool {
    !address.is_loopback() && !address.is_unspecified() && !address.is_multicast()
}

/// Twelve digits, with or without colons or dashes.
fn mac(text: &[u8]) -> Option<Mac> {
    let mut digits = text.iter().filter(|b| !matches!(b, b':' | b'-'));
    let mut mac = [0u8; 6];
    for byte in &mut mac {
        for _ in 0..2 {
            *byte = *byte << 4 | char::from(*digits.next()?).to_digit(16)? as u8;
        }
    }
    let mac = Mac(mac);
    (digits.next().is_none() && !mac.is_zero() && !mac.is_group()).then_some(mac)
}
