//! What a message says, as target and extras.

use super::wire::Message;
use crate::common::hex::{Hex, readable};
use crate::{Draft, Goal, Val};
use std::net::Ipv4Addr;
use wire::Reader;

/// A client's or relay agent's message. The target is the address asked for, given back or declined.
pub fn request(message: &Message<'_>, draft: &mut Draft<'_>) {
    let own = Some(message.client_address).filter(|a| !a.is_unspecified());
    client(message, draft);
    if let Some(address) = message.address(50).or(own) {
        target(address, draft);
    }
    draft.push_extra("transaction", Val::Uint(message.transaction.into()));
    ip(draft, "client_address", own);
    if let Some(name) = host_name(message) {
        let text = draft.text(name);
        draft.push_extra("host_name", Val::Text(text));
    }
    text(draft, "vendor_class", message.option(60));
    client_id(message, draft);
    ip(draft, "server", message.address(54));
    relay(message, draft);
}

/// A server's message. An answer to a request adds to what the request said.
pub fn reply(message: &Message<'_>, draft: &mut Draft<'_>) {
    let given = Some(message.your_address).filter(|a| !a.is_unspecified());
    let asked = draft.row().asked.is_some();
    if !asked {
        client(message, draft);
        if let Some(address) = given {
            target(address, draft);
        }
        draft.push_extra("transaction", Val::Uint(message.transaction.into()));
        relay(message, draft);
    }
    ip(draft, "address", given);
    // a request may name the server already
    ip(draft, "server", message.address(54).filter(|_| !asked));
    ip(draft, "mask", message.option(1).and_then(|v| v.first_chunk::<4>()).map(|b| Ipv4Addr::from(*b)));
    ip(draft, "router", message.address(3));
    ip(draft, "name_server", message.address(6));
    ip(draft, "broadcast", message.option(28).and_then(|v| v.first_chunk::<4>()).map(|b| Ipv4Addr::from(*b)));
    ip(draft, "time_server", message.address(42));
    text(draft, "domain", message.option(15));
    text(draft, "message", message.option(56));
    if let Some(seconds) = message.option(51).and_then(|v| Reader::new(v).be32("lease").ok()) {
        draft.push_extra("lease_s", Val::Uint(seconds.into()));
    }
    let file = message.file();
    if !file.is_empty() {
        text(draft, "boot_file", Some(file));
        match message.option(66) {
            Some(name) => text(draft, "boot_server", Some(name)),
            None => ip(draft, "boot_server", Some(message.server_address).filter(|a| !a.is_unspecified())),
        }
    }
}

/// The name a client states: host name, else the fully qualified one.
pub fn host_name<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    message.option(12).filter(|n| !n.is_empty()).or_else(|| qualified(message))
}

/// Option 81 (RFC 4702), where its name is plain text.
fn qualified<'a>(message: &Message<'a>) -> Option<&'a [u8]> {
    match message.option(81)? {
        [flags, _, _, name @ ..] if flags & 4 == 0 && !name.is_empty() => Some(name),
        // in labels: the first one is the host's own
        [_, _, _, length, labels @ ..] => labels.get(..usize::from(*length)).filter(|n| !n.is_empty()),
        _ => None,
    }
}

/// Sub-options of the relay agent information (RFC 3046): circuit, remote and subscriber id.
pub fn agent<'a>(message: &Message<'a>, wanted: u8) -> Option<&'a [u8]> {
    let mut r = Reader::new(message.option(82)?);
    loop {
        let (code, length) = (r.u8("sub-option").ok()?, r.u8("length").ok()?);
        let value = r.take(length.into(), "value").ok()?;
        if code == wanted {
            return Some(value);
        }
    }
}

fn target(address: Ipv4Addr, draft: &mut Draft<'_>) {
    let name = draft.format(format_args!("{address}"));
    draft.push_item(Goal::named("ip", name), Val::None);
}

/// Clients without an address all speak as nobody to everybody: the hardware address tells them apart.
fn client(message: &Message<'_>, draft: &mut Draft<'_>) {
    if let Some(mac) = message.client {
        let name = draft.format(format_args!("{mac}"));
        draft.push_item(Goal::named("client", name), Val::None);
    }
}

/// The usual form is a hardware type and address, which the target already tells.
fn client_id(message: &Message<'_>, draft: &mut Draft<'_>) {
    let Some(id) = message.option(61) else { return };
    let text = match id {
        [1, mac @ ..] if message.client.is_some_and(|c| c.0 == mac) => return,
        [0, name @ ..] => readable(draft, name),
        id => draft.format(format_args!("{}", Hex(id))),
    };
    draft.push_extra("client_id", Val::Text(text));
}

fn relay(message: &Message<'_>, draft: &mut Draft<'_>) {
    ip(draft, "relay", Some(message.relay).filter(|a| !a.is_unspecified()));
    for (code, key) in [(1, "circuit_id"), (2, "remote_id"), (6, "subscriber_id")] {
        if let Some(value) = agent(message, code) {
            let text = readable(draft, value);
            draft.push_extra(key, Val::Text(text));
        }
    }
}

fn ip(draft: &mut Draft<'_>, key: &'static str, address: Option<Ipv4Addr>) {
    if let Some(address) = address {
        draft.push_extra(key, Val::Ip(address.into()));
    }
}

fn text(draft: &mut Draft<'_>, key: &'static str, value: Option<&[u8]>) {
    if let Some(value) = value.filter(|v| !v.is_empty()) {
        let text = draft.text(value);
        draft.push_extra(key, Val::Text(text));
    }
}
