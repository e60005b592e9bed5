//! Names of blocks, and blocks on their way.

use crate::{Dir, Draft, Goal, Moving, Output, Span, Val};
use model::{Path, TransferKind};
use wire::Reader;

/// Most transfers under way in one conversation. Controllers move one block at a time; the oldest is let go.
const MAX_TRANSFERS: usize = 8;

/// A block as its name on the wire tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub kind: &'static str,
    pub number: u32,
    pub file_system: &'static str,
}

/// Block types by their two hexadecimal digits.
pub fn kind(code: u8) -> Option<&'static str> {
    Some(match code {
        0x08 => "OB",
        0x0a => "DB",
        0x0b => "SDB",
        0x0c => "FC",
        0x0d => "SFC",
        0x0e => "FB",
        0x0f => "SFB",
        _ => return None,
    })
}

/// The code of a block type from its two characters.
pub fn code(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}

/// Reads `0A00001P`: type in two hexadecimal digits, number in five decimal ones, file system (P passive, A active,
/// B both).
pub fn block(name: &[u8]) -> Option<Block> {
    let (digits, rest) = name.split_first_chunk::<2>()?;
    let (number, rest) = rest.split_first_chunk::<5>()?;
    let number = core::str::from_utf8(number).ok()?.parse().ok()?;
    let file_system = match rest.first() {
        Some(b'P') => "passive",
        Some(b'A') => "active",
        Some(b'B') => "both",
        _ => "unknown",
    };
    Some(Block { kind: kind(code(digits)?)?, number, file_system })
}

/// The target a file name stands for: a block (with an identifier character in front), else the name itself.
pub fn goal(file: &[u8], draft: &mut Draft<'_>) -> (Goal, Option<Block>) {
    let plain = file.strip_prefix(b"_").or(file.strip_prefix(b"$")).unwrap_or(file);
    match block(plain) {
        Some(block) => (block_goal(&block, draft), Some(block)),
        None => {
            let name = draft.text(file);
            (Goal::named("block", name), None)
        }
    }
}

/// A block as target.
pub fn block_goal(block: &Block, draft: &mut Draft<'_>) -> Goal {
    let name: Span = draft.format(format_args!("{}{}", block.kind, block.number));
    Goal { first: block.number.into(), ..Goal::named("block", name) }
}

/// Adds the target of a file name, and its file system.
pub fn push(file: &[u8], draft: &mut Draft<'_>) {
    let (goal, block) = goal(file, draft);
    draft.push_item(goal, Val::None);
    if let Some(block) = block {
        draft.push_extra("file_system", Val::Name(block.file_system));
    }
}

/// The name of a transfer.
pub fn title(file: &[u8]) -> String {
    let plain = file.strip_prefix(b"_").or(file.strip_prefix(b"$")).unwrap_or(file);
    match block(plain) {
        Some(block) => format!("{}{}", block.kind, block.number),
        None => crate::text::clean(file),
    }
}

/// One transfer under way.
struct Move {
    moving: Moving,
    /// Upload id, once known; downloads are known by name.
    id: Option<u32>,
    /// PDU reference of the job whose acknowledgement brings the next piece or the upload id.
    waiting: Option<u16>,
    actor: Dir,
}

/// The transfers under way.
#[derive(Default)]
pub struct Moves {
    list: Vec<Move>,
}

impl Moves {
    /// A transfer begins with the job `reference`.
    pub fn begin(&mut self, kind: TransferKind, name: String, reference: u16, actor: Dir, out: &mut Output) {
        self.end_where(|m| m.moving.kind == kind && m.moving.name == name, true, out);
        if self.list.len() >= MAX_TRANSFERS {
            out.limit("s7comm_transfers");
            let mut oldest = self.list.remove(0);
            oldest.moving.broken = true;
            out.transfer(oldest.moving, oldest.actor, Path::HOST);
        }
        let moving = Moving::new(kind, "block", name, out.now());
        self.list.push(Move { moving, id: None, waiting: Some(reference), actor });
    }

