//! Messages in several TSDUs, pairing, roles, loaded blocks: the only state.

use super::identity;
use super::meaning::{self, Created, OPERATIONS};
use super::value::{Found, Value, objects, value};
use super::wire::{self, Head, KEEP_ALIVE, NO_ANSWER, Opcode, Part};
use crate::common::tsap;
use crate::{About, Dir, Draft, Input, Kind, Moving, Output, Pending, Session, Step, Val};
use ::wire::{Malformed, Read};
use model::{Class, Outcome, Path, Role, Time, TransferKind};

/// Answers come in milliseconds; loading a large program holds the next one up for seconds.
const REPLY_TIMEOUT_NS: i64 = 30 * Time::SECOND;

/// Largest message put together. Blocks and type descriptions stay below it; what is larger is skipped.
const MAX_MESSAGE: usize = 256 * 1024;

/// Most blocks whose acceptance is waited for. Tools wait for each; the oldest is told as incomplete.
const MAX_LOADING: usize = 8;

/// Transport selector of engineering tools.
const ENGINEERING: u64 = tsap::pack(b"SIMATIC-ROOT-ES");
/// Transport selector of operator panels.
const HMI: u64 = tsap::pack(b"SIMATIC-ROOT-HMI");

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Plus {
        pending: [Pending::new(REPLY_TIMEOUT_NS), Pending::new(REPLY_TIMEOUT_NS)],
        parts: Default::default(),
        loading: Vec::new(),
        encrypted: false,
        said: [false; 2],
    })
}

struct Plus {
    /// Per direction of the request, by sequence number. Apart, because bytes missing in one direction concern only
    /// what was asked in the other.
    pending: [Pending<u16>; 2],
    /// The message under way, per direction.
    parts: [Parts; 2],
    /// Blocks on their way into the controller.
    loading: Vec<Loading>,
    /// Both sides agreed on TLS inside this protocol.
    encrypted: bool,
    /// Roles said: client, server.
    said: [bool; 2],
}

struct Parts {
    bytes: Vec<u8>,
    protected: bool,
    /// Parts are dropped up to the last of their message.
    skipping: bool,
    /// Bytes were missing, or nothing was seen yet: the next part may be the middle of a message.
    uncertain: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Parts { bytes: Vec::new(), protected: false, skipping: false, uncertain: true }
    }
}

struct Loading {
    sequence: u16,
    dir: Dir,
    moving: Moving,
}

impl Session for Plus {
    fn touch(&self) -> u64 {
        let [to_b, to_a] = &self.pending;
        to_b.touch() ^ to_a.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = input.bytes.len().max(1);
        if self.encrypted && input.bytes.first() != Some(&0x72) {
            out.inner_stream("s7comm_plus", input.dir, input.carried, 0, input.bytes.len());
            return Step::Took(whole);
        }
        match wire::part(input.bytes) {
            Ok(part) if part.version == KEEP_ALIVE => {
                out.draft(OPERATIONS, meaning::KEEP_ALIVE, input.dir).commit();
            }
            Ok(part) => self.part(&part, input, out),
            Err(error) if !input.trial => out.malformed(error, input.dir),
            Err(_) if input.bytes.first() != Some(&0x72) => return Step::NotMine,
            Err(_) => {}
        }
        Step::Took(whole)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.asked(dir.flip()).lose(out);
        if let Some(parts) = self.parts.get_mut(dir.index()) {
            parts.skipping |= !parts.bytes.is_empty();
            parts.bytes.clear();
            parts.uncertain = true;
        }
        for at in (0..self.loading.len()).rev() {
            if self.loading.get(at).is_some_and(|l| l.dir != dir) {
                self.loaded(at, false, out);
            }
        }
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.iter().filter_map(|p| p.deadline()).min()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.iter_mut().for_each(|p| p.expire(now, out));
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.iter_mut().for_each(|p| p.lose(out));
        while !self.loading.is_empty() {
            self.loaded(0, false, out);
        }
    }
}

/// Errors in the data stand behind the four bytes of the header.
fn shifted(error: Malformed) -> Malformed {
    Malformed { at: error.at.saturating_add(4), ..error }
}

impl Plus {
    fn asked(&mut self, dir: Dir) -> &mut Pending<u16> {
        let [to_b, to_a] = &mut self.pending;
        match dir {
            Dir::AtoB => to_b,
            Dir::BtoA => to_a,
        }
    }

