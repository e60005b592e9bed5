//! Programs, firmware and files on their way.

use super::meaning::{FILE, NVS, ROUTINE};
use super::path::Way;
use super::wire::PARTIAL;
use crate::{Dir, Moment, Moving, Output};
use model::{Path, TransferKind};
use wire::Reader;

/// Most transfers under way in one conversation. Tools move one thing at a time; a second one may be interrupted.
const MAX_MOVING: usize = 4;

/// What is moved: the device, the class and the instance.
type What = (Path, u32, u32);

#[derive(Debug)]
struct Entry {
    what: What,
    actor: Dir,
    moving: Moving,
}

/// The transfers of one conversation.
#[derive(Debug, Default)]
pub struct Transfers {
    list: Vec<Entry>,
}

/// An answered exchange.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    pub service: u8,
    pub way: &'a Way,
    pub path: Path,
    pub actor: Dir,
    pub asked: &'a [u8],
    pub status: u8,
    pub answered: &'a [u8],
    /// When it was asked.
    pub at: Moment,
}

impl Transfers {
    /// Follows an exchange that was answered positively.
    pub fn see(&mut self, x: &Exchange<'_>, out: &mut Output) {
        let (Some(class), Some(instance)) = (x.way.class, x.way.instance) else { return };
        let what = (x.path, class, instance);
        let mut asked = Reader::new(x.asked);
        let mut answered = Reader::new(x.answered);
        match (class, x.service) {
            (NVS, 0x4b) => {
                let Ok(size) = asked.le32("size") else { return };
                self.begin(what, x, TransferKind::Download, "firmware", Some(size.into()), out);
            }
            (NVS, 0x4d) => {
                let Ok(offset) = asked.le32("offset") else { return };
                self.piece(what, x, TransferKind::Download, "firmware", offset, asked.rest(), out);
                self.end_if_whole(what, out);
            }
            (NVS, 0x4c) => self.end(what, out),
            (FILE, 0x4b) => {
                let Ok(size) = answered.le32("file size") else { return };
                self.begin(what, x, TransferKind::Upload, "file", Some(size.into()), out);
            }
            (FILE, 0x4c) => {
                let Ok(size) = asked.le32("file size") else { return };
                self.begin(what, x, TransferKind::Download, "file", Some(size.into()), out);
            }
            (FILE, 0x4f) => self.packet(what, x, TransferKind::Upload, answered, out),
            (FILE, 0x50) => self.packet(what, x, TransferKind::Download, asked, out),
            (ROUTINE, 0x4f) => {
                let (Ok(offset), Ok(count)) = (asked.le32("offset"), asked.le16("count")) else { return };
                // tools poll one byte to see whether a routine has changed
                if count > 1 {
                    self.piece(what, x, TransferKind::Upload, "program", offset, answered.rest(), out);
                    if x.status != PARTIAL {
                        self.end(what, out);
                    }
                }
            }
            (ROUTINE, 0x50) => {
                let (Ok(offset), Ok(_), Ok(length)) = (asked.le32("offset"), asked.u8("flag"), asked.le16("length"))
                else {
                    return;
                };
                if let Ok(data) = asked.take(length.into(), "data") {
                    self.piece(what, x, TransferKind::Download, "program", offset, data, out);
                }
            }
            _ => {}
        }
    }

    fn begin(
        &mut self,
        what: What,
        x: &Exchange<'_>,
        kind: TransferKind,
        content: &'static str,
        announced: Option<u64>,
        out: &mut Output,
    ) {
        self.end(what, out);
        if self.list.len() >= MAX_MOVING {
            out.limit("cip_transfers");
            if let Some(oldest) = self.list.first().map(|e| e.what) {
                self.lose(oldest, out);
            }
        }
        let name = match super::names::class_name(what.1) {
            Some(name) => format!("{name} 0x{:02x}/{}", what.1, what.2),
            None => format!("0x{:02x}/{}", what.1, what.2),
        };
        let mut moving = Moving::new(kind, content, name, x.at);
        moving.announced = announced;
        self.list.push(Entry { what, actor: x.actor, moving });
    }

    /// A piece at an offset: the next one, a repeated one, the first of a new transfer, or one after a loss.
    #[allow(clippy::too_many_arguments)]
    fn piece(
        &mut self,
        what: What,
        x: &Exchange<'_>,
        kind: TransferKind,
        content: &'static str,
        offset: u32,
        data: &[u8],
        out: &mut Output,
    ) {
        let offset = u64::from(offset);
        let size = self.find(what).map(|e| e.moving.size);
        if size.is_none() || (offset == 0 && size != Some(0)) {
            self.begin(what, x, kind, content, None, out);
        }
        let Some(entry) = self.find(what) else { return };
        if offset < entry.moving.size {
            return;
        }
        if offset > entry.moving.size {
            entry.moving.broken = true;
        }
        entry.moving.piece(data);
    }

    /// A transfer packet of the File object (CIP Volume 1, 5A-42): number, type (0 first, 1 middle, 2 last, 3 abort,
    /// 4 first and last), data; the last one ends in a check sum.
    fn packet(&mut self, what: What, x: &Exchange<'_>, kind: TransferKind, mut r: Reader<'_>, out: &mut Output) {
        let (Ok(_), Ok(place)) = (r.u8("transfer number"), r.u8("transfer packet type")) else { return };
        let rest = r.rest();
        let last = matches!(place, 2 | 4);
        let data = if last { rest.get(..rest.len().saturating_sub(2)).unwrap_or_default() } else { rest };
        if self.find(what).is_none() {
            self.begin(what, x, kind, "file", None, out);
            if let Some(entry) = self.find(what) {
                entry.moving.broken = !matches!(place, 0 | 4);
            }
        }
        if let Some(entry) = self.find(what) {
            entry.moving.piece(data);
            entry.moving.broken |= place == 3;
        }
        if place >= 2 {
            self.end(what, out);
        }
    }

    fn find(&mut self, what: What) -> Option<&mut Entry> {
        self.list.iter_mut().find(|e| e.what == what)
    }

    fn end_if_whole(&mut self, what: What, out: &mut Output) {
        if self.find(what).is_some_and(|e| e.moving.announced.is_some_and(|n| e.moving.size >= n)) {
            self.end(what, out);
        }
    }

    /// The transfer is over.
    fn end(&mut self, what: What, out: &mut Output) {
        if let Some(at) = self.list.iter().position(|e| e.what == what) {
            let entry = self.list.remove(at);
            if entry.moving.size > 0 {
                out.transfer(entry.moving, entry.actor, entry.what.0);
            }
        }
    }

    /// The rest of the transfer will not be seen.
    fn lose(&mut self, what: What, out: &mut Output) {
        if let Some(entry) = self.find(what) {
            entry.moving.broken |= entry.moving.announced.is_some();
        }
        self.end(what, out);
    }

    /// Bytes are missing from the conversation.
    pub fn gap(&mut self) {
        for entry in &mut self.list {
            entry.moving.broken = true;
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, out: &mut Output) {
        while let Some(what) = self.list.first().map(|e| e.what) {
            self.lose(what, out);
        }
    }
}
