//! `docs/noise.md`.

use crate::All;
use crate::labelled::Measured;
use crate::lists::{Capture, Class, Explained};
use crate::run::Said;
use analysis::detections::{DETECTIONS, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const INTRODUCTION: &str = "\
# What the detections say over known captures

Written by `./dev noise`, which runs the whole analysis over every capture of the corpus beside the project and over the
labelled sets. Grave means Major or Critical. `crates/testkit/noise/captures.tsv` tells for each capture what it is and
why, `crates/testkit/noise/explained.tsv` explains every grave alert on a benign one; a test fails when a grave alert
comes or goes.

- **Benign**: devices and people at work. Maintenance counts as benign: a download by its engineer is told, as an
  observation, and stands below with its reason.
- **Broken**: made to test parsers. Messages broken or cut on purpose, fuzzers, hand-made packets, conformance tests that
  provoke errors. What is said there is neither right nor wrong about a plant; it is counted apart.
- **Attack**: attacks, scans, malware, engineering actions recorded as attacks. Here the question is what is missed.

";

type Classes<'a> = BTreeMap<&'a str, Class>;

fn of_class<'a>(all: &'a All, classes: &Classes<'_>, class: Class) -> Vec<(&'a str, &'a Said)> {
    let here = all.iter().filter(|(file, _)| classes.get(file.as_str()) == Some(&class));
    here.flat_map(|(file, said)| said.iter().map(move |s| (file.as_str(), s))).collect()
}

fn cell(n: usize) -> String {
    if n == 0 { String::new() } else { n.to_string() }
}

fn counts(all: &All, classes: &Classes<'_>, out: &mut String) {
    let sets = [Class::Benign, Class::Broken, Class::Attack].map(|c| (c, of_class(all, classes, c)));
    let number = |class: Class| classes.values().filter(|c| **c == class).count();
    let _ = writeln!(
        out,
        "## Alerts per detection\n\n{} captures: {} benign, {} broken, {} attack. Empty cells are zero.\n",
        classes.len(),
        number(Class::Benign),
        number(Class::Broken),
        number(Class::Attack)
    );
    out.push_str("| Detection | Kind | Benign: captures | grave | minor | warning | Broken: captures | grave | Attack: captures | grave |\n|---|---|---|---|---|---|---|---|---|---|\n");
    let mut sums = [0usize; 8];
    for d in DETECTIONS.iter().filter(|d| d.page.default_on) {
        let mine = |n: usize| {
            sets.get(n).map_or(Vec::new(), |(_, s)| s.iter().filter(|(_, s)| s.detection == d.name()).collect())
        };
        let [benign, broken, attack]: [Vec<&(&str, &Said)>; 3] = [mine(0), mine(1), mine(2)];
        let files = |v: &[&(&str, &Said)]| v.iter().map(|(f, _)| *f).collect::<BTreeSet<_>>().len();
        let grave = |v: &[&(&str, &Said)]| v.iter().filter(|(_, s)| s.grave()).count();
        let exactly = |severity: Severity| benign.iter().filter(|(_, s)| s.severity == severity).count();
        let row = [
            files(&benign),
            grave(&benign),
            exactly(Severity::Minor),
            exactly(Severity::Warning),
            files(&broken),
            grave(&broken),
            files(&attack),
            grave(&attack),
        ];
        sums.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
        let cells: Vec<String> = row.iter().map(|n| cell(*n)).collect();
        let _ = writeln!(out, "| {} | {} | {} |", d.name(), d.page.kind, cells.join(" | "));
    }
    let cells: Vec<String> = sums
        .iter()
        .enumerate()
        .map(|(n, sum)| if [0, 4, 6].contains(&n) { String::new() } else { cell(*sum) })
        .collect();
    let _ = writeln!(out, "| **all** |  | {} |", cells.join(" | "));
}

/// Detection, verdict and explanation that several captures share.
type Group<'a> = (&'a str, &'a str, &'a str);