    /// Puts parts together.
    fn part(&mut self, part: &Part<'_>, input: &Input<'_>, out: &mut Output) {
        let Some(parts) = self.parts.get_mut(input.dir.index()) else { return };
        if parts.skipping {
            parts.skipping = !part.last;
            return;
        }
        if parts.bytes.is_empty() {
            match wire::head(part.data) {
                Ok(head) if head.opcode == Opcode::Notification || meaning::is_function(head.function) => {
                    parts.uncertain = false;
                }
                Ok(_) if !parts.uncertain && !input.trial => {}
                Err(error) if !parts.uncertain && !input.trial => {
                    out.malformed(shifted(error), input.dir);
                    parts.skipping = !part.last;
                    return;
                }
                // the middle of a message whose front was not seen
                _ => {
                    parts.skipping = !part.last;
                    return;
                }
            }
            if part.last {
                self.message(part.data, part, input, out);
                return;
            }
        }
        let Some(parts) = self.parts.get_mut(input.dir.index()) else { return };
        if parts.bytes.len().saturating_add(part.data.len()) > MAX_MESSAGE {
            out.limit("s7comm_plus_message");
            parts.bytes = Vec::new();
            parts.skipping = !part.last;
            return;
        }
        parts.bytes.extend_from_slice(part.data);
        parts.protected |= part.protected;
        if part.last {
            let bytes = core::mem::take(&mut parts.bytes);
            let protected = core::mem::take(&mut parts.protected) || part.protected;
            self.message(&bytes, &Part { protected, ..*part }, input, out);
        }
    }

    fn message(&mut self, data: &[u8], part: &Part<'_>, input: &Input<'_>, out: &mut Output) {
        let head = match wire::head(data) {
            Ok(head) => head,
            Err(error) => return out.malformed(shifted(error), input.dir),
        };
        match head.opcode {
            Opcode::Request => self.request(&head, part, input, out),
            Opcode::Response | Opcode::LateResponse => self.response(&head, part, input, out),
            Opcode::Notification => {
                // what a controller reports by itself is about the controller
                let goal = crate::Goal::range("subscription", head.object.into(), 1);
                let draft = out.draft(OPERATIONS, meaning::NOTIFICATION, input.dir).actor(input.dir.flip());
                described(draft.target(goal), part).commit();
                self.roles(input.dir.flip(), input, out);
            }
        }
    }

    fn request(&mut self, head: &Head<'_>, part: &Part<'_>, input: &Input<'_>, out: &mut Output) {
        let code = u32::from(head.function);
        let draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
        let mut draft = described(draft, part).extra("session", Val::Uint(head.object.into()));
        let created = match meaning::request(head, &mut draft) {
            Ok(created) => created,
            Err(error) => {
                draft.out().malformed(shifted(error), input.dir);
                Created::default()
            }
        };
        let client = if code == meaning::CREATE_OBJECT { identity::client(head) } else { None };
        if let Some(client) = &client {
            for (key, text) in [("workstation", client.workstation), ("user", client.user)] {
                let text = draft.text(text);
                if !text.is_empty() {
                    draft.push_extra(key, Val::Text(text));
                }
            }
        }
        // no answer is waited for: it is said at once
        if head.flags & NO_ANSWER != 0 {
            draft.commit();
        } else {
            self.asked(input.dir).hold(head.sequence, draft);
        }
        if let Some(client) = &client {
            identity::session_asked(client, out);
        }
        if meaning::block(created.class).is_some() {
            self.load(head, created, input.dir, out);
        }
        self.roles(input.dir, input, out);
    }

