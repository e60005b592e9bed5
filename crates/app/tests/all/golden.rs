//! What comes out, byte by byte. After a change that is meant, write the files anew and read the difference:
//! `UPDATE_GOLDEN=1 cargo test --profile ci -p app golden`, then `git diff crates/app/tests/golden`.

use crate::{Folder, MONDAY};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use testkit::plant::attacks::Scenario;

fn compare(name: &str, is: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, is).unwrap();
        return;
    }
    let should = std::fs::read(&path).unwrap_or_default();
    if should != is {
        let (a, b) = (String::from_utf8_lossy(&should), String::from_utf8_lossy(is));
        let line =
            a.lines().zip(b.lines()).position(|(a, b)| a != b).unwrap_or(a.lines().count().min(b.lines().count()));
        let at = |t: &str| t.lines().nth(line).unwrap_or("(end)").chars().take(200).collect::<String>();
        panic!("{name}, line {}:\n  was {}\n  is  {}\nif that is meant: see golden.rs", line + 1, at(&a), at(&b));
    }
}

/// What is large and says the same again and again is left out of the committed document.
fn shortened(mut document: Value) -> Value {
    for list in ["conversations", "unknown_traffic", "assets"] {
        if let Some(rows) = document[list].as_array_mut() {
            rows.truncate(8);
        }
    }
    document
}

#[test]
fn outputs_are_as_committed() {
    let folder = Folder::new("golden");
    folder.plant("water.pcapng", MONDAY, 4, &Scenario::ALL);
    let text = folder.run(&["analyze", "water.pcapng", "--quiet", "--csv", "csv"]);
    assert!(text.status.success());
    compare("summary.txt", &text.stdout);
    let document = folder.json(&["water.pcapng"]);
    compare("document.json", format!("{:#}\n", shortened(document)).as_bytes());
    for table in ["alerts", "modules", "protocols", "transfers", "quality", "health", "files", "units"] {
        let name = format!("{table}.csv");
        compare(&name, &std::fs::read(folder.path().join("csv").join(&name)).unwrap());
    }
    let one = folder.run(&["analyze", "water.pcapng", "--quiet", "--threads", "1", "--report", "a.html"]);
    let three = folder.run(&["analyze", "water.pcapng", "--quiet", "--threads", "3", "--report", "b.html"]);
    assert_eq!((&one.stdout, &three.stdout), (&text.stdout, &text.stdout));
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("a.html") == read("b.html"), "the report is the same for any number of threads");
}

#[test]
fn every_field_is_documented() {
    let page = include_str!("../../../../docs/json.md");
    let mut documented: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    documented.extend(page.lines().filter_map(|l| l.strip_prefix("## ")));
    let folder = Folder::new("fields");
    folder.plant("water.pcapng", MONDAY, 4, &Scenario::ALL);
    let document = folder.json(&["water.pcapng", "--site", "site"]);
    let mut missing = BTreeSet::new();
    walk("", &document, &mut |path, key| {
        // names of operations and anomalies are data
        let data = path.ends_with(".operations") || path.ends_with(".anomalies");
        let known = documented.contains(key) || (path.starts_with(".protocols") && data);
        if !known {
            missing.insert(format!("{path}.{key}"));
        }
    });
    assert!(missing.is_empty(), "docs/json.md does not describe {missing:?}");
}

fn walk(path: &str, value: &Value, see: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                see(path, key);
                walk(&format!("{path}.{key}"), inner, see);
            }
        }
        Value::Array(list) => list.iter().for_each(|v| walk(path, v, see)),
        _ => {}
    }
}
