//! Pairing of commands and replies, sign-in, and what the data connections will carry.

use super::meaning::{self, GREETING, OPERATIONS, REPLY, UNKNOWN, command};
use super::wire::{self as w, Line};
use crate::common::banner;
use crate::common::data_channel::{Channel, What};
use crate::{About, Carried, Dir, Draft, Goal, Input, Kind, Output, Pending, Session, Step, Val, text};
use model::{Outcome, Time};
use std::net::{IpAddr, Ipv4Addr};
use wire::Malformed;

/// A server that has not replied after this long is not going to: servers delay refused sign-ins by seconds, and
/// count files of a large folder.
const REPLY_TIMEOUT_NS: i64 = 60 * Time::SECOND;
/// Longest user name kept, in bytes.
const MAX_USER: usize = 64;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Ftp {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        next: 0,
        preliminary: false,
        server: None,
        multi: None,
        user: Vec::new(),
        size: None,
        data: None,
        moving: None,
        encrypted: false,
        greeted: false,
    })
}

struct Ftp {
    /// Commands in the order in which they are answered.
    pending: Pending<u32>,
    next: u32,
    /// The oldest command has had its preliminary reply.
    preliminary: bool,
    /// Direction in which the server sends.
    server: Option<Dir>,
    /// Code of a reply of several lines that has begun.
    multi: Option<u16>,
    user: Vec<u8>,
    /// Size told in the reply to SIZE, for the transfer that follows.
    size: Option<u64>,
    /// Port of the next data connection, and whether it is the client's.
    data: Option<(u16, bool)>,
    /// What moves there, and its name.
    moving: Option<(What, Vec<u8>)>,
    encrypted: bool,
    greeted: bool,
}

impl Session for Ftp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        // CCC and a failed handshake lead back to lines of text
        self.encrypted &= !(input.boundary && plain(input.bytes));
        if self.encrypted {
            let carried = Carried::default();
            out.inner_stream("ftp", input.dir, carried, 0, input.bytes.len());
            return Step::Took(input.bytes.len());
        }
        let serves = self.server == Some(input.dir);
        let in_text = serves && self.multi.is_some();
        let Some(end) = w::end(input.bytes) else {
            if input.bytes.len() >= w::MAX_LINE || (!in_text && !w::may_begin(input.bytes)) {
                return self.lost(Malformed::invalid("line", 0), input, out);
            }
            return Step::NeedMore;
        };
        let bytes = input.bytes.get(..end).unwrap_or_default();
        match w::line(bytes) {
            Line::Reply { code, more, text } if self.server != Some(input.dir.flip()) => {
                self.server = Some(input.dir);
                self.reply(code, more, text, input, out);
            }
            _ if in_text => {}
            Line::Command { word, code, argument } if !serves && (code.is_some() || !input.trial) => {
                self.server = Some(input.dir.flip());
                self.command(word, code.unwrap_or(UNKNOWN), argument, input, out);
            }
            _ if !input.trial && self.server.is_none() => return Step::NotMine,
            // an empty line ends nothing
            Line::Other if bytes.iter().all(|b| matches!(b, b'\r' | b'\n')) && !input.trial => {}
            _ => return self.lost(Malformed::invalid(if serves { "reply code" } else { "command" }, 0), input, out),
        }
        Step::Took(end)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        self.preliminary = false;
        // what is seen from here on may be the end of a greeting only
        self.greeted = true;
        if self.server == Some(dir) {
            self.multi = None;
        } else {
            self.user.clear();
        }
    }

    fn deadline(&self) -> Option<Time> {
        if self.preliminary { None } else { self.pending.deadline() }
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        if !self.preliminary {
            self.pending.expire(now, out);
        }
    }

    fn finish(&mut self, out: &mut Output) {
        self.pending.lose(out);
    }
}

/// Whether bytes begin with a whole line that can be nothing else.
fn plain(bytes: &[u8]) -> bool {
    let line = w::end(bytes).and_then(|end| bytes.get(..end)).map(w::line);
    matches!(line, Some(Line::Command { code: Some(_), .. } | Line::Reply { .. }))
}

