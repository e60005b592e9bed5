//! The parsers against tshark over the captures beside the project. `BOURDON_COMPARE=folder` narrows the captures,
//! `BOURDON_SHOW=5` prints that many differences per capture and protocol.

use std::collections::BTreeMap;
use testkit::corpus;
use testkit::differential::{Agreement, FIELD, NAMES, OFFICE, ORACLES, Oracle, compare, installed};

/// Messages per thousand that must agree over all captures.
const GOAL: u64 = 995;

/// Protocols below the goal, each with its reason in docs/limits.md; no floor may fall.
const FLOORS: &[(&str, u64)] = &[
    // answers of PROFINET stations from another port than the one asked
    ("dcerpc", 925),
    ("dhcp", 790),
    ("dns", 760),
    // replies that break the standard are anomalies here; 45 messages
    ("ftp", 950),
    ("http", 932),
    ("igmp", 950),
    ("llmnr", 890),
    ("nbns", 640),
    ("ntp", 980),
    // two of 23 messages: a cleared fixed bit, and two sides with one address
    ("quic", 910),
    // answers that tshark takes for repeated, because their acknowledgement came first
    ("s7comm", 990),
    // crafted messages that are anomalies here, SMB on NetBEUI frames
    ("smb", 950),
    ("snmp", 931),
    // mirror copies are removed
    ("ssdp", 960),
    // a client that speaks HTTP to a server of SSH
    ("ssh", 900),
    // a data mark of 61 messages
    ("telnet", 980),
    // one request of seven with a mode that does not exist
    ("tftp", 850),
    ("tls", 754),
    // one message of 91, bytes that are no function
    ("umas", 985),
];

/// Conversations in which we name a protocol and tshark does not, each looked at by hand; the protocols' pages say why
/// ours are right.
const UNSHARED: &[(&str, u64)] = &[
    ("cip", 1),
    ("cotp", 23),
    ("dcerpc", 2),
    ("http", 5),
    ("quic", 1),
    ("rdp", 1),
    ("ssdp", 1),
    ("ssh", 1),
    ("telnet", 1),
    ("tls", 7),
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
    let oracles: Vec<&Oracle> = [ORACLES, NAMES, FIELD, OFFICE].into_iter().flatten().collect();
    let mut sums: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
    let mut excluded: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut unshared: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
    for path in corpus::captures(None) {
        let name = path.strip_prefix(corpus::folder().unwrap_or_default()).unwrap_or(&path).display().to_string();
        if only.as_ref().is_some_and(|o| !name.contains(o.as_str())) {
            continue;
        }
        let found = compare(&path, &oracles).unwrap_or_default();
        for (protocol, conversations) in found.unshared {
            let (count, captures) = unshared.entry(protocol).or_default();
            *count += conversations.len() as u64;
            captures.push(format!("{name} ({})", conversations.len()));
        }
        for (protocol, row) in found.rows {
            let sum = sums.entry(protocol).or_default();
            sum.0 += 1;
            sum.1 += row.same;
            sum.2 += row.all();
            for (reason, n) in &row.excluded {
                *excluded.entry((protocol, *reason)).or_default() += n;
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
    }
    for ((protocol, reason), n) in &excluded {
        println!("{protocol}: not compared, {reason}: {n}");
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
