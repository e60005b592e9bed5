//! Typed values and objects.
//!
//! ```text
//! value:  | flags 1 | type 1 | … |          flags: 0x10 array, 0x20 address array, 0x40 sparse array
//! object: | a1 | relation id 4 | class id | class flags | attribute id | elements … | a2 |
//! elements: a1 object · a3 attribute (id, value) · a4 relation (id, 4)
//! ```

use super::wire::{signed, vlq32, vlq64};
use crate::{Output, Val};
use model::Time;
use wire::{Malformed, Read, Reader};

/// Deepest nesting of structures and objects followed. Type descriptions nest up to 8 deep; more is an attack on the
/// stack.
const MAX_DEPTH: usize = 12;
/// Most elements of an array looked at.
const MAX_ELEMENTS: u32 = 65_536;

/// A value on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Uint(u64),
    Int(i64),
    Float(f64),
    /// Nanoseconds since 1970.
    Time(u64),
    Text(&'a [u8]),
    /// A blob, or an array of bytes.
    Bytes(&'a [u8]),
    /// A structure: its members were visited. Or an array: its elements were.
    Many,
}

impl Value<'_> {
    /// The value for a row.
    pub fn val(&self, out: &mut Output) -> Val {
        match *self {
            Value::Null | Value::Many => Val::None,
            Value::Bool(b) => Val::Bool(b),
            Value::Uint(n) => Val::Uint(n),
            Value::Int(n) => Val::Int(n),
            Value::Float(x) => Val::Float(x),
            Value::Time(ns) => Val::Time(Time(i64::try_from(ns).unwrap_or(i64::MAX))),
            Value::Text(text) => Val::Text(out.text(text)),
            Value::Bytes(bytes) => Val::Bytes(out.bytes(bytes)),
        }
    }
}

/// What is found while walking.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// An object begins.
    Object { relation: u32, class: u32 },
    /// An attribute of the object begun last, or a member of a structure.
    Attribute { id: u32, value: Value<'a> },
}

