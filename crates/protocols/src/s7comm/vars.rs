//! Variable specifications and values: what `read_var`, `write_var`, cyclic services and the test functions name.

use super::wire::{DataItem, data_item, date_and_time};
use crate::{Draft, Goal, Val};
use wire::{Malformed, Read, Reader};

/// Most targets kept of one message. A PDU of 960 bytes has room for about 75 specifications; more than this is a
/// scan of addresses, and its first targets tell so.
pub const MAX_ITEMS: usize = 64;

/// Element types of an S7ANY pointer that are no plain number of bits.
pub const BIT: u8 = 1;
/// Byte.
pub const BYTE: u8 = 2;

/// Reads `count` specifications and adds their targets.
pub fn goals(r: &mut Reader<'_>, count: usize, draft: &mut Draft<'_>) -> Read<()> {
    for i in 0..count {
        if i >= MAX_ITEMS {
            draft.out().limit("s7comm_items");
            return Ok(());
        }
        if r.u8("specification type")? != 0x12 {
            return Err(Malformed::invalid("specification type", r.offset()));
        }
        let length = usize::from(r.u8("specification length")?);
        let mut item = r.sub(length, "specification")?;
        specification(&mut item, draft)?;
        // specifications begin on even offsets
        if length % 2 == 1 && i + 1 < count && !r.is_empty() {
            r.skip(1, "fill byte")?;
        }
    }
    Ok(())
}

fn specification(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let syntax = r.u8("syntax id")?;
    let goal = match syntax {
        0x10 => any(r)?,
        0xb0 => {
            let areas = usize::from(r.u8("number of areas")?).min(MAX_ITEMS);
            for _ in 0..areas {
                let bytes = r.u8("bytes to read")?;
                let db = r.be16("DB number")?;
                let start = r.be16("start address")?;
                let goal = Goal::range("DB", u64::from(start) * 8, bytes.into());
                draft.push_item(goal.with_sub(u64::from(db) << 8 | u64::from(BYTE)), Val::None);
            }
            return Ok(());
        }
        0xb2 => symbol(r, draft)?,
        0x82..=0x84 => {
            let place = r.u8("area and unit")?;
            let column = r.be16("column")?;
            let line = r.be16("line")?;
            let module = r.u8("module")?;
            let lines = r.u8("line count")?;
            let area = ["N", "B", "C", "A", "T", "V", "H", "M"].get(usize::from(place >> 5)).copied().unwrap_or("N");
            let unit = place & 0x1f;
            let name = draft.format(format_args!("{area}{unit}.module{module}.column{column}.line{line}"));
            Goal { count: lines.into(), ..Goal::named("nck", name) }
        }
        0xa2 => {
            r.skip(5, "drive object")?;
            let parameter = r.be16("parameter number")?;
            let index = r.be16("parameter index")?;
            let name = draft.format(format_args!("p{parameter}[{index}]"));
            Goal { first: parameter.into(), sub: index.into(), ..Goal::named("drive", name) }
        }
        0x13 => {
            r.skip(1, "reserved")?;
            Goal::range("r_id", r.be32("R_ID")?.into(), 1)
        }
        0x15 | 0x16 | 0x19 | 0x1a | 0x1c => {
            r.skip(1, "number of associated values")?;
            Goal::range("alarm", r.be32("event id").unwrap_or_default().into(), 1)
        }
        other => Goal::range("syntax", other.into(), 1),
    };
    draft.push_item(goal, Val::None);
    Ok(())
}

/// An S7ANY pointer: type, number of elements, data block, area, bit address.
fn any(r: &mut Reader<'_>) -> Read<Goal> {
    let size = r.u8("transport size")?;
    let count = r.be16("length")?;
    let db = r.be16("DB number")?;
    let area = r.u8("area")?;
    let address = r.be24("address")?;
    let space = area_name(area);
    // an area without a name keeps its number in the place of the data block
    let block = if space == "area" { u16::from(area) } else { db };
    Ok(Goal::range(space, address.into(), count.into()).with_sub(u64::from(block) << 8 | u64::from(size)))
}

/// Memory areas in the letters of the field.
fn area_name(area: u8) -> &'static str {
    match area {
        0x01 => "record",
        0x03 => "SI",
        0x05 => "SM",
        0x06 => "AI",
        0x07 => "AQ",
        0x1c => "C",
        0x1d => "T",
        0x1e => "C200",
        0x1f => "T200",
        0x80 => "P",
        0x81 => "I",
        0x82 => "Q",
        0x83 => "M",
        0x84 => "DB",
        0x85 => "DI",
        0x86 => "L",
        0x87 => "V",
        _ => "area",
    }
}

