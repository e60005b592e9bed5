//! Framing, pairing, roles: the only state.

use super::files::Files;
use super::meaning::{self, Way};
use super::wire::{Apdu, Asdu, Control, STANDARD, Sizes, VARIANTS, apdu, asdu, is_proper};
use super::{path, values};
use crate::{About, Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{Class, Outcome, Role, Time};

/// A station that has not answered after this long is not going to: t1 is 15 s by default (-104, table 1), and
/// commands that a station hands on may take as long again.
const REPLY_TIMEOUT_NS: i64 = 30 * Time::SECOND;
/// The common address of all stations.
const BROADCAST: u16 = 0xffff;
/// Send sequence numbers have 15 bits.
const SEQUENCE: u16 = 0x7fff;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Iec104 {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        files: Files::default(),
        expected: [None; 2],
        controlling: None,
        sizes: None,
        broadcast: 0,
        told: [None; 2],
    })
}

/// Which answer belongs to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// Unnumbered function, direction of the request.
    Unnumbered(u8, Dir),
    /// A command: type, common address, object address, select, whether it activates, direction.
    Command(u8, u16, u32, bool, bool, Dir),
}

struct Iec104 {
    pending: Pending<Key>,
    files: Files,
    /// The next send sequence number, per direction; unknown at the start and after a loss.
    expected: [Option<u16>; 2],
    /// Direction in which the controlling station sends, once a message has told.
    controlling: Option<Dir>,
    /// Field sizes, once a message has told.
    sizes: Option<Sizes>,
    /// Commands sent to all stations, one bit per type from 100 on: their answers come one by one.
    broadcast: u8,
    /// Common address and role told last, per direction.
    told: [Option<(u16, Role)>; 2],
}

impl Session for Iec104 {
    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let apdu = match apdu(input.bytes) {
            Ok(Some(apdu)) => apdu,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                // one start octet is no magic: look again where a segment begins
                return Step::Resync(0);
            }
        };
        let proper = is_proper(&apdu, input.bytes);
        if input.trial && !(proper && self.is_credible(&apdu)) {
            return Step::Resync(0);
        }
        if !proper {
            out.anomaly("control_field", "control field", input.bytes.get(2).copied().unwrap_or(0).into(), input.dir);
        }
        match apdu.control {
            Control::Supervision { .. } => {}
            Control::Unnumbered(octet) => self.unnumbered(octet, input, out),
            Control::Information { send, .. } => {
                self.number(send, input, out);
                self.information(&apdu, input, out);
            }
        }
        Step::Took(apdu.size)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        if let Some(expected) = self.expected.get_mut(dir.index()) {
            *expected = None;
        }
        self.files.lose();
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
        self.files.finish(out);
    }
}

impl Iec104 {
    /// Whether an APDU may be believed where framing is in doubt.
    fn is_credible(&self, apdu: &Apdu<'_>) -> bool {
        match apdu.control {
            Control::Information { .. } => {
                let sizes = self.sizes.unwrap_or(STANDARD);
                let usual = asdu(apdu.asdu, sizes).is_ok_and(|a| a.is_credible());
                usual || self.sizes.is_none() && VARIANTS.iter().any(|(sizes, _)| fits(apdu.asdu, *sizes))
            }
            _ => true,
        }
    }

    /// Send sequence numbers rise by one (-104, clause 5.1).
    fn number(&mut self, send: u16, input: &Input<'_>, out: &mut Output) {
        let Some(expected) = self.expected.get_mut(input.dir.index()) else { return };
        if expected.is_some_and(|n| n != send) {
            out.anomaly("sequence_number", "send sequence number", send.into(), input.dir);
        }
        *expected = Some(send.wrapping_add(1) & SEQUENCE);
    }

    fn unnumbered(&mut self, octet: u8, input: &Input<'_>, out: &mut Output) {
        let Some((function, confirms)) = meaning::unnumbered(octet) else { return };
        let asking = if confirms { input.dir.flip() } else { input.dir };
        // both stations test; only the controlling station starts and stops
        if function != meaning::TESTFR {
            self.controlling = Some(asking);
        }
        let code = meaning::UNNUMBERED + u32::from(function);
        let key = Key::Unnumbered(function, asking);
        if !confirms {
            let draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(asking);
            self.pending.hold(key, draft);
        } else if let Some(draft) = self.pending.settle(key, out) {
            draft.outcome(Outcome::Ok).commit();
        } else {
            let draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(asking);
            draft.outcome(Outcome::ReplyOnly).commit();
        }
    }

