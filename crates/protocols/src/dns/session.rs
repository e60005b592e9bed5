//! Queries and answers by identifier; over TCP each message has its length in front.

use super::identity;
use super::meaning::{NOTIFY, OPERATIONS, UPDATE, code_of};
use crate::common::dns::{self, AXFR, IXFR, MAX_RECORDS, Message, OPT, Record, SOA, Section, kind_name, push_answers, value};
use crate::{Dir, Draft, Goal, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};
use wire::Malformed;

/// Resolvers ask again after one to five seconds; a server that asks others may need ten.
const TIMEOUT_NS: i64 = 10 * Time::SECOND;
/// Changes of an update told one by one; Windows sends under five.
const MAX_CHANGES: usize = 16;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dns { pending: Pending::new(TIMEOUT_NS), transfer: None, known: false })
}

struct Dns {
    pending: Pending<u16>,
    /// A zone transfer goes on: its sender and identifier.
    transfer: Option<(Dir, u16)>,
    /// A message was read.
    known: bool,
}

impl Session for Dns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.transport.is_stream() {
            return match self.message(input.bytes, input, out) {
                Ok(()) => Step::Took(input.bytes.len()),
                Err(error) => {
                    if input.cut == 0 || !error.is_truncated() {
                        out.malformed(error, input.dir);
                    }
                    Step::Resync(0)
                }
            };
        }
        let [high, low, rest @ ..] = input.bytes else { return Step::NeedMore };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // a length that is none would wait for up to 64 KiB
        let front = dns::message(rest.get(..12).unwrap_or_default());
        if length < 12 || front.is_ok_and(|m| !is_plausible(&m)) {
            if !self.known {
                return Step::NotMine;
            }
            if !input.trial {
                out.malformed(Malformed::invalid("length or header", 0), input.dir);
            }
            return Step::Resync(0);
        }
        let Some(bytes) = rest.get(..length) else { return Step::NeedMore };
        if input.trial && !dns::message(bytes).is_ok_and(|m| m.fits() && m.question().is_some()) {
            return Step::Resync(0);
        }
        if let Err(error) = self.message(bytes, input, out) {
            out.malformed(error, input.dir);
        }
        Step::Took(length + 2)
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.transfer = None;
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

/// Fields that fit together. Only messages of a zone transfer have no question.
fn is_plausible(message: &Message<'_>) -> bool {
    matches!(message.opcode(), 0 | 1 | 2 | 4 | 5) && !message.has(0x40) && message.count(Section::Question) <= 1
}

impl Dns {
    fn message(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) -> Result<(), Malformed> {
        let message = dns::message(bytes)?;
        self.known = true;
        if message.is_response() { self.response(&message, input, out) } else { self.query(&message, input, out) }
        identity::prove(&message, input, out);
        if message.is_long() {
            out.limit("dns_records");
        }
        // what could be read was told; what could not is a fact, too
        for record in message.records().take(MAX_RECORDS) {
            record?.name.labels().try_for_each(|label| label.map(|_| ()))?;
        }
        Ok(())
    }

    fn query(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let draft = asked(message, input.dir, out);
        self.pending.hold(message.id, draft);
    }

    fn response(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let question = message.question();
        if let Some((dir, id)) = self.transfer
            && dir == input.dir
            && id == message.id
        {
            // the messages between the first and the last one of a zone transfer
            if ends_transfer(message) {
                self.transfer = None;
            }
            return;
        }
        let sub = question.map(|q| sub_of(&q));
        let asked_sub = self.pending.request_item(message.id).map(|entry| entry.goal.sub);
        let same = match (asked_sub, sub) {
            (Some(asked), Some(answered)) => asked == answered,
            // refusals may leave the question out
            (Some(_), None) => true,
            (None, _) => false,
        };
        if asked_sub.is_some() && !same {
            out.anomaly("question_mismatch", "question of the answer", message.id.into(), input.dir);
        }
        let settled = if same { self.pending.settle(message.id, out) } else { None };
        let known = settled.is_some();
        let mut draft = match settled {
            Some(draft) => draft,
            None => asked(message, input.dir.flip(), out),
        };
        let rcode = code_with_extension(message);
        draft = match (known, rcode) {
            (_, 1..) => draft.outcome(Outcome::Refused(rcode.into())),
            (true, 0) => draft.outcome(Outcome::Ok),
            (false, 0) => draft.outcome(Outcome::ReplyOnly),
        };
        let transfer = matches!(question.map(|q| q.kind), Some(AXFR | IXFR));
        if message.has(0x0200) {
            draft.push_extra("truncated", Val::Bool(true));
        }
        // which message of a transfer is the first one seen says nothing about the zone
        if !transfer {
            if message.has(0x0400) {
                draft.push_extra("authoritative", Val::Bool(true));
            }
            if message.has(0x0080) {
                draft.push_extra("recursion", Val::Bool(true));
            }
            if message.opcode() == 0 {
                push_answers(message, &mut draft);
                fill(message, &mut draft);
            }
        }
        draft.commit();
        if transfer && rcode == 0 && !is_whole_transfer(message) {
            self.transfer = Some((input.dir, message.id));
        }
    }
}

