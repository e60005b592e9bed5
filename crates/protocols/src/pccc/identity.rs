//! What a diagnostic status answer proves about the sender.

use crate::{About, Kind, Output};
use model::{Path, Role};
use wire::Reader;

/// Diagnostic status of SLC 500 and MicroLogix controllers (1770-6.5.16, chapter 10): status, type extender 0xee,
/// extended interface type, extended processor type, series and revision, bulletin name in ASCII (11), …
///
/// Byte 3 bits 0 to 4 of the older processors are another layout, without a name; nothing is said about those.
pub fn diagnostic_status(data: &[u8], path: Path, out: &mut Output) {
    let mut r = Reader::new(data);
    let (Ok(_), Ok(0xee)) = (r.u8("mode/status"), r.u8("type extender")) else { return };
    let (Ok(_), Ok(_), Ok(series)) =
        (r.u8("extended interface type"), r.u8("extended processor type"), r.u8("series/revision"))
    else {
        return;
    };
    let Ok(name) = r.take(11, "bulletin number/name") else { return };
    if !name.iter().all(|b| (0x20..0x7f).contains(b)) {
        return;
    }
    let letter = char::from(b'A'.saturating_add((series >> 5).min(25)));
    let revision = series & 0x1f;
    out.about(About::Sender)
        .path(path)
        .verified()
        .order_number(name)
        .formatted(Kind::Hardware, format_args!("series {letter} revision {revision}"))
        .implied()
        .role(Role::Controller);
}

/// The mode in the reply's byte after the name, bits 0 to 4 (SLC 500, MicroLogix).
pub fn mode(data: &[u8], path: Path, out: &mut Output) {
    if data.get(1) != Some(&0xee) {
        return;
    }
    // status, extender, two types, series, eleven characters, major error word
    let Some(status) = data.get(18) else { return };
    let word = match status & 0x1f {
        0x01 => "remote program",
        0x06 => "remote run",
        0x07 => "remote test continuous scan",
        0x08 => "remote test single scan",
        0x09 => "remote test debug single step",
        0x11 => "program",
        0x1e => "run",
        _ => return,
    };
    out.about(About::Sender).path(path).verified().mode(word.as_bytes());
}
