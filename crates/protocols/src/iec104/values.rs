//! Information elements to values (IEC 60870-5-101, 7.2.6).

use super::wire::Asdu;
use super::MAX_ITEMS;
use crate::{Draft, Goal, Val};
use model::{Class, Time};
use wire::{Read, Reader};

/// How many objects carry which quality bit.
#[derive(Clone, Copy, Debug, Default)]
struct Quality {
    overflow: u64,
    blocked: u64,
    substituted: u64,
    not_topical: u64,
    invalid: u64,
}

impl Quality {
    /// Quality descriptor: OV 1 (only where `overflow`), BL 0x10, SB 0x20, NT 0x40, IV 0x80.
    fn note(&mut self, bits: u8, overflow: bool) {
        self.overflow += u64::from(overflow && bits & 0x01 != 0);
        self.blocked += u64::from(bits & 0x10 != 0);
        self.substituted += u64::from(bits & 0x20 != 0);
        self.not_topical += u64::from(bits & 0x40 != 0);
        self.invalid += u64::from(bits & 0x80 != 0);
    }
}

/// Reads the objects into the draft: addresses, values, quality, qualifier of commands.
pub fn read(asdu: &Asdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut quality = Quality::default();
    let mut left = MAX_ITEMS.saturating_sub(draft.items_mut().len());
    let mut clipped = false;
    let end = asdu.each(|address, element| {
        let Some(fewer) = left.checked_sub(1) else {
            clipped = true;
            return;
        };
        left = fewer;
        let value = value(asdu.kind, element, &mut quality);
        draft.push_item(goal(asdu.kind, address), value);
    });
    if clipped {
        draft.out().limit("iec104_objects_per_message");
    }
    for (key, count) in [
        ("overflow", quality.overflow),
        ("blocked", quality.blocked),
        ("substituted", quality.substituted),
        ("not_topical", quality.not_topical),
        ("invalid", quality.invalid),
    ] {
        if count > 0 {
            draft.push_extra(key, Val::Uint(count));
        }
    }
    command(asdu, draft);
    end
}

/// An object address; 0 in system commands is the whole station.
fn goal(kind: u8, address: u32) -> Goal {
    match (kind, address) {
        (70 | 100..=107, 0) => Goal::space("station"),
        _ => Goal::range("ioa", address.into(), 1),
    }
}

/// Whether a command selects, or executes what was selected (or executes directly).
pub fn selects(asdu: &Asdu<'_>) -> bool {
    select_octet(asdu).is_some_and(|octet| octet & 0x80 != 0)
}

/// The octet with S/E and qualifier of a command.
fn select_octet(asdu: &Asdu<'_>) -> Option<u8> {
    let at = match asdu.kind {
        45..=47 | 58..=60 => 0,
        48 | 49 | 61 | 62 => 2,
        50 | 63 => 4,
        _ => return None,
    };
    asdu.first_element().get(at).copied()
}

/// Extras of commands: select or execute, qualifier, and the class a qualifier makes.
fn command(asdu: &Asdu<'_>, draft: &mut Draft<'_>) {
    if let Some(octet) = select_octet(asdu) {
        draft.push_extra("select", Val::Bool(octet & 0x80 != 0));
        let qualifier = match asdu.kind {
            45..=47 | 58..=60 => octet >> 2 & 0x1f,
            _ => octet & 0x7f,
        };
        if qualifier != 0 {
            draft.push_extra("qualifier", Val::Uint(qualifier.into()));
        }
    }
    if let (101, [octet, ..]) = (asdu.kind, asdu.first_element()) {
        let freeze = match octet >> 6 {
            0 => "read",
            1 => "freeze_without_reset",
            2 => "freeze_with_reset",
            _ => "reset",
        };
        draft.push_extra("freeze", Val::Name(freeze));
        if octet >> 6 != 0 {
            draft.row.class = Class::Write;
        }
    }
}

/// The value of one element set.
fn value(kind: u8, element: &[u8], quality: &mut Quality) -> Val {
    let mut r = Reader::new(element);
    element_value(kind, &mut r, quality).unwrap_or(Val::None)
}

