//! Measures `bourdon` against the bare flow table and the peers that are installed, and writes `docs/benchmarks.md`.

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use testkit::bench::page::{self, Row, Table};
use testkit::bench::run::{self, Runner};
use testkit::bench::weave::{self, Shape};
use testkit::plant::sim::HOUR;

const HELP: &str = "\
Usage: bench --bourdon PATH [options]

  --bourdon PATH    the program to measure
  --floor PATH      a program that is run as `PATH flow FILE`: the bare flow table others are compared with
  --folder DIR      where inputs are kept (default target/bench)
  --packets N       packets of the first input (default 2000000)
  --rounds N        counted rounds (default 5)
  --page FILE       page to write (default docs/benchmarks.md)
  --no-peers        leave the other programs out
  --gate            only count instructions and compare with the page: exit code 1 where they rose by more than 3 %
";

/// Instructions per packet may rise this much before the gate closes.
const TOLERANCE: f64 = 1.03;

struct Settings {
    bourdon: PathBuf,
    floor: Option<PathBuf>,
    folder: PathBuf,
    packets: usize,
    rounds: usize,
    page: PathBuf,
    peers: bool,
    gate: bool,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut s = Settings {
        bourdon: PathBuf::new(),
        floor: None,
        folder: "target/bench".into(),
        packets: 2_000_000,
        rounds: 5,
        page: "docs/benchmarks.md".into(),
        peers: true,
        gate: false,
    };
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--bourdon" => s.bourdon = value()?.into(),
            "--floor" => s.floor = Some(value()?.into()),
            "--folder" => s.folder = value()?.into(),
            "--packets" => s.packets = value()?.parse().map_err(|e| format!("--packets: {e}"))?,
            "--rounds" => s.rounds = value()?.parse().map_err(|e| format!("--rounds: {e}"))?,
            "--page" => s.page = value()?.into(),
            "--no-peers" => s.peers = false,
            "--gate" => s.gate = true,
            _ => return Err(format!("`{name}` is not an option\n{HELP}")),
        }
    }
    if s.bourdon.as_os_str().is_empty() { Err(format!("--bourdon is needed\n{HELP}")) } else { Ok(s) }
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)).and_then(|s| measure(&s).map_err(|e| e.to_string())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn measure(s: &Settings) -> io::Result<bool> {
    std::fs::create_dir_all(&s.folder)?;
    let old = std::fs::read_to_string(&s.page).unwrap_or_default();
    let counted = count(s)?;
    if let Some(counts) = &counted {
        let [analyze, facts] = counts.per_packet;
        eprintln!("instructions per packet: analyze {analyze:.0}, facts {facts:.0} (input {})", counts.digest);
    } else {
        eprintln!("valgrind is not installed: no instruction counts");
    }
    if s.gate {
        let before = counted.as_ref().and_then(|c| page::last_instructions(&old, &c.digest));
        let (Some(counts), Some(before)) = (&counted, before) else {
            eprintln!("nothing to compare with");
            return Ok(true);
        };
        let ratio = counts.per_packet[0] / before;
        eprintln!("{:+.1} % against the last row of the history", (ratio - 1.0) * 100.0);
        return Ok(ratio <= TOLERANCE);
    }
    let (sources, origin) = weave::sources()?;
    let base = Shape { packets: s.packets, at_once: 2_000, cut: 2_000, sites: 10 };
    let inputs = [
        ("small-packets", base, true),
        ("four-times-the-packets", Shape { packets: 4 * s.packets, ..base }, false),
        ("ten-times-the-flows", Shape { at_once: 20_000, cut: 8, sites: 100, ..base }, false),
    ];
    let mut tables = Vec::new();
    for (name, shape, full) in inputs {
        let path = s.folder.join(format!("{name}-{}.pcap", shape.packets));
        if !path.is_file() {
            eprintln!("weaving {}", path.display());
            weave::weave(&sources, shape, &path)?;
        }
        let runners = runners(s, full);
        eprintln!("{name}: {} in turn, {} rounds", runners.len(), s.rounds);
        let costs = run::in_turn(&runners, &path, s.rounds);
        let rows = runners.into_iter().zip(costs).map(|(r, (cost, ratio))| Row { name: r.name, cost, ratio }).collect();
        let about = format!("{origin}, {} replays at once, cut to {} packets", shape.at_once, shape.cut);
        tables.push(Table { input: name.to_string(), about, packets: shape.packets, rows });
    }
    let history = history(counted.as_ref(), tables.first());
    std::fs::write(&s.page, page::write(&old, &tables, &history))?;
    eprintln!("wrote {}", s.page.display());
    Ok(true)
}

/// What runs on an input: the floor first, where there is one; peers on the first input only.
fn runners(s: &Settings, full: bool) -> Vec<Runner> {
    let bourdon = s.bourdon.to_string_lossy();
    let mut all = Vec::new();
    if let Some(floor) = &s.floor {
        all.push(Runner::new("bare flow table", &[&floor.to_string_lossy(), "flow", "{}"]));
    }
    all.push(Runner::new("bourdon analyze, 1 thread", &[&bourdon, "analyze", "--quiet", "--threads", "1", "{}"]));
    all.push(Runner::new("bourdon facts, 1 thread", &[&bourdon, "facts", "--threads", "1", "{}"]));
    all.push(Runner::new("bourdon analyze, 2 threads", &[&bourdon, "analyze", "--quiet", "--threads", "2", "{}"]));
    let peers: [(&str, &[&str]); 5] = [
        ("tcpdump -w (a copy)", &["tcpdump", "-r", "{}", "-w", "/dev/null"]),
        ("ndpiReader", &["ndpiReader", "-q", "-i", "{}"]),
        ("suricata (no rules)", &["suricata", "-r", "{}", "-S", "/dev/null", "-l", "/tmp", "--runmode", "single"]),
        ("zeek", &["zeek", "-C", "-b", "-r", "{}", "base/protocols/conn", "Log::default_writer=Log::WRITER_NONE"]),
        ("tshark (hierarchy)", &["tshark", "-n", "-q", "-r", "{}", "-z", "io,phs"]),
    ];
    let wanted = peers.iter().filter(|(_, words)| s.peers && full && run::installed(words[0]).is_some());
    all.extend(wanted.map(|(name, words)| Runner::new(name, words)));
    all
}

struct Counts {
    /// `analyze`, `facts`.
    per_packet: [f64; 2],
    /// Tells inputs apart: the simulated works may change.
    digest: String,
}

/// Instructions per packet on a fixed small capture, start-up subtracted.
fn count(s: &Settings) -> io::Result<Option<Counts>> {
    if run::installed("valgrind").is_none() {
        return Ok(None);
    }
    let [whole, front] = ["counted.pcap", "counted-start.pcap"].map(|name| s.folder.join(name));
    let shape = Shape { packets: 60_000, at_once: 40, cut: 2_000, sites: 4 };
    let sources = [weave::plant(1, HOUR / 20)?, weave::plant(2, HOUR / 20)?];
    weave::weave(&sources, shape, &whole)?;
    weave::weave(&sources, Shape { packets: 100, ..shape }, &front)?;
    let bourdon = s.bourdon.to_string_lossy();
    let analyze = Runner::new("analyze", &[&bourdon, "analyze", "--quiet", "--threads", "1", "{}"]);
    let facts = Runner::new("facts", &[&bourdon, "facts", "--threads", "1", "{}"]);
    let mut per_packet = [0.0; 2];
    for (runner, figure) in [analyze, facts].iter().zip(&mut per_packet) {
        let counts = [&whole, &front].map(|input| run::instructions(runner, input));
        let [Some(all), Some(start)] = counts else { return Ok(None) };
        *figure = all.saturating_sub(start) as f64 / (shape.packets - 100) as f64;
    }
    let digest = format!("{:08x}", wire::digest(&std::fs::read(&whole)?) as u32);
    Ok(Some(Counts { per_packet, digest }))
}

fn history(counts: Option<&Counts>, table: Option<&Table>) -> String {
    let first = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().ok()?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_string())
    };
    let date = first("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default();
    let commit = first("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_default();
    let counted = counts.map_or("–".to_string(), |c| format!("{:.0}, {:.0}", c.per_packet[0], c.per_packet[1]));
    let digest = counts.map_or("–", |c| c.digest.as_str());
    let row = table.and_then(|t| t.rows.iter().find(|r| r.name.contains("analyze, 1")).map(|r| (t, r)));
    let figures = row.map_or("– | –".to_string(), |(t, r)| {
        format!("{:.0} | {:.2}", r.cost.cpu * 1e9 / t.packets.max(1) as f64, r.ratio)
    });
    format!("| {date} | {commit} | {counted} | {digest} | {figures} |")
}
