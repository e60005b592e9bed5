//! Bytes to message. Stateless. Everything is little-endian; offsets count from the start of the header.
//!
//! ```text
//! | 0xff "SMB" | command 1 | status 4 | flags 1 | flags2 2 | pid high 2 | security 8 | reserved 2 | tid 2 | pid 2 |
//! | uid 2 | mid 2 | word count 1 | words … | byte count 2 | bytes …                          ([MS-CIFS] 2.2.3)
//! words of AndX commands begin: | next command 1, 0xff for none | reserved 1 | offset of the next block 2 |
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the header.
pub const HEADER: usize = 32;
/// The message answers.
const REPLY: u8 = 0x80;
/// Text is UTF-16.
const UNICODE: u16 = 0x8000;
/// The status is an NTSTATUS; otherwise class and code of DOS.
const NT_STATUS: u16 = 0x4000;
/// No further command in the chain.
pub const NO_ANDX: u8 = 0xff;

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub command: u8,
    pub status: u32,
    pub reply: bool,
    pub unicode: bool,
    pub nt_status: bool,
    pub reserved: u16,
    pub tid: u16,
    pub pid: u16,
    pub mid: u16,
}

impl Header {
    /// What an answer has in common with its request.
    pub fn id(&self) -> u32 {
        u32::from(self.pid) << 16 | u32::from(self.mid)
    }
}

/// Reads a header.
pub fn header(bytes: &[u8]) -> Read<Header> {
    let mut r = Reader::new(bytes);
    if r.array::<4>("protocol id")? != [0xff, b'S', b'M', b'B'] {
        return Err(Malformed::invalid("protocol id", 0));
    }
    let command = r.u8("command")?;
    let status = r.le32("status")?;
    let flags = r.u8("flags")?;
    let flags2 = r.le16("flags2")?;
    r.skip(10, "security features")?;
    let reserved = r.le16("reserved")?;
    let tid = r.le16("tree id")?;
    let pid = r.le16("process id")?;
    r.skip(2, "user id")?;
    let mid = r.le16("multiplex id")?;
    Ok(Header {
        command,
        status,
        reply: flags & REPLY != 0,
        unicode: flags2 & UNICODE != 0,
        nt_status: flags2 & NT_STATUS != 0,
        reserved,
        tid,
        pid,
        mid,
    })
}

/// Words and bytes of one command.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The whole message, for offsets.
    pub message: &'a [u8],
    pub words: &'a [u8],
    pub bytes: &'a [u8],
    /// Where the bytes begin in the message.
    pub bytes_at: usize,
    pub unicode: bool,
    /// The byte count is larger than what follows.
    pub short: bool,
}

impl<'a> Block<'a> {
    /// The words, from the start.
    pub fn words(&self) -> Reader<'a> {
        Reader::new(self.words)
    }

    /// How many words.
    pub fn count(&self) -> usize {
        self.words.len() / 2
    }

    /// Text that ends with a zero, in the bytes from `at` on: what it is, and where the next begins. UTF-16 is padded
    /// to an even offset of the message.
    pub fn text(&self, at: usize) -> (&'a [u8], usize) {
        self.text_as(at, self.unicode)
    }

    /// The same in a form named.
    pub fn text_as(&self, at: usize, unicode: bool) -> (&'a [u8], usize) {
        let at = if unicode && !(self.bytes_at + at).is_multiple_of(2) { at + 1 } else { at };
        let rest = self.bytes.get(at..).unwrap_or_default();
        let (length, zero) = match unicode {
            true => {
                let units = rest.chunks_exact(2).position(|u| u == [0, 0]);
                (units.map_or(rest.len(), |n| n * 2), 2)
            }
            false => (rest.iter().position(|b| *b == 0).unwrap_or(rest.len()), 1),
        };
        (rest.get(..length).unwrap_or_default(), at + length + zero)
    }

    /// A part of the message.
    pub fn part(&self, at: usize, length: usize, what: &'static str) -> Read<&'a [u8]> {
        if length == 0 {
            return Ok(&[]);
        }
        self.message.get(at..at.saturating_add(length)).ok_or(Malformed::truncated(what, at))
    }

    /// The next command of the chain and where its block begins.
    pub fn next(&self) -> Read<(u8, usize)> {
        let mut r = self.words();
        let command = r.u8("AndX command")?;
        r.skip(1, "AndX reserved")?;
        Ok((command, r.le16("AndX offset")?.into()))
    }
}

