//! What one publisher says to one group. The state kept is only what decides how often stage 2 hears of it, and
//! what shows values that change within a state.

use super::wire::{Header, Pdu, goose_pdu, header, payload, routed};
use super::{MANAGEMENT, OPERATIONS, PUBLISH, STATE_CHANGE, identity, management};
use crate::common::{ber, mms_data};
use crate::{Draft, Goal, Input, Output, Session, Span, Step, Transport, Val};
use model::Time;
use wire::{Malformed, Read, Reader};

/// Control blocks of one publisher and group whose state number is remembered. A device publishes a few per group.
const MAX_CONTROL_BLOCKS: usize = 64;
/// Values told of one message. A frame of 1500 bytes can hold 480 booleans; real data sets hold under 100.
const MAX_VALUES: u64 = 256;
/// Arrays and structures inside each other. Data attributes of IEC 61850-7-3 nest at most five deep.
const MAX_NESTING: usize = 8;
/// How often a publisher that only repeats itself is told one by one: often enough to notice within a minute that two
/// publish the same control block in turn, seldom enough to be cheap.
const SIGN_OF_LIFE: i64 = 10 * Time::SECOND;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Goose { blocks: Vec::new(), asked: management::pending() })
}

struct Goose {
    blocks: Vec<Block>,
    asked: crate::Pending<u64>,
}

/// A control block as it was last seen.
struct Block {
    /// Hash of its reference.
    name: u64,
    st_num: u64,
    told: Time,
    /// Hash of the values the state began with, as far as it was seen; 0 where there were none.
    data: u64,
    /// Other values have come since.
    changed: bool,
    /// When its state changed, by its own clock.
    t: Time,
}

impl Session for Goose {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let read = match input.transport {
            Transport::Udp => self.routed(input, out),
            _ => self.frame(input, out),
        };
        match read {
            // what follows is the frame's padding
            Ok(()) => Step::Took(input.bytes.len().max(1)),
            Err(error) => {
                // a frame the capture cut is not the sender's fault
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }

    fn gap(&mut self, _: crate::Dir, out: &mut Output) {
        self.asked.lose(out);
    }

    fn deadline(&self) -> Option<Time> {
        self.asked.deadline()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        self.asked.expire(now, out);
    }

    fn finish(&mut self, out: &mut Output) {
        self.asked.lose(out);
    }
}

impl Goose {
    fn frame(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let header = header(input.bytes)?;
        let mut r = header.pdu;
        let pdu = ber::element(&mut r, "APDU")?;
        match pdu.tag {
            0x61 => {
                self.publish(&header, pdu.content, None, input, out);
                Ok(())
            }
            0x60 if input.transport == Transport::Link(MANAGEMENT) || header.is_whole() => {
                management::read(pdu.content, &header, &mut self.asked, input, out)
            }
            _ => Err(Malformed::invalid("goosePdu", pdu.at)),
        }
    }

    fn routed(&mut self, input: &Input<'_>, out: &mut Output) -> Read<()> {
        let routed = routed(input.bytes)?;
        if routed.encrypted {
            let draft = out.draft(OPERATIONS, PUBLISH, input.dir).actor(input.dir);
            draft.target(Goal::space("control_block")).extra("key_id", Val::Uint(routed.key_id.into())).commit();
            return Ok(());
        }
        let mut r = routed.payloads;
        while !r.is_empty() {
            let (kind, header) = payload(&mut r)?;
            let mut pdu = header.pdu;
            let pdu = ber::element(&mut pdu, "APDU")?;
            if (kind, pdu.tag) == (0x81, 0x61) {
                self.publish(&header, pdu.content, Some(routed.key_id), input, out);
            }
        }
        Ok(())
    }

