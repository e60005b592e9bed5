//! Framing, the session's own packets, handing on: the only state.

use super::OPERATIONS;
use super::wire::{self, Packet};
use crate::{About, Carried, Dir, Goal, Input, Output, Pending, Session, Step, Val};
use model::{NameKind, Outcome, Time};

/// A server that has not answered a session request after this long does not listen.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// Messages up to this length are handed on whole: everything but bulk data.
const WHOLE: usize = 128 * 1024;

/// Of longer ones this much comes first, the rest as it arrives. Headers of reads and writes are far shorter.
const FRONT: usize = 4096;

/// Channel of version 1.
const OLD: u64 = 1;
/// Channel of versions 2 and 3, plain, encrypted or compressed.
const NEW: u64 = 2;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Nbss { pending: Pending::new(REPLY_TIMEOUT_NS), left: [(0, 0); 2], old: false })
}

struct Nbss {
    /// Key: direction of the request; there is one session per TCP connection.
    pending: Pending<Dir>,
    /// Bytes of a long message still to come, and its channel, per direction.
    left: [(usize, u64); 2],
    /// Version 1 has been spoken and no other since.
    old: bool,
}

impl Session for Nbss {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if let Some((left, channel)) = self.left.get_mut(input.dir.index()).filter(|(left, _)| *left > 0) {
            let here = input.bytes.len().min(*left);
            if here == 0 {
                return Step::NeedMore;
            }
            *left -= here;
            let facts = [0, *left as u64, 1, 0];
            out.inner("nbss", input.dir, Carried { channel: *channel, facts }, 0, here);
            return Step::Took(here);
        }
        let packet = match wire::packet(input.bytes) {
            Ok(Some(packet)) => packet,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        if packet.kind == wire::MESSAGE {
            return self.message(&packet, input, out);
        }
        if input.trial && packet.kind == wire::REQUEST && packet.rest.len() == packet.length {
            if wire::names(packet.rest).is_err() {
                return Step::Resync(0);
            }
        } else if input.trial && packet.length > 6 {
            return Step::Resync(0);
        }
        if packet.rest.len() < packet.length {
            return Step::NeedMore;
        }
        self.control(&packet, input, out);
        Step::Took(wire::HEADER + packet.length)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        if let Some(left) = self.left.get_mut(dir.index()) {
            *left = (0, 0);
        }
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

impl Nbss {
    fn message(&mut self, packet: &Packet<'_>, input: &Input<'_>, out: &mut Output) -> Step {
        // a message shorter than SMB's mark is no SMB
        if packet.rest.len() < packet.length.min(4) {
            return Step::NeedMore;
        }
        if !wire::is_smb(packet.rest) {
            if !input.trial {
                out.anomaly("malformed", "session message", packet.length as u64, input.dir);
            }
            return Step::Resync(0);
        }
        let here = if packet.length > WHOLE { FRONT } else { packet.length };
        if packet.rest.len() < here {
            return Step::NeedMore;
        }
        let left = packet.length - here;
        let channel = if packet.rest.first() == Some(&0xff) { OLD } else { NEW };
        if let Some(slot) = self.left.get_mut(input.dir.index()) {
            *slot = (left, channel);
        }
        if self.old && channel == NEW {
            // the server answers an old negotiation in the new version: whoever waits for it must know
            out.inner("nbss", input.dir, Carried { channel: OLD, facts: [0, 0, 2, 0] }, 0, 0);
        }
        self.old = channel == OLD;
        let facts = [packet.length as u64, left as u64, 0, 0];
        out.inner("nbss", input.dir, Carried { channel, facts }, wire::HEADER, wire::HEADER + here);
        Step::Took(wire::HEADER + here)
    }

    fn control(&mut self, packet: &Packet<'_>, input: &Input<'_>, out: &mut Output) {
        match packet.kind {
            wire::REQUEST => self.request(packet, input, out),
            wire::KEEPALIVE => out.draft(OPERATIONS, packet.kind.into(), input.dir).actor(input.dir).commit(),
            _ => self.response(packet, input, out),
        }
    }

    fn request(&mut self, packet: &Packet<'_>, input: &Input<'_>, out: &mut Output) {
        let (called, calling) = match wire::names(packet.rest) {
            Ok(names) => names,
            Err(error) => return out.malformed(error, input.dir),
        };
        let mut draft = out.draft(OPERATIONS, packet.kind.into(), input.dir).actor(input.dir);
        let name = draft.text(called.text());
        draft.push_item(Goal::named("name", name), Val::None);
        draft.push_extra("called_suffix", Val::Uint(called.suffix.into()));
        let name = draft.text(calling.text());
        draft.push_extra("calling_name", Val::Text(name));
        self.pending.hold(input.dir, draft);
        // names of users have suffix 3, of groups 0x1c to 0x1e
        if matches!(calling.suffix, 0x00 | 0x20) {
            out.about(About::Sender).name(NameKind::Host, calling.text());
        }
    }

    fn response(&mut self, packet: &Packet<'_>, input: &Input<'_>, out: &mut Output) {
        let client = input.dir.flip();
        let mut draft = match self.pending.settle(client, out) {
            Some(draft) => draft,
            None => out.draft(OPERATIONS, packet.kind.into(), input.dir).actor(client).outcome(Outcome::ReplyOnly),
        };
        let mut r = ::wire::Reader::new(packet.rest);
        match packet.kind {
            wire::NEGATIVE => {
                let code = r.u8("error code").unwrap_or_default();
                if let Some(reason) = reason(code) {
                    draft.push_extra("reason", Val::Name(reason));
                }
                draft.outcome(Outcome::Refused(code.into())).commit();
                return;
            }
            wire::RETARGET => {
                if let (Ok(address), Ok(port)) = (r.array::<4>("address"), r.be16("port")) {
                    let address = std::net::Ipv4Addr::from(address);
                    draft.push_extra("retarget_address", Val::Ip(address.into()));
                    draft.push_extra("retarget_port", Val::Uint(port.into()));
                }
            }
            _ => {
                // the server took the call under this name; `*SMBSERVER` stands for whoever answers
                let item = draft.items_mut().first().map(|i| i.goal.name).unwrap_or_default();
                let out = draft.out();
                if !item.is_empty() && out.span(item).first() != Some(&b'*') {
                    out.about(About::Sender).span(crate::Kind::Name(NameKind::Host), item);
                }
            }
        }
        draft.commit();
    }
}

fn reason(code: u8) -> Option<&'static str> {
    Some(match code {
        0x80 => "not_listening_on_called_name",
        0x81 => "not_listening_for_calling_name",
        0x82 => "called_name_not_present",
        0x83 => "called_name_present_but_insufficient_resources",
        0x8f => "unspecified_error",
        _ => return None,
    })
}
