//! Messages to facts. Clients ask everybody and are answered at their own address, so most messages are told by
//! themselves; between a relay agent and a server they are paired.

use super::OPERATIONS;
use super::describe;
use super::wire::{MAX_OPTIONS, Message, message};
use crate::{Dir, Input, Output, Pending, Session, Step};
use model::{Outcome, Time};

/// Clients ask again after one second at first, and after two minutes at the latest; servers answer at once.
const TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dhcpv6 { pending: Pending::new(TIMEOUT_NS) })
}

struct Dhcpv6 {
    pending: Pending<u32>,
}

/// Messages of servers.
pub fn is_answer(kind: u8) -> bool {
    matches!(kind, 2 | 7 | 10 | 15..=17 | 19 | 21 | 25 | 27 | 30 | 32 | 37)
}

impl Session for Dhcpv6 {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let message = match message(input.bytes) {
            Ok(message) => message,
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        let mut count = 0;
        for option in message.options() {
            count += 1;
            if let Err(error) = option
                && (input.cut == 0 || !error.is_truncated())
            {
                out.malformed(error, input.dir);
            }
        }
        if count >= MAX_OPTIONS {
            out.limit("dhcpv6_options");
        }
        if is_answer(message.kind) { self.answer(&message, input, out) } else { self.question(&message, input, out) }
        describe::prove(&message, input, out);
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

impl Dhcpv6 {
    fn question(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let mut draft = out.draft(OPERATIONS, message.kind.into(), input.dir).actor(input.dir);
        describe::client(message, &mut draft);
        if input.dst.host.address.is_group() {
            draft.commit();
        } else {
            self.pending.hold(message.transaction, draft);
        }
    }

    fn answer(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let status = message.status().map_or(0, |(code, _)| code);
        let asked = if message.kind == 10 { None } else { self.pending.settle(message.transaction, out) };
        let mut draft = match asked {
            Some(draft) if status > 0 => draft.outcome(Outcome::Refused(status.into())),
            Some(draft) => draft,
            // between a relay agent and a server the question came the same way, and was not seen
            None if message.relay.is_some() => {
                let draft = out.draft(OPERATIONS, message.kind.into(), input.dir).actor(input.dir.flip());
                draft.outcome(Outcome::ReplyOnly)
            }
            None => out.draft(OPERATIONS, message.kind.into(), input.dir).actor(input.dir),
        };
        if draft.row().asked.is_none() {
            describe::client(message, &mut draft);
        }
        describe::server(message, &mut draft);
        draft.commit();
    }
}
