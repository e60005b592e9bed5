//! Writing capture files: pcapng for evidence, with comments; classic pcap for tools that read nothing else.

use crate::decode::LinkType;
use std::io::{self, Write};

/// One frame to write.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Nanoseconds since the Unix epoch.
    pub time: i64,
    /// First header of the frame.
    pub link: LinkType,
    /// Length on the wire in bytes.
    pub wire_len: u32,
    /// What was captured.
    pub bytes: &'a [u8],
    /// Why the frame is here; pcapng only.
    pub comment: Option<&'a str>,
}

/// Writes pcapng: one section, one interface per link type, nanosecond times, little-endian.
#[derive(Debug)]
pub struct PcapngWriter<W> {
    write: W,
    interfaces: Vec<LinkType>,
    scratch: Vec<u8>,
}

impl<W: Write> PcapngWriter<W> {
    /// Writes the section header, naming the `application`, with a `comment` where there is something to say.
    pub fn new(mut write: W, application: &str, comment: Option<&str>) -> io::Result<Self> {
        let mut body = Vec::new();
        body.extend_from_slice(&0x1a2b_3c4du32.to_le_bytes());
        body.extend_from_slice(&1u16.to_le_bytes());
        body.extend_from_slice(&0u16.to_le_bytes());
        // Length of the section: not known yet.
        body.extend_from_slice(&u64::MAX.to_le_bytes());
        if let Some(comment) = comment {
            option(&mut body, 1, comment.as_bytes());
        }
        option(&mut body, 4, application.as_bytes());
        end_options(&mut body);
        block(&mut write, 0x0a0d_0d0a, &body)?;
        Ok(PcapngWriter { write, interfaces: Vec::new(), scratch: body })
    }

    /// Writes one frame, and its interface before it where the link type is new. Times before 1970 become 1970.
    pub fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let interface = match self.interfaces.iter().position(|link| *link == frame.link) {
            Some(known) => known,
            None => {
                self.interface(frame.link)?;
                self.interfaces.push(frame.link);
                self.interfaces.len() - 1
            }
        };
        let time = u64::try_from(frame.time).unwrap_or(0);
        let captured = length(frame.bytes)?;
        let body = &mut self.scratch;
        body.clear();
        for field in [interface as u32, (time >> 32) as u32, time as u32, captured, frame.wire_len.max(captured)] {
            body.extend_from_slice(&field.to_le_bytes());
        }
        body.extend_from_slice(frame.bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        if let Some(comment) = frame.comment {
            option(body, 1, comment.as_bytes());
            end_options(body);
        }
        block(&mut self.write, 6, body)
    }

    fn interface(&mut self, link: LinkType) -> io::Result<()> {
        let body = &mut self.scratch;
        body.clear();
        body.extend_from_slice(&link.dlt().to_le_bytes());
        body.extend_from_slice(&[0; 6]);
        // Time in units of ten to the minus nine seconds.
        option(body, 9, &[9]);
        end_options(body);
        block(&mut self.write, 1, body)
    }

    /// Flushes and hands the destination back.
    pub fn finish(mut self) -> io::Result<W> {
        self.write.flush()?;
        Ok(self.write)
    }
}

/// Writes classic pcap: one link type, nanosecond times, little-endian.
#[derive(Debug)]
pub struct PcapWriter<W> {
    write: W,
    link: LinkType,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the file header.
    pub fn new(mut write: W, link: LinkType) -> io::Result<Self> {
        let mut head = Vec::with_capacity(24);
        head.extend_from_slice(&0xa1b2_3c4du32.to_le_bytes());
        head.extend_from_slice(&2u16.to_le_bytes());
        head.extend_from_slice(&4u16.to_le_bytes());
        head.extend_from_slice(&[0; 8]);
        head.extend_from_slice(&262_144u32.to_le_bytes());
        head.extend_from_slice(&u32::from(link.dlt()).to_le_bytes());
        write.write_all(&head)?;
        Ok(PcapWriter { write, link })
    }

    /// Writes one frame. Fails with `InvalidInput` when its link type is another than the file's.
    pub fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        if frame.link != self.link {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a pcap file has one link type"));
        }
        let time = u64::try_from(frame.time).unwrap_or(0);
        let seconds = u32::try_from(time / 1_000_000_000).unwrap_or(u32::MAX);
        let captured = length(frame.bytes)?;
        let mut head = Vec::with_capacity(16);
        for field in [seconds, (time % 1_000_000_000) as u32, captured, frame.wire_len.max(captured)] {
            head.extend_from_slice(&field.to_le_bytes());
        }
        self.write.write_all(&head)?;
        self.write.write_all(frame.bytes)
    }

    /// Flushes and hands the destination back.
    pub fn finish(mut self) -> io::Result<W> {
        self.write.flush()?;
        Ok(self.write)
    }
}

/// The captured length; what no reader would believe is refused.
fn length(bytes: &[u8]) -> io::Result<u32> {
    match u32::try_from(bytes.len()) {
        Ok(len) if len <= super::pcap::MAX_RECORD => Ok(len),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "the frame is too long for a capture file")),
    }
}

/// An option; longer text than an option holds is cut at a character.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let mut len = value.len().min(usize::from(u16::MAX));
    while len < value.len() && value.get(len).is_some_and(|b| b & 0xc0 == 0x80) {
        len -= 1;
    }
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(len as u16).to_le_bytes());
    body.extend_from_slice(value.get(..len).unwrap_or_default());
    body.resize(body.len().next_multiple_of(4), 0);
}

fn end_options(body: &mut Vec<u8>) {
    body.extend_from_slice(&[0; 4]);
}

fn block(write: &mut impl Write, kind: u32, body: &[u8]) -> io::Result<()> {
    let len = (body.len() as u32).saturating_add(12).to_le_bytes();
    write.write_all(&kind.to_le_bytes())?;
    write.write_all(&len)?;
    write.write_all(body)?;
    write.write_all(&len)
}