/// Reads the block at `at`. `open`: the end of the message is still to come.
pub fn block<'a>(message: &'a [u8], at: usize, unicode: bool, open: bool) -> Read<Block<'a>> {
    let mut r = Reader::new(message);
    r.skip(at, "block")?;
    let count = usize::from(r.u8("word count")?);
    let words = r.take(count * 2, "words")?;
    let length = usize::from(r.le16("byte count")?);
    let bytes_at = r.offset();
    let rest = r.peek();
    let bytes = rest.get(..length).unwrap_or(rest);
    Ok(Block { message, words, bytes, bytes_at, unicode, short: rest.len() < length && !open })
}

/// Whether words of this command begin with the next command.
pub fn is_andx(command: u8) -> bool {
    matches!(command, 0x24 | 0x2d | 0x2e | 0x2f | 0x73 | 0x74 | 0x75 | 0xa2)
}

/// A transaction, of any of the three kinds, in either direction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Transaction<'a> {
    pub total_parameters: u32,
    pub total_data: u32,
    pub timeout: u32,
    /// Reserved fields, all of them, or'ed.
    pub reserved: u32,
    pub parameters: &'a [u8],
    pub data: &'a [u8],
    pub data_at: usize,
    /// Where parameters and data belong, in an answer of several messages.
    pub displaced: bool,
    pub setup: [u16; 2],
    pub setup_count: u8,
    pub function: u16,
}

/// TRANSACTION and TRANSACTION2 request (2.2.4.33.1, 2.2.4.46.1).
pub fn transaction<'a>(b: &Block<'a>) -> Read<Transaction<'a>> {
    let mut r = b.words();
    let (total_parameters, total_data) = (r.le16("total parameters")?, r.le16("total data")?);
    r.skip(5, "largest answers")?;
    let first = r.u8("reserved")?;
    r.skip(2, "flags")?;
    let timeout = r.le32("timeout")?;
    let second = r.le16("reserved")?;
    let parameters = (r.le16("parameter count")?, r.le16("parameter offset")?);
    let data = (r.le16("data count")?, r.le16("data offset")?);
    let setup_count = r.u8("setup count")?;
    let third = r.u8("reserved")?;
    let mut t = Transaction {
        total_parameters: total_parameters.into(),
        total_data: total_data.into(),
        timeout,
        reserved: u32::from(first) | u32::from(second) | u32::from(third),
        setup_count,
        parameters: b.part(parameters.1.into(), parameters.0.into(), "parameters")?,
        data: b.part(data.1.into(), data.0.into(), "data")?,
        data_at: data.1.into(),
        ..Transaction::default()
    };
    for slot in t.setup.iter_mut().take(setup_count.into()) {
        *slot = r.le16("setup")?;
    }
    Ok(t)
}

/// TRANSACTION and TRANSACTION2 response.
pub fn transacted<'a>(b: &Block<'a>) -> Read<Transaction<'a>> {
    let mut r = b.words();
    let (total_parameters, total_data) = (r.le16("total parameters")?, r.le16("total data")?);
    r.skip(2, "reserved")?;
    let parameters = (r.le16("parameter count")?, r.le16("parameter offset")?, r.le16("displacement")?);
    let data = (r.le16("data count")?, r.le16("data offset")?, r.le16("displacement")?);
    Ok(Transaction {
        total_parameters: total_parameters.into(),
        total_data: total_data.into(),
        parameters: b.part(parameters.1.into(), parameters.0.into(), "parameters")?,
        data: b.part(data.1.into(), data.0.into(), "data")?,
        data_at: data.1.into(),
        displaced: parameters.2 > 0 || data.2 > 0,
        ..Transaction::default()
    })
}

