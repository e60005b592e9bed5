//! Commands and functions to operations, targets and values.

use super::wire::address;
use crate::{Draft, Goal, Operation, Val, op};
use core::fmt::Write;
use model::Class::*;
use wire::{Malformed, Read, Reader};

/// `command << 8 | function`; commands without function have 0 there.
pub const OPERATIONS: &[Operation] = &[
    op(0x0000, "protected_write", Write),
    op(0x0100, "unprotected_read", Read),
    op(0x0200, "protected_bit_write", Write),
    op(0x0500, "unprotected_bit_write", Write),
    op(0x0600, "echo", Diagnose),
    op(0x0601, "read_diagnostic_counters", Diagnose),
    op(0x0602, "set_variables", Configure),
    op(0x0603, "diagnostic_status", Identify),
    op(0x0604, "set_timeout", Configure),
    op(0x0605, "set_naks", Configure),
    op(0x0606, "set_enqs", Configure),
    op(0x0607, "reset_diagnostic_counters", Diagnose),
    op(0x0608, "set_data_table_size", Configure),
    op(0x0609, "read_link_parameters", Read),
    op(0x060a, "set_link_parameters", Configure),
    op(0x0700, "disable_outputs", Mode),
    op(0x0701, "enable_outputs", Mode),
    op(0x0703, "enable_plc_scanning", Mode),
    op(0x0704, "enter_download_mode", Program),
    op(0x0705, "exit_download_upload_mode", Program),
    op(0x0706, "enter_upload_mode", Program),
    op(0x0800, "unprotected_write", Write),
    op(0x0f00, "word_range_write", Write),
    op(0x0f01, "word_range_read", Read),
    op(0x0f02, "bit_write", Write),
    op(0x0f03, "file_write", Write),
    op(0x0f04, "file_read", Read),
    op(0x0f05, "download_request", Program),
    op(0x0f06, "upload", Program),
    op(0x0f07, "shutdown", Mode),
    op(0x0f08, "physical_write", Program),
    op(0x0f09, "physical_read", Program),
    op(0x0f0a, "restart_request", Mode),
    op(0x0f11, "get_edit_resource", Session),
    op(0x0f12, "return_edit_resource", Session),
    op(0x0f17, "read_bytes_physical", Program),
    op(0x0f18, "write_bytes_physical", Program),
    op(0x0f26, "read_modify_write", Write),
    op(0x0f29, "read_section_size", Read),
    op(0x0f3a, "set_cpu_mode", Mode),
    op(0x0f41, "disable_forces", Operate),
    op(0x0f50, "download_all_request", Program),
    op(0x0f52, "download_completed", Program),
    op(0x0f53, "upload_all_request", Program),
    op(0x0f55, "upload_completed", Program),
    op(0x0f57, "initialize_memory", Program),
    op(0x0f5e, "modify_plc_2_compatibility_file", Configure),
    op(0x0f67, "typed_write", Write),
    op(0x0f68, "typed_read", Read),
    op(0x0f79, "read_modify_write_n", Write),
    op(0x0f80, "change_cpu_mode", Mode),
    op(0x0f81, "open_file", Session),
    op(0x0f82, "close_file", Session),
    op(0x0f88, "execute_multiple_commands", Program),
    op(0x0f8f, "apply_port_configuration", Configure),
    op(0x0fa1, "protected_typed_logical_read_with_two_address_fields", Read),
    op(0x0fa2, "protected_typed_logical_read_with_three_address_fields", Read),
    op(0x0fa7, "protected_typed_file_read", Read),
    op(0x0fa9, "protected_typed_logical_write_with_two_address_fields", Write),
    op(0x0faa, "protected_typed_logical_write_with_three_address_fields", Write),
    op(0x0fab, "protected_typed_logical_masked_write_with_three_address_fields", Write),
    op(0x0faf, "protected_typed_file_write", Write),
];

