//! One message, one statement: nobody is answered.

use super::OPERATIONS;
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::{Address, Mac, Role};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// Operation codes.
pub const ADVERTISEMENT: u32 = 1;
pub const CARP: u32 = 0x101;
/// Length of a CARP message, and the length in words of its authentication, which stands where VRRP counts addresses.
const CARP_LENGTH: usize = 36;
const CARP_WORDS: u8 = 7;
/// Addresses told of one virtual router. Most have one.
const MAX_ADDRESSES: usize = 16;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Vrrp)
}

struct Vrrp;

impl Session for Vrrp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if let Err(error) = read(input, out)
            && (input.cut == 0 || !error.is_truncated())
        {
            out.malformed(error, input.dir);
        }
        Step::Took(input.bytes.len().max(1))
    }
}

fn read(input: &Input<'_>, out: &mut Output) -> Read<()> {
    let mut r = Reader::new(input.bytes);
    let (version, kind) = match r.u8("version and type")? {
        first @ (0x21 | 0x31) => (first >> 4, first & 0xf),
        _ => return Err(Malformed::invalid("version and type", 0)),
    };
    let (router, priority, count) = (r.u8("virtual router")?, r.u8("priority")?, r.u8("count")?);
    if version == 2 && count == CARP_WORDS && input.bytes.len() == CARP_LENGTH {
        let mut draft = out.draft(OPERATIONS, CARP, input.dir).actor(input.dir);
        let name = draft.format(format_args!("{router}"));
        draft.push_item(Goal::named("virtual_router", name), Val::None);
        draft.commit();
        return Ok(());
    }
    let interval = r.be16("interval")?;
    r.skip(2, "checksum")?;
    // version 2 has the kind of authentication and seconds, version 3 hundredths of a second
    let interval_ms = if version == 2 { u64::from(interval & 0xff) * 1000 } else { u64::from(interval & 0xfff) * 10 };
    let v6 = version == 3 && input.src.host.address.ip().is_some_and(|ip| ip.is_ipv6());
    let start = r;
    let mut draft = out.draft(OPERATIONS, kind.into(), input.dir).actor(input.dir);
    let name = draft.format(format_args!("{router}"));
    draft.push_item(Goal::named("virtual_router", name), Val::None);
    draft.push_extra("version", Val::Uint(version.into()));
    draft.push_extra("priority", Val::Uint(priority.into()));
    draft.push_extra("interval_ms", Val::Uint(interval_ms));
    let mut all = start;
    let mut result = Ok(());
    for _ in 0..usize::from(count).min(MAX_ADDRESSES) {
        match address(&mut all, v6) {
            Ok(address) => {
                let text = draft.format(format_args!("{address}"));
                draft.push_extra("virtual_address", Val::Text(text));
            }
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    draft.commit();
    if usize::from(count) > MAX_ADDRESSES {
        out.limit("vrrp_addresses");
    }
    out.about(About::Sender).role(Role::Router);
    let shared = Mac([0x00, 0x00, 0x5e, 0x00, if v6 { 2 } else { 1 }, router]);
    // who does not send from the reserved hardware address speaks of addresses it keeps at its own
    let sends = input.macs.is_none_or(|(frame, _)| frame == shared);
    let mut all = start;
    for _ in 0..usize::from(count).min(MAX_ADDRESSES) {
        match address(&mut all, v6) {
            Ok(address) if sends && !address.is_unspecified() => {
                out.about(About::Address(Address::Mac(shared))).same_as(address);
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    result
}

fn address(r: &mut Reader<'_>, v6: bool) -> Read<IpAddr> {
    Ok(match v6 {
        true => IpAddr::V6(Ipv6Addr::from(r.array::<16>("address")?)),
        false => IpAddr::V4(Ipv4Addr::from(r.array::<4>("address")?)),
    })
}
