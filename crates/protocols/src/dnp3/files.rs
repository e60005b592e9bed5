//! File transfer (IEEE 1815, clause 4.4.4 and group 70): names, handles, pieces. The data is hashed, never kept.

use super::meaning::file_status;
use super::{MAX_OPEN_FILES, add_extra, identity};
use crate::{Dir, Draft, Goal, Moving, Output, Span, Val, text};
use model::TransferKind;
use wire::{Read, Reader};

/// Files being moved in one conversation.
#[derive(Debug, Default)]
pub struct Files {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    outstation: u16,
    actor: Dir,
    request: Option<u16>,
    handle: Option<u32>,
    next_block: u32,
    /// The last block was seen and the transfer told.
    done: bool,
    moving: Moving,
}

/// Where a file object was seen.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Function of the request; 129 where it was not seen.
    pub function: u8,
    /// Link address of the outstation.
    pub outstation: u16,
    /// Direction in which the master sends.
    pub master: Dir,
    /// The object is in a response.
    pub response: bool,
}

impl Files {
    /// Bytes are missing: what is under way is no longer complete.
    pub fn lose(&mut self) {
        self.open.iter_mut().for_each(|f| f.moving.broken = true);
    }

    /// The conversation is over: what is under way is told as incomplete.
    pub fn finish(&mut self, out: &mut Output) {
        for file in self.open.drain(..) {
            tell_cut(&file, out);
        }
    }

    /// Reads one file object; a status that is not success is handed back.
    pub fn object(&mut self, scene: Scene, variation: u8, bytes: &[u8], draft: &mut Draft<'_>) -> Read<Option<u8>> {
        let mut r = Reader::new(bytes);
        match variation {
            2 => credentials(bytes, draft)?,
            3 => self.command(scene, bytes, draft)?,
            4 => {
                let handle = r.le32("file handle")?;
                let size = r.le32("file size")?;
                r.skip(2, "maximum block size")?;
                let request = r.le16("request id")?;
                let status = r.u8("status code")?;
                if !scene.response {
                    self.target(scene, handle, draft);
                    if matches!(scene.function, 26 | 30) {
                        self.close(scene, handle, draft.out());
                    }
                } else if scene.function == 25 {
                    self.opened(scene, handle, size, request, status);
                    add_extra(draft, "size", Val::Uint(size.into()));
                }
                return Ok(said(status, scene, draft));
            }
            5 => {
                let handle = r.le32("file handle")?;
                let block = r.le32("block number")?;
                if !scene.response || scene.function == 129 {
                    self.target(scene, handle, draft);
                }
                let carries = scene.response || scene.function == 2;
                if carries {
                    self.piece(scene, handle, block, r.rest(), draft.out());
                }
                add_extra(draft, "block", Val::Uint((block & 0x7fff_ffff).into()));
            }
            6 => {
                let handle = r.le32("file handle")?;
                r.skip(4, "block number")?;
                let status = r.u8("status code")?;
                if scene.function == 129 {
                    self.target(scene, handle, draft);
                }
                return Ok(said(status, scene, draft));
            }
            7 => {
                let (offset, length) = (r.le16("name offset")?, r.le16("name size")?);
                let kind = r.le16("file type")?;
                let size = r.le32("file size")?;
                let name = part(bytes, offset, length)?;
                if !scene.response || scene.function == 129 {
                    push_name(name, draft);
                }
                if scene.response {
                    add_extra(draft, "size", Val::Uint(size.into()));
                    draft.push_extra("file_type", Val::Name(if kind == 0 { "directory" } else { "simple_file" }));
                }
            }
            8 => push_name(bytes, draft),
            _ => {}
        }
        Ok(None)
    }

    /// Open or delete: name, mode, size.
    fn command(&mut self, scene: Scene, bytes: &[u8], draft: &mut Draft<'_>) -> Read<()> {
        let mut r = Reader::new(bytes);
        let (offset, length) = (r.le16("name offset")?, r.le16("name size")?);
        r.skip(6 + 2 + 4, "time of creation, permissions, authentication key")?;
        let size = r.le32("file size")?;
        let mode = r.le16("operational mode")?;
        r.skip(2, "maximum block size")?;
        let request = r.le16("request id")?;
        let name = part(bytes, offset, length)?;
        push_name(name, draft);
        if scene.response || scene.function != 25 {
            return Ok(());
        }
        let (kind, word) = match mode {
            1 => (TransferKind::Upload, "read"),
            2 => (TransferKind::Download, "write"),
            3 => (TransferKind::Download, "append"),
            _ => return Ok(()),
        };
        draft.push_extra("mode", Val::Name(word));
        let mut moving = Moving::new(kind, "file", text::clean(name), draft.out().now());
        if kind == TransferKind::Download {
            moving.announced = Some(size).filter(|n| !matches!(*n, 0 | u32::MAX)).map(u64::from);
        }
        let outstation = scene.outstation;
        // the same request again is a repetition
        self.open.retain(|f| f.outstation != outstation || f.request != Some(request) || f.handle.is_some());
        let file =
            Open { outstation, actor: scene.master, request: Some(request), handle: None, next_block: 0, done: false, moving };
        self.add(file, draft.out());
        Ok(())
    }

