//! Pairing, roles, answers in several units, transfers: the only state.

use super::blocks::{self, Moves};
use super::meaning::{self, OPERATIONS};
use super::wire::{Pdu, Rosctr, Userdata, Way, pdu, userdata};
use super::{identity, jobs, userdata as services};
use crate::{About, Dir, Input, Kind, Output, Pending, Session, Step};
use model::{Class, Outcome, Role, Time, TransferKind};
use wire::Malformed;

/// Most answers come in milliseconds. Compressing memory or copying it to the card takes tens of seconds.
const REPLY_TIMEOUT_NS: i64 = 30 * Time::SECOND;

/// Largest answer put together from data units. The diagnostic buffer of the largest CPU (3,200 entries of 20 bytes)
/// fits; more is a flood.
const MAX_ANSWER: usize = 96 * 1024;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(S7 {
        pending: [Pending::new(REPLY_TIMEOUT_NS), Pending::new(REPLY_TIMEOUT_NS)],
        client: None,
        moves: Moves::default(),
        answer: None,
        said: [false; 4],
    })
}

struct S7 {
    /// Per direction of the job or request, by PDU reference. Apart, because bytes missing in one direction concern
    /// only what was asked in the other.
    pending: [Pending<u16>; 2],
    /// Direction in which the client sends, once a message has told.
    client: Option<Dir>,
    moves: Moves,
    /// An answer that comes in several data units.
    answer: Option<Answer>,
    /// Roles said in this conversation: see [`S7::say`].
    said: [bool; 4],
}

struct Answer {
    /// Who asked, and with which reference, first.
    key: (u16, Dir),
    group: u8,
    subfunction: u8,
    sequence: u8,
    bytes: Vec<u8>,
}

/// Which role a message proves.
#[derive(Clone, Copy)]
enum Proof {
    Controller,
    Master,
    Engineering,
    Hmi,
}

impl Session for S7 {
    fn touch(&self) -> u64 {
        let [to_b, to_a] = &self.pending;
        to_b.touch() ^ to_a.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = input.bytes.len().max(1);
        let pdu = match pdu(input.bytes) {
            Ok(pdu) => pdu,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return if input.bytes.first() == Some(&0x32) || !input.trial {
                    Step::Took(whole)
                } else {
                    Step::NotMine
                };
            }
        };
        if pdu.trailing != 0 {
            out.anomaly("invalid_length", "bytes behind the data", pdu.trailing as u64, input.dir);
        }
        match pdu.rosctr {
            Rosctr::Job => self.job(&pdu, input, out),
            Rosctr::Ack | Rosctr::AckData => self.acknowledgement(&pdu, input, out),
            Rosctr::Userdata => match userdata(&pdu) {
                Ok(ud) => match ud.way {
                    Way::Request => self.request(&ud, pdu.reference, input, out),
                    Way::Response => self.response(&ud, pdu.reference, input, out),
                    Way::Push => self.push(&ud, input, out),
                },
                Err(error) => out.malformed(error, input.dir),
            },
        }
        Step::Took(whole)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.asked(dir.flip()).lose(out);
        self.moves.lose(dir);
        self.answer.take_if(|a| a.key.1 != dir);
    }

    fn deadline(&self) -> Option<Time> {
        self.pending.iter().filter_map(|p| p.deadline()).min()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.pending.iter_mut().for_each(|p| p.expire(now, out));
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.iter_mut().for_each(|p| p.lose(out));
        self.moves.finish(out);
    }
}

/// During a download the controller asks for the pieces; all other jobs come from the client.
fn from_controller(function: u32) -> bool {
    matches!(function, meaning::DOWNLOAD_BLOCK | meaning::DOWNLOAD_ENDED)
}

fn malformed(error: Malformed, at: usize) -> Malformed {
    Malformed { at: error.at.saturating_add(at as u32), ..error }
}

impl S7 {
    /// What was asked in a direction.
    fn asked(&mut self, dir: Dir) -> &mut Pending<u16> {
        let [to_b, to_a] = &mut self.pending;
        match dir {
            Dir::AtoB => to_b,
            Dir::BtoA => to_a,
        }
    }

