//! Connection, reassembly of TSDUs, handing on: the only state.

use super::OPERATIONS;
use super::wire::{Kind, Tpdu, tpdu};
use crate::common::tsap;
use crate::{Carried, Dir, Draft, Goal, Input, Output, Pending, Session, Span, Step, Val};
use model::{Outcome, Time};

/// A peer that has not confirmed a connection after this long does not listen.
const CONFIRM_TIMEOUT_NS: i64 = 10 * Time::SECOND;

/// Largest TSDU put together. MMS agrees on PDUs of up to 64 KiB, S7 on far less; more is a flood.
const MAX_TSDU: usize = 128 * 1024;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Cotp {
        pending: Pending::new(CONFIRM_TIMEOUT_NS),
        called: 0,
        calling: 0,
        size: 0,
        caller: None,
        parts: Default::default(),
    })
}

struct Cotp {
    /// Key: direction of the request; class 0 has one connection per TCP connection.
    pending: Pending<Dir>,
    called: u64,
    calling: u64,
    size: u32,
    /// Direction in which the caller sends.
    caller: Option<Dir>,
    /// The TSDU under way, per direction.
    parts: [Parts; 2],
}

#[derive(Default)]
struct Parts {
    bytes: Vec<u8>,
    /// Pieces are dropped up to the next end mark: one is missing, or the bound was reached.
    skipping: bool,
}

