//! Requests to everybody, which nobody has to answer, and to one host, which are paired. The answer to a broadcast
//! comes in another conversation: told with `reply_only`.

use super::{NODE_STATUS, OPERATIONS, QUERY, WACK, identity};
use crate::common::dns::{self, Key, Message, Name, NetbiosName, Record, Section, kind};
use crate::{Dir, Draft, Goal, Input, Output, Pending, Session, Span, Step, Val};
use core::net::{IpAddr, Ipv4Addr};
use model::{Outcome, Time};
use wire::{Kind, Reader};

/// A server answers within 5 seconds, three tries (RFC 1002, 6).
const REPLY_TIMEOUT_NS: i64 = 15 * Time::SECOND;
/// Most names or addresses of one answer that are told.
const MAX_ANSWERS: usize = 32;
/// The request goes to everybody.
const BROADCAST: u16 = 0x10;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Nbns { pending: Pending::new(REPLY_TIMEOUT_NS) })
}

struct Nbns {
    pending: Pending<Key>,
}

impl Session for Nbns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        self.message(input, out);
        Step::Took(input.bytes.len().max(1))
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

impl Nbns {
    fn message(&mut self, input: &Input<'_>, out: &mut Output) {
        let message = match dns::message(input.bytes) {
            Ok(message) => message,
            Err(error) => return out.malformed(error, input.dir),
        };
        if let Some(error) = message.error() {
            if input.cut == 0 || error.kind != Kind::Truncated {
                out.malformed(error, input.dir);
            }
            if first(&message).is_none() {
                return;
            }
        }
        if message.is_response() {
            return self.answer(&message, input, out);
        }
        let draft = begin(&message, input, input.dir, out);
        match message.flags & BROADCAST != 0 || input.dst.host.address.is_group() {
            true => draft.commit(),
            false => self.pending.hold(Key::of(&message, input.dir), draft),
        }
        identity::asked(&message, input, out);
    }

    fn answer(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let asked = input.dir.flip();
        if u32::from(message.opcode()) == WACK {
            // the answer proper is still to come
            return begin(message, input, asked, out).commit();
        }
        let (mut draft, seen) = match self.pending.settle(Key::of(message, asked), out) {
            Some(draft) => (draft, true),
            None => (begin(message, input, asked, out), false),
        };
        match message.answers().find(|r| matches!(r.kind, kind::NB | kind::NBSTAT)) {
            Some(record) if record.kind == kind::NBSTAT => status(&record, &mut draft),
            Some(record) if message.opcode() == 0 => addresses(&record, &mut draft),
            _ => {}
        }
        let outcome = match message.code() {
            0 if seen => Outcome::Ok,
            0 => Outcome::ReplyOnly,
            code => {
                draft.push_extra("response_code", code_name(code).map_or(Val::Uint(code.into()), Val::Name));
                Outcome::Refused(code.into())
            }
        };
        draft.outcome(outcome).commit();
        identity::answered(message, input, out);
    }
}

/// Words of RFC 1002, 4.2.6, 4.2.11 and 4.2.14.
fn code_name(code: u16) -> Option<&'static str> {
    Some(match code {
        1 => "FMT_ERR",
        2 => "SRV_ERR",
        3 => "NAM_ERR",
        4 => "IMP_ERR",
        5 => "RFS_ERR",
        6 => "ACT_ERR",
        7 => "CFT_ERR",
        _ => return None,
    })
}

/// Name and type a message is about: answers repeat no question.
fn first<'a>(message: &Message<'a>) -> Option<(Name<'a>, u16)> {
    let question = message.question().map(|q| (q.name, q.kind));
    question.or_else(|| message.records().flatten().next().map(|r| (r.name, r.kind)))
}

