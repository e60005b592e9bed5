//! The labelled sets: which attacks the always-on detections find, and what they say where nothing happens.
//!
//! An event is found by a finding that rests on one of its frames or lies between its start and a minute after its end.
//! A finding is beside the truth where it rests on no labelled frame and lies outside every event, from 5 s before to
//! 300 s after. Findings of one detection and key with less than ten minutes between them are one incident.

use crate::run::{Moment, moments};
use analysis::detections::Severity;
use model::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use testkit::corpus;

const AFTER_END: i64 = 60 * Time::SECOND;
const BEFORE: i64 = 5 * Time::SECOND;
const AFTERMATH: i64 = 300 * Time::SECOND;
const INCIDENT: i64 = 600 * Time::SECOND;
/// Labelled frames further apart than this are two bursts.
const BURST: i64 = 10 * Time::SECOND;
/// A jump of the looped background is a true replay for this long.
const LOOP: i64 = 60 * Time::SECOND;

struct Attack {
    class: String,
    start: Time,
    end: Time,
    frames: BTreeSet<u64>,
}

impl Attack {
    fn found_by(&self, m: &Moment) -> bool {
        let in_time = self.start <= m.last && m.last.since(self.end) <= AFTER_END;
        in_time || m.because.iter().any(|s| self.frames.contains(&s.frame))
    }

    fn near(&self, m: &Moment) -> bool {
        self.start.since(m.last) <= BEFORE && m.last.since(self.end) <= AFTERMATH
    }
}

/// One class of attack in one set.
#[derive(Default)]
pub struct Row {
    pub events: u64,
    /// Found by a finding of Major or Critical.
    pub grave: u64,
    /// Only by a Minor or a Warning.
    pub mild: u64,
    /// Events per detection, grave ones.
    pub by: BTreeMap<&'static str, u64>,
    /// Events that no grave one tells, per detection.
    pub mild_by: BTreeMap<&'static str, u64>,
}

/// What was measured.
#[derive(Default)]
pub struct Measured {
    /// Set and class.
    pub rows: BTreeMap<(&'static str, String), Row>,
    /// Set, capture and detection: grave incidents beside the truth.
    pub beside: BTreeMap<(&'static str, String, &'static str), u64>,
    /// Set: grave incidents in all.
    pub incidents: BTreeMap<&'static str, u64>,
}

/// Grave incidents: detection, and the findings of each.
fn incidents(found: &[Moment]) -> Vec<(&'static str, Vec<&Moment>)> {
    let mut by_key: BTreeMap<(&'static str, &str), Vec<&Moment>> = BTreeMap::new();
    for m in found.iter().filter(|m| m.severity >= Severity::Major) {
        by_key.entry((m.detection, &m.key)).or_default().push(m);
    }
    let mut all = Vec::new();
    for ((detection, _), mut moments) in by_key {
        moments.sort_by_key(|m| m.last);
        let mut open: Vec<&Moment> = Vec::new();
        for m in moments {
            if open.last().is_some_and(|before| m.last.since(before.last) >= INCIDENT) {
                all.push((detection, std::mem::take(&mut open)));
            }
            open.push(m);
        }
        all.push((detection, open));
    }
    all
}

/// What is known of a capture.
#[derive(Default)]
struct Truth {
    attacks: Vec<Attack>,
    /// Jumps of a looped background.
    loops: Vec<Time>,
    /// Frames that are malicious whether an event lists them or not.
    malicious: BTreeSet<u64>,
    /// Detections that judge what the attacks do not touch.
    apart: Option<&'static str>,
}

impl Truth {
    fn apart(&self, m: &Moment) -> bool {
        self.apart.is_some_and(|start| m.detection.starts_with(start))
    }
}

fn score(out: &mut Measured, set: &'static str, path: &Path, truth: &Truth) -> Result<(), String> {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let capture = name.split(".pcap").next().unwrap_or(name).to_owned();
    let found = moments(path).map_err(|e| format!("{name}: {e}"))?;
    for attack in &truth.attacks {
        let row = out.rows.entry((set, attack.class.clone())).or_default();
        row.events += 1;
        let hits: Vec<&Moment> = found.iter().filter(|m| attack.found_by(m) && !truth.apart(m)).collect();
        let grave: BTreeSet<&str> =
            hits.iter().filter(|m| m.severity >= Severity::Major).map(|m| m.detection).collect();
        row.grave += u64::from(!grave.is_empty());
        row.mild += u64::from(grave.is_empty() && !hits.is_empty());
        if grave.is_empty() {
            for detection in hits.iter().map(|m| m.detection).collect::<BTreeSet<_>>() {
                *row.mild_by.entry(detection).or_default() += 1;
            }
        }
        for detection in grave {
            *row.by.entry(detection).or_default() += 1;
        }
    }
    for (detection, moments) in incidents(&found) {
        *out.incidents.entry(set).or_default() += 1;
        let marked = |m: &&Moment| m.because.iter().any(|s| truth.malicious.contains(&s.frame));
        let told = |m: &&Moment| marked(m) || truth.attacks.iter().any(|a| a.found_by(m) || a.near(m));
        let looped = |m: &&Moment| truth.loops.iter().any(|t| *t <= m.last && m.last.since(*t) <= LOOP);
        let right = |m: &&Moment| if truth.apart(m) { looped(m) } else { told(m) };
        if !moments.iter().any(right) {
            *out.beside.entry((set, capture.clone(), detection)).or_default() += 1;
        }
    }
    Ok(())
}

fn time(text: &str) -> Time {
    // split at the point: a double holds no nanoseconds of this century
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Time(seconds.parse::<i64>().unwrap_or_default() * Time::SECOND + nanos.parse::<i64>().unwrap_or_default())
}

fn lines(path: &Path) -> Result<Vec<Vec<String>>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(text.lines().map(|l| l.split([',', ';']).map(str::to_owned).collect()).collect())
}

/// The attacker's box, as the set's description names it. At its port every unicast frame belongs to an attack.
const ATTACKER: [u8; 6] = [0x00, 0x10, 0x18, 0xcb, 0x8c, 0x13];

/// Frames that are malicious by the set's own rule, numbered from 1.
fn attackers_frames(path: &Path) -> Result<BTreeSet<u64>, String> {
    let mut marked = BTreeSet::new();
    crate::run::frames(path, |number, bytes| {
        let (Some(to), Some(from)) = (bytes.get(..6), bytes.get(6..12)) else { return };
        let unicast = to.first().is_some_and(|b| b & 1 == 0);
        if unicast || from == ATTACKER {
            marked.insert(number);
        }
    })
    .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(marked)
}

/// Labelled frames, in order, as bursts.
fn bursts(frames: impl Iterator<Item = (u64, Time, String)>) -> Vec<Attack> {
    let mut all: Vec<Attack> = Vec::new();
    for (frame, at, class) in frames {
        match all.last_mut().filter(|a| a.class == class && at.since(a.end) < BURST) {
            Some(open) => {
                open.end = at;
                open.frames.insert(frame);
            }
            None => all.push(Attack { class, start: at, end: at, frames: [frame].into() }),
        }
    }
    all
}

fn captures(folder: &Path) -> Vec<std::path::PathBuf> {
    let is = |p: &std::path::PathBuf| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.contains(".pcap"));
    let mut found: Vec<_> =
        std::fs::read_dir(folder).map(|d| d.flatten().map(|e| e.path()).filter(is).collect()).unwrap_or_default();
    found.sort();
    found
}