/// Most values shown of one message.
const MAX_VALUES: usize = 64;
/// Most bytes of untyped data kept: the largest PCCC message has 244.
const MAX_BYTES: usize = 256;

/// The code in [`OPERATIONS`].
pub fn code(command: u8, function: Option<u8>) -> u32 {
    u32::from(command) << 8 | u32::from(function.unwrap_or(0))
}

/// Letters of the data files (1770-6.5.16, chapter 13), by type code.
fn letter(kind: u16) -> Option<&'static str> {
    Some(match kind {
        0x82 => "O",
        0x83 => "I",
        0x84 => "S",
        0x85 => "B",
        0x86 => "T",
        0x87 => "C",
        0x88 => "R",
        0x89 => "N",
        0x8a => "F",
        0x8b => "O",
        0x8c => "I",
        0x8d => "ST",
        0x8e => "A",
        0x8f => "D",
        0x91 => "L",
        0x92 => "MG",
        0x93 => "PD",
        0x94 => "PLS",
        _ => return None,
    })
}

/// Ladder program files of SLC 500 and MicroLogix.
const LADDER: u16 = 0x22;

/// Whether access to a file of this type moves program: reading ladder files, writing anything that is no data file.
/// Other system files are polled by every tool that is online.
pub fn is_program(kind: u16, write: bool) -> bool {
    kind == LADDER || (write && !(0x80..=0x9f).contains(&kind))
}

/// File, element and sub-element in one number: type 16 bits, file 16 bits, sub-element 16 bits.
fn pack(kind: u16, file: u16, sub: u16) -> u64 {
    u64::from(kind) << 32 | u64::from(file) << 16 | u64::from(sub)
}

/// The type code of a target.
pub fn kind_of(goal: &Goal) -> u16 {
    (goal.sub >> 32) as u16
}

/// Writes `N7:0`, `T4:2.1`, `N7:0..9`, or `file type 0x22:3/0` where the type has no letter.
pub fn notation(goal: &Goal, name: &str, text: &mut String) {
    match goal.space {
        "file" => {
            let (kind, file, sub) = (kind_of(goal), (goal.sub >> 16) as u16, goal.sub as u16);
            let _ = match letter(kind) {
                Some(letter) => write!(text, "{letter}{file}:{}", goal.first),
                None => write!(text, "0x{kind:02x}:{file}/{}", goal.first),
            };
            if goal.count > 1 {
                let _ = write!(text, "..{}", goal.first.saturating_add(u64::from(goal.count) - 1));
            }
            if sub != 0 {
                let _ = write!(text, ".{sub}");
            }
        }
        "symbol" => {
            let _ = write!(text, "symbol:{name}");
        }
        _ => crate::plain_notation(goal, name, text),
    }
}

/// Bytes of one element of a data file, where values are plain numbers.
fn width(kind: u16) -> Option<usize> {
    match kind {
        0x82..=0x85 | 0x89 | 0x8b | 0x8c => Some(2),
        0x8a | 0x91 => Some(4),
        _ => None,
    }
}

/// `two` or `three` address fields: byte size, file number, file type, element, sub-element.
fn logical(r: &mut Reader<'_>, fields: u8) -> Read<Goal> {
    let size = r.u8("byte size")?;
    let file = address(r, "file number")?;
    let kind: u16 = r.u8("file type")?.into();
    let element = address(r, "element number")?;
    let sub = if fields == 3 { address(r, "sub-element number")? } else { 0 };
    // timers and counters are read whole or by word; counting elements needs the type's width
    let count = width(kind).map_or(1, |w| (usize::from(size) / w).max(1));
    Ok(Goal { sub: pack(kind, file, sub), ..Goal::range("file", element.into(), count as u32) })
}

