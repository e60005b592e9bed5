//! `--site`: captures add up.

use crate::{Folder, MONDAY};
use serde_json::{Value, json};
use testkit::plant::attacks::Scenario;
use testkit::plant::sim::HOUR;

/// What devices are, without when and how often it was seen.
fn identity(document: &Value) -> Vec<Value> {
    let values = |a: &Value| -> Value {
        let Value::Object(map) = &a["attributes"] else { return Value::Null };
        map.iter()
            .map(|(k, v)| (k.clone(), json!([v["value"], v["strength"]])))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let sorted = |list: &Value| {
        let mut all: Vec<String> = list.as_array().unwrap().iter().map(ToString::to_string).collect();
        all.sort();
        all
    };
    let modules = |a: &Value| -> Vec<Value> {
        a["modules"].as_array().unwrap().iter().map(|m| json!([m["rack"], m["slot"], values(m)])).collect()
    };
    let one = |a: &Value| {
        json!([
            a["id"],
            a["name"],
            sorted(&a["addresses"]),
            sorted(&a["macs"]),
            a["device_type"]["value"],
            a["level"]["value"],
            values(a),
            modules(a),
            a["units"],
            a["parent"],
            a["protocols"]
        ])
    };
    document["assets"].as_array().unwrap().iter().map(one).collect()
}

/// Names the devices that differ: the whole lists are too long to read.
fn same(a: &[Value], b: &[Value], rule: &str) {
    let differ: Vec<_> = a.iter().zip(b).filter(|(a, b)| a != b).collect();
    assert!(a.len() == b.len() && differ.is_empty(), "{rule}: {differ:#?}");
}

#[test]
fn one_after_the_other_is_both_together() {
    let folder = Folder::new("site");
    folder.plant("a.pcapng", MONDAY, 4, &[]);
    folder.plant("b.pcapng", MONDAY + 6 * HOUR, 6, &[Scenario::Triton]);
    folder.json(&["a.pcapng", "--site", "one"]);
    let one = folder.json(&["b.pcapng", "--site", "one"]);
    folder.json(&["b.pcapng", "--site", "other"]);
    let other = folder.json(&["a.pcapng", "--site", "other"]);
    let both = folder.json(&["a.pcapng", "b.pcapng"]);
    same(&identity(&one), &identity(&other), "the order of captures does not matter");
    same(&identity(&one), &identity(&both), "one after the other is both together");
    let ids = |d: &Value, list: &str, name: &str, but: &str| {
        let rows = d[list].as_array().unwrap().iter().filter(|a| a["detection"] != but);
        let mut all: Vec<String> = rows.map(|a| a[name].to_string()).collect();
        all.sort();
        all
    };
    assert_eq!(ids(&one, "alerts", "id", ""), ids(&both, "alerts", "id", ""));
    assert_eq!(ids(&one, "transfers", "sha256", ""), ids(&both, "transfers", "sha256", ""));
    assert_eq!(ids(&one, "transfers", "sha256", ""), ids(&other, "transfers", "sha256", ""));
    // a program is compared with what was loaded in an earlier capture; an older capture read later is no baseline
    let changed = one["alerts"].as_array().unwrap().iter().filter(|a| a["detection"] == "program_changed");
    assert!(changed.count() > 0, "the block that was loaded in the first capture is not the one of the second");
    assert_eq!(ids(&one, "alerts", "id", "program_changed"), ids(&other, "alerts", "id", "program_changed"));

    let again = folder.json(&["a.pcapng", "--site", "one"]);
    for list in ["assets", "alerts", "conversations", "unknown_traffic", "protocols", "transfers"] {
        assert_eq!(again[list], one[list], "{list}: the same capture read twice adds nothing");
    }
    assert_eq!(again["summary"]["site"]["known"], json!(["a.pcapng"]));
}

#[test]
fn what_cannot_be_used_is_said() {
    let folder = Folder::new("site-wrong");
    folder.plant("a.pcapng", MONDAY, 1, &[]);
    let run = |arguments: &[&str]| {
        let out = folder.run(arguments);
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    std::fs::create_dir(folder.path().join("bad")).unwrap();
    std::fs::write(folder.path().join("bad/site.db"), "nonsense ".repeat(100)).unwrap();
    let (code, said) = run(&["analyze", "a.pcapng", "--site", "bad"]);
    assert!(code == Some(1) && said.contains("site.db") && said.contains("damaged"), "{said}");
    let (code, said) = run(&["analyze", "-", "--site", "x"]);
    assert!(code == Some(1) && said.contains("standard input"), "{said}");
    for option in ["--report", "--csv"] {
        let (code, said) = run(&["analyze", "a.pcapng", option, "a.pcapng/x"]);
        assert!(code == Some(1) && said.contains("a.pcapng/x"), "{said}");
    }
    #[cfg(target_os = "linux")]
    {
        let (code, said) = run(&["analyze", "a.pcapng", "--report", "/dev/full"]);
        assert!(code == Some(1) && said.contains("/dev/full: writing failed"), "{said}");
    }
}