/// NT_TRANSACT request (2.2.4.62.1).
pub fn nt_transact<'a>(b: &Block<'a>) -> Read<Transaction<'a>> {
    let mut r = b.words();
    r.skip(1, "largest setup")?;
    let reserved = r.le16("reserved")?;
    let (total_parameters, total_data) = (r.le32("total parameters")?, r.le32("total data")?);
    r.skip(8, "largest answers")?;
    let parameters = (r.le32("parameter count")?, r.le32("parameter offset")?);
    let data = (r.le32("data count")?, r.le32("data offset")?);
    let setup_count = r.u8("setup count")?;
    let function = r.le16("function")?;
    Ok(Transaction {
        total_parameters,
        total_data,
        reserved: reserved.into(),
        parameters: b.part(parameters.1 as usize, parameters.0 as usize, "parameters")?,
        data: b.part(data.1 as usize, data.0 as usize, "data")?,
        data_at: data.1 as usize,
        setup_count,
        function,
        ..Transaction::default()
    })
}

/// NT_TRANSACT response: whether it is one of several and not the first.
pub fn nt_transacted(b: &Block<'_>) -> Read<bool> {
    let mut r = b.words();
    r.skip(3 + 8 + 8, "totals")?;
    let parameters = r.le32("displacement")?;
    r.skip(8, "data")?;
    Ok(parameters > 0 || r.le32("displacement")? > 0)
}

/// Data of a read or write: handle, offset, length, where the data is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range {
    pub file: u16,
    pub offset: u64,
    pub length: u32,
    pub data_at: usize,
}

/// READ and READ_ANDX request.
pub fn read(command: u8, b: &Block<'_>) -> Read<Range> {
    let mut r = b.words();
    if command == 0x0a {
        let (file, length) = (r.le16("file id")?, r.le16("count")?);
        return Ok(Range { file, offset: r.le32("offset")?.into(), length: length.into(), data_at: 0 });
    }
    r.skip(4, "AndX")?;
    let file = r.le16("file id")?;
    let low = r.le32("offset")?;
    let count = r.le16("count")?;
    r.skip(2, "smallest count")?;
    // a timeout for pipes, the upper half of the count for files of servers with large reads
    let high = r.le32("timeout")?;
    r.skip(2, "remaining")?;
    let upper = if b.count() >= 12 { r.le32("offset high")? } else { 0 };
    let high = if high < 0xffff { high } else { 0 };
    let offset = u64::from(upper) << 32 | u64::from(low);
    Ok(Range { file, offset, length: high << 16 | u32::from(count), data_at: 0 })
}

/// READ and READ_ANDX response: where the data is and how much.
pub fn read_done(command: u8, b: &Block<'_>) -> Read<(usize, u32)> {
    let mut r = b.words();
    if command == 0x0a {
        // a buffer: format 1, length 2
        return Ok((b.bytes_at + 3, r.le16("count")?.into()));
    }
    r.skip(10, "AndX and availability")?;
    let (length, at) = (r.le16("data length")?, r.le16("data offset")?);
    let high = r.le16("data length high").unwrap_or_default();
    Ok((at.into(), u32::from(high) << 16 | u32::from(length)))
}

/// WRITE and WRITE_ANDX request.
pub fn write(command: u8, b: &Block<'_>) -> Read<Range> {
    let mut r = b.words();
    if matches!(command, 0x0b | 0x2c) {
        let (file, length) = (r.le16("file id")?, r.le16("count")?);
        let offset = r.le32("offset")?.into();
        return Ok(Range { file, offset, length: length.into(), data_at: b.bytes_at + 3 });
    }
    r.skip(4, "AndX")?;
    let file = r.le16("file id")?;
    let low = r.le32("offset")?;
    r.skip(8, "timeout and mode")?;
    let high = r.le16("data length high")?;
    let (length, at) = (r.le16("data length")?, r.le16("data offset")?);
    let upper = if b.count() >= 14 { r.le32("offset high")? } else { 0 };
    let offset = u64::from(upper) << 32 | u64::from(low);
    Ok(Range { file, offset, length: u32::from(high) << 16 | u32::from(length), data_at: at.into() })
}