fn explanations(explained: &BTreeMap<(&'static str, &'static str), Explained>, out: &mut String) {
    let sum = |verdict: &str| explained.values().filter(|e| e.verdict == verdict).map(|e| e.alerts).sum::<u64>();
    let _ = writeln!(
        out,
        "\n## Grave alerts on benign captures, each explained\n\n{} alerts. {} are right: what they say is so in that capture. {} are false and known.\n",
        sum("right") + sum("false"),
        sum("right"),
        sum("false")
    );
    let mut groups: BTreeMap<Group<'_>, Vec<(&str, u64)>> = BTreeMap::new();
    for ((file, detection), e) in explained {
        groups.entry((detection, e.verdict, e.text)).or_default().push((file, e.alerts));
    }
    out.push_str("| Detection | Alerts | Verdict | Captures | Why |\n|---|---|---|---|---|\n");
    for ((detection, verdict, text), files) in groups {
        let n: u64 = files.iter().map(|(_, n)| n).sum();
        let names: Vec<&str> = files.iter().map(|(f, _)| *f).collect();
        let _ = writeln!(out, "| {detection} | {n} | {verdict} | {} | {text} |", names.join("<br>"));
    }
}

fn attacks(captures: &[Capture], all: &All, out: &mut String) {
    let mut rows = String::new();
    let (mut told, mut impossible, mut number) = (0, 0, 0);
    for c in captures.iter().filter(|c| c.class == Class::Attack) {
        let Some(said) = all.get(c.file) else { continue };
        number += 1;
        let speaks: BTreeSet<&str> = said.iter().map(|s| s.detection).collect();
        let found: Vec<&str> = c.expected.iter().flatten().copied().filter(|d| speaks.contains(d)).collect();
        let rest: Vec<&str> = speaks.iter().copied().filter(|d| !found.contains(d)).collect();
        told += usize::from(!c.expected.is_empty());
        impossible += usize::from(c.expected.is_empty());
        let found = if found.is_empty() { "**missed**".to_owned() } else { found.join(", ") };
        let _ = writeln!(rows, "| {} | {} | {found} | {} |", c.file, c.reason, rest.join(", "));
    }
    let _ = writeln!(
        out,
        "\n## Attack captures\n\n{number} captures: {told} are told for what they are, {impossible} are missed.\n\n\
         | Capture | What it is | Told by | Also said |\n|---|---|---|---|"
    );
    out.push_str(&rows);
}

fn labelled(m: &Measured, out: &mut String) {
    out.push_str(
        "\n## Labelled sets\n\nAlways-on detections only: nothing was learned. An event is found where a Major or Critical finding rests on \
         one of its frames or lies between its start and a minute after its end. `Mild` counts events that only a Minor \
         or a Warning tells.\n\n| Set | Attack | Events | Found | Mild | Missed | By |\n|---|---|---|---|---|---|---|\n",
    );
    for ((set, class), r) in &m.rows {
        let mild = r.mild_by.iter().map(|(d, n)| format!("({d} {n})"));
        let by: Vec<String> = r.by.iter().map(|(d, n)| format!("{d} {n}")).chain(mild).collect();
        let missed = r.events - r.grave - r.mild;
        let _ = writeln!(
            out,
            "| {set} | {class} | {} | {} | {} | {missed} | {} |",
            r.events,
            r.grave,
            r.mild,
            by.join(", ")
        );
    }
    out.push_str("\nGrave incidents (findings of one detection and key, less than ten minutes apart) beside the truth: on no labelled or \
        malicious frame, and outside every event from 5 s before to 300 s after; GOOSE ones of qut_dnp3, whose attacks are DNP3, more than a minute after \
        each jump of its looped background:\n\n| Set | Incidents | Beside the truth |\n|---|---|---|\n");
    for (set, n) in &m.incidents {
        let beside: u64 = m.beside.iter().filter(|((s, _, _), _)| s == set).map(|(_, n)| n).sum();
        let _ = writeln!(out, "| {set} | {n} | {beside} |");
    }
    if !m.beside.is_empty() {
        out.push_str("\n| Set | Capture | Detection | Incidents |\n|---|---|---|---|\n");
        for ((set, capture, detection), n) in &m.beside {
            let _ = writeln!(out, "| {set} | {capture} | {detection} | {n} |");
        }
    }
}

/// The whole page.
pub fn text(
    captures: &[Capture],
    explained: &BTreeMap<(&'static str, &'static str), Explained>,
    all: &All,
    measured: &Measured,
) -> String {
    let here = captures.iter().filter(|c| all.contains_key(c.file));
    let classes: Classes<'_> = here.map(|c| (c.file, c.class)).collect();
    let mut out = String::from(INTRODUCTION);
    counts(all, &classes, &mut out);
    explanations(explained, &mut out);
    attacks(captures, all, &mut out);
    labelled(measured, &mut out);
    out.push_str(include_str!("../../noise/remarks.md"));
    out
}
