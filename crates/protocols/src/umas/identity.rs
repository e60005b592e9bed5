//! What an answer proves about a controller and its project.

use crate::{About, Draft, Kind, Output, Val};
use model::{NameKind, Path};
use wire::{Read, Reader};

/// Read id: range, hardware number, model number, version in binary coded decimal, patch, …, name of the model.
pub fn controller(data: &[u8], path: Path, out: &mut Output) -> Read<()> {
    let mut r = Reader::new(data);
    r.skip(8, "range, hardware, model")?;
    let version = r.le16("version")?;
    r.skip(12, "patch, internal version, hardware version, crash code, reserved")?;
    let length = r.u8("name length")?;
    let name = r.take(length.into(), "name")?;
    let about = out.about(About::Sender).path(path).verified().model(name);
    let digits = [version >> 12, version >> 8, version >> 4, version].iter().all(|d| d & 0x0f <= 9);
    if digits && version != 0 {
        about.formatted(Kind::Firmware, format_args!("{:x}.{:02x}", version >> 8, version & 0xff));
    }
    Ok(())
}

/// Project information, part 0: two check values, when made, when changed, version, name.
pub fn project(data: &[u8], draft: &mut Draft<'_>, path: Path) -> Read<()> {
    let mut r = Reader::new(data);
    r.skip(18, "check values")?;
    let created = date(&mut r)?;
    let modified = date(&mut r)?;
    let (build, minor, major) = (r.le16("build")?, r.u8("minor")?, r.u8("major")?);
    let length = r.u8("name length")?;
    let name = r.take(usize::from(length).min(r.left()), "name")?;
    let name = draft.text(name);
    let version = draft.format(format_args!("{major}.{minor}.{build}"));
    for (key, date) in [("created", created), ("modified", modified)] {
        if let Some(text) = date {
            let text = draft.format(format_args!("{text}"));
            draft.push_extra(key, Val::Text(text));
        }
    }
    draft.push_extra("project", Val::Text(name));
    draft.push_extra("project_version", Val::Text(version));
    let shown = String::from_utf8_lossy(draft.out().span(name)).into_owned();
    let about = draft.out().about(About::Sender).path(path).verified();
    let about = about.span(Kind::Name(NameKind::Project), name);
    if let Some(modified) = modified {
        let kind = Kind::Fingerprint("project");
        about.formatted(kind, format_args!("{shown} {major}.{minor}.{build}, {modified}"));
    }
    Ok(())
}

/// Day of the week, second, minute, hour, day, month, year.
#[derive(Clone, Copy)]
struct Date([u8; 5], u16);

fn date(r: &mut Reader<'_>) -> Read<Option<Date>> {
    let [_weekday, second, minute, hour, day, month] = r.array("date")?;
    let year = r.le16("year")?;
    let fits = (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    Ok((fits && hour < 24 && minute < 60 && second < 60).then_some(Date([month, day, hour, minute, second], year)))
}

impl core::fmt::Display for Date {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Date([month, day, hour, minute, second], year) = self;
        write!(f, "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
