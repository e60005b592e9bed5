//! Pairing by the carrier's transaction number: the only state. The engine keeps one session per unit.

use super::wire::{DONE, Message, message, unwrap};
use super::{identity, meaning, moving};
use crate::common::modbus;
use crate::{About, Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{NameKind, Outcome, Path, Role, Time};

/// As for the carrier.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;
/// Bytes kept behind an error code.
const ERROR_DETAIL: usize = 8;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Umas { pending: Pending::new(REPLY_TIMEOUT_NS), moves: moving::Moves::default(), path: Path::HOST })
}

struct Umas {
    /// Key: transaction number, direction of the request.
    pending: Pending<(u64, Dir)>,
    moves: moving::Moves,
    path: Path,
}

impl Session for Umas {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let all = Step::Took(input.bytes.len().max(1));
        let [transaction, unit, exception, _] = input.carried.facts;
        self.path = modbus::identity::path(unit as u8);
        if exception != 0 {
            self.refused_below(transaction, exception as u32, input, out);
            return all;
        }
        match message(input.bytes) {
            Ok(message) if message.is_answer() => self.answer(&message, transaction, input, out),
            Ok(message) => self.ask(&message, transaction, input, out),
            Err(error) => out.malformed(error, input.dir),
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
        self.moves.finish(self.path, out);
    }
}

/// The function of a request that waits.
fn function(draft: &Draft<'_>) -> u8 {
    draft.row().code as u8
}

impl Umas {
    fn ask(&mut self, message: &Message<'_>, transaction: u64, input: &Input<'_>, out: &mut Output) {
        if !meaning::is_named(message.code) {
            out.anomaly_at("unknown_function", "function", message.code.into(), input.dir, self.path);
        }
        let draft = out.draft(meaning::OPERATIONS, message.code.into(), input.dir);
        let mut draft = draft.actor(input.dir).path(self.path);
        if message.session != 0 {
            draft.push_extra("session", Val::Uint(message.session.into()));
        }
        if message.signed {
            draft.push_extra("signed", Val::Bool(true));
        }
        if let Err(error) = meaning::request(message.code, message.data, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        self.pending.hold((transaction, input.dir), draft);
        if message.code == meaning::DOWNLOAD_BLOCK {
            let kind = model::TransferKind::Download;
            match moving::downloaded(message.data) {
                Ok((number, bytes)) => self.moves.block(kind, number, bytes, out.now(), input.dir),
                Err(error) => {
                    self.moves.spoil(kind);
                    out.malformed(error, input.dir);
                }
            }
        }
        if message.code == meaning::TAKE_RESERVATION {
            reserved_by(message.data, out);
        }
    }

    fn answer(&mut self, message: &Message<'_>, transaction: u64, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let Some(mut draft) = self.pending.settle((transaction, asker), out) else {
            let draft = out.draft(meaning::OPERATIONS, message.code.into(), input.dir).actor(asker).path(self.path);
            let refusal = message.data.first().copied().unwrap_or_default();
            let done = message.code == DONE;
            draft.outcome(if done { Outcome::ReplyOnly } else { Outcome::Refused(refusal.into()) }).commit();
            return;
        };
        // the answer to a signed request is in an envelope of its own; a refusal may be bare
        let signed = message.code == DONE && draft.extra_of("signed").is_some();
        let inner = if signed { unwrap(message.data) } else { None };
        let message = inner.as_ref().unwrap_or(message);
        let code = function(&draft);
        let kind = moving::kind(code);
        if message.code != DONE {
            let refusal = message.data.first().copied().unwrap_or_default();
            let rest = message.data.get(1..).unwrap_or_default();
            if !rest.is_empty() {
                let rest = draft.bytes(rest.get(..ERROR_DETAIL).unwrap_or(rest));
                draft.push_extra("error_detail", Val::Bytes(rest));
            }
            draft.outcome(Outcome::Refused(refusal.into())).commit();
            if let Some(kind) = kind {
                self.moves.spoil(kind);
            }
            return;
        }
        if let Err(error) = meaning::response(code, message.data, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        if code == meaning::READ_PROJECT_INFO && draft.extra_of("sub_code") == Some(Val::Uint(0)) {
            // shorter answers of other models are no fault
            let _ = identity::project(message.data, &mut draft, self.path);
        }
        let block = draft.items_mut().first().map(|e| e.goal.first as u16);
        let blocks = match draft.extra_of("blocks") {
            Some(Val::Uint(blocks)) => Some(blocks),
            _ => None,
        };
        draft.commit();
        self.known(code, message.data, out);
        let Some(kind) = kind else { return };
        match code {
            meaning::INITIALIZE_DOWNLOAD | meaning::INITIALIZE_UPLOAD => {
                self.moves.begin(kind, out.now(), asker, self.path, out);
            }
            meaning::UPLOAD_BLOCK => match (block, moving::uploaded(message.data)) {
                (Some(number), Ok(bytes)) => self.moves.block(kind, number, bytes, out.now(), asker),
                _ => self.moves.spoil(kind),
            },
            meaning::END_DOWNLOAD | meaning::END_UPLOAD => self.moves.counted_end(kind, blocks, self.path, out),
            _ => {}
        }
    }

    /// What a positive answer proves.
    fn known(&mut self, code: u8, data: &[u8], out: &mut Output) {
        let about = out.about(About::Sender).path(self.path).implied();
        let about = about.vendor(b"Schneider Electric").role(Role::Controller);
        match code {
            meaning::START_PLC => {
about.mode(b"run");
}
            meaning::STOP_PLC => {
about.mode(b"stop");
}
            meaning::READ_ID => {
                let _ = identity::controller(data, self.path, out);
            }
            _ => {}
        }
    }

    /// Modbus itself refused the message.
    fn refused_below(&mut self, transaction: u64, exception: u32, input: &Input<'_>, out: &mut Output) {
        if let Some(draft) = self.pending.settle((transaction, input.dir.flip()), out) {
            let kind = moving::kind(function(&draft));
            draft.outcome(Outcome::Refused(exception)).commit();
            if let Some(kind) = kind {
                self.moves.spoil(kind);
            }
        }
    }
}

/// A station that reserves a controller names itself.
fn reserved_by(data: &[u8], out: &mut Output) {
    let Some((length, name)) = data.get(4..).and_then(|d| d.split_first()) else { return };
    let Some(name) = name.get(..usize::from(*length)) else { return };
    out.about(About::Sender).name(NameKind::Host, name).implied().role(Role::Engineering);
}
