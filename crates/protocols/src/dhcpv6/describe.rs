//! What a message says, and what it proves.

use super::session::is_answer;
use super::wire::{Duid, Labels, Message, duid};
use crate::common::hex::{Hex, Numbers};
use crate::{About, Draft, Goal, Input, Kind, Output, Val};
use model::{Address, NameKind, Role};
use std::net::{IpAddr, Ipv6Addr};
use wire::Reader;

/// Servers of one kind taken from one answer; more are named seldom.
const MAX_SERVERS: usize = 4;

/// What both sides repeat of the client, and what only the client says.
pub fn client(message: &Message<'_>, draft: &mut Draft<'_>) {
    if let Some(mut id) = message.option(1) {
        let name = match duid(id) {
            Duid::Hardware(mac) => draft.format(format_args!("{mac}")),
            _ => draft.format(format_args!("{}", Hex(id.rest()))),
        };
        draft.push_item(Goal::named("client", name), Val::None);
    }
    draft.push_extra("transaction", Val::Uint(message.transaction.into()));
    if let Some((link, peer)) = message.relay {
        draft.push_extra("relay", Val::Ip(link.into()));
        draft.push_extra("peer", Val::Ip(peer.into()));
    }
    if is_answer(message.kind) {
        return;
    }
    if let Some((address, _)) = message.address() {
        let name = draft.format(format_args!("{address}"));
        draft.push_item(Goal::named("ip", name), Val::None);
    }
    if let Some(name) = host_name(message) {
        let text = draft.text(name.as_bytes());
        draft.push_extra("host_name", Val::Text(text));
    }
    if let Some((_, class)) = vendor_class(message) {
        let text = draft.text(class);
        draft.push_extra("vendor_class", Val::Text(text));
    }
}

/// What a server says.
pub fn server(message: &Message<'_>, draft: &mut Draft<'_>) {
    if let Some(mut id) = message.option(2) {
        let text = draft.format(format_args!("{}", Hex(id.rest())));
        draft.push_extra("server", Val::Text(text));
    }
    if let Some((address, seconds)) = message.address() {
        draft.push_extra("address", Val::Ip(address.into()));
        draft.push_extra("lease_s", Val::Uint(seconds.into()));
    }
    if let Some((prefix, length)) = message.prefix() {
        let text = draft.format(format_args!("{prefix}/{length}"));
        draft.push_extra("prefix", Val::Text(text));
    }
    if let Some(first) = name_servers(message).next() {
        draft.push_extra("name_server", Val::Ip(first.into()));
    }
    if let Some(list) = message.option(24) {
        let domain = Labels::read(list);
        let text = draft.text(domain.as_bytes());
        draft.push_extra("domain", Val::Text(text));
    }
    if let Some((code, text)) = message.status() {
        draft.push_extra("status", Val::Uint(code.into()));
        let text = draft.text(text);
        if !text.is_empty() {
            draft.push_extra("message", Val::Text(text));
        }
    }
}

/// Says what a message proves. What a relay agent hands on is about a client on another link, whose link-local address
/// means nothing here.
pub fn prove(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    if is_answer(message.kind) {
        return prove_server(message, out);
    }
    let id = message.option(1).map_or(Duid::Other, duid);
    let frame = input.macs.map(|(sender, _)| sender);
    let direct = message.relay.is_none();
    // the identifier is made once from one of the client's interfaces; it speaks of this one only where it is the same
    if let (Duid::Hardware(mac), true) = (id, direct)
        && frame == Some(mac)
        && let Some(ip) = input.src.host.address.ip().filter(|ip| !ip.is_unspecified())
    {
        out.about(About::Address(Address::Ip(ip))).same_as(mac);
    }
    let subject = match (direct, id) {
        (true, _) => About::Sender,
        (false, Duid::Hardware(mac)) => About::Address(mac.into()),
        (false, _) => return,
    };
    let mut about = out.about(subject);
    if let Some(name) = host_name(message) {
        about = about.name(NameKind::Host, name.as_bytes());
    }
    let options = message.option(6).map(|mut r| r.rest()).unwrap_or_default();
    if !options.is_empty() {
        let numbers = Numbers(options.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b)));
        about = about.formatted(Kind::Fingerprint("dhcpv6_options"), format_args!("{numbers}"));
    }
    let class = vendor_class(message);
    if let Some((_, class)) = class {
        about = about.fingerprint("dhcpv6_vendor_class", class);
    }
    // who made the client's software
    let maker = match id {
        Duid::Enterprise(id) => Some(id),
        _ => class.map(|(id, _)| id),
    };
    if let Some(maker) = maker {
        about.guessed().vendor_id("enterprise", maker);
    }
}

fn prove_server(message: &Message<'_>, out: &mut Output) {
    if message.relay.is_none() {
        out.about(About::Sender).verified().role(Role::DhcpServer);
        if let (7, Some((address, 1..))) = (message.kind, message.address()) {
            out.about(About::Receiver).same_as(IpAddr::V6(address));
        }
    } else {
        out.about(About::Sender).role(Role::DhcpServer);
    }
    for server in name_servers(message).take(MAX_SERVERS) {
        // somebody else says so
        out.about(About::Address(Address::Ip(server.into()))).implied().role(Role::NameServer);
    }
}

fn name_servers<'a>(message: &Message<'a>) -> impl Iterator<Item = Ipv6Addr> + use<'a> {
    let list = message.option(23).map(|mut r| r.rest()).unwrap_or_default();
    let addresses = list.as_chunks::<16>().0.iter().map(|b| Ipv6Addr::from(*b));
    addresses.filter(|a| !a.is_unspecified() && !a.is_multicast())
}

/// Option 39 (RFC 4704): flags, then the name.
fn host_name(message: &Message<'_>) -> Option<Labels> {
    let mut r = message.option(39)?;
    r.skip(1, "flags").ok()?;
    Some(Labels::read(r)).filter(|n| !n.as_bytes().is_empty())
}

/// Option 16: enterprise number, then the first class.
fn vendor_class<'a>(message: &Message<'a>) -> Option<(u32, &'a [u8])> {
    let mut r: Reader<'a> = message.option(16)?;
    let maker = r.be32("enterprise-number").ok()?;
    let length = r.be16("vendor class length").ok()?;
    Some((maker, r.take(length.into(), "vendor class").ok()?))
}
