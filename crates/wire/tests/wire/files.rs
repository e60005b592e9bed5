//! Capture files: made by hand, written and read back, cut and broken.

use std::io::Read;
use wire::decode::LinkType;
use wire::file::write::{Frame, PcapWriter, PcapngWriter};
use wire::file::{Block, BlockReader, CaptureReader, FileError, Reason};

const TIME: i64 = 1_700_000_000_123_456_789;

/// What is compared of a record.
type Row = (i64, LinkType, u32, Vec<u8>, u32, bool);

fn rows(file: impl Read) -> (Vec<Row>, Vec<FileError>, wire::file::About) {
    let mut reader = CaptureReader::new(file).expect("a capture file");
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    while let Some(record) = reader.next() {
        match record {
            Ok(r) => rows.push((r.time, r.link, r.wire_len, r.bytes.to_vec(), r.interface, r.comment)),
            Err(e) => errors.push(e),
        }
    }
    (rows, errors, reader.about().clone())
}

/// Gives a few bytes at a time, as a pipe does.
struct Slowly<'a>(&'a [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(to.len()).min(self.0.len());
        to[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

fn frame(time: i64, link: LinkType, bytes: &[u8]) -> Frame<'_> {
    Frame { time, link, wire_len: bytes.len() as u32, bytes, comment: None }
}

/// Three frames as classic pcap.
pub fn pcap() -> Vec<u8> {
    let mut writer = PcapWriter::new(Vec::new(), LinkType::Ethernet).expect("writes to memory");
    for n in 0..3 {
        writer.write(&frame(TIME + n, LinkType::Ethernet, &[n as u8; 61])).expect("writes to memory");
    }
    writer.finish().expect("writes to memory")
}

/// Frames of two link types, one with a comment, as pcapng.
pub fn pcapng() -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new(), "test", Some("evidence")).expect("writes to memory");
    let noted = Frame { comment: Some("alert 7"), wire_len: 1500, ..frame(TIME + 1, LinkType::RawIp, &[1; 5]) };
    for f in [frame(TIME, LinkType::Ethernet, &[0; 60]), noted, frame(TIME + 2, LinkType::Ethernet, &[2; 3])] {
        writer.write(&f).expect("writes to memory");
    }
    writer.finish().expect("writes to memory")
}

#[test]
fn written_and_read_back() {
    let (got, errors, about) = rows(&pcapng()[..]);
    assert_eq!(errors, []);
    let want = [
        (TIME, LinkType::Ethernet, 60, vec![0; 60], 0, false),
        (TIME + 1, LinkType::RawIp, 1500, vec![1; 5], 1, true),
        (TIME + 2, LinkType::Ethernet, 3, vec![2; 3], 0, false),
    ];
    assert_eq!(got, want);
    assert_eq!(about.comments, [(2, "alert 7".to_owned())]);
    assert_eq!(about.sections[0].application.as_deref(), Some("test"));
    assert_eq!(about.sections[0].comments, ["evidence"]);
    let (got, errors, about) = rows(&pcap()[..]);
    assert_eq!((got.len(), got[2].0, &got[2].3, errors), (3, TIME + 2, &vec![2; 61], vec![]));
    assert_eq!((about.format, about.interfaces[0].link), ("pcap", LinkType::Ethernet));
    let mut writer = PcapWriter::new(Vec::new(), LinkType::RawIp).expect("writes to memory");
    assert!(writer.write(&frame(0, LinkType::Ethernet, &[])).is_err());
}

#[test]
fn any_piece_size_gives_the_same_records() {
    for file in [pcap(), pcapng()] {
        let whole = rows(&file[..]);
        for size in [1, 2, 7, 16, 25, 1000] {
            let pieces = rows(Slowly(&file, size));
            assert_eq!((&pieces.0, &pieces.1, &pieces.2), (&whole.0, &whole.1, &whole.2));
        }
    }
}

