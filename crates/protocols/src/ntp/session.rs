//! Questions and answers by the client's transmit time, which the server sends back; control and private messages by
//! sequence number.

use super::control;
use super::meaning::{BROADCAST, CONTROL, OPERATIONS, PRIVATE, SERVER, TIME_REQUEST, leap};
use super::wire::{Control, Message, Packet, Private, message, time};
use crate::{About, Dir, Draft, Goal, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Role, Time};
use std::net::Ipv4Addr;

/// A server answers at once; clients wait one to a few seconds.
const TIMEOUT_NS: i64 = 5 * Time::SECOND;

/// 16 is unsynchronized; what is above is reserved (RFC 5905, 7.3).
const MAX_STRATUM: u8 = 16;

/// Kind of message, and what names the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Time(u64),
    Control(u16, u8),
    Private(u8, u8),
}

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ntp { pending: Pending::new(TIMEOUT_NS), more: None })
}

struct Ntp {
    pending: Pending<Key>,
    /// An answer of which further pieces are to come.
    more: Option<(Dir, Key)>,
}

impl Session for Ntp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match message(input.bytes) {
            Ok(Message::Time(packet)) => self.clocks(&packet, input, out),
            Ok(Message::Control(message)) => self.control(&message, input, out),
            Ok(Message::Private(message)) => self.private(&message, input, out),
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        }
        Step::Took(input.bytes.len())
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

impl Ntp {
    fn clocks(&mut self, packet: &Packet, input: &Input<'_>, out: &mut Output) {
        if !(1..=4).contains(&packet.version) {
            out.anomaly("unknown_version", "version", packet.version.into(), input.dir);
        }
        if packet.stratum > MAX_STRATUM {
            out.anomaly("malformed", "stratum", packet.stratum.into(), input.dir);
        }
        // before version 2 the ports told who is client and server
        let mode = match (packet.mode, packet.version) {
            (0, ..=1) if input.dst.port == super::PORT && input.src.port != super::PORT => TIME_REQUEST,
            (0, ..=1) if input.src.port == super::PORT => SERVER,
            (mode, _) => mode.into(),
        };
        match mode {
            TIME_REQUEST => {
                let mut draft = out.draft(OPERATIONS, TIME_REQUEST, input.dir).actor(input.dir);
                draft.push_extra("version", Val::Uint(packet.version.into()));
                if input.dst.host.address.is_group() {
                    draft.commit();
                } else {
                    self.pending.hold(Key::Time(packet.transmit), draft);
                }
            }
            SERVER => self.answer(packet, input, out),
            _ => {
                let mut draft = out.draft(OPERATIONS, mode, input.dir).actor(input.dir);
                draft.push_extra("version", Val::Uint(packet.version.into()));
                clock(packet, &mut draft);
                draft.commit();
                if mode == BROADCAST {
                    serves(packet, out);
                }
            }
        }
    }

    fn answer(&mut self, packet: &Packet, input: &Input<'_>, out: &mut Output) {
        let kiss = packet.stratum == 0;
        let mut draft = match self.pending.settle(Key::Time(packet.origin), out) {
            // kiss-o'-death: the code says why there is no time
            Some(draft) if kiss => draft.outcome(Outcome::Refused(u32::from_be_bytes(packet.reference))),
            Some(draft) => draft,
            None => {
                let draft = out.draft(OPERATIONS, TIME_REQUEST, input.dir).actor(input.dir.flip());
                draft.extra("version", Val::Uint(packet.version.into())).outcome(Outcome::ReplyOnly)
            }
        };
        clock(packet, &mut draft);
        draft.commit();
        serves(packet, out);
    }

