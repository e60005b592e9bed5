//! Functions to operations, targets and values.

use crate::{Draft, Goal, Operation, Val, op};
use model::Class::*;
use wire::{Malformed, Read, Reader};

pub const INIT_COMM: u8 = 0x01;
pub const READ_ID: u8 = 0x02;
pub const READ_PROJECT_INFO: u8 = 0x03;
pub const READ_PLC_INFO: u8 = 0x04;
pub const TAKE_RESERVATION: u8 = 0x10;
pub const READ_MEMORY_BLOCK: u8 = 0x20;
pub const WRITE_MEMORY_BLOCK: u8 = 0x21;
pub const READ_VARIABLES: u8 = 0x22;
pub const WRITE_VARIABLES: u8 = 0x23;
pub const DATA_DICTIONARY: u8 = 0x26;
pub const INITIALIZE_DOWNLOAD: u8 = 0x30;
pub const DOWNLOAD_BLOCK: u8 = 0x31;
pub const END_DOWNLOAD: u8 = 0x32;
pub const INITIALIZE_UPLOAD: u8 = 0x33;
pub const UPLOAD_BLOCK: u8 = 0x34;
pub const END_UPLOAD: u8 = 0x35;
pub const START_PLC: u8 = 0x40;
pub const STOP_PLC: u8 = 0x41;

/// Most variables listed of one request; a tool asks for some dozens, the length of a message ends it anyway.
const MAX_VARIABLES: usize = 128;
/// Bytes kept of data whose layout is not public, and of memory.
const SHOWN: usize = 64;

/// Names follow public analyses, but for the direction of transfers: *download* is into the controller here, as
/// everywhere in this project (see the page).
pub const OPERATIONS: &[Operation] = &[
    op(0x01, "init_comm", Session),
    op(0x02, "read_id", Identify),
    op(0x03, "read_project_info", Identify),
    op(0x04, "read_plc_info", Read),
    op(0x05, "read_loader_info", Identify),
    op(0x06, "read_card_info", Identify),
    op(0x07, "read_block_info", Read),
    op(0x0a, "repeat", Diagnose),
    op(0x10, "take_plc_reservation", Program),
    op(0x11, "release_plc_reservation", Program),
    op(0x12, "keep_alive", Session),
    op(0x20, "read_memory_block", Read),
    op(0x21, "write_memory_block", Write),
    op(0x22, "read_variables", Read),
    op(0x23, "write_variables", Write),
    op(0x24, "read_coils_registers", Read),
    op(0x25, "write_coils_registers", Write),
    op(0x26, "data_dictionary", Read),
    op(0x27, "data_dictionary_preload", Read),
    op(0x28, "read_physical_address", Read),
    op(0x29, "write_physical_address", Write),
    op(0x2a, "browse_events", Diagnose),
    op(0x30, "initialize_download", Program),
    op(0x31, "download_block", Program),
    op(0x32, "end_strategy_download", Program),
    op(0x33, "initialize_upload", Program),
    op(0x34, "upload_block", Program),
    op(0x35, "end_strategy_upload", Program),
    op(0x36, "backup", Configure),
    op(0x37, "preload_blocks", Program),
    op(0x38, "signed_message", Unknown),
    op(0x39, "read_eth_master_data", Read),
    op(0x40, "start_plc", Mode),
    op(0x41, "stop_plc", Mode),
    op(0x42, "init_plc", Mode),
    op(0x43, "swap_blocks", Program),
    op(0x50, "monitor_plc", Read),
    op(0x51, "get_auto_modifications", Read),
    op(0x52, "get_forced_bits", Read),
    op(0x53, "get_selected_blocks", Read),
    op(0x58, "check_plc", Diagnose),
    op(0x60, "set_breakpoint", Mode),
    op(0x61, "delete_breakpoint", Mode),
    op(0x62, "step_over", Mode),
    op(0x63, "step_in", Mode),
    op(0x64, "step_out", Mode),
    op(0x65, "get_call_stack", Diagnose),
    op(0x66, "check_debug_allowed", Diagnose),
    op(0x6c, "process_message", Unknown),
    op(0x6d, "private_message", Unknown),
    op(0x6e, "reservation_nonces", Session),
    op(0x70, "read_io_object", Read),
    op(0x71, "write_io_object", Write),
    op(0x72, "read_rack", Identify),
    op(0x73, "get_status_module", Diagnose),
    op(0x74, "read_device_data", Read),
    // answers whose question was not seen
    op(0xfd, "response_error", Unknown),
    op(0xfe, "response_ok", Unknown),
];

/// Whether the function is known.
pub fn is_named(code: u8) -> bool {
    OPERATIONS.binary_search_by_key(&u32::from(code), |o| o.code).is_ok()
}

/// Adds what a request acts on.
pub fn request(code: u8, data: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(data);
    match code {
        READ_PROJECT_INFO => sub_code(&mut r, draft),
        TAKE_RESERVATION => {
            r.skip(4, "token")?;
            let length = r.u8("name length")?;
            let name = draft.text(r.take(length.into(), "name")?);
            draft.push_extra("host_name", Val::Text(name));
        }
        READ_MEMORY_BLOCK => draft.push_item(memory(&mut r)?, Val::None),
        WRITE_MEMORY_BLOCK => {
            let goal = memory(&mut r)?;
            let bytes = r.take((goal.count as usize).min(r.left()), "memory")?;
            let value = shown(bytes, draft);
            draft.push_item(goal, value);
        }
        READ_VARIABLES | WRITE_VARIABLES => variables(code == WRITE_VARIABLES, &mut r, draft)?,
        DATA_DICTIONARY => {
            let kind = r.le16("record type")?;
            r.skip(5, "index, hardware id")?;
            let block = r.le16("block")?;
            let offset = r.le16("offset")?;
            draft.push_extra("sub_code", Val::Uint(kind.into()));
            draft.push_item(Goal::range("dictionary", offset.into(), 0).with_sub(block.into()), Val::None);
        }
        DOWNLOAD_BLOCK | UPLOAD_BLOCK => {
            r.skip(2, "transfer")?;
            draft.push_item(Goal::range("block", r.le16("block number")?.into(), 1), Val::None);
        }
        END_DOWNLOAD | END_UPLOAD => {
            r.skip(2, "transfer")?;
            if let Ok(blocks) = r.le16("blocks") {
                draft.push_extra("blocks", Val::Uint(blocks.into()));
            }
        }
        _ if data.is_empty() => {}
        _ => {
            let value = shown(data, draft);
            draft.push_extra("data", value);
        }
    }
    Ok(())
}

