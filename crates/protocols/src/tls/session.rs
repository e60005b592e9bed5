//! Records of two directions, messages over several records, the hello and its answer: the only state.

use super::wire::{self as w, Kind, Record};
use super::{meaning, old};
use crate::common::certificate::certificate;
use crate::common::tls::hello::{self, ClientHello, ServerHello, ext, is_grease, numbers};
use crate::common::tls::{ciphers::Suite, fingerprint, names};
use crate::{About, Dir, Draft, Goal, Input, Output, Pending, Session, Step, Transport, Val};
use model::{NameKind, Outcome, Role, Time};
use wire::Malformed;

/// Small devices take seconds to make a signature.
const REPLY_TIMEOUT_NS: i64 = 30 * Time::SECOND;
/// Longest message of a handshake kept, in bytes: chains of certificates stay below.
const MAX_HANDSHAKE: usize = 64 * 1024;
/// Most application protocols of an offer told.
const MAX_PROTOCOLS: usize = 8;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Tls {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        client: None,
        ways: [Way::default(), Way::default()],
        offered: Vec::new(),
        read: false,
    })
}

/// What is known about a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Side {
    /// Joined in the middle, or bytes were lost: it may be protected.
    #[default]
    Unknown,
    /// Messages can be read.
    Clear,
    /// Everything is protected from here on.
    Sealed,
    /// SSL 2, protected, with records of another form.
    Old,
}

#[derive(Debug, Default)]
struct Way {
    side: Side,
    /// The front of a message that goes on in the next record.
    partial: Vec<u8>,
    /// Bytes still to come of a message too long to keep.
    skip: usize,
}

pub(super) struct Tls {
    pub(super) pending: Pending<()>,
    /// Direction in which the client sends.
    pub(super) client: Option<Dir>,
    ways: [Way; 2],
    /// Session the client wants to take up again.
    offered: Vec<u8>,
    /// A record has been read.
    pub(super) read: bool,
}

impl Session for Tls {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if self.way(input.dir).side == Side::Old {
            return self.old_stream(input, out);
        }
        match w::record(input.bytes) {
            Ok(record) => self.record(record, input, out),
            Err(error) if error.is_truncated() => {
                let possible = w::may_begin(input.bytes) || old::may_begin(input.bytes);
                if possible { Step::NeedMore } else { self.lost(error, input, out) }
            }
            Err(error) => match self.old(input, out) {
                Some(step) => step,
                None => self.lost(error, input, out),
            },
        }
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        if self.way(dir).side != Side::Old {
            *self.way(dir) = Way::default();
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
    }
}

impl Tls {
    fn way(&mut self, dir: Dir) -> &mut Way {
        let [a, b] = &mut self.ways;
        if dir == Dir::AtoB { a } else { b }
    }

    pub(super) fn set(&mut self, dir: Dir, side: Side) {
        self.way(dir).side = side;
    }

    /// A client begins: what was known about the connection is over.
    pub(super) fn begin(&mut self, client: Dir) {
        self.client = Some(client);
        self.ways = [Side::Clear, Side::Clear].map(|side| Way { side, ..Way::default() });
        self.offered.clear();
    }

    pub(super) fn lost(&mut self, error: Malformed, input: &Input<'_>, out: &mut Output) -> Step {
        if !self.read && !input.trial {
            return Step::NotMine;
        }
        if !input.trial {
            out.malformed(error, input.dir);
        }
        *self.way(input.dir) = Way::default();
        Step::Resync(0)
    }

