//! Capture files: pcapng (draft-ietf-opsawg-pcapng) and classic pcap, nanosecond stamps, Ethernet.

use super::Buf;
use std::io::{self, Write};

/// Which file format to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One section, one interface, enhanced packet blocks.
    PcapNg,
    /// The classic format with the nanosecond magic.
    Pcap,
}

/// A capture file being written, one frame at a time.
pub struct Writer<W: Write> {
    out: W,
    format: Format,
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = body.len().next_multiple_of(4) - body.len();
    let total = (12 + body.len() + padding) as u32;
    Buf(Vec::with_capacity(total as usize)).le32(kind).le32(total).put(body).zeros(padding).le32(total).done()
}

impl<W: Write> Writer<W> {
    /// Writes the file header. Errors are those of `out`.
    pub fn new(mut out: W, format: Format) -> io::Result<Writer<W>> {
        match format {
            Format::PcapNg => {
                let section = Buf::new().le32(0x1a2b_3c4d).le16(1).le16(0).le64(u64::MAX).done();
                out.write_all(&block(0x0a0d_0d0a, &section))?;
                // if_name "span0", if_tsresol 10^-9, end of options.
                let interface = Buf::new()
                    .le16(1)
                    .le16(0)
                    .le32(0)
                    .le16(2)
                    .le16(5)
                    .put(b"span0\0\0\0")
                    .le16(9)
                    .le16(1)
                    .put(&[9, 0, 0, 0])
                    .le32(0)
                    .done();
                out.write_all(&block(1, &interface))?;
            }
            Format::Pcap => {
                let head = Buf::new().le32(0xa1b2_3c4d).le16(2).le16(4).le32(0).le32(0).le32(262_144).le32(1).done();
                out.write_all(&head)?;
            }
        }
        Ok(Writer { out, format })
    }

    /// Appends a frame stamped `time` (ns since the Unix epoch). Errors are those of the output.
    pub fn frame(&mut self, time: i64, data: &[u8]) -> io::Result<()> {
        let (time, len) = (time as u64, data.len() as u32);
        match self.format {
            Format::PcapNg => {
                let body = Buf(Vec::with_capacity(20 + data.len()))
                    .le32(0)
                    .le32((time >> 32) as u32)
                    .le32(time as u32)
                    .le32(len)
                    .le32(len)
                    .put(data)
                    .done();
                self.out.write_all(&block(6, &body))
            }
            Format::Pcap => {
                let second = 1_000_000_000;
                let head =
                    Buf::new().le32((time / second) as u32).le32((time % second) as u32).le32(len).le32(len).done();
                self.out.write_all(&head)?;
                self.out.write_all(data)
            }
        }
    }

    /// Flushes and hands the output back. Errors are those of the output.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