    fn say(&mut self, proof: Proof, about: About, out: &mut Output) {
        let Some(said) = self.said.get_mut(proof as usize) else { return };
        if core::mem::replace(said, true) {
            return;
        }
        let role = match proof {
            Proof::Controller => Role::Controller,
            Proof::Master => Role::Master,
            Proof::Engineering => Role::Engineering,
            Proof::Hmi => Role::Hmi,
        };
        out.about(about).implied().role(role);
    }

    fn job(&mut self, pdu: &Pdu<'_>, input: &Input<'_>, out: &mut Output) {
        let Some(function) = pdu.parameter.first().map(|f| u32::from(*f)) else {
            out.malformed(Malformed::truncated("function", pdu.parameter_at), input.dir);
            return;
        };
        let actor = if from_controller(function) { input.dir.flip() } else { input.dir };
        self.client = Some(actor);
        self.follow(function, pdu, actor, out);
        let mut draft = out.draft(OPERATIONS, function, input.dir).actor(actor);
        let done = match function {
            meaning::PLC_CONTROL => jobs::service(pdu).and_then(|(name, argument)| {
                let code = meaning::service(name, argument);
                draft.row.operation = crate::lookup(OPERATIONS, code).0;
                draft.row.class = crate::lookup(OPERATIONS, code).1;
                if code == meaning::PI_OTHER && name.starts_with(b"_N_") {
                    draft.row.class = Class::Configure;
                }
                jobs::service_targets(code, name, argument, &mut draft)
            }),
            meaning::UPLOAD | meaning::END_UPLOAD => {
                if let Ok(id) = jobs::upload_id(pdu) {
                    let name = self.moves.upload_name(id);
                    if !name.is_empty() {
                        let name = draft.text(name.as_bytes());
                        draft.push_item(crate::Goal::named("block", name), crate::Val::None);
                    }
                }
                jobs::job(function, pdu, &input.carried, &mut draft)
            }
            _ => jobs::job(function, pdu, &input.carried, &mut draft),
        };
        if let Err(error) = done {
            draft.out().malformed(malformed(error, pdu.parameter_at), input.dir);
        }
        self.asked(input.dir).hold(pdu.reference, draft);
        if function == meaning::END_UPLOAD
            && let Ok(id) = jobs::upload_id(pdu)
        {
            self.moves.end_upload(id, out);
        }
    }

    /// Keeps the transfers up to date with a job.
    fn follow(&mut self, function: u32, pdu: &Pdu<'_>, actor: Dir, out: &mut Output) {
        let title = || jobs::file_of(pdu).map(blocks::title).unwrap_or_default();
        match function {
            meaning::REQUEST_DOWNLOAD => {
                self.moves.begin(TransferKind::Download, title(), pdu.reference, actor, out);
                self.moves.announce(pdu.reference, jobs::announced(pdu), None);
            }
            meaning::DOWNLOAD_BLOCK => self.moves.ask_piece(title(), pdu.reference, actor, out),
            meaning::DOWNLOAD_ENDED => {
                self.moves.end_download(&title(), jobs::error_of_end(pdu) != 0, out);
            }
            meaning::START_UPLOAD => self.moves.begin(TransferKind::Upload, title(), pdu.reference, actor, out),
            meaning::UPLOAD => {
                if let Ok(id) = jobs::upload_id(pdu) {
                    self.moves.ask_upload(id, pdu.reference, actor, out);
                }
            }
            _ => {}
        }
    }

    fn acknowledgement(&mut self, pdu: &Pdu<'_>, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let told = pdu.parameter.first().map(|f| u32::from(*f));
        let asked = self.asked(asker).request(pdu.reference).map(|row| row.code);
        // a reference that was used again for another function: the request is not the one answered
        let asked = asked.filter(|asked| told.is_none_or(|told| told == *asked));
        let Some(function) = asked.or(told) else {
            // an acknowledgement without parameter names no function
            let draft = out.draft(OPERATIONS, 0xff, input.dir).actor(input.dir.flip());
            let outcome = if pdu.error == 0 { Outcome::ReplyOnly } else { Outcome::Refused(pdu.error.into()) };
            draft.outcome(outcome).commit();
            return;
        };
        let actor = if from_controller(function) { input.dir } else { input.dir.flip() };
        self.client = Some(actor);
        let mut known = true;
        let mut draft = match asked.and_then(|_| self.asked(asker).settle(pdu.reference, out)) {
            Some(draft) => draft,
            None => {
                known = false;
                out.draft(OPERATIONS, function, input.dir)
            }
        }
        .actor(actor);
        let outcome = match jobs::acknowledgement(function, pdu, &mut draft) {
            Ok(outcome) => outcome,
            Err(error) => {
                draft.out().malformed(malformed(error, pdu.parameter_at), input.dir);
                Outcome::Ok
            }
        };
        let outcome = if outcome == Outcome::Ok && !known { Outcome::ReplyOnly } else { outcome };
        let service = draft.row().operation;
        draft.outcome(outcome).commit();
        self.learn(function, pdu, outcome, service, input, out);
    }

