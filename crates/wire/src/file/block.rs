//! Reading in large blocks that can cross threads: one buffer of file bytes and small descriptors into it.

use super::about::About;
use super::error::{FileError, Reason};
use super::pcap::{self, Pcap};
use super::pcapng::Pcapng;
use super::{Interface, Record, magic};
use crate::decode::LinkType;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

/// Bytes read at once: large enough to make calls rare, small enough to stay in the second-level cache.
const BLOCK: usize = 1 << 18;
/// Errors told one by one between two blocks; a file of nothing but broken blocks could hold millions. Those beyond
/// are counted in [`About::broken_blocks`] like all.
const MAX_ERRORS: usize = 64;

/// Where a record is in its block, and what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    /// Offset of the frame in the block.
    pub at: u32,
    /// Bytes captured.
    pub len: u32,
    /// Length on the wire in bytes, never below `len`.
    pub wire_len: u32,
    /// Index into [`About::interfaces`].
    pub interface: u32,
    /// Nanoseconds since the Unix epoch.
    pub time: i64,
    /// Number of the frame in the file, from 1.
    pub number: u64,
    /// First header of the frame.
    pub link: LinkType,
    /// Whether the frame has a comment.
    pub comment: bool,
}

/// A piece of a capture file and the records in it.
#[derive(Debug, Default)]
pub struct Block {
    /// Bytes of the file. Only what the records point at means anything; the rest may be left from earlier use.
    pub bytes: Vec<u8>,
    /// The records, in file order.
    pub records: Vec<RecordMeta>,
    /// Offset of the first byte in the file.
    pub offset: u64,
}

impl Block {
    /// The captured bytes of a record.
    #[inline]
    pub fn frame(&self, meta: &RecordMeta) -> &[u8] {
        self.bytes.get(meta.at as usize..).and_then(|b| b.get(..meta.len as usize)).unwrap_or_default()
    }

    /// A record with its bytes.
    #[inline]
    pub fn record(&self, meta: &RecordMeta) -> Record<'_> {
        Record {
            time: meta.time,
            link: meta.link,
            wire_len: meta.wire_len,
            bytes: self.frame(meta),
            interface: meta.interface,
            number: meta.number,
            comment: meta.comment,
        }
    }
}

