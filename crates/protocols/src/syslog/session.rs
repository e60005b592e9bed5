//! One datagram, one statement: nobody answers.

use super::OPERATIONS;
use super::wire::{facility, message};
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::NameKind;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Syslog)
}

struct Syslog;

impl Session for Syslog {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let read = match message(input.bytes) {
            Ok(read) => read,
            Err(error) => {
                out.malformed(error, input.dir);
                return Step::Resync(0);
            }
        };
        let mut draft = out.draft(OPERATIONS, read.severity.into(), input.dir).actor(input.dir);
        let application = draft.text(read.application);
        if !application.is_empty() {
            draft.push_item(Goal::named("application", application), Val::None);
            draft.push_extra("application", Val::Text(application));
        }
        draft.push_extra("facility", Val::Name(facility(read.facility)));
        for (key, text) in [("host_name", read.host), ("message_id", read.id)] {
            let text = draft.text(text);
            if !text.is_empty() {
                draft.push_extra(key, Val::Text(text));
            }
        }
        draft.push_extra("size", Val::Uint(input.bytes.len() as u64));
        draft.commit();
        // a relay hands on messages of others: the name may be theirs
        let is_name = core::str::from_utf8(read.host).is_ok_and(|h| h.parse::<std::net::IpAddr>().is_err());
        if is_name && !read.host.is_empty() {
            out.about(About::Sender).guessed().name(NameKind::Host, read.host);
        }
        Step::Took(input.bytes.len())
    }
}
