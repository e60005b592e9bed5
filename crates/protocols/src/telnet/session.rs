//! Commands, options, and who signs in.

use super::login::{Asks, Screen, Seen, Typed, host_of, system_of};
use super::meaning::{LOGIN, OPERATIONS, PROMPT, option, option_name};
use super::wire::{Unit, unit};
use crate::common::{banner, description};
use crate::{About, Dir, Draft, Goal, Input, Kind, Output, Pending, Session, Step, Val, text};
use model::{NameKind, Outcome, Time};

/// A server that says nothing for this long after a password is not going to: refusals are delayed by seconds.
const REPLY_TIMEOUT_NS: i64 = 60 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Telnet {
        screens: [Screen::new(), Screen::new()],
        typed: Typed::default(),
        server: None,
        asks: None,
        user: Vec::new(),
        pending: Pending::new(REPLY_TIMEOUT_NS),
        answered: false,
        encrypted: [false; 2],
        joined: false,
    })
}

struct Telnet {
    screens: [Screen; 2],
    typed: Typed,
    /// Direction in which the server sends: it is the side that asks.
    server: Option<Dir>,
    /// What was asked for and not typed yet.
    asks: Option<Asks>,
    user: Vec<u8>,
    /// The sign-in whose outcome is open.
    pending: Pending<()>,
    /// The server has written something since.
    answered: bool,
    encrypted: [bool; 2],
    /// The conversation was joined in the middle, which is noted once.
    joined: bool,
}

