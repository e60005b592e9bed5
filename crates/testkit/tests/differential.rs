//! The parsers against tshark over the captures beside the project. `BOURDON_COMPARE=folder` narrows the captures,
//! `BOURDON_PROTOCOL=dns,mdns` the protocols, `BOURDON_SHOW=5` prints that many differences per capture and protocol.

use std::collections::BTreeMap;
use testkit::corpus;
use testkit::differential::{Agreement, FIELD, NAMES, OFFICE, ORACLES, Oracle, Reason, compare, installed};

/// Messages per thousand that must agree over all captures.
const GOAL: u64 = 995;

/// Protocols below the goal, each with its reason in docs/limits.md; no floor may fall.
const FLOORS: &[(&str, u64)] = &[
    // answers of PROFINET stations from another port than the one asked
    ("dcerpc", 928),
    // replies that break the standard are anomalies here; 45 messages
    ("ftp", 950),
    // two of 23 messages: a cleared fixed bit, and two sides with one address
    ("quic", 910),
    // answers that tshark takes for repeated, because their acknowledgement came first
    ("s7comm", 993),
    // crafted messages that are anomalies here
    ("smb", 950),
    // a client that speaks HTTP to a server of SSH
    ("ssh", 900),
    // a data mark of 61 messages
    ("telnet", 980),
    // one request of seven with a mode that does not exist
    ("tftp", 850),
    // one message of 91, bytes that are no function
    ("umas", 985),
];

/// Conversations in which we name a protocol and tshark does not, each looked at by hand; the protocols' pages say why
/// ours are right.
const UNSHARED: &[(&str, u64)] = &[
    ("cip", 1),
    ("cotp", 23),
    ("dcerpc", 2),
    ("http", 1),
    ("quic", 1),
    ("rdp", 1),
    ("ssdp", 1),
    ("ssh", 1),
    ("telnet", 1),
];

#[test]
fn operations_agree_with_tshark() {
    if !installed() {
        eprintln!("tshark is not installed: skipped");
        return;
    }
    if std::env::var_os("BOURDON_TSHARK").is_none() {
        eprintln!("slow: runs with BOURDON_TSHARK=1 (./dev compare); skipped");
        return;
    }
    let only = std::env::var("BOURDON_COMPARE").ok();
    let show: usize = std::env::var("BOURDON_SHOW").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let wanted = std::env::var("BOURDON_PROTOCOL").ok();
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|w| w.split(',').any(|p| p == name));
    let all = [ORACLES, NAMES, FIELD, OFFICE].into_iter().flatten();
    let oracles: Vec<&Oracle> = all.filter(|o| is_wanted(o.protocol)).collect();
    let mut sums: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    let mut left_out: BTreeMap<(&str, Reason), [u64; 2]> = BTreeMap::new();
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unshared: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
    for path in corpus::captures(None) {
        let name = path.strip_prefix(corpus::folder().unwrap_or_default()).unwrap_or(&path).display().to_string();
        if only.as_ref().is_some_and(|o| !name.contains(o.as_str())) {
            continue;
        }
        let found = compare(&path, &oracles).unwrap_or_else(|error| {
            eprintln!("{name}: not compared: {error}");
            Default::default()
        });
        for (protocol, conversations) in found.unshared.into_iter().filter(|(p, _)| is_wanted(p)) {
            let (count, captures) = unshared.entry(protocol).or_default();
            *count += conversations.len() as u64;
            captures.push(format!("{name} ({})", conversations.len()));
        }
        for (protocol, row) in found.rows {
            let sum = sums.entry(protocol).or_default();
            sum.0 += 1;
            sum.1 += row.same;
            sum.2 += row.all();
            *told.entry(protocol).or_default() += row.told;
            for (reason, [theirs, ours]) in &row.left_out {
                let sum = left_out.entry((protocol, *reason)).or_default();
                *sum = [sum[0] + theirs, sum[1] + ours];
            }
            if row.same != row.all() {
                eprintln!(
                    "{name} {protocol}: {} of {} the same, {} missed, {} added",
                    row.same,
                    row.all(),
                    row.missed.len(),
                    row.added.len()
                );
                print(&row, show);
            }
        }
    }
    let mut below = Vec::new();
    for (protocol, (captures, same, all)) in &sums {
        let floor = FLOORS.iter().find(|(p, _)| p == protocol).map_or(GOAL, |(_, floor)| *floor);
        if *all > 0 && 1000 * same < floor * all && only.is_none() {
            below.push(format!("{protocol}: {same} of {all}"));
        }
        println!(
            "{protocol}: {captures} captures, {same} of {all} messages the same ({:.2} %)",
            100.0 * *same as f64 / (*all).max(1) as f64
        );
        if let Some(n) = told.get(protocol).filter(|n| **n > 0) {
            println!("    {n} of them tshark shows only when it is told what the port carries");
        }
        for ((_, reason), [theirs, ours]) in left_out.iter().filter(|((p, _), _)| p == protocol) {
            println!("    left out: {theirs} of tshark's {}, {ours} of ours", reason.text());
        }
    }
    for (protocol, (count, captures)) in &unshared {
        println!(
            "{protocol}: {count} conversations that tshark names otherwise or not at all: {}",
            captures.join(", ")
        );
        let bound = UNSHARED.iter().find(|(p, _)| p == protocol).map_or(0, |(_, bound)| *bound);
        if *count > bound && only.is_none() {
            below.push(format!("{protocol}: {count} conversations that tshark does not share, {bound} are explained"));
        }
    }
    assert!(below.is_empty(), "less agreement than promised: {}", below.join("; "));
}

fn print(row: &Agreement, show: usize) {
    for (word, list) in [("missed", &row.missed), ("added", &row.added)] {
        for (frame, sender, code) in list.iter().take(show) {
            eprintln!("    {word} frame {frame} {sender} {code}");
        }
    }
}