impl Ftp {
    fn lost(&self, error: Malformed, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.trial {
            out.malformed(error, input.dir);
        }
        Step::Resync(0)
    }

    fn command(&mut self, word: &[u8], code: u32, argument: &[u8], input: &Input<'_>, out: &mut Output) {
        self.settle_silent(out);
        let draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
        let draft = self.arguments(word, code, argument, draft);
        self.next = self.next.wrapping_add(1);
        self.pending.hold(self.next, draft);
        if matches!(code, command::PORT | command::EPRT) {
            // servers connect before they say that they accept
            self.expect(What::Announced, None, out);
        }
        if meaning::moves(code) {
            let what = match code {
                command::RETR => What::Retrieve,
                command::LIST | command::NLST | command::MLSD => What::List,
                _ => What::Store,
            };
            self.moving = Some((what, argument.to_vec()));
            let size = self.size.take().filter(|_| what == What::Retrieve);
            self.expect(what, size, out);
        }
    }

    /// A client waits for the reply before it sends the next command. Where it did not (and did not send both at
    /// once, or in the middle of a transfer), a reply was not seen.
    fn settle_silent(&mut self, out: &mut Output) {
        let now = out.now().frame;
        let together = self.pending.request(self.next).is_some() && self.asked_in(now);
        if !self.preliminary && !self.pending.is_empty() && !together {
            self.pending.lose(out);
        }
    }

    fn asked_in(&self, frame: u64) -> bool {
        self.pending.asked(self.next).is_some_and(|moment| moment.frame == frame)
    }

