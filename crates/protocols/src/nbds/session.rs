//! One datagram, one statement.

use super::wire::{Datagram, datagram};
use super::{BROWSER, NETLOGON, OPERATIONS, browser};
use crate::{About, Draft, Goal, Input, Output, Session, Step, Val};
use model::{Class, NameKind};

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Nbds)
}

struct Nbds;

impl Session for Nbds {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match datagram(input.bytes) {
            Ok(datagram) => {
                say(&datagram, input, out);
                Step::Took(input.bytes.len())
            }
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }
}

fn say(datagram: &Datagram<'_>, input: &Input<'_>, out: &mut Output) {
    let code = match datagram.mail {
        Some((slot, [command, ..])) if is(slot, b"\\MAILSLOT\\BROWSE") || is(slot, b"\\MAILSLOT\\LANMAN") => {
            BROWSER | u32::from(*command)
        }
        Some((slot, [low, high, ..])) if is(slot, b"\\MAILSLOT\\NET\\NETLOGON") || is(slot, b"\\MAILSLOT\\NET\\NTLOGON") => {
            NETLOGON | u32::from(u16::from_le_bytes([*low, *high]) & 0xff)
        }
        _ => datagram.kind.into(),
    };
    let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
    if draft.row().class == Class::Unknown {
        draft = draft.named(OPERATIONS, datagram.kind.into());
    }
    if let Some((from, to)) = datagram.names {
        let text = draft.format(format_args!("{to}"));
        draft.push_item(Goal::named("name", text), Val::None);
        draft.push_extra("to", Val::Text(text));
        let text = draft.format(format_args!("{from}"));
        draft.push_extra("from", Val::Text(text));
    }
    if let Some((slot, _)) = datagram.mail {
        let text = draft.text(slot);
        draft.push_item(Goal::named("mailslot", text), Val::None);
    }
    let announcement = datagram.mail.filter(|_| code & BROWSER != 0).and_then(|(_, data)| browser::announcement(data));
    if let Some(told) = &announcement {
        describe(told, &mut draft);
    }
    draft.commit();
    // handed on by somebody else, the names are not the sender's
    if input.src.host.address.ip() != Some(datagram.source.into()) {
        return;
    }
    let Some((from, to)) = datagram.names else { return };
    // programs and the browser service itself have names of their own
    if matches!(from.suffix, 0x00 | 0x20) && from.is_printable() && !from.text().contains(&b'~') {
        out.about(About::Sender).name(NameKind::Host, from.text());
    }
    if let Some(told) = announcement {
        browser::prove(&told, to, out);
    }
}

fn describe(told: &browser::Announcement<'_>, draft: &mut Draft<'_>) {
    let (major, minor) = told.version;
    let text = draft.format(format_args!("{major}.{minor}"));
    draft.push_extra("os_version", Val::Text(text));
    draft.push_extra("server_type", Val::Uint(told.kind.into()));
    let comment = draft.text(told.comment);
    if !comment.is_empty() {
        draft.push_extra("comment", Val::Text(comment));
    }
}

fn is(slot: &[u8], name: &[u8]) -> bool {
    slot.eq_ignore_ascii_case(name)
}
