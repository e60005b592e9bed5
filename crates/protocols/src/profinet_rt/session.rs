//! What one station sends another. DCP is handed on; everything else is said frame by frame.

use super::wire::{Kind, kind, status};
use super::{OPERATIONS, alarm};
use crate::{Carried, Goal, Input, Output, Session, Step, Val};
use wire::Reader;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Frames)
}

struct Frames;

impl Session for Frames {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let mut r = Reader::new(input.bytes);
        let id = match r.be16("FrameID") {
            Ok(id) => id,
            Err(error) => {
                if input.cut == 0 {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        match kind(id) {
            Kind::Dcp => return dcp(id, input, out),
            Kind::Cyclic(code) => cyclic(code, id, input, out),
            Kind::Alarm(code) => {
                if let Err(error) = alarm::read(code, r, input, out)
                    && (input.cut == 0 || !error.is_truncated())
                {
                    out.malformed(error, input.dir);
                    return Step::Resync(0);
                }
            }
            Kind::Other(code) => {
                let draft = out.draft(OPERATIONS, code, input.dir);
                draft.target(Goal::range("frame_id", id.into(), 1)).commit();
            }
            Kind::Reserved => {
                out.draft(OPERATIONS, id.into(), input.dir).target(Goal::range("frame_id", id.into(), 1)).commit();
            }
        }
        Step::Took(input.bytes.len())
    }
}

/// A message of DCP without the frame's padding. Its header says how long it is; where it does not, DCP says so.
fn dcp(id: u16, input: &Input<'_>, out: &mut Output) -> Step {
    let mut r = Reader::new(input.bytes);
    let length = r.skip(10, "DCP header").and_then(|()| r.be16("DCPDataLength"));
    let end = match length {
        Ok(length) => (12 + usize::from(length)).min(input.bytes.len()),
        Err(_) => input.bytes.len(),
    };
    let carried = Carried { channel: 0, facts: [id.into(), input.cut.into(), 0, 0] };
    out.inner("profinet_rt", input.dir, carried, 2, end);
    Step::Took(input.bytes.len())
}

/// Cyclic data. The status is part of the habit, so that the first frame with another one is told.
fn cyclic(code: u32, id: u16, input: &Input<'_>, out: &mut Output) {
    let status = status(input.bytes).filter(|_| input.cut == 0);
    let mut draft = out.draft(OPERATIONS, code, input.dir);
    let goal = Goal::range("frame_id", id.into(), 1);
    let Some(status) = status else { return draft.target(goal).commit() };
    let bit = |bit: u8| status.data >> bit & 1 == 1;
    draft.push_item(goal.with_sub(u64::from(status.data) | 0x100), Val::None);
    draft.push_extra("cycle_counter", Val::Uint(status.cycle.into()));
    draft.push_extra("primary", Val::Bool(bit(0)));
    draft.push_extra("data_valid", Val::Bool(bit(2)));
    draft.push_extra("provider_run", Val::Bool(bit(4)));
    draft.push_extra("station_problem", Val::Bool(!bit(5)));
    if status.transfer != 0 {
        draft.push_extra("transfer_status", Val::Uint(status.transfer.into()));
    }
    draft.commit();
}
