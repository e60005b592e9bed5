//! What a message proves. A server answers for others: what it says about an address is hearsay, and names of services
//! are not names of devices. So only canonical names of private addresses are taken, and only as a hint.

use crate::common::dns::{CNAME, Message, PTR, Record, Section, TXT};
use crate::{About, Input, Output};
use model::{Address, NameKind, Role};
use std::net::IpAddr;

/// Says it.
pub fn prove(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    match (message.is_response(), message.opcode()) {
        (true, 0) => answered(message, input, out),
        (false, 5) => updated(message, input, out),
        _ => {}
    }
}

fn answered(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let Some(server) = input.src.host.address.ip() else { return };
    // "exists" or "does not exist", for its own zone or for others
    if matches!(message.rcode(), 0 | 3) && message.has(0x0480) && !server.is_loopback() {
        out.about(About::Sender).role(Role::NameServer);
    }
    let Some(question) = message.question() else { return };
    if message.rcode() != 0 {
        return;
    }
    // version.bind, version.server, hostname.bind, id.server: the server about itself (RFC 4892)
    if question.class == 3 && question.kind == TXT {
        let text = message.section(Section::Answer).find(|r| r.kind == TXT).and_then(|r| r.strings().next());
        let is = |word: &[u8]| question.name.first().is_some_and(|l| l.eq_ignore_ascii_case(word));
        if let Some(text) = text {
            let about = out.about(About::Sender).verified();
            if is(b"version") {
                about.software(text);
            } else if is(b"hostname") {
                about.name(NameKind::Host, text);
            }
        }
        return;
    }
    // public servers say nothing about the plant
    if !is_private(server) {
        return;
    }
    let mut answers = message.section(Section::Answer).filter(|r| r.kind == question.kind);
    let (first, second) = (answers.next(), answers.next());
    // several answers are a service behind several devices, or a device behind several names
    if let (Some(only), None) = (first, second) {
        named(&question, &only, message, out);
    }
    controllers(&question, message, out);
}

fn named(question: &Record<'_>, only: &Record<'_>, message: &Message<'_>, out: &mut Output) {
    if only.kind == PTR {
        let about = question.name.reversed().filter(|ip| is_private(*ip));
        if let (Some(address), Some(name)) = (about, only.target(0)) {
            let name = name.text();
            out.about(About::Address(Address::Ip(address))).implied().name(NameKind::Host, name.as_bytes());
        }
    } else if let Some(address) = only.address().filter(|ip| is_private(*ip)) {
        // the asked name is an alias where the answer leads on to another
        let alias = message.section(Section::Answer).any(|r| r.kind == CNAME && r.name.is(&only.name));
        if !alias {
            let name = only.name.text();
            out.about(About::Address(Address::Ip(address))).guessed().name(NameKind::Host, name.as_bytes());
        }
    }
}

/// `_ldap._tcp.dc._msdcs.<domain>` lists the domain's controllers; their addresses stand beside it.
fn controllers(question: &Record<'_>, message: &Message<'_>, out: &mut Output) {
    let mut labels = question.name.labels().flatten().skip_while(|l| !l.eq_ignore_ascii_case(b"dc"));
    let of_directory = question.name.first().is_some_and(|l| l.eq_ignore_ascii_case(b"_ldap"));
    let (Some(_), Some(next), true) = (labels.next(), labels.next(), of_directory) else { return };
    if !next.eq_ignore_ascii_case(b"_msdcs") {
        return;
    }
    for record in message.section(Section::Additional) {
        if let Some(address) = record.address().filter(|ip| is_private(*ip)) {
            let name = record.name.text();
            let about = out.about(About::Address(Address::Ip(address))).implied().role(Role::DomainController);
            about.name(NameKind::Host, name.as_bytes());
        }
    }
}

/// A device that enters its own address states its own name, and the zone is its domain.
fn updated(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let Some(sender) = input.src.host.address.ip() else { return };
    let own = message.section(Section::Authority).find(|r| r.address() == Some(sender) && r.class == 1);
    let (Some(own), Some(zone)) = (own, message.question()) else { return };
    let (name, zone) = (own.name.text(), zone.name.text());
    out.about(About::Sender).name(NameKind::Host, name.as_bytes()).name(NameKind::Domain, zone.as_bytes());
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