    fn arguments<'o>(&mut self, word: &[u8], code: u32, argument: &[u8], mut draft: Draft<'o>) -> Draft<'o> {
        let plain = match code {
            command::USER => {
                self.user = argument.get(..argument.len().min(MAX_USER)).unwrap_or_default().to_vec();
                let user = draft.text(argument);
                draft.push_extra("user", Val::Text(user));
                false
            }
            command::PASS => {
                if !self.user.is_empty() {
                    let user = draft.text(&self.user);
                    draft.push_extra("user", Val::Text(user));
                }
                let masked = draft.out().secret(argument);
                draft.push_extra("password", masked);
                draft.push_extra("clear_text", Val::Bool(true));
                let default = draft.out().is_default_credential(&self.user, argument);
                draft.push_extra("default_credential", Val::Bool(default));
                false
            }
            command::ACCT | command::ADAT => {
                let masked = draft.out().secret(argument);
                draft.push_extra("password", masked);
                false
            }
            command::SITE => {
                // what follows the first word may hold a password
                let first = argument.split(|b| *b == b' ').next().unwrap_or_default();
                let span = draft.text(first);
                draft.push_extra("argument", Val::Text(span));
                false
            }
            UNKNOWN => {
                let span = draft.text(word);
                draft.push_extra("command", Val::Text(span));
                false
            }
            command::PORT => {
                if let Some((ip, port)) = w::host_port(argument) {
                    draft.push_extra("data_address", Val::Ip(IpAddr::from(Ipv4Addr::from(ip))));
                    draft.push_extra("data_port", Val::Uint(port.into()));
                    self.data = Some((port, true));
                }
                false
            }
            command::EPRT => {
                if let Some(port) = w::extended_port(argument) {
                    draft.push_extra("data_port", Val::Uint(port.into()));
                    self.data = Some((port, true));
                }
                false
            }
            _ => true,
        };
        if !plain || argument.is_empty() {
            return draft;
        }
        let span = draft.text(argument);
        match draft.row().class {
            model::Class::File => draft.target(Goal::named("file", span)),
            _ => draft.extra("argument", Val::Text(span)),
        }
    }

    fn reply(&mut self, code: u16, more: bool, text: &[u8], input: &Input<'_>, out: &mut Output) {
        if let Some(begun) = self.multi {
            if begun != code || more {
                return;
            }
            self.multi = None;
        } else if more {
            self.multi = Some(code);
            self.greeting(code, text, input, out);
            return;
        }
        if code < 200 {
            self.preliminary = !self.pending.is_empty();
            if let (Some(size), Some((what, _))) = (w::size(text), &self.moving) {
                self.expect(*what, Some(size), out);
            }
            return;
        }
        let oldest = self.pending.oldest_request().map(|row| row.code);
        let Some(draft) = self.pending.settle_oldest(out) else {
            self.alone(code, text, input, out);
            return;
        };
        self.preliminary = false;
        self.settle(code, draft);
        self.after(oldest.unwrap_or(UNKNOWN), code, text, input, out);
    }

    fn settle(&self, code: u16, mut draft: Draft<'_>) {
        draft.push_extra("reply_code", Val::Uint(code.into()));
        if code < 400 {
            draft.commit();
            return;
        }
        // a name that is refused by itself is a refused sign-in
        if draft.row().code == command::USER {
            draft = draft.named(OPERATIONS, command::PASS);
        }
        draft.outcome(Outcome::Refused(code.into())).commit();
    }

    /// What a reply changes.
    fn after(&mut self, asked: u32, code: u16, text: &[u8], input: &Input<'_>, out: &mut Output) {
        match (asked, code) {
            (command::PASV, 227) => {
                if let Some((_, port)) = w::host_port(text) {
                    self.data = Some((port, false));
                    self.expect(What::Announced, None, out);
                }
            }
            (command::EPSV, 229) => {
                if let Some(port) = w::extended_port(text) {
                    self.data = Some((port, false));
                    self.expect(What::Announced, None, out);
                }
            }
            (command::SIZE, 213) => self.size = core::str::from_utf8(text).ok().and_then(|t| t.trim().parse().ok()),
            (command::SYST, 215) => {
                let system = text::clean(text);
                let about = out.about(About::Sender);
                let _ = banner::say(about, &system).stated().fingerprint("ftp_system", system.as_bytes());
            }
            (command::AUTH, 234 | 334) => {
                self.encrypted = code == 234;
                if self.encrypted {
                    out.about(About::Sender).protection(b"ftp_tls");
                }
            }
            (asked, _) if meaning::moves(asked) => {
                self.moving = None;
                self.expect(What::Over, None, out);
                self.data = None;
            }
            _ => {}
        }
        self.serves(input, out);
    }

    /// A reply that no command asked for: the greeting, or one whose command was not seen.
    fn alone(&mut self, code: u16, text: &[u8], input: &Input<'_>, out: &mut Output) {
        if code == 220 {
            self.greeting(code, text, input, out);
            out.draft(OPERATIONS, GREETING, input.dir).actor(input.dir.flip()).commit();
            return;
        }
        let draft = out.draft(OPERATIONS, REPLY, input.dir).actor(input.dir.flip());
        let outcome = if code >= 400 { Outcome::Refused(code.into()) } else { Outcome::ReplyOnly };
        draft.extra("reply_code", Val::Uint(code.into())).outcome(outcome).commit();
    }

    /// The first words of a server tell what it is.
    fn greeting(&mut self, code: u16, words: &[u8], input: &Input<'_>, out: &mut Output) {
        // a trial means that what stood before was not seen
        self.greeted |= input.trial;
        if code != 220 || self.greeted || !self.pending.is_empty() {
            return;
        }
        self.greeted = true;
        let clean = text::clean(words);
        let about = out.about(About::Sender);
        let _ = banner::say(about, &clean).stated().fingerprint("ftp_banner", clean.as_bytes());
        self.serves(input, out);
    }

    fn serves(&self, input: &Input<'_>, out: &mut Output) {
        let service = Kind::Service { transport: "tcp", port: input.src.port, protocol: "ftp" };
        out.about(About::Sender).is(service);
    }

    fn expect(&self, what: What, size: Option<u64>, out: &mut Output) {
        let Some((port, active)) = self.data else { return };
        let name = self.moving.as_ref().map_or(&[][..], |(_, name)| name);
        out.expect_named(Channel { what, active, size }.expect(port), name);
    }
}
