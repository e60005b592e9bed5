//! Userdata: test, cyclic, block, CPU, security and clock services.

use super::wire::{Userdata, block_time, data_item, date_and_time};
use super::{blocks, meaning, vars};
use crate::{Draft, Goal, Val};
use wire::{Read, Reader};

/// Adds what a request acts on.
pub fn request(code: u32, ud: &Userdata<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(ud.payload);
    if r.is_empty() {
        return Ok(());
    }
    match code {
        meaning::READ_SZL => {
            let id = r.be16("SZL id")?;
            let index = r.be16("SZL index")?;
            szl_target(id, index, draft);
        }
        0x7101..=0x71ff => test_request(ud.subfunction, &mut r, draft)?,
        0x7201 | 0x7205 | 0x7207 => {
            let count = r.be16("item count")?;
            let base = r.u8("interval time base")?;
            let factor = u64::from(r.u8("interval factor")?);
            let unit: u64 = match base {
                0 => 100,
                1 => 1000,
                _ => 10_000,
            };
            draft.push_extra("interval_ms", Val::Uint(unit * factor));
            vars::goals(&mut r, count.into(), draft)?;
        }
        0x7204 => {
            r.skip(1, "function")?;
            draft.push_extra("job", Val::Uint(r.u8("job id")?.into()));
        }
        meaning::LIST_BLOCKS_OF_TYPE => {
            let kind = blocks::code(r.take(2, "block type")?).and_then(blocks::kind);
            if let Some(kind) = kind {
                let name = draft.text(kind.as_bytes());
                draft.push_item(Goal::named("block", name), Val::None);
            }
        }
        meaning::GET_BLOCK_INFO => blocks::push(r.take(8, "block name")?, draft),
        0x7402 => message_service(&mut r, draft)?,
        meaning::PASSWORD => {
            let password = password(r.take(8, "password")?);
            let end = password.iter().rposition(|b| *b != b' ' && *b != 0).map_or(0, |at| at + 1);
            let plain = password.get(..end).unwrap_or_default();
            let default = draft.out().is_default_credential(b"", plain);
            let secret = draft.out().secret(plain);
            draft.push_extra("password", secret);
            draft.push_extra("default_credential", Val::Bool(default));
        }
        meaning::SET_CLOCK | meaning::SET_CLOCK_FOLLOWING => clock(&mut r, draft)?,
        meaning::PBC => {
            vars::goals(&mut r, 1, draft)?;
            draft.push_extra("bytes", Val::Uint(r.left() as u64));
        }
        0x7403..=0x7416 => alarm(&mut r, draft),
        _ => {}
    }
    Ok(())
}

/// Fills in what a response or a push brings. `payload` is the whole, put together where it came in several units.
pub fn response(code: u32, push: bool, payload: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(payload);
    if r.is_empty() {
        return Ok(());
    }
    match code {
        meaning::READ_SZL => {
            let id = r.be16("SZL id")?;
            let index = r.be16("SZL index")?;
            if draft.items_mut().is_empty() {
                szl_target(id, index, draft);
            }
            r.skip(2, "length of a record")?;
            draft.push_extra("records", Val::Uint(r.be16("number of records")?.into()));
            if id & 0x0fff == 0x0132 && index == 4 {
                protection(&mut r, draft)?;
            }
        }
        0x7102 if push => test_values(&mut r, draft)?,
        0x7107..=0x7109 if push => test_results(&mut r, draft)?,
        0x7201 | 0x7205 | 0x7207 => {
            let count = r.be16("item count")?;
            vars::values(&mut r, count.into(), draft)?;
        }
        meaning::LIST_BLOCKS => {
            while r.left() >= 4 {
                let kind = blocks::code(r.take(2, "block type")?).and_then(blocks::kind).unwrap_or("unknown");
                let count = r.be16("number of blocks")?;
                let name = draft.text(kind.as_bytes());
                draft.push_item(Goal::named("block", name), Val::Uint(count.into()));
            }
        }
        meaning::LIST_BLOCKS_OF_TYPE => block_numbers(&mut r, draft)?,
        meaning::GET_BLOCK_INFO => block_info(&mut r, draft)?,
        meaning::READ_CLOCK | meaning::READ_CLOCK_FOLLOWING => clock(&mut r, draft)?,
        0x7403 => {
            draft.push_extra("event_id", Val::Uint(r.be16("event id")?.into()));
        }
        0x7404..=0x7416 => alarm(&mut r, draft),
        meaning::PBC => {
            vars::goals(&mut r, 1, draft)?;
            draft.push_extra("bytes", Val::Uint(r.left() as u64));
        }
        _ => {}
    }
    Ok(())
}

