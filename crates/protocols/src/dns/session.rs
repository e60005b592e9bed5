//! Questions and their answers, over datagrams and over streams.

use super::{NOTIFY, OPERATIONS, QUERY, UPDATE, ZONE, identity, is_class, is_opcode};
use crate::common::dns::{self, Form, Framed, Key, Message, Record, Section, kind};
use crate::{Dir, Draft, Goal, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};
use wire::{Kind, Malformed};

/// Servers that resolve for others give up after about ten seconds, clients somewhat later.
const REPLY_TIMEOUT_NS: i64 = 20 * Time::SECOND;
/// Most records of an update that are told.
const MAX_UPDATES: usize = 32;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dns { pending: Pending::new(REPLY_TIMEOUT_NS), zone: None })
}

struct Dns {
    pending: Pending<Key>,
    zone: Option<Zone>,
}

/// A zone that arrives in many messages.
struct Zone {
    key: Key,
    records: u64,
}

impl Session for Dns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.transport.is_stream() {
            self.message(input.bytes, input, out);
            return Step::Took(input.bytes.len().max(1));
        }
        match dns::framed(input.bytes, |m| is_opcode(m.opcode())) {
            Framed::More => Step::NeedMore,
            Framed::Not => {
                if !input.trial {
                    out.malformed(Malformed::invalid("header", 0), input.dir);
                }
                Step::Resync(0)
            }
            Framed::Message(bytes) if input.trial && dns::form(bytes, bytes.len(), is_class) != Form::Whole => Step::Resync(0),
            Framed::Message(bytes) => {
                self.message(bytes, input, out);
                Step::Took(bytes.len() + 2)
            }
        }
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.zone = None;
        self.pending.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

impl Dns {
    fn message(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) {
        let message = match dns::message(bytes) {
            Ok(message) => message,
            Err(error) => return broken(error, input, out),
        };
        if let Some(error) = message.error() {
            broken(error, input, out);
            // what can be read is told where at least the question can be
            if message.question().is_none() {
                return;
            }
        }
        match message.is_response() {
            true => self.answer(&message, input, out),
            false => self.question(&message, input, out),
        }
    }

    fn question(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let draft = begin(message, input, input.dir, out);
        let key = Key::of(message, input.dir);
        self.pending.hold(key, draft);
        identity::asked(message, input, out);
    }

    fn answer(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let key = Key::of(message, input.dir.flip());
        if self.zone.as_ref().is_some_and(|z| z.key == key) && !self.pending.holds(key) {
            // the rest of a zone that was told already
            self.zone = None;
            return;
        }
        let transfer = self.pending.request(key).is_some_and(|r| r.operation >= first_transfer());
        let transfer = transfer || message.question().is_some_and(|q| matches!(q.kind, kind::IXFR | kind::AXFR));
        if transfer && message.full_code() == 0 && input.transport.is_stream() {
            return self.zone(key, message, input, out);
        }
        self.zone = None;
        self.settle(key, message, None, input, out);
        identity::answered(message, input, out);
    }

    /// A piece of a zone: the transfer is over when the record it began with comes again (RFC 5936, 2.2).
    fn zone(&mut self, key: Key, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let (mut count, mut last) = (0u64, 0);
        for record in message.answers() {
            count += 1;
            last = record.kind;
        }
        let started = self.zone.as_ref().filter(|z| z.key == key).map_or(0, |z| z.records);
        let records = started.saturating_add(count);
        // one record alone says that nothing is newer (RFC 1995, 2)
        let same = message.question().is_some_and(|q| q.kind == kind::IXFR) && records == 1;
        if self.pending.holds(key) && !(last == kind::SOA && (records > 1 || same)) {
            self.zone = Some(Zone { key, records });
            return;
        }
        self.zone = None;
        if self.pending.holds(key) {
            self.settle(key, message, Some(records), input, out);
            identity::answered(message, input, out);
        }
    }

