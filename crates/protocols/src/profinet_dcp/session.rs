//! Requests and answers between two stations. Identify goes to a group and is answered by many, so the two never meet
//! in one conversation; each is said by itself.

use super::meaning::{Front, class_of_set, error, goal, say};
use super::wire::{Kind, MAX_BLOCKS, Message, block, message};
use super::{GET, HELLO, IDENTIFY, IDENTIFY_RESPONSE, OPERATIONS, SET, identity};
use crate::{Dir, Draft, Input, Output, Pending, Session, Step, Val};
use model::{Outcome, Strength, Time};
use wire::{Malformed, Read, Reader};

/// A station answers within 400 ms (client timeout of the standard is 1 s); setting an address may take longer.
const TIMEOUT: i64 = 5 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Dcp { pending: Pending::new(TIMEOUT) })
}

struct Dcp {
    /// By transaction id and direction of the request.
    pending: Pending<(u32, Dir)>,
}

impl Session for Dcp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let [id, cut, ..] = input.carried.facts;
        match message(input.bytes) {
            Ok(message) => {
                if !fits(id, &message) {
                    out.anomaly("frame_id_mismatch", "FrameID", id, input.dir);
                }
                if let Err(error) = self.message(&message, input, out)
                    && (cut == 0 || !error.is_truncated())
                {
                    out.malformed(error, input.dir);
                }
                Step::Took(input.bytes.len())
            }
            Err(error) => {
                // a frame the capture cut is not the sender's fault
                if cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
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

/// The frame id belongs to the service.
fn fits(id: u64, m: &Message<'_>) -> bool {
    match id {
        0xfefc => u32::from(m.service) == HELLO,
        0xfefd => matches!(u32::from(m.service), GET | SET),
        0xfefe => u32::from(m.service) == IDENTIFY && m.kind == Kind::Request,
        0xfeff => u32::from(m.service) == IDENTIFY && m.kind != Kind::Request,
        _ => false,
    }
}

impl Dcp {
    fn message(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        match (u32::from(m.service), m.kind) {
            (GET, Kind::Request) => self.get(m, input, out),
            (SET, Kind::Request) => self.set(m, input, out),
            (GET | SET, _) => self.answer(m, input, out),
            (IDENTIFY, Kind::Request) => {
                let mut draft = begin(IDENTIFY, m, input, out).extra("response_delay", Val::Uint(m.delay.into()));
                let read = blocks(m.blocks, Front::Data, &mut draft);
                draft.commit();
                read
            }
            (code, kind) => {
                let code = if code == IDENTIFY { IDENTIFY_RESPONSE } else { code };
                let mut draft = begin(code, m, input, out);
                let read = blocks(m.blocks, Front::Info, &mut draft);
                let outcome = if kind == Kind::Unsupported { Outcome::Refused(1) } else { Outcome::Ok };
                draft.outcome(outcome).commit();
                let strength = if code == HELLO { Strength::Stated } else { Strength::Verified };
                identity::prove(m.blocks, strength, out);
                read
            }
        }
    }

    /// A list of options without data.
    fn get(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let mut draft = begin(GET, m, input, out);
        let mut r = m.blocks;
        for _ in 0..MAX_BLOCKS {
            let Ok([option, suboption]) = r.array::<2>("Option") else { break };
            draft.push_item(goal(option, suboption), Val::None);
        }
        self.pending.hold((m.xid, input.dir), draft);
        Ok(())
    }

    fn set(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let mut draft = begin(SET, m, input, out);
        let read = blocks(m.blocks, Front::Qualifier, &mut draft);
        let mut r = m.blocks;
        let options = (0..MAX_BLOCKS).map_while(|_| block(&mut r).ok()).map(|b| class_of_set(b.option, b.suboption));
        if let Some((_, class)) = options.max_by_key(|(rank, _)| *rank) {
            draft = draft.class(class);
        }
        self.pending.hold((m.xid, input.dir), draft);
        read
    }

    fn answer(&mut self, m: &Message<'_>, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let code = u32::from(m.service);
        let asker = input.dir.flip();
        let key = (m.xid, asker);
        let same = self.pending.request(key).is_some_and(|row| row.code == code);
        let settled = if same { self.pending.settle(key, out) } else { None };
        let seen = settled.is_some();
        let mut draft = match settled {
            Some(draft) => draft,
            None => {
                let draft = out.draft(OPERATIONS, code, input.dir).actor(asker).outcome(Outcome::ReplyOnly);
                draft.extra("xid", Val::Uint(m.xid.into()))
            }
        };
        let (refused, read) = results(m.blocks, &mut draft);
        let refused = if m.kind == Kind::Unsupported { Some(1) } else { refused };
        if let Some(code) = refused {
            draft.push_extra("block_error", Val::Name(error(code)));
            draft = draft.outcome(Outcome::Refused(code.into()));
        } else if code == SET && seen {
            for place in 0..draft.items_mut().len() {
                let Some(entry) = draft.items_mut().get(place).copied() else { break };
                identity::now_has(entry.goal.space, entry.value, draft.out());
            }
        }
        draft.commit();
        if code == GET {
            identity::prove(m.blocks, Strength::Verified, out);
        }
        read
    }
}

fn begin<'o>(code: u32, m: &Message<'_>, input: &Input<'_>, out: &'o mut Output) -> Draft<'o> {
    out.draft(OPERATIONS, code, input.dir).actor(input.dir).extra("xid", Val::Uint(m.xid.into()))
}

fn blocks(mut r: Reader<'_>, front: Front, draft: &mut Draft<'_>) -> Read<()> {
    for _ in 0..MAX_BLOCKS {
        if r.is_empty() {
            return Ok(());
        }
        say(&block(&mut r)?, front, draft)?;
    }
    draft.out().limit("profinet_dcp_blocks");
    Ok(())
}

/// The blocks of an answer: values, and results of single options. The first error counts.
fn results(mut r: Reader<'_>, draft: &mut Draft<'_>) -> (Option<u8>, Read<()>) {
    let mut refused = None;
    for _ in 0..MAX_BLOCKS {
        if r.is_empty() {
            return (refused, Ok(()));
        }
        let block = match block(&mut r) {
            Ok(block) => block,
            Err(error) => return (refused, Err(error)),
        };
        if (block.option, block.suboption) != (5, 4) {
            if let Err(error) = say(&block, Front::Info, draft) {
                return (refused, Err(error));
            }
            continue;
        }
        let mut data = block.data;
        let Ok([option, suboption, code]) = data.array::<3>("Response") else {
            return (refused, Err(Malformed::truncated("Response", data.offset())));
        };
        if code != 0 {
            refused = refused.or(Some(code));
        }
        let target = goal(option, suboption);
        if !draft.items_mut().iter().any(|e| e.goal == target) {
            draft.push_item(target, Val::None);
        }
    }
    draft.out().limit("profinet_dcp_blocks");
    (refused, Ok(()))
}
