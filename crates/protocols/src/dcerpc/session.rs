//! Contexts, pairing by call, what an answer says: the only state.

use super::interfaces::{self, OPERATIONS};
use super::wire::{self, Datagram, Pdu};
use crate::common::windows::{Guid, text_extra};
use crate::common::{ntlmssp, spnego};
use crate::{About, Dir, Draft, Expect, Goal, Input, Kind, Output, Pending, Session, Step, Val};
use ::wire::{Read, Reader};
use model::{NameKind, Outcome, Time};
use std::net::IpAddr;

/// Calls may take long; a server that is alive says so with pings on other means.
const REPLY_TIMEOUT_NS: i64 = 120 * Time::SECOND;
/// Contexts kept per connection; the oldest goes first, its calls are then of an unknown interface.
const MAX_CONTEXTS: usize = 64;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Rpc { pending: Pending::new(REPLY_TIMEOUT_NS), contexts: Vec::new() })
}

/// What an answer has in common with its request: direction and call id, or sequence and a part of the activity.
type Key = (Dir, u64);

struct Rpc {
    pending: Pending<Key>,
    /// Context, interface, direction in which its calls go.
    contexts: Vec<(u16, Guid, Dir)>,
}

impl Session for Rpc {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.transport.is_stream() {
            if let Err(error) = wire::datagram(input.bytes).and_then(|d| self.datagram(&d, input, out)) {
                out.malformed(error, input.dir);
            }
            return Step::Took(input.bytes.len().max(1));
        }
        let pdu = match wire::pdu(input.bytes) {
            Ok(Some(pdu)) => pdu,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        if let Err(error) = self.pdu(&pdu, input, out) {
            out.malformed(error, input.dir);
        }
        Step::Took(pdu.length)
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

impl Rpc {
    fn pdu(&mut self, pdu: &Pdu<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let asked = (input.dir.flip(), u64::from(pdu.call));
        match pdu.kind {
            11 | 14 => self.bind(pdu, input, out),
            12 | 15 => self.bound(pdu, asked, input, out),
            13 => {
                let reason = wire::num16(&mut Reader::new(pdu.body), pdu.little)?;
                let draft = match self.pending.settle(asked, out) {
                    Some(draft) => draft,
                    None => out.draft(OPERATIONS, 11, input.dir).actor(input.dir.flip()),
                };
                draft.extra("reason", Val::Uint(reason.into())).outcome(Outcome::Refused(reason.into())).commit();
                Ok(())
            }
            0 if pdu.flags & wire::FIRST != 0 => {
                let (context, opnum, stub) = wire::request(pdu)?;
                let interface = self.contexts.iter().find(|c| c.0 == context && c.2 == input.dir).map(|c| c.1);
                let clear = pdu.little && pdu.auth.is_none();
                self.call((input.dir, pdu.call.into()), interface, opnum, stub, clear, input, out)
            }
            2 if pdu.flags & wire::FIRST != 0 => {
                let stub = wire::response(pdu)?;
                self.answer(asked, if pdu.little && pdu.auth.is_none() { stub } else { &[] }, out);
                Ok(())
            }
            3 => {
                self.fault(asked, wire::fault(pdu)?, out);
                Ok(())
            }
            16 => {
                let draft = out.draft(OPERATIONS, 16, input.dir).actor(input.dir);
                authenticate(pdu, draft).commit();
                Ok(())
            }
            17..=19 => {
                out.draft(OPERATIONS, pdu.kind.into(), input.dir).actor(input.dir).commit();
                Ok(())
            }
            // further fragments
            _ => Ok(()),
        }
    }

    fn bind(&mut self, pdu: &Pdu<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let contexts = wire::contexts(pdu)?;
        let mut draft = out.draft(OPERATIONS, pdu.kind.into(), input.dir).actor(input.dir);
        if pdu.kind == 11 {
            self.contexts.retain(|c| c.2 != input.dir);
        }
        let mut seen: Vec<Guid> = Vec::new();
        for (id, interface, _) in contexts {
            self.contexts.retain(|c| (c.0, c.2) != (id, input.dir));
            if self.contexts.len() >= MAX_CONTEXTS {
                self.contexts.remove(0);
            }
            self.contexts.push((id, interface, input.dir));
            // each transfer syntax offered is a context of its own
            if !seen.contains(&interface) {
                seen.push(interface);
                if seen.len() == 1 {
                    draft = target(&interface, draft);
                }
            }
        }
        if let Some(rest) = seen.get(1..).filter(|rest| !rest.is_empty()) {
            let names: Vec<String> = rest.iter().map(name).collect();
            let span = draft.text(names.join(",").as_bytes());
            draft.push_extra("interfaces", Val::Text(span));
        }
        let draft = authenticate(pdu, draft);
        self.pending.hold((input.dir, pdu.call.into()), draft);
        Ok(())
    }

    fn bound(&mut self, pdu: &Pdu<'_>, asked: Key, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let results = wire::results(pdu)?;
        let code = u32::from(pdu.kind) - 1;
        let draft = match self.pending.settle(asked, out) {
            Some(draft) => draft,
            None => out.draft(OPERATIONS, code, input.dir).actor(input.dir.flip()).outcome(Outcome::ReplyOnly),
        };
        // 3 acknowledges a negotiation of features that has the form of a context
        let rejected = results.iter().filter(|(result, _)| !matches!(result, 0 | 3));
        let mut draft = authenticate(pdu, draft);
        if let Some((_, reason)) = rejected.clone().next() {
            // a second transfer syntax is always rejected: refused is who got nothing
            let all = results.iter().all(|(result, _)| *result != 0);
            if all {
                draft.push_extra("reason", Val::Uint((*reason).into()));
                draft = draft.outcome(Outcome::Refused((*reason).into()));
            }
            draft.push_extra("rejected", Val::Uint(rejected.count() as u64));
        }
        draft.commit();
        if matches!(input.transport, crate::Transport::Tcp) {
            let kind = Kind::Service { transport: "tcp", port: input.src.port, protocol: "dcerpc" };
            out.about(About::Sender).verified().is(kind);
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "what is called how, and two contexts")]
    fn call(
        &mut self,
        key: Key,
        interface: Option<Guid>,
        opnum: u16,
        stub: &[u8],
        clear: bool,
        input: &Input<'_>,
        out: &mut Output,
    ) -> Read<()> {
        let mut draft = out.draft(OPERATIONS, 0, input.dir).actor(input.dir);
        let Some(interface) = interface else {
            // without its bind nobody knows what is called: the call is told, its answer is not looked for
            draft.extra("opnum", Val::Uint(opnum.into())).outcome(Outcome::Unseen).commit();
            return Ok(());
        };
        draft = called(&interface, opnum, draft);
        let number = interfaces::number(&interface);
        // handle of the manager, then the name of the service
        if clear && number == interfaces::named("svcctl") && matches!(opnum, 12 | 16) {
            let mut r = Reader::new(stub);
            if let Ok(text) = r.skip(20, "handle").and_then(|()| wire::text(&mut r)) {
                let span = draft.out().text_utf16le(text);
                text_extra(&mut draft, "object", span);
            }
        }
        self.pending.hold(key, draft);
        Ok(())
    }

    fn answer(&mut self, asked: Key, stub: &[u8], out: &mut Output) {
        let Some(row) = self.pending.request(asked) else { return };
        let operation = OPERATIONS.get(usize::from(row.operation)).map_or("", |o| o.name);
        let Some(mut draft) = self.pending.settle(asked, out) else { return };
        match operation {
            "ept_map" => {
                let ports = wire::tower_ports(stub).unwrap_or_default();
                let text: Vec<String> = ports.iter().map(u16::to_string).collect();
                let span = draft.text(text.join(",").as_bytes());
                text_extra(&mut draft, "ports", span);
                for port in ports {
                    draft.out().expect(Expect { protocol: "dcerpc", port, id: 0, tag: 0 });
                }
            }
            "ioxidresolver_server_alive2" => {
                for text in wire::bindings(stub).unwrap_or_default() {
                    binding(&text, draft.out());
                }
            }
            _ => {}
        }
        draft.commit();
    }

    fn fault(&mut self, asked: Key, status: u32, out: &mut Output) {
        let Some(mut draft) = self.pending.settle(asked, out) else { return };
        if let Some(name) = fault_name(status) {
            draft.push_extra("fault", Val::Name(name));
        }
        draft.outcome(Outcome::Refused(status)).commit();
    }

    fn datagram(&mut self, d: &Datagram<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        // the activity is the client's, the sequence counts its calls
        let activity = d.activity.0.iter().fold(0u64, |all, b| all.rotate_left(8) ^ u64::from(*b));
        let key = |dir| (dir, activity.rotate_left(32) ^ u64::from(d.sequence));
        match d.kind {
            0 if d.fragment == 0 => {
                self.call(key(input.dir), Some(d.interface), d.opnum, d.body, d.little, input, out)?;
            }
            2 if d.fragment == 0 => {
                let asked = key(input.dir.flip());
                let status = profinet_status(d).filter(|s| *s != 0);
                if !self.pending.holds(asked) {
                    unasked(d, status.map_or(Outcome::ReplyOnly, Outcome::Refused), input, out);
                    return Ok(());
                }
                match status {
                    Some(status) => self.fault(asked, status, out),
                    None => self.answer(asked, if d.little { d.body } else { &[] }, out),
                }
            }
            3 | 6 => {
                let status = wire::num32(&mut Reader::new(d.body), d.little)?;
                let asked = key(input.dir.flip());
                match self.pending.holds(asked) {
                    true => self.fault(asked, status, out),
                    false => unasked(d, Outcome::Refused(status), input, out),
                }
            }
            // pings and acknowledgements
            _ => {}
        }
        Ok(())
    }
}

/// An answer whose call was not seen: unlike one of a stream, a datagram names what was called.
fn unasked(d: &Datagram<'_>, outcome: Outcome, input: &Input<'_>, out: &mut Output) {
    let draft = out.draft(OPERATIONS, 0, input.dir).actor(input.dir.flip());
    called(&d.interface, d.opnum, draft).outcome(outcome).commit();
}

/// Names the call: the interface, and the method where it has a name here.
fn called<'o>(interface: &Guid, opnum: u16, draft: Draft<'o>) -> Draft<'o> {
    let number = interfaces::number(interface);
    let code = number << 16 | u32::from(opnum);
    let mut draft = target(interface, draft);
    match number != 0 && OPERATIONS.binary_search_by_key(&code, |o| o.code).is_ok() {
        true => draft = draft.named(OPERATIONS, code),
        false => draft.push_extra("opnum", Val::Uint(opnum.into())),
    }
    draft
}

