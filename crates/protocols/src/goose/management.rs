//! GSE management (IEC 61850-8-1, annex A): asks a publisher for references and places in its data set.

use super::OPERATIONS;
use super::wire::Header;
use crate::common::ber::{self, Element};
use crate::{Draft, Goal, Input, Output, Pending, Val};
use model::{Outcome, Time};
use wire::{Malformed, Read, Reader};

/// A publisher that has not answered after this long does not answer.
const TIMEOUT: i64 = 5 * Time::SECOND;
/// References or places read from one message. One frame cannot ask for more than a data set has.
const MAX_ELEMENTS: usize = 64;

const REQUESTS: u32 = 0xa1;
const RESPONSES: u32 = 0xa2;

/// Requests that wait for their answer, by state id.
pub fn pending() -> Pending<u64> {
    Pending::new(TIMEOUT)
}

/// Reads a gseMngtPdu: state id, then requests or responses.
pub fn read(
    mut r: Reader<'_>,
    header: &Header<'_>,
    asked: &mut Pending<u64>,
    input: &Input<'_>,
    out: &mut Output,
) -> Read<()> {
    let first = ber::element(&mut r, "stateID")?;
    let state = ber::unsigned(first.bytes()).filter(|_| matches!(first.tag, 0x02 | 0x80));
    let state = state.ok_or(Malformed::invalid("stateID", first.at))?;
    while !r.is_empty() {
        let part = ber::element(&mut r, "gseMngtPdu")?;
        if !matches!(part.tag, REQUESTS | RESPONSES) {
            // security
            continue;
        }
        let mut services = part.content;
        let service = ber::element(&mut services, "gseMngtPdu")?;
        let code = 0x6000 | service.tag & 0xff;
        if part.tag == REQUESTS {
            let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir);
            draft.push_extra("appid", Val::Uint(header.appid.into()));
            draft.push_extra("state_id", Val::Uint(state));
            elements(&service, &mut draft);
            asked.hold(state, draft);
        } else {
            answer(&service, code, state, asked, input, out);
        }
    }
    Ok(())
}

/// gseMngtNotSupported is [0] NULL; everything else answers with its own tag.
fn answer(
    service: &Element<'_>,
    code: u32,
    state: u64,
    asked: &mut Pending<u64>,
    input: &Input<'_>,
    out: &mut Output,
) {
    let refused = service.tag == 0x80;
    let draft = match asked.settle(state, out) {
        Some(draft) => draft,
        None => {
            let code = if refused { 0x60 } else { code };
            let mut draft = out.draft(OPERATIONS, code, input.dir).actor(input.dir.flip());
            draft.push_extra("state_id", Val::Uint(state));
            elements(service, &mut draft);
            draft.outcome(Outcome::ReplyOnly)
        }
    };
    match refused {
        true => draft.outcome(Outcome::Refused(0)).commit(),
        false => draft.commit(),
    }
}

/// What is asked for: the control block, then references or numbers of elements.
fn elements(service: &Element<'_>, draft: &mut Draft<'_>) {
    let mut r = service.content;
    for _ in 0..MAX_ELEMENTS {
        let Ok(e) = ber::element(&mut r, "gseMngtPdu") else { return };
        if e.is_constructed() {
            // the list is one level deeper
            r = e.content;
        } else if let 0x80 | 0x1a = e.tag
            && core::str::from_utf8(e.bytes()).is_ok_and(|t| t.contains('/'))
        {
            let name = draft.text(e.bytes());
            draft.push_item(Goal::named("control_block", name), Val::None);
        } else if let 0x02 = e.tag
            && let Some(n) = ber::unsigned(e.bytes())
        {
            draft.push_item(Goal::range("element", n, 1), Val::None);
        }
    }
}
