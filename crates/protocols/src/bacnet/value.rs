//! Values: application tags (clause 20.2) to row values, lists to one line of text.

use super::meaning::property;
use super::wire::{Kind, Tag, signed, tag, unsigned};
use super::{meaning, names};
use crate::{Draft, Val};
use core::fmt::{self, Write};
use wire::{Malformed, Read, Reader};

/// Longest text made of a list or of constructed data, in bytes: an object list has thousands of entries, and its
/// front tells what it is.
const MAX_LIST: usize = 256;
/// Longest octet string kept, in bytes: longer ones are contents, not values.
const MAX_OCTETS: usize = 64;

/// Text of bounded length without allocation.
struct Line {
    bytes: [u8; MAX_LIST],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        for byte in s.bytes() {
            let Some(place) = self.bytes.get_mut(self.len) else { return Err(fmt::Error) };
            *place = byte;
            self.len += 1;
        }
        Ok(())
    }
}

impl Line {
    fn new() -> Line {
        Line { bytes: [0; MAX_LIST], len: 0 }
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The characters of a character string: its first byte names the character set, 1 (DBCS) also a code page.
pub fn characters(bytes: &[u8]) -> &[u8] {
    let front = if bytes.first() == Some(&1) { 3 } else { 1 };
    bytes.get(front..).unwrap_or_default()
}

/// A character string as text.
pub fn text(bytes: &[u8], draft: &mut Draft<'_>) -> Val {
    let inner = characters(bytes);
    Val::Text(match bytes.first() {
        Some(4) => {
            // UCS-2, big-endian
            let swapped: Vec<u8> = inner.chunks_exact(2).flat_map(|c| c.iter().rev().copied()).collect();
            draft.out().text_utf16le(&swapped)
        }
        _ => draft.text(inner),
    })
}

/// The value of an application tag.
fn application(tag: &Tag<'_>, property: u32, draft: &mut Draft<'_>) -> Val {
    let bytes = tag.bytes;
    match tag.number {
        0 => Val::Name("null"),
        1 => Val::Bool(tag.field != 0),
        2 => unsigned(bytes).map_or(Val::None, Val::Uint),
        3 => signed(bytes).map_or(Val::None, Val::Int),
        4 => Reader::new(bytes).be_f32("real").map_or(Val::None, |v| Val::Float(v.into())),
        5 => Reader::new(bytes).be_f64("double").map_or(Val::None, Val::Float),
        6 => Val::Bytes(draft.bytes(bytes.get(..bytes.len().min(MAX_OCTETS)).unwrap_or_default())),
        7 => text(bytes, draft),
        8 => bits(bytes, draft),
        9 => unsigned(bytes).map_or(Val::None, |n| enumerated(property, n)),
        _ => {
            let mut line = Line::new();
            let _ = show(tag, &mut line);
            Val::Text(draft.bytes(line.get()))
        }
    }
}

/// Enumerations whose words matter beyond their number.
fn enumerated(property: u32, n: u64) -> Val {
    let table: &'static [&'static str] = match property {
        property::SYSTEM_STATUS => &names::DEVICE_STATUS,
        property::SEGMENTATION_SUPPORTED => &names::SEGMENTATION,
        property::PROGRAM_CHANGE => &names::PROGRAM_REQUESTS,
        property::EVENT_STATE => &names::EVENT_STATES,
        _ => return Val::Uint(n),
    };
    names::name(table, n).map_or(Val::Uint(n), Val::Name)
}

/// First bit of the standard is the highest; here it is the lowest.
fn bits(bytes: &[u8], draft: &mut Draft<'_>) -> Val {
    let Some((unused, bits)) = bytes.split_first() else { return Val::None };
    let mut packed = [0u8; MAX_OCTETS];
    let mut len = 0usize;
    for (place, byte) in packed.iter_mut().zip(bits) {
        *place = byte.reverse_bits();
        len += 1;
    }
    let count = (len * 8).saturating_sub(usize::from(*unused).min(7)) as u16;
    Val::Bits { packed: draft.bytes(packed.get(..len).unwrap_or_default()), count }
}

/// Writes one value as text.
fn show(tag: &Tag<'_>, to: &mut Line) -> fmt::Result {
    let bytes = tag.bytes;
    if tag.kind == Kind::Context {
        write!(to, "{}:", tag.number)?;
        return hex(bytes, to);
    }
    match (tag.number, bytes) {
        (0, _) => to.write_str("null"),
        (1, _) => write!(to, "{}", tag.field != 0),
        (2 | 9, _) => write!(to, "{}", unsigned(bytes).unwrap_or_default()),
        (3, _) => write!(to, "{}", signed(bytes).unwrap_or_default()),
        (4, _) => write!(to, "{}", Reader::new(bytes).be_f32("real").unwrap_or_default()),
        (5, _) => write!(to, "{}", Reader::new(bytes).be_f64("double").unwrap_or_default()),
        (7, _) => match core::str::from_utf8(characters(bytes)) {
            Ok(text) => to.write_str(text),
            Err(_) => hex(bytes, to),
        },
        (10, [year, month, day, _]) => {
            part(*year, 1900, 4, to)?;
            to.write_char('-')?;
            part(*month, 0, 2, to)?;
            to.write_char('-')?;
            part(*day, 0, 2, to)
        }
        (11, [hour, minute, second, hundredths]) => {
            part(*hour, 0, 2, to)?;
            to.write_char(':')?;
            part(*minute, 0, 2, to)?;
            to.write_char(':')?;
            part(*second, 0, 2, to)?;
            to.write_char('.')?;
            part(*hundredths, 0, 2, to)
        }
        (12, [a, b, c, d]) => {
            let object = u32::from_be_bytes([*a, *b, *c, *d]);
            let kind = meaning::type_of(object);
            match names::name(&names::OBJECT_TYPES, kind.into()) {
                Some(name) => write!(to, "{name},{}", meaning::instance_of(object)),
                None => write!(to, "{kind},{}", meaning::instance_of(object)),
            }
        }
        _ => hex(bytes, to),
    }
}

/// One part of a date or time; 255 is "any".
fn part(byte: u8, base: u32, width: usize, to: &mut Line) -> fmt::Result {
    match byte {
        255 => to.write_char('*'),
        n => write!(to, "{:0width$}", base + u32::from(n)),
    }
}

fn hex(bytes: &[u8], to: &mut Line) -> fmt::Result {
    bytes.iter().take(MAX_OCTETS).try_for_each(|b| write!(to, "{b:02x}"))
}

/// Reads the contents of an opening tag just read, up to and with its closing tag: one value as it is, several and
/// constructed ones as one line of text.
pub fn constructed(r: &mut Reader<'_>, property: u32, draft: &mut Draft<'_>) -> Read<Val> {
    let first = tag(r)?;
    match first.kind {
        Kind::Close => return Ok(Val::Text(draft.bytes(b"[]"))),
        Kind::Application => {
            let mut ahead = *r;
            if tag(&mut ahead)?.kind == Kind::Close {
                *r = ahead;
                return Ok(application(&first, property, draft));
            }
        }
        Kind::Open | Kind::Context => {}
    }
    let mut line = Line::new();
    let mut depth = 1u32;
    let mut next = first;
    let mut fits = line.write_char('[');
    let mut separate = false;
    loop {
        match next.kind {
            Kind::Open => {
                depth = depth.saturating_add(1);
                let space = if separate { ", " } else { "" };
                fits = fits.and_then(|()| write!(line, "{space}{}{{", next.number));
                separate = false;
            }
            Kind::Close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
                fits = fits.and_then(|()| line.write_char('}'));
                separate = true;
            }
            Kind::Application | Kind::Context => {
                if separate {
                    fits = fits.and_then(|()| line.write_str(", "));
                }
                fits = fits.and_then(|()| show(&next, &mut line));
                separate = true;
            }
        }
        next = tag(r)?;
    }
    if fits.and_then(|()| line.write_char(']')).is_err() {
        // longer than is kept: the end shows it
        line.len = line.len.min(MAX_LIST - 3);
        let _ = line.write_str("...");
    }
    Ok(Val::Text(draft.text(line.get())))
}

/// Date and time that follow each other, as text.
pub fn date_time(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Val> {
    let mut line = Line::new();
    for (number, space) in [(10, "T"), (11, "")] {
        let at = r.offset();
        let tag = tag(r)?;
        if tag.kind != Kind::Application || tag.number != number {
            return Err(Malformed::invalid("date and time", at));
        }
        let _ = show(&tag, &mut line).and_then(|()| line.write_str(space));
    }
    Ok(Val::Text(draft.bytes(line.get())))
}