    fn record(&mut self, record: Record, input: &Input<'_>, out: &mut Output) -> Step {
        let size = w::HEADER + record.length;
        if input.trial && !is_believable(record, input.bytes) {
            return Step::Resync(0);
        }
        if record.kind == Kind::Application {
            self.read = true;
            self.interrupted(input, out);
            self.set(input.dir, Side::Sealed);
            return Step::Took(size);
        }
        let Some(content) = input.bytes.get(w::HEADER..size) else { return Step::NeedMore };
        self.read = true;
        if record.kind != Kind::Handshake {
            self.interrupted(input, out);
        }
        match record.kind {
            Kind::Handshake => self.handshake(content, input, out),
            Kind::ChangeCipherSpec => {
                if content != [1] && self.way(input.dir).side == Side::Clear {
                    out.anomaly("malformed", "change cipher spec", record.length as u64, input.dir);
                }
                self.set(input.dir, Side::Sealed);
            }
            Kind::Alert => match w::alert(content) {
                Some((level, code)) => self.alert(level, code, input, out),
                None if record.length == 2 && self.way(input.dir).side == Side::Clear => {
                    out.anomaly("malformed", "alert", record.length as u64, input.dir);
                }
                None => {}
            },
            Kind::Heartbeat if self.way(input.dir).side != Side::Sealed => heartbeat(content, input, out),
            Kind::Heartbeat | Kind::Application => {}
        }
        Step::Took(size)
    }

    /// A message must not be interrupted by other records.
    fn interrupted(&mut self, input: &Input<'_>, out: &mut Output) {
        let way = self.way(input.dir);
        if !way.partial.is_empty() || way.skip > 0 {
            if way.side == Side::Clear {
                out.anomaly("truncated", "handshake message", way.partial.len() as u64, input.dir);
            }
            way.partial = Vec::new();
            way.skip = 0;
        }
    }

    fn handshake(&mut self, content: &[u8], input: &Input<'_>, out: &mut Output) {
        match self.way(input.dir).side {
            Side::Clear => {}
            // a hello that fits to the byte begins anew
            _ if is_hello(content) => self.set(input.dir, Side::Clear),
            Side::Unknown if w::are_messages(content) || w::begin_long_message(content) => {
                self.set(input.dir, Side::Clear);
            }
            Side::Unknown => return self.set(input.dir, Side::Sealed),
            Side::Sealed | Side::Old => return,
        }
        let way = self.way(input.dir);
        let skipped = way.skip.min(content.len());
        way.skip -= skipped;
        let content = content.get(skipped..).unwrap_or_default();
        let mut joined = core::mem::take(&mut way.partial);
        let mut bytes = content;
        if !joined.is_empty() {
            joined.extend_from_slice(content);
            bytes = &joined;
        }
        while let Some((kind, length, body)) = w::first_message(bytes) {
            if !w::is_message(kind) {
                out.anomaly("malformed", "handshake message type", kind.into(), input.dir);
                return;
            }
            let Some(body) = body else {
                if length > MAX_HANDSHAKE {
                    out.limit("tls_handshake_message");
                    self.way(input.dir).skip = (4 + length).saturating_sub(bytes.len());
                    return;
                }
                break;
            };
            bytes = bytes.get(4 + length..).unwrap_or_default();
            self.message(kind, body, input, out);
            if self.way(input.dir).side == Side::Sealed {
                return;
            }
        }
        if !bytes.is_empty() {
            self.way(input.dir).partial = bytes.to_vec();
        }
    }

    fn message(&mut self, kind: u8, body: &[u8], input: &Input<'_>, out: &mut Output) {
        match kind {
            w::message::CLIENT_HELLO => match hello::client(body) {
                Ok(hello) => self.client_hello(&hello, input, out),
                Err(error) => out.malformed(error, input.dir),
            },
            w::message::SERVER_HELLO => match hello::server(body) {
                Ok(hello) => self.server_hello(&hello, input, out),
                Err(error) => out.malformed(error, input.dir),
            },
            w::message::CERTIFICATE => match w::first_certificate(body) {
                Ok(Some((bytes, count))) => self.certificate(bytes, count, input, out),
                Ok(None) => {}
                Err(error) => out.malformed(error, input.dir),
            },
            w::message::CERTIFICATE_REQUEST if self.client == Some(input.dir.flip()) => {
                out.about(About::Sender).protection(b"tls_client_certificate");
            }
            _ => {}
        }
    }