    fn settle(&mut self, key: Key, message: &Message<'_>, records: Option<u64>, input: &Input<'_>, out: &mut Output) {
        let (mut draft, seen) = match self.pending.settle(key, out) {
            Some(draft) => (draft, true),
            None => (begin(message, input, input.dir.flip(), out), false),
        };
        if u32::from(message.opcode()) == QUERY {
            match records {
                Some(records) => draft.push_extra("answers", Val::Uint(records)),
                None => dns::answers(&mut draft, message.answers()),
            }
        }
        if message.is_authoritative() && u32::from(message.opcode()) == QUERY {
            draft.push_extra("authoritative", Val::Bool(true));
        }
        if message.is_truncated() {
            draft.push_extra("truncated", Val::Bool(true));
        }
        let outcome = dns::refused(&mut draft, message.full_code());
        let outcome = if outcome == Outcome::Ok && !seen { Outcome::ReplyOnly } else { outcome };
        draft.outcome(outcome).commit();
    }
}

/// Place of the first zone transfer in the table of operations.
fn first_transfer() -> u16 {
    OPERATIONS.iter().position(|o| o.code >= ZONE).unwrap_or(OPERATIONS.len()) as u16
}

fn broken(error: Malformed, input: &Input<'_>, out: &mut Output) {
    // what the capture cut off is not the sender's fault
    if input.cut == 0 || error.kind != Kind::Truncated {
        out.malformed(error, input.dir);
    }
}

/// What a message asks, whether the question itself was seen or is repeated by the answer.
fn begin<'o>(message: &Message<'_>, input: &Input<'_>, asked: Dir, out: &'o mut Output) -> Draft<'o> {
    let mut draft = out.draft(OPERATIONS, message.opcode().into(), input.dir).actor(asked);
    let Some(question) = message.question() else { return draft };
    dns::question(&mut draft, &question);
    match u32::from(message.opcode()) {
        QUERY if matches!(question.kind, kind::IXFR | kind::AXFR) => {
            draft = draft.named(OPERATIONS, ZONE | u32::from(question.kind));
        }
        NOTIFY => {
            if let Some(serial) = message.answers().find(|r| r.kind == kind::SOA).and_then(|r| serial(&r)) {
                draft.push_extra("serial", Val::Uint(serial.into()));
            }
        }
        UPDATE if !message.is_response() => update(message, &mut draft),
        _ => {}
    }
    if let Some(key) = message.records().flatten().find(|r| r.kind == kind::TSIG && !message.is_response()) {
        let name = key.name.text();
        let name = draft.text(&name);
        draft.push_extra("signed_by", Val::Text(name));
    }
    draft
}

/// The changes of an update: class of the zone adds, ANY and NONE remove (RFC 2136, 2.5).
fn update(message: &Message<'_>, draft: &mut Draft<'_>) {
    let (mut added, mut removed, mut conditions) = (0u64, 0u64, 0u64);
    for record in message.records().flatten() {
        match record.section {
            Section::Answer => conditions += 1,
            Section::Authority => {
                if added + removed == 0 {
                    draft.clear_items();
                }
                match record.class {
                    254 | 255 => removed += 1,
                    _ => added += 1,
                }
                if added + removed <= MAX_UPDATES as u64 {
                    let name = record.name.text();
                    let name = draft.text(&name);
                    let value = dns::value(draft.out(), &record);
                    draft.push_item(Goal::named("name", name), value);
                }
            }
            Section::Additional => {}
        }
    }
    if added + removed > MAX_UPDATES as u64 {
        draft.out().limit("dns_updates");
    }
    for (key, count) in [("added", added), ("removed", removed), ("prerequisites", conditions)] {
        if count > 0 {
            draft.push_extra(key, Val::Uint(count));
        }
    }
}

fn serial(record: &Record<'_>) -> Option<u32> {
    let (.., rest) = record.two_names()?;
    rest.first_chunk::<4>().map(|b| u32::from_be_bytes(*b))
}
