//! The opening of a connection; everything behind it is encrypted and passed over.

use super::wire::{self as w, Kind, Packet};
use crate::{Dir, Draft, Input, Operation, Output, Pending, Session, Step, Val, op};
use model::{Class, Outcome, Time};

/// Clients repeat an opening for some seconds.
const REPLY_TIMEOUT_NS: i64 = 15 * Time::SECOND;

pub const INITIAL: u32 = 0;
pub const RETRY: u32 = 3;

/// Everything that is told.
pub const OPERATIONS: &[Operation] = &[op(INITIAL, "initial", Class::Session), op(RETRY, "retry", Class::Session)];

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Quic { opening: None, opened: false, pending: Pending::new(REPLY_TIMEOUT_NS), read: false })
}

/// The first packet seen: its direction, and what the two sides call the connection.
struct Opening {
    dir: Dir,
    to: Vec<u8>,
    from: Vec<u8>,
}

struct Quic {
    opening: Option<Opening>,
    opened: bool,
    pending: Pending<()>,
    read: bool,
}

impl Session for Quic {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match w::packet(input.bytes) {
            Ok(packet) => {
                self.read = true;
                self.packet(&packet, input, out);
            }
            Err(_) if !self.read => return Step::NotMine,
            // packets with a short front say nothing of themselves; of others only their version's is known
            Err(_) => {}
        }
        Step::Took(input.bytes.len().max(1))
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

impl Quic {
    fn packet(&mut self, packet: &Packet<'_>, input: &Input<'_>, out: &mut Output) {
        let answers = self.opening.as_ref().is_some_and(|o| o.dir != input.dir && o.from == packet.to);
        // who answers an opening is not yet called by the name it gives itself
        let first = self.opening.as_ref().is_some_and(|o| o.to != packet.from);
        match packet.kind {
            Kind::Google if !self.opened => {
                self.opened = true;
                version(out.draft(OPERATIONS, INITIAL, input.dir), packet.version).commit();
            }
            Kind::Initial if self.opening.is_none() => {
                self.opening = Some(Opening { dir: input.dir, to: packet.to.to_vec(), from: packet.from.to_vec() });
                let draft = version(out.draft(OPERATIONS, INITIAL, input.dir), packet.version);
                self.pending.hold((), draft);
            }
            // both know each other: the opening was not seen
            Kind::Initial | Kind::Handshake if answers && !first => self.pending.lose(out),
            Kind::Initial | Kind::Handshake if answers => {
                if let Some(draft) = self.pending.settle((), out) {
                    draft.actor(input.dir.flip()).commit();
                }
            }
            Kind::Retry if answers => {
                out.draft(OPERATIONS, RETRY, input.dir).actor(input.dir.flip()).commit();
                self.begin_again(out);
            }
            Kind::VersionNegotiation if answers => {
                if let Some(mut draft) = self.pending.settle((), out) {
                    let offered = draft.format(format_args!("{}", Versions(packet.versions)));
                    draft.push_extra("server_versions", Val::Text(offered));
                    draft.actor(input.dir.flip()).outcome(Outcome::Refused(0)).commit();
                }
                self.opening = None;
            }
            _ => {}
        }
    }

    /// The client opens again, with the server's token.
    fn begin_again(&mut self, out: &mut Output) {
        if let Some(draft) = self.pending.settle((), out) {
            draft.discard();
        }
        self.opening = None;
    }
}

fn version(mut draft: Draft<'_>, version: u32) -> Draft<'_> {
    let name = draft.format(format_args!("{}", Version(version)));
    draft.extra("version", Val::Text(name))
}

/// A version by its usual name.
struct Version(u32);

impl core::fmt::Display for Version {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            1 => f.write_str("1"),
            0x6b33_43cf => f.write_str("2"),
            draft @ 0xff00_0001..=0xff00_00ff => write!(f, "draft-{}", draft & 0xff),
            other if w::is_google(other) => {
                other.to_be_bytes().iter().try_for_each(|b| write!(f, "{}", char::from(*b)))
            }
            other => write!(f, "{other:#010x}"),
        }
    }
}

/// A list of versions, separated by commas; longer ones are cut.
struct Versions<'a>(&'a [u8]);

impl core::fmt::Display for Versions<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (i, four) in self.0.chunks_exact(4).take(16).enumerate() {
            let version = four.first_chunk::<4>().map_or(0, |four| u32::from_be_bytes(*four));
            write!(f, "{}{}", if i == 0 { "" } else { "," }, Version(version))?;
        }
        Ok(())
    }
}