fn element_value(kind: u8, r: &mut Reader<'_>, quality: &mut Quality) -> Read<Val> {
    Ok(match kind {
        1 | 2 | 30 => {
            let octet = r.u8("siq")?;
            quality.note(octet, false);
            Val::Bool(octet & 1 == 1)
        }
        3 | 4 | 31 => {
            let octet = r.u8("diq")?;
            quality.note(octet, false);
            Val::Name(double_point(octet))
        }
        5 | 6 | 32 => {
            let octet = r.u8("vti")?;
            quality.note(r.u8("qds")?, true);
            // seven bits with sign; the eighth says "in transition"
            Val::Int(i64::from((octet << 1) as i8 >> 1))
        }
        7 | 8 | 33 => {
            let bits = r.le32("bsi")?;
            quality.note(r.u8("qds")?, true);
            Val::Uint(bits.into())
        }
        9 | 10 | 34 => {
            let value = normalized(r.le_i16("nva")?);
            quality.note(r.u8("qds")?, true);
            value
        }
        21 => normalized(r.le_i16("nva")?),
        11 | 12 | 35 => {
            let value = Val::Int(r.le_i16("sva")?.into());
            quality.note(r.u8("qds")?, true);
            value
        }
        13 | 14 | 36 => {
            let value = Val::Float(r.le_f32("value")?.into());
            quality.note(r.u8("qds")?, true);
            value
        }
        15 | 16 | 37 => {
            let value = Val::Int(r.le_i32("counter reading")?.into());
            // sequence notation: only IV is a quality bit
            quality.note(r.u8("sequence notation")? & 0x80, false);
            value
        }
        17 | 38 => {
            let octet = r.u8("sep")?;
            quality.note(octet & 0xf0, false);
            Val::Name(double_point(octet))
        }
        18 | 19 | 39 | 40 => {
            let bits = r.u8("protection events")?;
            quality.note(r.u8("qdp")? & 0xf0, false);
            Val::Uint(bits.into())
        }
        20 => {
            let bits = r.le32("scd")?;
            quality.note(r.u8("qds")?, true);
            Val::Uint(bits.into())
        }
        45 | 58 => Val::Bool(r.u8("sco")? & 1 == 1),
        46 | 59 => match r.u8("dco")? & 3 {
            1 => Val::Name("off"),
            2 => Val::Name("on"),
            other => Val::Uint(other.into()),
        },
        47 | 60 => match r.u8("rco")? & 3 {
            1 => Val::Name("lower"),
            2 => Val::Name("higher"),
            other => Val::Uint(other.into()),
        },
        48 | 61 | 110 => normalized(r.le_i16("nva")?),
        49 | 62 | 111 => Val::Int(r.le_i16("sva")?.into()),
        50 | 63 | 112 => Val::Float(r.le_f32("value")?.into()),
        51 | 64 => Val::Uint(r.le32("bsi")?.into()),
        70 | 100 | 101 | 105 | 113 => Val::Uint(r.u8("qualifier")?.into()),
        103 => clock(r)?,
        104 | 106 | 107 => Val::Uint(r.le16("value")?.into()),
        _ => Val::None,
    })
}

fn normalized(raw: i16) -> Val {
    Val::Float(f64::from(raw) / 32768.0)
}

fn double_point(octet: u8) -> &'static str {
    match octet & 3 {
        0 => "indeterminate_or_intermediate",
        1 => "off",
        2 => "on",
        _ => "indeterminate",
    }
}

/// Seven-octet binary time (7.2.6.18), taken as it stands: stations use local time or UTC, the wire does not say.
fn clock(r: &mut Reader<'_>) -> Read<Val> {
    let ms = i64::from(r.le16("milliseconds")?);
    let minute = i64::from(r.u8("minutes")? & 0x3f);
    let hour = i64::from(r.u8("hours")? & 0x1f);
    let day = i64::from(r.u8("day")? & 0x1f);
    let month = i64::from(r.u8("month")? & 0x0f);
    let year = 2000 + i64::from(r.u8("year")? & 0x7f);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return Ok(Val::None);
    }
    let ms = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + ms;
    Ok(Val::Time(Time(ms.saturating_mul(Time::MILLISECOND))))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: u8, bytes: &[u8]) -> (Val, Quality) {
        let mut quality = Quality::default();
        (value(kind, bytes, &mut quality), quality)
    }

    #[test]
    fn elements() {
        assert_eq!(one(5, &[0x7f, 0]).0, Val::Int(-1));
        assert_eq!(one(5, &[0xbf, 0]).0, Val::Int(63));
        assert_eq!(one(9, &[0, 0x40, 0]).0, Val::Float(0.5));
        let (value, quality) = one(1, &[0xc1]);
        assert_eq!((value, quality.invalid, quality.not_topical, quality.overflow), (Val::Bool(true), 1, 1, 0));
        assert_eq!(one(46, &[0x82]).0, Val::Name("on"));
        assert_eq!(one(15, &[0xff, 0xff, 0xff, 0xff, 0x85]).1.invalid, 1);
    }

    #[test]
    fn seven_octet_time() {
        let (value, _) = one(103, &[0x10, 0x27, 30, 12, 29, 2, 24]);
        let Val::Time(time) = value else { panic!("{value:?}") };
        assert_eq!(time.to_string(), "2024-02-29T12:30:10.000000000Z");
        assert_eq!(one(103, &[0, 0, 0, 0, 0, 0, 24]).0, Val::None);
        assert_eq!(days(1970, 1, 1), 0);
    }
}