/// A symbolic address of the S7-1200 family: area, check sum of the symbol, then the path of local ids.
fn symbol(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Goal> {
    r.skip(1, "reserved")?;
    let root = r.be16("area")?;
    let sub = r.be16("sub-area")?;
    let check = r.be32("symbol CRC")?;
    let mut lids = [0u32; 8];
    let mut depth = 0;
    while let (Ok(lid), Some(place)) = (r.be32("LID"), lids.get_mut(depth)) {
        *place = lid & 0x0fff_ffff;
        depth += 1;
    }
    let path = Lids(lids.get(..depth).unwrap_or_default());
    let name = match (root, sub) {
        (0x8a0e, db) => draft.format(format_args!("DB{db}{path}")),
        (0, 0x50) => draft.format(format_args!("I{path}")),
        (0, 0x51) => draft.format(format_args!("Q{path}")),
        (0, 0x52) => draft.format(format_args!("M{path}")),
        (0, 0x53) => draft.format(format_args!("C{path}")),
        (0, 0x54) => draft.format(format_args!("T{path}")),
        _ => draft.format(format_args!("{root:04x}.{sub:04x}{path}")),
    };
    Ok(Goal { first: u64::from(root) << 16 | u64::from(sub), sub: check.into(), ..Goal::named("symbol", name) })
}

struct Lids<'a>(&'a [u32]);

impl core::fmt::Display for Lids<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|lid| write!(f, ".{lid}"))
    }
}

/// A specification of the test functions (VarTab): area and width in one byte, repetition or bit, block, address.
pub fn table_goal(r: &mut Reader<'_>) -> Read<Goal> {
    let area = r.u8("memory area")?;
    let repetition = r.u8("repetition factor or bit")?;
    let db = r.be16("DB number")?;
    let start = u64::from(r.be16("start address")?);
    let space = match area >> 4 {
        0 => "M",
        1 => "I",
        2 => "Q",
        3 => "P",
        5 => "T",
        6 => "C",
        7 => "DB",
        _ => "area",
    };
    let (size, first, count) = match area & 0x0f {
        _ if space == "T" => (0x1d, start, repetition.max(1)),
        _ if space == "C" => (0x1c, start, repetition.max(1)),
        0 => (BIT, start * 8 + u64::from(repetition & 7), 1),
        2 => (4, start * 8, repetition.max(1)),
        3 => (6, start * 8, repetition.max(1)),
        _ => (BYTE, start * 8, repetition.max(1)),
    };
    let block = if space == "area" { u16::from(area) } else { db };
    Ok(Goal::range(space, first, count.into()).with_sub(u64::from(block) << 8 | u64::from(size)))
}

/// Reads `count` values into the targets in order; where the request was not seen, targets without address appear.
/// Returns the first return code that is no success (`0xff`).
pub fn values(r: &mut Reader<'_>, count: usize, draft: &mut Draft<'_>) -> Read<Option<u8>> {
    let mut refused = None;
    for i in 0..count.min(MAX_ITEMS) {
        let item = data_item(r)?;
        if item.return_code != 0xff && refused.is_none() {
            refused = Some(item.return_code);
        }
        set(i, &item, draft);
    }
    Ok(refused)
}

fn set(i: usize, item: &DataItem<'_>, draft: &mut Draft<'_>) {
    if item.bytes.is_empty() && draft.items_mut().len() > i {
        return;
    }
    let (size, count) = match draft.items_mut().get(i) {
        Some(entry) if !matches!(entry.goal.space, "symbol" | "nck" | "drive" | "alarm" | "r_id" | "syntax") => {
            (entry.goal.sub as u8, entry.goal.count)
        }
        _ => (0, 1),
    };
    let value = value(size, count, item, draft);
    match draft.items_mut().get_mut(i) {
        Some(entry) => entry.value = value,
        None => draft.push_item(Goal::space("variable"), value),
    }
}

/// A value by the type of its specification, or where that is not known by the transport size of the data.
fn value(size: u8, count: u32, item: &DataItem<'_>, draft: &mut Draft<'_>) -> Val {
    let bytes = item.bytes;
    let mut r = Reader::new(bytes);
    let single = match (size, bytes.len()) {
        _ if bytes.is_empty() => Some(Val::None),
        (BIT, _) => bytes.first().map(|b| Val::Bool(b & 1 != 0)),
        (0, _) if item.size == 3 => bytes.first().map(|b| Val::Bool(b & 1 != 0)),
        (BYTE | 0, 1) => bytes.first().map(|b| Val::Uint((*b).into())),
        (4 | 9 | 0x0c | 0x1c | 0x1d | 0x1e | 0x1f, 2) => r.be16("").ok().map(|v| Val::Uint(v.into())),
        (5, 2) => r.be_i16("").ok().map(|v| Val::Int(v.into())),
        (0, 2) if item.size == 5 => r.be_i16("").ok().map(|v| Val::Int(v.into())),
        (6 | 0x0a, 4) => r.be32("").ok().map(|v| Val::Uint(v.into())),
        (7 | 0x0b, 4) => r.be_i32("").ok().map(|v| Val::Int(v.into())),
        (8, 4) => r.be_f32("").ok().map(|v| Val::Float(v.into())),
        (0, 4) if item.size == 7 => r.be_f32("").ok().map(|v| Val::Float(v.into())),
        (0, 4) if item.size == 6 => r.be_i32("").ok().map(|v| Val::Int(v.into())),
        (0x0f, 8) if count <= 1 => date_and_time(bytes).map(Val::Time),
        _ => None,
    };
    if let Some(single) = single {
        return single;
    }
    match size {
        3 => Val::Text(draft.text(bytes)),
        4 | 5 | 9 | 0x0c | 0x1c | 0x1d if bytes.len().is_multiple_of(2) => Val::Words(draft.bytes(bytes)),
        _ => Val::Bytes(draft.bytes(bytes)),
    }
}

