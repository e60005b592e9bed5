//! Requests and answers: pairing and roles, whatever carries the messages.

use super::{Pdu, Shape, identity, meaning, shape};
use crate::{Dir, Draft, Input, Output, Pending};
use model::{Outcome, Path, Time};

/// A server that has not answered after this long is not going to: clients give up after 1 to 5 s, gateways with
/// slow serial lines after up to 10 s.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// One message and whom it concerns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    /// Transaction id; 0 where the carrier has none.
    pub transaction: u16,
    /// Unit.
    pub unit: u8,
    /// Nobody will answer.
    pub broadcast: bool,
    /// The protocol data unit.
    pub pdu: Pdu<'a>,
}

/// Transaction id, unit, function, direction of the request.
type Key = (u16, u8, u8, Dir);

/// The state of one conversation.
pub(crate) struct Exchange {
    pending: Pending<Key>,
    /// Direction in which the client sends, once a message or a pair has told.
    client: Option<Dir>,
}

impl Exchange {
    /// Nothing said yet.
    pub fn new() -> Exchange {
        Exchange { pending: Pending::new(REPLY_TIMEOUT_NS), client: None }
    }

    /// Reads what the next message will need, so that it is in the cache then.
    pub fn touch(&self) -> u64 {
        self.pending.touch()
    }

    /// Says what a message means. Returns its shape.
    pub fn message(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Shape {
        let shape = shape(&m.pdu);
        let key = (m.transaction, m.unit, m.pdu.function & 0x7f, input.dir.flip());
        if shape != Shape::Request && self.pending.holds(key) {
            self.client = Some(input.dir.flip());
            self.answer(m, key, input, out);
            return shape;
        }
        match (shape, self.client) {
            (Shape::Request, _) => self.ask(m, Some(input.dir), input, out),
            (Shape::Response, _) => self.reply_only(m, Some(input.dir.flip()), input, out),
            (Shape::Either, Some(client)) if client == input.dir => self.ask(m, Some(client), input, out),
            (Shape::Either, Some(client)) => self.reply_only(m, Some(client), input, out),
            (Shape::Either, None) => self.ask(m, None, input, out),
            (Shape::Neither, client) => {
                out.anomaly("invalid_length", "data of the function", m.pdu.data.len() as u64, input.dir);
                draft(m, &m.pdu, client, input, out).outcome(Outcome::Unseen).commit();
            }
        }
        shape
    }

    /// Bytes are missing, or the conversation is over.
    pub fn lose(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }

    /// The next moment that matters.
    pub fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    /// It has passed.
    pub fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn ask(&mut self, m: &Message<'_>, actor: Option<Dir>, input: &Input<'_>, out: &mut Output) {
        let function = m.pdu.function;
        if actor.is_some() {
            self.client = actor;
        }
        if function == 0 || function >= 0x80 {
            out.anomaly("illegal_function_code", "function code of a request", function.into(), input.dir);
        }
        let mut draft = draft(m, &m.pdu, actor, input, out);
        if let Err(error) = meaning::request(&m.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        if m.broadcast {
            draft.outcome(Outcome::Unseen).commit();
            return;
        }
        self.pending.hold((m.transaction, m.unit, function & 0x7f, input.dir), draft);
    }

    fn answer(&mut self, m: &Message<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        let Some(draft) = self.pending.settle(key, out) else { return };
        let mut draft = draft.actor(input.dir.flip());
        if m.pdu.function >= 0x80 {
            draft.outcome(Outcome::Refused(m.pdu.exception())).commit();
            return;
        }
        if let Err(error) = meaning::response(&m.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        draft.commit();
        identify(m, out);
    }

    fn reply_only(&mut self, m: &Message<'_>, actor: Option<Dir>, input: &Input<'_>, out: &mut Output) {
        let asked = Pdu { function: m.pdu.function & 0x7f, ..m.pdu };
        let mut draft = draft(m, &asked, actor, input, out);
        if m.pdu.function >= 0x80 {
            draft.outcome(Outcome::Refused(m.pdu.exception())).commit();
            return;
        }
        if let Err(error) = meaning::response(&m.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        draft.outcome(Outcome::ReplyOnly).commit();
        identify(m, out);
    }
}

fn path(m: &Message<'_>) -> Path {
    identity::path(m.unit)
}

fn draft<'o>(m: &Message<'_>, pdu: &Pdu<'_>, actor: Option<Dir>, input: &Input<'_>, out: &'o mut Output) -> Draft<'o> {
    let draft = out.draft(meaning::OPERATIONS, meaning::code(pdu), input.dir).path(path(m));
    match actor {
        Some(actor) => draft.actor(actor),
        None => draft,
    }
}

fn identify(m: &Message<'_>, out: &mut Output) {
    if m.pdu.function == 43 && m.pdu.data.first() == Some(&14) {
        identity::device_identification(&m.pdu, path(m), out);
    }
}
