//! The committed lists: what each capture is, and why each grave alert on a benign one is there.

use std::collections::BTreeMap;

/// What a capture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Ordinary work of devices and people, maintenance included.
    Benign,
    /// Made to test parsers: messages broken on purpose, hand-made, or cut out so that they cannot be whole.
    Broken,
    /// Somebody does what a monitor is there to tell: attack, scan, malware, unauthorised engineering.
    Attack,
}

/// One line of `captures.tsv`.
pub struct Capture {
    pub file: &'static str,
    pub class: Class,
    pub reason: &'static str,
    /// Attack only: the detections of which each must speak (alternatives with `|`), or `-` and the reason tells why
    /// none can.
    pub expected: Vec<Vec<&'static str>>,
}

/// One line of `explained.tsv`: a detection on one capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Alerts of Major or Critical.
    pub alerts: u64,
    /// `right`: a true observation or a real problem in that capture. `false`: known to be wrong.
    pub verdict: &'static str,
    pub text: &'static str,
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    text.lines().filter(is_row).map(|line| line.split('\t').collect())
}

pub fn captures() -> Result<Vec<Capture>, String> {
    let read = |row: Vec<&'static str>| {
        let [file, class, reason, rest @ ..] = row.as_slice() else { return Err(format!("captures.tsv: {row:?}")) };
        let class = match *class {
            "benign" => Class::Benign,
            "broken" => Class::Broken,
            "attack" => Class::Attack,
            other => return Err(format!("captures.tsv: {file}: no class {other}")),
        };
        let expected = match (class, rest) {
            (Class::Attack, ["-"]) | (Class::Benign | Class::Broken, []) => Vec::new(),
            (Class::Attack, [words]) => words.split(' ').map(|w| w.split('|').collect()).collect(),
            _ => return Err(format!("captures.tsv: {file}: a list of detections stands with attacks and only there")),
        };
        Ok(Capture { file, class, reason, expected })
    };
    rows(include_str!("../../noise/captures.tsv")).map(read).collect()
}

pub fn explained() -> Result<BTreeMap<(&'static str, &'static str), Explained>, String> {
    let read = |row: Vec<&'static str>| match row.as_slice() {
        [file, detection, alerts, verdict @ ("right" | "false"), text] => {
            let alerts = alerts.parse().map_err(|e| format!("explained.tsv: {file}: {e}"))?;
            Ok(((*file, *detection), Explained { alerts, verdict, text }))
        }
        _ => Err(format!("explained.tsv: {row:?}")),
    };
    rows(include_str!("../../noise/explained.tsv")).map(read).collect()
}
