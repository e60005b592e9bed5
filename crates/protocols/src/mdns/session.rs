//! One datagram, one statement. Questions go to the group and answers come to it, or to the asker alone in another
//! conversation: nothing is paired.

use super::{GOODBYE, OPERATIONS, PROBE, QUERY, RESPONSE, identity};
use crate::common::dns::{self, Message, Section};
use crate::{Goal, Input, Output, Session, Step, Val};
use model::Outcome;
use wire::Kind;

/// Most questions of one message that are told.
const MAX_QUESTIONS: usize = 32;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Mdns)
}

struct Mdns;

impl Session for Mdns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        say(input, out);
        Step::Took(input.bytes.len().max(1))
    }
}

fn say(input: &Input<'_>, out: &mut Output) {
    let message = match dns::message(input.bytes) {
        Ok(message) => message,
        Err(error) => return out.malformed(error, input.dir),
    };
    if let Some(error) = message.error() {
        if input.cut == 0 || error.kind != Kind::Truncated {
            out.malformed(error, input.dir);
        }
        if message.question().is_none() && message.answers().next().is_none() {
            return;
        }
    }
    // messages with another opcode or a response code are to be ignored (RFC 6762, 18.3 and 18.11)
    if message.opcode() != 0 {
        return out.anomaly("malformed", "opcode", message.opcode().into(), input.dir);
    }
    match message.is_response() {
        true => response(&message, input, out),
        false => query(&message, input, out),
    }
}

fn query(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    // the records a host wants to claim stand in the authority section (RFC 6762, 8.2)
    let probe = message.records().flatten().any(|r| r.section == Section::Authority);
    let mut draft = out.draft(OPERATIONS, if probe { PROBE } else { QUERY }, input.dir).actor(input.dir);
    let mut questions = message.questions().flatten();
    let mut count = 0;
    if let Some(first) = questions.next() {
        count = 1;
        dns::question(&mut draft, &first);
        if first.class & 0x8000 != 0 {
            draft.push_extra("unicast_response", Val::Bool(true));
        }
    }
    for question in questions {
        count += 1;
        if count <= MAX_QUESTIONS {
            let name = question.name.text();
            let name = draft.text(&name);
            draft.push_item(Goal::named("name", name), Val::None);
        }
    }
    if count > MAX_QUESTIONS {
        draft.out().limit("mdns_questions");
    }
    if count > 1 {
        draft.push_extra("questions", Val::Uint(count as u64));
    }
    draft.commit();
}

fn response(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let goodbye = message.answers().next().is_some() && message.answers().all(|r| r.ttl == 0);
    let code = if goodbye { GOODBYE } else { RESPONSE };
    let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
    dns::answers(&mut draft, message.answers());
    let outcome = dns::refused(&mut draft, message.code());
    draft.outcome(outcome).commit();
    if !goodbye && outcome == Outcome::Ok {
        identity::prove(message, input, out);
    }
}
