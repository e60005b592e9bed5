//! Objects to targets and values.

use super::meaning::{control, double_bit, space};
use super::objects::{Body, Form, Header, Number, Part, Range, form, walk};
use super::{MAX_ITEMS, identity};
use crate::{Draft, Goal, Val};
use model::Time;
use wire::{Read, Reader};

/// What a fragment's objects hold besides points.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// Points whose flags say that they are not online.
    pub not_online: u64,
    /// Points whose flags say that a value was forced, here or below.
    pub forced: u64,
    /// First control status that is not success.
    pub status: Option<u8>,
    /// Controls with a status.
    pub controls: u64,
    /// File object: variation and bytes.
    pub file: Option<(u8, &'a [u8])>,
    /// First authentication object: variation and bytes.
    pub authentication: Option<(u8, &'a [u8])>,
    /// Objects that carry something.
    pub objects: u64,
    /// First control block: count, on time, off time.
    crob: Option<(u8, u32, u32)>,
    /// Points beyond the bound.
    clipped: bool,
}

/// The side a fragment comes from, as far as it matters to its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A request.
    Request,
    /// A response whose request is known; commands in it repeat the request's.
    Echo,
    /// A response alone.
    Response,
}

/// Reads all objects into the draft.
pub fn read<'a>(
    function: u8,
    objects: &'a [u8],
    side: Side,
    unit: u16,
    draft: &mut Draft<'_>,
    seen: &mut Seen<'a>,
) -> Read<()> {
    let mut left = MAX_ITEMS.saturating_sub(draft.items_mut().len());
    let end = walk(function, objects, &mut |part| match part {
        Part::Skipped => seen.clipped = true,
        Part::Header(header) => {
            // a bare header in an answer carries nothing
            push(&mut left, draft, seen, named(&header), Val::None);
        }
        Part::Point { header, index, body } => {
            seen.objects += 1;
            let goal = Goal {
                space: space(header.group),
                first: index.unwrap_or_default().into(),
                count: u32::from(index.is_some()),
                sub: sub(&header),
                name: crate::Span::EMPTY,
            };
            match (header.group, body) {
                (70, Body::Bytes(bytes)) => {
                    seen.file.get_or_insert((header.variation, bytes));
                }
                (120, Body::Bytes(bytes)) => {
                    seen.authentication.get_or_insert((header.variation, bytes));
                    push(&mut left, draft, seen, Goal { count: 0, ..goal }, Val::None);
                }
                (0, Body::Bytes(bytes)) => {
                    let value = identity::attribute(header.variation, bytes, draft);
                    if side != Side::Request {
                        identity::tell(header.variation, bytes, unit, draft.out());
                    }
                    push(&mut left, draft, seen, goal, value);
                }
                (12 | 41, Body::Bytes(bytes)) => {
                    let status = bytes.last().copied().unwrap_or_default() & 0x7f;
                    if side != Side::Request {
                        seen.controls += 1;
                        if status != 0 {
                            seen.status.get_or_insert(status);
                        }
                    }
                    note_crob(&header, bytes, seen);
                    if side != Side::Echo {
                        let value = value(&header, body, draft, seen);
                        push(&mut left, draft, seen, goal, value);
                    }
                }
                _ => {
                    let value = if left > 0 { value(&header, body, draft, seen) } else { Val::None };
                    push(&mut left, draft, seen, goal, value);
                }
            }
        }
    });
    if seen.clipped {
        draft.out().limit("dnp3_points_per_message");
    }
    if let (Some((count, on, off)), true) = (seen.crob, side != Side::Echo) {
        draft.push_extra("op_count", Val::Uint(count.into()));
        draft.push_extra("on_time", Val::Uint(on.into()));
        draft.push_extra("off_time", Val::Uint(off.into()));
    }
    if seen.not_online > 0 {
        draft.push_extra("not_online", Val::Uint(seen.not_online));
    }
    if seen.forced > 0 {
        draft.push_extra("forced", Val::Uint(seen.forced));
    }
    end
}

fn push(left: &mut usize, draft: &mut Draft<'_>, seen: &mut Seen<'_>, goal: Goal, value: Val) {
    match left.checked_sub(1) {
        Some(fewer) => {
            *left = fewer;
            draft.push_item(goal, value);
        }
        None => seen.clipped = true,
    }
}