    /// What an acknowledgement proves, and what it brings for a transfer.
    fn learn(
        &mut self,
        function: u32,
        pdu: &Pdu<'_>,
        outcome: Outcome,
        operation: u16,
        input: &Input<'_>,
        out: &mut Output,
    ) {
        if matches!(outcome, Outcome::Refused(_)) {
            self.moves.refuse(pdu.reference);
            return;
        }
        match function {
            meaning::SETUP => {
                let port = input.src.port;
                if port != 0 {
                    let service = Kind::Service { transport: "tcp", port, protocol: "s7comm" };
                    out.about(About::Sender).verified().is(service);
                }
            }
            meaning::READ_VAR | meaning::WRITE_VAR => {
                self.say(Proof::Controller, About::Sender, out);
                self.say(Proof::Master, About::Receiver, out);
            }
            meaning::DOWNLOAD_BLOCK | meaning::UPLOAD => {
                self.moves.piece(pdu.reference, pdu.data);
                let (controller, station) = match function {
                    meaning::UPLOAD => (About::Sender, About::Receiver),
                    _ => (About::Receiver, About::Sender),
                };
                self.say(Proof::Controller, controller, out);
                self.say(Proof::Engineering, station, out);
            }
            meaning::START_UPLOAD => {
                if let Ok((id, size)) = jobs::upload_begins(pdu) {
                    self.moves.announce(pdu.reference, size, Some(id));
                }
            }
            meaning::PLC_STOP => {
                self.say(Proof::Engineering, About::Receiver, out);
                out.about(About::Sender).implied().mode(b"stop");
            }
            meaning::PLC_CONTROL => {
                self.say(Proof::Engineering, About::Receiver, out);
                let is = |code| crate::lookup(OPERATIONS, code).0 == operation;
                if is(meaning::PI_START) || is(meaning::PI_COLD_START) {
                    out.about(About::Sender).implied().mode(b"run");
                }
            }
            _ => {}
        }
    }

    fn request(&mut self, ud: &Userdata<'_>, reference: u16, input: &Input<'_>, out: &mut Output) {
        self.client = Some(input.dir);
        // the next data unit of an answer is asked for: no operation of its own
        if self.answer.as_ref().is_some_and(|a| a.key.1 == input.dir && a.is(ud)) && ud.payload.is_empty() {
            return;
        }
        let code = meaning::userdata(ud.group, ud.subfunction);
        let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
        match code {
            meaning::READ_SZL => {
                if let Some(id) = ud.payload.first_chunk::<2>() {
                    draft = draft.class(meaning::szl_class(u16::from_be_bytes(*id)));
                }
            }
            0x710d..=0x710f | 0x7112 => {
                if let Some(function) = services::job_function(ud) {
                    draft = draft.class(meaning::job_class(function));
                }
            }
            _ => {}
        }
        if let Err(error) = services::request(code, ud, &mut draft) {
            draft.out().malformed(malformed(error, ud.payload_at), input.dir);
        }
        self.asked(input.dir).hold(reference, draft);
        // 0x80 subscribes to the process's alarms; engineering tools ask for diagnostics alone
        if code == 0x7402 && ud.payload.first().is_some_and(|events| events & 0x80 != 0) {
            self.say(Proof::Hmi, About::Sender, out);
        }
    }