/// What a scanner finds at the start of a window.
pub(super) enum Scan {
    /// A record, `at` counted from the start of the window, and the bytes it takes.
    Record(RecordMeta, usize),
    /// Bytes that hold no packet.
    Skip(usize),
    /// The window must be at least this long.
    Need(usize),
    /// Broken; `skip` bytes further on reading can continue, unless 0.
    Bad { reason: Reason, skip: usize },
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// Reads a capture file as blocks.
#[derive(Debug)]
pub struct BlockReader<R> {
    read: R,
    format: Format,
    about: About,
    /// Read but not yet scanned.
    carry: Vec<u8>,
    /// Offset in the file of the first byte of `carry`.
    offset: u64,
    number: u64,
    /// Told after the records before them.
    errors: VecDeque<FileError>,
    ended: bool,
}

impl<R: Read> BlockReader<R> {
    /// Reads the file header. Fails when the bytes are no capture file, naming what they are where that is known.
    pub fn new(mut read: R) -> Result<Self, FileError> {
        let mut first = vec![0; pcap::HEADER];
        let mut have = 0;
        while have < first.len() {
            match read.read(first.get_mut(have..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(n) => have += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(FileError { offset: 0, reason: Reason::Io(e.kind()), recoverable: false }),
            }
        }
        first.truncate(have);
        let mut about = About::default();
        let mut offset = 0;
        let format = if let Some(pcap) = Pcap::new(&first) {
            about.format = "pcap";
            about.interfaces.push(Interface::new(0, pcap.link, pcap.snap_len));
            first.clear();
            offset = pcap::HEADER as u64;
            Format::Pcap(pcap)
        } else if Pcapng::recognizes(&first) {
            about.format = "pcapng";
            Format::Pcapng(Pcapng::default())
        } else {
            let mut padded = first.clone();
            padded.resize(pcap::HEADER, 0);
            let cut = !first.is_empty() && first.len() >= 4 && Pcap::new(&padded).is_some();
            let reason = match cut {
                true => Reason::Truncated { have: have as u64, need: pcap::HEADER as u64 },
                false => magic::other(&first),
            };
            return Err(FileError { offset: 0, reason, recoverable: false });
        };
        Ok(BlockReader { read, format, about, carry: first, offset, number: 0, errors: VecDeque::new(), ended: false })
    }

    /// The next block with at least one record, None at the end. `spent` is a block that is no longer needed; its
    /// buffers are used again. Recoverable errors follow the block they were met in; after one that is not, the end
    /// follows.
    pub fn next_block(&mut self, spent: Block) -> Option<Result<Block, FileError>> {
        if let Some(error) = self.errors.pop_front() {
            self.ended |= !error.recoverable;
            return Some(Err(error));
        }
        if self.ended {
            return None;
        }
        let mut block = spent;
        block.records.clear();
        if block.bytes.len() < BLOCK.max(self.carry.len()) {
            block.bytes.resize(BLOCK.max(self.carry.len()), 0);
        }
        let mut filled = self.carry.len();
        if let Some(start) = block.bytes.get_mut(..filled) {
            start.copy_from_slice(&self.carry);
        }
        self.carry.clear();
        block.offset = self.offset;
        let mut scanned = 0;
        let mut end_of_file = false;
        loop {
            let need = self.scan(&mut block, &mut scanned, filled, end_of_file);
            if !block.records.is_empty() || !self.errors.is_empty() || end_of_file {
                break;
            }
            // Nothing yet: make room for what is needed, drop what was skipped, read on.
            block.bytes.copy_within(scanned..filled, 0);
            filled -= scanned;
            block.offset += scanned as u64;
            scanned = 0;
            if block.bytes.len() < need {
                block.bytes.resize(need, 0);
            }
            match self.fill(block.bytes.get_mut(filled..).unwrap_or_default()) {
                Ok(0) => end_of_file = true,
                Ok(n) => filled += n,
                Err(error) => {
                    let offset = block.offset + filled as u64;
                    self.errors.push_back(FileError { offset, reason: Reason::Io(error), recoverable: false });
                    break;
                }
            }
        }
        self.carry.extend_from_slice(block.bytes.get(scanned..filled).unwrap_or_default());
        self.offset = block.offset + scanned as u64;
        if !block.records.is_empty() {
            return Some(Ok(block));
        }
        if end_of_file && self.errors.is_empty() {
            self.ended = true;
            return None;
        }
        self.next_block(block)
    }

    /// What the file says about itself, as far as it has been read.
    pub fn about(&self) -> &About {
        &self.about
    }

    fn fill(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.read.read(room) {
                Ok(n) => return Ok(n),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e.kind()),
            }
        }
    }

    /// Scans `bytes[scanned..filled]` until more is needed, and says how much. What is broken and can be stepped over
    /// is; what cannot ends the block.
    fn scan(&mut self, block: &mut Block, scanned: &mut usize, filled: usize, end_of_file: bool) -> usize {
        let Block { bytes, records, offset } = block;
        loop {
            let window = bytes.get(*scanned..filled).unwrap_or_default();
            let scan = match &mut self.format {
                Format::Pcap(pcap) => pcap.scan(window),
                Format::Pcapng(pcapng) => pcapng.scan(window, end_of_file, self.number + 1, &mut self.about),
            };
            match scan {
                Scan::Record(mut meta, used) => {
                    self.number += 1;
                    meta.number = self.number;
                    meta.at += *scanned as u32;
                    records.push(meta);
                    *scanned += used;
                }
                Scan::Skip(used) => *scanned += used,
                Scan::Need(need) => {
                    if end_of_file && !window.is_empty() {
                        let reason = Reason::Truncated { have: window.len() as u64, need: need as u64 };
                        let offset = *offset + *scanned as u64;
                        self.errors.push_back(FileError { offset, reason, recoverable: false });
                    }
                    return need;
                }
                Scan::Bad { reason, skip } => {
                    let offset = *offset + *scanned as u64;
                    self.about.broken_blocks += 1;
                    if skip == 0 || self.errors.len() < MAX_ERRORS {
                        self.errors.push_back(FileError { offset, reason, recoverable: skip != 0 });
                    }
                    if skip == 0 {
                        return 0;
                    }
                    *scanned += skip;
                }
            }
        }
    }
}