fn szl_target(id: u16, index: u16, draft: &mut Draft<'_>) {
    draft.push_item(Goal::range("szl", id.into(), 1).with_sub(index.into()), Val::None);
    draft.push_extra("szl_id", Val::Uint(id.into()));
    draft.push_extra("szl_name", Val::Name(meaning::szl_name(id)));
}

/// A test job: a parameter block and a data block, each with its size in front. The data block of the variable
/// services is a table of specifications, for modifying and forcing with their values behind it.
fn test_request(subfunction: u8, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let parameters = r.be16("parameter size")?;
    let size = r.be16("data size")?;
    r.skip(parameters.into(), "parameters")?;
    let mut data = r.sub(size.into(), "test data")?;
    match subfunction {
        2 | 7 | 8 | 9 => {
            let count = usize::from(data.be16("item count")?);
            for i in 0..count {
                let goal = vars::table_goal(&mut data)?;
                if i < vars::MAX_ITEMS {
                    draft.push_item(goal, Val::None);
                } else if i == vars::MAX_ITEMS {
                    draft.out().limit("s7comm_items");
                }
            }
            if subfunction >= 8 && !data.is_empty() {
                vars::values(&mut data, count, draft)?;
            }
        }
        0x0d..=0x0f | 0x11 | 0x12 => {
            let function = data.u8("job function")?;
            draft.push_extra("job_function", Val::Uint(function.into()));
            draft.push_extra("job", Val::Uint(data.u8("job number")?.into()));
        }
        _ => {}
    }
    Ok(())
}

/// The job function a request to enable, disable, delete, read or replace a test job names.
pub fn job_function(ud: &Userdata<'_>) -> Option<u8> {
    let mut r = Reader::new(ud.payload);
    let parameters = r.be16("parameter size").ok()?;
    r.skip(2, "data size").ok()?;
    r.skip(parameters.into(), "parameters").ok()?;
    r.u8("job function").ok()
}

/// The result of a test job: values in the order of the table that was sent before.
fn test_values(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let parameters = r.be16("parameter size")?;
    let size = r.be16("data size")?;
    r.skip(parameters.into(), "parameters")?;
    let mut data = r.sub(size.into(), "test data")?;
    let count = usize::from(data.be16("item count")?);
    for _ in 0..count.min(vars::MAX_ITEMS) {
        if data.left() < 4 {
            break;
        }
        let item = data_item(&mut data)?;
        let value = match item.bytes {
            [one] => Val::Uint((*one).into()),
            bytes => Val::Bytes(draft.bytes(bytes)),
        };
        draft.push_item(Goal::space("variable"), value);
    }
    Ok(())
}

/// The result of modifying or forcing: return codes. The table itself is not repeated.
fn test_results(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let parameters = r.be16("parameter size")?;
    let size = r.be16("data size")?;
    r.skip(parameters.into(), "parameters")?;
    let mut data = r.sub(size.into(), "test data")?;
    let count = usize::from(data.be16("item count")?);
    let codes = data.take(count.min(data.left()), "return codes")?;
    let failed = codes.iter().filter(|c| **c != 0xff).count();
    draft.push_extra("items", Val::Uint(count as u64));
    draft.push_extra("items_failed", Val::Uint(failed as u64));
    Ok(())
}

/// Protection (W#16#0132, index 4): levels by key switch, by parameter, the valid one; the mode selector.
fn protection(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(2, "index")?;
    for key in ["protection_switch", "protection_parameter", "protection_level"] {
        draft.push_extra(key, Val::Uint(r.be16("level")?.into()));
    }
    let position = match r.be16("mode selector")? {
        1 => "run",
        2 => "run_p",
        3 => "stop",
        4 => "mres",
        _ => return Ok(()),
    };
    draft.push_extra("mode_selector", Val::Name(position));
    Ok(())
}

/// Login for messages: which kinds, and the name of the station.
fn message_service(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    draft.push_extra("events", Val::Uint(r.u8("subscribed events")?.into()));
    r.skip(1, "unknown")?;
    let user = r.take(r.left().min(8), "user name")?;
    let user = draft.text(user);
    if !user.is_empty() {
        draft.push_extra("user", Val::Text(user));
    }
    Ok(())
}