    fn publish(&mut self, h: &Header<'_>, fields: Reader<'_>, key: Option<u32>, input: &Input<'_>, out: &mut Output) {
        let mut pdu = Pdu::default();
        let read = goose_pdu(fields, &mut pdu);
        let mut draft = out.draft(OPERATIONS, PUBLISH, input.dir).actor(input.dir);
        let reference = draft.text(pdu.gocb_ref.unwrap_or_default());
        draft.push_item(goal(h, &pdu, reference), Val::None);
        let mut told = Values { count: 0, broken: None, cut: false };
        if let Some(data) = pdu.data {
            told.entries(data, &mut draft);
        }
        describe(h, &pdu, reference, key, &mut draft);
        let Compared { news, forged } = self.compare(&pdu, told.broken.is_none(), input.at.time);
        if news {
            draft = draft.single();
        }
        draft.commit();
        // frame by frame: a change seen by comparing would be told at another frame when one is lost
        if pdu.sq_num == Some(0) {
            let mut change = out.draft(OPERATIONS, STATE_CHANGE, input.dir).actor(input.dir).single();
            let reference = change.text(pdu.gocb_ref.unwrap_or_default());
            change.push_item(goal(h, &pdu, reference), Val::None);
            change.push_extra("gocb_ref", Val::Text(reference));
            number(&mut change, "st_num", pdu.st_num);
            if let Some(t) = pdu.t {
                change.push_extra("t", Val::Time(t.time));
            }
            change.commit();
        }
        if let Some(reference) = pdu.gocb_ref.filter(|_| news) {
            identity::prove(reference, out);
        }
        check(&pdu, read, &told, input, out);
        if forged {
            out.anomaly("data_changed_in_state", "allData", pdu.st_num.unwrap_or_default(), input.dir);
        }
    }

    /// What the message is beside the one before it.
    fn compare(&mut self, pdu: &Pdu<'_>, whole: bool, now: Time) -> Compared {
        let name = hash(pdu.gocb_ref.unwrap_or_default());
        // values that cannot be read are told as such
        let data = pdu.data.filter(|_| whole).map_or(0, |d| hash(d.peek()));
        let t = pdu.t.map_or(Time::default(), |t| t.time);
        let st_num = pdu.st_num.unwrap_or_default();
        let Some(block) = self.blocks.iter_mut().find(|b| b.name == name) else {
            if self.blocks.len() >= MAX_CONTROL_BLOCKS {
                self.blocks.remove(0);
            }
            self.blocks.push(Block { name, st_num, told: now, data, changed: false, t });
            return Compared { news: true, forged: false };
        };
        let same = block.st_num == st_num;
        // a restarted publisher begins the same state again with sequence number 0 or 1
        let begins = !same || pdu.sq_num.is_none_or(|n| n <= 1);
        // Some devices batch changes: new values come before the state is counted up. Values that come back under the
        // same number, and no later time, come from elsewhere.
        let differs = data != 0 && block.data != 0 && data != block.data;
        let forged = !begins && block.changed && data == block.data && t <= block.t;
        if begins || forged || t > block.t {
            (block.data, block.changed) = (data, false);
        } else {
            block.changed |= differs;
        }
        let news = !same || forged || now.since(block.told) >= SIGN_OF_LIFE;
        block.st_num = st_num;
        block.t = if begins { t } else { block.t.max(t) };
        if news {
            block.told = now;
        }
        Compared { news, forged }
    }
}

struct Compared {
    /// Stage 2 shall hear of it by itself: a state not seen before, or time for a sign of life.
    news: bool,
    /// Values changed and came back under the same state number.
    forged: bool,
}

/// FNV-1a: what is compared comes from one publisher, and a forger that finds a collision gains nothing.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// The control block. Its revision and flags make another habit, so that each is told when it first appears.
fn goal(header: &Header<'_>, pdu: &Pdu<'_>, reference: Span) -> Goal {
    let flags = u64::from(pdu.test) | u64::from(pdu.nds_com) << 1 | u64::from(header.simulation) << 2;
    let goal = match reference.is_empty() {
        true => Goal::range("appid", header.appid.into(), 1),
        false => Goal::named("control_block", reference),
    };
    goal.with_sub(flags | pdu.conf_rev.unwrap_or_default() << 3)
}

fn describe(header: &Header<'_>, pdu: &Pdu<'_>, reference: Span, key: Option<u32>, draft: &mut Draft<'_>) {
    draft.push_extra("appid", Val::Uint(header.appid.into()));
    if !reference.is_empty() {
        draft.push_extra("gocb_ref", Val::Text(reference));
    }
    number(draft, "time_allowed_to_live", pdu.time_allowed_to_live);
    for (field, bytes) in [("dat_set", pdu.dat_set), ("go_id", pdu.go_id)] {
        if let Some(bytes) = bytes {
            let text = draft.text(bytes);
            draft.push_extra(field, Val::Text(text));
        }
    }
    if let Some(t) = pdu.t {
        draft.push_extra("t", Val::Time(t.time));
        // 31 is "not specified"
        if t.quality & 0x1f != 0x1f {
            draft.push_extra("time_accuracy", Val::Uint((t.quality & 0x1f).into()));
        }
        if t.quality & 0x40 != 0 {
            draft.push_extra("clock_failure", Val::Bool(true));
        }
        if t.quality & 0x20 != 0 {
            draft.push_extra("clock_not_synchronized", Val::Bool(true));
        }
    }
    number(draft, "st_num", pdu.st_num);
    number(draft, "sq_num", pdu.sq_num);
    draft.push_extra("test", Val::Bool(pdu.test));
    if header.simulation {
        draft.push_extra("simulation", Val::Bool(true));
    }
    number(draft, "conf_rev", pdu.conf_rev);
    draft.push_extra("nds_com", Val::Bool(pdu.nds_com));
    number(draft, "num_dat_set_entries", pdu.entries);
    number(draft, "key_id", key.map(u64::from));
}

fn number(draft: &mut Draft<'_>, key: &'static str, value: Option<u64>) {
    if let Some(value) = value {
        draft.push_extra(key, Val::Uint(value));
    }
}

/// The values of a data set on their way into a draft.
struct Values {
    /// Entries of the data set.
    count: u64,
    broken: Option<Malformed>,
    cut: bool,
}

impl Values {
    fn entries(&mut self, mut r: Reader<'_>, draft: &mut Draft<'_>) {
        let mut told = 0;
        while !r.is_empty() {
            let entry = match ber::element(&mut r, "allData") {
                Ok(entry) => entry,
                Err(error) => return self.broken = Some(error),
            };
            self.count += 1;
            let mut place = 0;
            if let Err(error) = self.value(&entry, &mut place, 0, &mut told, draft) {
                self.broken = self.broken.or(Some(error));
            }
        }
    }

