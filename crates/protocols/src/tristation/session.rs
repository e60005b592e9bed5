//! Pairing and roles: the only state.

use super::wire::{self, CONNECT, CONNECTED, Command, DISCONNECT, DISCONNECTED, Message, PING};
use super::{identity, meaning, moving, names};
use crate::{About, Dir, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Role, Time, TransferKind};

/// A controller answers within a scan or two; after this long nothing comes.
const REPLY_TIMEOUT_NS: i64 = 10 * Time::SECOND;
/// Bytes of an unknown layout that are kept.
const SHOWN: usize = 64;
/// Where the name of the project stands in a request to begin a download of the older kind.
const TS2_PROJECT: usize = 10;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(TriStation { pending: Pending::new(REPLY_TIMEOUT_NS), moves: moving::Moves::default(), told: false })
}

/// Which answer belongs to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// Message type, direction of the request.
    Message(u8, Dir),
    /// Sequence number, command, direction of the request.
    Command(u8, u8, Dir),
}

struct TriStation {
    pending: Pending<Key>,
    moves: moving::Moves,
    /// The controller's role was told.
    told: bool,
}

impl Session for TriStation {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let all = Step::Took(input.bytes.len().max(1));
        let message = match wire::message(input.bytes) {
            Ok(message) => message,
            Err(error) => {
                out.malformed(error, input.dir);
                return all;
            }
        };
        if !message.sealed {
            out.anomaly("checksum", "crc", input.bytes.len() as u64, input.dir);
            return all;
        }
        match &message.command {
            None => self.bare(&message, input, out),
            Some(command) => {
                if !command.summed {
                    out.anomaly("checksum", "sum", command.code.into(), input.dir);
                }
                if command.reply {
                    self.answer(command, input, out);
                } else {
                    self.ask(&message, command, input, out);
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
        self.moves.finish(out);
    }
}

impl TriStation {
    fn bare(&mut self, message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
        let back = input.dir.flip();
        let asked = match message.kind {
            PING if self.pending.holds(Key::Message(PING, back)) => PING,
            CONNECT | DISCONNECT | PING => {
                let mut draft = out.draft(meaning::OPERATIONS, meaning::MESSAGE + u32::from(message.kind), input.dir);
                if message.kind != PING {
                    // both sides ping with the same message: only an answer tells who asked
                    draft = draft.actor(input.dir);
                }
                return self.pending.hold(Key::Message(message.kind, input.dir), draft);
            }
            DISCONNECTED => DISCONNECT,
            _ => CONNECT,
        };
        let outcome = match message.kind {
            PING | CONNECTED | DISCONNECTED => Outcome::Ok,
            kind => Outcome::Refused(kind.into()),
        };
        let asked_code = meaning::MESSAGE + u32::from(asked);
        match self.pending.settle(Key::Message(asked, back), out) {
            Some(draft) => draft.actor(back).outcome(outcome).commit(),
            None => {
                let outcome = if outcome == Outcome::Ok { Outcome::ReplyOnly } else { outcome };
                out.draft(meaning::OPERATIONS, asked_code, input.dir).actor(back).outcome(outcome).commit();
            }
        }
        self.tell_controller(out);
    }

    fn ask(&mut self, message: &Message<'_>, command: &Command<'_>, input: &Input<'_>, out: &mut Output) {
        if !meaning::is_named(command.code) {
            out.anomaly("unknown_function", "command", command.code.into(), input.dir);
        }
        let mut draft = out.draft(meaning::OPERATIONS, command.code.into(), input.dir).actor(input.dir);
        if message.channel != 0 {
            draft = draft.extra("channel", Val::Uint(message.channel.into()));
        }
        let mut piece = None;
        match command.code {
            meaning::ALLOCATE_PROGRAM | meaning::ALLOCATE_FUNCTION => match moving::piece(command.data) {
                Ok(p) => {
                    draft.push_item(moving::goal(command.code, p.id), Val::None);
                    piece = Some(p);
                }
                Err(error) => draft.out().malformed(error, input.dir),
            },
            meaning::UPLOAD_PROGRAM | meaning::UPLOAD_FUNCTION => {
                if let Some(id) = moving::wanted(command.data) {
                    draft.push_item(moving::goal(command.code, id), Val::None);
                }
            }
            meaning::START_DOWNLOAD_ALL | meaning::START_DOWNLOAD_CHANGE => identity::project(command.data, 0, &mut draft),
            meaning::START_TS2_DOWNLOAD => identity::project(command.data, TS2_PROJECT, &mut draft),
            _ if command.data.is_empty() => {}
            code => {
                if let Some(question) = meaning::bare_question(code) {
                    draft.out().anomaly("unexpected_data", question, command.data.len() as u64, input.dir);
                }
                let shown = draft.bytes(command.data.get(..SHOWN).unwrap_or(command.data));
                draft = draft.extra("data", Val::Bytes(shown));
                draft = draft.extra("data_length", Val::Uint(command.data.len() as u64));
            }
        }
        self.pending.hold(Key::Command(command.sequence, command.code, input.dir), draft);
        if let Some(piece) = piece {
            if !piece.fits() {
                out.anomaly("invalid_length", "words", piece.words.into(), input.dir);
            }
            let now = out.now();
            self.moves.take(TransferKind::Download, command.code, &piece, now, input.dir, out);
        }
        if matches!(command.code, meaning::END_DOWNLOAD_ALL | meaning::END_DOWNLOAD_CHANGE | meaning::CANCEL_DOWNLOAD_CHANGE) {
            self.moves.finish(out);
        }
    }

    fn answer(&mut self, command: &Command<'_>, input: &Input<'_>, out: &mut Output) {
        let back = input.dir.flip();
        // the sequence number names the request; where the command that an answer belongs to is known, both must fit
        let fits = |code: u8| names::asked_by(command.code).is_none_or(|asked| asked == code);
        let mut asked = None;
        for operation in meaning::OPERATIONS {
            let Ok(code) = u8::try_from(operation.code) else { break };
            if fits(code) && self.pending.holds(Key::Command(command.sequence, code, back)) {
                asked = Some(code);
                break;
            }
        }
        let code = asked.or(names::asked_by(command.code));
        let reason = meaning::reason(command.code, command.data);
        let settled = asked.and_then(|code| self.pending.settle(Key::Command(command.sequence, code, back), out));
        let (mut draft, ok) = match settled {
            Some(draft) => (draft, Outcome::Ok),
            None => {
                let wire = u32::from(code.unwrap_or(command.code));
                (out.draft(meaning::OPERATIONS, wire, input.dir).actor(back), Outcome::ReplyOnly)
            }
        };
        let uploads = matches!(code, Some(meaning::UPLOAD_PROGRAM | meaning::UPLOAD_FUNCTION)) && reason.is_none();
        let piece = if uploads { moving::piece(command.data).ok() } else { None };
        if let (Some(piece), true) = (&piece, draft.items_mut().is_empty()) {
            draft.push_item(moving::goal(code.unwrap_or(command.code), piece.id), Val::None);
        }
        identity::describe(command.code, command.data, &mut draft);
        draft = draft.extra("reply", Val::Uint(command.code.into()));
        if let Some(name) = names::reply_name(command.code) {
            draft.push_extra("answer", Val::Name(name));
        }
        if let Some(reason) = reason {
            if let Some(name) = names::reason_name(reason) {
                draft = draft.extra("reject", Val::Name(name));
            }
            draft.outcome(Outcome::Refused(reason)).commit();
        } else {
            draft.outcome(ok).commit();
        }
        self.tell_controller(out);
        identity::say(command.code, command.data, out);
        if let (Some(piece), Some(code)) = (piece, code) {
            let now = out.now();
            self.moves.take(TransferKind::Upload, code, &piece, now, back, out);
        }
    }

    /// Whoever answers is a Triconex safety controller.
    fn tell_controller(&mut self, out: &mut Output) {
        if !self.told {
            self.told = true;
            out.about(About::Sender).implied().vendor(b"Triconex").role(Role::Safety);
        }
    }
}