/// The status in front of every answer of PROFINET (IEC 61158-6-10): four bytes, 0 is good.
fn profinet_status(d: &Datagram<'_>) -> Option<u32> {
    let interface = interfaces::by_number(interfaces::number(&d.interface))?;
    let status = Reader::new(d.body).le32("status").ok()?;
    interface.name.starts_with("pnio_").then_some(status)
}

fn name(interface: &Guid) -> String {
    match interfaces::by_number(interfaces::number(interface)) {
        Some(known) => known.name.to_owned(),
        None => interface.to_string(),
    }
}

fn target<'o>(interface: &Guid, mut draft: Draft<'o>) -> Draft<'o> {
    let span = match interfaces::by_number(interfaces::number(interface)) {
        Some(known) => draft.text(known.name.as_bytes()),
        None => draft.format(format_args!("{interface}")),
    };
    draft.target(Goal::named("interface", span))
}

/// Who signs in, or who the server is.
fn authenticate<'o>(pdu: &Pdu<'_>, mut draft: Draft<'o>) -> Draft<'o> {
    let Some((kind, token)) = pdu.auth else { return draft };
    let word = match kind {
        9 => "spnego",
        10 => "ntlmssp",
        14 => "schannel",
        16 => "kerberos",
        68 => "netlogon",
        _ => "other",
    };
    if !matches!(pdu.kind, 12 | 15) {
        draft.push_extra("auth", Val::Name(word));
    }
    if let Some(message) = ntlmssp::find(token) {
        if let Err(error) = ntlmssp::say(message, &mut draft, About::Sender) {
            let sent = draft.row().sent;
            draft.out().malformed(error, sent);
        }
    } else if let Some((_, names)) = spnego::ticket(token)
        && let [_, host, ..] = names.as_slice()
    {
        draft.out().about(About::Receiver).implied().name(NameKind::Host, host);
    }
    draft
}