/// Adds what a command acts on.
pub fn command(code: u32, data: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(data);
    match code {
        0x0000 | 0x0800 => {
            let first = r.le16("address")?;
            let rest = r.rest();
            let goal = Goal::range("word", first.into(), (rest.len() / 2) as u32);
            values(goal, 0x89, rest, draft);
        }
        0x0100 => {
            let first = r.le16("address")?;
            let size = r.u8("size")?;
            draft.push_item(Goal::range("word", first.into(), u32::from(size) / 2), Val::None);
        }
        0x0fa1 | 0x0fa2 => {
            let goal = logical(&mut r, if code == 0x0fa1 { 2 } else { 3 })?;
            draft.push_item(goal, Val::None);
        }
        0x0fa9..=0x0fab => {
            let goal = logical(&mut r, if code == 0x0fa9 { 2 } else { 3 })?;
            if code == 0x0fab {
                draft.push_extra("mask", Val::Uint(r.le16("mask")?.into()));
            }
            values(goal, kind_of(&goal), r.rest(), draft);
        }
        0x0fa7 | 0x0faf => {
            let size = r.u8("size")?;
            let tag = r.le16("tag")?;
            let offset = r.le16("offset")?;
            let kind: u16 = r.u8("file type")?.into();
            let goal = Goal { sub: pack(kind, tag, 0), ..Goal::range("file", offset.into(), 1) };
            draft.push_extra("size", Val::Uint(size.into()));
            if code == 0x0faf {
                let value = bytes(draft, r.rest());
                draft.push_item(goal, value);
            } else {
                draft.push_item(goal, Val::None);
            }
        }
        0x0f81 => {
            draft.push_extra("access", Val::Uint(r.u8("protection")?.into()));
            let file = r.le16("file number")?;
            let kind: u16 = r.u8("file type")?.into();
            draft.push_item(Goal { sub: pack(kind, file, 0), ..Goal::range("file", 0, 1) }, Val::None);
        }
        0x0f82 => draft.push_item(Goal::range("tag", r.le16("tag")?.into(), 1), Val::None),
        0x0f80 | 0x0f3a => {
            let mode = r.u8("mode")?;
            let value = mode_word(code, mode).map_or(Val::Uint(mode.into()), Val::Name);
            draft.push_extra("mode", value);
        }
        0x0f00 | 0x0f01 | 0x0f03 | 0x0f04 => {
            let offset = r.le16("packet offset")?;
            draft.push_extra("packet_offset", Val::Uint(offset.into()));
            let total = r.le16("total transaction")?;
            draft.push_extra("size", Val::Uint(total.into()));
            let goal = system_address(&mut r, draft)?;
            if code & 1 == 0 && code == 0x0f00 || code == 0x0f03 {
                let value = bytes(draft, r.rest());
                draft.push_item(goal, value);
            } else {
                draft.push_item(goal, Val::None);
            }
        }
        0x0f67 | 0x0f68 => {
            draft.push_extra("packet_offset", Val::Uint(r.le16("packet offset")?.into()));
            draft.push_extra("size", Val::Uint(r.le16("total transaction")?.into()));
            let goal = system_address(&mut r, draft)?;
            if code == 0x0f67 {
                let value = bytes(draft, r.rest());
                draft.push_item(goal, value);
            } else {
                draft.push_item(goal, Val::None);
            }
        }
        0x0f05 | 0x0f06 | 0x0f08 | 0x0f09 | 0x0f17 | 0x0f18 => {
            let first = r.le32("physical address")?;
            let rest = r.rest();
            let value = if matches!(code, 0x0f08 | 0x0f18) { bytes(draft, rest) } else { Val::None };
            draft.push_item(Goal::range("physical", first.into(), 1), value);
        }
        _ => {
            if !data.is_empty() {
                let value = bytes(draft, data);
                draft.push_extra("data", value);
            }
        }
    }
    Ok(())
}