    /// Field sizes of this ASDU. The standard's unless the message fits only with others.
    fn sizes(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) -> Sizes {
        if fits(bytes, STANDARD) {
            self.sizes = Some(STANDARD);
            return STANDARD;
        }
        match self.sizes {
            Some(STANDARD) => STANDARD,
            Some(other) => other,
            None => {
                let Some((other, words)) = VARIANTS.iter().copied().find(|(sizes, _)| fits(bytes, *sizes)) else {
                    return STANDARD;
                };
                out.anomaly("field_sizes", words, 0, input.dir);
                self.sizes = Some(other);
                other
            }
        }
    }

    fn information(&mut self, apdu: &Apdu<'_>, input: &Input<'_>, out: &mut Output) {
        let sizes = self.sizes(apdu.asdu, input, out);
        let asdu = match asdu(apdu.asdu, sizes) {
            Ok(asdu) => asdu,
            Err(error) => return out.malformed(error, input.dir),
        };
        let at = path(asdu.common_address);
        if !meaning::is_named(asdu.kind) && asdu.kind < 128 {
            out.anomaly_at("unknown_type", "type identification", asdu.kind.into(), input.dir, at);
        }
        if meaning::cause(asdu.cause).is_none() {
            out.anomaly_at("unknown_cause", "cause of transmission", asdu.cause.into(), input.dir, at);
        }
        if asdu.count == 0 {
            out.anomaly_at("invalid_length", "number of objects", 0, input.dir, at);
        }
        match (meaning::way(asdu.kind), asdu.cause) {
            (Way::Monitor, cause) => {
                self.controlling = Some(input.dir.flip());
                self.tell_role(Role::Controller, asdu.common_address, input, out);
                let read = asdu.first_address().map(|a| command(meaning::READ, &asdu, a, false, true, input.dir.flip()));
                match read {
                    Some(key) if cause == 5 && self.pending.holds(key) => self.answer_read(&asdu, key, input, out),
                    // "request" answers a read command that was not seen
                    _ => self.say(&asdu, None, if cause == 5 { Outcome::ReplyOnly } else { Outcome::Ok }, input, out),
                }
            }
            (Way::Control, 6 | 8) => self.ask(&asdu, input, out),
            (Way::Control, 5) if asdu.kind == meaning::READ => self.ask(&asdu, input, out),
            (Way::Control, 7 | 9 | 44..=47) => self.answer(&asdu, input, out),
            // the controlled station tells that a command is done: nothing is operated by that
            (Way::Control, 10) => {
                self.controlling = Some(input.dir.flip());
                self.say(&asdu, Some(Class::Read), Outcome::Ok, input, out);
            }
            (Way::Control | Way::Either, _) => self.say(&asdu, None, Outcome::Ok, input, out),
        }
        if matches!(asdu.kind, 81..=87) {
            out.about(About::Sender).protection(b"iec_62351_5_authentication");
        }
    }

    /// Commands prove the controlling station, data the controlled one: said when it is new.
    fn tell_role(&mut self, role: Role, common_address: u16, input: &Input<'_>, out: &mut Output) {
        let Some(told) = self.told.get_mut(input.dir.index()) else { return };
        if *told == Some((common_address, role)) {
            return;
        }
        *told = Some((common_address, role));
        let speaker = out.about(About::Sender).implied();
        let speaker = if role == Role::Master { speaker } else { speaker.path(path(common_address)) };
        speaker.role(role);
    }

    /// A row of its own: data, ends of commands, files.
    fn say(
        &mut self,
        asdu: &Asdu<'_>,
        class: Option<Class>,
        outcome: Outcome,
        input: &Input<'_>,
        out: &mut Output,
    ) {
        let mut draft = self.draft(asdu, input, out);
        if let Some(controlling) = self.controlling {
            draft = draft.actor(controlling);
        }
        if let Some(class) = class {
            draft = draft.class(class);
        }
        draft.outcome(outcome).commit();
    }

