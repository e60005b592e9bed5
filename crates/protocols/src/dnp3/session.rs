//! Framing, pairing, roles: the only state.

use super::assembly::{Assembly, Placed};
use super::files::{Files, Scene};
use super::points::{Seen, Side, read};
use super::wire::{Fragment, Frame, MAX_USER, fragment, frame, next_start};
use super::{add_extra, identity, meaning};
use crate::{About, Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Role, Time};
use wire::Malformed;

/// How many outstanding requests with one sequence number are told apart.
const SAME_SEQUENCE: u8 = 8;

/// An outstation that has not answered after this long is not going to: masters give up after 2 to 15 s, serial lines
/// behind terminal servers included.
const REPLY_TIMEOUT_NS: i64 = 20 * Time::SECOND;

/// Outstations of one conversation whose indications are remembered; a serial line has at most 250 stations, and those
/// seldom share one connection. Of others each change is summed up with the rest.
const MAX_OUTSTATIONS: usize = 64;

/// Broadcast addresses (9.2.4.1.5): 0xfffd to 0xffff.
const BROADCAST: u16 = 0xfffd;
/// Reserved addresses: 0xfff0 to 0xfffb (0xfffc is the self-address).
const RESERVED: core::ops::RangeInclusive<u16> = 0xfff0..=0xfffb;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dnp3 {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        assembly: Assembly::default(),
        files: Files::default(),
        following: None,
        uses: [0; 16],
        confirmed: [false; 2],
        told: [None; 2],
        states: Vec::new(),
    })
}

/// Which answers belong to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Application sequence number, and which of the requests that use it.
    Application(u8, u8),
    /// Secure authentication runs beside the request it protects.
    Authentication,
    /// Link layer.
    Link,
}

/// Asking address, asked address, kind, direction of the request.
type Key = (u16, u16, Kind, Dir);

struct Dnp3 {
    pending: Pending<Key>,
    assembly: Assembly,
    files: Files,
    /// Master, outstation and sequence number of the next fragment of a response of several.
    following: Option<(u16, u16, u8)>,
    /// How often each application sequence number was used: some masters send the next request before the answer
    /// with a number that is still outstanding. Answers come in the order of the requests.
    uses: [u8; 16],
    /// Confirmed user data was sent in this direction: an ACK the other way belongs to it.
    confirmed: [bool; 2],
    /// Link address and role told last, per direction.
    told: [Option<(u16, Role)>; 2],
    /// What each outstation last said about itself.
    states: Vec<(u16, u16)>,
}

/// The two ends of an application message.
#[derive(Clone, Copy)]
struct Ends {
    master: u16,
    outstation: u16,
    /// Direction in which the master sends.
    asking: Dir,
}

impl Session for Dnp3 {
    fn touch(&self) -> u64 {
        self.pending.touch()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if input.transport.is_stream() {
            return match self.next(input.bytes, input, out) {
                Ok(Some(n)) => Step::Took(n),
                Ok(None) => Step::NeedMore,
                Err(n) => Step::Resync(n),
            };
        }
        // a datagram may hold several frames
        let mut rest = input.bytes;
        while !rest.is_empty() {
            let used = match self.next(rest, input, out) {
                Ok(Some(n)) | Err(n) => n,
                Ok(None) => {
                    if input.cut == 0 {
                        out.malformed(Malformed::truncated("frame", rest.len()), input.dir);
                    }
                    break;
                }
            };
            rest = rest.get(used.max(1)..).unwrap_or_default();
        }
        Step::Took(input.bytes.len().max(1))
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.assembly.lose(dir);
        self.files.lose();
        self.following = None;
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

impl Dnp3 {
    /// One frame: bytes used, `None` for more bytes, or bytes to skip where framing is lost.
    fn next(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) -> Result<Option<usize>, usize> {
        let frame = match frame(bytes) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(None),
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Err(next_start(bytes));
            }
        };
        let mut buffer = [0u8; MAX_USER];
        match frame.user(&mut buffer) {
            Ok(user) => self.link(&frame, user, input, out),
            Err(_) if input.trial => return Err(next_start(bytes)),
            // the header is sound, so the next frame's place is known
            Err(error) => {
                out.malformed(error, input.dir);
                self.assembly.lose(input.dir);
            }
        }
        Ok(Some(frame.size))
    }

