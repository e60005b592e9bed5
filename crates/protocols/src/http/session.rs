//! Heads, bodies, pairing in order: the only state.

use super::wire::{self as w, Body, Chunk, Start};
use super::{auth, meaning};
use crate::common::header::{Head, MAX_HEAD, head, quoted};
use crate::{About, Dir, Draft, Goal, Input, Output, Pending, Session, Step, Val};
use model::{Address, Outcome, Role, Time};
use wire::Malformed;

/// Pages that controllers make take seconds, long polls a minute.
const REPLY_TIMEOUT_NS: i64 = 120 * Time::SECOND;
/// Longest path kept, in bytes.
const MAX_PATH: usize = 256;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Http {
        pending: Pending::new(REPLY_TIMEOUT_NS),
        asked: 0,
        replied: 0,
        head_requests: 0,
        client: None,
        inside: [Inside::Head; 2],
        credential: None,
        read: false,
        proxy: false,
    })
}

/// Where a direction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// A head comes next.
    Head,
    /// A chunk's line comes next.
    Chunks,
    /// Fields behind the last chunk.
    Trailer,
    /// A body that ends with the connection.
    UntilClose,
    /// Another protocol has taken over; `true`: it is handed on.
    Tunnel(bool),
}

/// A request, and the sign-in that came with it.
type Key = (u32, bool);

struct Http {
    pending: Pending<Key>,
    /// Requests seen, and answers seen to them.
    asked: u32,
    replied: u32,
    /// One bit for each of the last outstanding requests: it was HEAD (answers without body). Bit 0 is the newest.
    head_requests: u64,
    /// Direction in which the client sends.
    client: Option<Dir>,
    inside: [Inside; 2],
    /// Mask of the credential told last: clients repeat it with every request.
    credential: Option<u64>,
    /// A head has been read.
    read: bool,
    /// The client asks a proxy (RFC 9112, 3.2.2 and 3.2.3): answers are other servers' words.
    proxy: bool,
}

