//! Where fuzzing begins: the cases of the protocol pages, the messages in the `seeds` folders, and every past finding.

use super::ops::{self, Op};
use super::{Target, engine, session};
use crate::build::capture::{Format, Writer};
use crate::laws::Random;
use crate::pages::{Case, Options, Step, Talk, frames, parse};
use protocols::{Hint, PROTOCOLS, Protocol, Transport};
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Name of a stored input of a target, from what it contains.
pub fn file_name(bytes: &[u8]) -> String {
    format!("found_{:016x}.{ENDING}", wire::digest(bytes))
}

/// Ending of stored inputs; other files in a `seeds` folder are plain messages.
pub const ENDING: &str = "fuzz";

/// Where inputs of a target are stored: the protocol's own `seeds` folder, or `seeds/TARGET` of this crate.
pub fn folder(target: Target) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    match target {
        Target::Session(protocol) => here.join("../protocols/src").join(protocol).join("seeds"),
        other => here.join("seeds").join(other.name()),
    }
}

/// The stored inputs of a target: past findings. Sorted by name.
pub fn stored(target: Target) -> Vec<(PathBuf, Vec<u8>)> {
    files(&folder(target)).into_iter().filter(|(path, _)| path.extension().is_some_and(|e| e == ENDING)).collect()
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    paths.into_iter().filter_map(|p| std::fs::read(&p).ok().map(|bytes| (p, bytes))).collect()
}

fn cases(protocol: &Protocol) -> Vec<Case> {
    parse(protocol.cases).unwrap_or_default()
}

/// Plain messages of a protocol's `seeds` folder.
fn messages(protocol: &Protocol) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocols/src").join(protocol.name).join("seeds");
    let plain = |p: &Path| p.extension().is_some_and(|e| e == "bin");
    files(&folder).into_iter().filter(|(path, _)| plain(path)).map(|(_, bytes)| bytes).collect()
}

/// Messages that mutation may put in.
pub fn material(target: Target) -> Vec<Vec<u8>> {
    let said = |protocol: &Protocol| {
        let of_case = |case: Case| {
            case.steps.into_iter().filter_map(|s| match s {
                Step::Bytes { bytes, .. } => Some(bytes),
                _ => None,
            })
        };
        cases(protocol).into_iter().flat_map(of_case).chain(messages(protocol)).collect::<Vec<_>>()
    };
    match target {
        Target::File => Vec::new(),
        Target::Session(name) => protocols::by_name(name).map(said).unwrap_or_default(),
        Target::Engine => PROTOCOLS.iter().flat_map(|p| said(p)).collect(),
        Target::Frame => inputs(target).iter().flat_map(|input| ops::read(input)).filter_map(bytes_of).collect(),
    }
}

