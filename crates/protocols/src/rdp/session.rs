//! Negotiation and connection, paired: the only state.

use super::meaning::{self, OPERATIONS};
use super::wire::{self, Pdu};
use crate::common::windows::{text_extra, words};
use crate::{About, Dir, Draft, Input, Kind, Output, Pending, Session, Step, Val};
use ::wire::{Read, Reader};
use model::{NameKind, Outcome, Time};

/// Servers answer at once; licence servers are asked within seconds.
const REPLY_TIMEOUT_NS: i64 = 30 * Time::SECOND;

/// TPDU codes of COTP, as the carrier tells them.
const CONNECTION_REQUEST: u64 = 0xe0;
const CONNECTION_CONFIRM: u64 = 0xd0;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Rdp { pending: Pending::new(REPLY_TIMEOUT_NS), plain: false })
}

struct Rdp {
    /// Key: direction of the request and its code.
    pending: Pending<(Dir, u32)>,
    /// The server said that nothing is encrypted.
    plain: bool,
}

impl Session for Rdp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = Step::Took(input.bytes.len().max(1));
        if input.carried.facts[0] == 1 && input.carried.channel == 1 {
            // fast path: pictures and keys, nothing to tell
            return whole;
        }
        let read = match input.carried.facts[2] & 0xff {
            CONNECTION_REQUEST => self.request(input, out),
            CONNECTION_CONFIRM => self.confirm(input, out),
            _ => self.data(input, out),
        };
        if let Err(error) = read {
            out.malformed(error, input.dir);
        }
        whole
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
    }
}

/// The request an answer belongs to, or the answer alone.
macro_rules! answered {
    ($self:ident, $code:expr, $input:ident, $out:ident) => {
        match $self.pending.settle(($input.dir.flip(), $code), $out) {
            Some(draft) => draft,
            None => {
                $out.draft(OPERATIONS, $code, $input.dir).actor($input.dir.flip()).outcome(Outcome::ReplyOnly)
            }
        }
    };
}

impl Rdp {
    fn request(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let request = wire::request(input.bytes)?;
        self.plain = false;
        let mut draft = out.draft(OPERATIONS, 0xe0, input.dir).actor(input.dir);
        let user = draft.text(request.user);
        text_extra(&mut draft, "user", user);
        let token = draft.text(request.token);
        text_extra(&mut draft, "routing_token", token);
        let Some(negotiation) = request.negotiation else {
            // a client of old: the answer carries nothing
            draft.extra("requested", Val::Name("rdp")).commit();
            return Ok(());
        };
        let span = meaning::protocols(draft.out(), negotiation.value);
        draft.push_extra("requested", Val::Text(span));
        if negotiation.flags & 1 != 0 {
            draft.push_extra("restricted_admin", Val::Bool(true));
        }
        self.pending.hold((input.dir, 0xe0), draft);
        Ok(())
    }

    fn confirm(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let answer = wire::negotiation(input.bytes)?;
        let mut draft = answered!(self, 0xe0, input, out);
        match answer.kind {
            wire::FAILURE => {
                if let Some(name) = meaning::failure(answer.value) {
                    draft.push_extra("failure", Val::Name(name));
                }
                draft.outcome(Outcome::Refused(answer.value)).commit();
            }
            _ => {
                let span = meaning::protocols(draft.out(), answer.value);
                draft.push_extra("selected", Val::Text(span));
                draft.commit();
                service(out, input);
                if answer.value & 0x0b == 0 {
                    out.about(About::Sender).protection(b"rdp_standard_security");
                }
            }
        }
        Ok(())
    }

    fn data(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        // a client goes on only after the server has agreed, with or without words
        if let Some(draft) = self.pending.settle((input.dir, 0xe0), out) {
            draft.extra("selected", Val::Name("rdp")).commit();
        }
        match wire::pdu(input.bytes) {
            Some(Pdu::ConnectInitial) => self.connect(input, out),
            Some(Pdu::ConnectResponse) => self.connected(input, out),
            Some(Pdu::Domain(choice)) => self.domain(choice, input, out),
            None => Ok(()),
        }
    }

    fn connect(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let blocks = wire::blocks(input.bytes, b"Duca")?;
        let mut draft = out.draft(OPERATIONS, 0x65, input.dir).actor(input.dir);
        for (kind, block) in blocks {
            match kind {
                0xc001 => client(&wire::client_core(block)?, &mut draft),
                0xc003 => {
                    let names = wire::channels(block)?;
                    let text: Vec<String> = names.iter().map(|name| crate::text::clean(name)).collect();
                    let span = draft.text(text.join(",").as_bytes());
                    text_extra(&mut draft, "channels", span);
                }
                _ => {}
            }
        }
        self.pending.hold((input.dir, 0x65), draft);
        Ok(())
    }

