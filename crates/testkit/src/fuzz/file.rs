//! A capture file of any bytes: pcap, pcapng, either of them in gzip or Zstandard, or nothing of the kind.

use super::memory;
use std::io::{Cursor, Read};
use wire::decode::LinkType;
use wire::file::write::{Frame, PcapngWriter};
use wire::file::{CaptureReader, FileError};

/// A compressed file may grow without end; this much of it is read here.
const MOST: u64 = 1 << 20;
/// The reader's block (256 KiB) twice, the longest record (16 MiB) twice while a buffer grows; what a file announces
/// and does not hold costs nothing more.
const HELD: usize = 40 << 20;

/// One record, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    time: i64,
    link: LinkType,
    wire_len: u32,
    bytes: Vec<u8>,
}

/// Gives a few bytes at a time.
struct Slowly<R>(R, usize);

impl<R: Read> Read for Slowly<R> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let n = room.len().min(self.1);
        self.0.read(&mut room[..n])
    }
}

/// Takes compression off, as `bourdon` does.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let read = Cursor::new(bytes);
    let mut source: Box<dyn Read + '_> = match bytes {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(read)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => match zstd::Decoder::new(read) {
            Ok(decoder) => Box::new(decoder),
            Err(_) => return out,
        },
        _ => Box::new(read),
    };
    // what came before a broken place counts
    let _ = source.by_ref().take(MOST).read_to_end(&mut out);
    out
}

/// Runs an input under the laws.
pub fn run(bytes: &[u8]) -> Result<(), String> {
    let bytes = plain(bytes);
    let before = memory::held();
    let whole = records(&bytes[..], bytes.len())?;
    memory::check("the reader", before, HELD + 2 * bytes.len())?;
    for step in [1, 13] {
        if records(Slowly(&bytes[..], step), bytes.len())? != whole {
            return Err(format!("read in steps of {step} it says something else"));
        }
    }
    written_again(&whole.0)
}

type Content = (Vec<Owned>, Vec<FileError>);

fn records(read: impl Read, len: usize) -> Result<Content, String> {
    let mut content: Content = (Vec::new(), Vec::new());
    let mut reader = match CaptureReader::new(read) {
        Ok(reader) => reader,
        Err(e) => {
            content.1.push(e);
            return Ok(content);
        }
    };
    let (mut total, mut over) = (0, false);
    while let Some(record) = reader.next() {
        if over {
            return Err("something follows the end".to_string());
        }
        match record {
            Ok(r) => {
                total += r.bytes.len();
                content.0.push(Owned { time: r.time, link: r.link, wire_len: r.wire_len, bytes: r.bytes.to_vec() });
                if r.number != content.0.len() as u64 || r.bytes.len() > r.wire_len as usize || total > len {
                    return Err(format!("record {r:?} is number {}, {total} of {len} bytes", content.0.len()));
                }
            }
            Err(e) => {
                over = !e.recoverable;
                content.1.push(e);
                if e.offset > len as u64 || content.1.len() > len {
                    return Err(format!("error {} of a file of {len} bytes: {e}", content.1.len()));
                }
            }
        }
    }
    if reader.next().is_some() {
        return Err("after the end comes something".to_string());
    }
    // the text of an error is made for people: it must come out whatever the bytes
    content.1.iter().for_each(|e| drop(e.to_string()));
    Ok(content)
}

/// What was read and is written reads the same.
fn written_again(records: &[Owned]) -> Result<(), String> {
    let mut writer = PcapngWriter::new(Vec::new(), "test", None).map_err(|e| e.to_string())?;
    for r in records {
        let Owned { time, link, wire_len, ref bytes } = *r;
        writer.write(&Frame { time, link, wire_len, bytes, comment: None }).map_err(|e| e.to_string())?;
    }
    let file = writer.finish().map_err(|e| e.to_string())?;
    let (again, errors) = self::records(&file[..], file.len())?;
    let since_1970 = |r: &Owned| Owned { time: r.time.max(0), ..r.clone() };
    match errors.is_empty() && again.iter().eq(records.iter().map(since_1970).collect::<Vec<_>>().iter()) {
        true => Ok(()),
        false => Err(format!("written and read again: {} records of {}, {errors:?}", again.len(), records.len())),
    }
}
