//! Neighbour discovery (RFC 4861): who holds an address, who routes, which prefixes the link has. As in ARP, a sender
//! states its own two addresses; what it asks for proves nothing.

use super::meaning::{DUPLICATE_ADDRESS_DETECTION, OPERATIONS};
use super::options::{Entries, MTU, NAME_SERVERS, PREFIX, SEARCH, SOURCE, TARGET, link_layer};
use crate::{About, Draft, Goal, Input, Output, Val};
use model::{Address, Mac, Role};
use std::net::{IpAddr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// A host asks for routers.
pub fn router_solicitation(operation: u32, input: &Input<'_>, mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(4, "reserved")?;
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    let own = own_address(input);
    let mac = link_layer(r, SOURCE);
    stated(&mut draft, own, mac);
    draft.commit();
    check(input, r, out);
    prove(own, mac, input, out);
    Ok(())
}

/// A router says who it is, and how hosts of this link get their addresses.
pub fn router_advertisement(operation: u32, input: &Input<'_>, mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    let hops = r.u8("current hop limit")?;
    let flags = r.u8("flags")?;
    let lifetime = r.be16("router lifetime")?;
    r.skip(8, "reachable time and retransmission timer")?;
    let own = own_address(input);
    let mac = link_layer(r, SOURCE);
    let mut servers = [None; 3];
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    draft.push_extra("hop_limit", Val::Uint(hops.into()));
    draft.push_extra("lifetime", Val::Uint(lifetime.into()));
    draft.push_extra("managed", Val::Bool(flags & 0x80 != 0));
    draft.push_extra("other_configuration", Val::Bool(flags & 0x40 != 0));
    let preference = match flags >> 3 & 3 {
        0 => "medium",
        1 => "high",
        3 => "low",
        _ => "reserved",
    };
    draft.push_extra("preference", Val::Name(preference));
    stated(&mut draft, own, mac);
    for entry in Entries::new(r).flatten() {
        let mut value = Reader::new(entry.value);
        match entry.kind {
            PREFIX => {
                let Ok(length) = value.u8("prefix length") else { continue };
                let _ = value.skip(13, "flags and lifetimes");
                let Ok(prefix) = value.array::<16>("prefix") else { continue };
                let name = draft.format(format_args!("{}/{length}", Ipv6Addr::from(prefix)));
                draft.push_item(Goal::named("prefix", name), Val::None);
            }
            MTU => {
                let _ = value.skip(2, "reserved");
                if let Ok(mtu) = value.be32("MTU") {
                    draft.push_extra("mtu", Val::Uint(mtu.into()));
                }
            }
            NAME_SERVERS => {
                let _ = value.skip(6, "lifetime");
                for server in servers.iter_mut().filter(|s| s.is_none()) {
                    *server = value.array::<16>("name server").ok().map(|b| IpAddr::V6(Ipv6Addr::from(b)));
                }
                if let [Some(first), ..] = servers {
                    draft.push_extra("dns_server", Val::Ip(first));
                }
            }
            SEARCH => {
                let _ = value.skip(6, "lifetime");
                let mut name = [0u8; 255];
                if let Some(domain) = labels(value, &mut name) {
                    let text = draft.text(domain);
                    draft.push_extra("domain", Val::Text(text));
                }
            }
            _ => {}
        }
    }
    draft.commit();
    check(input, r, out);
    out.about(About::Sender).role(Role::Router);
    prove(own, mac, input, out);
    for server in servers.into_iter().flatten().filter(|s| !s.is_unspecified() && !s.is_multicast()) {
        // somebody else says so
        out.about(About::Address(Address::Ip(server))).implied().role(Role::NameServer);
    }
    Ok(())
}

/// A name in uncompressed labels, with dots between them.
fn labels<'a>(mut r: Reader<'_>, name: &'a mut [u8; 255]) -> Option<&'a [u8]> {
    let mut size = 0;
    loop {
        let length = r.u8("label").ok()?;
        if length == 0 {
            return name.get(..size).filter(|n| !n.is_empty());
        }
        let label = r.take(length.into(), "label").ok()?;
        if size > 0 {
            *name.get_mut(size)? = b'.';
            size += 1;
        }
        name.get_mut(size..size + label.len())?.copy_from_slice(label);
        size += label.len();
    }
}

/// Who has this address? From nobody (`::`) it asks whether the address is free.
pub fn solicitation(operation: u32, input: &Input<'_>, mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(4, "reserved")?;
    let target = Ipv6Addr::from(r.array::<16>("target address")?);
    let own = own_address(input);
    let mac = link_layer(r, SOURCE);
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    if own.is_none() {
        draft = draft.named(OPERATIONS, DUPLICATE_ADDRESS_DETECTION);
    }
    push_ip(&mut draft, target, Val::None);
    stated(&mut draft, own, mac);
    draft.commit();
    if target.is_multicast() {
        return Err(Malformed::invalid("target address", 8));
    }
    check(input, r, out);
    prove(own, mac, input, out);
    Ok(())
}

/// This address is here. The option may be left out in an answer; then the frame's source stands for it, less surely.
pub fn advertisement(operation: u32, input: &Input<'_>, mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    let flags = r.u8("flags")?;
    r.skip(3, "reserved")?;
    let target = Ipv6Addr::from(r.array::<16>("target address")?);
    let mac = link_layer(r, TARGET);
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    push_ip(&mut draft, target, mac.map_or(Val::None, Val::Mac));
    stated(&mut draft, Some(target).filter(|_| !target.is_multicast()), mac);
    draft.push_extra("router", Val::Bool(flags & 0x80 != 0));
    draft.push_extra("solicited", Val::Bool(flags & 0x40 != 0));
    draft.push_extra("override", Val::Bool(flags & 0x20 != 0));
    draft.commit();
    if target.is_multicast() || target.is_unspecified() {
        return Err(Malformed::invalid("target address", 8));
    }
    check(input, r, out);
    match (mac, input.macs) {
        (Some(mac), _) => prove(Some(target), Some(mac), input, out),
        (None, Some((frame, _))) if !frame.is_zero() && !frame.is_group() => {
            out.about(About::Address(Address::Ip(target.into()))).guessed().same_as(frame);
        }
        _ => {}
    }
    if flags & 0x80 != 0 && own_address(input) == Some(target) {
        out.about(About::Sender).role(Role::Router);
    }
    Ok(())
}

/// A router says that another first hop is better, or that the destination is on this link.
pub fn redirect(operation: u32, input: &Input<'_>, mut r: Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(4, "reserved")?;
    let target = Ipv6Addr::from(r.array::<16>("target address")?);
    let destination = Ipv6Addr::from(r.array::<16>("destination address")?);
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    push_ip(&mut draft, destination, Val::Ip(target.into()));
    draft.commit();
    check(input, r, out);
    // forged redirects lead astray: the sender forwards packets, the target is hearsay
    out.about(About::Sender).implied().role(Role::Router);
    if target != destination && !target.is_multicast() && !target.is_unspecified() {
        out.about(About::Address(Address::Ip(target.into()))).guessed().role(Role::Router);
    }
    Ok(())
}

fn push_ip(draft: &mut Draft<'_>, address: Ipv6Addr, value: Val) {
    let name = draft.format(format_args!("{address}"));
    draft.push_item(Goal::named("ip", name), value);
}

/// The address the sender has, if it has one yet.
fn own_address(input: &Input<'_>) -> Option<Ipv6Addr> {
    match input.src.host.address.ip() {
        Some(IpAddr::V6(ip)) if !ip.is_unspecified() && !ip.is_multicast() => Some(ip),
        _ => None,
    }
}

fn stated(draft: &mut Draft<'_>, own: Option<Ipv6Addr>, mac: Option<Mac>) {
    if let (Some(ip), Some(mac)) = (own, mac) {
        draft.push_extra("sender_ip", Val::Ip(ip.into()));
        draft.push_extra("sender_mac", Val::Mac(mac));
    }
}

/// Options must fit, and the hardware address stated must be the frame's.
fn check(input: &Input<'_>, r: Reader<'_>, out: &mut Output) {
    let mut entries = Entries::new(r);
    for error in entries.by_ref().filter_map(Result::err) {
        if input.cut == 0 || !error.is_truncated() {
            out.malformed(error, input.dir);
        }
    }
    if entries.is_cut() {
        out.limit("icmpv6_options");
    }
    let stated = link_layer(r, SOURCE).or_else(|| link_layer(r, TARGET));
    let is_redirect = matches!(input.bytes.first(), Some(137));
    if let (Some(stated), Some((frame, _)), false) = (stated, input.macs, is_redirect)
        && stated != frame
    {
        out.anomaly("sender_mismatch", "link-layer address option is not the frame's source", 0, input.dir);
    }
}

fn prove(own: Option<Ipv6Addr>, mac: Option<Mac>, input: &Input<'_>, out: &mut Output) {
    let (Some(ip), Some(mac)) = (own, mac) else { return };
    if ip.is_loopback() {
        return;
    }
    // a frame sent by somebody else than it says, or from outside the link, proves less
    let same = input.macs.is_none_or(|(frame, _)| frame == mac) && input.ttl == 255;
    let about = out.about(About::Address(Address::Ip(ip.into())));
    let about = if same { about } else { about.guessed() };
    about.same_as(mac);
}
