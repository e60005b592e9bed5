//! Values, their sources, and what people say about them.

use super::*;
use model::NameKind;

fn serial(text: &str) -> Claim {
    Claim::Serial(text.into())
}

fn fact(f: &mut Facts, second: i64, protocol: &'static str, strength: Strength, claim: Claim) {
    let evidence = Evidence { about: Subject::host(ip("10.0.0.5")), by: None, claim, strength, protocol };
    f.at(second, What::Evidence(evidence));
}

#[test]
fn the_stronger_value_wins_whatever_comes_later() {
    let mut f = Facts::default();
    fact(&mut f, 1, "s7comm", Strength::Verified, Claim::Firmware("V3.2.8".into()));
    for second in 2..9 {
        fact(&mut f, second, "http", Strength::Stated, Claim::Firmware("9.9".into()));
    }
    let all = f.assets();
    let firmware = all[0].firmware.as_ref().unwrap();
    assert_eq!((firmware.value.as_str(), firmware.strength), ("V3.2.8", Strength::Verified));
    assert!(firmware.conflicts.is_empty());
    assert_eq!((firmware.because[0].protocol, firmware.because[0].count), ("s7comm", 1));
}

#[test]
fn equals_that_differ_are_a_conflict_and_support_decides() {
    let mut f = Facts::default();
    for second in [1, 3, 5] {
        fact(&mut f, second, "snmp", Strength::Stated, serial("AAA1"));
    }
    fact(&mut f, 2, "http", Strength::Stated, serial("BBB2"));
    let all = f.assets();
    let serial = all[0].serial.as_ref().unwrap();
    assert_eq!(serial.value, "AAA1");
    assert_eq!(serial.conflicts[0].value, "BBB2");
    assert_eq!(serial.conflicts[0].because[0].protocol, "http");
}

#[test]
fn an_update_is_history_and_not_a_conflict() {
    let mut f = Facts::default();
    for second in 1..50 {
        fact(&mut f, second, "s7comm", Strength::Verified, Claim::Firmware("V3.2".into()));
    }
    fact(&mut f, 100, "s7comm", Strength::Verified, Claim::Firmware("V3.3".into()));
    let all = f.assets();
    let firmware = all[0].firmware.as_ref().unwrap();
    assert_eq!(firmware.value, "V3.3");
    assert!(firmware.conflicts.is_empty());
    assert_eq!(firmware.earlier[0].value, "V3.2");
}

#[test]
fn spellings_of_one_value_are_one_value() {
    let mut f = Facts::default();
    fact(&mut f, 1, "a", Strength::Stated, Claim::Firmware("V3.2 ".into()));
    fact(&mut f, 2, "b", Strength::Stated, Claim::Firmware("v 3.2\0".into()));
    let all = f.assets();
    let firmware = all[0].firmware.as_ref().unwrap();
    assert_eq!((firmware.value.as_str(), firmware.because.len()), ("V3.2", 2));
}

#[test]
fn vendors_are_canonical_and_the_hardware_address_only_implies() {
    let mut f = Facts::default();
    f.arp(1, hw(5), "10.0.0.5");
    assert_eq!(value(&f.assets()[0].vendor), Some("Siemens"));
    fact(&mut f, 2, "enip", Strength::Stated, Claim::VendorId { space: "enip", id: 1 });
    let all = f.assets();
    let vendor = all[0].vendor.as_ref().unwrap();
    assert_eq!((vendor.value.as_str(), vendor.strength), ("Rockwell Automation", Strength::Stated));
    assert_eq!(vendor.because[0].raw, "enip:1");
}

#[test]
fn an_order_number_brings_vendor_family_product_and_type() {
    let mut f = Facts::default();
    fact(&mut f, 1, "s7comm", Strength::Verified, Claim::OrderNumber("6ES7 315-2EH14-0AB0".into()));
    let all = f.assets();
    let asset = &all[0];
    assert_eq!(value(&asset.vendor), Some("Siemens"));
    assert_eq!(value(&asset.family), Some("SIMATIC S7-300"));
    assert_eq!(value(&asset.model), Some("CPU 315"));
    let kind = asset.device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.reasons[0].id), ("plc", "type_of_order_number"));
}

#[test]
fn the_latest_mode_counts() {
    let mut f = Facts::default();
    for (second, mode) in [(1, "run"), (2, "stop"), (3, "run"), (4, "stop")] {
        fact(&mut f, second, "s7comm", Strength::Verified, Claim::Mode(mode.into()));
    }
    assert_eq!(value(&f.assets()[0].mode), Some("stop"));
}

#[test]
fn the_plants_own_name_comes_first() {
    let mut f = Facts::default();
    fact(&mut f, 1, "dhcp", Strength::Verified, Claim::Name(NameKind::Host, "host-17".into()));
    assert_eq!(names(&f.assets()), ["host-17"]);
    fact(&mut f, 2, "profinet_dcp", Strength::Stated, Claim::Name(NameKind::Station, "pump-3".into()));
    assert_eq!(names(&f.assets()), ["pump-3"]);
}