/// Runs every labelled capture that is there.
pub fn measure() -> Result<Measured, String> {
    let mut out = Measured::default();
    let Some(root) = corpus::datasets() else { return Ok(out) };
    let stem =
        |p: &Path| p.file_name().and_then(|n| n.to_str()).and_then(|n| n.split(".pcap").next()).map(str::to_owned);

    let folder = root.join("qut_goose");
    let labels = lines(&folder.join("frame_labels.csv"))?;
    for path in captures(&folder) {
        let of = |row: &&Vec<String>| row.first() == stem(&path).as_ref();
        let frame = |row: &Vec<String>| {
            let label = row.get(3).filter(|l| !l.is_empty() && *l != "0")?;
            Some((row.get(1)?.parse().ok()?, time(row.get(2)?), label.clone()))
        };
        let attacks = bursts(labels.iter().filter(of).filter_map(frame));
        score(&mut out, "qut_goose", &path, &Truth { attacks, ..Truth::default() })?;
    }

    let folder = root.join("qut_dnp3");
    let (events, loops) = (lines(&folder.join("events.csv"))?, lines(&folder.join("goose_loop_points.csv"))?);
    for path in captures(&folder) {
        let of = |row: &&Vec<String>| row.first() == stem(&path).as_ref();
        let attack = |row: &Vec<String>| {
            let name = row.get(1)?.trim_end_matches(|c: char| c.is_ascii_digit());
            let class = format!("{}: {name}", row.get(2)?);
            Some(Attack { class, start: time(row.get(3)?), end: time(row.get(4)?), frames: BTreeSet::new() })
        };
        let attacks: Vec<Attack> = events.iter().filter(of).filter_map(attack).collect();
        let loops: Vec<Time> = loops.iter().filter(of).filter_map(|row| row.get(2).map(|t| time(t))).collect();
        // the attacks are DNP3; GOOSE is background, and its detections are judged by the jumps of the loop alone
        let truth = Truth { attacks, loops, malicious: attackers_frames(&path)?, apart: Some("goose") };
        score(&mut out, "qut_dnp3", &path, &truth)?;
    }

    let folder = root.join("lemay_modbus");
    for path in captures(&folder) {
        let labels = lines(&folder.join(format!("{}_labeled.csv", stem(&path).unwrap_or_default())))?;
        // the labels carry no time: neighbouring frames are one burst
        let bad = |row: &Vec<String>| {
            let frame: u64 = row.first().filter(|_| row.get(1).is_some_and(|l| l == "1"))?.parse().ok()?;
            Some((frame, Time(frame as i64 * Time::SECOND), "labelled frames".to_owned()))
        };
        let mut attacks = bursts(labels.iter().filter_map(bad));
        attacks.iter_mut().for_each(|a| (a.start, a.end) = (Time(i64::MIN / 2), Time(i64::MIN / 2)));
        score(&mut out, "lemay_modbus", &path, &Truth { attacks, ..Truth::default() })?;
    }
    Ok(out)
}
