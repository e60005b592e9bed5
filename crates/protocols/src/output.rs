//! What a session says: rows of small `Copy` values over one arena, reused from message to message.

use crate::descriptor::{Operation, lookup};
use crate::draft::Draft;
use crate::evidence::{About, Saying};
use crate::row::{Dir, Entry, Extra, Moment, Row, Run, Span, Val};
use crate::secret::Secrets;
use crate::session::{Carried, Expect};
use crate::text;
use crate::transfer::Moving;
use model::{Outcome, Path};
use std::sync::Arc;

/// A rule of a standard that a message breaks.
#[derive(Clone, Copy, Debug)]
pub struct AnomalyRow {
    /// `snake_case` rule.
    pub kind: &'static str,
    /// Field or detail.
    pub detail: &'static str,
    /// A number that belongs to it (offset, code, length).
    pub number: u64,
    /// Direction of the message.
    pub sent: Dir,
    /// The thing behind the address.
    pub path: Path,
}

/// Where the bytes for an inner protocol are.
#[derive(Clone, Copy, Debug)]
pub enum InnerBytes {
    /// In the input, from byte to byte.
    Input(usize, usize),
    /// In the arena (the carrier put them together).
    Arena(Span),
}

/// Payload a carrier hands on.
#[derive(Clone, Copy, Debug)]
pub struct Inner {
    /// The carrier's own name; inner protocols say `Hint::Inside(name)`.
    pub carrier: &'static str,
    /// Messages may be cut anywhere.
    pub stream: bool,
    /// Direction.
    pub dir: Dir,
    /// What the carrier says about it.
    pub carried: Carried,
    /// The bytes.
    pub bytes: InnerBytes,
    /// The end that sends in this direction only passes on what somebody beyond it says (a proxy's tunnel): what the
    /// inner conversation tells about that end is not about its device.
    pub relay: Option<Dir>,
}

/// A finished transfer.
#[derive(Clone, Debug)]
pub struct TransferRow {
    /// What moved.
    pub moving: Moving,
    /// Direction in which the actor sends.
    pub actor: Dir,
    /// The thing behind the subject's address.
    pub path: Path,
}

/// The output of a session. The engine clears it after each step; nothing in it outlives one.
#[derive(Debug, Default)]
pub struct Output {
    pub(crate) arena: Vec<u8>,
    pub(crate) items: Vec<Entry>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) rows: Vec<Row>,
    pub(crate) evidence: Vec<Saying>,
    anomalies: Vec<AnomalyRow>,
    inner: Vec<Inner>,
    expects: Vec<(Expect, Span)>,
    transfers: Vec<TransferRow>,
    limits: Vec<&'static str>,
    now: Moment,
    both_sides: bool,
    secrets: Arc<Secrets>,
}

impl Output {
    /// An empty output that masks with these secrets.
    pub fn new(secrets: Arc<Secrets>) -> Output {
        Output { secrets, ..Output::default() }
    }

    // ---- for sessions -------------------------------------------------------------------------------------------

