//! Whatever the bytes: no panic, nothing outside the frame, the same answer twice.

use crate::build::*;
use wire::decode::{Decoder, LinkType, Packet};
use wire::file::CaptureReader;

const LINKS: [LinkType; 13] = [
    LinkType::Ethernet,
    LinkType::LinuxSll,
    LinkType::LinuxSll2,
    LinkType::RawIp,
    LinkType::Null,
    LinkType::Loop,
    LinkType::Other(147),
    LinkType::Ieee80211,
    LinkType::Radiotap,
    LinkType::Prism,
    LinkType::Avs,
    LinkType::Ppp,
    LinkType::CiscoHdlc,
];

/// A fixed sequence of numbers (xorshift), so that a failure can be seen again.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// One frame of each shape.
pub fn samples() -> Vec<Vec<u8>> {
    let v4 = ip4(17, &udp(502, b"hello"));
    let over = |gre: &[u8]| ethernet(0x0800, &ip4(47, &cat(&[gre, &hello()])));
    vec![
        hello(),
        ethernet(0x0800, &ip4(6, &tcp(b"data"))),
        ethernet(0x88a8, &tag(5, 0x8100, &tag(6, 0x86dd, &ip6(6, &tcp(b"data"))))),
        ethernet(
            0x86dd,
            &ip6(
                0,
                &cat(&[
                    &[43, 0, 1, 4, 0, 0, 0, 0],
                    &[51, 0, 4, 0, 0, 0, 0, 0],
                    &[17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    &udp(5, b"x"),
                ]),
            ),
        ),
        ethernet(0x86dd, &ip6(44, &cat(&[&[17, 0, 0, 1, 0, 0, 0, 1], &[0; 64]]))),
        ethernet(0x0800, &ip4_with(1, 0x2000, 17, &[131, 4, 0, 0], &[0; 64])),
        ethernet(0x8847, &cat(&[&[0, 1, 1, 64, 0, 0, 0, 0], &hello()])),
        ethernet(0x8864, &cat(&[&[0x11, 0, 0, 1, 0, 35, 0, 0x21], &v4])),
        over(&[0xb0, 0, 0x65, 0x58, 1, 2, 0, 0, 0, 0, 0, 77, 0, 0, 0, 1]),
        over(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x64, 0x08, 0x65, 0, 0, 0, 0]),
        over(&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ethernet(0x0800, &ip4(17, &udp(4789, &cat(&[&[8, 0, 0, 0, 0, 1, 2, 0], &hello()])))),
        ethernet(0x0800, &ip4(17, &udp(6081, &cat(&[&[1, 0, 0x65, 0x58, 0, 0, 9, 0, 0, 0, 0, 0], &hello()])))),
        ethernet(0x892f, &cat(&[&[0x10, 0x40, 0x12, 0x34, 8, 0], &v4])),
        ethernet(0x88b8, b"goose\x43\x21\xa0\x0b\x88\xfb"),
        ethernet(0x0800, &ip4(41, &ip6(4, &v4))),
        ethernet(11, b"\xaa\xaa\x03\0\0\x0c\x20\0cdp"),
        ethernet(0x88e7, &cat(&[&[0, 0, 0, 1], &hello()])),
        cat(&[&[0, 4, 0, 1, 0, 6], &A, &[0, 0, 8, 0], &v4]),
        cat(&[&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6], &A, &[0, 0], &v4]),
        cat(&[&[2, 0, 0, 0], &v4]),
        v4,
    ]
}

/// Decodes and checks that everything the packet points at is there.
fn check(d: &mut Decoder, link: LinkType, frame: &[u8], wire_len: u32, time: i64) -> Option<Packet> {
    let p = d.decode(link, frame, wire_len, time)?;
    let from = if p.assembled { d.assembled().len() } else { frame.len() };
    assert!(p.payload_at as usize + p.payload_len as usize <= from, "{link:?} {p:?} {frame:02x?}");
    assert_eq!(p.payload(frame, d.assembled()).len(), p.payload_len as usize);
    assert!(u64::from(p.missing) <= u64::from(wire_len) + 65_535);
    Some(p)
}

#[test]
fn every_prefix_of_every_shape() {
    for frame in samples() {
        for link in LINKS {
            for cut in 0..=frame.len() {
                // As a short frame, and as a frame the capture cut.
                for wire_len in [cut, frame.len()] {
                    let run = || check(&mut Decoder::default(), link, &frame[..cut], wire_len as u32, 0);
                    assert_eq!(run(), run());
                }
            }
        }
    }
}

#[test]
fn changed_bytes_in_every_shape() {
    let samples = samples();
    let mut numbers = Numbers(0x1234_5678_9abc_def1);
    let mut decoder = Decoder::default();
    for round in 0..200_000i64 {
        let mut frame = samples[numbers.below(samples.len())].clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(frame.len());
            frame[at] = match numbers.below(3) {
                0 => 0xff,
                1 => 0,
                _ => numbers.below(256) as u8,
            };
        }
        let wire_len = frame.len() + numbers.below(3) * numbers.below(2000);
        let link = LINKS[if numbers.below(4) == 0 { numbers.below(7) } else { 0 }];
        check(&mut decoder, link, &frame, wire_len as u32, round * 1_000_000);
    }
    let held = decoder.counters();
    assert!(held.fragments > 0 && held.reassembled > 0, "{held:?}");
}

#[test]
fn any_bytes_as_a_file() {
    let mut numbers = Numbers(42);
    let files = [crate::files::pcap(), crate::files::pcapng()];
    for _ in 0..20_000 {
        let mut file = files[numbers.below(2)].clone();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(file.len());
            file[at] = numbers.below(256) as u8;
        }
        file.truncate(numbers.below(file.len() * 2).max(1));
        let Ok(mut reader) = CaptureReader::new(&file[..]) else { continue };
        let mut steps = 0;
        while let Some(record) = reader.next() {
            steps += 1;
            assert!(steps < 1000, "no end");
            if let Ok(r) = record {
                assert!(r.bytes.len() <= r.wire_len as usize);
            }
        }
        assert!(reader.next().is_none(), "after the end comes nothing");
    }
}
