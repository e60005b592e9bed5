//! What a message proves: about the client, by itself; about servers and routers, by the server.

use super::describe::{agent, host_name};
use super::wire::{Message, addresses};
use crate::common::hex::{Numbers, is_text};
use crate::{About, Input, Kind, Output};
use model::{Address, Mac, NameKind, Role};
use std::net::{IpAddr, Ipv4Addr};
use wire::Reader;

/// Servers of one kind taken from one answer; more are named seldom.
const MAX_SERVERS: usize = 4;

/// Says it.
pub fn prove(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    if message.reply { server(message, input, out) } else { client(message, input, out) }
}

fn client(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let relayed = !message.relay.is_unspecified();
    if let Some(mac) = message.client {
        about_client(message, mac, out);
        let own = message.client_address;
        let by_itself = input.macs.is_none_or(|(frame, _)| frame == mac) && !relayed;
        // renewing, informing: the client has this address
        let holds = matches!(message.kind(), Some(3 | 8)) && by_itself && is_ip(input.src.host.address, own);
        if holds {
            out.about(About::Address(mac.into())).same_as(IpAddr::V4(own));
        }
    }
    if relayed && is_ip(input.src.host.address, message.relay) {
        out.about(About::Sender).guessed().role(Role::Router);
    }
}

fn about_client(message: &Message<'_>, mac: Mac, out: &mut Output) {
    let mut about = out.about(About::Address(mac.into()));
    if let Some(name) = host_name(message) {
        about = about.name(NameKind::Host, name);
    }
    if let Some(class) = message.option(60) {
        about = about.fingerprint("dhcp_vendor_class", class);
    }
    if let Some(list) = message.option(55).filter(|l| !l.is_empty()) {
        let numbers = Numbers(list.iter().map(|n| u16::from(*n)));
        about = about.formatted(Kind::Fingerprint("dhcp_options"), format_args!("{numbers}"));
    }
    // vendor-identifying class and options (RFC 3925) begin with the enterprise number of
    // who made the client's software
    for code in [124, 125] {
        if let Some(id) = message.option(code).and_then(|v| Reader::new(v).be32("enterprise number").ok()) {
            about = about.guessed().vendor_id("enterprise", id);
        }
    }
    if let Some(circuit) = agent(message, 1).filter(|c| is_text(c)) {
        about.implied().port(circuit);
    }
}

fn server(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let kind = message.kind();
    match (message.address(54), kind) {
        (Some(id), _) if is_ip(input.src.host.address, id) => {
            out.about(About::Sender).verified().role(Role::DhcpServer);
        }
        // through a relay agent
        (Some(id), _) => {
            out.about(About::Address(ip(id))).role(Role::DhcpServer);
        }
        (None, None) => {
            out.about(About::Sender).role(Role::DhcpServer);
        }
        (None, Some(_)) => {}
    }
    let given = Some(message.your_address).filter(|a| !a.is_unspecified());
    if let (Some(mac), Some(address), Some(5) | None) = (message.client, given, kind) {
        out.about(About::Address(mac.into())).same_as(IpAddr::V4(address));
    }
    if !matches!(kind, Some(2 | 5)) {
        return;
    }
    if let (Some(mac), Some(domain)) = (message.client, message.option(15)) {
        out.about(About::Address(mac.into())).implied().name(NameKind::Domain, domain);
    }
    for (code, role) in [(3, Role::Router), (6, Role::NameServer), (42, Role::TimeServer)] {
        let list = message.option(code).unwrap_or_default();
        for address in addresses(list).take(MAX_SERVERS) {
            // somebody else says so
            out.about(About::Address(ip(address))).implied().role(role);
        }
    }
}

fn ip(address: Ipv4Addr) -> Address {
    Address::Ip(IpAddr::V4(address))
}

fn is_ip(host: Address, address: Ipv4Addr) -> bool {
    host == ip(address) && !address.is_unspecified()
}
