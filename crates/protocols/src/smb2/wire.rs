//! Bytes to message. Stateless. Everything is little-endian; offsets count from the start of the message's header.
//!
//! ```text
//! | 0xfe "SMB" | size 2 = 64 | credit charge 2 | status 4 | command 2 | credits 2 | flags 4 | next 4 | message id 8 |
//! | reserved 4, tree id 4, or: async id 8 | session id 8 | signature 16 | body …            ([MS-SMB2] 2.2.1)
//!   next: where the next message of a compound begins, 0 for the last
//! | 0xfd "SMB" | signature 16 | nonce 16 | original size 4 | reserved 2 | flags 2 | session id 8 | encrypted …
//! | 0xfc "SMB" | original size 4 | algorithm 2 | flags 2 | offset or length 4 | compressed …
//! ```

use crate::common::windows::Guid;
use wire::{Malformed, Read, Reader};

/// Bytes of the header.
pub const HEADER: usize = 64;
/// The message answers.
pub const RESPONSE: u32 = 0x1;
/// The answer comes later, or is late: no tree id.
pub const ASYNC: u32 = 0x2;
/// Message id of what a server says unasked.
pub const UNSOLICITED: u64 = u64::MAX;
/// A handle that stands for the one of the message before.
pub const SAME: FileId = (u64::MAX, u64::MAX);

/// Persistent and volatile part.
pub type FileId = (u64, u64);

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub status: u32,
    pub command: u16,
    pub flags: u32,
    pub next: usize,
    pub message: u64,
    /// 0 where the message has an async id instead.
    pub tree: u32,
    pub session: u64,
}

impl Header {
    /// The message answers.
    pub fn is_response(&self) -> bool {
        self.flags & RESPONSE != 0
    }
}

/// Reads a header.
pub fn header(bytes: &[u8]) -> Read<Header> {
    let mut r = Reader::new(bytes);
    if r.array::<4>("protocol id")? != [0xfe, b'S', b'M', b'B'] {
        return Err(Malformed::invalid("protocol id", 0));
    }
    if r.le16("structure size")? != 64 {
        return Err(Malformed::invalid("structure size", 4));
    }
    r.skip(2, "credit charge")?;
    let status = r.le32("status")?;
    let command = r.le16("command")?;
    r.skip(2, "credits")?;
    let flags = r.le32("flags")?;
    let next = r.le32("next command")? as usize;
    let message = r.le64("message id")?;
    r.skip(4, "reserved")?;
    let tree = r.le32("tree id")?;
    let session = r.le64("session id")?;
    r.skip(16, "signature")?;
    if next != 0 && (next < HEADER || !next.is_multiple_of(8)) {
        return Err(Malformed::invalid("next command", 20));
    }
    let tree = if flags & ASYNC != 0 { 0 } else { tree };
    Ok(Header { status, command, flags, next, message, tree, session })
}

/// The part of a message that an offset and a length name; empty where the length is 0.
pub fn part<'a>(message: &'a [u8], offset: usize, length: usize, what: &'static str) -> Read<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    message.get(offset..offset.saturating_add(length)).ok_or(Malformed::truncated(what, offset))
}

/// The same, as much of it as is here: the data of long reads and writes comes in pieces.
pub fn front(message: &[u8], offset: usize, length: usize) -> &[u8] {
    let rest = message.get(offset..).unwrap_or_default();
    rest.get(..length).unwrap_or(rest)
}

/// The body behind the header, with its structure size checked.
pub fn body<'a>(message: &'a [u8], size: u16) -> Read<Reader<'a>> {
    let mut r = Reader::new(message);
    r.skip(HEADER, "header")?;
    if r.le16("structure size")? != size {
        return Err(Malformed::invalid("structure size", HEADER));
    }
    Ok(r)
}

fn file_id(r: &mut Reader<'_>) -> Read<FileId> {
    Ok((r.le64("file id")?, r.le64("file id")?))
}

/// What both sides say when they negotiate.
#[derive(Clone, Debug)]
pub struct Negotiation<'a> {
    /// Offered, or the one chosen.
    pub dialects: Vec<u16>,
    pub security_mode: u16,
    pub capabilities: u32,
    pub guid: Guid,
    /// FILETIME of the server's clock and of its start; 0 in requests.
    pub times: [u64; 2],
    pub token: &'a [u8],
    pub contexts: Vec<Context<'a>>,
}

/// A negotiate context (3.1.1).
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub kind: u16,
    pub data: &'a [u8],
}

/// Most dialects and contexts read; the standard has six and eight.
const MAX_LIST: usize = 32;