#[test]
fn every_cut_delivers_what_was_before_it() {
    for (file, first, ends) in [(pcap(), 24, vec![101, 178, 255]), (pcapng(), 28, vec![])] {
        let whole = rows(&file[..]).0;
        for cut in first..file.len() {
            let (got, errors, _) = rows(&file[..cut]);
            assert_eq!(got, whole[..got.len()], "cut at {cut}");
            if !ends.is_empty() {
                assert_eq!(got.len(), ends.iter().filter(|end| **end <= cut).count());
                assert_eq!(errors.is_empty(), cut == 24 || ends.contains(&cut));
            }
            if let [error] = errors[..] {
                assert!(
                    matches!(error.reason, Reason::Truncated { .. }) && !error.recoverable && error.offset < cut as u64
                );
            }
            assert!(errors.len() < 2);
        }
    }
    let cut = CaptureReader::new(&pcap()[..20]).expect_err("no header");
    assert_eq!(cut.reason, Reason::Truncated { have: 20, need: 24 });
}

#[test]
fn classic_magics() {
    let orders: [(fn(u32) -> [u8; 4], &str); 2] = [(u32::to_be_bytes, "big"), (u32::to_le_bytes, "little")];
    for (bytes, order) in orders {
        for (magic, nanoseconds) in [(0xa1b2_c3d4, 789_000), (0xa1b2_3c4d, 789)] {
            // A frame check sequence of four bytes is announced, and cut off.
            let mut file = [magic, 0, 0, 0, 65_535, 0x2400_0001].map(bytes).concat();
            file.extend([1_700_000_000, 789, 64, 64].map(bytes).concat());
            file.extend([9; 64]);
            let (got, errors, _) = rows(&file[..]);
            assert_eq!(errors, []);
            let time = 1_700_000_000_000_000_000 + nanoseconds;
            assert_eq!(got, [(time, LinkType::Ethernet, 60, vec![9; 60], 0, false)], "{order} {magic:x}");
        }
    }
    let mut modified = [0xa1b2_cd34, 0, 0, 0, 65_535, 1].map(u32::to_le_bytes).concat();
    modified.extend([5, 0, 3, 3, 0, 0].map(u32::to_le_bytes).concat());
    modified.extend(b"abc");
    assert_eq!(rows(&modified[..]).0, [(5_000_000_000, LinkType::Ethernet, 3, b"abc".to_vec(), 0, false)]);
}

#[test]
fn an_implausible_length_ends_the_reading() {
    let mut file = pcap();
    file[101 + 8..101 + 12].copy_from_slice(&0x7fff_0000u32.to_le_bytes());
    let (got, errors, _) = rows(&file[..]);
    let reason = Reason::ImplausibleLength { what: "captured length", value: 0x7fff_0000 };
    assert_eq!((got.len(), errors), (1, vec![FileError { offset: 101, reason, recoverable: false }]));
    let mut file = pcap();
    file.extend([0; 64]);
    let (got, errors, _) = rows(&file[..]);
    assert_eq!((got.len(), errors[0].offset, errors.len()), (3, 255, 1));
    assert_eq!(errors[0].to_string(), "at byte 255: invalid record header: all zero");
}

/// Builds pcapng by hand in either byte order.
struct Ng(bool, Vec<u8>);

