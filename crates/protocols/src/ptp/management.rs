//! Management messages (clause 15): reads and changes a clock over the network, without protection.

use super::session::{common, each};
use super::wire::{Header, Tlv, port, timestamp};
use super::{MANAGEMENT, OPERATIONS, identity, names};
use crate::{Draft, Goal, Input, Output, Pending, Val};
use model::{Class, Outcome};
use wire::{Malformed, Read};

const SET: u32 = 0x10d;
const RESPONSE: u32 = 0x20d;
const COMMAND: u32 = 0x30d;
const ACKNOWLEDGE: u32 = 0x40d;

/// Reads a management message. Requests to everybody are answered to everybody: each is said by itself.
pub fn read(h: &Header<'_>, pending: &mut Pending<u16>, input: &Input<'_>, out: &mut Output) -> Read<()> {
    let mut r = h.body;
    port(&mut r)?;
    r.skip(2, "boundaryHops")?;
    let at = r.offset();
    let action = u32::from(r.u8("actionField")? & 0xf);
    r.skip(1, "reserved")?;
    if action > 4 {
        return Err(Malformed::invalid("actionField", at));
    }
    let code = MANAGEMENT | action << 8;
    let answer = matches!(code, RESPONSE | ACKNOWLEDGE);
    let group = input.dst.host.address.is_group();
    let mut found = Found::default();
    let read = each(r, |tlv| found.look(&tlv));
    let settled = if answer && !group { pending.settle(h.sequence, out) } else { None };
    let seen = settled.is_some();
    let mut draft = match settled {
        Some(draft) => draft,
        None => {
            let actor = if answer && !group { input.dir.flip() } else { input.dir };
            let mut draft = out.draft(OPERATIONS, code, input.dir).actor(actor);
            common(h, &mut draft);
            draft
        }
    };
    if answer && !group && !seen {
        draft = draft.outcome(Outcome::ReplyOnly);
    }
    if let Some(tlv) = &found.tlv {
        draft = describe(code, tlv, seen, draft);
    }
    if let Some((error, id)) = found.error {
        if !seen {
            draft.push_item(goal(id), Val::None);
        }
        draft.push_extra("error", Val::Name(names::error(error)));
        draft = draft.outcome(Outcome::Refused(error.into()));
    }
    if answer || group {
        draft.commit();
    } else {
        pending.hold(h.sequence, draft);
    }
    if let Some(tlv) = found.tlv.filter(|_| code == RESPONSE) {
        identity::described(&tlv, out);
    }
    read
}

/// What the TLVs hold.
#[derive(Default)]
struct Found<'a> {
    tlv: Option<Tlv<'a>>,
    error: Option<(u16, u16)>,
}

impl<'a> Found<'a> {
    fn look(&mut self, tlv: &Tlv<'a>) {
        let mut r = tlv.value;
        match tlv.kind {
            1 if self.tlv.is_none() => self.tlv = Some(*tlv),
            2 => {
                if let (Ok(error), Ok(id)) = (r.be16("managementErrorId"), r.be16("managementId")) {
                    self.error = Some((error, id));
                }
            }
            _ => {}
        }
    }
}

fn goal(id: u16) -> Goal {
    match names::management(id) {
        Some((name, _)) => Goal::space(name),
        None => Goal::range("management_id", id.into(), 1),
    }
}

fn describe<'o>(code: u32, tlv: &Tlv<'_>, seen: bool, mut draft: Draft<'o>) -> Draft<'o> {
    let mut r = tlv.value;
    let Ok(id) = r.be16("managementId") else { return draft };
    let value = value(id, r, &mut draft);
    // the answer to a set repeats what was set
    match draft.items_mut().first_mut().filter(|_| seen) {
        Some(entry) => entry.value = if value == Val::None { entry.value } else { value },
        None => draft.push_item(goal(id), value),
    }
    let class = match (code, names::management(id)) {
        (SET | COMMAND | ACKNOWLEDGE, Some((_, class))) if !seen => Some(class),
        (MANAGEMENT | RESPONSE, _) if !seen && matches!(id, 1 | 2) => Some(Class::Identify),
        _ => None,
    };
    match class {
        Some(class) => draft.class(class),
        None => draft,
    }
}

/// Values of one byte (with a reserved one behind it), the time, and texts; data sets stay bytes.
fn value(id: u16, mut r: wire::Reader<'_>, draft: &mut Draft<'_>) -> Val {
    match id {
        _ if r.is_empty() => Val::None,
        0x2005..=0x200c | 0x2010 | 0x2014 | 0x2016 | 0x201b | 0x3000..=0x3002 | 0x4002 | 0x6000 | 0x6001 => {
            let byte = r.u8("dataField").unwrap_or_default();
            // intervals are powers of two with sign
            match id {
                0x2009 | 0x200b | 0x6001 => Val::Int((byte as i8).into()),
                _ => Val::Uint(byte.into()),
            }
        }
        0x200f => timestamp(&mut r).ok().flatten().map_or(Val::None, Val::Time),
        2 => super::wire::text(&mut r, "userDescription").map_or(Val::None, |t| Val::Text(draft.text(t))),
        // the description is evidence; as a value it would be long
        1 => Val::None,
        _ => Val::Bytes(draft.bytes(r.rest())),
    }
}