fn bytes_of(op: Op) -> Option<Vec<u8>> {
    match op {
        Op::Raw { bytes, .. } | Op::Say { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// A port, EtherType or IP protocol that some protocol stands at.
pub fn number(random: &mut Random) -> u16 {
    let all: Vec<u16> = PROTOCOLS
        .iter()
        .flat_map(|p| p.hints)
        .filter_map(|h| match *h {
            Hint::Tcp(n) | Hint::Udp(n) | Hint::Link(n) | Hint::Snap(_, n) => Some(n),
            Hint::Ip(n) => Some(n.into()),
            Hint::Inside(_) => None,
        })
        .collect();
    all.get(random.below(all.len() as u64) as usize).copied().unwrap_or(502)
}

/// Inputs a target starts from.
pub fn inputs(target: Target) -> Vec<Vec<u8>> {
    match target {
        Target::File => captures(),
        Target::Frame => all_cases().iter().map(framed).chain([wrapped()]).collect(),
        Target::Engine => all_cases().iter().map(conversations).collect(),
        Target::Session(name) => protocols::by_name(name).map(spoken).unwrap_or_default(),
    }
}

fn all_cases() -> Vec<Case> {
    PROTOCOLS.iter().flat_map(|p| cases(p)).collect()
}

/// A protocol's cases, and its messages one by one, each way.
fn spoken(protocol: &'static Protocol) -> Vec<Vec<u8>> {
    let ways = session::ways(protocol);
    let head = |transport: usize| session::Head { transport: transport as u8, ..session::Head::default() };
    let mut inputs = Vec::new();
    for case in cases(protocol) {
        let Some(Step::Bytes { talk: first, midstream, .. }) = case.steps.first() else { continue };
        let fits = |t: Transport| match (t, first) {
            (Transport::Tcp, Talk::Tcp(..)) | (Transport::Udp, Talk::Udp(..)) => true,
            (Transport::Link(kind), Talk::Ether(_, _, n)) => kind & 0xff == n & 0xff,
            (Transport::Snap(..), Talk::Snap(..)) | (Transport::Ip(_), Talk::Ip(..)) => true,
            _ => false,
        };
        let way = ways.iter().position(|w| fits(w.transport)).unwrap_or(0);
        let ops = said(&case, |talk| if talk == first.flip() { 8 } else { 0 });
        inputs.push(session::write(&session::Head { midstream: *midstream, ..head(way) }, &ops));
    }
    for bytes in messages(protocol) {
        for who in [0, 8] {
            inputs.push(session::write(&head(0), &[Op::Say { who, bytes: bytes.clone() }]));
        }
    }
    inputs
}

fn said(case: &Case, who: impl Fn(Talk) -> u8) -> Vec<Op> {
    let mut last = 0;
    let op = |step: &Step| match step {
        Step::Bytes { talk, bytes, .. } => {
            last = who(*talk);
            Op::Say { who: last, bytes: bytes.clone() }
        }
        Step::Gap(count) => Op::Gap { who: last, count: *count },
        Step::Wait(ns) => Op::Wait { ms: u32::try_from(ns / 1_000_000).unwrap_or(u32::MAX) },
    };
    case.steps.iter().map(op).collect()
}

/// A case for the engine: its addresses become small numbers.
fn conversations(case: &Case) -> Vec<u8> {
    let mut head = engine::Head::default();
    let mut talks: Vec<Talk> = Vec::new();
    for step in &case.steps {
        if let Step::Bytes { talk, midstream, .. } = step
            && !talks.iter().any(|t| t == talk || t.flip() == *talk)
            && talks.len() < 8
        {
            talks.push(*talk);
            head.talks.push(between(*talk, *midstream));
        }
    }
    let ops = said(case, |talk| {
        let at = talks.iter().position(|t| *t == talk || t.flip() == talk).unwrap_or(0);
        at as u8 | if talks.get(at) == Some(&talk) { 0 } else { 8 }
    });
    if head.talks.is_empty() {
        head.talks.push(engine::Between::default());
    }
    engine::write(&head, &ops)
}

fn between(talk: Talk, midstream: bool) -> engine::Between {
    let host = |ip: IpAddr, n: u8| match ip {
        IpAddr::V4(ip) if ip.is_broadcast() => 15,
        ip if ip.is_multicast() => 14,
        _ => n,
    };
    let mac = |mac: [u8; 6], n: u8| match mac {
        [0xff, ..] => 15,
        [first, ..] if first & 1 != 0 => 14,
        _ => n,
    };
    let hosts = |a: u8, b: u8| a | b << 4;
    let sockets = |kind: u8, a: SocketAddr, b: SocketAddr| {
        let v6 = if a.is_ipv6() { 6 } else { 0 };
        let same = if a.port() == b.port() { engine::SAME_PORTS } else { 0 };
        let midstream = if midstream { engine::MIDSTREAM } else { 0 };
        let hosts = hosts(host(a.ip(), 1), host(b.ip(), 2));
        engine::Between { kind: kind | v6 | same | midstream, hosts, number: b.port() }
    };
    match talk {
        Talk::Tcp(a, b) => sockets(0, a, b),
        Talk::Udp(a, b) => sockets(1, a, b),
        Talk::Ether(a, b, number) => {
            let kind = if number < 0x600 { 3 } else { 2 };
            engine::Between { kind, hosts: hosts(mac(a, 1), mac(b, 2)), number }
        }
        Talk::Snap(a, b, _, number) => engine::Between { kind: 4, hosts: hosts(mac(a, 1), mac(b, 2)), number },
        Talk::Ip(a, b, number) => {
            engine::Between { kind: 5, hosts: hosts(host(a, 1), host(b, 2)), number: number.into() }
        }
    }
}

/// Frames one case is looked at with.
const FRAMES: usize = 6;

fn framed(case: &Case) -> Vec<u8> {
    let frames = frames(case, &Options::default()).frames;
    let op = |(_, bytes): (i64, Vec<u8>)| Op::Raw { link: 0, more: 0, bytes };
    let ops: Vec<Op> = frames.into_iter().take(FRAMES).map(op).collect();
    let mut out = Vec::new();
    ops::write(&ops, &mut out);
    out
}

/// The same small packet in every wrapping.
fn wrapped() -> Vec<u8> {
    let ip = [
        0x45, 0, 0, 33, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 1, 0xf6, 0, 13, 0, 0, 1, 2, 3,
        4, 5,
    ];
    let macs = [2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 5];
    let cat = |parts: &[&[u8]]| parts.concat();
    let ether = |kind: u16, rest: &[u8]| cat(&[&macs, &kind.to_be_bytes(), rest]);
    let inner = ether(0x0800, &ip);
    let over = |proto: u8, rest: &[u8]| {
        let len = (rest.len() as u16 + 20).to_be_bytes();
        let head = [0x45, 0, len[0], len[1], 0, 2, 0, 0, 64, proto, 0, 0, 10, 9, 0, 1, 10, 9, 0, 2];
        ether(0x0800, &cat(&[&head, rest]))
    };
    let udp = |port: u16, rest: &[u8]| {
        let len = (rest.len() as u16 + 8).to_be_bytes();
        over(17, &cat(&[&[0xc0, 0], &port.to_be_bytes(), &len, &[0, 0], rest]))
    };
    let v6 = [
        &[0x60, 0, 0, 0, 0, 21, 43, 64][..],
        &[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        &[17, 0, 1, 4, 0, 0, 0, 0],
        &ip[20..],
    ]
    .concat();
    let fragment = |offset: u16, part: &[u8]| {
        let len = (part.len() as u16 + 20).to_be_bytes();
        let at = offset.to_be_bytes();
        let head = [0x45, 0, len[0], len[1], 0, 7, at[0], at[1], 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        ether(0x0800, &cat(&[&head, part]))
    };
    let frames: Vec<(u8, Vec<u8>)> = vec![
        (0, ether(0x8100, &cat(&[&[0, 5, 8, 0], &ip]))),
        (0, ether(0x88a8, &cat(&[&[0, 5, 0x81, 0, 0, 6, 8, 0], &ip]))),
        (0, ether(0x86dd, &v6)),
        (0, ether(0x8847, &cat(&[&[0, 1, 1, 64], &ip]))),
        (0, ether(0x8864, &cat(&[&[0x11, 0, 0, 1, 0, 35, 0, 0x21], &ip]))),
        (0, ether(0x892f, &cat(&[&[0x10, 0x40, 0x12, 0x34, 8, 0], &ip]))),
        (0, ether(0x88e7, &cat(&[&[0, 0, 0, 1], &inner]))),
        (0, cat(&[&inner, &[0x12, 0x34, 0xa0, 0x27, 0x88, 0xfb]])),
        (0, over(47, &cat(&[&[0x20, 0, 0x65, 0x58, 0, 0, 0, 9], &inner]))),
        (0, over(47, &cat(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x64, 8, 0x65, 0, 0, 0, 0], &inner]))),
        (0, over(4, &ip)),
        (0, udp(4789, &cat(&[&[8, 0, 0, 0, 0, 1, 2, 0], &inner]))),
        (0, udp(6081, &cat(&[&[1, 0, 0x65, 0x58, 0, 0, 9, 0, 0, 0, 0, 0], &inner]))),
        (0, fragment(0x2000, &ip[20..28])),
        (0, fragment(1, &ip[28..])),
        (1, cat(&[&[0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 5, 0, 0, 8, 0], &ip])),
        (2, cat(&[&[8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 5, 0, 0], &ip])),
        (3, ip.to_vec()),
        (4, cat(&[&[2, 0, 0, 0], &ip])),
        (5, cat(&[&[0, 0, 0, 2], &ip])),
    ];
    let ops: Vec<Op> = frames.into_iter().map(|(link, bytes)| Op::Raw { link, more: 0, bytes }).collect();
    let mut out = Vec::new();
    ops::write(&ops, &mut out);
    out
}

/// Small capture files of every format.
fn captures() -> Vec<Vec<u8>> {
    let Some(protocol) = protocols::by_name("modbus") else { return Vec::new() };
    let frames: Vec<(i64, Vec<u8>)> =
        cases(protocol).first().map(|case| frames(case, &Options::default()).frames).unwrap_or_default();
    let file = |format| {
        let mut out = Vec::new();
        if let Ok(mut writer) = Writer::new(&mut out, format) {
            frames.iter().for_each(|(time, bytes)| drop(writer.frame(*time, bytes)));
        }
        out
    };
    let (classic, new) = (file(Format::Pcap), file(Format::PcapNg));
    // one block of each other kind behind the packets
    let block = |kind: u32, body: &[u8]| {
        let len = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &len, body, &len].concat()
    };
    let mut rich = new.clone();
    rich.extend(block(
        2,
        &[&[0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 60, 0, 0, 0][..], &[1, 2, 3, 4]].concat(),
    ));
    rich.extend(block(3, &[4, 0, 0, 0, 1, 2, 3, 4]));
    rich.extend(block(4, &[1, 0, 6, 0, 10, 0, 0, 1, b'a', 0, 0, 0, 0, 0, 0, 0]));
    rich.extend(block(5, &[&[0; 12][..], &[4, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat()));
    rich.extend(block(10, &[0; 8]));
    rich.extend(&new);
    let big = [
        &[0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 101][..],
        &[0x69, 0xa0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 40, 0x45, 0, 0, 40],
    ]
    .concat();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
    };
    let zst = zstd::encode_all(&new[..], 1).unwrap_or_default();
    vec![gzip(&classic), zst, classic, new, rich, big]
}