/// What is asked, as a draft of its asker.
fn asked<'o>(message: &Message<'_>, asker: Dir, out: &'o mut Output) -> Draft<'o> {
    let question = message.question();
    let code = code_of(message.opcode(), question.map_or(0, |q| q.kind));
    let mut draft = out.draft(OPERATIONS, code, asker).actor(asker);
    if let Some(question) = question {
        let text = question.name.text();
        let name = draft.text(text.as_bytes());
        draft.push_item(Goal::named("name", name).with_sub(sub_of(&question)), Val::None);
        let zone = matches!(u32::from(message.opcode()), NOTIFY | UPDATE);
        draft.push_extra(if zone { "zone" } else { "name" }, Val::Text(name));
        if !zone {
            draft.push_extra("type", kind_name(question.kind).map_or(Val::Uint(question.kind.into()), Val::Name));
        }
        match question.class {
            1 => {}
            3 => draft.push_extra("class", Val::Name("CH")),
            4 => draft.push_extra("class", Val::Name("HS")),
            254 => draft.push_extra("class", Val::Name("NONE")),
            255 => draft.push_extra("class", Val::Name("ANY")),
            other => draft.push_extra("class", Val::Uint(other.into())),
        }
    }
    draft.push_extra("id", Val::Uint(message.id.into()));
    if u32::from(message.opcode()) == UPDATE && !message.is_response() {
        let changes = message.section(Section::Authority);
        for change in changes.take(MAX_CHANGES) {
            let text = change.name.text();
            let name = draft.text(text.as_bytes());
            let value = value(&change, &mut draft);
            draft.push_item(Goal::named("record", name).with_sub(change.kind.into()), value);
        }
    }
    draft
}

/// Name and type as one number, so that an answer is compared with its question and types are habits of their own.
fn sub_of(question: &Record<'_>) -> u64 {
    question.name.number() << 16 | u64::from(question.kind)
}

/// The first address, or the first answer of the type asked for.
fn fill(message: &Message<'_>, draft: &mut Draft<'_>) {
    let kind = message.question().map_or(0, |q| q.kind);
    let Some(first) = message.section(Section::Answer).find(|r| r.kind == kind) else { return };
    let value = value(&first, draft);
    if let Some(item) = draft.items_mut().first_mut() {
        item.value = value;
    }
}

/// The response code with the eight bits above it that EDNS adds (RFC 6891, 6.1.3).
fn code_with_extension(message: &Message<'_>) -> u16 {
    let extension = message.section(Section::Additional).find(|r| r.kind == OPT).map_or(0, |r| r.ttl >> 24);
    (extension as u16) << 4 | u16::from(message.rcode())
}

/// A transfer ends with the record it began with.
fn ends_transfer(message: &Message<'_>) -> bool {
    message.is_long() || message.section(Section::Answer).last().is_some_and(|r| r.kind == SOA)
}

/// One message with both ends in it, or with nothing but the current serial number.
fn is_whole_transfer(message: &Message<'_>) -> bool {
    let count = message.count(Section::Answer);
    let ends = message.section(Section::Answer).filter(|r| r.kind == SOA).count();
    count <= 1 && ends == usize::from(count) && count == 0 || ends >= 2 && ends_transfer(message)
}
