//! Makes a large capture from small ones: each is replayed many times with other addresses and client ports, many
//! replays at the same time, merged by time, so that packets that follow each other belong to different flows. The
//! same sources and numbers give the same bytes.

use crate::corpus;
use crate::plant::Plant;
use crate::plant::sim::HOUR;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use wire::decode::LinkType;
use wire::file::CaptureReader;

/// Frames taken of one source; long captures must not crowd out the others.
const MAX_FRAMES: usize = 2_000;
/// Longest pause kept inside a replay, in nanoseconds.
const MAX_PAUSE: i64 = 1_000_000_000;
/// 2 March 2026, 06:00 UTC.
const START: i64 = 1_772_431_200_000_000_000;

/// The captures used where they are there, and how many of hundred replays each folder gets.
const MIX: &[(&str, usize)] =
    &[("modbus", 25), ("dnp3", 20), ("enip-cip", 20), ("s7comm", 15), ("bacnet", 10), ("iec104", 10)];

/// One small capture: time since its begin, bytes.
pub struct Source {
    frames: Vec<(i64, Vec<u8>)>,
    share: usize,
}

/// What a woven capture should be like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Packets in all.
    pub packets: usize,
    /// Replays at the same time.
    pub at_once: usize,
    /// Frames kept of each replay; fewer make more flows.
    pub cut: usize,
    /// Sets of addresses.
    pub sites: u32,
}

/// The sources: the corpus beside the project, else the simulated water works.
pub fn sources() -> io::Result<(Vec<Source>, &'static str)> {
    let mut all = Vec::new();
    for (folder, share) in MIX {
        let captures = if corpus::folder().is_some() { corpus::captures(Some(folder)) } else { Vec::new() };
        let mut found: Vec<Source> = captures.iter().filter_map(|path| read(path).ok().flatten()).collect();
        let each = (share * 10).div_ceil(found.len().max(1));
        found.iter_mut().for_each(|source| source.share = each);
        all.extend(found);
    }
    if !all.is_empty() {
        return Ok((all, "captures beside the project"));
    }
    for seed in 1..=4 {
        all.push(plant(seed, HOUR / 60)?);
    }
    Ok((all, "simulated water works"))
}

/// A few minutes of the simulated water works.
pub fn plant(seed: u64, duration: i64) -> io::Result<Source> {
    let plant = Plant { seed, size: 1, start: START, duration, scenarios: Vec::new() };
    let mut frames = Vec::new();
    plant.run(|time, bytes| {
        frames.push((time - START, bytes.to_vec()));
        Ok(())
    })?;
    Ok(Source { frames, share: 1 })
}

fn read(path: &Path) -> io::Result<Option<Source>> {
    let Ok(mut reader) = CaptureReader::new(File::open(path)?) else { return Ok(None) };
    let mut frames: Vec<(i64, Vec<u8>)> = Vec::new();
    let mut first = None;
    while let Some(Ok(record)) = reader.next() {
        if record.link != LinkType::Ethernet || frames.len() >= MAX_FRAMES {
            break;
        }
        let begin = *first.get_or_insert(record.time);
        frames.push(((record.time - begin).max(0), record.bytes.to_vec()));
    }
    // a handful of packets would only measure how flows begin and end
    Ok((frames.len() >= 20).then_some(Source { frames, share: 1 }))
}

/// One replay under way.
struct Replay {
    source: usize,
    number: u32,
    next: usize,
    last: i64,
}

/// Weaves the sources into a capture file. Returns the number of packets.
pub fn weave(sources: &[Source], shape: Shape, to: &Path) -> io::Result<usize> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(to)?);
    // classic, microseconds: every program reads it
    for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 262_144, 1] {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut chance = Chance(1);
    let line: Vec<usize> = sources.iter().enumerate().flat_map(|(i, s)| vec![i; s.share]).collect();
    let mut replays: Vec<Replay> = Vec::new();
    let mut queue: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    for slot in 0..shape.at_once {
        let source = line[chance.below(line.len())];
        replays.push(Replay { source, number: slot as u32, next: 0, last: 0 });
        queue.push(Reverse((chance.below(5_000_000_000) as i64, slot)));
    }
    let mut begun = shape.at_once as u32;
    let mut written = 0;
    let mut frame = Vec::new();
    while let Some(Reverse((time, slot))) = queue.pop() {
        if written >= shape.packets {
            break;
        }
        let replay = &mut replays[slot];
        let source = &sources[replay.source];
        let (at, bytes) = &source.frames[replay.next];
        frame.clear();
        frame.extend_from_slice(bytes);
        rewrite(&mut frame, replay.source as u32, replay.number, shape.sites);
        let (micros, len) = ((START + time) / 1_000, frame.len() as u32);
        for word in [(micros / 1_000_000) as u32, (micros % 1_000_000) as u32, len, len] {
            out.write_all(&word.to_le_bytes())?;
        }
        out.write_all(&frame)?;
        written += 1;
        replay.last = *at;
        replay.next += 1;
        let pause = match source.frames.get(replay.next).filter(|_| replay.next < shape.cut) {
            Some((then, _)) => (then - replay.last).clamp(1_000, MAX_PAUSE),
            None => {
                *replay = Replay { source: line[chance.below(line.len())], number: begun, next: 0, last: 0 };
                begun += 1;
                chance.below(100_000_000) as i64 + 1_000
            }
        };
        queue.push(Reverse((time + pause, slot)));
    }
    out.flush()?;
    Ok(written)
}

