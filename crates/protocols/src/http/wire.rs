//! Bytes to heads and pieces of bodies.

use std::net::{IpAddr, SocketAddr};
use super::meaning;
use crate::common::header::{self, Head, decimal, trim_end, words};

/// What a head begins.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Method, its code, target.
    Request { code: u32, target: &'a [u8] },
    /// Status.
    Response { status: u16 },
    /// HTTP/2 with prior knowledge.
    Preface,
}

/// Front of an HTTP/2 connection (RFC 9113, 3.4); the rest of the preface follows as a second "head".
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads a start line.
pub fn start(line: &[u8]) -> Option<Start<'_>> {
    let (first, second, third) = words(line)?;
    if is_version(first) {
        let status = decimal(second).filter(|_| second.len() == 3)?;
        return Some(Start::Response { status: u16::try_from(status).ok().filter(|s| (100..1000).contains(s))? });
    }
    if first == b"PRI" && third == b"HTTP/2.0" {
        return Some(Start::Preface);
    }
    if !is_version(third) || second.is_empty() || first.is_empty() || first.len() > 24 {
        return None;
    }
    if !first.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return None;
    }
    Some(Start::Request { code: meaning::method(first).unwrap_or(meaning::OTHER), target: second })
}

/// Whether a request's target names another machine than `server`, as a request to a proxy does (RFC 9112, 3.2.2).
pub fn is_elsewhere(target: &[u8], server: IpAddr) -> bool {
    let scheme = target.iter().position(|b| *b == b':').filter(|n| *n > 0);
    let Some(rest) = scheme.and_then(|n| target.get(n..)).and_then(|rest| rest.strip_prefix(b"://")) else {
        return false;
    };
    let host = rest.split(|b| matches!(b, b'/' | b'?' | b'#')).next().unwrap_or_default();
    // some clients repeat the server's own address
    let host = core::str::from_utf8(host).unwrap_or_default();
    let own = host.parse() == Ok(server) || host.parse::<SocketAddr>().is_ok_and(|a| a.ip() == server);
    !own
}

fn is_version(word: &[u8]) -> bool {
    matches!(word, [b'H', b'T', b'T', b'P', b'/', b'0' | b'1', b'.', minor] if minor.is_ascii_digit())
}

/// Whether bytes could be the front of a head that has not arrived whole.
pub fn may_begin(bytes: &[u8]) -> bool {
    let response = b"HTTP/1.";
    let n = bytes.len().min(response.len());
    bytes.get(..n) == response.get(..n) || meaning::may_be_method(bytes) || bytes.get(..4) == Some(b"PRI ")
}

/// Whether bytes are the front of a head beyond doubt of a few letters: a method with the space behind it, or a version.
pub fn begins(bytes: &[u8]) -> bool {
    let word = bytes.split(|b| *b == b' ').next().unwrap_or_default();
    bytes.starts_with(b"HTTP/1.") || word.len() < bytes.len() && meaning::method(word).is_some()
}

/// Whether bytes begin with a whole start line.
pub fn is_start(bytes: &[u8]) -> bool {
    let end = bytes.iter().take(4096).position(|b| *b == b'\n');
    let line = end.and_then(|end| bytes.get(..end)).map(trim_end);
    line.and_then(start).is_some()
}

/// How long the body behind a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// Everything until the connection ends.
    UntilClose,
    /// No length can be made out of what the head says.
    Broken,
}

/// The body of a message (RFC 9112, 6.3). `response`: without length it goes on until the connection ends.
pub fn body(head: &Head<'_>, response: bool) -> Body {
    let chunked = head.field("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().ends_with(b"chunked"));
    if chunked {
        return Body::Chunked;
    }
    match head.field("content-length") {
        Some(text) => match decimal(text) {
            Some(n) if n < 1 << 48 => Body::Length(n),
            _ => Body::Broken,
        },
        None if response => Body::UntilClose,
        None => Body::Length(0),
    }
}

/// A step through a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// A chunk of this many bytes, its line and its end included.
    Piece(usize),
    /// The last chunk's line; fields and an empty line follow.
    Last(usize),
    /// More bytes are needed.
    More,
    /// No chunk begins here.
    Broken,
}

/// Longest line of a chunk: size and extensions.
const MAX_CHUNK_LINE: usize = 1024;

/// Reads the line of a chunk.
pub fn chunk(bytes: &[u8]) -> Chunk {
    let Some(end) = bytes.iter().take(MAX_CHUNK_LINE).position(|b| *b == b'\n') else {
        let hex = bytes.first().is_none_or(u8::is_ascii_hexdigit);
        return if hex && bytes.len() < MAX_CHUNK_LINE { Chunk::More } else { Chunk::Broken };
    };
    let line = trim_end(bytes.get(..end).unwrap_or_default());
    let size = line.split(|b| matches!(b, b';' | b' ')).next().unwrap_or_default();
    let size = core::str::from_utf8(size).ok().and_then(|s| u64::from_str_radix(s, 16).ok()).filter(|n| *n < 1 << 48);
    match size {
        Some(0) => Chunk::Last(end + 1),
        Some(n) => Chunk::Piece(end + 1 + n as usize + 2),
        None => Chunk::Broken,
    }
}

/// The end of the fields behind the last chunk: bytes up to the empty line.
pub fn trailer(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().take(header::MAX_HEAD).position(|b| *b == b'\n')?;
    Some(end + 1)
}