impl Session for Cotp {
    fn touch(&self) -> u64 {
        self.size.into()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let whole = input.bytes.len().max(1);
        let tpdu = match tpdu(input.bytes) {
            Ok(tpdu) => tpdu,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Took(whole);
            }
        };
        match tpdu.kind {
            Kind::ConnectionRequest => self.request(&tpdu, input, out),
            Kind::ConnectionConfirm => self.confirm(&tpdu, input, out),
            Kind::DisconnectRequest => self.disconnect(&tpdu, input, out),
            Kind::DisconnectConfirm => out.draft(OPERATIONS, 0xc0, input.dir).actor(input.dir.flip()).commit(),
            Kind::Error => {
                let draft = out.draft(OPERATIONS, 0x70, input.dir).actor(input.dir.flip());
                draft
                    .extra("reason", Val::Uint(tpdu.detail.into()))
                    .outcome(Outcome::Refused(tpdu.detail.into()))
                    .commit();
            }
            Kind::Data => self.data(&tpdu, input, out),
            Kind::ExpeditedData => self.hand_on(&tpdu, input, out),
            Kind::Acknowledgement => {}
            Kind::Other => {
                if !input.trial {
                    out.anomaly("invalid_tpdu_code", "TPDU code", tpdu.code.into(), input.dir);
                }
            }
        }
        Step::Took(whole)
    }

    fn gap(&mut self, dir: Dir, out: &mut Output) {
        self.pending.lose(out);
        if let Some(parts) = self.parts.get_mut(dir.index()) {
            parts.skipping = !parts.bytes.is_empty() || parts.skipping;
            parts.bytes.clear();
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

impl Cotp {
    fn carried(&self, tpdu: &Tpdu<'_>) -> Carried {
        let caller = match self.caller {
            None => 0,
            Some(Dir::AtoB) => 1,
            Some(Dir::BtoA) => 2,
        };
        let about = u64::from(tpdu.code) | caller << 8 | u64::from(self.size) << 16;
        Carried { channel: 0, facts: [self.called, self.calling, about, 0] }
    }

    fn learn(&mut self, tpdu: &Tpdu<'_>, caller: Dir) {
        self.caller = Some(caller);
        if !tpdu.called.is_empty() {
            self.called = tsap::pack(tpdu.called);
        }
        if !tpdu.calling.is_empty() {
            self.calling = tsap::pack(tpdu.calling);
        }
        if tpdu.size != 0 {
            self.size = tpdu.size;
        }
    }

    fn request(&mut self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        self.learn(tpdu, input.dir);
        for parts in &mut self.parts {
            parts.bytes.clear();
            parts.skipping = false;
        }
        let mut draft = out.draft(OPERATIONS, 0xe0, input.dir).actor(input.dir);
        if !tpdu.called.is_empty() {
            let name = selector(tpdu.called, &mut draft);
            draft.push_item(Goal::named("tsap", name), Val::None);
        }
        selectors(tpdu, &mut draft);
        self.pending.hold(input.dir, draft);
        self.hand_on_user(tpdu, input, out);
    }

    fn confirm(&mut self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        self.learn(tpdu, input.dir.flip());
        match self.pending.settle(input.dir.flip(), out) {
            Some(mut draft) => {
                agreed(tpdu, &mut draft);
                draft.commit();
            }
            None => {
                let mut draft = out.draft(OPERATIONS, 0xe0, input.dir).actor(input.dir.flip());
                selectors(tpdu, &mut draft);
                agreed(tpdu, &mut draft);
                draft.outcome(Outcome::ReplyOnly).commit();
            }
        }
        self.hand_on_user(tpdu, input, out);
    }

    /// A disconnect request refuses a connection, or (not in class 0) ends one.
    fn disconnect(&mut self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        let reason = u32::from(tpdu.detail);
        let (draft, outcome) = match self.pending.settle(input.dir.flip(), out) {
            Some(draft) => (draft, Outcome::Refused(reason)),
            None if tpdu.source == 0 => {
                let draft = out.draft(OPERATIONS, 0xe0, input.dir).actor(input.dir.flip());
                (draft, Outcome::Refused(reason))
            }
            None => (out.draft(OPERATIONS, 0x80, input.dir).actor(input.dir), Outcome::Ok),
        };
        draft.extra("reason", Val::Uint(reason.into())).outcome(outcome).commit();
    }

    fn hand_on_user(&self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        if !tpdu.user.is_empty() {
            self.hand_on(tpdu, input, out);
        }
    }

    fn hand_on(&self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        out.inner("cotp", input.dir, self.carried(tpdu), tpdu.user_at, tpdu.user_at.saturating_add(tpdu.user.len()));
    }

    fn data(&mut self, tpdu: &Tpdu<'_>, input: &Input<'_>, out: &mut Output) {
        let carried = self.carried(tpdu);
        let Some(parts) = self.parts.get_mut(input.dir.index()) else { return };
        if parts.skipping {
            parts.skipping = !tpdu.end;
            return;
        }
        if parts.bytes.is_empty() && tpdu.end {
            if !tpdu.user.is_empty() {
                self.hand_on(tpdu, input, out);
            }
            return;
        }
        if parts.bytes.len().saturating_add(tpdu.user.len()) > MAX_TSDU {
            out.limit("cotp_tsdu");
            parts.bytes.clear();
            parts.skipping = !tpdu.end;
            return;
        }
        parts.bytes.extend_from_slice(tpdu.user);
        if tpdu.end {
            out.inner_assembled("cotp", input.dir, carried, &parts.bytes);
            parts.bytes.clear();
            // a burst of large TSDUs must not keep its memory for the life of the connection
            parts.bytes.shrink_to(4096);
        }
    }
}

/// A selector as text where it is text, else as hexadecimal bytes.
fn selector(bytes: &[u8], draft: &mut Draft<'_>) -> Span {
    if bytes.len() > 2 && bytes.iter().all(|b| (0x20..0x7f).contains(b)) {
        return draft.text(bytes);
    }
    match bytes {
        [a, b] => draft.format(format_args!("{a:02x}.{b:02x}")),
        _ => draft.format(format_args!("{}", Hex(bytes))),
    }
}

struct Hex<'a>(&'a [u8]);

impl core::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // selectors have at most 32 bytes (X.224, 13.3.4)
        self.0.iter().take(32).try_for_each(|b| write!(f, "{b:02x}"))
    }
}

fn selectors(tpdu: &Tpdu<'_>, draft: &mut Draft<'_>) {
    if !tpdu.called.is_empty() {
        let text = selector(tpdu.called, draft);
        draft.push_extra("called_tsap", Val::Text(text));
    }
    if !tpdu.calling.is_empty() {
        let text = selector(tpdu.calling, draft);
        draft.push_extra("calling_tsap", Val::Text(text));
    }
    // SIMATIC: first byte the kind of connection, second byte rack (3 bits) and slot (5 bits)
    if let ([kind @ 1..=3, place], 1..=2) = (tpdu.called, tpdu.calling.len()) {
        let kind = match kind {
            1 => "pg",
            2 => "op",
            _ => "s7_basic",
        };
        draft.push_extra("connection_type", Val::Name(kind));
        draft.push_extra("rack", Val::Uint(u64::from(place >> 5)));
        draft.push_extra("slot", Val::Uint(u64::from(place & 0x1f)));
    }
}

fn agreed(tpdu: &Tpdu<'_>, draft: &mut Draft<'_>) {
    if tpdu.size != 0 {
        draft.push_extra("tpdu_size", Val::Uint(tpdu.size.into()));
    }
    draft.push_extra("transport_class", Val::Uint(u64::from(tpdu.detail >> 4)));
}