    fn link(&mut self, frame: &Frame<'_>, user: &[u8], input: &Input<'_>, out: &mut Output) {
        if RESERVED.contains(&frame.destination) || frame.source >= *RESERVED.start() {
            let address = frame.source.max(frame.destination);
            out.anomaly("reserved_address", "link address", address.into(), input.dir);
        }
        let data = frame.is_primary() && matches!(frame.function(), 3 | 4);
        if data == user.is_empty() {
            out.anomaly("invalid_length", "user data of the link function", user.len() as u64, input.dir);
        }
        if data {
            if let Some(confirmed) = self.confirmed.get_mut(input.dir.index()) {
                *confirmed |= frame.function() == 3;
            }
            self.segment(frame, user, input, out);
        } else if frame.is_primary() {
            self.ask_link(frame, input, out);
        } else {
            self.answer_link(frame, input, out);
        }
    }

    fn ask_link(&mut self, frame: &Frame<'_>, input: &Input<'_>, out: &mut Output) {
        if !matches!(frame.function(), 0 | 1 | 2 | 9) {
            out.anomaly("unknown_function", "link function code", frame.function().into(), input.dir);
        }
        let code = meaning::LINK + u32::from(frame.function());
        let draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(input.dir);
        let draft = draft.path(identity::path(frame.destination)).extra("master", Val::Uint(link_master(frame).into()));
        if frame.destination >= BROADCAST {
            draft.extra("broadcast", Val::Bool(true)).commit();
        } else {
            self.pending.hold((frame.source, frame.destination, Kind::Link, input.dir), draft);
        }
    }

    fn answer_link(&mut self, frame: &Frame<'_>, input: &Input<'_>, out: &mut Output) {
        let key = (frame.destination, frame.source, Kind::Link, input.dir.flip());
        let function = frame.function();
        let draft = match self.pending.settle(key, out) {
            Some(draft) => draft.outcome(Outcome::Ok),
            None => {
                let confirms = self.confirmed.get_mut(input.dir.flip().index()).is_some_and(core::mem::take);
                if confirms && matches!(function, 0 | 1) {
                    return;
                }
                let code = meaning::LINK_REPLY + u32::from(function);
                let draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(input.dir.flip());
                let master = link_master(frame);
                let draft = draft.path(identity::path(frame.source)).extra("master", Val::Uint(master.into()));
                draft.outcome(Outcome::ReplyOnly)
            }
        };
        let mut draft = match function {
            0 | 11 => draft,
            refused => draft.outcome(Outcome::Refused(refused.into())),
        };
        if frame.control & 0x10 != 0 {
            draft.push_extra("data_flow_control", Val::Bool(true));
        }
        draft.commit();
    }

    fn segment(&mut self, frame: &Frame<'_>, user: &[u8], input: &Input<'_>, out: &mut Output) {
        let Some((&head, data)) = user.split_first() else { return };
        let key = (input.dir, frame.source, frame.destination);
        match self.assembly.place(key, head, data) {
            Placed::Whole(bytes) => self.application(bytes, frame, input, out),
            Placed::Complete => {
                let bytes = self.assembly.take(key);
                self.application(&bytes, frame, input, out);
                self.assembly.give_back(key, bytes);
            }
            Placed::OutOfOrder => {
                out.anomaly("transport_sequence", "sequence number of a segment", (head & 0x3f).into(), input.dir);
            }
            Placed::TooLong => out.limit("dnp3_fragment_bytes"),
            Placed::Waiting | Placed::Repeated | Placed::Joined => {}
        }
    }

    fn application(&mut self, bytes: &[u8], frame: &Frame<'_>, input: &Input<'_>, out: &mut Output) {
        let message = match fragment(bytes) {
            Ok(message) => message,
            Err(error) => return out.malformed(error, input.dir),
        };
        // a confirmation may come from either side; everything else is told apart by its function
        let from_master = if message.function == 0 { frame.is_from_master() } else { !message.is_response() };
        let ends = if from_master {
            Ends { master: frame.source, outstation: frame.destination, asking: input.dir }
        } else {
            Ends { master: frame.destination, outstation: frame.source, asking: input.dir.flip() }
        };
        if from_master != frame.is_from_master() {
            out.anomaly("direction_bit", "direction of the function code", message.function.into(), input.dir);
        }
        if !meaning::is_named(message.function) {
            out.anomaly("unknown_function", "application function code", message.function.into(), input.dir);
        }
        self.tell_role(from_master, frame.source, input, out);
        if message.is_response() {
            self.answer(&message, ends, input, out);
        } else {
            self.ask(&message, ends, input, out);
        }
    }