impl Session for Http {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        // a body or tunnel without end may have ended unseen
        let endless = matches!(self.inside(input.dir), Inside::UntilClose | Inside::Tunnel(_));
        if endless && input.boundary && w::is_start(input.bytes) {
            self.set(input.dir, Inside::Head);
        }
        match self.inside(input.dir) {
            Inside::Head => self.head(input, out),
            Inside::UntilClose => Step::Took(input.bytes.len()),
            Inside::Tunnel(handed) => {
                if let (true, Some(client)) = (handed, self.client) {
                    out.inner_tunnel("http", input.dir, client.flip(), 0, input.bytes.len());
                }
                Step::Took(input.bytes.len())
            }
            Inside::Chunks => match w::chunk(input.bytes) {
                Chunk::Piece(size) => Step::Took(size),
                Chunk::Last(size) => {
                    self.set(input.dir, Inside::Trailer);
                    Step::Took(size)
                }
                Chunk::More => Step::NeedMore,
                Chunk::Broken => {
                    self.set(input.dir, Inside::Head);
                    self.lost(Malformed::invalid("chunk size", 0), input, out)
                }
            },
            Inside::Trailer => match w::trailer(input.bytes) {
                Some(size) => {
                    if size <= 2 {
                        self.set(input.dir, Inside::Head);
                    }
                    Step::Took(size)
                }
                None if input.bytes.len() >= MAX_HEAD => {
                    self.set(input.dir, Inside::Head);
                    self.lost(Malformed::invalid("trailer", 0), input, out)
                }
                None => Step::NeedMore,
            },
        }
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        self.replied = self.asked;
        if !matches!(self.inside(dir), Inside::Tunnel(_)) {
            self.set(dir, Inside::Head);
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

impl Http {
    /// Framing is lost. What came before the first head belongs to another protocol (SOCKS) and breaks no rule of this.
    fn lost(&self, error: Malformed, input: &Input<'_>, out: &mut Output) -> Step {
        if !input.trial && self.read {
            out.malformed(error, input.dir);
        }
        Step::Resync(0)
    }

    fn inside(&self, dir: Dir) -> Inside {
        self.inside.get(dir.index()).copied().unwrap_or(Inside::Head)
    }

    fn set(&mut self, dir: Dir, inside: Inside) {
        if let Some(place) = self.inside.get_mut(dir.index()) {
            *place = inside;
        }
    }

    fn head(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if let [b'\r', b'\n', ..] | [b'\n', ..] = input.bytes {
            // an empty line before a start line is to be ignored (RFC 9112, 2.2)
            return Step::Took(if input.bytes.first() == Some(&b'\r') { 2 } else { 1 });
        }
        let Some(head) = head(input.bytes) else {
            if input.bytes.len() >= MAX_HEAD || !w::may_begin(input.bytes) && input.bytes != b"\r" {
                return self.lost(Malformed::invalid("start line", 0), input, out);
            }
            return Step::NeedMore;
        };
        let Some(start) = w::start(head.start) else {
            return self.lost(Malformed::invalid("start line", 0), input, out);
        };
        self.read = true;
        let response = matches!(start, Start::Response { .. });
        let mut body = w::body(&head, response);
        if body == Body::Broken {
            out.anomaly("malformed", "content length", head.size as u64, input.dir);
            body = Body::UntilClose;
        }
        match start {
            Start::Preface => return self.preface(input, out),
            Start::Request { code, target } => {
                let form = form_length(&head, body);
                let Some(shown) = input.bytes.get(head.size..head.size + form) else { return Step::NeedMore };
                self.request(code, target, &head, shown, input, out);
                if code == meaning::CONNECT {
                    body = Body::Length(0);
                }
            }
            Start::Response { status } => body = self.response(status, &head, body, input, out),
        }
        match body {
            Body::Length(n) => return Step::Took(head.size.saturating_add(n as usize)),
            Body::Chunked => self.set(input.dir, Inside::Chunks),
            Body::UntilClose | Body::Broken => {
                if !matches!(self.inside(input.dir), Inside::Tunnel(_)) {
                    self.set(input.dir, Inside::UntilClose);
                }
            }
        }
        Step::Took(head.size)
    }

    fn preface(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if input.bytes.len() < w::PREFACE.len() {
            return Step::NeedMore;
        }
        out.draft(meaning::OPERATIONS, meaning::HTTP2, input.dir).actor(input.dir).commit();
        self.client = Some(input.dir);
        self.inside = [Inside::Tunnel(false); 2];
        Step::Took(w::PREFACE.len())
    }

    fn request(&mut self, code: u32, target: &[u8], head: &Head<'_>, form: &[u8], input: &Input<'_>, out: &mut Output) {
        self.client = Some(input.dir);
        self.asked = self.asked.wrapping_add(1);
        self.head_requests = self.head_requests << 1 | u64::from(code == meaning::HEAD);
        let elsewhere = |address| matches!(address, Address::Ip(server) if w::is_elsewhere(target, server));
        self.proxy |= code == meaning::CONNECT || elsewhere(input.dst.host.address);
        self.sign_in(head, form, input, out);
        let mut draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(input.dir);
        // what stands behind the question mark may be a secret
        let path = target.split(|b| matches!(b, b'?' | b'#')).next().unwrap_or_default();
        let path = draft.text(path.get(..MAX_PATH.min(path.len())).unwrap_or(path));
        draft.push_item(Goal::named("path", path), Val::None);
        text(&mut draft, "host", head.field("host"));
        text(&mut draft, "agent", head.field("user-agent"));
        if code == meaning::OTHER {
            draft.out().anomaly("unknown_function", "method", 0, input.dir);
        }
        self.pending.hold((self.asked, false), draft);
        if let Some(agent) = head.field("user-agent").filter(|a| !a.is_empty()) {
            out.about(About::Sender).fingerprint("http_agent", agent);
        }
    }

    /// A sign-in is a row of its own, once for each credential.
    fn sign_in(&mut self, head: &Head<'_>, form: &[u8], input: &Input<'_>, out: &mut Output) {
        let value = head.field("authorization").or_else(|| head.field("proxy-authorization"));
        let basic = value.and_then(auth::basic).map(|c| (meaning::BASIC, c));
        let found = basic.or_else(|| auth::form(form).map(|c| (meaning::FORM, c)));
        if let Some((code, (user, password))) = found {
            let whole = out.secret(&[user.as_slice(), b":", password.as_slice()].concat());
            let Val::Secret { hash, .. } = whole else { return };
            if code == meaning::BASIC && self.credential == Some(hash) {
                return;
            }
            self.credential = Some(hash);
            let (secret, default) = (out.secret(&password), out.is_default_credential(&user, &password));
            let mut draft = out.draft(meaning::OPERATIONS, code, input.dir).actor(input.dir);
            text(&mut draft, "user", Some(&user));
            let draft = draft.extra("password", secret).extra("clear_text", Val::Bool(true));
            let draft = draft.extra("default_credential", Val::Bool(default));
            return self.pending.hold((self.asked, true), draft);
        }
        let Some(scheme) = value.and_then(auth::scheme_name) else { return };
        let Val::Secret { hash, .. } = out.secret(scheme.as_bytes()) else { return };
        if self.credential != Some(hash) {
            self.credential = Some(hash);
            let draft = out.draft(meaning::OPERATIONS, meaning::NEGOTIATED, input.dir).actor(input.dir);
            self.pending.hold((self.asked, true), draft.extra("scheme", Val::Name(scheme)));
        }
    }

    /// Says the answer; returns how long its body is.
    fn response(&mut self, status: u16, head: &Head<'_>, body: Body, input: &Input<'_>, out: &mut Output) -> Body {
        let client = input.dir.flip();
        self.client = Some(client);
        if self.proxy || head.field("via").is_some() {
            out.about(About::Sender).implied().role(Role::Server);
        } else {
            self.tell_server(head, out);
        }
        if (100..200).contains(&status) && status != 101 {
            return Body::Length(0);
        }
        let waiting = self.asked.wrapping_sub(self.replied);
        let mut to_head = false;
        if waiting > 0 {
            self.replied = self.replied.wrapping_add(1);
            to_head = self.head_requests.checked_shr(waiting - 1).is_some_and(|bits| bits & 1 != 0);
        }
        let number = if waiting > 0 { Some(self.replied) } else { None };
        if let Some(draft) = number.and_then(|n| self.pending.settle((n, true), out)) {
            let refused = matches!(status, 401 | 403 | 407);
            if refused {
                self.credential = None;
            }
            let outcome = if refused { Outcome::Refused(status.into()) } else { Outcome::Ok };
            draft.extra("status", Val::Uint(status.into())).outcome(outcome).commit();
        }
        let mut connect = false;
        let settled = number.and_then(|n| self.pending.settle((n, false), out));
        let paired = settled.is_some();
        if let Some(mut draft) = settled {
            connect = draft.row().code == meaning::CONNECT;
            draft = draft.extra("status", Val::Uint(status.into()));
            text(&mut draft, "content_type", head.field("content-type"));
            if let (Body::Length(n), false) = (body, to_head) {
                draft.push_extra("length", Val::Uint(n));
            }
            let file = head.field("content-disposition").and_then(|v| quoted(v, "filename"));
            text(&mut draft, "file", file);
            if status == 101 {
                text(&mut draft, "upgrade", head.field("upgrade"));
            }
            let outcome = if status >= 400 { Outcome::Refused(status.into()) } else { Outcome::Ok };
            draft.outcome(outcome).commit();
        }
        if status == 101 || connect && (200..300).contains(&status) {
            self.inside = [Inside::Tunnel(connect); 2];
            return Body::Length(0);
        }
        match body {
            _ if to_head || matches!(status, 204 | 304) => Body::Length(0),
            // the answer to a question that was not seen may be one to HEAD: a length is then no promise
            Body::Length(n) if !paired && n > 0 && input.bytes.get(head.size..).is_some_and(|b| b.starts_with(b"HTTP/1.")) => {
                Body::Length(0)
            }
            body => body,
        }
    }

    fn tell_server(&mut self, head: &Head<'_>, out: &mut Output) {
        out.about(About::Sender).implied().role(Role::WebServer);
        if let Some(server) = head.field("server").filter(|s| !s.is_empty()) {
            out.about(About::Sender).fingerprint("http_server", server).software(server);
        }
        if let Some(platform) = head.field("x-powered-by").filter(|p| !p.is_empty()) {
            out.about(About::Sender).fingerprint("http_platform", platform);
        }
        let challenge = head.field("www-authenticate").and_then(|v| quoted(v, "realm"));
        if let Some(realm) = challenge.filter(|r| !r.is_empty()) {
            out.about(About::Sender).fingerprint("http_realm", realm);
        }
    }
}

fn text(draft: &mut Draft<'_>, key: &'static str, value: Option<&[u8]>) {
    if let Some(value) = value.filter(|v| !v.is_empty()) {
        let span = draft.text(value.get(..MAX_PATH.min(value.len())).unwrap_or(value));
        draft.push_extra(key, Val::Text(span));
    }
}

/// Bytes of a form that is waited for: short ones may be sign-ins.
fn form_length(head: &Head<'_>, body: Body) -> usize {
    let form = head.field("content-type").is_some_and(|v| v.to_ascii_lowercase().starts_with(b"application/x-www-form"));
    match body {
        Body::Length(n) if form && n <= auth::MAX_FORM => n as usize,
        _ => 0,
    }
}