/// NEGOTIATE request (2.2.3).
pub fn negotiate_request(message: &[u8]) -> Read<Negotiation<'_>> {
    let mut r = body(message, 36)?;
    let count = r.le16("dialect count")?;
    let security_mode = r.le16("security mode")?;
    r.skip(2, "reserved")?;
    let capabilities = r.le32("capabilities")?;
    let guid = Guid(r.array("client guid")?);
    let offset = r.le32("negotiate context offset")?;
    let contexts = r.le16("negotiate context count")?;
    r.skip(2, "reserved")?;
    let mut dialects = Vec::new();
    for _ in 0..usize::from(count).min(MAX_LIST) {
        dialects.push(r.le16("dialect")?);
    }
    // the same eight bytes are a time in older dialects
    let contexts = if dialects.contains(&0x0311) { contexts_of(message, offset, contexts)? } else { Vec::new() };
    let times = [0; 2];
    Ok(Negotiation { dialects, security_mode, capabilities, guid, times, token: &[], contexts })
}

/// NEGOTIATE response (2.2.4).
pub fn negotiate_response(message: &[u8]) -> Read<Negotiation<'_>> {
    let mut r = body(message, 65)?;
    let security_mode = r.le16("security mode")?;
    let dialect = r.le16("dialect")?;
    let contexts = r.le16("negotiate context count")?;
    let guid = Guid(r.array("server guid")?);
    let capabilities = r.le32("capabilities")?;
    r.skip(12, "largest sizes")?;
    let times = [r.le64("system time")?, r.le64("server start time")?];
    let (at, length) = (r.le16("security buffer offset")?, r.le16("security buffer length")?);
    let offset = r.le32("negotiate context offset")?;
    let token = part(message, at.into(), length.into(), "security buffer")?;
    let contexts = if dialect == 0x0311 { contexts_of(message, offset, contexts)? } else { Vec::new() };
    Ok(Negotiation { dialects: vec![dialect], security_mode, capabilities, guid, times, token, contexts })
}

fn contexts_of(message: &[u8], offset: u32, count: u16) -> Read<Vec<Context<'_>>> {
    let mut list = Vec::new();
    let mut at = offset as usize;
    for _ in 0..usize::from(count).min(MAX_LIST) {
        let mut r = Reader::new(message);
        r.skip(at, "negotiate context")?;
        let kind = r.le16("context type")?;
        let length = usize::from(r.le16("context length")?);
        r.skip(4, "reserved")?;
        list.push(Context { kind, data: r.take(length, "context data")? });
        // each begins at a multiple of eight
        at = r.offset().next_multiple_of(8);
    }
    Ok(list)
}

/// SESSION_SETUP (2.2.5, 2.2.6): flags and token.
pub fn session_setup(message: &[u8], response: bool) -> Read<(u16, u8, &[u8])> {
    if response {
        let mut r = body(message, 9)?;
        let flags = r.le16("session flags")?;
        let (at, length) = (r.le16("security buffer offset")?, r.le16("security buffer length")?);
        return Ok((flags, 0, part(message, at.into(), length.into(), "security buffer")?));
    }
    let mut r = body(message, 25)?;
    let flags = r.u8("flags")?;
    let security_mode = r.u8("security mode")?;
    r.skip(8, "capabilities and channel")?;
    let (at, length) = (r.le16("security buffer offset")?, r.le16("security buffer length")?);
    Ok((flags.into(), security_mode, part(message, at.into(), length.into(), "security buffer")?))
}

/// TREE_CONNECT request (2.2.9): the path, UTF-16.
pub fn tree_connect(message: &[u8]) -> Read<&[u8]> {
    let mut r = body(message, 9)?;
    r.skip(2, "flags")?;
    let (at, length) = (r.le16("path offset")?, r.le16("path length")?);
    part(message, at.into(), length.into(), "path")
}

/// TREE_CONNECT response (2.2.10): share type, flags, capabilities, largest access.
pub fn tree_connected(message: &[u8]) -> Read<(u8, u32, u32, u32)> {
    let mut r = body(message, 16)?;
    let kind = r.u8("share type")?;
    r.skip(1, "reserved")?;
    Ok((kind, r.le32("share flags")?, r.le32("share capabilities")?, r.le32("maximal access")?))
}

/// CREATE request (2.2.13).
#[derive(Clone, Copy, Debug)]
pub struct Create<'a> {
    pub access: u32,
    pub disposition: u32,
    pub options: u32,
    /// UTF-16, without the share.
    pub name: &'a [u8],
}

/// Reads a CREATE request.
pub fn create(message: &[u8]) -> Read<Create<'_>> {
    let mut r = body(message, 57)?;
    r.skip(22, "oplock level and flags")?;
    let access = r.le32("desired access")?;
    r.skip(8, "attributes and share access")?;
    let disposition = r.le32("create disposition")?;
    let options = r.le32("create options")?;
    let (at, length) = (r.le16("name offset")?, r.le16("name length")?);
    let name = part(message, at.into(), length.into(), "name")?;
    Ok(Create { access, disposition, options, name })
}

/// CREATE response (2.2.14).
#[derive(Clone, Copy, Debug)]
pub struct Created {
    pub action: u32,
    pub size: u64,
    pub attributes: u32,
    pub file: FileId,
}

/// Reads a CREATE response.
pub fn created(message: &[u8]) -> Read<Created> {
    let mut r = body(message, 89)?;
    r.skip(2, "oplock level and flags")?;
    let action = r.le32("create action")?;
    r.skip(32, "times")?;
    r.skip(8, "allocation size")?;
    let size = r.le64("end of file")?;
    let attributes = r.le32("file attributes")?;
    r.skip(4, "reserved")?;
    Ok(Created { action, size, attributes, file: file_id(&mut r)? })
}