    fn add(&mut self, file: Open, out: &mut Output) {
        if self.open.len() >= MAX_OPEN_FILES {
            out.limit("dnp3_open_files");
            tell_cut(&self.open.remove(0), out);
        }
        self.open.push(file);
    }

    fn opened(&mut self, scene: Scene, handle: u32, size: u32, request: u16, status: u8) {
        let found = |f: &Open| f.outstation == scene.outstation && f.handle.is_none() && f.request == Some(request);
        let Some(at) = self.open.iter().position(found) else { return };
        if status != 0 {
            self.open.remove(at);
        } else if let Some(file) = self.open.get_mut(at) {
            file.handle = Some(handle);
            if file.moving.kind == TransferKind::Upload && !matches!(size, 0 | u32::MAX) {
                file.moving.announced = Some(size.into());
            }
        }
    }

    fn position(&self, scene: Scene, handle: u32) -> Option<usize> {
        self.open.iter().position(|f| f.outstation == scene.outstation && f.handle == Some(handle))
    }

    /// The file a handle stands for, by name where its opening was seen.
    fn target(&self, scene: Scene, handle: u32, draft: &mut Draft<'_>) {
        let name = self.position(scene, handle).and_then(|at| self.open.get(at)).map(|f| f.moving.name.as_str());
        match name {
            Some(name) if !name.is_empty() => push_name(name.as_bytes(), draft),
            _ => draft.push_item(Goal::range("file", handle.into(), 1), Val::None),
        }
    }

    fn piece(&mut self, scene: Scene, handle: u32, block: u32, data: &[u8], out: &mut Output) {
        let (number, last) = (block & 0x7fff_ffff, block & 0x8000_0000 != 0);
        if self.position(scene, handle).is_none() {
            let kind = if scene.response { TransferKind::Upload } else { TransferKind::Download };
            let mut moving = Moving::new(kind, "file", String::new(), out.now());
            // without the opening nobody can say that this is the whole file
            moving.broken = true;
            let outstation = scene.outstation;
            let actor = scene.master;
            let file = Open { outstation, actor, request: None, handle: Some(handle), next_block: number, done: false, moving };
            self.add(file, out);
        }
        let Some(at) = self.position(scene, handle) else { return };
        let Some(file) = self.open.get_mut(at) else { return };
        if file.done || number.wrapping_add(1) == file.next_block {
            // the block before, sent again
            return;
        }
        file.moving.broken |= number != file.next_block;
        file.moving.piece(data);
        file.next_block = number.wrapping_add(1);
        if last {
            file.done = true;
            tell(file.moving.clone(), file, out);
        }
    }

    /// Closed or aborted before the last block.
    fn close(&mut self, scene: Scene, handle: u32, out: &mut Output) {
        if let Some(at) = self.position(scene, handle) {
            tell_cut(&self.open.remove(at), out);
        }
    }
}

/// A transfer that ended before its last block.
fn tell_cut(file: &Open, out: &mut Output) {
    if !file.done {
        let mut moving = file.moving.clone();
        moving.broken = true;
        tell(moving, file, out);
    }
}

fn tell(moving: Moving, file: &Open, out: &mut Output) {
    // nothing moved: opening and closing are told by their own operations
    if moving.size > 0 {
        out.transfer(moving, file.actor, identity::path(file.outstation));
    }
}

fn said(status: u8, scene: Scene, draft: &mut Draft<'_>) -> Option<u8> {
    if !scene.response || status == 0 {
        return None;
    }
    if let Some(word) = file_status(status) {
        draft.push_extra("status", Val::Name(word));
    }
    Some(status)
}

/// A string inside an object, by its offset from the object's start.
fn part(bytes: &[u8], offset: u16, length: u16) -> Read<&[u8]> {
    let mut r = Reader::new(bytes);
    r.skip(offset.into(), "string offset")?;
    r.take(length.into(), "string")
}

fn push_name(name: &[u8], draft: &mut Draft<'_>) {
    let name = draft.text(name);
    let goal = if name == Span::EMPTY || name.is_empty() { Goal::space("file") } else { Goal::named("file", name) };
    draft.push_item(goal, Val::None);
}

/// User name and password of `authenticate_file`.
fn credentials(bytes: &[u8], draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(bytes);
    let user = (r.le16("user name offset")?, r.le16("user name size")?);
    let password = (r.le16("password offset")?, r.le16("password size")?);
    let user = part(bytes, user.0, user.1)?;
    let password = part(bytes, password.0, password.1)?;
    if user.is_empty() && password.is_empty() {
        // the answer carries only the key
        return Ok(());
    }
    let name = draft.text(user);
    draft.push_extra("user", Val::Text(name));
    let masked = draft.out().secret(password);
    draft.push_extra("password", masked);
    let default = draft.out().is_default_credential(user, password);
    draft.push_extra("default_credential", Val::Bool(default));
    Ok(())
}