/// Reads a value; members of structures are shown with their ids, and so are elements of address arrays (with id 0).
pub fn value<'a>(r: &mut Reader<'a>, depth: usize, visit: &mut dyn FnMut(Found<'a>)) -> Read<Value<'a>> {
    if depth > MAX_DEPTH {
        return Err(Malformed::invalid("nesting", r.offset()));
    }
    let flags = r.u8("value flags")?;
    let kind = r.u8("value type")?;
    if flags & 0x40 != 0 {
        for _ in 0..MAX_ELEMENTS {
            if vlq32(r, "sparse array key")? == 0 {
                return Ok(Value::Many);
            }
            let value = scalar(r, kind, depth, visit)?;
            visit(Found::Attribute { id: 0, value });
        }
        return Err(Malformed::invalid("sparse array", r.offset()));
    }
    if flags & 0x30 == 0 {
        return scalar(r, kind, depth, visit);
    }
    let count = vlq32(r, "array size")?;
    if matches!(kind, 0x01 | 0x02 | 0x06 | 0x0a) {
        return r.take(count as usize, "array").map(Value::Bytes);
    }
    if count > MAX_ELEMENTS {
        return Err(Malformed::invalid("array size", r.offset()));
    }
    for _ in 0..count {
        let value = scalar(r, kind, depth, visit)?;
        visit(Found::Attribute { id: 0, value });
    }
    Ok(Value::Many)
}

fn scalar<'a>(r: &mut Reader<'a>, kind: u8, depth: usize, visit: &mut dyn FnMut(Found<'a>)) -> Read<Value<'a>> {
    Ok(match kind {
        0x00 => Value::Null,
        0x01 => Value::Bool(r.u8("bool")? != 0),
        0x02 | 0x0a => Value::Uint(r.u8("byte")?.into()),
        0x03 | 0x0b => Value::Uint(r.be16("word")?.into()),
        0x04 | 0x13 => Value::Uint(vlq32(r, "udint")?.into()),
        0x05 => Value::Uint(vlq64(r, "ulint")?),
        0x06 => Value::Int(r.i8("sint")?.into()),
        0x07 => Value::Int(r.be_i16("int")?.into()),
        0x08 | 0x09 | 0x11 => Value::Int(signed(r, "dint")?),
        0x0c | 0x12 => Value::Uint(r.be32("dword")?.into()),
        0x0d => Value::Uint(r.be64("lword")?),
        0x0e => Value::Float(r.be_f32("real")?.into()),
        0x0f => Value::Float(r.be_f64("lreal")?),
        0x10 => Value::Time(r.be64("timestamp")?),
        0x14 => {
            if vlq32(r, "blob root")? != 0 {
                return Err(Malformed::invalid("blob root", r.offset()));
            }
            let length = vlq32(r, "blob size")?;
            Value::Bytes(r.take(length as usize, "blob")?)
        }
        0x15 => {
            let length = vlq32(r, "text size")?;
            Value::Text(r.take(length as usize, "text")?)
        }
        0x17 => {
            structure(r, depth, visit)?;
            Value::Many
        }
        _ => return Err(Malformed::invalid("value type", r.offset())),
    })
}

/// A structure: its id, then members until member 0; or, for the system's packed ones, a time stamp and bytes.
fn structure<'a>(r: &mut Reader<'a>, depth: usize, visit: &mut dyn FnMut(Found<'a>)) -> Read<()> {
    let id = r.be32("structure id")?;
    if matches!(id >> 24, 0x02 | 0x90..=0x9f) {
        r.skip(8, "packed structure time")?;
        let flags = vlq32(r, "packed structure flags")?;
        let mut count = vlq32(r, "packed structure size")?;
        // bit 10: the size follows the number of elements
        if flags & 0x400 != 0 {
            count = vlq32(r, "packed structure size")?;
        }
        let bytes = r.take(count as usize, "packed structure")?;
        visit(Found::Attribute { id, value: Value::Bytes(bytes) });
        return Ok(());
    }
    for _ in 0..MAX_ELEMENTS {
        let id = vlq32(r, "member id")?;
        if id == 0 {
            return Ok(());
        }
        let value = value(r, depth + 1, visit)?;
        visit(Found::Attribute { id, value });
    }
    Err(Malformed::invalid("structure", r.offset()))
}

/// Walks objects until they end or something comes that is not known.
pub fn objects<'a>(r: &mut Reader<'a>, visit: &mut dyn FnMut(Found<'a>)) -> Read<()> {
    let mut depth = 0usize;
    while let Some(tag) = r.peek_u8() {
        match tag {
            0xa1 => {
                r.skip(1, "tag")?;
                let relation = r.be32("relation id")?;
                let class = vlq32(r, "class id")?;
                vlq32(r, "class flags")?;
                vlq32(r, "attribute id")?;
                depth += 1;
                visit(Found::Object { relation, class });
            }
            0xa2 if depth > 0 => {
                r.skip(1, "tag")?;
                depth -= 1;
            }
            0xa3 if depth > 0 => {
                r.skip(1, "tag")?;
                let id = vlq32(r, "attribute id")?;
                let value = value(r, 1, visit)?;
                visit(Found::Attribute { id, value });
            }
            0xa4 if depth > 0 => {
                r.skip(1, "tag")?;
                vlq32(r, "relation")?;
                r.skip(4, "relation id")?;
            }
            // type descriptions, comments: not followed
            _ => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_shows_its_members() {
        let bytes = [0, 0x17, 0, 0, 1, 0x3a, 0x82, 0x3f, 0, 0x15, 3, b'a', b'b', b'c', 0];
        let mut seen = Vec::new();
        let found = value(&mut Reader::new(&bytes), 0, &mut |f| {
            if let Found::Attribute { id, value: Value::Text(text) } = f {
                seen.push((id, text.to_vec()));
            }
        });
        assert_eq!(found, Ok(Value::Many));
        assert_eq!(seen, vec![(319, b"abc".to_vec())]);
    }

    #[test]
    fn nesting_ends() {
        let mut bytes = Vec::new();
        for _ in 0..100 {
            bytes.extend_from_slice(&[0, 0x17, 0, 0, 0, 1, 1]);
        }
        assert!(value(&mut Reader::new(&bytes), 0, &mut |_| {}).is_err());
        assert!(value(&mut Reader::new(&[0x10, 0x04, 0xff, 0xff, 0xff, 0x7f]), 0, &mut |_| {}).is_err());
    }
}
