//! The message of RFC 1035 that four protocols share: DNS, multicast DNS, LLMNR and the NetBIOS name service.

mod message;
mod netbios;
mod say;
mod words;

pub use message::{Message, Name, Question, Record, Section, kind, length_prefix, message};
pub use netbios::{NetbiosName, netbios_name};
pub use say::{Key, answers, question, refused, value};
pub use words::type_name;

use wire::Read;

/// Bytes of a length and a header on a stream.
const STREAM_FRONT: usize = 14;

/// What stands at the front of a stream.
#[derive(Clone, Copy, Debug)]
pub enum Framed<'a> {
    /// A whole message, behind its two bytes of length.
    Message(&'a [u8]),
    /// Not told yet, or not all here.
    More,
    /// No message.
    Not,
}

/// Looks at the front of a stream: a length, then a message whose header fits.
pub fn framed(bytes: &[u8], fits: impl Fn(&Message<'_>) -> bool) -> Framed<'_> {
    let Some((length, message)) = length_prefix(bytes) else { return Framed::More };
    if bytes.len() < STREAM_FRONT && length >= STREAM_FRONT - 2 {
        return Framed::More;
    }
    if !self::message(message).is_ok_and(|m| m.is_plausible(length) && fits(&m)) {
        return Framed::Not;
    }
    if message.len() < length { Framed::More } else { Framed::Message(message) }
}

/// How well bytes keep the form of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Not at all.
    None,
    /// The header could be one.
    Header,
    /// Header and questions are, what follows is cut or broken.
    Questions,
    /// From the first byte to the last.
    Whole,
}

/// Looks at the form of a message of this length, of which `bytes` are here. `classes` says which classes a question
/// may have.
pub fn form(bytes: &[u8], length: usize, classes: fn(u16) -> bool) -> Form {
    let Ok(message) = message(bytes) else { return Form::None };
    if !message.is_plausible(length) {
        return Form::None;
    }
    let mut questions = message.questions();
    let fine = questions
        .by_ref()
        .all(|q: Read<Question<'_>>| q.is_ok_and(|q| classes(q.class) && q.kind != 0 && q.name.is_printable()));
    if !fine {
        return Form::Header;
    }
    let mut records = message.records();
    match records.by_ref().all(|r| r.is_ok()) && records.left() == 0 {
        true => Form::Whole,
        false => Form::Questions,
    }
}
