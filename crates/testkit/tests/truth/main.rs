//! The inventory against tables made by hand from the captures beside the project: no phantom, no wrong merge, no wrong
//! value, nearly everything that stands on the wire. `BOURDON_TRUTH=modbus` narrows to sections whose name has the word
//! and shows what is missed.

mod check;
mod synthetic;
mod table;

use analysis::Judge;
use analysis::inventory::Asset;
use analysis::knowledge::Knowledge;
use check::{Share, check};
use engine::Settings;
use std::path::Path;
use testkit::corpus;

/// Values on the wire that must be reported, and judgements that must agree, per thousand over all captures.
const GOAL: usize = 950;

/// The inventory of a capture, by the whole way from the file to the devices.
fn inventory(path: &Path) -> std::io::Result<Vec<Asset>> {
    let mut judge = Judge::default();
    corpus::run(path, &Settings::default(), |event| judge.see(&event))?;
    judge.finish();
    Ok(judge.assets(&Knowledge::embedded(), &[]))
}

#[test]
fn the_inventory_is_true() {
    let tables = table::all();
    let sections: usize = tables.iter().map(|(_, list)| list.len()).sum();
    let Some(folder) = corpus::folder() else {
        eprintln!("no corpus beside the project: {sections} captures skipped");
        return;
    };
    let only = std::env::var("BOURDON_TRUTH").ok();
    let mut wrong = Vec::new();
    let (mut wire, mut judged) = (Share::default(), Share::default());
    let mut looked_at = 0;
    for truth in tables.iter().flat_map(|(_, list)| list) {
        if only.as_ref().is_some_and(|o| !truth.capture.contains(o.as_str())) {
            continue;
        }
        let path = folder.join(&truth.capture);
        let assets = match inventory(&path) {
            Ok(assets) => assets,
            Err(e) => {
                wrong.push(format!("{}: {e}", truth.capture));
                continue;
            }
        };
        looked_at += 1;
        let verdict = check(truth, &assets);
        println!(
            "{}: {} devices listed, {} shown; {} of {} values on the wire, {} of {} judgements",
            truth.capture,
            truth.devices.values().filter(|d| d.inside.is_none()).count(),
            assets.len(),
            verdict.wire.held,
            verdict.wire.all,
            verdict.judged.held,
            verdict.judged.all
        );
        verdict.wire.missed.iter().for_each(|m| println!("    missed: {m}"));
        verdict.judged.missed.iter().for_each(|m| println!("    judged otherwise: {m}"));
        for error in verdict.errors() {
            println!("    {error}");
            wrong.push(format!("{}: {error}", truth.capture));
        }
        wire.add(&verdict.wire);
        judged.add(&verdict.judged);
    }
    println!(
        "{looked_at} captures: {} of {} values on the wire, {} of {} judgements",
        wire.held, wire.all, judged.held, judged.all
    );
    assert!(wrong.is_empty(), "{} things are not true:\n{}", wrong.len(), wrong.join("\n"));
    assert!(wire.per_thousand() >= GOAL, "{} of {} values on the wire reported", wire.held, wire.all);
    assert!(judged.per_thousand() >= GOAL, "{} of {} judgements agree", judged.held, judged.all);
}