    fn response(&mut self, head: &Head<'_>, part: &Part<'_>, input: &Input<'_>, out: &mut Output) {
        let code = u32::from(head.function);
        let asker = input.dir.flip();
        let asked = self.asked(asker).request(head.sequence).is_some_and(|row| row.code == code);
        let known = match asked {
            true => self.asked(asker).settle(head.sequence, out),
            false => None,
        };
        let seen = known.is_some();
        let draft = match known {
            Some(draft) => draft,
            None => described(out.draft(OPERATIONS, code, input.dir), part),
        };
        let mut draft = draft.actor(asker);
        let outcome = match meaning::response(head, &mut draft) {
            Ok(outcome) => outcome,
            Err(error) => {
                draft.out().malformed(shifted(error), input.dir);
                Outcome::Ok
            }
        };
        let ok = outcome == Outcome::Ok;
        let mode = draft.row().class == Class::Mode;
        let stops = draft.row().operation == crate::lookup(OPERATIONS, 0x10001).0;
        let level = draft.items_mut().iter().find_map(|e| match (e.goal.space, e.goal.sub as u32, e.value) {
            ("object", meaning::PROTECTION_LEVEL, Val::Uint(level)) => Some(level),
            _ => None,
        });
        if !seen && ok && head.opcode == Opcode::LateResponse {
            // its request was said at once
            draft.discard();
        } else {
            draft.outcome(if seen || !ok { outcome } else { Outcome::ReplyOnly }).commit();
        }
        if let Some(at) = self.loading.iter().position(|l| l.dir == asker && l.sequence == head.sequence) {
            self.loaded(at, ok, out);
        }
        self.roles(asker, input, out);
        if !ok {
            return;
        }
        if let Some(level) = level {
            let said = out.about(About::Sender).verified();
            said.formatted(Kind::Protection, format_args!("s7_protection_level_{level}"));
        }
        match code {
            meaning::CREATE_OBJECT => {
                identity::session_given(head, out);
                if input.src.port != 0 {
                    let service = Kind::Service { transport: "tcp", port: input.src.port, protocol: "s7comm_plus" };
                    out.about(About::Sender).verified().is(service);
                }
            }
            meaning::GET_VAR_SUB_STREAMED => identity::record(head, out),
            meaning::INIT_SSL => {
                self.encrypted = true;
                out.about(About::Sender).verified().protection(b"tls");
            }
            _ if mode && seen => {
                let mode: &[u8] = if stops { b"stop" } else { b"run" };
                out.about(About::Sender).implied().mode(mode);
            }
            _ => {}
        }
    }

    /// Says once who is who: `client` is the direction in which the client sends.
    fn roles(&mut self, client: Dir, input: &Input<'_>, out: &mut Output) {
        let sender_is_client = client == input.dir;
        let Some(said) = self.said.get_mut(usize::from(!sender_is_client)) else { return };
        if core::mem::replace(said, true) {
            return;
        }
        let said = out.about(About::Sender).implied();
        if !sender_is_client {
            said.role(Role::Controller);
        } else if input.carried.facts[0] == ENGINEERING {
            said.role(Role::Engineering);
        } else if input.carried.facts[0] == HMI {
            said.guessed().role(Role::Hmi);
        } else {
            said.role(Role::Master);
        }
    }

    /// A block is loaded: its blobs are what moves.
    fn load(&mut self, head: &Head<'_>, created: Created, dir: Dir, out: &mut Output) {
        let kind = meaning::block(created.class).unwrap_or("block");
        let name = format!("{kind}{}", created.relation & 0xffff);
        let mut moving = Moving::new(TransferKind::Download, "block", name, out.now());
        let mut r = head.body;
        let mut walk = || -> Read<()> {
            r.skip(4, "parent object")?;
            value(&mut r, 0, &mut |_| {})?;
            r.skip(4, "unknown")?;
            objects(&mut r, &mut |found| {
                if let Found::Attribute { value: Value::Bytes(bytes), .. } = found {
                    moving.piece(bytes);
                }
            })
        };
        moving.broken = walk().is_err();
        if self.loading.len() >= MAX_LOADING {
            out.limit("s7comm_plus_loading");
            self.loaded(0, false, out);
        }
        self.loading.push(Loading { sequence: head.sequence, dir, moving });
    }

    /// A load is over.
    fn loaded(&mut self, at: usize, accepted: bool, out: &mut Output) {
        if at >= self.loading.len() {
            return;
        }
        let mut done = self.loading.remove(at);
        done.moving.broken |= !accepted;
        out.transfer(done.moving, done.dir, Path::HOST);
    }
}

fn described<'o>(draft: Draft<'o>, part: &Part<'_>) -> Draft<'o> {
    let draft = draft.extra("version", Val::Uint(part.version.into()));
    if part.protected { draft.extra("protected", Val::Bool(true)) } else { draft }
}
