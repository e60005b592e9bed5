//! Echo requests and replies by identifier and sequence number; errors with the packet they are about; everything else
//! is one message, one statement.

use super::meaning::{self, ECHO_REQUEST, OPERATIONS};
use super::neighbour;
use crate::common::quoted::quoted;
use crate::{About, Dir, Goal, Input, Output, Pending, Session, Step, Val};
use model::{NameKind, Outcome, Role, Time};
use std::net::{IpAddr, Ipv6Addr};
use wire::{Malformed, Read, Reader};

/// An answer later than this is none: tools wait one to five seconds.
const TIMEOUT_NS: i64 = 5 * Time::SECOND;
/// Group records read from one report. One frame holds 72 without sources; hosts join under twenty.
const MAX_GROUPS: u16 = 64;

/// Type of the request, identifier, sequence number.
type Key = (u8, u16, u16);

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Icmpv6 { pending: Pending::new(TIMEOUT_NS) })
}

struct Icmpv6 {
    pending: Pending<Key>,
}

impl Session for Icmpv6 {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match self.message(input, out) {
            Ok(()) => Step::Took(input.bytes.len()),
            Err(error) => {
                // a frame the capture cut is not the sender's fault
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.pending.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

impl Icmpv6 {
    fn message(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let mut r = Reader::new(input.bytes);
        let kind = r.u8("type")?;
        let code = r.u8("code")?;
        r.skip(2, "checksum")?;
        let (operation, known) = meaning::code_of(kind, code);
        if !known && meaning::is_assigned(kind) {
            out.anomaly("reserved_code", "code", code.into(), input.dir);
        }
        // a router in between takes one off: then somebody outside the link sent it
        if meaning::is_neighbour_discovery(kind) && input.ttl != 255 {
            out.anomaly("hop_limit", "neighbour discovery from outside the link", input.ttl.into(), input.dir);
        }
        match kind {
            1..=4 => error(kind, code, operation, input, &mut r, out),
            128 | 160 => self.request(kind, input, &mut r, out),
            129 | 161 => self.reply(kind, code, input, &mut r, out),
            130..=132 => listener(operation, input, &mut r, out),
            143 => report(operation, input, &mut r, out),
            133 => neighbour::router_solicitation(operation, input, r, out),
            134 => neighbour::router_advertisement(operation, input, r, out),
            135 => neighbour::solicitation(operation, input, r, out),
            136 => neighbour::advertisement(operation, input, r, out),
            137 => neighbour::redirect(operation, input, r, out),
            140 => node_information(code, operation, input, &mut r, out),
            _ => {
                out.draft(OPERATIONS, operation, input.dir).actor(input.dir).commit();
                Ok(())
            }
        }
    }

    fn request(&mut self, kind: u8, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
        let (id, sequence) = exchange(kind, r)?;
        let draft = out.draft(OPERATIONS, u32::from(kind) << 8, input.dir).actor(input.dir);
        let mut draft = draft.extra("id", Val::Uint(id.into())).extra("sequence", Val::Uint(sequence.into()));
        if kind == ECHO_REQUEST {
            draft.push_extra("size", Val::Uint(r.left() as u64 + u64::from(input.cut)));
        }
        if input.dst.host.address.is_group() {
            // many may answer, each in a conversation of its own
            draft.commit();
        } else {
            self.pending.hold((kind, id, sequence), draft);
        }
        Ok(())
    }

    fn reply(&mut self, kind: u8, code: u8, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
        let (id, sequence) = exchange(kind, r)?;
        let request = kind - 1;
        let answered = match (kind, code) {
            (161, 1..) => Outcome::Refused(code.into()),
            _ => Outcome::Ok,
        };
        let draft = match self.pending.settle((request, id, sequence), out) {
            Some(draft) => draft.outcome(answered),
            None => {
                let draft = out.draft(OPERATIONS, u32::from(request) << 8, input.dir).actor(input.dir.flip());
                let draft = draft.extra("id", Val::Uint(id.into())).extra("sequence", Val::Uint(sequence.into()));
                draft.outcome(Outcome::ReplyOnly)
            }
        };
        draft.commit();
        Ok(())
    }
}

/// Identifier and sequence number; the extended form has a sequence number of one byte.
fn exchange(kind: u8, r: &mut Reader<'_>) -> Read<(u16, u16)> {
    let id = r.be16("identifier")?;
    if matches!(kind, 160 | 161) {
        let sequence = r.u8("sequence number")?;
        r.skip(1, "flags")?;
        return Ok((id, sequence.into()));
    }
    Ok((id, r.be16("sequence number")?))
}

/// An error quotes the packet it is about. Only who forwards packets takes hops off or finds the next link too small.
fn error(kind: u8, code: u8, operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let number = r.be32("MTU or pointer")?;
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    match kind {
        2 => draft.push_extra("mtu", Val::Uint(number.into())),
        4 => draft.push_extra("pointer", Val::Uint(number.into())),
        _ => {}
    }
    let Some(about) = quoted(r.rest()) else {
        draft.commit();
        return Err(Malformed::truncated("quoted packet", 8));
    };
    about.describe(&mut draft);
    draft.commit();
    let Some(sender) = input.src.host.address.ip() else { return Ok(()) };
    if input.dst.host.address.ip() != Some(about.source) {
        out.anomaly("foreign_original", "quoted packet's source", 0, input.dir);
        return Ok(());
    }
    let forwards = matches!((kind, code), (2, _) | (3, 0) | (1, 0 | 2 | 3 | 6));
    if forwards && sender != about.destination && !sender.is_loopback() {
        out.about(About::Sender).implied().role(Role::Router);
    }
    Ok(())
}

/// Listener discovery: somebody asks for listeners of a group, or of all (`::`), or says that it is one.
fn listener(operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(4, "maximum response delay")?;
    let group = Ipv6Addr::from(r.array::<16>("multicast address")?);
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    if !group.is_unspecified() {
        push_group(&mut draft, group);
    }
    draft.commit();
    Ok(())
}

/// Version 2: a list of records, one per group.
fn report(operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    r.skip(2, "reserved")?;
    let count = r.be16("number of records")?;
    if count > MAX_GROUPS {
        out.limit("icmpv6_group_records");
    }
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    let mut read = || -> Read<()> {
        for _ in 0..count.min(MAX_GROUPS) {
            r.skip(1, "record type")?;
            let auxiliary = r.u8("auxiliary data length")?;
            let sources = r.be16("number of sources")?;
            let group = Ipv6Addr::from(r.array::<16>("multicast address")?);
            r.skip(usize::from(sources) * 16 + usize::from(auxiliary) * 4, "sources")?;
            push_group(&mut draft, group);
        }
        Ok(())
    };
    let result = read();
    draft.commit();
    result
}

fn push_group(draft: &mut crate::Draft<'_>, group: Ipv6Addr) {
    let name = draft.format(format_args!("{group}"));
    draft.push_item(Goal::named("group", name), Val::None);
}

/// RFC 4620: a node tells its name or its addresses when asked.
fn node_information(code: u8, operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let about = r.be16("query type")?;
    r.skip(10, "flags and nonce")?;
    let name = match (about, code) {
        (2, 0) => {
            r.skip(4, "time to live")?;
            let length = r.u8("name")?;
            r.take(length.into(), "name")?
        }
        _ => &[],
    };
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    if !name.is_empty() {
        let text = draft.text(name);
        draft.push_item(Goal::named("name", text), Val::None);
    }
    draft.commit();
    let own = input.src.host.address.ip().is_some_and(|ip| matches!(ip, IpAddr::V6(_)));
    if own && !name.is_empty() {
        out.about(About::Sender).verified().name(NameKind::Host, name);
    }
    Ok(())
}
