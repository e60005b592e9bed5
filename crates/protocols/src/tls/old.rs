//! SSL 2: a hello of old form that asks for something newer, and the answer of a server that speaks nothing newer.

use super::meaning;
use super::session::{Side, Tls, version};
use super::wire as w;
use crate::common::tls::ciphers;
use crate::{About, Input, Output, Step, Val};
use model::Outcome;

/// Bytes of which the two can be told from anything else.
const SHORTEST: usize = 7;

/// Whether bytes too short to tell can begin one of the two.
pub fn may_begin(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80..=0xff] | [0x80..=0xff, _] | [0x80..=0xff, _, 1 | 4, ..])
}

impl Tls {
    /// A hello or its answer, where the bytes are one.
    pub(super) fn old(&mut self, input: &Input<'_>, out: &mut Output) -> Option<Step> {
        if let Some(read) = w::old_hello(input.bytes) {
            let Ok(hello) = read else { return Some(Step::NeedMore) };
            self.read = true;
            self.begin(input.dir);
            let mut draft = out.draft(meaning::OPERATIONS, meaning::HANDSHAKE, input.dir).actor(input.dir);
            version(&mut draft, "offered_version", hello.version);
            draft.push_extra("form", Val::Name("ssl2"));
            self.pending.hold((), draft);
            return Some(Step::Took(hello.size));
        }
        if input.bytes.len() < SHORTEST && may_begin(input.bytes) {
            return Some(Step::NeedMore);
        }
        let read = w::old_answer(input.bytes)?;
        let Ok(answer) = read else { return Some(Step::NeedMore) };
        self.read = true;
        let client = input.dir.flip();
        self.client = Some(client);
        let mut draft = match self.pending.settle((), out) {
            Some(draft) => draft,
            None => {
                let draft = out.draft(meaning::OPERATIONS, meaning::HANDSHAKE, input.dir).actor(client);
                draft.outcome(Outcome::ReplyOnly)
            }
        };
        version(&mut draft, "version", 0x0002);
        // the client chooses, protected, from what both can speak; the first is the server's best
        let first = answer.ciphers.first_chunk::<3>().map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c]));
        if let Some(name) = first.and_then(ciphers::ssl2) {
            draft.push_extra("cipher", Val::Name(name));
        }
        draft.commit();
        out.about(About::Sender).protection(b"ssl2");
        self.certificate(answer.certificate, 1, input, out);
        self.set(input.dir, Side::Old);
        self.set(client, Side::Old);
        Some(Step::Took(answer.size))
    }

    /// Protected bytes of SSL 2 are passed over as they come; a new hello at the front of a segment begins anew.
    pub(super) fn old_stream(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        if input.boundary && matches!(w::old_hello(input.bytes), Some(Ok(_)))
            && let Some(step) = self.old(input, out) {
                return step;
            }
        Step::Took(input.bytes.len())
    }
}
