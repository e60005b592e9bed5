//! Records as values and as text.

use super::{A, AAAA, CNAME, MX, Message, NS, PTR, Record, SOA, SRV, Section, TXT};
use crate::{Draft, Span, Val};

/// Answers written out in one row; more are seldom, and the count tells.
const MAX_SHOWN: usize = 16;

/// The data of a record as a value: addresses, names, texts; nothing for types whose data is for machines.
pub fn value(record: &Record<'_>, draft: &mut Draft<'_>) -> Val {
    if let Some(address) = record.address() {
        return Val::Ip(address);
    }
    let at = draft.out.arena.len();
    write(record, draft);
    let span = Span { at: at as u32, len: (draft.out.arena.len() - at) as u32 };
    if span.is_empty() { Val::None } else { Val::Text(span) }
}

/// Adds the extra `answers`: the data of all answers, with commas, and how many there are.
pub fn push_answers(message: &Message<'_>, draft: &mut Draft<'_>) {
    let count = message.count(Section::Answer);
    if count == 0 {
        return;
    }
    let at = draft.out.arena.len();
    for (i, record) in message.section(Section::Answer).take(MAX_SHOWN).enumerate() {
        if i > 0 {
            draft.bytes(b", ");
        }
        let before = draft.out.arena.len();
        write(&record, draft);
        if draft.out.arena.len() == before {
            match super::kind_name(record.kind) {
                Some(name) => draft.bytes(name.as_bytes()),
                None => draft.format(format_args!("type {}", record.kind)),
            };
        }
    }
    let span = Span { at: at as u32, len: (draft.out.arena.len() - at) as u32 };
    if !span.is_empty() {
        draft.push_extra("answers", Val::Text(span));
    }
    draft.push_extra("answer_count", Val::Uint(count.into()));
}

/// Appends the data of a record as text.
fn write(record: &Record<'_>, draft: &mut Draft<'_>) {
    let name = |skip: usize, draft: &mut Draft<'_>| {
        if let Some(name) = record.target(skip) {
            draft.text(name.text_as_sent().as_bytes());
        }
    };
    match record.kind {
        A | AAAA => {
            if let Some(address) = record.address() {
                draft.format(format_args!("{address}"));
            }
        }
        NS | CNAME | PTR | SOA | 39 => name(0, draft),
        MX => name(2, draft),
        SRV => {
            name(6, draft);
            if let Some(port) = record.port() {
                draft.format(format_args!(":{port}"));
            }
        }
        TXT | 99 => {
            if let Some(first) = record.strings().next() {
                draft.text(first);
            }
        }
        _ => {}
    }
}
