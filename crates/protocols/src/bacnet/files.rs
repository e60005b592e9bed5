//! Files (clause 14): AtomicReadFile and AtomicWriteFile. The data is hashed, never kept.

use super::meaning::{goal, instance_of};
use super::parts::object_of;
use super::wire::{Kind, signed, tag, unsigned};
use crate::{Dir, Draft, Moving, Output, Val};
use model::{Path, Time, TransferKind};
use wire::{Malformed, Read, Reader};

/// Files on their way in one conversation; tools move one at a time.
const MAX_OPEN: usize = 8;
/// A file of which nothing moved for this long is told as far as it was seen: writing has no end on the wire.
const IDLE_NS: i64 = 60 * Time::SECOND;

/// Which file of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which {
    /// Object identifier.
    pub object: u32,
    /// Direction in which the client sends.
    pub client: Dir,
    /// The way to the device.
    pub path: Path,
    /// Into the device.
    pub write: bool,
}

#[derive(Debug)]
struct Open {
    which: Which,
    /// Octet or record expected next.
    next: i64,
    last: Time,
    moving: Moving,
}

/// Files on their way.
#[derive(Debug, Default)]
pub struct Files {
    open: Vec<Open>,
    /// Size last written to the file-size property, which tells how long a file will be.
    size: Option<(u32, u64)>,
    /// Between start and end of a backup or restore, files hold the device's configuration.
    pub configuration: bool,
}

/// One access: start, count, data.
struct Access<'a> {
    start: i64,
    count: i64,
    records: bool,
    /// What holds the data, tags and all.
    data: Reader<'a>,
}

/// Reads the opening tag of stream or record access, start and, where it is stated, the count.
fn access<'a>(r: &mut Reader<'a>, counted: bool) -> Read<Access<'a>> {
    let at = r.offset();
    let open = tag(r)?;
    let records = open.opens(1);
    if !records && !open.opens(0) {
        return Err(Malformed::invalid("access method", at));
    }
    let start = signed(tag(r)?.bytes).unwrap_or_default();
    let mut count = 0;
    if records || counted {
        count = unsigned(tag(r)?.bytes).unwrap_or_default() as i64;
    }
    Ok(Access { start, count, records, data: *r })
}

impl Files {
    /// A request to read or write: names the file, takes what is written.
    pub fn request(&mut self, write: bool, client: Dir, path: Path, r: &mut Reader<'_>, d: &mut Draft<'_>) -> Read<()> {
        let at = r.offset();
        let Some(object) = object_of(&tag(r)?) else { return Err(Malformed::invalid("file identifier", at)) };
        d.push_item(goal(object, None, None), Val::None);
        let mut access = access(r, !write)?;
        d.push_extra("start", Val::Int(access.start));
        if !write {
            d.push_extra("count", Val::Int(access.count));
            return Ok(());
        }
        let which = Which { object, client, path, write };
        let moved = self.pieces(which, &mut access, d.out())?;
        d.push_extra("count", Val::Int(moved));
        Ok(())
    }

    /// An answer to a read: takes what was read.
    pub fn read(&mut self, which: Option<Which>, r: &mut Reader<'_>, d: &mut Draft<'_>) -> Read<()> {
        let end = tag(r)?;
        let end = end.kind == Kind::Application && end.number == 1 && end.field != 0;
        d.push_extra("end_of_file", Val::Bool(end));
        let mut access = access(r, false)?;
        let Some(which) = which else { return Ok(()) };
        self.pieces(which, &mut access, d.out())?;
        if end && let Some(place) = self.place(which) {
            let file = self.open.remove(place);
            d.out().transfer(file.moving, which.client, which.path);
        }
        Ok(())
    }

    fn place(&self, which: Which) -> Option<usize> {
        self.open.iter().position(|f| f.which == which)
    }

    /// Takes the octet strings of an access. Returns how many octets or records they were.
    fn pieces(&mut self, which: Which, access: &mut Access<'_>, out: &mut Output) -> Read<i64> {
        let now = out.now();
        if access.start == 0 || self.place(which).is_none() {
            self.begin(which, access.start, out);
        }
        let place = self.place(which);
        let mut file = place.and_then(|place| self.open.get_mut(place));
        let mut count = 0;
        // a start of -1 appends; what was moved already is a repeat; anything else skips something
        let repeat = file.as_ref().is_some_and(|f| access.start >= 0 && access.start < f.next);
        let gap = file.as_ref().is_some_and(|f| access.start > f.next);
        loop {
            let tag = tag(&mut access.data)?;
            match (tag.kind, tag.number) {
                (Kind::Close, _) => break,
                (Kind::Application, 6) => {
                    count += if access.records { 1 } else { tag.bytes.len() as i64 };
                    if let Some(file) = file.as_mut().filter(|_| !repeat) {
                        file.moving.piece(tag.bytes);
                    }
                }
                _ => {}
            }
        }
        if let Some(file) = file {
            file.moving.broken |= gap;
            file.last = now.time;
            if !repeat {
                file.next = if access.start < 0 { file.next } else { access.start }.saturating_add(count);
            }
        }
        Ok(count)
    }

    fn begin(&mut self, which: Which, start: i64, out: &mut Output) {
        if let Some(place) = self.place(which) {
            let file = self.open.remove(place);
            end(file, out);
        }
        if self.open.len() >= MAX_OPEN {
            out.limit("bacnet_open_files");
            end(self.open.remove(0), out);
        }
        let kind = if which.write { TransferKind::Download } else { TransferKind::Upload };
        let content = if self.configuration { "configuration" } else { "file" };
        let name = format!("file,{}", instance_of(which.object));
        let mut moving = Moving::new(kind, content, name, out.now());
        // joined behind its front
        moving.broken = start > 0;
        if which.write {
            moving.announced = self.size.filter(|(object, _)| *object == which.object).map(|(_, size)| size);
        }
        let last = out.now().time;
        self.open.push(Open { which, next: start.max(0), last, moving });
    }

    /// The size a file will have was written.
    pub fn sized(&mut self, object: u32, size: u64) {
        self.size = Some((object, size));
    }

    /// A write was refused: what was taken of it is not in the device.
    pub fn refused(&mut self, object: u32) {
        self.open.iter_mut().filter(|f| f.which.object == object && f.which.write).for_each(|f| f.moving.broken = true);
    }

    /// When the next one is idle for too long.
    pub fn deadline(&self) -> Option<Time> {
        self.open.iter().map(|f| f.last.plus(IDLE_NS)).min()
    }

    /// Tells what is idle.
    pub fn expire(&mut self, now: Time, out: &mut Output) {
        while let Some(place) = self.open.iter().position(|f| f.last.plus(IDLE_NS) <= now) {
            end(self.open.remove(place), out);
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, out: &mut Output) {
        self.open.drain(..).for_each(|file| end(file, out));
    }
}

/// Nothing more is coming. Whether that was all can only be told where the size was announced.
fn end(mut file: Open, out: &mut Output) {
    file.moving.broken |= file.moving.announced.is_none();
    let Which { client, path, .. } = file.which;
    out.transfer(file.moving, client, path);
}
