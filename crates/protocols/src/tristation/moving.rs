//! Programs and functions on their way: both directions move pieces with the same head.

use super::meaning;
use crate::{Dir, Goal, Moment, Moving, Output};
use model::{Path, TransferKind};
use wire::{Read, Reader};

/// Most programs and functions under way in one conversation; the oldest is let go. A project has a few programs and
/// some hundred functions, moved one after another.
const MAX_MOVES: usize = 16;

/// A piece of a program or function. Counts are in words of four octets.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Number of the program or function.
    pub id: u16,
    /// Words of the whole.
    pub full: u16,
    /// First word of this piece.
    pub offset: u16,
    /// Words of this piece as the head tells.
    pub words: u16,
    /// The code.
    pub code: &'a [u8],
}

impl Piece<'_> {
    /// The head agrees with what follows.
    pub fn fits(&self) -> bool {
        self.code.len() == usize::from(self.words) * 4
    }
}

/// Reads a piece: id, next, full, offset, words.
pub fn piece(data: &[u8]) -> Read<Piece<'_>> {
    let mut r = Reader::new(data);
    let id = r.le16("id")?;
    let _next = r.le16("next")?;
    let full = r.le16("full words")?;
    let offset = r.le16("offset")?;
    let words = r.le16("words")?;
    Ok(Piece { id, full, offset, words, code: r.rest() })
}

/// The number a request for a piece names.
pub fn wanted(data: &[u8]) -> Option<u16> {
    data.first_chunk::<2>().map(|b| u16::from_le_bytes(*b))
}

/// The word of what a command moves.
pub fn space(code: u8) -> &'static str {
    match code {
        meaning::ALLOCATE_PROGRAM | meaning::UPLOAD_PROGRAM => "program",
        _ => "function",
    }
}

/// The word of the transfer: a function is a block of the program.
fn content(code: u8) -> &'static str {
    if space(code) == "program" { "program" } else { "block" }
}

/// A program or function as target.
pub fn goal(code: u8, id: u16) -> Goal {
    Goal::range(space(code), id.into(), 1)
}

struct Move {
    moving: Moving,
    /// Word that comes next.
    next: u16,
    actor: Dir,
}

/// What is under way.
#[derive(Default)]
pub struct Moves {
    list: Vec<Move>,
}

impl Moves {
    /// The next piece. A hole makes the whole incomplete; the last word ends it.
    pub fn take(&mut self, kind: TransferKind, code: u8, piece: &Piece<'_>, at: Moment, actor: Dir, out: &mut Output) {
        if piece.full == 0 {
            return;
        }
        let name = format!("{} {}", space(code), piece.id);
        let is = |m: &Move| m.moving.kind == kind && m.moving.name == name;
        if piece.offset == 0
            && let Some(old) = self.list.iter().position(is)
        {
            self.end(old, true, out);
        }
        let found = self.list.iter().position(is);
        let index = found.unwrap_or_else(|| {
            if self.list.len() >= MAX_MOVES {
                out.limit("tristation_transfers");
                self.end(0, true, out);
            }
            let mut moving = Moving::new(kind, content(code), name.clone(), at);
            moving.announced = Some(u64::from(piece.full) * 4);
            self.list.push(Move { moving, next: 0, actor });
            self.list.len() - 1
        });
        let Some(m) = self.list.get_mut(index) else { return };
        m.moving.broken |= m.next != piece.offset || !piece.fits();
        m.next = piece.offset.wrapping_add(piece.words);
        m.moving.piece(piece.code);
        if m.next >= piece.full {
            self.end(index, false, out);
        }
    }

    /// Something is missing, or everything is over.
    pub fn finish(&mut self, out: &mut Output) {
        while !self.list.is_empty() {
            self.end(0, true, out);
        }
    }

    fn end(&mut self, index: usize, broken: bool, out: &mut Output) {
        let mut m = self.list.remove(index);
        m.moving.broken |= broken;
        out.transfer(m.moving, m.actor, Path::HOST);
    }
}
