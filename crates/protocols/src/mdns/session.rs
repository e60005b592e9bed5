//! One message, one statement: everybody is asked, and answers go to everybody, too.

use super::identity;
use super::{GOODBYE, OPERATIONS, PROBE, QUERY, RESPONSE};
use crate::common::dns::{self, MAX_RECORDS, Message, OPT, Section, value};
use crate::{Goal, Input, Output, Session, Step, Val};
use wire::Malformed;

/// Names or records told per message; devices with many services announce them in turn.
const MAX_TOLD: usize = 16;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Mdns)
}

struct Mdns;

impl Session for Mdns {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match say(input, out) {
            Ok(()) => Step::Took(input.bytes.len()),
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }
}

fn say(input: &Input<'_>, out: &mut Output) -> Result<(), Malformed> {
    let message = dns::message(input.bytes)?;
    if message.is_response() { response(&message, input, out) } else { query(&message, input, out) }
    if message.is_long() {
        out.limit("mdns_records");
    }
    // what could be read was told; what could not is a fact, too
    for record in message.records().take(MAX_RECORDS) {
        record?.name.labels().try_for_each(|label| label.map(|_| ()))?;
    }
    Ok(())
}

fn query(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    // a host asks whether its name is free and tells what it would enter (RFC 6762, 8.1)
    let probe = message.count(Section::Authority) > 0 && message.count(Section::Answer) == 0;
    let mut draft = out.draft(OPERATIONS, if probe { PROBE } else { QUERY }, input.dir).actor(input.dir);
    let mut unicast = false;
    for question in message.section(Section::Question).take(MAX_TOLD) {
        let text = question.name.text_as_sent();
        let name = draft.text(text.as_bytes());
        draft.push_item(Goal::named("name", name).with_sub(question.kind.into()), Val::None);
        unicast |= question.class & 0x8000 != 0;
    }
    draft.push_extra("question_count", Val::Uint(message.count(Section::Question).into()));
    if unicast {
        draft.push_extra("unicast", Val::Bool(true));
    }
    draft.commit();
}

fn response(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let mut answers = message.section(Section::Answer).peekable();
    let goodbye = answers.peek().is_some() && answers.all(|r| r.ttl == 0);
    let mut draft = out.draft(OPERATIONS, if goodbye { GOODBYE } else { RESPONSE }, input.dir).actor(input.dir);
    let told = message.records().flatten().filter(|r| r.section != Section::Question && !matches!(r.kind, OPT | 47));
    for record in told.take(MAX_TOLD) {
        let text = record.name.text_as_sent();
        let name = draft.text(text.as_bytes());
        let value = value(&record, &mut draft);
        draft.push_item(Goal::named("record", name).with_sub(record.kind.into()), value);
    }
    draft.push_extra("answer_count", Val::Uint(message.count(Section::Answer).into()));
    draft.commit();
    if !goodbye {
        identity::prove(message, input, out);
    }
}