    fn value(
        &mut self,
        e: &ber::Element<'_>,
        place: &mut u64,
        depth: usize,
        told: &mut u64,
        draft: &mut Draft<'_>,
    ) -> Read<()> {
        if matches!(e.tag, mms_data::ARRAY | mms_data::STRUCTURE) {
            if depth >= MAX_NESTING {
                self.cut = true;
                return Ok(());
            }
            let mut inside = e.content;
            while !inside.is_empty() {
                let part = ber::element(&mut inside, "allData")?;
                if !matches!(part.tag, mms_data::ARRAY | mms_data::STRUCTURE) {
                    *place += 1;
                }
                self.value(&part, place, depth + 1, told, draft)?;
            }
            return Ok(());
        }
        if *told >= MAX_VALUES {
            self.cut = true;
            return Ok(());
        }
        *told += 1;
        let value = mms_data::value(e, draft.out())?;
        draft.push_item(Goal::range("entry", self.count, 1).with_sub(*place), value);
        Ok(())
    }
}

/// The rules of IEC 61850-8-1, 18.1.2.
fn check(pdu: &Pdu<'_>, read: Read<()>, values: &Values, input: &Input<'_>, out: &mut Output) {
    let complete = input.cut == 0;
    match (read, values.broken) {
        (Err(error), _) | (Ok(()), Some(error)) => {
            if complete || !error.is_truncated() {
                out.malformed(error, input.dir);
            }
        }
        (Ok(()), None) => match pdu.missing() {
            Some(field) => out.anomaly("missing_field", field, 0, input.dir),
            None if pdu.entries.is_some_and(|n| n != values.count) => {
                out.anomaly("entry_count", "numDatSetEntries", values.count, input.dir);
            }
            None if pdu.time_allowed_to_live == Some(0) => {
                out.anomaly("invalid_value", "timeAllowedtoLive", 0, input.dir);
            }
            None => {}
        },
    }
    if values.cut {
        out.limit("goose_values");
    }
}