impl Session for Telnet {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if self.encrypted.get(input.dir.index()).is_some_and(|e| *e) {
            return Step::Took(input.bytes.len());
        }
        if input.trial && !self.joined {
            self.joined = true;
            self.screens.iter_mut().for_each(Screen::gap);
        }
        let (unit, length) = unit(input.bytes);
        match unit {
            Unit::Incomplete => return Step::NeedMore,
            Unit::Invalid | Unit::Unclosed => {
                let (kind, detail) = match unit {
                    Unit::Unclosed => ("unclosed_subnegotiation", "subnegotiation"),
                    _ => ("unknown_command", "command"),
                };
                if !input.trial {
                    out.anomaly(kind, detail, 0, input.dir);
                }
            }
            Unit::Escaped => {
                self.text(&[255], input, out);
            }
            Unit::Text(bytes) => return Step::Took(self.text(bytes, input, out)),
            Unit::Command(code) => {
                out.draft(OPERATIONS, code.into(), input.dir).actor(input.dir).commit();
            }
            Unit::Negotiation(verb, number) => {
                let draft = out.draft(OPERATIONS, verb.into(), input.dir).actor(input.dir);
                with_option(draft, number).commit();
            }
            Unit::Subnegotiation(number, bytes) => self.subnegotiation(number, bytes, input, out),
        }
        Step::Took(length.min(input.bytes.len()).max(1))
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        if let Some(screen) = self.screens.get_mut(dir.index()) {
            screen.gap();
        }
        // a name or an answer may be what is missing
        self.asks = None;
        self.typed.clear();
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

impl Telnet {
    /// Text up to the first byte that says something, so that what is told comes in the same order however the stream is
    /// cut. Returns how many bytes were taken.
    fn text(&mut self, bytes: &[u8], input: &Input<'_>, out: &mut Output) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            if self.server.is_none_or(|server| server == input.dir) {
                self.shown(*byte, input, out);
            }
            if self.server.is_some_and(|server| server != input.dir) {
                self.entered(*byte, input, out);
            }
            if !out.is_empty() {
                return at + 1;
            }
        }
        bytes.len()
    }

    /// A byte of the server's, or of a side that may be the server.
    fn shown(&mut self, byte: u8, input: &Input<'_>, out: &mut Output) {
        let Some(screen) = self.screens.get_mut(input.dir.index()) else { return };
        let seen = screen.feed(byte);
        self.answered |= byte.is_ascii_graphic() && byte != b'*';
        match seen {
            Seen::Nothing => {}
            // with a prompt right behind a password the server asks again
            Seen::Prompt(asks) => {
                self.outcome(false, out);
                self.prompt(asks, input, out);
            }
            Seen::Line(refused) => self.outcome(!refused, out),
        }
    }

    fn prompt(&mut self, asks: Asks, input: &Input<'_>, out: &mut Output) {
        self.server = Some(input.dir);
        self.asks = Some(asks);
        self.typed.clear();
        let word = match asks {
            Asks::User => "user",
            Asks::Password => "password",
        };
        if asks == Asks::User {
            self.user.clear();
        }
        let draft = out.draft(OPERATIONS, PROMPT, input.dir).actor(input.dir.flip());
        draft.extra("asks", Val::Name(word)).commit();
        let service = Kind::Service { transport: "tcp", port: input.src.port, protocol: "telnet" };
        out.about(About::Sender).is(service);
        let Some(screen) = self.screens.get_mut(input.dir.index()) else { return };
        let host = host_of(screen.line());
        if let Some(host) = host {
            out.about(About::Sender).implied().name(NameKind::Host, host.as_bytes());
        }
        let (lines, from_start) = screen.take_lines();
        screen.clear_line();
        for (n, line) in lines.iter().enumerate() {
            let clean = text::clean(line);
            if n == 0 && from_start {
                out.about(About::Sender).fingerprint("telnet_banner", clean.as_bytes());
            }
            if let Some((system, host)) = system_of(&clean) {
                let about = out.about(About::Sender).implied().os(system.as_bytes());
                about.name(NameKind::Host, host.as_bytes());
                continue;
            }
            let about = out.about(About::Sender);
            let _ = match ["Siemens,", "Cisco "].iter().any(|front| clean.starts_with(front)) {
                true => description::say(about, clean.as_bytes()),
                false => banner::say(about, &clean),
            };
        }
    }

    /// A byte of the client's.
    fn entered(&mut self, byte: u8, input: &Input<'_>, out: &mut Output) {
        if self.answered && byte.is_ascii_graphic() {
            // the server has answered, and the client goes on: it is in
            self.outcome(true, out);
        }
        let Some(line) = self.typed.feed(byte) else { return };
        match self.asks.take() {
            None => {}
            Some(Asks::User) => self.user = line,
            Some(Asks::Password) => {
                let mut draft = out.draft(OPERATIONS, LOGIN, input.dir).actor(input.dir);
                if !self.user.is_empty() {
                    let user = draft.text(&self.user);
                    draft.push_extra("user", Val::Text(user));
                }
                let masked = draft.out().secret(&line);
                draft.push_extra("password", masked);
                draft.push_extra("clear_text", Val::Bool(true));
                let default = draft.out().is_default_credential(&self.user, &line);
                draft.push_extra("default_credential", Val::Bool(default));
                self.pending.hold((), draft);
                // what was shown before belongs to the typing
                self.answered = false;
                if let Some(screen) = self.screens.get_mut(input.dir.flip().index()) {
                    screen.clear_line();
                }
            }
        }
    }

    /// How the open sign-in ended.
    fn outcome(&mut self, accepted: bool, out: &mut Output) {
        let Some(draft) = self.pending.settle((), out) else { return };
        let outcome = if accepted { Outcome::Ok } else { Outcome::Refused(1) };
        draft.outcome(outcome).commit();
        self.user.clear();
    }

    fn subnegotiation(&mut self, number: u8, bytes: &[u8], input: &Input<'_>, out: &mut Output) {
        let draft = out.draft(OPERATIONS, 250, input.dir).actor(input.dir);
        let mut draft = with_option(draft, number);
        match (number, bytes) {
            (option::TERMINAL_TYPE, [0, name @ ..]) => {
                let text = draft.text(name);
                draft.push_extra("value", Val::Text(text));
                draft.commit();
                out.about(About::Sender).fingerprint("telnet_terminal", name);
                return;
            }
            (option::AUTHENTICATION, [3, name @ ..]) if !name.is_empty() => {
                let text = draft.text(name);
                draft.push_extra("user", Val::Text(text));
            }
            (option::NEW_ENVIRONMENT, [0 | 2, variables @ ..]) => {
                if let Some(user) = variable(variables, b"USER") {
                    let text = draft.text(user);
                    draft.push_extra("user", Val::Text(text));
                }
            }
            _ => {}
        }
        draft.commit();
        // START of encryption concerns its sender's bytes, "follows" of TLS both sides'
        let begins = match (number, bytes) {
            (option::ENCRYPTION, [3, ..]) => Some("telnet_encryption"),
            (option::START_TLS, [1]) => Some("telnet_tls"),
            _ => None,
        };
        if let Some(protection) = begins {
            if let Some(place) = self.encrypted.get_mut(input.dir.index()) {
                *place = true;
            }
            out.about(About::Sender).protection(protection.as_bytes());
        }
    }
}

/// The value of a variable (RFC 1572): 0 or 3 and the name, 1 and the value.
fn variable<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    bytes.split(|b| matches!(b, 0 | 3)).find_map(|one| {
        let at = one.iter().position(|b| *b == 1)?;
        let (front, value) = (one.get(..at)?, one.get(at + 1..)?);
        (front == name && !value.is_empty()).then_some(value)
    })
}

fn with_option(mut draft: Draft<'_>, number: u8) -> Draft<'_> {
    let goal = match option_name(number) {
        Some(name) => {
            let span = draft.text(name.as_bytes());
            Goal { first: number.into(), ..Goal::named("option", span) }
        }
        None => Goal::range("option", number.into(), 1),
    };
    draft.target(goal)
}