    /// Drafts an ASDU with everything it says.
    fn draft<'o>(&mut self, asdu: &Asdu<'_>, input: &Input<'_>, out: &'o mut Output) -> Draft<'o> {
        let mut draft = out.draft(meaning::OPERATIONS, asdu.kind.into(), input.dir).path(path(asdu.common_address));
        draft.push_extra("cause", cause(asdu));
        if asdu.negative {
            draft.push_extra("negative", Val::Bool(true));
        }
        if asdu.test {
            draft.push_extra("test", Val::Bool(true));
        }
        if asdu.originator != 0 {
            draft.push_extra("originator", Val::Uint(asdu.originator.into()));
        }
        let end = match asdu.kind {
            120..=126 => self.files.read(asdu, input.dir, self.controlling, &mut draft),
            _ => values::read(asdu, &mut draft),
        };
        if let Err(error) = end {
            draft.out().malformed(error, input.dir);
        }
        draft
    }

    fn ask(&mut self, asdu: &Asdu<'_>, input: &Input<'_>, out: &mut Output) {
        self.controlling = Some(input.dir);
        self.tell_role(Role::Master, asdu.common_address, input, out);
        let draft = self.draft(asdu, input, out).actor(input.dir);
        if asdu.common_address == BROADCAST {
            self.broadcast |= system(asdu.kind);
            draft.extra("broadcast", Val::Bool(true)).commit();
            return;
        }
        let address = asdu.first_address().unwrap_or_default();
        let key = command(asdu.kind, asdu, address, values::selects(asdu), asdu.cause != 8, input.dir);
        self.pending.hold(key, draft);
    }

    fn answer(&mut self, asdu: &Asdu<'_>, input: &Input<'_>, out: &mut Output) {
        let asking = input.dir.flip();
        self.controlling = Some(asking);
        self.tell_role(Role::Controller, asdu.common_address, input, out);
        let address = asdu.first_address().unwrap_or_default();
        let key = |activates| command(asdu.kind, asdu, address, values::selects(asdu), activates, asking);
        let refused = (asdu.negative || meaning::UNKNOWN.contains(&asdu.cause)).then_some(u32::from(asdu.cause));
        let candidates = match asdu.cause {
            7 => [Some(true), None],
            9 => [Some(false), None],
            // "unknown" takes the place of the cause
            _ => [Some(true), Some(false)],
        };
        let key = candidates.into_iter().flatten().map(key).find(|key| self.pending.holds(*key));
        if let Some(draft) = key.and_then(|key| self.pending.settle(key, out)) {
            let mut draft = draft.actor(asking).outcome(refused.map_or(Outcome::Ok, Outcome::Refused));
            draft.push_extra("reply_cause", cause(asdu));
            if asdu.negative {
                draft.push_extra("negative", Val::Bool(true));
            }
            draft.commit();
            return;
        }
        let of_broadcast = self.broadcast & system(asdu.kind) != 0;
        let alone = if of_broadcast { Outcome::Ok } else { Outcome::ReplyOnly };
        let draft = self.draft(asdu, input, out).actor(asking);
        draft.outcome(refused.map_or(alone, Outcome::Refused)).commit();
    }

    /// Data that answers a read command: the value goes to the command.
    fn answer_read(&mut self, asdu: &Asdu<'_>, key: Key, input: &Input<'_>, out: &mut Output) {
        let Some(draft) = self.pending.settle(key, out) else { return };
        let mut draft = draft.actor(input.dir.flip()).outcome(Outcome::Ok);
        if let Err(error) = values::read(asdu, &mut draft) {
            draft.out().malformed(error, input.dir);
        }
        if let [asked, got] = draft.items_mut()
            && asked.goal == got.goal
        {
            asked.value = got.value;
            draft.row.items.len = 1;
        }
        draft.commit();
    }
}

/// Whether an ASDU fits exactly with these field sizes.
fn fits(bytes: &[u8], sizes: Sizes) -> bool {
    asdu(bytes, sizes).is_ok_and(|a| a.is_credible() && a.fits() == Some(true))
}

/// The bit of a command that may go to all stations: interrogations, clock, test, reset (100 to 107).
fn system(kind: u8) -> u8 {
    kind.checked_sub(100).and_then(|n| 1u8.checked_shl(n.into())).unwrap_or(0)
}

fn command(kind: u8, asdu: &Asdu<'_>, address: u32, selects: bool, activates: bool, dir: Dir) -> Key {
    Key::Command(kind, asdu.common_address, address, selects, activates, dir)
}

/// The cause as a word, or as a number where the standard has no word.
fn cause(asdu: &Asdu<'_>) -> Val {
    meaning::cause(asdu.cause).map_or(Val::Uint(asdu.cause.into()), Val::Name)
}
