//! Data of tags and attributes.

use super::names::element;
use crate::{Draft, Goal, Val};
use wire::{Malformed, Read, Reader};

/// Most elements of one array shown as values; the rest of a longer array is left out, and said.
pub const MAX_VALUES: usize = 64;
/// Most bytes of untyped data kept: what fits into one message of a standard connection (504 bytes).
pub const MAX_BYTES: usize = 504;

/// Type code of a structure; a 16-bit handle (check sum of its definition) follows.
const STRUCTURE: u16 = 0x02a0;
/// Handle of the Logix STRING: length (DINT), 82 characters.
const LOGIX_STRING: u16 = 0x0fce;

/// A type of CIP Volume 1, table C-6.1, or a structure with its handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    pub code: u16,
    pub handle: u16,
}

/// Reads a type in front of tag data.
pub fn read_type(r: &mut Reader<'_>) -> Read<Type> {
    let at = r.offset();
    let code = r.le16("tag type")?;
    if code == STRUCTURE {
        return Ok(Type { code, handle: r.le16("structure handle")? });
    }
    // arrays and vendor flags in the upper bits of symbol types do not occur in front of data
    if size(code).is_none() && !matches!(code, 0xd0 | 0xd5 | 0xd9 | 0xda) {
        return Err(Malformed::invalid("tag type", at));
    }
    Ok(Type { code, handle: 0 })
}

/// Bytes of one element of an elementary type.
pub fn size(code: u16) -> Option<usize> {
    match code {
        0xc1 | 0xc2 | 0xc6 | 0xd1 => Some(1),
        0xc3 | 0xc7 | 0xcd | 0xd2 | 0xd8 => Some(2),
        0xc4 | 0xc8 | 0xca | 0xcc | 0xce | 0xd3 | 0xd6 | 0xdb => Some(4),
        0xc5 | 0xc9 | 0xcb | 0xd4 | 0xd7 => Some(8),
        0xcf => Some(6),
        _ => None,
    }
}

/// The name of an elementary type.
pub fn type_name(code: u16) -> Option<&'static str> {
    Some(match code {
        0xc1 => "BOOL",
        0xc2 => "SINT",
        0xc3 => "INT",
        0xc4 => "DINT",
        0xc5 => "LINT",
        0xc6 => "USINT",
        0xc7 => "UINT",
        0xc8 => "UDINT",
        0xc9 => "ULINT",
        0xca => "REAL",
        0xcb => "LREAL",
        0xcc => "STIME",
        0xcd => "DATE",
        0xce => "TIME_OF_DAY",
        0xcf => "DATE_AND_TIME",
        0xd0 => "STRING",
        0xd1 => "BYTE",
        0xd2 => "WORD",
        0xd3 => "DWORD",
        0xd4 => "LWORD",
        0xd5 => "STRING2",
        0xd6 => "FTIME",
        0xd7 => "LTIME",
        0xd8 => "ITIME",
        0xd9 => "STRINGN",
        0xda => "SHORT_STRING",
        0xdb => "TIME",
        STRUCTURE => "STRUCT",
        _ => return None,
    })
}

/// One element.
fn scalar(code: u16, bytes: &[u8]) -> Val {
    let mut r = Reader::new(bytes);
    let value = match code {
        0xc1 => r.u8("").map(|v| Val::Bool(v != 0)),
        0xc2 => r.i8("").map(|v| Val::Int(v.into())),
        0xc3 => r.le_i16("").map(|v| Val::Int(v.into())),
        0xc4 | 0xdb => r.le_i32("").map(|v| Val::Int(v.into())),
        0xc5 | 0xd7 => r.le64("").map(|v| Val::Int(v as i64)),
        0xca => r.le_f32("").map(|v| Val::Float(v.into())),
        0xcb => r.le_f64("").map(Val::Float),
        _ => r.le_uint(bytes.len(), "").map(Val::Uint),
    };
    value.unwrap_or(Val::None)
}

/// Puts tag data onto a target: one item per element, structures as bytes. `skipped` is the offset of the data in the
/// whole tag, in bytes.
pub fn put(draft: &mut Draft<'_>, goal: Goal, kind: Type, data: &[u8], skipped: u32) {
    if let Some(text) = string(kind, data) {
        let text = draft.text(text);
        draft.push_item(goal, Val::Text(text));
        return;
    }
    let Some(size) = size(kind.code) else {
        let value = bytes(draft, data);
        draft.push_item(goal, value);
        return;
    };
    let first = u64::from(skipped) / size as u64;
    let elements = data.len() / size;
    if elements == 1 && first == 0 {
        draft.push_item(goal, scalar(kind.code, data));
        return;
    }
    if elements > MAX_VALUES {
        draft.out().limit("cip_tag_elements");
    }
    for (at, element_data) in data.chunks_exact(size).take(MAX_VALUES).enumerate() {
        draft.push_item(element(goal, first.saturating_add(at as u64)), scalar(kind.code, element_data));
    }
}

/// Text of the string types.
fn string(kind: Type, data: &[u8]) -> Option<&[u8]> {
    let mut r = Reader::new(data);
    let length = match (kind.code, kind.handle) {
        (0xd0, _) => r.le16("").ok()?.into(),
        (0xda, _) => r.u8("").ok()?.into(),
        (STRUCTURE, LOGIX_STRING) => usize::try_from(r.le32("").ok()?).ok()?,
        _ => return None,
    };
    r.take(length, "").ok()
}

/// Untyped data, as bytes.
pub fn bytes(draft: &mut Draft<'_>, data: &[u8]) -> Val {
    if data.len() > MAX_BYTES {
        draft.out().limit("cip_data_bytes");
    }
    Val::Bytes(draft.bytes(data.get(..MAX_BYTES).unwrap_or(data)))
}

/// An attribute: a number where it is as long as one, else bytes. Attributes are not typed on the wire.
pub fn attribute(draft: &mut Draft<'_>, data: &[u8]) -> Val {
    match data.len() {
        0 => Val::None,
        1 | 2 | 4 | 8 => Reader::new(data).le_uint(data.len(), "attribute").map_or(Val::None, Val::Uint),
        _ => bytes(draft, data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        assert_eq!(scalar(0xca, &1.5f32.to_le_bytes()), Val::Float(1.5));
        assert_eq!(scalar(0xc4, &(-2i32).to_le_bytes()), Val::Int(-2));
        assert_eq!(scalar(0xc4, &[1]), Val::None);
        assert_eq!(string(Type { code: 0xda, handle: 0 }, &[2, b'o', b'k', 9]), Some(&b"ok"[..]));
        assert_eq!(read_type(&mut Reader::new(&[0xa0, 2, 0xce, 0x0f])), Ok(Type { code: 0x02a0, handle: 0x0fce }));
        assert!(read_type(&mut Reader::new(&[0x11, 0x11])).is_err());
    }
}
