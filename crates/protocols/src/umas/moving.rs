//! The application on its way, in numbered blocks. One transfer in each direction at a time: the reservation admits
//! one station.

use super::meaning;
use crate::{Dir, Moment, Moving, Output};
use model::{Path, TransferKind};
use wire::{Read, Reader};

/// What a tool calls the whole of what is loaded.
const NAME: &str = "strategy";

struct Move {
    moving: Moving,
    /// Number of the last block.
    last: u16,
    actor: Dir,
}

/// What is under way, into and out of the controller.
#[derive(Default)]
pub struct Moves {
    into: Option<Move>,
    out_of: Option<Move>,
}

/// The direction a function belongs to.
pub fn kind(code: u8) -> Option<TransferKind> {
    Some(match code {
        meaning::INITIALIZE_DOWNLOAD | meaning::DOWNLOAD_BLOCK | meaning::END_DOWNLOAD => TransferKind::Download,
        meaning::INITIALIZE_UPLOAD | meaning::UPLOAD_BLOCK | meaning::END_UPLOAD => TransferKind::Upload,
        _ => return None,
    })
}

/// Reads the block of a download request: transfer, number, length, bytes.
pub fn downloaded(data: &[u8]) -> Read<(u16, &[u8])> {
    let mut r = Reader::new(data);
    r.skip(2, "transfer")?;
    let number = r.le16("block number")?;
    let length = r.le16("block length")?;
    Ok((number, r.take(length.into(), "block")?))
}

/// Reads the block of an upload answer: reserved, length, bytes.
pub fn uploaded(data: &[u8]) -> Read<&[u8]> {
    let mut r = Reader::new(data);
    r.skip(2, "reserved")?;
    let length = r.le16("block length")?;
    r.take(length.into(), "block")
}

impl Moves {
    fn slot(&mut self, kind: TransferKind) -> &mut Option<Move> {
        match kind {
            TransferKind::Download => &mut self.into,
            TransferKind::Upload => &mut self.out_of,
        }
    }

    /// A transfer begins; one that never ended is over.
    pub fn begin(&mut self, kind: TransferKind, at: Moment, actor: Dir, path: Path, out: &mut Output) {
        self.end(kind, true, path, out);
        let moving = Moving::new(kind, "program", NAME.to_string(), at);
        *self.slot(kind) = Some(Move { moving, last: 0, actor });
    }

    /// The next block. One that is not the next leaves a hole; the same again is a repetition. Where the beginning was
    /// not seen the first block begins the transfer.
    pub fn block(&mut self, kind: TransferKind, number: u16, bytes: &[u8], at: Moment, actor: Dir) {
        let slot = self.slot(kind);
        let m = slot.get_or_insert_with(|| {
            let moving = Moving::new(kind, "program", NAME.to_string(), at);
            Move { moving, last: 0, actor }
        });
        if number == m.last && number != 0 {
            return;
        }
        m.moving.broken |= number != m.last.wrapping_add(1);
        m.last = number;
        m.moving.piece(bytes);
    }

    /// A block was refused, or could not be read.
    pub fn spoil(&mut self, kind: TransferKind) {
        if let Some(m) = self.slot(kind) {
            m.moving.broken = true;
        }
    }

    /// The end, with the number of blocks where it is told.
    pub fn counted_end(&mut self, kind: TransferKind, blocks: Option<u64>, path: Path, out: &mut Output) {
        let wrong = match (&*self.slot(kind), blocks) {
            (Some(m), Some(blocks)) => blocks != u64::from(m.last),
            _ => false,
        };
        self.end(kind, wrong, path, out);
    }

    /// Everything is over.
    pub fn finish(&mut self, path: Path, out: &mut Output) {
        self.end(TransferKind::Download, true, path, out);
        self.end(TransferKind::Upload, true, path, out);
    }

    fn end(&mut self, kind: TransferKind, broken: bool, path: Path, out: &mut Output) {
        if let Some(mut m) = self.slot(kind).take()
            && m.moving.size > 0
        {
            m.moving.broken |= broken;
            out.transfer(m.moving, m.actor, path);
        }
    }
}