    /// Masters ask, outstations answer: said when it is new.
    fn tell_role(&mut self, from_master: bool, address: u16, input: &Input<'_>, out: &mut Output) {
        let role = if from_master { Role::Master } else { Role::Controller };
        let Some(told) = self.told.get_mut(input.dir.index()) else { return };
        if *told == Some((address, role)) {
            return;
        }
        *told = Some((address, role));
        let speaker = out.about(About::Sender).implied();
        let speaker = if from_master { speaker } else { speaker.path(identity::path(address)) };
        speaker.role(role);
    }

    fn ask(&mut self, message: &Fragment<'_>, ends: Ends, input: &Input<'_>, out: &mut Output) {
        let function = message.function;
        let mut seen = Seen::default();
        let mut draft = out.draft(meaning::OPERATIONS, function.into(), input.dir).actor(ends.asking);
        draft = draft.path(identity::path(ends.outstation)).extra("master", Val::Uint(ends.master.into()));
        if let Some(class) = message.objects.first().and_then(|group| meaning::class(function, *group)) {
            draft = draft.class(class);
        }
        if function == 0 && message.is_unsolicited() {
            draft.push_extra("unsolicited", Val::Bool(true));
        }
        let end = read(function, message.objects, Side::Request, ends.outstation, &mut draft, &mut seen);
        if let Err(error) = end {
            draft.out().malformed(error, input.dir);
        }
        if let Some((variation, bytes)) = seen.file {
            let scene = Scene { function, outstation: ends.outstation, master: ends.asking, response: false };
            if let Err(error) = self.files.object(scene, variation, bytes, &mut draft) {
                draft.out().malformed(error, input.dir);
            }
        }
        authentication(&seen, &mut draft);
        let broadcast = ends.outstation >= BROADCAST;
        if broadcast {
            draft.push_extra("broadcast", Val::Bool(true));
        }
        // the answer to a challenge is answered by the request it protects
        let replies = function == 32 && matches!(seen.authentication, Some((1 | 2, _)));
        if broadcast || replies || meaning::is_unanswered(function) {
            draft.commit();
            return;
        }
        let kind = match self.uses.get_mut(usize::from(message.sequence())) {
            Some(uses) if function != 32 => {
                *uses = uses.wrapping_add(1);
                Kind::Application(message.sequence(), *uses)
            }
            _ => Kind::Authentication,
        };
        self.pending.hold((ends.master, ends.outstation, kind, input.dir), draft);
    }

