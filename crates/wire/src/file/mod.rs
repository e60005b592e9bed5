//! Capture files: pcap and pcapng, read as a stream and written.

mod about;
mod block;
mod error;
mod magic;
mod options;
mod pcap;
mod pcapng;
pub mod write;

pub use about::{About, Interface, Section};
pub use block::{Block, BlockReader, RecordMeta};
pub use error::{FileError, Reason};

use crate::decode::LinkType;
use std::io::Read;

/// One captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Nanoseconds since the Unix epoch; a simple packet block has no time and takes the one before it.
    pub time: i64,
    /// First header of the frame.
    pub link: LinkType,
    /// Length on the wire in bytes, never below what was captured.
    pub wire_len: u32,
    /// What was captured.
    pub bytes: &'a [u8],
    /// Index into [`About::interfaces`]; counts on through all sections of a file.
    pub interface: u32,
    /// Number of the frame in the file, from 1.
    pub number: u64,
    /// Whether the frame has a comment; its text is in [`About::comments`].
    pub comment: bool,
}

/// Reads a capture file from its start, one record at a time.
#[derive(Debug)]
pub struct CaptureReader<R> {
    blocks: BlockReader<R>,
    block: Block,
    at: usize,
}

impl<R: Read> CaptureReader<R> {
    /// Reads the file header. Fails when the bytes are no capture file, naming what they are where that is known.
    pub fn new(read: R) -> Result<Self, FileError> {
        Ok(CaptureReader { blocks: BlockReader::new(read)?, block: Block::default(), at: 0 })
    }

    /// The next record, None at the end. After an error that is not recoverable the end follows.
    #[allow(clippy::should_implement_trait)] // Records borrow the buffer, which Iterator cannot say.
    pub fn next(&mut self) -> Option<Result<Record<'_>, FileError>> {
        if self.at >= self.block.records.len() {
            self.at = 0;
            let spent = core::mem::take(&mut self.block);
            match self.blocks.next_block(spent)? {
                Ok(block) => self.block = block,
                Err(error) => return Some(Err(error)),
            }
        }
        let meta = self.block.records.get(self.at)?;
        self.at += 1;
        Some(Ok(self.block.record(meta)))
    }

    /// What the file says about itself, as far as it has been read.
    pub fn about(&self) -> &About {
        self.blocks.about()
    }
}