/// One address of a server: a name or an IP address, with a port in brackets.
fn binding(text: &[u8], out: &mut Output) {
    let span = out.text_utf16le(text);
    let text = String::from_utf8_lossy(out.span(span)).into_owned();
    let address = text.split('[').next().unwrap_or_default();
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) if !v4.is_link_local() && !v4.is_loopback() => {
            out.about(About::Sender).same_as(IpAddr::V4(v4));
        }
        Ok(IpAddr::V6(v6)) if !v6.is_unicast_link_local() && !v6.is_loopback() => {
            out.about(About::Sender).same_as(IpAddr::V6(v6));
        }
        Ok(_) => {}
        Err(_) if address.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) => {
            out.about(About::Sender).name(NameKind::Host, address.as_bytes());
        }
        Err(_) => {}
    }
}

/// Why a call failed (C706, appendix E; [MS-ERREF] for Windows).
fn fault_name(status: u32) -> Option<&'static str> {
    Some(match status {
        0x0000_0005 => "access_denied",
        0x0000_06c6 => "invalid_bound",
        0x0000_06f7 => "bad_stub_data",
        0x8001_0108 => "disconnected",
        0x8001_0110 => "version_mismatch",
        0x8001_0111 => "invalid_header",
        0x1c00_0001 => "integer_divide_by_zero",
        0x1c00_0002 => "address_error",
        0x1c00_000a => "remote_no_memory",
        0x1c00_000b => "invalid_pres_context_id",
        0x1c00_000c => "unsupported_authn_level",
        0x1c00_001b => "invalid_checksum",
        0x1c00_001c => "invalid_crc",
        0x1c01_0002 => "op_rng_error",
        0x1c01_0003 => "unk_if",
        0x1c01_0006 => "you_crashed",
        0x1c01_0009 => "proto_error",
        0x1c01_000b => "out_args_too_big",
        0x1c01_0014 => "server_too_busy",
        _ => return None,
    })
}
