//! The cases of the detection pages speak the language of the parsers: what they name exists, or a detection proves
//! itself on facts that never come.

use analysis::detections::{DETECTIONS, facts, words};
use model::What;
use protocols::{Goal, Protocol, by_name};
use std::collections::BTreeSet;

/// What the engine adds to a sum of folded operations.
const SUM_FIELDS: [&str; 3] = ["last_seen", "max", "min"];

/// Whether the protocol writes its targets as `space:address`. Two copies of one function would only make this test
/// look at less.
fn plain(p: &Protocol) -> bool {
    type Notation = fn(&Goal, &str, &mut String);
    core::ptr::fn_addr_eq(p.notation, protocols::plain_notation as Notation)
}

fn knows(p: &Protocol, operation: &str) -> bool {
    p.operations.iter().any(|o| o.name == operation) || operation == "unknown"
}

#[test]
fn cases_name_operations_fields_and_targets_that_exist() {
    assert!(by_name("arp").is_some_and(plain), "nothing would be looked at");
    let mut wrong = BTreeSet::new();
    for d in DETECTIONS.iter() {
        for case in &d.page.cases {
            let Ok(events) = facts::parse(case.facts) else { continue };
            for event in &events {
                let What::Transaction(t) = &event.what else { continue };
                let Some(p) = by_name(t.protocol) else { continue };
                if !knows(p, t.operation) {
                    wrong.insert(format!("{}: {} has no operation {}", d.name(), p.name, t.operation));
                }
                let declared = |key: &str| p.fields.iter().any(|f| f.key == key) || SUM_FIELDS.contains(&key);
                for field in t.fields.iter().filter(|f| !declared(f.key)) {
                    wrong.insert(format!("{}: {} has no field {}", d.name(), p.name, field.key));
                }
                let written = |name: &str| p.spaces.iter().any(|s| name == *s || name.starts_with(&format!("{s}:")));
                for item in t.items.iter().filter(|i| plain(p) && !written(&i.target.name)) {
                    wrong.insert(format!("{}: {} writes no target as {}", d.name(), p.name, item.target.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn tables_name_operations_that_exist() {
    let mut wrong = Vec::new();
    for (name, table) in words::TABLES {
        for (protocol, operation) in *table {
            if let Some(p) = by_name(protocol)
                && !knows(p, operation)
            {
                wrong.push(format!("{name}: {protocol} has no operation {operation}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
