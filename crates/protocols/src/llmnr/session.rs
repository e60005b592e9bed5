//! Questions to the group, which nobody has to answer, and answers to the asker alone, in another conversation: told
//! with `reply_only`. Questions to one host (reverse names, streams) are paired.

use super::{OPERATIONS, is_class};
use crate::common::dns::{self, Form, Framed, Key, Message};
use crate::{About, Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{NameKind, Outcome, Time};
use wire::{Kind, Malformed};

/// A responder answers within a second; the asker repeats twice (RFC 4795, 2.7).
const REPLY_TIMEOUT_NS: i64 = 5 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Llmnr { pending: Pending::new(REPLY_TIMEOUT_NS) })
}

struct Llmnr {
    pending: Pending<Key>,
}

impl Session for Llmnr {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.transport.is_stream() {
            self.message(input.bytes, input, out);
            return Step::Took(input.bytes.len().max(1));
        }
        match dns::framed(input.bytes, |m| m.opcode() == 0) {
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

impl Llmnr {
    fn message(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) {
        let message = match dns::message(bytes) {
            Ok(message) => message,
            Err(error) => return out.malformed(error, input.dir),
        };
        if let Some(error) = message.error() {
            if input.cut == 0 || error.kind != Kind::Truncated {
                out.malformed(error, input.dir);
            }
            if message.question().is_none() {
                return;
            }
        }
        if message.opcode() != 0 {
            out.anomaly("malformed", "opcode", message.opcode().into(), input.dir);
        }
        if message.is_response() {
            return self.answer(&message, input, out);
        }
        let draft = begin(&message, input, input.dir, out);
        if input.dst.host.address.is_group() {
            return draft.commit();
        }
        self.pending.hold(Key::of(&message, input.dir), draft);
    }

    fn answer(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let asked = input.dir.flip();
        let (mut draft, seen) = match self.pending.settle(Key::of(message, asked), out) {
            Some(draft) => (draft, true),
            None => (begin(message, input, asked, out), false),
        };
        dns::answers(&mut draft, message.answers());
        if message.is_truncated() {
            draft.push_extra("truncated", Val::Bool(true));
        }
        let broken = message.opcode() != 0;
        let tentative = message.flags & 0x0100 != 0;
        if tentative {
            draft.push_extra("tentative", Val::Bool(true));
        }
        let outcome = match dns::refused(&mut draft, message.code()) {
            Outcome::Ok if !seen => Outcome::ReplyOnly,
            outcome => outcome,
        };
        draft.outcome(outcome).commit();
        let own = input.src.host.address.ip();
        for record in message.answers() {
            let mut labels = record.name.labels();
            // a single label that stands for the sender's own address
            if let (Some(name), None, false) = (labels.next(), labels.next(), tentative || broken)
                && own.is_some()
                && record.ip() == own
                && !is_bait(name)
            {
                out.about(About::Sender).name(NameKind::Host, name);
            }
        }
    }
}

/// Nobody is called so: who answers for these names wants to be asked.
fn is_bait(name: &[u8]) -> bool {
    [&b"wpad"[..], b"isatap", b"localhost"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

fn begin<'o>(message: &Message<'_>, input: &Input<'_>, asked: Dir, out: &'o mut Output) -> Draft<'o> {
    let mut draft = out.draft(OPERATIONS, message.opcode().into(), input.dir).actor(asked);
    if let Some(question) = message.question() {
        dns::question(&mut draft, &question);
    }
    if message.flags & 0x0400 != 0 {
        draft.push_extra("conflict", Val::Bool(true));
    }
    draft
}