/// READ request (2.2.19) and WRITE request (2.2.21): handle, offset, length, where the data is.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub file: FileId,
    pub offset: u64,
    pub length: u32,
    pub data_at: u16,
}

/// Reads a READ request.
pub fn read(message: &[u8]) -> Read<Range> {
    let mut r = body(message, 49)?;
    r.skip(2, "padding and flags")?;
    let length = r.le32("length")?;
    let offset = r.le64("offset")?;
    Ok(Range { file: file_id(&mut r)?, offset, length, data_at: 0 })
}

/// Reads a WRITE request.
pub fn write(message: &[u8]) -> Read<Range> {
    let mut r = body(message, 49)?;
    let data_at = r.le16("data offset")?;
    let length = r.le32("length")?;
    let offset = r.le64("offset")?;
    Ok(Range { file: file_id(&mut r)?, offset, length, data_at })
}

/// READ response (2.2.20): where the data is and how much.
pub fn read_done(message: &[u8]) -> Read<(usize, u32)> {
    let mut r = body(message, 17)?;
    let at = r.u8("data offset")?;
    r.skip(1, "reserved")?;
    Ok((at.into(), r.le32("data length")?))
}

/// IOCTL (2.2.31, 2.2.32): code, handle, the data of this direction.
#[derive(Clone, Copy, Debug)]
pub struct Ioctl<'a> {
    pub code: u32,
    pub file: FileId,
    pub data_at: usize,
    pub data: &'a [u8],
}

/// Reads an IOCTL request or response.
pub fn ioctl(message: &[u8], response: bool) -> Read<Ioctl<'_>> {
    let mut r = body(message, if response { 49 } else { 57 })?;
    r.skip(2, "reserved")?;
    let code = r.le32("control code")?;
    let file = file_id(&mut r)?;
    let input = (r.le32("input offset")? as usize, r.le32("input count")? as usize);
    if !response {
        r.skip(4, "largest input response")?;
    }
    let output = (r.le32("output offset")? as usize, r.le32("output count")? as usize);
    let (data_at, length) = if response { output } else { input };
    Ok(Ioctl { code, file, data_at, data: part(message, data_at, length, "data")? })
}

/// The handle of CLOSE (2.2.15), FLUSH (2.2.17), LOCK (2.2.26), CHANGE_NOTIFY (2.2.35) and OPLOCK_BREAK (2.2.23)
/// requests: structure size and bytes before it.
pub fn handle(message: &[u8], size: u16, before: usize) -> Read<FileId> {
    let mut r = body(message, size)?;
    r.skip(before, "flags")?;
    file_id(&mut r)
}

/// QUERY_DIRECTORY request (2.2.33): information class, handle, pattern (UTF-16).
pub fn query_directory(message: &[u8]) -> Read<(u8, FileId, &[u8])> {
    let mut r = body(message, 33)?;
    let class = r.u8("information class")?;
    r.skip(5, "flags and index")?;
    let file = file_id(&mut r)?;
    let (at, length) = (r.le16("name offset")?, r.le16("name length")?);
    Ok((class, file, part(message, at.into(), length.into(), "pattern")?))
}

/// QUERY_INFO request (2.2.37): information type and class, handle.
pub fn query_info(message: &[u8]) -> Read<(u8, u8, FileId)> {
    let mut r = body(message, 41)?;
    let (kind, class) = (r.u8("information type")?, r.u8("information class")?);
    r.skip(20, "buffer and flags")?;
    Ok((kind, class, file_id(&mut r)?))
}

/// SET_INFO request (2.2.39): information type and class, handle, data.
pub fn set_info(message: &[u8]) -> Read<(u8, u8, FileId, &[u8])> {
    let mut r = body(message, 33)?;
    let (kind, class) = (r.u8("information type")?, r.u8("information class")?);
    let length = r.le32("buffer length")? as usize;
    let at = usize::from(r.le16("buffer offset")?);
    r.skip(6, "additional information")?;
    Ok((kind, class, file_id(&mut r)?, part(message, at, length, "buffer")?))
}

/// TRANSFORM_HEADER (2.2.41): session and size before encryption.
pub fn transform(bytes: &[u8]) -> Read<(u64, u32)> {
    let mut r = Reader::new(bytes);
    r.skip(36, "signature and nonce")?;
    let size = r.le32("original message size")?;
    r.skip(4, "flags")?;
    Ok((r.le64("session id")?, size))
}

/// COMPRESSION_TRANSFORM_HEADER (2.2.42): original size, algorithm, flags, offset or length.
pub fn compression(bytes: &[u8]) -> Read<(u32, u16, u16, u32)> {
    let mut r = Reader::new(bytes);
    r.skip(4, "protocol id")?;
    Ok((r.le32("original size")?, r.le16("algorithm")?, r.le16("flags")?, r.le32("offset")?))
}
