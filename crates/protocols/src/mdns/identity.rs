//! What a response proves. A response may speak for others (reflectors, sleep proxies): its records are the sender's
//! own word about itself where the addresses in it are the sender's, and implied where it names no address at all.

use super::services::{self, Fact};
use crate::common::dns::{Message, Name, Record, kind};
use crate::evidence::Speaker;
use crate::{About, Input, Kind, Output};
use model::{Address, Mac, NameKind, Role, Strength};
use std::net::IpAddr;

/// Most instances of a service taken from one response.
const MAX_SERVICES: usize = 32;

/// Says everything a response proves about its sender.
pub fn prove(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let Some(own) = input.src.host.address.ip() else { return };
    let mut addresses = message.records().flatten().filter_map(|r| Some((r.name, r.ip()?))).peekable();
    let strength = match addresses.peek() {
        None => Strength::Implied,
        Some(_) => Strength::Stated,
    };
    let host = addresses.find(|(_, ip)| *ip == own).map(|(name, _)| name);
    if strength == Strength::Stated {
        let Some(host) = host else { return };
        host_name(&host, out);
        // IPv4 addresses beside the own one may be those of container networks, which many hosts share
        for record in message.records().flatten().filter(|r| r.kind == kind::AAAA && r.name.is(&host)) {
            if let Some(IpAddr::V6(ip)) = record.ip().filter(|ip| *ip != own && !ip.is_loopback()) {
                out.about(About::Sender).same_as(Address::Ip(IpAddr::V6(ip)));
            }
        }
    }
    let mut told = 0;
    for record in message.records().flatten() {
        match record.kind {
            kind::SRV | kind::PTR | kind::TXT if told >= MAX_SERVICES => {
                out.limit("mdns_services");
                break;
            }
            kind::SRV => {
                // a service of another host is not the sender's
                let Some((port, target)) = record.service() else { continue };
                if host.is_none_or(|h| h.is(&target)) {
                    told += 1;
                    service(&record, port, strength, out);
                }
            }
            kind::TXT => {
                told += 1;
                text(&record, strength, out);
            }
            kind::HINFO if host.is_some_and(|h| h.is(&record.name)) => {
                if let Some(os) = record.strings().nth(1) {
                    out.about(About::Sender).os(os);
                }
            }
            _ => {}
        }
    }
}

/// `name.local` is the host's name; reverse names and those of services are none.
fn host_name(host: &Name<'_>, out: &mut Output) {
    let mut labels = host.labels();
    let (first, second, third) = (labels.next(), labels.next(), labels.next());
    if let (Some(first), Some(second), None) = (first, second, third)
        && second.eq_ignore_ascii_case(b"local")
    {
        out.about(About::Sender).name(NameKind::Host, first);
    }
}

/// Instance, type and transport in the name of a service record (RFC 6763, 4.1).
fn parts<'a>(name: &Name<'a>) -> Option<(&'a [u8], &'a [u8], &'static str)> {
    let mut labels = name.labels();
    let (instance, kind) = (labels.next()?, labels.next()?);
    let transport = labels.next()?;
    let transport = match transport {
        b"_tcp" => "tcp",
        b"_udp" => "udp",
        _ => return None,
    };
    kind.starts_with(b"_").then_some((instance, kind, transport))
}

fn service(record: &Record<'_>, port: u16, strength: Strength, out: &mut Output) {
    let Some((instance, kind, transport)) = parts(&record.name) else { return };
    if kind == b"_workstation" {
        // `name [hardware address]`
        let mac = instance.strip_suffix(b"]").and_then(|i| mac(i.get(i.len().checked_sub(17)?..)?));
        if let Some(mac) = mac {
            out.about(About::Sender).strength(strength).same_as(mac);
        }
    }
    let Some(known) = services::of(kind) else { return };
    let mut speaker = out.about(About::Sender).strength(strength);
    if port != 0 {
        speaker = speaker.is(Kind::Service { transport, port, protocol: known.protocol });
    }
    if let Some(role) = known.role {
        speaker = speaker.role(role);
    }
    if known.role == Some(Role::Camera) {
        speaker.implied().vendor(b"Axis");
    }
}

/// Keys of a text record (RFC 6763, 6.3).
fn text(record: &Record<'_>, strength: Strength, out: &mut Output) {
    let Some((_, kind, _)) = parts(&record.name) else { return };
    for pair in record.strings() {
        let Some(at) = pair.iter().position(|b| *b == b'=') else { continue };
        let (key, value) = pair.split_at_checked(at).unwrap_or_default();
        let value = value.get(1..).unwrap_or_default();
        if let Some(fact) = services::fact(kind, key).filter(|_| !value.is_empty()) {
            say(out.about(About::Sender).strength(strength), fact, value);
        }
    }
}

fn say(speaker: Speaker<'_>, fact: Fact, value: &[u8]) {
    let _ = match fact {
        Fact::Vendor => speaker.vendor(value),
        Fact::Model => speaker.model(value),
        Fact::Firmware => speaker.firmware(value),
        Fact::Serial => speaker.serial(value),
        Fact::Location => speaker.location(value),
        Fact::Mac => match mac(value) {
            Some(mac) => speaker.same_as(mac),
            None => speaker,
        },
    };
}

/// A hardware address with or without signs between its bytes.
fn mac(text: &[u8]) -> Option<Mac> {
    let mut bytes = [0u8; 6];
    let mut digits = text.iter().filter(|b| !matches!(b, b':' | b'-'));
    for byte in &mut bytes {
        let (high, low) = (digits.next()?, digits.next()?);
        let digit = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
        *byte = digit(high)? << 4 | digit(low)?;
    }
    let mac = Mac(bytes);
    (digits.next().is_none() && !mac.is_group() && !mac.is_zero()).then_some(mac)
}