    fn answer(&mut self, message: &Fragment<'_>, ends: Ends, input: &Input<'_>, out: &mut Output) {
        let key = |kind| (ends.master, ends.outstation, kind, ends.asking);
        let next = message.sequence().wrapping_add(1) & 0x0f;
        let continued = !message.is_first() && self.following == Some((ends.master, ends.outstation, message.sequence()));
        // sequence numbers of unsolicited responses are counted apart from those of requests
        let settled = match message.function {
            129 if message.is_first() => {
                let last = self.uses.get(usize::from(message.sequence())).copied().unwrap_or_default();
                let mut uses = (0..SAME_SEQUENCE).rev().map(|back| last.wrapping_sub(back));
                let oldest = uses.find(|n| self.pending.holds(key(Kind::Application(message.sequence(), *n))));
                oldest.and_then(|n| {
                    let key = key(Kind::Application(message.sequence(), n));
                    // what was asked before is not going to be answered, and must not take the answer of a later request
                    // whose number has come round again
                    let earlier = |k: &Key| (k.0, k.1, k.3) == (key.0, key.1, key.3) && matches!(k.2, Kind::Application(..));
                    self.pending.overtake(key, earlier, out);
                    self.pending.settle(key, out)
                })
            }
            131 if !is_challenge(message.objects) => self.pending.settle(key(Kind::Authentication), out),
            _ => None,
        };
        let known = settled.is_some();
        let mut draft = match settled {
            Some(draft) => draft,
            None => {
                let draft = out.draft(meaning::OPERATIONS, message.function.into(), input.dir);
                let draft = draft.path(identity::path(ends.outstation)).extra("master", Val::Uint(ends.master.into()));
                let unasked = message.function == 130 || is_challenge(message.objects) || continued;
                draft.outcome(if unasked { Outcome::Ok } else { Outcome::ReplyOnly })
            }
        };
        draft = draft.actor(ends.asking);
        if message.function == 129 {
            let goes_on = message.control & 0x40 == 0 && (known || continued || message.is_first());
            self.following = goes_on.then_some((ends.master, ends.outstation, next));
        }
        let asked = if known { draft.row().code as u8 } else { message.function };
        let mut seen = Seen::default();
        let side = if matches!(asked, 3..=5) { Side::Echo } else { Side::Response };
        let end = read(message.function, message.objects, side, ends.outstation, &mut draft, &mut seen);
        if let Err(error) = end {
            draft.out().malformed(error, input.dir);
        }
        let mut refused = None;
        if let Some((variation, bytes)) = seen.file {
            let scene = Scene { function: asked, outstation: ends.outstation, master: ends.asking, response: true };
            match self.files.object(scene, variation, bytes, &mut draft) {
                Ok(status) => refused = status.map(u32::from),
                Err(error) => draft.out().malformed(error, input.dir),
            }
        }
        if let Some(status) = seen.status {
            if let Some(word) = meaning::status(status) {
                draft.push_extra("status", Val::Name(word));
            }
            refused = Some(status.into());
        }
        refused = refused.or(authentication(&seen, &mut draft));
        if seen.authentication.is_some() {
            identity::authenticates(ends.outstation, draft.out());
        }
        if let Some(iin) = message.iin {
            let state = iin & meaning::STATE;
            let changed = self.changed(ends.outstation, state, draft.out());
            draft = draft.state(state);
            if changed {
                draft = draft.single();
            }
            if iin == 0 {
                // that nothing is set is said as well: a message without indications says nothing about them
                draft.push_extra("iin", Val::Name("none"));
            } else {
                let words = draft.format(format_args!("{}", meaning::Indications(iin)));
                draft.push_extra("iin", Val::Text(words));
            }
            // indications in a later fragment or in unsolicited data speak of no request
            if message.function == 129 && message.is_first() {
                refused = refused.or(meaning::refusal(iin, seen.objects > 0));
            }
        }
        if let Some(code) = refused {
            draft = draft.outcome(Outcome::Refused(code));
        }
        draft.commit();
    }
}

impl Dnp3 {
    /// Whether an outstation says something else about itself than before, or something for the first time.
    fn changed(&mut self, outstation: u16, state: u16, out: &mut Output) -> bool {
        if let Some((_, before)) = self.states.iter_mut().find(|(address, _)| *address == outstation) {
            return core::mem::replace(before, state) != state;
        }
        if self.states.len() >= MAX_OUTSTATIONS {
            out.limit("dnp3_outstations");
            return false;
        }
        self.states.reserve_exact(1);
        self.states.push((outstation, state));
        true
    }
}

/// The first object is a challenge of secure authentication.
fn is_challenge(objects: &[u8]) -> bool {
    objects.starts_with(&[120, 1])
}

/// The master's address of a link operation: DIR tells who sends.
fn link_master(frame: &Frame<'_>) -> u16 {
    if frame.is_from_master() { frame.source } else { frame.destination }
}

/// Adds what authentication objects say; an error code is handed back.
fn authentication(seen: &Seen<'_>, draft: &mut Draft<'_>) -> Option<u32> {
    let (variation, bytes) = seen.authentication?;
    if let Some(user) = identity::user_number(variation, bytes) {
        add_extra(draft, "user_number", Val::Uint(user.into()));
    }
    let error = identity::error(variation, bytes)?;
    draft.push_extra("authentication_error", Val::Uint(error.into()));
    Some(error.into())
}
