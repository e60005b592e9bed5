//! One datagram, one statement. Searches go to everybody, answers to the searcher alone in another conversation: told
//! with `reply_only`. A search of one host is paired with its first answer.

use super::{ALIVE, BYEBYE, M_SEARCH, NOTIFY, OPERATIONS, UPDATE, identity};
use crate::common::header::{Head, decimal, head, trim_end, words};
use crate::{Dir, Draft, Goal, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};
use wire::Malformed;

/// Answers come within the time the search gives, which is at most 5 seconds (UDA 1.3.2).
const REPLY_TIMEOUT_NS: i64 = 6 * Time::SECOND;
/// Longest text told of one field, in bytes.
const MAX_TEXT: usize = 256;

/// What a message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Search,
    Notify,
    /// Status of an answer.
    Answer(u16),
}

/// Reads the start line.
pub fn start(bytes: &[u8]) -> Option<Start> {
    let end = bytes.iter().take(MAX_TEXT).position(|b| *b == b'\n')?;
    match words(trim_end(bytes.get(..end)?))? {
        (b"M-SEARCH", b"*", version) if version.starts_with(b"HTTP/1.") => Some(Start::Search),
        (b"NOTIFY", b"*", version) if version.starts_with(b"HTTP/1.") => Some(Start::Notify),
        (version, status, _) if version.starts_with(b"HTTP/1.") && status.len() == 3 => {
            Some(Start::Answer(u16::try_from(decimal(status)?).ok()?))
        }
        _ => None,
    }
}

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ssdp { pending: Pending::new(REPLY_TIMEOUT_NS) })
}

struct Ssdp {
    /// A search of one host.
    pending: Pending<Dir>,
}

impl Session for Ssdp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let took = Step::Took(input.bytes.len().max(1));
        let Some(start) = start(input.bytes) else {
            out.malformed(Malformed::invalid("start line", 0), input.dir);
            return took;
        };
        let Some(head) = head(input.bytes) else {
            if input.cut == 0 {
                out.malformed(Malformed::truncated("head", input.bytes.len()), input.dir);
            }
            return took;
        };
        match start {
            Start::Search => {
                let draft = begin(M_SEARCH, &head, input.dir, input.dir, out);
                match input.dst.host.address.is_group() {
                    true => draft.commit(),
                    false => self.pending.hold(input.dir, draft),
                }
                identity::agent(&head, out);
            }
            Start::Notify => {
                let code = match head.field("nts") {
                    Some(b"ssdp:alive") => ALIVE,
                    Some(b"ssdp:byebye") => BYEBYE,
                    Some(b"ssdp:update") => UPDATE,
                    _ => NOTIFY,
                };
                begin(code, &head, input.dir, input.dir, out).commit();
                if matches!(code, ALIVE | UPDATE) {
                    identity::device(&head, head.field("nt"), input, out);
                }
            }
            Start::Answer(status) => {
                let asked = input.dir.flip();
                let (mut draft, seen) = match self.pending.settle(asked, out) {
                    Some(mut draft) => {
                        draft.clear_items();
                        describe(&mut draft, &head);
                        (draft, true)
                    }
                    None => (begin(M_SEARCH, &head, input.dir, asked, out), false),
                };
                draft.push_extra("status", Val::Uint(status.into()));
                let outcome = match status {
                    200 if seen => Outcome::Ok,
                    200 => Outcome::ReplyOnly,
                    _ => Outcome::Refused(status.into()),
                };
                draft.outcome(outcome).commit();
                if status == 200 {
                    identity::device(&head, head.field("st"), input, out);
                }
            }
        }
        took
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

fn begin<'o>(code: u32, head: &Head<'_>, sent: Dir, actor: Dir, out: &'o mut Output) -> Draft<'o> {
    let mut draft = out.draft(OPERATIONS, code, sent).actor(actor);
    describe(&mut draft, head);
    draft
}

fn describe(draft: &mut Draft<'_>, head: &Head<'_>) {
    if let Some(kind) = head.field("st").or_else(|| head.field("nt")) {
        let span = draft.text(short(kind));
        draft.push_item(Goal::named("type", span), Val::None);
    }
    for (key, name) in [("agent", "user-agent"), ("location", "location"), ("server", "server"), ("usn", "usn")] {
        if let Some(value) = head.field(name).filter(|v| !v.is_empty()) {
            let span = draft.text(short(value));
            draft.push_extra(key, Val::Text(span));
        }
    }
    if let Some(seconds) = head.field("mx").and_then(decimal) {
        draft.push_extra("max_wait_s", Val::Uint(seconds));
    }
    if let Some(seconds) = head.field("cache-control").and_then(max_age) {
        draft.push_extra("max_age_s", Val::Uint(seconds));
    }
}

/// `max-age=1800`, with or without white space.
fn max_age(value: &[u8]) -> Option<u64> {
    let at = value.iter().position(|b| *b == b'=')?;
    let key = value.get(..at)?.trim_ascii();
    decimal(value.get(at + 1..)?.trim_ascii()).filter(|_| key.eq_ignore_ascii_case(b"max-age"))
}

fn short(value: &[u8]) -> &[u8] {
    value.get(..MAX_TEXT).unwrap_or(value)
}
