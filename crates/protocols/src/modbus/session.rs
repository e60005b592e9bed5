//! Pairing, roles, framing: the only state.

use super::wire::{Adu, HEADER, STANDARD_LENGTH, adu};
use crate::common::modbus::{Pdu, Shape, UMAS, identity, meaning, shape};
use crate::{Carried, Dir, Input, Output, Pending, Session, Step};
use model::{Outcome, Time};

/// A server that has not answered after this long is not going to: clients give up after 1 to 5 s, gateways with
/// slow serial lines after up to 10 s.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Modbus { pending: Pending::new(REPLY_TIMEOUT_NS), client: None })
}

struct Modbus {
    /// Key: transaction id, unit, function, direction of the request.
    pending: Pending<(u16, u8, u8, Dir)>,
    /// Direction in which the client sends, once a message or a pair has told.
    client: Option<Dir>,
}

impl Session for Modbus {
    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let adu = match adu(input.bytes) {
            Ok(Some(adu)) => adu,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        let shape = shape(&adu.pdu);
        if input.trial && (shape == Shape::Neither || !meaning::is_named(adu.pdu.function)) {
            return Step::Resync(0);
        }
        let key = (adu.transaction, adu.unit, adu.pdu.function & 0x7f, input.dir.flip());
        if shape != Shape::Request && self.pending.holds(key) {
            self.client = Some(input.dir.flip());
            self.answer(&adu, key, input, out);
        } else {
            match (shape, self.client) {
                (Shape::Request, _) => self.ask(&adu, Some(input.dir), input, out),
                (Shape::Response, _) => self.reply_only(&adu, Some(input.dir.flip()), input, out),
                (Shape::Either, Some(client)) if client == input.dir => self.ask(&adu, Some(client), input, out),
                (Shape::Either, Some(client)) => self.reply_only(&adu, Some(client), input, out),
                (Shape::Either, None) => self.ask(&adu, None, input, out),
                (Shape::Neither, client) => {
                    out.anomaly("invalid_length", "data of the function", adu.pdu.data.len() as u64, input.dir);
                    let draft = out.draft(meaning::OPERATIONS, meaning::code(&adu.pdu), input.dir);
                    let mut draft = draft.path(identity::path(adu.unit)).outcome(Outcome::Unseen);
                    if let Some(client) = client {
                        draft = draft.actor(client);
                    }
                    draft.commit();
                }
            }
        }
        if adu.pdu.function & 0x7f == UMAS {
            if shape != Shape::Neither {
                hand_on(&adu, input.dir, out);
            }
        } else if adu.size - HEADER > STANDARD_LENGTH {
            out.anomaly("invalid_length", "longer than a PDU may be", adu.size as u64, input.dir);
        }
        Step::Took(adu.size)
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.pending.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

/// Gives what stands behind function 90 to the protocol inside; an exception is an empty message.
fn hand_on(adu: &Adu<'_>, dir: Dir, out: &mut Output) {
    let unit = u64::from(adu.unit);
    let exception = if adu.pdu.function == UMAS { 0 } else { u64::from(adu.pdu.data.first().copied().unwrap_or_default()) };
    let carried = Carried { channel: unit, facts: [adu.transaction.into(), unit, exception, 0] };
    let from = if adu.pdu.function == UMAS { adu.size.saturating_sub(adu.pdu.data.len()) } else { adu.size };
    out.inner("modbus", dir, carried, from, adu.size);
}

impl Modbus {
    fn ask(&mut self, adu: &Adu<'_>, actor: Option<Dir>, input: &Input<'_>, out: &mut Output) {
        if let Some(actor) = actor {
            self.client = Some(actor);
        }
        if adu.pdu.function == 0 || adu.pdu.function >= 0x80 {
            out.anomaly("illegal_function_code", "function code of a request", adu.pdu.function.into(), input.dir);
        }
        let mut draft = out.draft(meaning::OPERATIONS, meaning::code(&adu.pdu), input.dir).path(identity::path(adu.unit));
        if let Some(actor) = actor {
            draft = draft.actor(actor);
        }
        if let Err(error) = meaning::request(&adu.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        // unit 0 on a serial line is a broadcast, but on TCP it is the usual number of the device itself
        self.pending.hold((adu.transaction, adu.unit, adu.pdu.function & 0x7f, input.dir), draft);
    }

    fn answer(&mut self, adu: &Adu<'_>, key: (u16, u8, u8, Dir), input: &Input<'_>, out: &mut Output) {
        let Some(draft) = self.pending.settle(key, out) else { return };
        let mut draft = draft.actor(input.dir.flip());
        if adu.pdu.function >= 0x80 {
            let exception = adu.pdu.data.first().copied().unwrap_or_default();
            draft.outcome(Outcome::Refused(exception.into())).commit();
            return;
        }
        if let Err(error) = meaning::response(&adu.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        draft.commit();
        self.identify(adu, out);
    }

    fn reply_only(&mut self, adu: &Adu<'_>, actor: Option<Dir>, input: &Input<'_>, out: &mut Output) {
        let refused = adu.pdu.function >= 0x80;
        let asked = Pdu { function: adu.pdu.function & 0x7f, ..adu.pdu };
        let mut draft = out.draft(meaning::OPERATIONS, meaning::code(&asked), input.dir).path(identity::path(adu.unit));
        if let Some(actor) = actor {
            draft = draft.actor(actor);
        }
        if refused {
            let exception = adu.pdu.data.first().copied().unwrap_or_default();
            draft.outcome(Outcome::Refused(exception.into())).commit();
            return;
        }
        if let Err(error) = meaning::response(&adu.pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        draft.outcome(Outcome::ReplyOnly).commit();
        self.identify(adu, out);
    }

    fn identify(&mut self, adu: &Adu<'_>, out: &mut Output) {
        if adu.pdu.function == 43 && adu.pdu.data.first() == Some(&14) {
            identity::device_identification(&adu.pdu, identity::path(adu.unit), out);
        }
    }
}