impl Ng {
    fn u16(&self, n: u16) -> [u8; 2] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
    fn u32(&self, n: u32) -> [u8; 4] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
    fn u64(&self, n: u64) -> [u8; 8] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
    fn block(&mut self, kind: u32, body: &[u8]) -> usize {
        let start = self.1.len();
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(body.len() as u32 + 12);
        self.1.extend([&self.u32(kind)[..], &len, &body, &len].concat());
        start
    }
    fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = [&self.u16(code)[..], &self.u16(value.len() as u16), value].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }
    fn section(&mut self) {
        let options = [self.option(2, b"box"), self.option(3, b"os"), self.option(4, b"app"), vec![0; 4]].concat();
        let body = [&self.u32(0x1a2b_3c4d)[..], &self.u16(1), &self.u16(0), &[0xff; 8], &options].concat();
        self.block(0x0a0d_0d0a, &body);
    }
    fn interface(&mut self, link: u16, snap: u32, options: &[Vec<u8>]) {
        let body = [&self.u16(link)[..], &[0; 2], &self.u32(snap), &options.concat(), &[0; 4]].concat();
        self.block(1, &body);
    }
    fn packet(&mut self, interface: u32, time: u64, bytes: &[u8]) -> usize {
        let len = self.u32(bytes.len() as u32);
        let times = [self.u32((time >> 32) as u32), self.u32(time as u32)].concat();
        let body = [&self.u32(interface)[..], &times, &len, &len, bytes].concat();
        self.block(6, &body)
    }
}

#[test]
fn sections_interfaces_and_resolutions_in_both_orders() {
    for order in [true, false] {
        let mut ng = Ng(order, Vec::new());
        ng.section();
        ng.interface(1, 0, &[ng.option(2, b"eth0"), ng.option(3, b"plant"), ng.option(11, b"\0tcp")]);
        // 2^-10 s, an hour later; picoseconds; whole seconds.
        ng.interface(101, 0, &[ng.option(9, &[0x8a]), ng.option(14, &ng.u64(3600))]);
        ng.interface(276, 0, &[ng.option(9, &[12])]);
        ng.interface(113, 0, &[ng.option(9, &[0])]);
        ng.packet(0, 5, b"a");
        ng.packet(1, 1536, b"b");
        ng.packet(2, 7_000, b"c");
        ng.packet(3, 1_700_000_000, b"d");
        // A second section in the other order: interfaces count anew.
        ng.0 = !order;
        ng.section();
        ng.interface(1, 4, &[]);
        ng.packet(0, 9, b"e");
        let simple = [&ng.u32(10)[..], b"sixbyte!"].concat();
        ng.block(3, &simple);
        let old = [&ng.u16(0)[..], &ng.u16(3), &ng.u32(0), &ng.u32(11), &ng.u32(1), &ng.u32(1), b"f"].concat();
        ng.block(2, &old);
        ng.block(5, &[&ng.u32(0)[..], &[0; 8], &ng.option(4, &ng.u64(1000)), &ng.option(5, &ng.u64(17))].concat());
        ng.block(
            4,
            &[ng.option(1, b"\x0a\0\0\x01plc\0plc.plant\0"), ng.option(2, &[&[0xfd; 16][..], b"hmi\0"].concat())]
                .concat(),
        );
        ng.block(0x0bad, b"custom");
        ng.block(10, b"secrets");
        let (got, errors, about) = rows(&ng.1[..]);
        assert_eq!(errors, []);
        let want = [
            (5_000, LinkType::Ethernet, 1, b"a".to_vec(), 0, false),
            (3_601_500_000_000, LinkType::RawIp, 1, b"b".to_vec(), 1, false),
            (7, LinkType::LinuxSll2, 1, b"c".to_vec(), 2, false),
            (1_700_000_000_000_000_000, LinkType::LinuxSll, 1, b"d".to_vec(), 3, false),
            (9_000, LinkType::Ethernet, 1, b"e".to_vec(), 4, false),
            (9_000, LinkType::Ethernet, 10, b"sixb".to_vec(), 4, false),
            (11_000, LinkType::Ethernet, 1, b"f".to_vec(), 4, false),
        ];
        assert_eq!(got, want);
        let first = &about.interfaces[0];
        assert_eq!((first.name.as_deref(), first.description.as_deref()), (Some("eth0"), Some("plant")));
        assert_eq!(first.filter.as_deref(), Some("tcp"));
        let last = &about.interfaces[4];
        assert_eq!((last.section, last.received, last.dropped, last.dropped_between), (1, Some(1000), Some(17), 3));
        assert_eq!((about.sections.len(), about.lost(), about.secrets, about.unknown_blocks), (2, 17, 1, 1));
        let names: Vec<String> = about.names.iter().map(|(a, n)| format!("{a} {n}")).collect();
        assert_eq!(names[..2], ["10.0.0.1 plc", "10.0.0.1 plc.plant"]);
        assert_eq!(about.sections[0].hardware.as_deref(), Some("box"));
    }
}

