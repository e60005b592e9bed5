//! Commands on files, directories and pipes.

use super::meaning;
use super::opening::{service, text};
use super::session::{Body, Message, Note, Smb};
use super::wire::{self, Range};
use crate::common::shared_files::{Kind, Opening, is_rpc};
use crate::common::windows::text_extra;
use crate::{Carried, Draft, Goal, Input, Output, Span, Val};
use ::wire::Read;
use model::TransferKind;

/// Channels of pipes whose opening was not seen begin here, behind those of open files.
const UNNAMED_PIPES: u64 = 0x1_0000;

impl Smb {
    /// A request on a file.
    pub fn ask_file<'o>(
        &mut self,
        m: &Message<'_>,
        note: &mut Note,
        input: &Input<'_>,
        mut draft: Draft<'o>,
    ) -> Read<Draft<'o>> {
        let b = &m.block;
        match m.command {
            0xa2 => {
                let mut r = b.words();
                r.skip(15, "AndX, name length and flags")?;
                r.skip(20, "access and attributes")?;
                let disposition = r.le32("create disposition")?;
                let options = r.le32("create options")?;
                let kind = if options & 1 != 0 { Kind::Directory } else { Kind::File };
                let (name, _) = b.text(0);
                draft = self.path(m, name, kind, draft);
                if let Some(word) = meaning::disposition(disposition) {
                    draft.push_extra("disposition", Val::Name(word));
                }
            }
            0x2d => draft = self.path(m, b.text(0).0, Kind::File, draft),
            // buffers of text: format byte 4
            0x00 | 0x01 | 0x10 => draft = self.path(m, b.text(1).0, Kind::Directory, draft),
            0x02 | 0x03 | 0x06 | 0x08 | 0x09 | 0x0e | 0x0f | 0x81..=0x83 => {
                draft = self.path(m, b.text(1).0, Kind::File, draft);
            }
            0x07 | 0xa5 => {
                let (old, next) = b.text(1);
                draft = self.path(m, old, Kind::File, draft);
                let new = text(b, b.text(next + 1).0, draft.out());
                text_extra(&mut draft, "new_name", new);
            }
            0x0a | 0x2e => {
                let range = wire::read(m.command, b)?;
                (note.file, note.offset) = (range.file, range.offset);
                draft = range_of(&range, self.on(range.file, draft));
            }
            0x0b | 0x2c | 0x2f => {
                let range = wire::write(m.command, b)?;
                (note.file, note.offset) = (range.file, range.offset);
                draft = range_of(&range, self.on(range.file, draft));
                self.data(m, TransferKind::Download, &range, input, draft.out());
            }
            // the handle is the first word
            0x04 | 0x05 | 0x0c | 0x0d | 0x12 | 0x13 | 0x14 | 0x1a..=0x1f | 0x22 | 0x23 | 0x27 | 0x31 | 0xc1 | 0xc2 => {
                note.file = b.words().le16("file id")?;
                draft = self.on(note.file, draft);
            }
            0x24 => {
                let mut r = b.words();
                r.skip(4, "AndX")?;
                draft = self.on(r.le16("file id")?, draft);
            }
            _ => {}
        }
        Ok(draft)
    }

    /// The answer to a request on a file, where it was not refused.
    pub fn answer_file(
        &mut self,
        m: &Message<'_>,
        note: Option<Note>,
        input: &Input<'_>,
        draft: &mut Draft<'_>,
    ) -> Read<()> {
        let mut r = m.block.words();
        match (m.command, note) {
            (0xa2, _) => {
                r.skip(5, "AndX and oplock")?;
                let file = r.le16("file id")?;
                let action = r.le32("create action")?;
                r.skip(32 + 4 + 8, "times and attributes")?;
                let size = r.le64("end of file")?;
                let resource = r.le16("resource type")?;
                r.skip(2, "pipe status")?;
                let directory = r.u8("directory")? != 0;
                if let Some(word) = meaning::action(action) {
                    draft.push_extra("action", Val::Name(word));
                }
                let kind = match resource {
                    1 | 2 => Kind::Pipe,
                    _ if directory => Kind::Directory,
                    _ => Kind::File,
                };
                self.opened(m, file, kind, size, input, draft);
            }
            (0x2d, _) => {
                r.skip(4, "AndX")?;
                let file = r.le16("file id")?;
                r.skip(6, "attributes and time")?;
                let size = r.le32("file size")?;
                r.skip(2, "access")?;
                let kind = if matches!(r.le16("resource type")?, 1 | 2) { Kind::Pipe } else { Kind::File };
                self.opened(m, file, kind, size.into(), input, draft);
            }
            (0x02, _) => {
                let file = r.le16("file id")?;
                r.skip(6, "attributes and time")?;
                let size = r.le32("file size")?;
                self.opened(m, file, Kind::File, size.into(), input, draft);
            }
            (0x03 | 0x0e | 0x0f, _) => {
                let file = r.le16("file id")?;
                self.opened(m, file, Kind::File, 0, input, draft);
            }
            (0x0a | 0x2e, Some(note)) => {
                let (data_at, length) = wire::read_done(m.command, &m.block)?;
                let range = Range { file: note.file, offset: note.offset, length, data_at };
                self.data(m, TransferKind::Upload, &range, input, draft.out());
            }
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self, m: &Message<'_>, file: u16, kind: Kind, size: u64, input: &Input<'_>, draft: &mut Draft<'_>) {
        if kind == Kind::File {
            draft.push_extra("size", Val::Uint(size));
        }
        let goal = draft.items_mut().first().map(|i| i.goal);
        let out = draft.out();
        service(input, out);
        if let Some(goal) = goal {
            let kind = if goal.space == "pipe" { Kind::Pipe } else { kind };
            let name = String::from_utf8_lossy(out.span(goal.name)).into_owned();
            let in_share = self.tree(m).is_some();
            self.files.open(file, Opening { name, kind, size, in_share }, input.dir.flip(), out);
        }
    }

    /// Adds a path of the message's share.
    pub fn path<'o>(&self, m: &Message<'_>, name: &[u8], kind: Kind, mut draft: Draft<'o>) -> Draft<'o> {
        let span = text(&m.block, name, draft.out());
        let goal = self.goal(m, span, kind, draft.out());
        draft.target(goal)
    }

    fn goal(&self, m: &Message<'_>, path: Span, kind: Kind, out: &mut Output) -> Goal {
        let path = String::from_utf8_lossy(out.span(path)).into_owned();
        let path = path.trim_start_matches('\\');
        let (name, kind) = match self.tree(m) {
            Some(tree) if tree.pipes => (format!("{}\\{path}", tree.name), Kind::Pipe),
            Some(tree) => (format!("{}\\{path}", tree.name), kind),
            None => (path.to_owned(), kind),
        };
        let span = out.text(name.as_bytes());
        if span.is_empty() { Goal::space("path") } else { Goal::named(space(kind), span) }
    }

    /// Adds the file a handle stands for.
    pub fn on<'o>(&self, file: u16, mut draft: Draft<'o>) -> Draft<'o> {
        let goal = match self.files.get(file) {
            Some(open) => Goal::named(space(open.kind), draft.text(open.name.as_bytes())),
            None => Goal::range("handle", file.into(), 1),
        };
        draft.target(goal)
    }

    /// Bytes of a file or pipe pass.
    fn data(&mut self, m: &Message<'_>, way: TransferKind, range: &Range, input: &Input<'_>, out: &mut Output) {
        let rest = m.block.message.get(range.data_at..).unwrap_or_default();
        let bytes = rest.get(..range.length as usize).unwrap_or(rest);
        let length = u64::from(range.length);
        if (bytes.len() as u64) < length && !m.open {
            out.anomaly("truncated", "data", length, input.dir);
            self.files.broke(range.file, way);
        }
        if is_rpc(bytes) {
            self.files.reveal_pipe(range.file);
        }
        self.pipe(range.file, range.data_at, bytes, input, out);
        self.files.piece(range.file, way, range.offset, bytes, out.now());
        let left = length.saturating_sub(bytes.len() as u64);
        if let Some(slot) = self.body.get_mut(input.dir.index()) {
            let offset = range.offset.saturating_add(bytes.len() as u64);
            *slot = (m.open && left > 0).then_some(Body { file: range.file, way, offset, left });
        }
    }

    /// The next piece of a long message.
    pub fn more(&mut self, input: &Input<'_>) {
        let Some(Some(body)) = self.body.get_mut(input.dir.index()) else { return };
        let here = input.bytes.len().min(usize::try_from(body.left).unwrap_or(usize::MAX));
        let bytes = input.bytes.get(..here).unwrap_or_default();
        self.files.piece(body.file, body.way, body.offset, bytes, input.at);
        body.offset = body.offset.saturating_add(here as u64);
        body.left -= here as u64;
    }

    /// Hands what passes through a pipe on.
    pub fn pipe(&self, file: u16, at: usize, data: &[u8], input: &Input<'_>, out: &mut Output) {
        let channel = match self.files.get(file) {
            Some(open) if open.kind == Kind::Pipe => open.channel,
            None if is_rpc(data) => UNNAMED_PIPES | u64::from(file),
            _ => return,
        };
        let carried = Carried { channel, facts: [0; 4] };
        out.inner_stream("smb", input.dir, carried, at, at.saturating_add(data.len()));
    }
}

fn range_of<'o>(range: &Range, draft: Draft<'o>) -> Draft<'o> {
    draft.extra("offset", Val::Uint(range.offset)).extra("length", Val::Uint(range.length.into()))
}

fn space(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Pipe => "pipe",
    }
}
