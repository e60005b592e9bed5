//! Pairing: the only state.

use super::wire::{self, GET_BULK, INFORM, Message, Pdu, REPORT, RESPONSE, TRAP, TRAP_2, User, message};
use super::{identity, meaning, oid};
use crate::{About, Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Time};
use std::net::{IpAddr, Ipv4Addr};

/// Managers give up after one to five seconds and ask again.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Snmp { pending: Pending::new(REPLY_TIMEOUT_NS), entities: identity::Entities::default() })
}

/// Version (0, 1, 3), request id (version 3: message id), direction of the request.
type Key = (u8, u32, Dir);

struct Snmp {
    pending: Pending<Key>,
    entities: identity::Entities,
}

impl Session for Snmp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let all = Step::Took(input.bytes.len().max(1));
        match message(input.bytes) {
            Ok(Message::Community { version, community, pdu }) => {
                let about = Envelope { version, community: Some(community), user: None };
                self.pdu(&about, &pdu, (version, pdu.id, input.dir), input, out);
            }
            Ok(Message::User(user)) => self.user(&user, input, out),
            Err(error) => {
                if input.cut == 0 {
                    out.malformed(error, input.dir);
                }
            }
        }
        all
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

/// What stands around a PDU.
struct Envelope<'a> {
    version: u8,
    community: Option<&'a [u8]>,
    user: Option<&'a User<'a>>,
}

impl Envelope<'_> {
    fn say(&self, draft: &mut Draft<'_>) {
        let version = match self.version {
            0 => "1",
            1 => "2c",
            _ => "3",
        };
        draft.push_extra("version", Val::Name(version));
        if let Some(community) = self.community {
            let masked = draft.out().secret(community);
            let default = draft.out().is_default_credential(b"", community);
            draft.push_extra("community", masked);
            draft.push_extra("community_default", Val::Bool(default));
        }
        if let Some(user) = self.user {
            let level = level(user.flags);
            draft.push_extra("security_level", Val::Name(level));
            if !user.user.is_empty() {
                let name = draft.text(user.user);
                draft.push_extra("user", Val::Text(name));
            }
            if !user.engine.is_empty() {
                let engine = draft.format(format_args!("{}", identity::Hex(user.engine)));
                draft.push_extra("engine_id", Val::Text(engine));
            }
        }
    }
}

fn level(flags: u8) -> &'static str {
    match flags & 3 {
        0 => "none",
        1 => "auth",
        _ => "auth_priv",
    }
}

impl Snmp {
    fn user(&mut self, user: &User<'_>, input: &Input<'_>, out: &mut Output) {
        let key = (3, user.id, input.dir);
        let about = Envelope { version: 3, community: None, user: Some(user) };
        let answered = self.pending.holds((3, user.id, input.dir.flip()));
        match &user.pdu {
            Some(pdu) => self.pdu(&about, pdu, key, input, out),
            None if answered => {
                if let Some(draft) = self.pending.settle((3, user.id, input.dir.flip()), out) {
                    draft.commit();
                }
            }
            None => {
                // who asks is not readable; a message that wants no report is an answer or a trap
                let draft = out.draft(meaning::OPERATIONS, meaning::ENCRYPTED, input.dir);
                if user.flags & 4 != 0 {
                    let mut draft = draft.actor(input.dir);
                    about.say(&mut draft);
                    self.pending.hold(key, draft);
                } else {
                    let mut draft = draft.outcome(Outcome::ReplyOnly);
                    about.say(&mut draft);
                    draft.commit();
                }
            }
        }
        // the engine named is the agent's: it answers, and sends the traps
        let kind = user.pdu.map(|p| p.kind);
        if matches!(kind, Some(RESPONSE | REPORT | TRAP_2)) || answered {
            identity::engine(user.engine, About::Sender, out);
            if matches!(kind, Some(RESPONSE)) || (kind.is_none() && answered) {
                let text: &[u8] = match level(user.flags) {
                    "none" => b"SNMPv3 without authentication",
                    "auth" => b"SNMPv3 with authentication",
                    _ => b"SNMPv3 with authentication and encryption",
                };
                out.about(About::Sender).protection(text);
            }
        }
    }

