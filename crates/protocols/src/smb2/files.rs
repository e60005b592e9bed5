//! Commands on files, directories and pipes.

use super::identity;
use super::meaning::{self, OPERATIONS};
use super::session::{Body, Chain, Message, Note, Smb2};
use super::wire::{self, FileId};
use crate::common::shared_files::{Kind, Opening, is_rpc};
use crate::common::windows::{bits, text_extra};
use crate::{Carried, Draft, Goal, Input, Output, Val};
use ::wire::{Read, Reader};
use model::TransferKind;

/// Handle and offset a request is about, for its answer.
pub type Asked = Option<(FileId, u64)>;

/// Channels of pipes whose opening was not seen begin here, behind those of open files.
const UNNAMED_PIPES: u64 = 0x1_0000;

impl Smb2 {
    /// A request on a file.
    pub fn ask_file<'o>(
        &mut self,
        m: &Message<'_>,
        chain: &mut Chain,
        input: &Input<'_>,
        mut draft: Draft<'o>,
    ) -> Read<(Draft<'o>, Asked)> {
        let mut asked = None;
        match m.header.command {
            0x05 => return Ok((self.create(m, chain, draft)?, None)),
            0x06 => {
                let file = wire::handle(m.bytes, 24, 6)?;
                draft = self.on(file, chain, draft);
                asked = Some((file, 0));
            }
            0x07 => draft = self.on(wire::handle(m.bytes, 24, 6)?, chain, draft),
            0x08 => {
                let range = wire::read(m.bytes)?;
                draft = self.on(range.file, chain, draft);
                draft.push_extra("offset", Val::Uint(range.offset));
                draft.push_extra("length", Val::Uint(range.length.into()));
                asked = Some((range.file, range.offset));
            }
            0x09 => {
                let range = wire::write(m.bytes)?;
                draft = self.on(range.file, chain, draft);
                draft.push_extra("offset", Val::Uint(range.offset));
                draft.push_extra("length", Val::Uint(range.length.into()));
                asked = Some((range.file, range.offset));
                let place = (usize::from(range.data_at), range.length);
                self.data(m, range.file, TransferKind::Download, range.offset, place, input, draft.out());
            }
            0x0a => draft = self.on(wire::handle(m.bytes, 48, 6)?, chain, draft),
            0x0b => {
                let ioctl = wire::ioctl(m.bytes, false)?;
                draft = self.control(&ioctl, chain, draft);
                asked = Some((ioctl.file, 0));
                if ioctl.code == meaning::PIPE_TRANSCEIVE {
                    self.pipe(m, ioctl.file, (ioctl.data_at, ioctl.data), input, draft.out());
                }
            }
            0x0e => {
                let (class, file, pattern) = wire::query_directory(m.bytes)?;
                draft = self.on(file, chain, draft);
                let pattern = draft.out().text_utf16le(pattern);
                text_extra(&mut draft, "pattern", pattern);
                if let Some(name) = meaning::information(1, class) {
                    draft.push_extra("information", Val::Name(name));
                }
            }
            0x0f => draft = self.on(wire::handle(m.bytes, 32, 6)?, chain, draft),
            0x10 => {
                let (kind, class, file) = wire::query_info(m.bytes)?;
                draft = self.on(file, chain, draft);
                if let Some(name) = meaning::information(kind, class) {
                    draft.push_extra("information", Val::Name(name));
                }
            }
            0x11 => draft = self.set_info(m, chain, draft)?,
            // an oplock is acknowledged; leases have another size and no handle
            0x12 => {
                if let Ok(file) = wire::handle(m.bytes, 24, 6) {
                    draft = self.on(file, chain, draft);
                }
            }
            _ => {}
        }
        Ok((draft, asked))
    }

    /// The answer to a request on a file, where it was not refused.
    pub fn answer_file(
        &mut self,
        m: &Message<'_>,
        note: Option<Note>,
        chain: &mut Chain,
        input: &Input<'_>,
        draft: &mut Draft<'_>,
    ) -> Read<()> {
        match (m.header.command, note) {
            (0x05, _) => self.created(m, chain, input, draft),
            (0x08, Some(note)) => {
                let (at, length) = wire::read_done(m.bytes)?;
                let file = if note.file == wire::SAME { chain.opened } else { Some(note.file) };
                let Some(file) = file else { return Ok(()) };
                self.data(m, file, TransferKind::Upload, note.offset, (at, length), input, draft.out());
                Ok(())
            }
            (0x0b, note) => {
                let ioctl = wire::ioctl(m.bytes, true)?;
                match ioctl.code {
                    meaning::PIPE_TRANSCEIVE => {
                        let file = note.map_or(ioctl.file, |n| n.file);
                        self.pipe(m, file, (ioctl.data_at, ioctl.data), input, draft.out());
                        Ok(())
                    }
                    meaning::QUERY_NETWORK_INTERFACE_INFO => identity::interfaces(ioctl.data, draft.out()),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    fn create<'o>(&mut self, m: &Message<'_>, chain: &mut Chain, mut draft: Draft<'o>) -> Read<Draft<'o>> {
        let create = wire::create(m.bytes)?;
        let tree = self.tree(&m.header);
        let kind = match tree {
            Some(tree) if tree.pipes => Kind::Pipe,
            _ if create.options & meaning::DIRECTORY != 0 => Kind::Directory,
            _ => Kind::File,
        };
        let out = draft.out();
        let path = out.text_utf16le(create.name);
        let path = String::from_utf8_lossy(out.span(path)).into_owned();
        let path = path.trim_start_matches('\\');
        let name = match tree {
            Some(tree) => format!("{}\\{path}", tree.name),
            None => path.to_owned(),
        };
        let span = draft.text(name.as_bytes());
        // the root of a share nobody saw being connected has no name at all
        let goal = if span.is_empty() { Goal::space("path") } else { Goal::named(space(kind), span) };
        draft.push_item(goal, Val::None);
        if let Some(word) = meaning::disposition(create.disposition) {
            draft.push_extra("disposition", Val::Name(word));
        }
        let access = meaning::access(draft.out(), create.access);
        text_extra(&mut draft, "access", access);
        let known = meaning::OPTIONS.iter().fold(0, |all, (bit, _)| all | bit);
        let options = bits(draft.out(), create.options & known, meaning::OPTIONS);
        text_extra(&mut draft, "options", options);
        chain.asked = Some((name, kind));
        Ok(draft)
    }

    fn created(
        &mut self,
        m: &Message<'_>,
        chain: &mut Chain,
        input: &Input<'_>,
        draft: &mut Draft<'_>,
    ) -> Read<()> {
        let created = wire::created(m.bytes)?;
        if let Some(word) = meaning::action(created.action) {
            draft.push_extra("action", Val::Name(word));
        }
        let item = draft.items_mut().first().map(|i| i.goal);
        let kind = match item.map(|g| g.space) {
            Some("pipe") => Kind::Pipe,
            _ if created.attributes & meaning::ATTRIBUTE_DIRECTORY != 0 => Kind::Directory,
            _ => Kind::File,
        };
        if kind == Kind::File {
            draft.push_extra("size", Val::Uint(created.size));
        }
        chain.opened = Some(created.file);
        let out = draft.out();
        identity::service(input, out);
        if let Some(goal) = item {
            let name = String::from_utf8_lossy(out.span(goal.name)).into_owned();
            let in_share = self.tree(&m.header).is_some();
            let size = created.size;
            self.files.open(created.file, Opening { name, kind, size, in_share }, input.dir.flip(), out);
        }
        Ok(())
    }

    /// Adds the file a handle stands for.
    fn on<'o>(&self, file: FileId, chain: &Chain, mut draft: Draft<'o>) -> Draft<'o> {
        let goal = match (self.files.get(file), &chain.asked) {
            (Some(open), _) => Goal::named(space(open.kind), draft.text(open.name.as_bytes())),
            (None, Some((name, kind))) if file == wire::SAME => {
                Goal::named(space(*kind), draft.text(name.as_bytes()))
            }
            (None, _) => Goal::range("handle", file.1, 1),
        };
        draft.target(goal)
    }

    fn control<'o>(&self, ioctl: &wire::Ioctl<'_>, chain: &Chain, mut draft: Draft<'o>) -> Draft<'o> {
        let word = meaning::control(ioctl.code);
        draft = match word {
            // about the server or the share, not a file
            Some(name) if ioctl.file == wire::SAME && chain.asked.is_none() => {
                let name = draft.text(name.as_bytes());
                draft.target(Goal::named("control", name))
            }
            _ => self.on(ioctl.file, chain, draft),
        };
        match word {
            Some(word) => draft.push_extra("control", Val::Name(word)),
            None => draft.push_extra("control_code", Val::Uint(ioctl.code.into())),
        }
        if ioctl.code == meaning::DFS_GET_REFERRALS {
            let path = draft.out().text_utf16le(ioctl.data.get(2..).unwrap_or_default());
            text_extra(&mut draft, "pattern", path);
        }
        draft
    }

    fn set_info<'o>(&self, m: &Message<'_>, chain: &Chain, draft: Draft<'o>) -> Read<Draft<'o>> {
        let (kind, class, file, data) = wire::set_info(m.bytes)?;
        let draft = self.on(file, chain, draft);
        let mut draft = match (kind, class) {
            (1, class) if meaning::information(1, class).is_some() => {
                let code = 0x1100 | u32::from(class);
                let known = OPERATIONS.iter().any(|o| o.code == code);
                if known { draft.named(OPERATIONS, code) } else { draft }
            }
            (3, _) => draft.named(OPERATIONS, 0x1200),
            _ => draft,
        };
        if let Some(name) = meaning::information(kind, class) {
            draft.push_extra("information", Val::Name(name));
        }
        let mut r = Reader::new(data);
        match (kind, class) {
            (1, 10 | 11 | 65) => {
                r.skip(16, "flags and root")?;
                let length = r.le32("name length")? as usize;
                let name = draft.out().text_utf16le(r.take(length, "name")?);
                text_extra(&mut draft, "new_name", name);
            }
            (1, 13) => draft.push_extra("delete", Val::Bool(r.u8("delete pending")? != 0)),
            (1, 64) => draft.push_extra("delete", Val::Bool(r.le32("flags")? & 1 != 0)),
            (1, 20) => draft.push_extra("size", Val::Uint(r.le64("end of file")?)),
            _ => {}
        }
        Ok(draft)
    }

    /// Bytes of a file or pipe, at `place` of the message (offset, length).
    #[allow(clippy::too_many_arguments, reason = "what moves where, and two contexts")]
    fn data(
        &mut self,
        m: &Message<'_>,
        file: FileId,
        way: TransferKind,
        offset: u64,
        place: (usize, u32),
        input: &Input<'_>,
        out: &mut Output,
    ) {
        let length = u64::from(place.1);
        let bytes = wire::front(m.bytes, place.0, place.1 as usize);
        if (bytes.len() as u64) < length && !m.open {
            out.anomaly("truncated", "data", length, input.dir);
            self.files.broke(file, way);
        }
        if is_rpc(bytes) {
            self.files.reveal_pipe(file);
        }
        self.pipe(m, file, (place.0, bytes), input, out);
        self.files.piece(file, way, offset, bytes, out.now());
        let left = length.saturating_sub(bytes.len() as u64);
        if let Some(slot) = self.body.get_mut(input.dir.index()) {
            let offset = offset.saturating_add(bytes.len() as u64);
            *slot = (m.open && left > 0).then_some(Body { file, way, offset, left });
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
    fn pipe(
        &self,
        m: &Message<'_>,
        file: FileId,
        (data_at, data): (usize, &[u8]),
        input: &Input<'_>,
        out: &mut Output,
    ) {
        let channel = match self.files.get(file) {
            Some(open) if open.kind == Kind::Pipe => open.channel,
            None if is_rpc(data) => UNNAMED_PIPES | (file.1 & 0xff),
            _ => return,
        };
        let from = m.at.saturating_add(data_at);
        let carried = Carried { channel, facts: [0; 4] };
        out.inner_stream("smb2", input.dir, carried, from, from.saturating_add(data.len()));
    }
}

fn space(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Pipe => "pipe",
    }
}
