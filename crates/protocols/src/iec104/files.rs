//! File transfer (IEC 60870-5-101, 7.4.11; types 120 to 127): pieces are hashed, never kept.

use super::wire::Asdu;
use super::{MAX_FILES, path};
use crate::{Dir, Draft, Goal, Moving, Output, Val};
use model::TransferKind;
use wire::{Malformed, Read, Reader};

/// Files being moved in one conversation.
#[derive(Debug, Default)]
pub struct Files {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    key: Key,
    /// Direction in which the controlling station sends.
    actor: Dir,
    /// Sum of the octets of this section, modulo 256; `None` where its beginning was not seen.
    sum: Option<u8>,
    moving: Moving,
}

/// Common address, object address, name of the file.
type Key = (u16, u32, u16);

impl Files {
    /// Bytes are missing: what is under way is no longer complete.
    pub fn lose(&mut self) {
        for file in &mut self.open {
            file.moving.broken = true;
            file.sum = None;
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, out: &mut Output) {
        for mut file in self.open.drain(..) {
            file.moving.broken = true;
            tell(file, out);
        }
    }

    /// Reads one file ASDU. `controlling` is the direction in which the controlling station sends, where known.
    pub fn read(&mut self, asdu: &Asdu<'_>, dir: Dir, controlling: Option<Dir>, draft: &mut Draft<'_>) -> Read<()> {
        if asdu.kind == 126 {
            return directory(asdu, draft);
        }
        let mut r = Reader::new(asdu.objects);
        let address = r.le_uint(asdu.sizes.object_address, "information object address")? as u32;
        let name = r.le16("name of file")?;
        let key = (asdu.common_address, address, name);
        draft.push_item(goal(address, name), Val::None);
        // records of disturbances go up far more often than anything goes down
        let actor = controlling.unwrap_or(dir.flip());
        match asdu.kind {
            120 => {
                let length = r.le24("length of file")?;
                let ready = r.u8("file ready qualifier")? & 0x80 == 0;
                draft.push_extra("size", Val::Uint(length.into()));
                self.open.retain(|f| f.key != key);
                if ready {
                    let mut file = open(key, dir, actor, draft.out());
                    file.moving.announced = Some(length.into()).filter(|n| *n > 0);
                    self.add(file, draft.out());
                } else {
                    draft.push_extra("negative", Val::Bool(true));
                }
            }
            121 => {
                section(&mut r, draft)?;
                if let Some(file) = self.find(key) {
                    file.sum = Some(0);
                }
            }
            122 => {
                section(&mut r, draft)?;
                let what = match r.u8("select and call qualifier")? & 0x0f {
                    0 => "default",
                    1 => "select_file",
                    2 => "request_file",
                    3 => "deactivate_file",
                    4 => "delete_file",
                    5 => "select_section",
                    6 => "request_section",
                    7 => "deactivate_section",
                    _ => "reserved",
                };
                draft.push_extra("call", Val::Name(what));
            }
            123 => {
                section(&mut r, draft)?;
                let last = r.u8("last section or segment qualifier")?;
                let sum = r.u8("checksum")?;
                self.last(key, last, sum, dir, draft.out());
            }
            124 => {
                section(&mut r, draft)?;
                let ack = r.u8("acknowledge qualifier")? & 0x0f;
                let word = match ack {
                    1 => "file_positive",
                    2 => "file_negative",
                    3 => "section_positive",
                    4 => "section_negative",
                    _ => "default",
                };
                draft.push_extra("acknowledge", Val::Name(word));
            }
            125 => {
                section(&mut r, draft)?;
                let length = r.u8("length of segment")?;
                let data = r.take(length.into(), "segment")?;
                draft.push_extra("length", Val::Uint(length.into()));
                self.piece(key, data, dir, actor, draft.out());
                if !r.is_empty() {
                    return Err(Malformed::invalid("length of segment", r.offset()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn find(&mut self, key: Key) -> Option<&mut Open> {
        self.open.iter_mut().find(|f| f.key == key)
    }

    fn add(&mut self, file: Open, out: &mut Output) {
        if self.open.len() >= MAX_FILES {
            out.limit("iec104_open_files");
            let mut oldest = self.open.remove(0);
            oldest.moving.broken = true;
            tell(oldest, out);
        }
        self.open.push(file);
    }

    fn piece(&mut self, key: Key, data: &[u8], dir: Dir, actor: Dir, out: &mut Output) {
        if self.find(key).is_none() {
            // joined in the middle: without "file ready" nobody can say that this is the whole file
            let mut file = open(key, dir, actor, out);
            file.moving.broken = true;
            self.add(file, out);
        }
        let Some(file) = self.find(key) else { return };
        file.moving.piece(data);
        file.sum = file.sum.map(|sum| data.iter().fold(sum, |s, b| s.wrapping_add(*b)));
    }

    /// End of a section (3, 4) or of the file (1, 2).
    fn last(&mut self, key: Key, qualifier: u8, sum: u8, dir: Dir, out: &mut Output) {
        let Some(at) = self.open.iter().position(|f| f.key == key) else { return };
        let Some(file) = self.open.get_mut(at) else { return };
        match qualifier {
            1 | 2 => {
                file.moving.broken |= qualifier == 2;
                tell(self.open.remove(at), out);
            }
            3 | 4 => {
                let wrong = file.sum.take().is_some_and(|seen| seen != sum);
                if wrong {
                    out.anomaly("checksum", "checksum of a section", sum.into(), dir);
                }
            }
            _ => {}
        }
    }
}

fn open(key: Key, dir: Dir, actor: Dir, out: &Output) -> Open {
    let kind = if dir == actor { TransferKind::Download } else { TransferKind::Upload };
    let moving = Moving::new(kind, "file", format!("{} of object {}", key.2, key.1), out.now());
    Open { key, actor, sum: None, moving }
}

fn tell(file: Open, out: &mut Output) {
    if file.moving.size > 0 {
        out.transfer(file.moving, file.actor, path(file.key.0));
    }
}

fn goal(address: u32, name: u16) -> Goal {
    Goal { space: "file", first: name.into(), count: 1, sub: address.into(), name: crate::Span::EMPTY }
}

fn section(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let section = r.u8("name of section")?;
    draft.push_extra("section", Val::Uint(section.into()));
    Ok(())
}

/// Entries: name of file, length, status, time of creation.
fn directory(asdu: &Asdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    asdu.each(|address, element| {
        let mut r = Reader::new(element);
        let (Ok(name), Ok(length)) = (r.le16("name of file"), r.le24("length of file")) else { return };
        if draft.items_mut().len() < super::MAX_ITEMS {
            draft.push_item(goal(address, name), Val::Uint(length.into()));
        }
    })
}