/// Adds what an answer says.
pub fn response(code: u8, data: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(data);
    match code {
        INIT_COMM => {
            draft.push_extra("max_frame", Val::Uint(r.le16("longest message")?.into()));
            r.skip(10, "versions")?;
            let length = r.u8("name length")?;
            let name = draft.text(r.take(usize::from(length).min(r.left()), "name")?);
            if !name.is_empty() {
                draft.push_extra("host_name", Val::Text(name));
            }
        }
        READ_PLC_INFO => {
            r.skip(3, "status")?;
            let count = r.u8("count")?;
            // the fourth number is what requests for variables repeat
            if count >= 4 && r.skip(12, "numbers").is_ok() {
                let crc = r.le32("application")?;
                let crc = draft.format(format_args!("{crc:08x}"));
                draft.push_extra("application_crc", Val::Text(crc));
            }
        }
        TAKE_RESERVATION => draft.push_extra("reservation", Val::Uint(r.u8("reservation")?.into())),
        READ_MEMORY_BLOCK => {
            r.skip(1, "range")?;
            let count = usize::from(r.le16("length")?);
            let bytes = r.take(count, "memory")?;
            let value = shown(bytes, draft);
            if let [entry, ..] = draft.items_mut() {
                if entry.goal.count as usize != count {
                    return Err(Malformed::invalid("length", 3));
                }
                entry.value = value;
            }
        }
        READ_VARIABLES => values(&mut r, draft)?,
        _ => {}
    }
    Ok(())
}

fn sub_code(r: &mut Reader<'_>, draft: &mut Draft<'_>) {
    if let Ok(sub) = r.u8("sub-function") {
        draft.push_extra("sub_code", Val::Uint(sub.into()));
    }
}

/// Bytes without known type: not all of them.
fn shown(bytes: &[u8], draft: &mut Draft<'_>) -> Val {
    Val::Bytes(draft.bytes(bytes.get(..SHOWN).unwrap_or(bytes)))
}

/// Range, block, offset, reserved, length.
fn memory(r: &mut Reader<'_>) -> Read<Goal> {
    r.skip(1, "range")?;
    let block = r.le16("block")?;
    let offset = r.le16("offset")?;
    r.skip(2, "reserved")?;
    let count = r.le16("length")?;
    Ok(Goal::range("memory", offset.into(), count.into()).with_sub(block.into()))
}

/// Octets of one value by its size number.
fn size(index: u8) -> Option<usize> {
    Some(match index & 0x0f {
        1 => 1,
        2 => 2,
        3 => 4,
        _ => return None,
    })
}

/// Check value, count, then per variable: array flag and size, block, address in block (four octets), number of
/// elements of an array, and when writing the value.
fn variables(write: bool, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    r.skip(4, "application")?;
    let count = r.u8("variables")?;
    draft.push_extra("variables", Val::Uint(count.into()));
    for _ in 0..usize::from(count).min(MAX_VARIABLES) {
        let kind = r.u8("size")?;
        let block = r.le16("block")?;
        // a page of 256 octets and the place on it; a read has a 1 before them
        let [a, b, c, d] = r.array("address")?;
        let address = if write {
            u64::from(u16::from_le_bytes([a, b])) << 8 | u64::from(u16::from_le_bytes([c, d]))
        } else {
            u64::from(u16::from_le_bytes([b, c])) << 8 | u64::from(d)
        };
        let elements = if kind >> 4 != 0 { r.le16("elements")? } else { 1 };
        let octets = size(kind).map(|s| s * usize::from(elements));
        let goal = Goal::range("variable", address, octets.unwrap_or(0) as u32).with_sub(block.into());
        let value = match (write, octets) {
            (true, Some(octets)) => value(r.take(octets, "value")?, elements, draft),
            // the length of what follows is not known
            (true, None) => return Ok(()),
            _ => Val::None,
        };
        draft.push_item(goal, value);
    }
    Ok(())
}

fn value(bytes: &[u8], elements: u16, draft: &mut Draft<'_>) -> Val {
    if elements != 1 {
        return shown(bytes, draft);
    }
    Val::Uint(bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// Values of variables follow each other in the order of the request; believed only where all of them fit.
fn values(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let wanted: usize = draft.items_mut().iter().map(|e| e.goal.count as usize).sum();
    let known = draft.items_mut().iter().all(|e| e.goal.count > 0);
    if !known || wanted != r.left() {
        return Ok(());
    }
    for i in 0..draft.items_mut().len() {
        let Some(count) = draft.items_mut().get(i).map(|e| e.goal.count) else { break };
        let bytes = r.take(count as usize, "value")?;
        let elements = if count <= 4 { 1 } else { 2 };
        let value = value(bytes, elements, draft);
        if let Some(entry) = draft.items_mut().get_mut(i) {
            entry.value = value;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_code() {
        assert!(OPERATIONS.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code)));
    }
}