/// PLC-5 system address: a symbol (`0x00 '$' text 0x00`) or levels by a mask (1770-6.5.16, chapter 13).
fn system_address(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Goal> {
    let at = r.offset();
    let flags = r.u8("system address")?;
    if flags == 0 && r.peek_u8() == Some(b'$') {
        r.skip(1, "symbol mark")?;
        let length = r.peek().iter().position(|b| *b == 0).ok_or(Malformed::truncated("symbol", at))?;
        let name = r.take(length, "symbol")?;
        r.skip(1, "end of symbol")?;
        let name = draft.text(name);
        return Ok(Goal::named("symbol", name));
    }
    if flags & 0x80 != 0 {
        return Err(Malformed::invalid("system address", at));
    }
    let mut levels = [0u16; 7];
    for (bit, level) in levels.iter_mut().enumerate() {
        if flags >> bit & 1 == 1 {
            *level = address(r, "level")?;
        }
    }
    let [_, file, element, sub, ..] = levels;
    Ok(Goal { sub: pack(0x89, file, sub), ..Goal::range("file", element.into(), 1) })
}

fn bytes(draft: &mut Draft<'_>, data: &[u8]) -> Val {
    if data.len() > MAX_BYTES {
        draft.out().limit("pccc_data_bytes");
    }
    Val::Bytes(draft.bytes(data.get(..MAX_BYTES).unwrap_or(data)))
}

/// Words of integer files, numbers of floating-point and long files, bytes of everything else.
pub fn values(goal: Goal, kind: u16, data: &[u8], draft: &mut Draft<'_>) {
    let number = |chunk: &[u8]| match (kind, chunk) {
        (0x8a, [a, b, c, d]) => Val::Float(f32::from_le_bytes([*a, *b, *c, *d]).into()),
        (0x91, [a, b, c, d]) => Val::Int(i32::from_le_bytes([*a, *b, *c, *d]).into()),
        (0x89, [a, b]) => Val::Int(i16::from_le_bytes([*a, *b]).into()),
        (_, [a, b]) => Val::Uint(u16::from_le_bytes([*a, *b]).into()),
        _ => Val::None,
    };
    let Some(width) = width(kind).filter(|w| data.len() >= *w) else {
        let value = bytes(draft, data);
        return put(draft, goal, value);
    };
    if data.len() == width {
        return put(draft, Goal { count: 1, ..goal }, number(data));
    }
    if data.len() / width > MAX_VALUES {
        draft.out().limit("pccc_values");
    }
    for (at, chunk) in data.chunks_exact(width).take(MAX_VALUES).enumerate() {
        let goal = Goal { first: goal.first.saturating_add(at as u64), count: 1, ..goal };
        match at {
            0 => put(draft, goal, number(chunk)),
            _ => draft.push_item(goal, number(chunk)),
        }
    }
}

/// On the target that is there, or as a new one.
fn put(draft: &mut Draft<'_>, goal: Goal, value: Val) {
    match draft.items_mut() {
        [entry, ..] => (entry.goal, entry.value) = (goal, value),
        [] => draft.push_item(goal, value),
    }
}

/// Modes of `change_cpu_mode` (SLC 500, MicroLogix) and `set_cpu_mode` (PLC-5).
fn mode_word(code: u32, mode: u8) -> Option<&'static str> {
    match (code, mode) {
        (0x0f80, 0x01) => Some("program"),
        (0x0f80, 0x06) => Some("run"),
        (0x0f80, 0x07) => Some("test continuous scan"),
        (0x0f80, 0x08) => Some("test single scan"),
        (0x0f80, 0x09) => Some("test debug single step"),
        (0x0f3a, 0x00) => Some("program"),
        (0x0f3a, 0x01) => Some("test"),
        (0x0f3a, 0x02) => Some("run"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_written_as_in_the_field() {
        assert!(OPERATIONS.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code)));
        let goal = logical(&mut Reader::new(&[4, 7, 0x89, 3, 0]), 3);
        let mut text = String::new();
        if let Ok(goal) = goal {
            notation(&goal, "", &mut text);
        }
        assert_eq!(text, "N7:3..4");
    }
}
