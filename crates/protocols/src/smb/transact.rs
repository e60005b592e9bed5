//! Transactions: named pipes, files by path or handle, the calls of Windows NT.

use super::meaning::{self, OPERATIONS};
use super::opening::text;
use super::session::{Message, Note, Smb};
use super::wire::{self, Transaction};
use crate::common::shared_files::Kind;
use crate::common::windows::text_extra;
use crate::{Draft, Goal, Input, Val};
use ::wire::{Read, Reader};

/// Subcommands of pipes with a handle (TRANS_TRANSACT_NMPIPE and its kin).
const TRANSACT_PIPE: u16 = 0x26;
const READ_PIPE: u16 = 0x36;
const WRITE_PIPE: u16 = 0x37;

impl Smb {
    /// A transaction begins. Says whether its answer may take for ever.
    pub fn transact<'o>(
        &mut self,
        m: &Message<'_>,
        note: &mut Note,
        input: &Input<'_>,
        draft: Draft<'o>,
    ) -> Read<(Draft<'o>, bool)> {
        let t = match m.command {
            0xa0 => wire::nt_transact(&m.block)?,
            _ => wire::transaction(&m.block)?,
        };
        let mut draft = match m.command {
            0x25 => self.pipe_transaction(m, &t, note, input, draft),
            0x32 => self.transaction2(m, &t, draft),
            _ => self.nt(m, &t, draft),
        };
        draft.push_extra("total_parameters", Val::Uint(t.total_parameters.into()));
        draft.push_extra("total_data", Val::Uint(t.total_data.into()));
        draft.push_extra("mid", Val::Uint(m.header.mid.into()));
        if t.timeout != 0 {
            draft.push_extra("timeout_ms", Val::Uint(t.timeout.into()));
        }
        // the header's own may stand there already
        if t.reserved != 0 && m.header.reserved == 0 {
            draft.push_extra("reserved", Val::Uint(t.reserved.into()));
        }
        let watches = m.command == 0xa0 && t.function == 4 || m.command == 0x25 && t.setup[0] == 0x53;
        Ok((draft, watches))
    }

    fn pipe_transaction<'o>(
        &mut self,
        m: &Message<'_>,
        t: &Transaction<'_>,
        note: &mut Note,
        input: &Input<'_>,
        mut draft: Draft<'o>,
    ) -> Draft<'o> {
        let (name, _) = m.block.text(0);
        let name = text(&m.block, name, draft.out());
        let [function, file] = t.setup;
        let upper = String::from_utf8_lossy(draft.out().span(name)).to_ascii_uppercase();
        let code = match t.setup_count {
            _ if upper.starts_with("\\MAILSLOT\\") => 0x25fe,
            0 if upper == "\\PIPE\\LANMAN" => 0x25ff,
            0 => 0x25,
            _ => 0x2500 | u32::from(function),
        };
        if meaning::is_named(code) {
            draft = draft.named(OPERATIONS, code);
        }
        if self.files.get(file).is_some() && t.setup_count > 1 {
            draft = self.on(file, draft);
        } else if !name.is_empty() {
            draft.push_item(Goal::named("pipe", name), Val::None);
        }
        note.file = file;
        if matches!(function, TRANSACT_PIPE | WRITE_PIPE) && t.setup_count > 1 {
            self.pipe(file, t.data_at, t.data, input, draft.out());
        }
        note.offset = u64::from(matches!(function, TRANSACT_PIPE | READ_PIPE) && t.setup_count > 1);
        draft
    }

    /// The answer to a transaction on a pipe.
    pub fn transacted(
        &mut self,
        m: &Message<'_>,
        note: Option<Note>,
        input: &Input<'_>,
        draft: &mut Draft<'_>,
    ) -> Read<()> {
        if m.block.count() == 0 {
            return Ok(());
        }
        let t = wire::transacted(&m.block)?;
        if let Some(note) = note.filter(|n| n.offset == 1) {
            self.pipe(note.file, t.data_at, t.data, input, draft.out());
        }
        Ok(())
    }

    fn transaction2<'o>(&self, m: &Message<'_>, t: &Transaction<'_>, mut draft: Draft<'o>) -> Draft<'o> {
        let function = t.setup[0];
        let code = 0x3200 | u32::from(function);
        if meaning::is_named(code) && t.setup_count > 0 {
            draft = draft.named(OPERATIONS, code);
        }
        let mut r = Reader::new(t.parameters);
        // where the name begins, and where the information level stands
        let (name_at, level_at) = match function {
            0x00 => (Some(28), None),
            0x01 => (Some(12), Some(6)),
            0x03 | 0x04 => (None, Some(0)),
            0x05 | 0x06 => (Some(6), Some(0)),
            0x07 | 0x08 => (None, Some(2)),
            0x0d => (Some(4), None),
            0x10 => (Some(2), None),
            _ => (None, None),
        };
        if let Some(name) = name_at.and_then(|at: usize| t.parameters.get(at..)) {
            draft = self.path(m, name, Kind::File, draft);
        } else if matches!(function, 0x07 | 0x08)
            && let Ok(file) = r.le16("file id")
        {
            draft = self.on(file, draft);
        }
        let level = level_at.and_then(|at: usize| {
            let mut r = Reader::new(t.parameters);
            r.skip(at, "level").ok()?;
            r.le16("information level").ok()
        });
        if let Some(level) = level {
            draft.push_extra("information_level", Val::Uint(level.into()));
        }
        let mut r = Reader::new(t.data);
        match (function, level) {
            // of this dialect, and passed through to the file system
            (0x06 | 0x08, Some(0x0102 | 1013)) => {
                if let Ok(delete) = r.u8("delete pending") {
                    draft.push_extra("delete", Val::Bool(delete != 0));
                }
            }
            (0x06 | 0x08, Some(1010)) => {
                let length = r.skip(8, "flags and root").and_then(|()| r.le32("name length"));
                if let Ok(name) = length.and_then(|n| r.take(n as usize, "name")) {
                    let name = draft.out().text_utf16le(name);
                    text_extra(&mut draft, "new_name", name);
                }
            }
            _ => {}
        }
        draft
    }

    fn nt<'o>(&self, m: &Message<'_>, t: &Transaction<'_>, mut draft: Draft<'o>) -> Draft<'o> {
        let code = 0xa000 | u32::from(t.function);
        if meaning::is_named(code) {
            draft = draft.named(OPERATIONS, code);
        }
        let mut r = Reader::new(t.parameters);
        match t.function {
            1 => {
                // flags to impersonation, then the name
                let name = t.parameters.get(53..).unwrap_or_default();
                let at = if m.block.unicode { 1 } else { 0 };
                draft = self.path(m, name.get(at..).unwrap_or_default(), Kind::File, draft);
            }
            3 | 5 | 6 => {
                if let Ok(file) = r.le16("file id") {
                    draft = self.on(file, draft);
                }
            }
            _ => {}
        }
        draft
    }
}

/// Further parts of a transaction: what they announce.
pub fn secondary<'o>(m: &Message<'_>, mut draft: Draft<'o>) -> Read<Draft<'o>> {
    let mut r = m.block.words();
    let totals = match m.command {
        0x26 | 0x33 => Some((r.le16("total parameters")?.into(), r.le16("total data")?.into())),
        0xa1 => {
            r.skip(3, "reserved")?;
            Some((r.le32("total parameters")?, r.le32("total data")?))
        }
        _ => None,
    };
    if let Some((parameters, data)) = totals {
        draft.push_extra("total_parameters", Val::Uint(parameters.into()));
        draft.push_extra("total_data", Val::Uint(data.into()));
    }
    draft.push_extra("mid", Val::Uint(m.header.mid.into()));
    Ok(draft)
}

/// One of several answers to a transaction, and not the first.
pub fn is_continued(m: &Message<'_>) -> bool {
    match m.command {
        0x25 | 0x32 => wire::transacted(&m.block).is_ok_and(|t| t.displaced),
        0xa0 => wire::nt_transacted(&m.block).unwrap_or(false),
        _ => false,
    }
}