/// Alarm messages name an event: an optional time of eight bytes, function, number of messages, then a
/// specification of an alarm.
fn alarm(r: &mut Reader<'_>, draft: &mut Draft<'_>) {
    let bytes = r.peek();
    for at in [0usize, 8] {
        let mut r = Reader::new(bytes.get(at..).unwrap_or_default());
        let mut event = || -> Read<Option<u32>> {
            r.skip(2, "function, number of messages")?;
            let (kind, _, syntax) = (r.u8("specification type")?, r.u8("length")?, r.u8("syntax id")?);
            if kind != 0x12 || !matches!(syntax, 0x15 | 0x16 | 0x19 | 0x1c) {
                return Ok(None);
            }
            r.skip(1, "number of associated values")?;
            r.be32("event id").map(Some)
        };
        if let Ok(Some(event)) = event() {
            draft.push_extra("event_id", Val::Uint(event.into()));
            return;
        }
    }
}

/// Undoes the disguise of a password: each byte is combined with 0x55 and, from the third on, with the disguised
/// byte two places before.
fn password(bytes: &[u8]) -> [u8; 8] {
    let mut plain = [0u8; 8];
    let before = [0, 0].iter().chain(bytes);
    for ((place, byte), before) in plain.iter_mut().zip(bytes).zip(before) {
        *place = byte ^ 0x55 ^ before;
    }
    plain
}

/// Clock data: reserved, century, then a DATE_AND_TIME.
fn clock(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(2, "reserved and century")?;
    let bytes = r.take(8, "date and time")?;
    if let Some(time) = date_and_time(bytes) {
        draft.push_extra("clock", Val::Time(time));
    }
    Ok(())
}

/// Numbers of the blocks of a type: number, flags, language.
fn block_numbers(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    draft.push_extra("blocks", Val::Uint(r.left() as u64 / 4));
    let kind = match draft.items_mut().first() {
        Some(entry) => entry.goal.name,
        None => return Ok(()),
    };
    let kind = core::str::from_utf8(draft.out().span(kind)).unwrap_or_default().to_owned();
    for i in 0..r.left() / 4 {
        if i >= vars::MAX_ITEMS {
            draft.out().limit("s7comm_items");
            break;
        }
        let number = r.be16("block number")?;
        r.skip(2, "flags and language")?;
        let name = draft.format(format_args!("{kind}{number}"));
        draft.push_item(Goal { first: number.into(), ..Goal::named("block", name) }, Val::None);
    }
    Ok(())
}

/// What a controller knows about a block.
fn block_info(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(9, "type, length, constants")?;
    r.skip(1, "flags")?;
    let language = match r.u8("block language")? {
        1 => "stl",
        2 => "lad",
        3 => "fbd",
        4 => "scl",
        5 => "db",
        6 => "graph",
        7 => "sdb",
        8 => "cpu_db",
        0x11 => "sdb_after_reset",
        0x12 => "sdb_routing",
        0x29 => "encrypted",
        _ => "undefined",
    };
    let kind = blocks::kind(r.u8("subblock type")?);
    let number = r.be16("block number")?;
    if let (true, Some(kind)) = (draft.items_mut().is_empty(), kind) {
        let block = blocks::Block { kind, number: number.into(), file_system: "unknown" };
        let goal = blocks::block_goal(&block, draft);
        draft.push_item(goal, Val::None);
    }
    draft.push_extra("language", Val::Name(language));
    draft.push_extra("load_memory_size", Val::Uint(r.be32("load memory length")?.into()));
    draft.push_extra("know_how_protected", Val::Bool(r.be32("block security")? == 3));
    draft.push_extra("code_changed", Val::Time(block_time(r)?));
    draft.push_extra("interface_changed", Val::Time(block_time(r)?));
    r.skip(6, "lengths")?;
    draft.push_extra("code_size", Val::Uint(r.be16("MC7 length")?.into()));
    for key in ["author", "family", "header_name"] {
        let text = draft.text(r.take(8, "name")?);
        if !text.is_empty() {
            draft.push_extra(key, Val::Text(text));
        }
    }
    let version = r.u8("header version")?;
    let text = draft.format(format_args!("{}.{}", version >> 4, version & 0x0f));
    draft.push_extra("header_version", Val::Text(text));
    r.skip(1, "reserved")?;
    draft.push_extra("checksum", Val::Uint(r.be16("block checksum")?.into()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguise_of_a_password() {
        assert_eq!(&password(&[0x34, 0x37, 0x02, 0x06, 0x32, 0x35, 0x00, 0x08]), b"abcdefgh");
    }
}