    fn client_hello(&mut self, hello: &ClientHello<'_>, input: &Input<'_>, out: &mut Output) {
        self.begin(input.dir);
        self.offered.extend_from_slice(hello.session);
        let mut draft = out.draft(meaning::OPERATIONS, meaning::HANDSHAKE, input.dir).actor(input.dir);
        let server = hello.server_name();
        if let Some(name) = server {
            let name = draft.text(name);
            draft.push_item(Goal::named("server_name", name), Val::None);
        }
        version(&mut draft, "offered_version", hello.offered_version());
        let offered: Vec<&[u8]> = hello.protocols().filter(|p| !is_placeholder(p)).take(MAX_PROTOCOLS).collect();
        if !offered.is_empty() {
            let offered = draft.text(&offered.join(&b','));
            draft.push_extra("offered_protocols", Val::Text(offered));
        }
        if hello.extension(ext::ENCRYPTED_HELLO).is_some() {
            draft.push_extra("encrypted_hello", Val::Bool(true));
        }
        self.pending.hold((), draft);
        let (ja3, ja4) = (fingerprint::ja3(hello), fingerprint::ja4(hello, 't'));
        out.about(About::Sender).fingerprint("ja3", ja3.as_bytes()).fingerprint("ja4", ja4.as_bytes());
        // through a proxy the name is another's
        let proxied = matches!(input.transport, Transport::StreamInside("http"));
        if let Some(name) = server.filter(|name| !proxied && meaning::is_host_name(name)) {
            out.about(About::Receiver).implied().name(NameKind::Host, name);
        }
    }

    fn server_hello(&mut self, hello: &ServerHello<'_>, input: &Input<'_>, out: &mut Output) {
        let chosen = hello.chosen_version();
        let modern = names::version(chosen) == Some("tls1.3");
        self.client = Some(input.dir.flip());
        let (mut draft, asked) = match self.pending.settle((), out) {
            Some(draft) => (draft, true),
            None => {
                let draft = out.draft(meaning::OPERATIONS, meaning::HANDSHAKE, input.dir).actor(input.dir.flip());
                (draft.outcome(Outcome::ReplyOnly), false)
            }
        };
        version(&mut draft, "version", chosen);
        let cipher = draft.format(format_args!("{}", Suite(hello.cipher)));
        draft.push_extra("cipher", Val::Text(cipher));
        if let Some(group) = hello.group() {
            let group = match names::group(group) {
                Some(name) => Val::Name(name),
                None => Val::Uint(group.into()),
            };
            draft.push_extra("group", group);
        }
        let protocol = hello.protocol();
        if let Some(protocol) = protocol {
            let protocol = draft.text(protocol);
            draft.push_extra("protocol", Val::Text(protocol));
        }
        let resumed = match modern {
            true => hello.extension(ext::PRE_SHARED_KEY).is_some(),
            false => !hello.session.is_empty() && hello.session == self.offered,
        };
        if hello.asks_again {
            draft.push_extra("asks_again", Val::Bool(true));
        } else if asked || modern {
            draft.push_extra("resumed", Val::Bool(resumed));
        }
        draft.commit();
        if modern && !hello.asks_again {
            self.set(input.dir, Side::Sealed);
        }
        let mut server = out.about(About::Sender);
        if let Some(name) = names::version(chosen) {
            server = server.protection(name.as_bytes());
        }
        server.fingerprint("ja3s", fingerprint::ja3s(hello).as_bytes());
        if protocol.is_some_and(|p| p == b"h2" || p.starts_with(b"http/1.")) {
            out.about(About::Sender).implied().role(Role::WebServer);
        }
    }