#[test]
fn a_broken_block_is_stepped_over_and_told() {
    let mut ng = Ng(false, Vec::new());
    ng.section();
    ng.interface(1, 0, &[]);
    ng.packet(0, 1, b"a");
    let stranger = ng.packet(9, 2, b"b");
    let wrong_end = ng.packet(0, 3, b"c");
    let at = ng.1.len() - 4;
    ng.1[at] ^= 0x55;
    let too_long = ng.packet(0, 4, b"d");
    ng.1[too_long + 8 + 12] = 200;
    ng.packet(0, 5, b"e");
    let (got, errors, about) = rows(&ng.1[..]);
    assert_eq!(got.iter().map(|r| r.3[0]).collect::<Vec<_>>(), b"ae");
    let offsets: Vec<u64> = errors.iter().map(|e| e.offset).collect();
    assert_eq!(offsets, [stranger as u64, wrong_end as u64, too_long as u64]);
    assert!(errors.iter().all(|e| e.recoverable));
    assert_eq!((errors[0].reason, about.broken_blocks), (Reason::UnknownInterface(9), 3));
    // A length nobody would write ends it.
    let end = ng.packet(0, 6, b"g");
    ng.1[end + 7] = 0x7f;
    let (got, errors, _) = rows(&ng.1[..]);
    assert_eq!((got.len(), errors.len(), errors[3].recoverable, errors[3].offset), (2, 4, false, end as u64));
}

#[test]
fn a_file_of_nothing_but_broken_blocks_ends() {
    let mut ng = Ng(false, Vec::new());
    ng.section();
    (0..100_000).for_each(|_| {
        ng.packet(0, 1, b"x");
    });
    let (got, errors, about) = rows(&ng.1[..]);
    assert_eq!((got.len(), about.broken_blocks), (0, 100_000));
    assert!(!errors.is_empty() && errors.len() < 1000);
}

#[test]
fn other_files_are_named() {
    let error = |bytes: &[u8]| CaptureReader::new(bytes).expect_err("no capture").to_string();
    assert_eq!(error(b"\x1f\x8b\x08\0rest"), "at byte 0: this is gzip compressed data, not pcap or pcapng");
    assert_eq!(error(b"GET / HTTP"), "at byte 0: not a capture file: it begins with 47 45 54 20 2f 20 48 54");
    assert_eq!(error(b""), "at byte 0: the file is empty");
}

#[test]
fn large_records_and_many_blocks() {
    let mut writer = PcapngWriter::new(Vec::new(), "test", None).expect("writes to memory");
    let large = vec![7; 3 << 20];
    for n in 0..200_000 {
        let bytes = if n == 100_000 { &large[..] } else { &large[..n % 100] };
        writer.write(&frame(n as i64, LinkType::Ethernet, bytes)).expect("writes to memory");
    }
    let file = writer.finish().expect("writes to memory");
    let mut reader = BlockReader::new(&file[..]).expect("a capture file");
    let (mut block, mut n, mut blocks) = (Block::default(), 0, 0);
    while let Some(next) = reader.next_block(block) {
        block = next.expect("a good file");
        blocks += 1;
        for meta in &block.records {
            let len = if n == 100_000 { large.len() } else { n % 100 };
            assert_eq!((meta.number, meta.time, block.frame(meta).len()), (n as u64 + 1, n as i64, len));
            n += 1;
        }
    }
    assert_eq!(n, 200_000);
    assert!(blocks > 5, "{blocks}");
}
