//! Questions and records as facts.

use super::words::{class_name, code_name};
use super::{Message, Name, Question, Record, kind, type_name};
use crate::{Dir, Draft, Goal, Output, Span, Val};
use model::Outcome;

/// Most answers told of one message. A reply with more is a zone or an attack; its size is told.
const MAX_ANSWERS: usize = 32;
/// Longest data told as bytes: keys and signatures are no facts.
const MAX_BYTES: usize = 64;

/// What pairs a question with its answer. An answer that repeats no question fits any with its id.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Direction of the question.
    asked: Dir,
    id: u16,
    question: Option<u64>,
}

impl Key {
    /// Of a message; `asked` is the direction in which the question went.
    pub fn of(message: &Message<'_>, asked: Dir) -> Key {
        let question =
            message.question().map(|q| q.name.hash() ^ u64::from(q.kind) << 17 ^ u64::from(message.opcode()));
        Key { asked, id: message.id, question }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let same = match (self.question, other.question) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        same && self.id == other.id && self.asked == other.asked
    }
}

/// Says what is asked: target, name, type, class where it is not the Internet's.
pub fn question(draft: &mut Draft<'_>, question: &Question<'_>) {
    let name = name_span(draft.out(), &question.name);
    draft.push_item(Goal::named("name", name), Val::None);
    draft.push_extra("name", Val::Text(name));
    draft.push_extra("type", word(type_name(question.kind), question.kind));
    if question.class & 0x7fff != 1 {
        draft.push_extra("class", word(class_name(question.class), question.class));
    }
}

/// Says the answers of a message: they take the place of the question's target.
pub fn answers<'a>(draft: &mut Draft<'_>, records: impl Iterator<Item = Record<'a>>) {
    let mut count = 0u64;
    for record in records.filter(|r| r.kind != kind::OPT) {
        if count == 0 {
            draft.clear_items();
        }
        count += 1;
        if count <= MAX_ANSWERS as u64 {
            let name = name_span(draft.out(), &record.name);
            let value = value(draft.out(), &record);
            draft.push_item(Goal::named("name", name), value);
        }
    }
    if count > MAX_ANSWERS as u64 {
        draft.out().limit("dns_answers");
    }
    draft.push_extra("answers", Val::Uint(count));
}

/// Says the response code where it is an error. Returns how the exchange ended.
pub fn refused(draft: &mut Draft<'_>, code: u16) -> Outcome {
    if code == 0 {
        return Outcome::Ok;
    }
    draft.push_extra("response_code", word(code_name(code), code));
    Outcome::Refused(code.into())
}

/// The data of a record as a value.
pub fn value(out: &mut Output, record: &Record<'_>) -> Val {
    match record.kind {
        kind::A | kind::AAAA => record.ip().map_or(Val::None, Val::Ip),
        kind::NS | kind::CNAME | kind::PTR | kind::DNAME => match record.name_at(0) {
            Some(name) => Val::Text(name_span(out, &name)),
            None => Val::None,
        },
        kind::MX => match record.name_at(2) {
            Some(name) => Val::Text(name_span(out, &name)),
            None => Val::None,
        },
        kind::SRV => match record.service() {
            Some((port, name)) => {
                let mut text = name.text();
                text.push(b':');
                crate::text::decimal(port.into(), &mut text);
                Val::Text(out.text(&text))
            }
            None => Val::None,
        },
        kind::TXT | kind::HINFO => {
            let text = record.strings().collect::<Vec<_>>().join(&b' ');
            Val::Text(out.text(&text))
        }
        kind::SOA => match record.two_names() {
            Some((server, ..)) => Val::Text(name_span(out, &server)),
            None => Val::None,
        },
        _ if record.data.is_empty() => Val::None,
        _ => Val::Bytes(out.bytes(record.data.get(..MAX_BYTES).unwrap_or(record.data))),
    }
}

/// A name, cleaned.
fn name_span(out: &mut Output, name: &Name<'_>) -> Span {
    if name.is_printable() && name.labels().all(|l| l.is_ascii()) {
        return out.written(|text| name.write(text));
    }
    let text = name.text();
    out.text(&text)
}

fn word(word: Option<&'static str>, number: u16) -> Val {
    word.map_or(Val::Uint(number.into()), Val::Name)
}