    fn connected(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let blocks = wire::blocks(input.bytes, b"McDn")?;
        let mut draft = answered!(self, 0x65, input, out);
        for (kind, block) in blocks {
            let mut r = Reader::new(block);
            match kind {
                0x0c01 => {
                    let version = r.le32("version")?;
                    draft.push_extra("server_version", meaning::version(version));
                }
                0x0c02 => {
                    let (method, level) = (r.le32("encryption method")?, r.le32("encryption level")?);
                    self.plain = method == 0 && level == 0;
                    if let Some(word) = meaning::method(method) {
                        draft.push_extra("encryption_method", Val::Name(word));
                    }
                    if let Some(word) = meaning::level(level) {
                        draft.push_extra("encryption_level", Val::Name(word));
                    }
                }
                _ => {}
            }
        }
        draft.commit();
        service(out, input);
        Ok(())
    }

    fn domain(&mut self, choice: u8, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let code = u32::from(choice);
        match choice {
            // requests with an answer; the answer's choice is one more
            10 | 14 => {
                let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
                if choice == 14 {
                    let mut r = Reader::new(input.bytes);
                    r.skip(3, "initiator")?;
                    draft.push_extra("channel", Val::Uint(r.be16("channel")?.into()));
                }
                self.pending.hold((input.dir, code), draft);
            }
            11 | 15 => {
                let result = Reader::new(input.bytes.get(1..).unwrap_or_default()).u8("result")?;
                let draft = answered!(self, code - 1, input, out);
                // an enumeration in the upper bits
                match result >> 4 {
                    0 => draft.commit(),
                    refused => draft.outcome(Outcome::Refused(refused.into())).commit(),
                }
            }
            25 => {
                let (flags, body) = wire::security(input.bytes)?;
                self.secure(flags, body, input, out)?;
            }
            26 => {}
            _ => out.draft(OPERATIONS, code, input.dir).actor(input.dir).commit(),
        }
        Ok(())
    }

    /// What a client sends on the way to its session (2.2.1.10, 2.2.1.11).
    fn secure(&self, flags: u16, body: &[u8], input: &Input<'_>, out: &mut Output) -> Read<()> {
        const EXCHANGE: u16 = 0x01;
        const ENCRYPTED: u16 = 0x08;
        const INFO: u16 = 0x40;
        if flags & EXCHANGE != 0 && flags & (INFO | ENCRYPTED) == 0 {
            out.draft(OPERATIONS, 0x1001, input.dir).actor(input.dir).commit();
        } else if flags & INFO != 0 && flags & EXCHANGE == 0 {
            let mut draft = out.draft(OPERATIONS, 0x1040, input.dir).actor(input.dir);
            if flags & ENCRYPTED == 0 && self.plain {
                let (unicode, [domain, user, password]) = wire::client_info(body)?;
                let text = |out: &mut Output, bytes| if unicode { out.text_utf16le(bytes) } else { out.text(bytes) };
                let (domain, user) = (text(draft.out(), domain), text(draft.out(), user));
                text_extra(&mut draft, "domain", domain);
                text_extra(&mut draft, "user", user);
                if !password.is_empty() {
                    let plain: Vec<u8> = password.iter().copied().filter(|b| *b != 0).collect();
                    let name = draft.out().span(user).to_vec();
                    let masked = draft.out().secret(&plain);
                    draft.push_extra("password", masked);
                    draft.push_extra("clear_text", Val::Bool(true));
                    if draft.out().is_default_credential(&name, &plain) {
                        draft.push_extra("default_credential", Val::Bool(true));
                    }
                }
            }
            draft.commit();
        }
        Ok(())
    }
}

/// What the client says of itself.
fn client(core: &wire::ClientCore<'_>, draft: &mut Draft<'_>) {
    let name = draft.out().text_utf16le(core.name);
    text_extra(draft, "client_name", name);
    draft.push_extra("client_build", Val::Uint(core.build.into()));
    draft.push_extra("client_version", meaning::version(core.version));
    let keyboard = words(draft.out(), [(None, core.keyboard)].into_iter());
    draft.push_extra("keyboard_layout", Val::Text(keyboard));
    let (width, height) = core.desktop;
    let desktop = draft.format(format_args!("{width}x{height}"));
    draft.push_extra("desktop", Val::Text(desktop));
    let product = draft.out().text_utf16le(core.product);
    text_extra(draft, "client_product_id", product);
    let out = draft.out();
    if !name.is_empty() {
        out.about(About::Sender).span(Kind::Name(NameKind::Host), name);
    }
    // other clients than Microsoft's repeat a build of Windows they like
    out.about(About::Sender)
        .guessed()
        .formatted(Kind::Fingerprint("rdp_client_build"), format_args!("{}", core.build));
}

fn service(out: &mut Output, input: &Input<'_>) {
    let kind = Kind::Service { transport: "tcp", port: input.src.port, protocol: "rdp" };
    out.about(About::Sender).verified().is(kind);
}