    fn pdu(&mut self, about: &Envelope<'_>, pdu: &Pdu<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        match pdu.kind {
            RESPONSE => self.response(about, pdu, key, input, out),
            REPORT => self.report(about, pdu, key, input, out),
            _ => self.ask(about, pdu, key, input, out),
        }
    }

    fn ask(&mut self, about: &Envelope<'_>, pdu: &Pdu<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        let mut draft = out.draft(meaning::OPERATIONS, pdu.kind.into(), input.dir).actor(input.dir);
        about.say(&mut draft);
        let notice = matches!(pdu.kind, TRAP | TRAP_2 | INFORM);
        let read = if notice { meaning::notification(pdu, &mut draft) } else { meaning::targets(pdu, &mut draft) };
        if let Err(error) = read {
            draft.out().malformed(error, input.dir);
        }
        if pdu.kind == GET_BULK {
            draft.push_extra("max_repetitions", Val::Uint(pdu.index.into()));
        }
        let mut own = true;
        if let Some(agent) = pdu.trap.and_then(|t| t.agent).filter(|a| *a != [0; 4]) {
            let agent = IpAddr::V4(Ipv4Addr::from(agent));
            own = input.src.host.address == model::Address::Ip(agent);
            if !own {
                draft.push_extra("agent", Val::Ip(agent));
            }
        }
        if matches!(pdu.kind, TRAP | TRAP_2) {
            // nobody answers a trap
            draft.outcome(Outcome::Ok).commit();
        } else {
            self.pending.hold(key, draft);
        }
        if notice && own {
            self.entities.look(pdu, out);
        }
    }

    fn response(&mut self, about: &Envelope<'_>, pdu: &Pdu<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let (version, id, _) = key;
        let settled = self.pending.settle((version, id, asker), out);
        let known = settled.is_some();
        let mut draft = match settled {
            Some(draft) => draft,
            None => {
                let draft = out.draft(meaning::OPERATIONS, RESPONSE.into(), input.dir).actor(asker);
                let mut draft = draft.outcome(Outcome::ReplyOnly);
                about.say(&mut draft);
                draft
            }
        };
        let asked = draft.row().code as u8;
        if pdu.status != 0 {
            if let Some(error) = meaning::error(pdu.status) {
                draft.push_extra("error", Val::Name(error));
            }
            if pdu.index != 0 {
                draft.push_extra("error_index", Val::Uint(pdu.index.into()));
            }
            draft.outcome(Outcome::Refused(pdu.status)).commit();
            return;
        }
        if let Err(error) = meaning::answer(known.then_some(asked), pdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        draft.commit();
        // an answer to an inform repeats what the agent told: it is not about its sender
        let repeated = known && asked == INFORM || meaning::is_notification(pdu);
        if !repeated {
            self.entities.look(pdu, out);
        }
    }

    /// Version 3 tells why it did not process a message, and how to find out the engine's name.
    fn report(&mut self, about: &Envelope<'_>, pdu: &Pdu<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let (version, id, _) = key;
        let mut r = pdu.variables;
        let first = if r.is_empty() { None } else { wire::variable(&mut r).ok() };
        let number = first.and_then(|v| oid::first(v.object, oid::USM_STATS));
        let settled = self.pending.settle((version, id, asker), out);
        let mut draft = match settled {
            Some(draft) => draft,
            None => {
                let draft = out.draft(meaning::OPERATIONS, REPORT.into(), input.dir).actor(asker);
                let mut draft = draft.outcome(Outcome::ReplyOnly);
                about.say(&mut draft);
                draft
            }
        };
        let name = number.and_then(meaning::report).unwrap_or("other");
        draft.push_extra("report", Val::Name(name));
        // asking without an engine id is how its name is learned: then this is the answer
        let discovery = draft.extra_of("engine_id").is_none();
        if draft.row().asked.is_some() && !discovery {
            draft = draft.outcome(Outcome::Refused(number.unwrap_or_default()));
        }
        draft.commit();
    }
}
