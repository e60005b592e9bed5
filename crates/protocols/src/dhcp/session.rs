//! Messages to facts. Most are broadcast, and the answer goes to an address the client did not have when it asked: each
//! is told by itself. Only where both go between the same two addresses (renewals, relay agents) are they paired.

use super::wire::{MAX_OPTIONS, Message, message};
use super::{BOOT_REPLY, BOOT_REQUEST, OPERATIONS, describe, identity};
use crate::{Dir, Draft, Input, Output, Pending, Session, Step};
use model::{Address, Outcome, Time};
use std::net::IpAddr;

/// A server that has not answered by then is asked again (RFC 2131, 4.1: 4, 8, 16 s, …).
const TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dhcp { pending: Pending::new(TIMEOUT_NS) })
}

struct Dhcp {
    pending: Pending<u32>,
}

impl Session for Dhcp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let message = match message(input.bytes) {
            Ok(message) => message,
            Err(error) => {
                out.malformed(error, input.dir);
                return Step::Resync(0);
            }
        };
        for error in message.options().filter_map(Result::err) {
            if input.cut == 0 || !error.is_truncated() {
                out.malformed(error, input.dir);
            }
        }
        if message.options().count() >= MAX_OPTIONS {
            out.limit("dhcp_options");
        }
        if message.reply { self.reply(&message, input, out) } else { self.request(&message, input, out) }
        identity::prove(&message, input, out);
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

impl Dhcp {
    fn request(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let code = message.kind().map_or(BOOT_REQUEST, u32::from);
        let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
        describe::request(message, &mut draft);
        // nobody answers a decline or a release
        let answered = !matches!(code, 4 | 7);
        if answered && is_host(input.src.host.address) && is_host(input.dst.host.address) {
            self.pending.hold(message.transaction, draft);
        } else {
            draft.commit();
        }
    }

    fn reply(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let code = message.kind().map_or(BOOT_REPLY, u32::from);
        // a server may tell a client to renew: nobody asked
        let asked = if code == 9 { None } else { self.pending.settle(message.transaction, out) };
        let mut draft: Draft<'_> = match asked {
            Some(draft) => draft.outcome(if code == 6 { Outcome::Refused(6) } else { Outcome::Ok }),
            // the question came from the address this goes to, and was not seen
            None if self.is_due_here(message, input, code) => {
                let draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir.flip());
                draft.outcome(Outcome::ReplyOnly)
            }
            None => out.draft(OPERATIONS, code, input.dir).actor(input.dir),
        };
        describe::reply(message, &mut draft);
        draft.commit();
    }

    fn is_due_here(&self, message: &Message<'_>, input: &Input<'_>, code: u32) -> bool {
        let receiver = input.dst.host.address.ip();
        let at = |address: std::net::Ipv4Addr| !address.is_unspecified() && receiver == Some(IpAddr::V4(address));
        code != 9 && (at(message.client_address) || at(message.relay))
    }
}

fn is_host(address: Address) -> bool {
    !address.is_group() && !address.is_unspecified()
}
