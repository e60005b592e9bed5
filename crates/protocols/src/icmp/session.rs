//! Requests and replies by identifier and sequence number; errors with the packet they are about.

use super::OPERATIONS;
use super::meaning::{self, ECHO};
use crate::common::quoted::{Quoted, quoted};
use crate::{About, Dir, Goal, Input, Kind, Output, Pending, Session, Step, Val};
use model::{Address, Outcome, Role, Time};
use std::net::{IpAddr, Ipv4Addr};
use wire::{Malformed, Read, Reader};

/// An answer later than this is none: tools wait one to five seconds.
const TIMEOUT_NS: i64 = 5 * Time::SECOND;
/// Router addresses read from one advertisement; the field allows 255, networks have a few.
const MAX_ROUTERS: u8 = 16;

/// Type of the request, identifier, sequence number.
type Key = (u8, u16, u16);

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Icmp { pending: Pending::new(TIMEOUT_NS) })
}

struct Icmp {
    pending: Pending<Key>,
}

impl Session for Icmp {
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

impl Icmp {
    fn message(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let mut r = Reader::new(input.bytes);
        let kind = r.u8("type")?;
        let code = r.u8("code")?;
        r.skip(2, "checksum")?;
        let (operation, known) = meaning::code_of(kind, code);
        if !known && meaning::is_assigned(kind) {
            out.anomaly("reserved_code", "code", code.into(), input.dir);
        }
        match kind {
            0 | 14 | 16 | 18 | 38 | 43 => self.reply(kind, code, input, &mut r, out),
            8 | 13 | 15 | 17 | 37 | 42 => self.request(kind, input, &mut r, out),
            _ if meaning::quotes(kind) => error(kind, code, operation, input, &mut r, out),
            9 => advertisement(operation, input, &mut r, out),
            _ => {
                out.draft(OPERATIONS, operation, input.dir).actor(input.dir).commit();
                Ok(())
            }
        }
    }

    fn request(&mut self, kind: u8, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
        let (id, sequence) = exchange(kind, r)?;
        let data = r.rest();
        let draft = out.draft(OPERATIONS, u32::from(kind) << 8, input.dir).actor(input.dir);
        let mut draft = draft.extra("id", Val::Uint(id.into())).extra("sequence", Val::Uint(sequence.into()));
        if kind == ECHO {
            draft.push_extra("size", Val::Uint(data.len() as u64 + u64::from(input.cut)));
        }
        if input.dst.host.address.is_group() {
            // many may answer, each in a conversation of its own
            draft.commit();
        } else {
            self.pending.hold((kind, id, sequence), draft);
        }
        if kind == ECHO && is_windows(data) {
            out.about(About::Sender).guessed().os(b"Windows");
        }
        Ok(())
    }

    fn reply(&mut self, kind: u8, code: u8, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
        let (id, sequence) = exchange(kind, r)?;
        let Some(request) = meaning::request_of(kind) else { return Ok(()) };
        let answered = match (kind, code) {
            (43, 1..) => Outcome::Refused(code.into()),
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
        let mut draft = draft;
        if kind == 18
            && let Ok(mask) = r.array::<4>("address mask")
        {
            draft.push_extra("mask", Val::Ip(Ipv4Addr::from(mask).into()));
        }
        draft.commit();
        Ok(())
    }
}

/// Identifier and sequence number; the extended form has a sequence number of one byte.
fn exchange(kind: u8, r: &mut Reader<'_>) -> Read<(u16, u16)> {
    let id = r.be16("identifier")?;
    if matches!(kind, 42 | 43) {
        let sequence = r.u8("sequence number")?;
        r.skip(1, "flags")?;
        return Ok((id, sequence.into()));
    }
    Ok((id, r.be16("sequence number")?))
}

/// The alphabet Windows sends: `abcdefghijklmnopqrstuvw`, over and over.
fn is_windows(data: &[u8]) -> bool {
    data.len() >= 23 && data.iter().zip((b'a'..=b'w').cycle()).all(|(a, b)| *a == b)
}

fn error(kind: u8, code: u8, operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let rest = r.array::<4>("rest of the header")?;
    let [first, _, third, fourth] = rest;
    let Some(about) = quoted(r.rest()) else {
        out.draft(OPERATIONS, operation, input.dir).actor(input.dir).commit();
        return Err(Malformed::truncated("quoted packet", 8));
    };
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    about.describe(&mut draft);
    match (kind, code) {
        (3, 4) => draft.push_extra("next_hop_mtu", Val::Uint(u16::from_be_bytes([third, fourth]).into())),
        (5, _) => draft.push_extra("gateway", Val::Ip(Ipv4Addr::from(rest).into())),
        (12, 0) => draft.push_extra("pointer", Val::Uint(first.into())),
        _ => {}
    }
    draft.commit();
    prove(kind, code, rest, &about, input, out);
    Ok(())
}

/// Only who forwards packets counts hops down, redirects, or says that there is no way on to somebody else.
fn prove(kind: u8, code: u8, rest: [u8; 4], about: &Quoted, input: &Input<'_>, out: &mut Output) {
    let Some(sender) = input.src.host.address.ip() else { return };
    // errors are sent to the sender of the packet: anything else is translated on the way, or forged
    if input.dst.host.address.ip() != Some(about.source) {
        out.anomaly("foreign_original", "quoted packet's source", 0, input.dir);
        return;
    }
    let forwards = match (kind, code) {
        (5, _) | (11, 0) => true,
        (3, 0 | 1 | 4 | 5..=8) => sender != about.destination,
        _ => false,
    };
    if forwards && !sender.is_loopback() {
        out.about(About::Sender).implied().role(Role::Router);
    }
    let gateway = IpAddr::from(Ipv4Addr::from(rest));
    if kind == 5 && gateway != about.destination && gateway != sender {
        out.about(About::Address(Address::Ip(gateway))).guessed().role(Role::Router);
    }
}

/// RFC 1256: routers of this link, with preference.
fn advertisement(operation: u32, input: &Input<'_>, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let count = r.u8("number of addresses")?;
    let words = r.u8("address entry size")?;
    let lifetime = r.be16("lifetime")?;
    if words < 2 {
        return Err(Malformed::invalid("address entry size", 5));
    }
    if count > MAX_ROUTERS {
        out.limit("icmp_router_addresses");
    }
    let mut draft = out.draft(OPERATIONS, operation, input.dir).actor(input.dir);
    for _ in 0..count.min(MAX_ROUTERS) {
        let Ok(mut entry) = r.sub(usize::from(words) * 4, "router address") else { break };
        let address = Ipv4Addr::from(entry.array::<4>("router address")?);
        let preference = entry.be_i32("preference level")?;
        let name = draft.format(format_args!("{address}"));
        draft.push_item(Goal::named("router", name), Val::Int(preference.into()));
    }
    draft.extra("lifetime", Val::Uint(lifetime.into())).commit();
    out.about(About::Sender).is(Kind::Role(Role::Router));
    Ok(())
}