    fn response(&mut self, ud: &Userdata<'_>, reference: u16, input: &Input<'_>, out: &mut Output) {
        self.client = Some(input.dir.flip());
        let mut key = (reference, input.dir.flip());
        let mut answer = self.answer.take_if(|a| a.key.1 == key.1 && a.is(ud));
        if ud.more && ud.error == 0 {
            let answer = answer.get_or_insert_with(|| Answer {
                key,
                group: ud.group,
                subfunction: ud.subfunction,
                sequence: ud.sequence,
                bytes: Vec::new(),
            });
            if answer.bytes.len().saturating_add(ud.payload.len()) > MAX_ANSWER {
                out.limit("s7comm_answer");
            } else {
                answer.bytes.extend_from_slice(ud.payload);
            }
            self.answer = Some(Answer { bytes: core::mem::take(&mut answer.bytes), ..*answer });
            return;
        }
        let mut payload = ud.payload;
        // a later unit of an answer whose beginning was not seen means nothing alone
        let mut torn = ud.unit != 0 && answer.is_none() && !self.asked(key.1).holds(key.0);
        if let Some(answer) = &mut answer {
            key = answer.key;
            if answer.bytes.len().saturating_add(ud.payload.len()) > MAX_ANSWER {
                out.limit("s7comm_answer");
                torn = true;
            } else {
                answer.bytes.extend_from_slice(ud.payload);
                payload = &answer.bytes;
            }
        }
        let code = meaning::userdata(ud.group, ud.subfunction);
        let held = self.asked(key.1).request(key.0).is_some_and(|row| row.code == code);
        let mut draft = match held.then(|| self.asked(key.1).settle(key.0, out)).flatten() {
            Some(draft) => draft.actor(input.dir.flip()),
            None => {
                let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir.flip());
                if let (meaning::READ_SZL, Some(id)) = (code, payload.first_chunk::<2>()) {
                    draft = draft.class(meaning::szl_class(u16::from_be_bytes(*id)));
                }
                draft.outcome(Outcome::ReplyOnly)
            }
        };
        if ud.error != 0 {
            draft.outcome(Outcome::Refused(ud.error.into())).commit();
            return;
        }
        // without an error code the return code of the data is all there is; 0x0a stands for "no data"
        let refused = !matches!(ud.return_code, 0xff | 0x0a | 0x00) && payload.is_empty();
        if refused {
            draft.outcome(Outcome::Refused(ud.return_code.into())).commit();
            return;
        }
        if !torn && let Err(error) = services::response(code, false, payload, &mut draft) {
            draft.out().malformed(malformed(error, ud.payload_at), input.dir);
        }
        draft.commit();
        self.say(Proof::Controller, About::Sender, out);
        if code == meaning::READ_SZL && !torn {
            identity::szl(payload, out);
        }
        if matches!(ud.group, 1) {
            self.say(Proof::Engineering, About::Receiver, out);
        }
        if code == meaning::PASSWORD {
            out.about(About::Sender).implied().protection(b"s7_password");
        }
    }

    /// A controller speaks without being asked. It stays the subject: what it says is about itself. Block-wise
    /// partner communication is the exception: there the sender acts on its partner.
    fn push(&mut self, ud: &Userdata<'_>, input: &Input<'_>, out: &mut Output) {
        let code = meaning::userdata(ud.group, ud.subfunction);
        let actor = if code == meaning::PBC { input.dir } else { input.dir.flip() };
        let mut draft = out.draft(OPERATIONS, code, input.dir).actor(actor);
        draft.push_extra("push", crate::Val::Bool(true));
        if matches!(ud.group, 1 | 2) {
            draft.push_extra("job", crate::Val::Uint(ud.sequence.into()));
            // a result that is told is no new action
            draft = draft.class(if ud.group == 2 || ud.subfunction == 2 { Class::Read } else { Class::Diagnose });
        }
        if let Err(error) = services::response(code, true, ud.payload, &mut draft) {
            draft.out().malformed(malformed(error, ud.payload_at), input.dir);
        }
        draft.commit();
        if ud.group == 0 {
            identity::mode_transition(ud.subfunction, out);
        }
        if code != meaning::PBC {
            self.client = Some(input.dir.flip());
            self.say(Proof::Controller, About::Sender, out);
        }
    }
}

impl Answer {
    fn is(&self, ud: &Userdata<'_>) -> bool {
        (self.group, self.subfunction, self.sequence) == (ud.group, ud.subfunction, ud.sequence)
    }
}