/// Numbers that look random and are the same on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

/// Other addresses for the site, another client port for the replay, check sums repaired.
fn rewrite(frame: &mut [u8], source: u32, replay: u32, sites: u32) {
    let site = replay % sites.max(1);
    for mac in [0, 6] {
        if frame.get(mac).is_some_and(|first| first & 1 == 0) {
            frame[mac + 3] ^= source as u8;
            frame[mac + 4] ^= site as u8;
            frame[mac + 5] ^= (site >> 8) as u8;
        }
    }
    let Some(kind) = frame.get(12..14).map(|k| u16::from_be_bytes([k[0], k[1]])) else { return };
    let (at, kind) = match kind {
        0x8100 if frame.len() > 18 => (18, u16::from_be_bytes([frame[16], frame[17]])),
        kind => (14, kind),
    };
    if kind == 0x0806 && frame.len() >= at + 28 {
        for place in [at + 14, at + 24] {
            address(frame, place, source, site);
        }
    }
    if kind == 0x0800 && frame.len() >= at + 20 {
        let header = usize::from(frame[at] & 15) * 4;
        let first = u16::from_be_bytes([frame[at + 6], frame[at + 7]]) & 0x1fff == 0;
        let mut change = address(frame, at + 12, source, site) + address(frame, at + 16, source, site);
        mend(frame, at + 10, change);
        let ports = at + header;
        let sum = match frame[at + 9] {
            6 if first && frame.len() >= ports + 20 => ports + 16,
            17 if first && frame.len() >= ports + 8 => ports + 6,
            _ => return,
        };
        let (a, b) = (word(frame, ports), word(frame, ports + 2));
        if a != b {
            let client = if a > b { ports } else { ports + 2 };
            let old = word(frame, client);
            let new =
                10_000 + (u32::from(old).wrapping_mul(31).wrapping_add(replay.wrapping_mul(7_919)) % 50_000) as u16;
            frame[client..client + 2].copy_from_slice(&new.to_be_bytes());
            change += u64::from(!old) + u64::from(new);
        }
        if sum != ports + 6 || word(frame, sum) != 0 {
            mend(frame, sum, change);
        }
    }
}

fn word(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

/// Moves an address to the site. Returns what it adds to a check sum (RFC 1624).
fn address(frame: &mut [u8], at: usize, source: u32, site: u32) -> u64 {
    let old = [word(frame, at), word(frame, at + 2)];
    let [a, b, c, d] = [frame[at], frame[at + 1], frame[at + 2], frame[at + 3]];
    if a >= 224 || a == 0 || (a, b, c, d) == (255, 255, 255, 255) {
        return 0;
    }
    frame[at] = 10;
    frame[at + 1] = b ^ (site as u8).wrapping_add(1);
    frame[at + 2] = c ^ (source as u8) ^ (site >> 8) as u8;
    let new = [word(frame, at), word(frame, at + 2)];
    old.iter().map(|w| u64::from(!w)).sum::<u64>() + new.iter().map(|w| u64::from(*w)).sum::<u64>()
}

/// Adds a change to a check sum.
fn mend(frame: &mut [u8], at: usize, change: u64) {
    let mut sum = u64::from(!word(frame, at)) + change;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    frame[at..at + 2].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_every_time_and_check_sums_hold() {
        let folder = std::env::temp_dir().join(format!("bourdon-weave-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let sources = [plant(1, HOUR / 360).unwrap(), plant(2, HOUR / 360).unwrap()];
        let shape = Shape { packets: 3_000, at_once: 8, cut: 500, sites: 3 };
        let [one, two] = ["one.pcap", "two.pcap"].map(|name| folder.join(name));
        assert_eq!(weave(&sources, shape, &one).unwrap(), 3_000);
        weave(&sources, shape, &two).unwrap();
        let bytes = std::fs::read(&one).unwrap();
        assert!(bytes == std::fs::read(&two).unwrap());
        let mut reader = CaptureReader::new(File::open(&one).unwrap()).unwrap();
        let mut seen = 0;
        while let Some(record) = reader.next() {
            let bytes = record.unwrap().bytes.to_vec();
            let at = if bytes[12..14] == [0x81, 0] { 18 } else { 14 };
            if bytes[at - 2..at] == [8, 0] {
                let sum: u32 = bytes[at..at + 20].chunks(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum();
                assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff, "IPv4 header");
                seen += 1;
            }
        }
        assert!(seen > 1_000);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
