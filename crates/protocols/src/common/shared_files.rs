//! Files and pipes a client of a file server has open: their names, and what moves through them.

use crate::{Dir, Moment, Moving, Output};
use model::{Path, TransferKind};

/// Most files open at once in one conversation. Clients keep tens; the one quiet longest is let go, and its later
/// reads and writes name the handle alone.
pub const MAX_OPEN: usize = 256;

/// What stands behind a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    Pipe,
}

/// A file as it is opened.
#[derive(Debug)]
pub struct Opening {
    /// Share and path.
    pub name: String,
    pub kind: Kind,
    /// In bytes.
    pub size: u64,
    /// The name begins with the share: its connection was seen.
    pub in_share: bool,
}

/// One open file.
#[derive(Debug)]
pub struct Open<K> {
    key: K,
    /// Share and path.
    pub name: String,
    pub kind: Kind,
    /// Size when it was opened.
    size: u64,
    in_share: bool,
    /// Direction in which the client sends.
    client: Dir,
    used: u64,
    /// Number of an open pipe, the lowest that is free: what passes through it is a conversation of its own.
    pub channel: u64,
    /// Into and out of the server.
    moves: [Option<Move>; 2],
}

#[derive(Debug)]
struct Move {
    moving: Moving,
    /// Where the next piece belongs.
    next: u64,
}

/// The files of one conversation.
#[derive(Debug)]
pub struct Files<K> {
    list: Vec<Open<K>>,
    uses: u64,
}

impl<K> Default for Files<K> {
    fn default() -> Self {
        Files { list: Vec::new(), uses: 0 }
    }
}

impl<K: PartialEq + Copy> Files<K> {
    /// A file was opened.
    pub fn open(&mut self, key: K, file: Opening, client: Dir, out: &mut Output) {
        let Opening { name, kind, size, in_share } = file;
        self.close(key, out);
        if self.list.len() >= MAX_OPEN {
            out.limit("open_files");
            let oldest = self.list.iter().enumerate().min_by_key(|(_, o)| o.used).map_or(0, |(i, _)| i);
            let gone = self.list.swap_remove(oldest);
            tell(gone, true, out);
        }
        self.uses += 1;
        let taken = |n: &u64| self.list.iter().any(|o| o.kind == Kind::Pipe && o.channel == *n);
        let channel = (1..).find(|n| !taken(n)).unwrap_or_default();
        self.list.push(Open { key, name, kind, size, in_share, client, used: self.uses, channel, moves: [None, None] });
    }

    /// The file behind a handle.
    pub fn get(&self, key: K) -> Option<&Open<K>> {
        self.list.iter().find(|o| o.key == key)
    }

    /// A file of an unknown share begins like a remote procedure call: it is a pipe.
    pub fn reveal_pipe(&mut self, key: K) {
        if let Some(open) = self.list.iter_mut().find(|o| o.key == key)
            && open.kind == Kind::File
            && !open.in_share
            && open.moves.iter().all(Option::is_none)
        {
            open.kind = Kind::Pipe;
        }
    }

    /// Bytes of a file pass.
    pub fn piece(&mut self, key: K, way: TransferKind, offset: u64, bytes: &[u8], now: Moment) {
        self.uses += 1;
        let uses = self.uses;
        let Some(open) = self.list.iter_mut().find(|o| o.key == key && o.kind == Kind::File) else { return };
        open.used = uses;
        let Some(slot) = open.moves.get_mut(usize::from(way == TransferKind::Upload)) else { return };
        let entry = slot.get_or_insert_with(|| {
            let mut moving = Moving::new(way, "file", open.name.clone(), now);
            // without its share it may be another file of that name
            moving.broken = !open.in_share;
            moving.announced = (way == TransferKind::Upload).then_some(open.size);
            Move { moving, next: 0 }
        });
        if offset < entry.next {
            // the same bytes once more: a file is hashed as it is read from front to end
            if offset.saturating_add(bytes.len() as u64) > entry.next || way == TransferKind::Download {
                entry.moving.broken = true;
            }
            return;
        }
        entry.moving.broken |= offset > entry.next;
        entry.moving.piece(bytes);
        entry.next = offset.saturating_add(bytes.len() as u64);
    }

    /// What moves through this file is not whole (bytes are missing, or a write was refused).
    pub fn broke(&mut self, key: K, way: TransferKind) {
        let Some(open) = self.list.iter_mut().find(|o| o.key == key) else { return };
        if let Some(Some(entry)) = open.moves.get_mut(usize::from(way == TransferKind::Upload)) {
            entry.moving.broken = true;
        }
    }

    /// Bytes of one direction of the conversation are missing.
    pub fn lose(&mut self, dir: Dir, now: Moment) {
        for open in &mut self.list {
            let way = usize::from(dir != open.client);
            if let Some(Some(entry)) = open.moves.get_mut(way) {
                entry.moving.broken = true;
            } else if let Some(slot) = open.moves.get_mut(way).filter(|_| open.kind == Kind::File) {
                // a piece of a file may have been in it
                let way = if way == 0 { TransferKind::Download } else { TransferKind::Upload };
                let mut moving = Moving::new(way, "file", open.name.clone(), now);
                moving.broken = true;
                *slot = Some(Move { moving, next: 0 });
            }
        }
    }

    /// A file was closed: what moved is told.
    pub fn close(&mut self, key: K, out: &mut Output) {
        if let Some(at) = self.list.iter().position(|o| o.key == key) {
            tell(self.list.swap_remove(at), false, out);
        }
    }

    /// The conversation is over.
    pub fn finish(&mut self, out: &mut Output) {
        for open in self.list.drain(..) {
            tell(open, false, out);
        }
    }
}

fn tell<K>(open: Open<K>, broken: bool, out: &mut Output) {
    for entry in open.moves.into_iter().flatten() {
        let mut moving = entry.moving;
        moving.broken |= broken;
        if moving.size > 0 {
            out.transfer(moving, open.client, Path::HOST);
        }
    }
}

/// Whether bytes look like the front of a DCE/RPC message (C706, 12.6.3.1): what a handle of unknown name carries.
pub fn is_rpc(bytes: &[u8]) -> bool {
    match bytes {
        [5, 0 | 1, 0..=19, _, order, 0, 0, 0, low, high, ..] => {
            let length = match order {
                0x10 => u16::from_le_bytes([*low, *high]),
                0x00 => u16::from_be_bytes([*low, *high]),
                _ => return false,
            };
            length >= 16
        }
        _ => false,
    }
}
