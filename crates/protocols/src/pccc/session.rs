//! Pairing by transaction number: the only state.

use super::wire::{EXTENDED, Message, has_function, message};
use super::{identity, meaning};
use crate::{Dir, Goal, Input, Moving, Output, Pending, Session, Step, Val};
use model::{Hop, Outcome, Path, Time, TransferKind};
use wire::Reader;

/// Links behind the network modules (DH+, DH-485) answer within a few seconds.
const REPLY_TIMEOUT_NS: i64 = 15 * Time::SECOND;
/// Most program transfers under way in one conversation; a tool moves one at a time.
const MAX_MOVING: usize = 2;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Pccc { pending: Pending::new(REPLY_TIMEOUT_NS), moving: Vec::new() })
}

struct Pccc {
    /// Key: transaction number, command, direction of the request, first hop.
    pending: Pending<(u16, u8, Dir, u64)>,
    moving: Vec<(Dir, Path, Moving)>,
}

impl Session for Pccc {
    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let took = Step::Took(input.bytes.len().max(1));
        let message = match message(input.bytes) {
            Ok(message) => message,
            Err(_) if input.trial => return Step::Resync(0),
            Err(error) => {
                out.malformed(error, input.dir);
                return took;
            }
        };
        if message.reply {
            self.answer(&message, input, out);
        } else {
            self.ask(&message, input, out);
        }
        took
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.pending.lose(out);
        for (_, _, moving) in &mut self.moving {
            moving.broken = true;
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
        for (actor, path, mut moving) in self.moving.drain(..) {
            moving.broken = true;
            if moving.size > 0 {
                out.transfer(moving, actor, path);
            }
        }
    }
}

/// The way to the device, as the carrier says it.
fn path(facts: [u64; 4]) -> Path {
    facts.iter().fold(Path::HOST, |path, fact| match fact >> 56 {
        1 => path.then(Hop::Slot { rack: 0, slot: *fact as u16 }),
        2 => path.then(Hop::Link { port: (fact >> 40) as u16, link: fact & 0xff_ffff_ffff }),
        _ => path,
    })
}

fn first_hop(input: &Input<'_>) -> u64 {
    let [hop, ..] = input.carried.facts;
    hop
}

impl Pccc {
    fn ask(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let mut r = Reader::new(message.data);
        let function = if has_function(message.command) {
            match r.u8("function") {
                Ok(function) => Some(function),
                Err(error) => return out.malformed(error, input.dir),
            }
        } else {
            None
        };
        let code = meaning::code(message.command, function);
        let path = path(input.carried.facts);
        let mut draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(input.dir).path(path);
        if let Err(error) = meaning::command(code, r.peek(), &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        // files that are no data files hold program or system memory
        let program = match draft.items_mut().first() {
            Some(item) if item.goal.space == "file" && matches!(code, 0x0fa1..=0x0faf) => {
                // a masked write sets single bits: online tools do, no download does
                meaning::is_program(meaning::kind_of(&item.goal), code >= 0x0fa9 && code != 0x0fab)
            }
            _ => false,
        };
        if program {
            draft = draft.class(model::Class::Program);
        }
        self.pending.hold((message.transaction, message.command, input.dir, first_hop(input)), draft);
        if code == 0x0f50 || code == 0x0f53 {
            self.begin(code, path, input, out);
        }
        if let (0x0f18 | 0x0faf | 0x0f08, Some((_, _, moving))) = (code, self.moving_at(input.dir, path)) {
            let skip = if code == 0x0faf { 6 } else { 4 };
            moving.piece(r.peek().get(skip..).unwrap_or_default());
        }
    }

    fn begin(&mut self, code: u32, path: Path, input: &Input<'_>, out: &mut Output) {
        self.end(input.dir, path, true, out);
        if self.moving.len() >= MAX_MOVING {
            out.limit("pccc_transfers");
            if let Some((actor, path)) = self.moving.first().map(|(a, p, _)| (*a, *p)) {
                self.end(actor, path, true, out);
            }
        }
        let kind = if code == 0x0f50 { TransferKind::Download } else { TransferKind::Upload };
        self.moving.push((input.dir, path, Moving::new(kind, "program", "all".to_string(), out.now())));
    }

    fn moving_at(&mut self, actor: Dir, path: Path) -> Option<&mut (Dir, Path, Moving)> {
        self.moving.iter_mut().find(|(a, p, _)| (*a, *p) == (actor, path))
    }

    fn end(&mut self, actor: Dir, path: Path, broken: bool, out: &mut Output) {
        if let Some(at) = self.moving.iter().position(|(a, p, _)| (*a, *p) == (actor, path)) {
            let (actor, path, mut moving) = self.moving.remove(at);
            moving.broken |= broken;
            if moving.size > 0 {
                out.transfer(moving, actor, path);
            }
        }
    }

    fn answer(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let path = path(input.carried.facts);
        let mut data = Reader::new(message.data);
        let status = match message.status {
            0 => None,
            EXTENDED => Some(0xf000 | u32::from(data.u8("extended status").unwrap_or(0))),
            status => Some(status.into()),
        };
        let key = (message.transaction, message.command, asker, first_hop(input));
        let Some(mut draft) = self.pending.settle(key, out) else {
            let function = has_function(message.command);
            // which function was asked is not in the reply; the layout of a diagnostic status tells itself
            let diagnostic = message.command == 0x06 && message.data.get(1) == Some(&0xee);
            let code = match (function, diagnostic) {
                (_, true) => 0x0603,
                (true, false) => u32::from(message.command) << 8 | 0xff,
                _ => u32::from(message.command) << 8,
            };
            let draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(asker).path(path);
            draft.outcome(status.map_or(Outcome::ReplyOnly, Outcome::Refused)).commit();
            if diagnostic && status.is_none() {
                identity::diagnostic_status(message.data, path, out);
                identity::mode(message.data, path, out);
            }
            return;
        };
        let code = draft.row().code;
        if let Some(status) = status {
            draft.outcome(Outcome::Refused(status)).commit();
            return;
        }
        let goal = draft.items_mut().first().map(|e| e.goal);
        let rest = data.peek();
        match (code, goal) {
            (0x0fa1 | 0x0fa2, Some(goal)) => meaning::values(goal, meaning::kind_of(&goal), rest, &mut draft),
            (0x0100, Some(goal)) => meaning::values(goal, 0x89, rest, &mut draft),
            (0x0f01 | 0x0f04 | 0x0f68 | 0x0fa7 | 0x0f17 | 0x0f09, Some(goal)) => {
                meaning::values(goal, 0, rest, &mut draft);
            }
            (0x0f81, _) => {
                if let Ok(tag) = data.le16("tag") {
                    draft.push_extra("tag", Val::Uint(tag.into()));
                }
            }
            (0x0603, _) => {
                let bytes = draft.bytes(rest);
                draft.push_item(Goal::space("status"), Val::Bytes(bytes));
            }
            _ => {}
        }
        draft.commit();
        match code {
            0x0603 => {
                identity::diagnostic_status(rest, path, out);
                identity::mode(rest, path, out);
            }
            0x0f17 | 0x0fa7 | 0x0f09 => {
                if let Some((_, _, moving)) = self.moving_at(asker, path)
                    && moving.kind == TransferKind::Upload
                {
                    moving.piece(rest);
                }
            }
            0x0f52 | 0x0f55 => self.end(asker, path, false, out),
            _ => {}
        }
    }
}