    /// Begins an operation by its code. `sent` is the direction of the message it comes from. Nothing is said until
    /// the draft is committed or held.
    pub fn draft(&mut self, table: &[Operation], code: u32, sent: Dir) -> Draft<'_> {
        let (operation, class) = lookup(table, code);
        let row = Row {
            operation,
            code,
            class,
            actor: None,
            sent,
            path: Path::HOST,
            outcome: Outcome::Ok,
            asked: None,
            latency: None,
            single: false,
            items: Run { at: self.items.len() as u32, len: 0 },
            extras: Run { at: self.extras.len() as u32, len: 0 },
        };
        let arena_at = self.arena.len() as u32;
        Draft { out: self, row, arena_at }
    }

    /// Begins evidence about someone.
    pub fn about(&mut self, about: About) -> crate::evidence::Speaker<'_> {
        crate::evidence::Speaker::new(self, about)
    }

    /// A rule of the standard is broken. `detail` names the field; `number` is an offset, code or length.
    pub fn anomaly(&mut self, kind: &'static str, detail: &'static str, number: u64, sent: Dir) {
        self.anomaly_at(kind, detail, number, sent, Path::HOST);
    }

    /// The same, about a thing behind the address.
    pub fn anomaly_at(&mut self, kind: &'static str, detail: &'static str, number: u64, sent: Dir, path: Path) {
        self.anomalies.push(AnomalyRow { kind, detail, number, sent, path });
    }

    /// A message could not be read: an anomaly from the reader's own words.
    pub fn malformed(&mut self, error: wire::Malformed, sent: Dir) {
        let kind = if error.is_truncated() { "truncated" } else { "malformed" };
        self.anomaly(kind, error.what, u64::from(error.at), sent);
    }

    /// Hands a whole inner message on that lies in the input.
    pub fn inner(&mut self, carrier: &'static str, dir: Dir, carried: Carried, from: usize, to: usize) {
        self.inner.push(Inner {
            carrier,
            stream: false,
            dir,
            carried,
            bytes: InnerBytes::Input(from, to),
            relay: None,
        });
    }

    /// Hands a whole inner message on that the carrier put together.
    pub fn inner_assembled(&mut self, carrier: &'static str, dir: Dir, carried: Carried, bytes: &[u8]) {
        let span = self.bytes(bytes);
        self.inner.push(Inner { carrier, stream: false, dir, carried, bytes: InnerBytes::Arena(span), relay: None });
    }

    /// Hands on bytes of an inner stream that lie in the input.
    pub fn inner_stream(&mut self, carrier: &'static str, dir: Dir, carried: Carried, from: usize, to: usize) {
        self.inner.push(Inner { carrier, stream: true, dir, carried, bytes: InnerBytes::Input(from, to), relay: None });
    }

    /// The same for a tunnel whose end that sends in direction `relay` is not the device it speaks for.
    pub fn inner_tunnel(&mut self, carrier: &'static str, dir: Dir, relay: Dir, from: usize, to: usize) {
        let (bytes, relay) = (InnerBytes::Input(from, to), Some(relay));
        self.inner.push(Inner { carrier, stream: true, dir, carried: Carried::default(), bytes, relay });
    }

    /// Announces another conversation of the same two hosts.
    pub fn expect(&mut self, expect: Expect) {
        self.expects.push((expect, Span::EMPTY));
    }

    /// The same with a name that the other conversation does not carry (of the file it moves).
    pub fn expect_named(&mut self, expect: Expect, name: &[u8]) {
        let name = self.bytes(name);
        self.expects.push((expect, name));
    }

    /// A transfer is over (complete or not).
    pub fn transfer(&mut self, moving: Moving, actor: Dir, path: Path) {
        self.transfers.push(TransferRow { moving, actor, path });
    }

    /// A bound was reached; `limit` is its name.
    pub fn limit(&mut self, limit: &'static str) {
        self.limits.push(limit);
    }

    /// Puts bytes into the arena.
    pub fn bytes(&mut self, bytes: &[u8]) -> Span {
        let at = self.arena.len() as u32;
        self.arena.extend_from_slice(bytes);
        Span { at, len: bytes.len() as u32 }
    }

    /// Puts cleaned text into the arena ([`text::clean`]). Plain ASCII is copied without allocation.
    pub fn text(&mut self, bytes: &[u8]) -> Span {
        let plain = bytes.len() <= text::MAX_TEXT
            && bytes.iter().all(|b| (0x20..0x7f).contains(b))
            && bytes.first() != Some(&b' ')
            && bytes.last() != Some(&b' ');
        if plain {
            return self.bytes(bytes);
        }
        let clean = text::clean(bytes);
        self.bytes(clean.as_bytes())
    }

    /// Puts cleaned UTF-16LE text into the arena.
    pub fn text_utf16le(&mut self, bytes: &[u8]) -> Span {
        let clean = text::clean_utf16le(bytes);
        self.bytes(clean.as_bytes())
    }

    /// Puts formatted text into the arena.
    pub fn format(&mut self, args: core::fmt::Arguments<'_>) -> Span {
        use std::io::Write;
        let at = self.arena.len();
        let _ = self.arena.write_fmt(args);
        Span { at: at as u32, len: (self.arena.len() - at) as u32 }
    }

    /// Puts text into the arena that is written in place (UTF-8); faster than [`Output::format`].
    pub fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let at = self.arena.len();
        write(&mut self.arena);
        Span { at: at as u32, len: self.arena.len().saturating_sub(at) as u32 }
    }

    /// Masks a secret.
    pub fn secret(&self, secret: &[u8]) -> Val {
        Val::Secret { len: secret.len() as u32, hash: self.secrets.mask(secret) }
    }

    /// Whether these are published default credentials.
    pub fn is_default_credential(&self, user: &[u8], password: &[u8]) -> bool {
        self.secrets.is_default(user, password)
    }

    /// The frame being looked at.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// What silence means here: `NoReply` where both sides are visible, `Unseen` otherwise.
    pub fn silence(&self) -> Outcome {
        if self.both_sides { Outcome::NoReply } else { Outcome::Unseen }
    }

    // ---- for the engine -----------------------------------------------------------------------------------------

    /// Empties everything and sets the frame looked at.
    pub fn begin(&mut self, now: Moment, both_sides: bool) {
        self.arena.clear();
        self.items.clear();
        self.extras.clear();
        self.rows.clear();
        self.evidence.clear();
        self.anomalies.clear();
        self.inner.clear();
        self.expects.clear();
        if !self.transfers.is_empty() {
            self.transfers.clear();
        }
        self.limits.clear();
        self.now = now;
        self.both_sides = both_sides;
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
            && self.evidence.is_empty()
            && self.anomalies.is_empty()
            && self.inner.is_empty()
            && self.expects.is_empty()
            && self.transfers.is_empty()
            && self.limits.is_empty()
    }

    /// The operations.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Targets and values of an operation.
    pub fn items_of(&self, row: &Row) -> &[Entry] {
        run(&self.items, row.items)
    }

    /// Extras of an operation.
    pub fn extras_of(&self, row: &Row) -> &[Extra] {
        run(&self.extras, row.extras)
    }

    /// The bytes of a span.
    pub fn span(&self, span: Span) -> &[u8] {
        let at = span.at as usize;
        self.arena.get(at..at.saturating_add(span.len as usize)).unwrap_or_default()
    }

    /// The evidence.
    pub fn evidence(&self) -> &[Saying] {
        &self.evidence
    }

    /// The anomalies.
    pub fn anomalies(&self) -> &[AnomalyRow] {
        &self.anomalies
    }

    /// Payload handed on.
    pub fn inners(&self) -> &[Inner] {
        &self.inner
    }

    /// Expectations and their names.
    pub fn expects(&self) -> &[(Expect, Span)] {
        &self.expects
    }

    /// Transfers that are over.
    pub fn transfers(&self) -> &[TransferRow] {
        &self.transfers
    }

    /// Bounds that were reached.
    pub fn limits(&self) -> &[&'static str] {
        &self.limits
    }
}

fn run<T>(list: &[T], run: Run) -> &[T] {
    let at = run.at as usize;
    list.get(at..at.saturating_add(run.len as usize)).unwrap_or_default()
}
