//! The embedded pack has no faults, every set has its source and cases, and every case holds.

use super::*;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge"))
}

fn sets() -> Vec<String> {
    let mut names: Vec<String> =
        EMBEDDED.iter().filter_map(|(name, _)| name.split_once('/')).map(|(set, _)| set.to_string()).collect();
    names.dedup();
    names
}

#[test]
fn the_embedded_pack_has_no_faults() {
    let (_, faults) = Knowledge::from_files(&|_| None);
    assert_eq!(faults, Faults::default());
}

#[test]
fn every_set_has_its_source_and_cases() {
    for set in sets() {
        let source = fs::read_to_string(folder().join(&set).join("SOURCE.md")).unwrap_or_default();
        for word in ["Origin", "Licence", "Date", "Refresh"] {
            assert!(source.contains(word), "{set}/SOURCE.md does not say {word}");
        }
        assert!(folder().join(&set).join("cases.toml").is_file(), "{set} has no cases");
    }
}

/// What a set answers to an input, in one line; `-` for nothing.
fn answer(known: &Knowledge, set: &str, input: &str) -> String {
    let number = || input.parse::<u32>().unwrap();
    let product = |p: &Product| {
        format!("{} | {} | {} | {}", p.vendor, p.family, p.product.as_deref().unwrap_or("-"), p.device_type)
    };
    let text = |t: Option<&str>| t.map(str::to_string);
    let found = match set {
        "oui" => {
            let bytes: Vec<u8> = input.split(':').map(|part| u8::from_str_radix(part, 16).unwrap()).collect();
            text(known.oui(bytes.try_into().unwrap()))
        }
        "enip-vendors" => text(known.cip_vendor(number())),
        "bacnet-vendors" => text(known.bacnet_vendor(number())),
        "enterprise-numbers" => text(known.enterprise(number())),
        "profinet-vendors" => text(known.profinet_vendor(number())),
        "cip-device-types" => {
            known.cip_device_type(number()).map(|p| format!("{} | {}", p.name, p.device_type.unwrap_or("-")))
        }
        "order-numbers" => known.order_number(input).map(product),
        "product-names" => known.product_name(input).map(product),
        "os-fingerprints" => {
            let (kind, sign) = input.split_once(' ').unwrap();
            known.os(kind, sign).map(|os| format!("{} | {}", os.family, os.name))
        }
        "default-credentials" => {
            let hash: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&input[at * 2..at * 2 + 2], 16).unwrap()).collect();
            text(known.default_credential(&hash.try_into().unwrap()))
        }
        "purdue" => known.level(input).map(|level| level.level.clone()),
        "attack-ics" => known.technique(input).map(|t| format!("{} | {}", t.name, t.tactics.join(" "))),
        "ports" => {
            let (transport, port) = input.split_once('/').unwrap();
            text(known.usual_port(transport, port.parse().unwrap()))
        }
        other => panic!("the set {other} has no runner here"),
    };
    found.unwrap_or_else(|| "-".into())
}

#[test]
fn every_case_holds() {
    let known = Knowledge::embedded();
    let mut wrong = Vec::new();
    for set in sets() {
        let text = fs::read_to_string(folder().join(&set).join("cases.toml")).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let cases = table["case"].as_array().unwrap();
        assert!(cases.len() >= 3, "{set} has too few cases");
        assert!(cases.iter().any(|c| c["expected"].as_str() == Some("-")), "{set} has no case that stays silent");
        for case in cases {
            let (input, expected) = (case["input"].as_str().unwrap(), case["expected"].as_str().unwrap());
            let got = answer(&known, &set, input);
            if got != expected {
                wrong.push(format!("{set}: {input:?} gives {got:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn makers_have_one_spelling() {
    let known = Knowledge::embedded();
    let products = known.orders.iter().chain(&known.names).map(|rule| rule.meaning.vendor.as_str());
    let numbers = known.cip.iter().chain(known.profinet.iter()).map(|(_, name)| name);
    for name in products.chain(numbers) {
        assert_eq!(known.vendor(name), name, "not the canonical name");
    }
    for (text, canonical) in [
        ("SIEMENS AG", "Siemens"),
        ("Siemens AG, Automations & Drives,", "Siemens"),
        ("Siemens Healthcare Diagnostics, Inc", "Siemens Healthineers"),
        ("Rockwell Automation/Allen-Bradley", "Rockwell Automation"),
        ("Allen-Bradley", "Rockwell Automation"),
        ("TELEMECANIQUE ELECTRIQUE", "Schneider Electric"),
        ("ABB AG", "ABB"),
        ("Abbott Diagnostics", "Abbott Diagnostics"),
        ("Carrier Access Corporation", "Carrier Access Corporation"),
        ("Toshiba Mitsubishi-Electric Industrial Systems Corporation", "TMEIC"),
        (" Unknown Maker Ltd. ", "Unknown Maker Ltd."),
    ] {
        assert_eq!(known.vendor(text), canonical, "{text}");
    }
}

#[test]
fn tables_are_whole() {
    let known = Knowledge::embedded();
    assert!(known.oui.len() > 50_000, "{}", known.oui.len());
    assert!(known.bacnet.len() > 1_400, "{}", known.bacnet.len());
    assert!(known.enterprise.len() > 60_000, "{}", known.enterprise.len());
    assert!(known.techniques.len() > 75, "{}", known.techniques.len());
    for (number, row) in known.profiles.iter() {
        let word = row.split_once('\t').unwrap().1;
        assert!(word == "-" || known.is_device_type(word), "profile {number} names no device type: {word}");
    }
}

#[test]
fn a_newer_pack_replaces_a_file_and_its_faults_are_said() {
    let pack = |name: &str| (name == "enip-vendors/vendors.tsv").then_some("1\tA Maker\n\nx\ty\n1\tTwice\n".into());
    let (known, faults) = Knowledge::from_files(&pack);
    assert_eq!(known.cip_vendor(1), Some("A Maker"));
    assert_eq!(known.cip_vendor(47), None);
    assert_eq!(known.profinet_vendor(42), Some("Siemens"));
    assert_eq!(faults.count, 2);
}

#[test]
fn a_tie_is_a_fault_and_decides_nothing() {
    let rows = "AB1#\tX\tF\t-\tplc\nA#12\tY\tF\t-\tplc\n";
    let pack = |name: &str| (name == "order-numbers/rules.tsv").then_some(rows.into());
    let (known, faults) = Knowledge::from_files(&pack);
    assert_eq!(faults.count, 0, "these cannot fit one text");
    assert!(known.order_number("AB15").is_some());
    let rows = "AB1#\tX\tF\t-\tplc\nAB#2\tY\tF\t-\tplc\n";
    let pack = |name: &str| (name == "order-numbers/rules.tsv").then_some(rows.into());
    let (known, faults) = Knowledge::from_files(&pack);
    assert_eq!(faults.count, 1);
    assert!(known.order_number("AB12").is_none());
    assert!(known.order_number("AB15").is_some());
}

#[test]
fn hostile_text_is_harmless() {
    let known = Knowledge::embedded();
    for text in ["", " ", "\0\0", "6", "6ES7", &"A".repeat(100_000), "\u{fffd}\u{0130}\u{1f4a9}", "----", "  -  . "] {
        known.order_number(text);
        known.product_name(text);
        known.vendor(text);
        known.os("http_agent", text);
        known.os(text, text);
    }
}
