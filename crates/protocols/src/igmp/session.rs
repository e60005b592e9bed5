//! One message, one statement: nobody is answered.

use super::OPERATIONS;
use crate::{Draft, Goal, Input, Output, Session, Step, Val};
use std::net::Ipv4Addr;
use wire::{Read, Reader};

/// Group records read from one report. One frame holds 183; hosts join under twenty groups.
const MAX_GROUPS: u16 = 64;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Igmp)
}

struct Igmp;

impl Session for Igmp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match say(input, out) {
            Ok(()) => Step::Took(input.bytes.len()),
            Err(error) => {
                if input.cut == 0 || !error.is_truncated() {
                    out.malformed(error, input.dir);
                }
                Step::Resync(0)
            }
        }
    }
}

fn say(input: &Input<'_>, out: &mut Output) -> Read<()> {
    let mut r = Reader::new(input.bytes);
    let kind = r.u8("type")?;
    let code = r.u8("max resp code")?;
    r.skip(2, "checksum")?;
    let mut draft = out.draft(OPERATIONS, kind.into(), input.dir).actor(input.dir);
    let result = match kind {
        0x11 => query(code, &mut r, &mut draft),
        0x12 | 0x16 | 0x17 => r.array::<4>("group address").map(|group| push_group(&mut draft, group)),
        0x22 => report(&mut r, &mut draft),
        _ => Ok(()),
    };
    draft.commit();
    result
}

/// Version 1 has no response time, version 3 is longer and counts tenths of a second in a floating form.
fn query(code: u8, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let group = r.array::<4>("group address")?;
    if group != [0; 4] {
        push_group(draft, group);
    }
    let version = match (r.left(), code) {
        (4.., _) => 3,
        (_, 0) => 1,
        _ => 2,
    };
    let tenths = if version == 3 && code >= 0x80 {
        u64::from(code & 0xf | 0x10) << (u32::from(code >> 4 & 7) + 3)
    } else {
        code.into()
    };
    draft.push_extra("version", Val::Uint(version));
    draft.push_extra("max_response_ms", Val::Uint(tenths * 100));
    Ok(())
}

fn report(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(2, "reserved")?;
    let count = r.be16("number of group records")?;
    if count > MAX_GROUPS {
        draft.out().limit("igmp_group_records");
    }
    for _ in 0..count.min(MAX_GROUPS) {
        r.skip(1, "record type")?;
        let auxiliary = r.u8("auxiliary data length")?;
        let sources = r.be16("number of sources")?;
        let group = r.array::<4>("multicast address")?;
        r.skip(usize::from(sources) * 4 + usize::from(auxiliary) * 4, "sources")?;
        push_group(draft, group);
    }
    Ok(())
}

fn push_group(draft: &mut Draft<'_>, group: [u8; 4]) {
    let name = draft.format(format_args!("{}", Ipv4Addr::from(group)));
    draft.push_item(Goal::named("group", name), Val::None);
}