    fn control(&mut self, message: &Control<'_>, input: &Input<'_>, out: &mut Output) {
        let code = CONTROL | u32::from(message.opcode);
        let key = Key::Control(message.sequence, message.opcode);
        if !message.response {
            let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
            draft.push_item(Goal::range("association", message.association.into(), 1), Val::None);
            draft.push_extra("version", Val::Uint(message.version.into()));
            // what is written is told; a configuration line may hold keys
            if matches!(message.opcode, 3 | 5) && !message.data.is_empty() {
                let text = draft.text(message.data);
                draft.push_extra("value", Val::Text(text));
            }
            self.pending.hold(key, draft);
            return;
        }
        if message.opcode == 7 {
            out.draft(OPERATIONS, code, input.dir).actor(input.dir).commit();
            return;
        }
        if !self.is_further(key, message.more, input.dir) {
            let outcome = if message.error { Outcome::Refused((message.status >> 8).into()) } else { Outcome::Ok };
            self.settle(key, code, outcome, None, input, out);
        }
        if message.opcode == 2 && !message.error && message.association == 0 {
            control::prove(message.data, out);
        }
    }

    fn private(&mut self, message: &Private, input: &Input<'_>, out: &mut Output) {
        let code = PRIVATE | u32::from(message.request);
        let key = Key::Private(message.request, message.implementation);
        if !message.response {
            let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
            draft.push_extra("implementation", Val::Uint(message.implementation.into()));
            draft.push_extra("version", Val::Uint(message.version.into()));
            self.pending.hold(key, draft);
        } else if !self.is_further(key, message.more, input.dir) {
            let outcome = if message.error > 0 { Outcome::Refused(message.error.into()) } else { Outcome::Ok };
            self.settle(key, code, outcome, Some(message.items), input, out);
        }
    }

    /// The first piece of an answer completes the request; the others belong to it.
    fn is_further(&mut self, key: Key, more: bool, dir: Dir) -> bool {
        let further = self.more == Some((dir, key)) && !self.pending.holds(key);
        self.more = more.then_some((dir, key));
        further
    }

    fn settle(
        &mut self,
        key: Key,
        code: u32,
        outcome: Outcome,
        items: Option<u16>,
        input: &Input<'_>,
        out: &mut Output,
    ) {
        let mut draft = match self.pending.settle(key, out) {
            Some(draft) => draft.outcome(outcome),
            None => {
                let draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir.flip());
                draft.outcome(if outcome == Outcome::Ok { Outcome::ReplyOnly } else { outcome })
            }
        };
        if let Some(items) = items {
            draft.push_extra("items", Val::Uint(items.into()));
        }
        draft.commit();
    }
}

fn clock(packet: &Packet, draft: &mut Draft<'_>) {
    draft.push_extra("stratum", Val::Uint(packet.stratum.into()));
    if let Some(leap) = leap(packet.leap) {
        draft.push_extra("leap", Val::Name(leap));
    }
    let text = |bytes: &[u8; 4]| bytes.iter().all(|b| *b == 0 || b.is_ascii_graphic()) && bytes.first() != Some(&0);
    match packet.stratum {
        0 if text(&packet.reference) => {
            let code = draft.text(&packet.reference);
            draft.push_extra("kiss", Val::Text(code));
        }
        1 if text(&packet.reference) => {
            let source = draft.text(&packet.reference);
            draft.push_extra("reference", Val::Text(source));
        }
        2..=15 if packet.reference != [0; 4] => {
            // of an IPv6 server the first bytes of a digest stand here
            draft.push_extra("reference", Val::Ip(Ipv4Addr::from(packet.reference).into()));
        }
        _ => {}
    }
    if let Some(at) = time(packet.reference_time) {
        draft.push_extra("reference_time", Val::Time(at));
    }
    if let Some(at) = time(packet.transmit) {
        draft.push_extra("transmit_time", Val::Time(at));
    }
    if packet.trailer >= 16 {
        draft.push_extra("authenticated", Val::Bool(true));
    }
}

/// Who gives a time that is set, serves it.
fn serves(packet: &Packet, out: &mut Output) {
    if (1..=15).contains(&packet.stratum) && packet.leap != 3 {
        out.about(About::Sender).role(Role::TimeServer);
    }
}