    /// Says the first certificate of a chain: its holder's.
    pub(super) fn certificate(&mut self, bytes: &[u8], count: u32, input: &Input<'_>, out: &mut Output) {
        if bytes.first() != Some(&0x30) {
            // bare keys and other kinds (RFC 7250, RFC 6091)
            return;
        }
        let certificate = match certificate(bytes) {
            Ok(certificate) => certificate,
            Err(error) => return out.malformed(error, input.dir),
        };
        let by_client = self.client == Some(input.dir);
        let code = if by_client { meaning::CLIENT_CERTIFICATE } else { meaning::CERTIFICATE };
        let mut draft = out.draft(meaning::OPERATIONS, code, input.dir);
        if let Some(client) = self.client {
            draft = draft.actor(client);
        }
        meaning::describe(&mut draft, &certificate, bytes);
        draft.extra("chain", Val::Uint(count.into())).commit();
        if self.client == Some(input.dir.flip()) {
            meaning::identify(out.about(About::Sender), &certificate);
        }
    }

    fn alert(&mut self, level: u8, code: u8, input: &Input<'_>, out: &mut Output) {
        let name = names::alert(code).unwrap_or("unknown");
        let fatal = level == 2;
        if fatal && self.client == Some(input.dir.flip())
            && let Some(draft) = self.pending.settle((), out) {
                draft.extra("alert", Val::Name(name)).outcome(Outcome::Refused(code.into())).commit();
            }
        let mut draft = out.draft(meaning::OPERATIONS, meaning::ALERT, input.dir).actor(input.dir);
        let target = draft.text(name.as_bytes());
        draft.push_item(Goal::named("alert", target), Val::None);
        draft.extra("level", Val::Name(if fatal { "fatal" } else { "warning" })).commit();
    }
}

/// After framing was lost a record is believed where it ends with the bytes or another one follows, and where what it
/// carries fits.
fn is_believable(record: Record, bytes: &[u8]) -> bool {
    let rest = bytes.get(w::HEADER + record.length..).unwrap_or_default();
    let content = bytes.get(w::HEADER..).unwrap_or_default();
    let fits = match (record.kind, content.get(..record.length)) {
        (Kind::Handshake, Some(whole)) => w::are_messages(whole) || w::begin_long_message(whole),
        (Kind::Handshake, None) => content.len() < 6 || w::begin_long_message(content),
        (Kind::ChangeCipherSpec, _) => record.length == 1,
        (Kind::Alert, Some(whole)) => w::alert(whole).is_some() || record.length >= 16,
        (Kind::Alert, None) => record.length == 2,
        (Kind::Heartbeat, _) => record.length >= 19,
        (Kind::Application, _) => record.length > 0,
    };
    fits && (rest.is_empty() || w::may_begin(rest))
}

/// A protocol's name that is a value of GREASE.
fn is_placeholder(name: &[u8]) -> bool {
    name.len() == 2 && numbers(name).all(is_grease)
}

fn is_hello(content: &[u8]) -> bool {
    match w::first_message(content) {
        Some((w::message::CLIENT_HELLO, length, Some(body))) => {
            content.len() == 4 + length && hello::client(body).is_ok()
        }
        _ => false,
    }
}

/// A heartbeat that announces more than it carries asks for memory of the other side (RFC 6520, 4).
fn heartbeat(content: &[u8], input: &Input<'_>, out: &mut Output) {
    if let [1 | 2, high, low, payload @ ..] = content {
        let announced = usize::from(*high) << 8 | usize::from(*low);
        if announced > payload.len() {
            out.anomaly("invalid_length", "heartbeat payload", announced as u64, input.dir);
        }
    }
}

pub(super) fn version(draft: &mut Draft<'_>, key: &'static str, version: u16) {
    let value = match names::version(version) {
        Some(name) => Val::Name(name),
        None => {
            let text = draft.format(format_args!("{version:#06x}"));
            Val::Text(text)
        }
    };
    draft.push_extra(key, value);
}