fn begin<'o>(message: &Message<'_>, input: &Input<'_>, asked: Dir, out: &'o mut Output) -> Draft<'o> {
    let mut draft = out.draft(OPERATIONS, message.opcode().into(), input.dir).actor(asked);
    let Some((name, record)) = first(message) else { return draft };
    if u32::from(message.opcode()) == QUERY && record == kind::NBSTAT {
        draft = draft.named(OPERATIONS, NODE_STATUS);
    }
    let Some(netbios) = dns::netbios_name(&name) else {
        let text = name.text();
        let span = draft.text(&text);
        draft.push_item(Goal::named("name", span), Val::None);
        return draft;
    };
    let value = match message.records().flatten().find(|r| r.section == Section::Additional && r.kind == kind::NB) {
        Some(record) if !message.is_response() => entries(&record).next().map(|(group, ip)| (group, Val::Ip(ip))),
        _ => None,
    };
    let span = name_span(&netbios, &mut draft);
    draft.push_item(Goal::named("name", span), value.map_or(Val::None, |(_, ip)| ip));
    let span = draft.text(netbios.text());
    draft.push_extra("name", Val::Text(span));
    draft.push_extra("suffix", Val::Uint(netbios.suffix.into()));
    if let Some((true, _)) = value {
        draft.push_extra("group", Val::Bool(true));
    }
    let scope = name.labels().skip(1).collect::<Vec<_>>().join(&b'.');
    if !scope.is_empty() {
        let span = draft.text(&scope);
        draft.push_extra("scope", Val::Text(span));
    }
    draft
}

fn name_span(name: &NetbiosName, draft: &mut Draft<'_>) -> Span {
    draft.format(format_args!("{name}"))
}

/// The addresses of a name: flags, address (RFC 1002, 4.2.13). The highest flag is that of a group.
pub fn entries<'a>(record: &Record<'a>) -> impl Iterator<Item = (bool, IpAddr)> + use<'a> {
    let mut r = Reader::new(record.data);
    core::iter::from_fn(move || {
        let flags = r.be16("NB_FLAGS").ok()?;
        let ip = r.array::<4>("NB_ADDRESS").ok()?;
        Some((flags & 0x8000 != 0, IpAddr::V4(Ipv4Addr::from(ip))))
    })
}

/// The names of a node: name, flags (RFC 1002, 4.2.18).
pub fn names<'a>(record: &Record<'a>) -> (impl Iterator<Item = (NetbiosName, bool)> + use<'a>, Option<[u8; 6]>) {
    let mut r = Reader::new(record.data);
    let count = r.u8("NUM_NAMES").unwrap_or_default();
    let mut behind = r;
    let unit = behind.skip(usize::from(count) * 18, "names").and_then(|()| behind.array::<6>("UNIT_ID")).ok();
    let names = (0..count).map_while(move |_| {
        let name = r.array::<16>("name").ok()?;
        let flags = r.be16("NAME_FLAGS").ok()?;
        Some((NetbiosName::new(name), flags & 0x8000 != 0))
    });
    (names, unit)
}

fn addresses(record: &Record<'_>, draft: &mut Draft<'_>) {
    let Some(name) = dns::netbios_name(&record.name) else { return };
    draft.clear_items();
    let span = name_span(&name, draft);
    let (mut count, mut any) = (0usize, false);
    for (group, ip) in entries(record) {
        count += 1;
        any |= group;
        if count <= MAX_ANSWERS {
            draft.push_item(Goal::named("name", span), Val::Ip(ip));
        }
    }
    finish(count, draft);
    if any {
        draft.push_extra("group", Val::Bool(true));
    }
}

fn status(record: &Record<'_>, draft: &mut Draft<'_>) {
    let mut count = 0usize;
    for (name, group) in names(record).0 {
        count += 1;
        if count <= MAX_ANSWERS {
            let span = name_span(&name, draft);
            draft.push_item(Goal::named("name", span), Val::Name(if group { "group" } else { "unique" }));
        }
    }
    finish(count, draft);
}

fn finish(count: usize, draft: &mut Draft<'_>) {
    if count > MAX_ANSWERS {
        draft.out().limit("nbns_answers");
    }
    draft.push_extra("answers", Val::Uint(count as u64));
}