    /// The controller asks for the next piece of a download. One whose beginning was not seen begins here.
    pub fn ask_piece(&mut self, name: String, reference: u16, actor: Dir, out: &mut Output) {
        let is = |m: &Move| m.moving.kind == TransferKind::Download && m.moving.name == name;
        if let Some(found) = self.list.iter_mut().find(|m| is(m)) {
            found.waiting = Some(reference);
            return;
        }
        self.begin(TransferKind::Download, name, reference, actor, out);
        if let Some(last) = self.list.last_mut() {
            last.moving.broken = true;
        }
    }

    /// The client asks for the next piece of an upload. Returns its name.
    pub fn ask_upload(&mut self, id: u32, reference: u16, actor: Dir, out: &mut Output) -> &str {
        if !self.list.iter().any(|m| m.id == Some(id)) {
            self.begin(TransferKind::Upload, String::new(), reference, actor, out);
            if let Some(last) = self.list.last_mut() {
                last.moving.broken = true;
                last.id = Some(id);
            }
        }
        match self.list.iter_mut().find(|m| m.id == Some(id)) {
            Some(found) => {
                found.waiting = Some(reference);
                &found.moving.name
            }
            None => "",
        }
    }

    /// The name of an upload.
    pub fn upload_name(&self, id: u32) -> &str {
        self.list.iter().find(|m| m.id == Some(id)).map_or("", |m| m.moving.name.as_str())
    }

    /// The transfer that waits for the acknowledgement `reference`.
    fn waiting(&mut self, reference: u16) -> Option<&mut Move> {
        self.list.iter_mut().find(|m| m.waiting == Some(reference))
    }

    /// What the beginning of a transfer announced.
    pub fn announce(&mut self, reference: u16, size: Option<u64>, id: Option<u32>) {
        if let Some(found) = self.waiting(reference) {
            found.moving.announced = size.or(found.moving.announced);
            found.id = id.or(found.id);
            if id.is_some() {
                found.waiting = None;
            }
        }
    }

    /// A piece came: a length, a constant, the bytes.
    pub fn piece(&mut self, reference: u16, data: &[u8]) {
        let Some(found) = self.waiting(reference) else { return };
        found.waiting = None;
        let mut r = Reader::new(data);
        let length = r.be16("length").unwrap_or_default();
        let piece = r.skip(2, "constant").and_then(|()| r.take(length.into(), "piece"));
        match piece {
            Ok(piece) => found.moving.piece(piece),
            Err(_) => found.moving.broken = true,
        }
    }

    /// The job was refused: a transfer that has not begun never was, one under way breaks.
    pub fn refuse(&mut self, reference: u16) {
        self.list.retain(|m| m.waiting != Some(reference) || m.moving.size > 0);
        if let Some(found) = self.waiting(reference) {
            found.moving.broken = true;
            found.waiting = None;
        }
    }

    /// A download ends.
    pub fn end_download(&mut self, name: &str, broken: bool, out: &mut Output) {
        self.end_where(|m| m.moving.kind == TransferKind::Download && m.moving.name == name, broken, out);
    }

    /// An upload ends.
    pub fn end_upload(&mut self, id: u32, out: &mut Output) {
        self.end_where(|m| m.id == Some(id), false, out);
    }

    /// Bytes of a direction are missing: what moves that way is not whole.
    pub fn lose(&mut self, dir: Dir) {
        let way = |m: &Move| if m.moving.kind == TransferKind::Download { m.actor } else { m.actor.flip() };
        for m in self.list.iter_mut().filter(|m| way(m) == dir) {
            m.moving.broken = true;
            m.waiting = None;
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, out: &mut Output) {
        self.end_where(|_| true, true, out);
    }

    fn end_where(&mut self, which: impl Fn(&Move) -> bool, broken: bool, out: &mut Output) {
        while let Some(at) = self.list.iter().position(&which) {
            let mut done = self.list.remove(at);
            done.moving.broken |= broken || done.waiting.is_some();
            if done.moving.size > 0 {
                out.transfer(done.moving, done.actor, Path::HOST);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_blocks() {
        let db1 = Block { kind: "DB", number: 1, file_system: "passive" };
        assert_eq!(block(b"0A00001P"), Some(db1));
        assert_eq!(title(b"_0800001P"), "OB1");
        assert_eq!(title(b"_N_MPF0"), "_N_MPF0");
        assert_eq!(block(b"0Z00001P"), None);
        assert_eq!(block(b"0A0"), None);
    }
}
