//! One message, one statement: a group is asked, and the answer goes from one host to another.

use super::{OPERATIONS, QUERY, RESPONSE};
use crate::common::dns::{self, MAX_RECORDS, PTR, Section, kind_name, push_answers};
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::NameKind;
use wire::Malformed;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Llmnr)
}

struct Llmnr;

impl Session for Llmnr {
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
    let response = message.is_response();
    let question = message.question();
    let mut draft = out.draft(OPERATIONS, if response { RESPONSE } else { QUERY }, input.dir).actor(input.dir);
    if let Some(question) = question {
        let text = question.name.text();
        let name = draft.text(text.as_bytes());
        draft.push_item(Goal::named("name", name).with_sub(question.kind.into()), Val::None);
        draft.push_extra("type", kind_name(question.kind).map_or(Val::Uint(question.kind.into()), Val::Name));
    }
    draft.push_extra("id", Val::Uint(message.id.into()));
    if message.has(0x0400) {
        draft.push_extra("conflict", Val::Bool(true));
    }
    if response {
        if message.has(0x0100) {
            draft.push_extra("tentative", Val::Bool(true));
        }
        let first = message.section(Section::Answer).find_map(|r| r.address());
        if let (Some(item), Some(address)) = (draft.items_mut().first_mut(), first) {
            item.value = Val::Ip(address);
        }
        push_answers(&message, &mut draft);
    }
    draft.commit();
    let sender = input.src.host.address.ip();
    if response && message.rcode() == 0 {
        for answer in message.section(Section::Answer) {
            // who answers for a name with its own address goes by it; tools that answer to every name do so, too
            let name = match answer.kind {
                PTR if answer.name.reversed() == sender => answer.target(0),
                _ if answer.address() == sender => Some(answer.name),
                _ => None,
            };
            if let Some(name) = name.filter(|_| sender.is_some()) {
                let text = name.text();
                out.about(About::Sender).implied().name(NameKind::Host, text.as_bytes());
            }
        }
    }
    for record in message.records().take(MAX_RECORDS) {
        record?.name.labels().try_for_each(|label| label.map(|_| ()))?;
    }
    Ok(())
}