/// Writes a target as SIMATIC users do: `DB10.DBX0.0`, `DB10.DBW4 x 10`, `MB5`, `I0.1`, `T3`.
pub fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    let (block, size) = (goal.sub >> 8, goal.sub as u8);
    let (byte, bit) = (goal.first / 8, goal.first % 8);
    let many = |text: &mut String| {
        if goal.count > 1 {
            let _ = write!(text, " x {}", goal.count);
        }
    };
    match goal.space {
        "block" | "nck" | "drive" | "symbol" | "pi" => {
            let _ = match goal.space {
                "block" | "symbol" => write!(text, "{name}"),
                space => write!(text, "{space}:{name}"),
            };
        }
        "szl" => {
            let _ = write!(text, "szl:{:04x}/{:04x}", goal.first, goal.sub);
        }
        "C" | "T" | "C200" | "T200" => {
            let _ = write!(text, "{}{}", goal.space, goal.first);
            many(text);
        }
        "I" | "Q" | "M" | "L" | "V" | "P" | "DB" | "DI" | "SI" | "SM" | "AI" | "AQ" | "area" | "record" => {
            let _ = match goal.space {
                space @ ("DB" | "DI") => write!(text, "{space}{block}.{space}"),
                "area" => write!(text, "area {block:#04x} "),
                "record" => write!(text, "record {block} "),
                space => write!(text, "{space}"),
            };
            let plain = !matches!(goal.space, "DB" | "DI" | "area" | "record");
            let (letter, suffix) = match size {
                BIT => (if plain { "" } else { "X" }, ""),
                BYTE => ("B", ""),
                3 => ("B", ""),
                4 => ("W", ""),
                5 => ("W", ""),
                6 => ("D", ""),
                7 => ("D", ""),
                8 => ("D", ""),
                9 => ("W", ""),
                0x0a => ("D", ""),
                0x0b => ("D", ""),
                0x0c => ("W", ""),
                0x0f => ("B", " DATE_AND_TIME"),
                0x1c => ("W", ""),
                0x1d => ("W", ""),
                _ => ("B", " ?"),
            };
            let _ = match size {
                BIT => write!(text, "{letter}{byte}.{bit}"),
                _ => write!(text, "{letter}{byte}{suffix}"),
            };
            many(text);
        }
        _ => crate::plain_notation(goal, name, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(goal: Goal) -> String {
        let mut text = String::new();
        notation(&goal, "", &mut text);
        text
    }

    #[test]
    fn targets_look_as_in_the_field() {
        let any = |bytes: &[u8]| any(&mut Reader::new(bytes)).map(written);
        assert_eq!(any(&[1, 0, 1, 0, 10, 0x84, 0, 0, 0]).as_deref(), Ok("DB10.DBX0.0"));
        assert_eq!(any(&[4, 0, 10, 0, 10, 0x84, 0, 0, 32]).as_deref(), Ok("DB10.DBW4 x 10"));
        assert_eq!(any(&[2, 0, 1, 0, 0, 0x83, 0, 0, 40]).as_deref(), Ok("MB5"));
        assert_eq!(any(&[1, 0, 1, 0, 0, 0x81, 0, 0, 9]).as_deref(), Ok("I1.1"));
        assert_eq!(any(&[0x1d, 0, 1, 0, 0, 0x1d, 0, 0, 3]).as_deref(), Ok("T3"));
        assert_eq!(any(&[8, 0, 1, 0, 7, 0x84, 0, 0, 64]).as_deref(), Ok("DB7.DBD8"));
        let table = |bytes: &[u8]| table_goal(&mut Reader::new(bytes)).map(written);
        assert_eq!(table(&[0x10, 1, 0, 0, 0, 8]).as_deref(), Ok("I8.1"));
        assert_eq!(table(&[3, 1, 0, 0, 0, 0]).as_deref(), Ok("MD0"));
        assert_eq!(table(&[0x72, 2, 0, 9, 0, 6]).as_deref(), Ok("DB9.DBW6 x 2"));
    }
}
