//! Captures from outside, where they are there: every file to its end, counts against the list that came with them,
//! and with `BOURDON_ORACLES=1` addresses, ports and lengths against tshark.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use wire::decode::{Decoder, Layer, Packet};
use wire::file::{CaptureReader, Reason};

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = std::env::var_os("BOURDON_CORPUS").map_or(beside, PathBuf::from);
    if path.join("MANIFEST.tsv").is_file() {
        return Some(path);
    }
    eprintln!("skipped: no captures at {} (set BOURDON_CORPUS)", path.display());
    None
}

/// Files of the list, with the number of packets the list gives.
fn listed(corpus: &Path) -> Vec<(PathBuf, Option<u64>)> {
    let text = std::fs::read_to_string(corpus.join("MANIFEST.tsv")).expect("the list of captures");
    let number = |notes: &str| {
        let rest = notes.split("packets=").nth(1)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let entry = |line: &str| {
        let mut columns = line.split('\t');
        let file = corpus.join(columns.next()?);
        Some((file, columns.last().and_then(number)))
    };
    text.lines()
        .skip(1)
        .filter_map(entry)
        .filter(|(file, _)| file.is_file() && file.extension().is_some_and(|e| e != "gz"))
        .collect()
}

struct Seen {
    records: u64,
    packets: BTreeMap<u64, Packet>,
    trouble: Vec<Reason>,
}

fn read(path: &Path) -> Result<Seen, wire::file::FileError> {
    let mut reader = CaptureReader::new(File::open(path).expect("a capture that is listed"))?;
    let mut decoder = Decoder::default();
    let mut seen = Seen { records: 0, packets: BTreeMap::new(), trouble: Vec::new() };
    while let Some(record) = reader.next() {
        match record {
            Ok(r) => {
                seen.records += 1;
                assert!(r.bytes.len() <= r.wire_len as usize);
                assert_eq!(r.number, seen.records);
                if let Some(packet) = decoder.decode(r.link, r.bytes, r.wire_len, r.time) {
                    let payload = packet.payload(r.bytes, decoder.assembled());
                    assert_eq!(payload.len(), packet.payload_len as usize, "{}: frame {}", path.display(), r.number);
                    seen.packets.insert(r.number, packet);
                }
            }
            Err(e) => seen.trouble.push(e.reason),
        }
    }
    Ok(seen)
}

#[test]
fn every_capture_is_read_to_its_end() {
    let Some(corpus) = corpus() else { return };
    let (mut files, mut frames, mut wrong) = (0, 0, Vec::new());
    for (path, packets) in listed(&corpus) {
        match read(&path) {
            Ok(seen) => {
                files += 1;
                frames += seen.records;
                // Part of a larger capture: the list gives the number of the whole.
                let part = path.to_string_lossy().contains(".part");
                if packets.is_some_and(|n| n != seen.records && !part) {
                    wrong.push(format!("{}: {} of {packets:?}, {:?}", path.display(), seen.records, seen.trouble));
                }
            }
            Err(e) => wrong.push(format!("{}: {e}", path.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files > 0, "the list names no file that is there");
    eprintln!("{files} captures, {frames} frames");
}

/// What tshark says about one frame: every occurrence of a field, outermost first.
type Fields<'a> = BTreeMap<&'a str, Vec<&'a str>>;

const FIELDS: &[&str] = &[
    "frame.number",
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.len",
    "tcp.seq_raw",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "vlan.id",
    "eth.src",
    "eth.type",
];

/// Wrappings that tshark enters and this crate does not, and quotations of packets inside error messages.
const NOT_ENTERED: &[&str] = &["icmp", "gtp", "teredo", "l2tp", "ieee8021ah", "capwap", "ppp:ip"];

fn agrees(p: &Packet, f: &Fields<'_>) -> Result<(), String> {
    let protocols = f["frame.protocols"].join(",");
    let any = NOT_ENTERED.iter().any(|name| protocols.contains(name));
    let fits = |field: &str, ours: &str| {
        let theirs = &f[field];
        let same = |value: &&str| *value == ours;
        let ok = if any { theirs.iter().any(|v| same(v)) } else { theirs.last().is_some_and(same) };
        if ok { Ok(()) } else { Err(format!("{field} {theirs:?} here {ours}")) }
    };
    if p.has_ip() {
        let (src, dst) = if p.src.is_ipv4() { ("ip.src", "ip.dst") } else { ("ipv6.src", "ipv6.dst") };
        fits(src, &p.src.to_string())?;
        fits(dst, &p.dst.to_string())?;
    }
    if p.has_mac && !f["eth.src"].is_empty() {
        let mac: Vec<String> = p.src_mac.iter().map(|b| format!("{b:02x}")).collect();
        fits("eth.src", &mac.join(":"))?;
    }
    if p.tunnel.is_empty() && !any {
        let theirs = f["vlan.id"].last().filter(|id| **id != "0").copied().unwrap_or_default();
        let ours = p.vlan.map(|id| id.to_string()).unwrap_or_default();
        if theirs != ours && f["vlan.id"].first().is_none_or(|id| *id != ours) {
            return Err(format!("vlan.id {:?} here {ours}", f["vlan.id"]));
        }
    }
    match p.layer {
        Layer::Tcp => {
            fits("tcp.srcport", &p.src_port.to_string())?;
            fits("tcp.dstport", &p.dst_port.to_string())?;
            fits("tcp.seq_raw", &p.seq.to_string())?;
            fits("tcp.len", &(p.payload_len + p.missing).to_string())
        }
        Layer::Udp => {
            fits("udp.srcport", &p.src_port.to_string())?;
            fits("udp.dstport", &p.dst_port.to_string())?;
            fits("udp.length", &(p.payload_len + p.missing + 8).to_string())
        }
        Layer::Link if any || !p.tunnel.is_empty() => Ok(()),
        Layer::Link => match f["ip.src"].is_empty() && f["ipv6.src"].is_empty() {
            true => Ok(()),
            false => Err(format!("{:04x} here, IP there ({protocols})", p.kind)),
        },
        _ => Ok(()),
    }
}

fn compare(path: &Path) -> Result<(usize, Vec<String>), String> {
    let seen = read(path).map_err(|e| e.to_string())?;
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(path).args(["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]);
    FIELDS.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let output = command.output().map_err(|e| format!("tshark: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let fields: Fields<'_> = FIELDS
            .iter()
            .enumerate()
            .map(|(i, name)| {
                (*name, columns.get(i).map(|c| c.split(',').filter(|v| !v.is_empty()).collect()).unwrap_or_default())
            })
            .collect();
        let Some(number) = fields["frame.number"].first().and_then(|n| n.parse().ok()) else { continue };
        let Some(packet) = seen.packets.get(&number) else { continue };
        compared += 1;
        if let Err(why) = agrees(packet, &fields) {
            wrong.push(format!(
                "{} frame {number}: {why} {:?} [{}]",
                path.display(),
                packet.odd,
                fields["frame.protocols"].join(",")
            ));
        }
    }
    Ok((compared, wrong))
}

#[test]
fn headers_agree_with_tshark() {
    let Ok(oracles) = std::env::var("BOURDON_ORACLES") else {
        eprintln!("skipped: BOURDON_ORACLES is not set");
        return;
    };
    let Some(corpus) = corpus() else { return };
    let sample =
        ["it-vxlan", "it-gre", "it-mpls", "it-pppoes", "it-gtp", "goose", "sv", "modbus", "profinet", "bacnet"];
    let (mut compared, mut wrong) = (0, Vec::new());
    for (path, _) in listed(&corpus) {
        let folder = path.parent().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        if oracles != "all" && !folder.is_some_and(|name| sample.contains(&name.as_str())) {
            continue;
        }
        match compare(&path) {
            Ok((n, mut w)) => {
                compared += n;
                w.truncate(5);
                wrong.append(&mut w);
            }
            Err(e) => wrong.push(format!("{}: {e}", path.display())),
        }
    }
    eprintln!("{compared} frames compared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
