//! Every page is a test: its cases run, and its words agree with the code.

use super::*;
use crate::alerts::{Alert, Alerts, sentence};
use std::collections::BTreeSet;

fn run(text: &str, on: impl Fn(&Detection) -> bool) -> (Alerts, Observed) {
    let events = facts::parse(text).unwrap_or_else(|e| panic!("{e}"));
    let (mut watch, mut world) = (Watch::new(on), Observed::default());
    let (mut found, mut alerts) = (Findings::default(), Alerts::default());
    for event in &events {
        world.observe(event);
        watch.tick(event.at.time, &world, &mut found);
        watch.see(event, &world, &mut found);
        alerts.take(&mut found);
    }
    if let Some(last) = events.last() {
        watch.finish(last.at.time, &world, &mut found);
        alerts.take(&mut found);
    }
    (alerts, world)
}

/// Whether an alert has `key=value`, as the alerts block of a case writes it.
fn has(alert: &Alert, key: &str, value: &str) -> bool {
    let host = |s: Option<model::Subject>| s.is_some_and(|s| s.to_string() == value);
    match key {
        "actor" => host(alert.actor),
        "subject" => host(alert.subject),
        "severity" => alert.severity.word() == value,
        "count" => alert.count.to_string() == value,
        "because" => value.split(',').all(|n| alert.because.iter().any(|s| s.frame.to_string() == n)),
        _ => {
            let word = alert.facts.get(key).is_some_and(|w| w.kept.iter().any(|w| w == value));
            word || alert.numbers.get(key).is_some_and(|n| n.to_string() == value)
        }
    }
}

/// One line of an alerts block: name, how many, what each must have.
fn expected(line: &str) -> (String, usize, Vec<(String, String)>) {
    let mut tokens = facts::line::tokens(line).unwrap().into_iter().map(|t| t.text);
    let name = tokens.next().unwrap();
    let (mut count, mut keys) = (1, Vec::new());
    for token in tokens {
        match (token.strip_prefix('x').and_then(|n| n.parse().ok()), token.split_once('=')) {
            (Some(n), _) => count = n,
            (None, Some((k, v))) => keys.push((k.to_owned(), v.replace('_', " "))),
            _ => panic!("not understood: {token}"),
        }
    }
    (name, count, keys)
}

fn check(detection: &'static Detection, case: &page::Case) -> Result<bool, String> {
    let (alerts, world) = run(case.facts, |d| d.name() == detection.name());
    let mut left = alerts.list();
    let shown: Vec<String> = left.iter().map(|a| format!("{} {a:?}", sentence(a, &world))).collect();
    let mut fires = false;
    for line in case.alerts.lines().filter(|l| !l.trim().is_empty() && *l != "none") {
        fires = true;
        let (name, count, keys) = expected(line);
        if name != detection.name() {
            return Err(format!("{name} is another detection"));
        }
        for _ in 0..count {
            let fits = |a: &&Alert| keys.iter().all(|(k, v)| has(a, k, v) || has(a, k, &v.replace(' ', "_")));
            let Some(at) = left.iter().position(fits) else {
                return Err(format!("no alert like: {line}\nalerts:\n{}", shown.join("\n")));
            };
            left.remove(at);
        }
    }
    for alert in alerts.list() {
        let text = sentence(alert, &world);
        if text.contains("unstated") || text.contains(['{', '[']) {
            return Err(format!("the sentence lacks a fact: {text}"));
        }
    }
    if left.is_empty() { Ok(fires) } else { Err(format!("unexpected alerts:\n{}", shown.join("\n"))) }
}

#[test]
fn list_and_folders_agree_and_are_alphabetical() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/detections");
    let mut folders: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("README.md").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let list: Vec<&str> = DESCRIPTORS.iter().map(|d| d.name).collect();
    assert_eq!(list, folders);
}

#[test]
fn pages_are_whole() {
    let known: BTreeSet<&str> = include_str!("techniques.txt").lines().collect();
    for d in DESCRIPTORS {
        let page = Page::parse(d.about).unwrap_or_else(|e| panic!("{}: {e}", d.name));
        for (heading, text) in &page.sections {
            assert!(text.len() > 20, "{}: {heading} says nothing", d.name);
        }
        assert!(
            !page.attack.is_empty() && page.attack.iter().all(|t| known.contains(t)),
            "{}: {:?}",
            d.name,
            page.attack
        );
        assert!(page.catalogue.iter().all(|id| id.len() == 5 && id.as_bytes()[2] == b'-'), "{}: catalogue", d.name);
        assert!(page.title.len() < 60, "{}: title", d.name);
    }
}

#[test]
fn catalogue_ids_are_covered_once() {
    let mut seen = BTreeSet::new();
    for d in DETECTIONS.iter() {
        for id in &d.page.catalogue {
            assert!(seen.insert(*id), "{id} is covered twice, by {} too", d.name());
        }
    }
}

#[test]
fn cases() {
    let mut wrong = Vec::new();
    for d in DETECTIONS.iter() {
        let (mut fires, mut silent) = (false, false);
        for case in &d.page.cases {
            match std::panic::catch_unwind(|| check(d, case)) {
                Ok(Ok(true)) => fires = true,
                Ok(Ok(false)) => silent = true,
                Ok(Err(e)) => wrong.push(format!("{}, line {}, {}: {e}", d.name(), case.line, case.title)),
                Err(_) => wrong.push(format!("{}, line {}, {}: facts cannot be read", d.name(), case.line, case.title)),
            }
        }
        if !fires || !silent {
            wrong.push(format!("{}: needs a case that fires and one that stays silent", d.name()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// A plant at work: none of the detections that are on without being asked for may speak.
#[test]
fn ordinary_traffic_is_silent() {
    let (alerts, world) = run(include_str!("ordinary.txt"), |d| d.page.default_on);
    let said: Vec<String> = alerts.list().iter().map(|a| format!("{}: {}", a.detection, sentence(a, &world))).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

/// Alerts do not depend on facts of other pairs between them: two pages' firing cases give the same alerts together.
#[test]
fn detectors_do_not_hinder_each_other() {
    for d in DETECTIONS.iter() {
        for case in &d.page.cases {
            let (alone, _) = run(case.facts, |other| other.name() == d.name());
            let (all, _) = run(case.facts, |_| true);
            let of = |alerts: &Alerts| -> Vec<Alert> {
                alerts.list().into_iter().filter(|a| a.detection == d.name()).cloned().collect()
            };
            assert_eq!(of(&alone), of(&all), "{}: {}", d.name(), case.title);
        }
    }
}

/// The table of the book. `BOURDON_WRITE_DOCS=1` writes it anew.
#[test]
fn table_in_the_book_is_current() {
    use std::fmt::Write;
    let mut text = String::from(
        "# Detections\n\nGenerated from the detections' pages; each name links to its page.\n\n\
         | Detection | Title | Engine | Severity | Kind | On | Techniques | Catalogue |\n|---|---|---|---|---|---|---|---|\n",
    );
    for d in DETECTIONS.iter() {
        let p = &d.page;
        let link = format!("../crates/analysis/src/detections/{}/README.md", d.name());
        let on = if p.default_on { "yes" } else { "no" };
        let (attack, catalogue) = (p.attack.join(" "), p.catalogue.join(" "));
        writeln!(
            text,
            "| [{}]({link}) | {} | {} | {} | {} | {on} | {attack} | {catalogue} |",
            d.name(),
            p.title,
            p.engine,
            p.severity,
            p.kind
        )
        .unwrap();
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detections.md");
    if std::env::var_os("BOURDON_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "docs/detections.md is not current");
}
