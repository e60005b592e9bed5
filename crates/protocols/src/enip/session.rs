//! Framing, pairing of the encapsulation's own commands, and handing CIP on: the only state.

use super::identity;
use super::wire::{self, Encap, item};
use super::OPERATIONS;
use crate::{Carried, Dir, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};

/// A target that has not answered after this long is not going to: clients wait 1 to 10 s for sessions and lists.
const REPLY_TIMEOUT_NS: i64 = 15 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Enip { pending: Pending::new(REPLY_TIMEOUT_NS) })
}

struct Enip {
    /// Key: command, sender context, direction of the request.
    pending: Pending<(u16, u64, Dir)>,
}

impl Session for Enip {
    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let encap = match wire::encap(input.bytes) {
            Ok(Some(encap)) => encap,
            Ok(None) if input.transport.is_stream() => return Step::NeedMore,
            Ok(None) => {
                if input.cut == 0 && !input.trial {
                    out.anomaly("truncated", "encapsulation message", input.bytes.len() as u64, input.dir);
                }
                return Step::Took(input.bytes.len().max(1));
            }
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        if input.trial && !believable(&encap) {
            return Step::Resync(0);
        }
        match encap.command {
            wire::SEND_RR_DATA | wire::SEND_UNIT_DATA => carry(&encap, input, out),
            _ => self.command(&encap, input, out),
        }
        Step::Took(encap.size)
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

/// After lost framing: a status and options of the standard, and contents that can be read.
fn believable(encap: &Encap<'_>) -> bool {
    let contents = match encap.command {
        wire::SEND_RR_DATA | wire::SEND_UNIT_DATA => encap.data.is_empty() || wire::packet(encap.data).is_ok(),
        wire::REGISTER_SESSION => encap.data.len() == 4,
        wire::UNREGISTER_SESSION => encap.data.is_empty(),
        _ => true,
    };
    encap.options == 0 && wire::is_status(encap.status) && contents
}

/// Hands the CIP message on. The envelope is a transaction of its own only when it is refused.
fn carry(encap: &Encap<'_>, input: &Input<'_>, out: &mut Output) {
    if encap.status != 0 {
        let draft = out.draft(OPERATIONS, encap.command.into(), input.dir).actor(input.dir.flip());
        draft
            .extra("session_handle", Val::Uint(encap.session.into()))
            .outcome(Outcome::Refused(encap.status))
            .commit();
    }
    if encap.data.is_empty() && encap.status != 0 {
        // nothing was executed: the message inside must not wait for an answer
        let facts = [encap.context, encap.status.into(), 0, 2];
        out.inner("enip", input.dir, Carried { channel: 0, facts }, encap.size, encap.size);
        return;
    }
    let (interface, _, items) = match wire::packet(encap.data) {
        Ok(packet) => packet,
        Err(error) => return out.malformed(error, input.dir),
    };
    if items.more {
        out.limit("enip_items");
    }
    if interface != 0 {
        // another interface than CIP: nothing the standard defines
        return out.anomaly("unknown_interface", "interface handle", interface.into(), input.dir);
    }
    let connection = items
        .iter()
        .find(|i| matches!(i.kind, item::CONNECTED_ADDRESS | item::SEQUENCED_ADDRESS))
        .and_then(|i| ::wire::Reader::new(i.data).le32("connection id").ok());
    let socket = items
        .find(item::SOCKADDR_T_O)
        .and_then(|i| wire::socket(i.data).ok())
        .map_or(0, |(_, port, address)| u64::from(u32::from_be_bytes(address)) << 16 | u64::from(port));
    let mut handed_on = false;
    for found in items.iter() {
        let start = wire::HEADER.saturating_add(found.at);
        let end = start.saturating_add(found.data.len());
        match found.kind {
            item::UNCONNECTED_DATA => {
                let facts = [encap.context, encap.session.into(), socket, 0];
                out.inner("enip", input.dir, Carried { channel: 0, facts }, start, end);
                handed_on = true;
            }
            item::CONNECTED_DATA => {
                let Ok(sequence) = ::wire::Reader::new(found.data).le16("sequence count") else {
                    out.anomaly("truncated", "sequence count", found.at as u64, input.dir);
                    continue;
                };
                let connection = connection.unwrap_or_default().into();
                let facts = [sequence.into(), encap.session.into(), connection, 1];
                out.inner("enip", input.dir, Carried { channel: 0, facts }, start.saturating_add(2), end);
                handed_on = true;
            }
            item::SOCKADDR_O_T | item::SOCKADDR_T_O | item::NULL => {}
            item::CONNECTED_ADDRESS | item::SEQUENCED_ADDRESS => {}
            kind => out.anomaly("unknown_item", "item type id", kind.into(), input.dir),
        }
    }
    if !handed_on {
        out.anomaly("missing_item", "data item", encap.command.into(), input.dir);
    }
}

impl Enip {
    fn command(&mut self, encap: &Encap<'_>, input: &Input<'_>, out: &mut Output) {
        let key = (encap.command, encap.context, input.dir.flip());
        match encap.command {
            wire::LIST_IDENTITY | wire::LIST_SERVICES | wire::LIST_INTERFACES | wire::LIST_TARGETS => {
                if encap.data.is_empty() && encap.status == 0 {
                    self.ask(encap, input, out);
                } else {
                    self.answer(encap, key, input, out);
                }
            }
            wire::REGISTER_SESSION => {
                // only the target assigns a handle, only an answer has a status
                if encap.session == 0 && encap.status == 0 {
                    self.ask(encap, input, out);
                } else {
                    self.answer(encap, key, input, out);
                }
            }
            wire::START_DTLS => {
                if self.pending.holds(key) || encap.status != 0 {
                    self.answer(encap, key, input, out);
                } else {
                    self.ask(encap, input, out);
                }
            }
            _ if encap.status != 0 => self.answer(encap, key, input, out),
            // these are never answered (Volume 2, 2-4.1, 2-4.5); either side may send them
            _ => {
                let mut draft = out.draft(OPERATIONS, encap.command.into(), input.dir).actor(input.dir);
                if encap.session != 0 {
                    draft.push_extra("session_handle", Val::Uint(encap.session.into()));
                }
                if encap.command == wire::INDICATE_STATUS
                    && let Ok(status) = ::wire::Reader::new(encap.data).le32("status")
                {
                    draft.push_extra("status", Val::Uint(status.into()));
                }
                draft.commit();
            }
        }
    }

    fn ask(&mut self, encap: &Encap<'_>, input: &Input<'_>, out: &mut Output) {
        let mut draft = out.draft(OPERATIONS, encap.command.into(), input.dir).actor(input.dir);
        if encap.command == wire::REGISTER_SESSION {
            match ::wire::Reader::new(encap.data).le16("protocol version") {
                Ok(version) => draft.push_extra("protocol_version", Val::Uint(version.into())),
                Err(error) => draft.out().malformed(error, input.dir),
            }
        }
        if input.dst.host.address.is_group() {
            // answered by many, each in a conversation of its own
            draft.commit();
        } else {
            self.pending.hold((encap.command, encap.context, input.dir), draft);
        }
    }

    fn answer(&mut self, encap: &Encap<'_>, key: (u16, u64, Dir), input: &Input<'_>, out: &mut Output) {
        let mut draft = match self.pending.settle(key, out) {
            Some(draft) => draft,
            None => out
                .draft(OPERATIONS, encap.command.into(), input.dir)
                .actor(input.dir.flip())
                .outcome(Outcome::ReplyOnly),
        };
        if encap.status != 0 {
            draft.outcome(Outcome::Refused(encap.status)).commit();
            return;
        }
        let mut r = ::wire::Reader::new(encap.data);
        match encap.command {
            wire::REGISTER_SESSION => draft.push_extra("session_handle", Val::Uint(encap.session.into())),
            wire::LIST_SERVICES => {
                let read = wire::items(&mut r).and_then(|items| identity::list_services(&items, &mut draft));
                if let Err(error) = read {
                    draft.out().malformed(error, input.dir);
                }
            }
            _ => {}
        }
        draft.commit();
        let read = match encap.command {
            wire::LIST_IDENTITY => wire::items(&mut r).and_then(|items| identity::list_identity(&items, input, out)),
            wire::LIST_TARGETS => wire::items(&mut r).and_then(|items| identity::list_targets(&items, input, out)),
            _ => Ok(()),
        };
        if let Err(error) = read {
            out.malformed(error, input.dir);
        }
        identity::service(input, out);
    }
}