/// Group and variation in one number, for the notation.
fn sub(header: &Header) -> u64 {
    u64::from(header.group) << 8 | u64::from(header.variation)
}

/// A header as a target.
fn named(header: &Header) -> Goal {
    let (first, count) = match header.range {
        Range::Span { start, .. } => (start.into(), u32::try_from(header.count()).unwrap_or(u32::MAX)),
        // "so many" and "all" have no first index
        Range::All | Range::Count(_) => (0, 0),
    };
    Goal::range(space(header.group), first, count).with_sub(sub(header))
}

fn note_crob(header: &Header, bytes: &[u8], seen: &mut Seen<'_>) {
    if header.group != 12 || seen.crob.is_some() {
        return;
    }
    let mut r = Reader::new(bytes);
    if let (Ok(_), Ok(count), Ok(on), Ok(off)) = (r.u8("control code"), r.u8("count"), r.le32("on"), r.le32("off")) {
        seen.crob = Some((count, on, off));
    }
}

/// The value of one point.
fn value(header: &Header, body: Body<'_>, draft: &mut Draft<'_>, seen: &mut Seen<'_>) -> Val {
    let bytes = match body {
        Body::Nothing => return Val::None,
        Body::Bit(bit) => return Val::Bool(bit),
        Body::DoubleBit(bits) => return Val::Name(double_bit(bits)),
        Body::Bytes(bytes) => bytes,
    };
    let mut r = Reader::new(bytes);
    match form(header.group, header.variation) {
        Some(Form::Flag { .. }) => {
            let flags = r.u8("flags").unwrap_or_default();
            match header.group {
                3 | 4 => {
                    quality(flags, seen);
                    Val::Name(double_bit(flags >> 6))
                }
                13 => Val::Bool(flags & 0x80 != 0),
                _ => {
                    quality(flags, seen);
                    Val::Bool(flags & 0x80 != 0)
                }
            }
        }
        Some(Form::Number { flag, number: kind, .. }) => {
            if flag {
                quality(r.u8("flags").unwrap_or_default(), seen);
            }
            number(kind, &mut r)
        }
        Some(Form::Setpoint(kind)) => number(kind, &mut r),
        Some(Form::SetpointEvent { number: kind, .. }) => {
            let _ = r.u8("status");
            number(kind, &mut r)
        }
        Some(Form::Fixed(_)) => match header.group {
            12 => {
                let code = r.u8("control code").unwrap_or_default();
                control(code).map_or(Val::Uint(code.into()), Val::Name)
            }
            50 | 51 => time(&mut r),
            110 | 111 => {
                let printable = !bytes.is_empty() && bytes.iter().all(|b| (0x20..0x7f).contains(b) || *b == 0);
                if printable { Val::Text(draft.text(bytes)) } else { Val::Bytes(draft.bytes(bytes)) }
            }
            // what is typed at a terminal may be a password
            112 | 113 => draft.out().secret(bytes),
            _ => Val::Bytes(draft.bytes(bytes)),
        },
        _ => Val::None,
    }
}

/// Object flags (annex A): bit 0 online, bit 3 remote forced, bit 4 local forced.
fn quality(flags: u8, seen: &mut Seen<'_>) {
    seen.not_online += u64::from(flags & 0x01 == 0);
    seen.forced += u64::from(flags & 0x18 != 0);
}

fn number(kind: Number, r: &mut Reader<'_>) -> Val {
    let read = match kind {
        Number::U8 => r.u8("value").map(|v| Val::Uint(v.into())),
        Number::U16 => r.le16("value").map(|v| Val::Uint(v.into())),
        Number::U32 => r.le32("value").map(|v| Val::Uint(v.into())),
        Number::I16 => r.le_i16("value").map(|v| Val::Int(v.into())),
        Number::I32 => r.le_i32("value").map(|v| Val::Int(v.into())),
        Number::F32 => r.le_f32("value").map(|v| Val::Float(v.into())),
        Number::F64 => r.le_f64("value").map(Val::Float),
    };
    read.unwrap_or(Val::None)
}

/// Milliseconds since 1970 in 48 bits.
pub fn time(r: &mut Reader<'_>) -> Val {
    match r.le_uint(6, "time") {
        Ok(ms) => Val::Time(Time((ms as i64).saturating_mul(Time::MILLISECOND))),
        Err(_) => Val::None,
    }
}
