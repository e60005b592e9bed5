//! One datagram, one statement: everybody is asked, each answers the asker alone, from an address of its own.

use super::{ALIVE, BYEBYE, OPERATIONS, RESPONSE, SEARCH, UPDATE, identity};
use crate::common::header::{Head, head, words};
use crate::{Draft, Goal, Input, Output, Session, Step, Val};
use wire::Malformed;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ssdp)
}

struct Ssdp;

impl Session for Ssdp {
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
    // some senders leave out the empty line
    let closed;
    let head = match head(input.bytes) {
        Some(head) => head,
        None => {
            closed = [input.bytes, b"\r\n\r\n"].concat();
            head(&closed).ok_or(Malformed::truncated("header", input.bytes.len()))?
        }
    };
    let code = match words(head.start) {
        Some((b"M-SEARCH", ..)) => SEARCH,
        Some((b"NOTIFY", ..)) => match head.field("NTS") {
            Some(b"ssdp:byebye") => BYEBYE,
            Some(b"ssdp:update") => UPDATE,
            _ => ALIVE,
        },
        Some((version, ..)) if version.starts_with(b"HTTP/1.") => RESPONSE,
        _ => return Err(Malformed::invalid("start line", 0)),
    };
    let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
    let target = head.field("ST").or(head.field("NT"));
    if let Some(target) = target {
        let name = draft.text(target);
        draft.push_item(Goal::named("type", name), Val::None);
    }
    text(&head, "USER-AGENT", "agent", &mut draft);
    text(&head, "LOCATION", "location", &mut draft);
    text(&head, "SERVER", "server", &mut draft);
    text(&head, "USN", "usn", &mut draft);
    draft.commit();
    if code == SEARCH {
        identity::searches(&head, out);
    } else if code != BYEBYE {
        identity::announces(&head, target.unwrap_or_default(), input, out);
    }
    Ok(())
}

fn text(head: &Head<'_>, field: &str, key: &'static str, draft: &mut Draft<'_>) {
    if let Some(value) = head.field(field).filter(|v| !v.is_empty()) {
        let text = draft.text(value);
        draft.push_extra(key, Val::Text(text));
    }
}