fn edit(id: u64, asset: AssetId, change: Change) -> Edit {
    Edit { id, at: Time(0), who: "Ada".into(), asset, change }
}

#[test]
fn people_have_the_last_word_and_can_take_it_back() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1").acts(2, "10.0.0.1", "10.0.0.2", ("modbus", Class::Read));
    let inventory = f.inventory();
    let before = assets(&inventory, &Tables, &[]);
    let id = of(&before, "10.0.0.2").id;
    let mut log = vec![
        edit(1, id, Change::Name("Pump 1".into())),
        edit(2, id, Change::Type("drive".into())),
        edit(3, id, Change::Level("0".into())),
        edit(4, id, Change::Importance(Importance::High)),
        edit(5, id, Change::Authorised(true)),
        edit(6, id, Change::Scanner(true)),
        edit(7, id, Change::ProgrammingDevice(true)),
        edit(8, id, Change::Note("replaced in May".into())),
        edit(9, id, Change::Name("Pump 2".into())),
    ];
    let all = assets(&inventory, &Tables, &log);
    let pump = of(&all, "10.0.0.2");
    assert_eq!(pump.name, "Pump 2");
    assert!(pump.named_by.as_ref().unwrap().by_hand);
    let kind = pump.device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.others[0].0.as_str()), ("drive", "plc"));
    assert_eq!(kind.reasons[0].text(), "set by Ada");
    assert_eq!(pump.level.as_ref().unwrap().value, "0");
    assert_eq!((pump.importance, pump.authorised), (Importance::High, Some(true)));
    assert!(pump.scanner && pump.programming_device);
    assert_eq!(pump.notes, ["replaced in May"]);
    log.pop();
    assert_eq!(of(&assets(&inventory, &Tables, &log), "10.0.0.2").name, "Pump 1");
    assert_eq!(assets(&inventory, &Tables, &[]), before);
}

#[test]
fn merging_and_splitting_by_hand() {
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.1")), "http", Claim::Firmware("1.0".into()));
    f.says(2, Subject::host(ip("10.0.0.2")), "s7comm", serial("AAA1"));
    let inventory = f.inventory();
    let plain = assets(&inventory, &Tables, &[]);
    let (a, b) = (of(&plain, "10.0.0.1").id, of(&plain, "10.0.0.2").id);
    let mut log = vec![edit(1, b, Change::Merge(a)), edit(2, a, Change::Name("Both".into()))];
    let all = assets(&inventory, &Tables, &log);
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].id, all[0].name.as_str()), (b, "Both"));
    assert_eq!((value(&all[0].firmware), value(&all[0].serial)), (Some("1.0"), Some("AAA1")));
    assert!(remark(&all[0], "merged_by_hand").is_some());
    log.push(edit(3, b, Change::Split(vec![ip("10.0.0.1").address])));
    let all = assets(&inventory, &Tables, &log);
    assert_eq!(all.len(), 2);
    assert_eq!(value(&of(&all, "10.0.0.1").firmware), Some("1.0"));
    assert_eq!(value(&of(&all, "10.0.0.2").firmware), None);
}

#[test]
fn an_edit_reaches_the_device_when_its_hardware_address_becomes_known() {
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.1")), "http", Claim::Firmware("1.0".into()));
    let id = f.assets()[0].id;
    f.arp(2, hw(1), "10.0.0.1");
    let all = assets(&f.inventory(), &Tables, &[edit(1, id, Change::Name("Mill".into()))]);
    assert_ne!(all[0].id, id);
    assert_eq!(all[0].name, "Mill");
    assert_eq!(AssetId::parse(&all[0].id.to_string()), Some(all[0].id));
}

#[test]
fn a_broadcast_address_as_a_source_is_nobodys_and_its_card_is_somebodys() {
    let mut f = Facts::default();
    let mut cast = flow(1, ("10.0.0.1", 1), ("10.0.0.255", 2), 47_808);
    (cast.transport, cast.frames, cast.macs[1]) = ("udp", [5, 0], Some(Mac([0xff; 6])));
    f.at(1, What::Flow(cast));
    let mut repeated = flow(2, ("10.0.0.255", 3), ("10.0.0.1", 1), 47_808);
    (repeated.transport, repeated.frames) = ("udp", [5, 0]);
    f.at(2, What::Flow(repeated));
    f.says(3, Subject::host(ip("10.0.0.255")), "bacnet", Claim::Model("OF ANOTHER".into()));
    let all = f.assets();
    assert_eq!(names(&all), ["00:1b:1b:00:00:03", "10.0.0.1"]);
    assert!(all.iter().all(|a| a.model.is_none()));
}
