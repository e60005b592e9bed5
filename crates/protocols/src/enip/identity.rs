//! What list answers prove about the sender.

use super::wire::{Items, item, socket};
use crate::common::identity_object;
use crate::{About, Draft, Input, Kind, Output, Transport, Val};
use model::{Address, Path, Strength};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Malformed, Read, Reader};

/// AF_INET, the only family the standard allows in a socket address.
const AF_INET: u16 = 2;

/// List Identity answer (CIP Volume 2, 2-4.2.3): encapsulation version, socket address, Identity attributes 1 to 7, state.
pub fn list_identity(items: &Items<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    for found in items.iter().filter(|i| i.kind == item::LIST_IDENTITY) {
        let mut r = Reader::new(found.data);
        r.skip(2, "encapsulation protocol version")?;
        let (family, _, address) = socket(r.take(16, "socket address")?)?;
        let identity = identity_object::read(&mut r)?;
        let state = r.u8("state").ok();
        identity_object::say(&identity, Path::HOST, Strength::Verified, out);
        own_address(family, address, input, out);
        if let Some(state) = state.and_then(state_word) {
            out.about(About::Sender).verified().mode(state.as_bytes());
        }
        if family != AF_INET {
            return Err(Malformed::invalid("sin_family", found.at));
        }
    }
    Ok(())
}

/// List Targets answer, as older modules give it: version, flags, socket address, the address as text.
pub fn list_targets(items: &Items<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    if let Some(found) = items.find(item::LIST_TARGETS) {
        let mut r = Reader::new(found.data);
        r.skip(4, "version, flags")?;
        let (family, _, address) = socket(r.take(16, "socket address")?)?;
        own_address(family, address, input, out);
    }
    Ok(())
}

/// The address a device believes to have, where it is another than the one it is seen with.
fn own_address(family: u16, address: [u8; 4], input: &Input<'_>, out: &mut Output) {
    let own = IpAddr::V4(Ipv4Addr::from(address));
    if family == AF_INET && !own.is_unspecified() && input.src.host.address != Address::Ip(own) {
        out.about(About::Sender).same_as(own);
    }
}

/// Attribute 8 where it says more than the status word: not operational.
fn state_word(state: u8) -> Option<&'static str> {
    match state {
        1 => Some("self testing"),
        2 => Some("standby"),
        4 => Some("major recoverable fault"),
        5 => Some("major unrecoverable fault"),
        _ => None,
    }
}

/// List Services answer (Volume 2, 2-4.6.3): version, capability flags, name of the service.
pub fn list_services(items: &Items<'_>, draft: &mut Draft<'_>) -> Read<()> {
    if let Some(found) = items.find(item::LIST_SERVICES) {
        let mut r = Reader::new(found.data);
        let version = r.le16("encapsulation protocol version")?;
        let flags = r.le16("capability flags")?;
        draft.push_extra("protocol_version", Val::Uint(version.into()));
        draft.push_extra("services", Val::Uint(flags.into()));
    }
    Ok(())
}

/// The sender answered as an EtherNet/IP device on its port.
pub fn service(input: &Input<'_>, out: &mut Output) {
    let transport = match input.transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
        _ => return,
    };
    out.about(About::Sender).verified().is(Kind::Service { transport, port: input.src.port, protocol: "enip" });
}
