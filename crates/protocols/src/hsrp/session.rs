//! One message, one statement: nobody is answered.

use super::OPERATIONS;
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::{Address, Mac, Role};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// Length of a message of version 1 (RFC 2281, 5.1).
pub const LENGTH_1: usize = 20;
/// Op code of the maker's own message of version 1; what follows has another form.
const ADVERTISE: u8 = 3;
/// Type of the group state in version 2; others (interface state, authentication) are passed over.
const GROUP_STATE: u8 = 1;
/// Parts of one message of version 2. Three are known.
const MAX_PARTS: usize = 16;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Hsrp)
}

struct Hsrp;

/// What a message says of one group.
struct Told {
    version: u8,
    operation: u8,
    state: Option<&'static str>,
    group: u16,
    priority: u32,
    hello_ms: u32,
    hold_ms: u32,
    address: Option<IpAddr>,
}

impl Session for Hsrp {
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
    if input.bytes.first() == Some(&0) {
        return version_1(&mut r, input, out);
    }
    for _ in 0..MAX_PARTS {
        if r.is_empty() {
            return Ok(());
        }
        let kind = r.u8("type")?;
        let length = usize::from(r.u8("length")?);
        let mut part = r.sub(length, "value")?;
        if kind == GROUP_STATE {
            let told = version_2(&mut part)?;
            say(&told, input, out);
        }
    }
    out.limit("hsrp_parts");
    Ok(())
}

fn version_1(r: &mut Reader<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    r.skip(1, "version")?;
    let operation = r.u8("op code")?;
    if operation == ADVERTISE {
        out.draft(OPERATIONS, operation.into(), input.dir).actor(input.dir).commit();
        return Ok(());
    }
    let state = match r.u8("state")? {
        0 => Some("initial"),
        1 => Some("learn"),
        2 => Some("listen"),
        4 => Some("speak"),
        8 => Some("standby"),
        16 => Some("active"),
        _ => None,
    };
    let (hello, hold) = (r.u8("hello time")?, r.u8("hold time")?);
    let (priority, group) = (r.u8("priority")?, r.u8("group")?);
    // the password is passed over
    r.skip(9, "authentication")?;
    let address = Ipv4Addr::from(r.array::<4>("virtual address")?);
    let told = Told {
        version: 1,
        operation,
        state,
        group: group.into(),
        priority: priority.into(),
        hello_ms: u32::from(hello) * 1000,
        hold_ms: u32::from(hold) * 1000,
        address: Some(IpAddr::V4(address)),
    };
    say(&told, input, out);
    Ok(())
}

fn version_2(r: &mut Reader<'_>) -> Read<Told> {
    let at = r.offset();
    let version = r.u8("version")?;
    if version != 2 {
        return Err(Malformed::invalid("version", at));
    }
    let operation = r.u8("op code")?;
    let state = match r.u8("state")? {
        0 => Some("disabled"),
        1 => Some("initial"),
        2 => Some("learn"),
        3 => Some("listen"),
        4 => Some("speak"),
        5 => Some("standby"),
        6 => Some("active"),
        _ => None,
    };
    let family = r.u8("IP version")?;
    let group = r.be16("group")?;
    r.skip(6, "identifier")?;
    let (priority, hello_ms, hold_ms) = (r.be32("priority")?, r.be32("hello time")?, r.be32("hold time")?);
    let address = r.array::<16>("virtual address")?;
    let address = match (family, address) {
        (4, [a, b, c, d, ..]) => Some(IpAddr::V4(Ipv4Addr::new(a, b, c, d))),
        (6, all) => Some(IpAddr::V6(Ipv6Addr::from(all))),
        _ => None,
    };
    Ok(Told { version, operation, state, group, priority, hello_ms, hold_ms, address })
}

fn say(told: &Told, input: &Input<'_>, out: &mut Output) {
    let address = told.address.filter(|a| !a.is_unspecified());
    let mut draft = out.draft(OPERATIONS, told.operation.into(), input.dir).actor(input.dir);
    let group = draft.format(format_args!("{}", told.group));
    draft.push_item(Goal::named("group", group), Val::None);
    draft.push_extra("version", Val::Uint(told.version.into()));
    if let Some(state) = told.state {
        let text = draft.text(state.as_bytes());
        draft.push_extra("state", Val::Text(text));
    }
    draft.push_extra("priority", Val::Uint(told.priority.into()));
    draft.push_extra("hello_ms", Val::Uint(told.hello_ms.into()));
    draft.push_extra("hold_ms", Val::Uint(told.hold_ms.into()));
    if let Some(address) = address {
        let text = draft.format(format_args!("{address}"));
        draft.push_extra("virtual_address", Val::Text(text));
    }
    draft.commit();
    // routers speak to all of the group on their link; anything else is not from one
    if !input.dst.host.address.is_group() {
        return;
    }
    out.about(About::Sender).role(Role::Router);
    let shared = hardware(told);
    // a group may be set up to use the routers' own hardware addresses: then the active one does not send from this
    let sends = input.macs.is_none_or(|(frame, _)| frame == shared);
    if let (Some(address), true) = (address, sends || told.state != Some("active")) {
        out.about(About::Address(Address::Mac(shared))).same_as(address);
    }
}

/// The hardware address reserved for a group (RFC 2281, 5.3; version 2 and IPv6 by the maker's documents).
fn hardware(told: &Told) -> Mac {
    let [high, low] = told.group.to_be_bytes();
    match (told.version, told.address) {
        (1, _) => Mac([0x00, 0x00, 0x0c, 0x07, 0xac, low]),
        (_, Some(IpAddr::V6(_))) => Mac([0x00, 0x05, 0x73, 0xa0, high & 0x0f, low]),
        _ => Mac([0x00, 0x00, 0x0c, 0x9f, 0xf0 | high & 0x0f, low]),
    }
}
