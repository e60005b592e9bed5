//! Every protocol: its page's cases, and the laws every session obeys.
//!
//! `cargo test -p testkit --test protocols -- cases` runs the cases; a protocol's name in the environment variable
//! `BOURDON_PROTOCOL` limits everything to that protocol.

use protocols::{PROTOCOLS, Protocol};
use testkit::laws;
use testkit::pages::{Case, check, parse};

fn chosen() -> Vec<(&'static Protocol, Vec<Case>)> {
    let only = std::env::var("BOURDON_PROTOCOL").ok();
    let wanted = |p: &&&'static Protocol| only.as_deref().is_none_or(|o| o == p.name);
    PROTOCOLS
        .iter()
        .filter(wanted)
        .map(|p| (*p, parse(p.cases).unwrap_or_else(|e| panic!("{}/cases.md: {e}", p.name))))
        .collect()
}

fn each(what: &str, law: impl Fn(&Case) -> Result<(), String>) {
    let mut trouble = Vec::new();
    for (protocol, cases) in chosen() {
        for case in &cases {
            if let Err(e) = law(case) {
                trouble.push(format!("{} {what}, case \"{}\": {e}", protocol.name, case.name));
            }
        }
    }
    assert!(trouble.is_empty(), "{} failed:\n{}", trouble.len(), trouble.join("\n\n"));
}

#[test]
fn cases() {
    each("cases", check);
}

#[test]
fn law_cutting() {
    each("cutting", laws::cutting);
}

#[test]
fn law_midstream_and_swapped_roles() {
    each("midstream", laws::midstream_and_swapped);
}

#[test]
fn law_loss_never_invents() {
    each("loss", laws::loss_never_invents);
}

#[test]
fn law_one_sided() {
    each("one-sided", laws::one_sided);
}

#[test]
fn law_garbage() {
    for seed in 0..3 {
        each("garbage", |case| laws::garbage(case, seed));
    }
}

#[test]
fn law_mutation() {
    each("mutation", |case| laws::mutation(case, 7, 60));
}

#[test]
fn law_shards() {
    let cases: Vec<Case> = chosen().into_iter().flat_map(|(_, cases)| cases).collect();
    laws::shards(&cases).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn pages_are_complete() {
    for (protocol, cases) in chosen() {
        let name = protocol.name;
        assert!(cases.len() >= 2, "{name}: at least two cases");
        assert!(
            protocol.operations.windows(2).all(|w| w[0].code < w[1].code),
            "{name}: operations sorted by code, each once"
        );
        for heading in ["## What it is", "## Where it is seen", "## What identifies a device", "## References"] {
            assert!(protocol.about.contains(heading), "{name}/README.md: {heading}");
        }
    }
    assert!(PROTOCOLS.windows(2).all(|w| w[0].name < w[1].name), "the list is alphabetical");
}
