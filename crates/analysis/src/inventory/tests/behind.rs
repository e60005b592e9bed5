//! Things behind hosts: modules, units, routed devices.

use super::*;
use model::{Hop, NameKind};

fn at(host: &str, hops: &[Hop]) -> Subject {
    let path = hops.iter().fold(Path::HOST, |path, hop| path.then(*hop));
    Subject { host: ip(host), path }
}

/// A read of unit `unit` at a second, answered with words.
fn read(f: &mut Facts, second: i64, unit: u32, values: &[u16]) {
    let mut t = transaction(second, ip("10.0.0.1"), ip("10.0.0.9"), ("modbus", Class::Read));
    t.path = Path::of(Hop::Unit(unit));
    t.items = vec![words(0, values)];
    f.at(second, What::Transaction(t));
}

fn refused(f: &mut Facts, second: i64, unit: u32, code: u32) {
    let mut t = transaction(second, ip("10.0.0.1"), ip("10.0.0.9"), ("modbus", Class::Read));
    t.path = Path::of(Hop::Unit(unit));
    t.items = vec![words(0, &[])];
    t.outcome = Outcome::Refused(code);
    f.at(second, What::Transaction(t));
}

#[test]
fn modules_stand_in_their_slots_and_keep_what_was_said_of_them() {
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[]), "enip", Claim::Firmware("11.2".into()));
    let slot = |slot| [Hop::Slot { rack: 0, slot }];
    f.says(2, at("10.0.0.9", &slot(0)), "cip", Claim::Firmware("20.11".into()));
    f.says(2, at("10.0.0.9", &slot(0)), "cip", Claim::Model("1756-L61".into()));
    f.says(3, at("10.0.0.9", &slot(4)), "cip", Claim::Model("1756-IB16".into()));
    let all = f.assets();
    assert_eq!(all.len(), 1);
    assert_eq!(value(&all[0].firmware), Some("11.2"));
    let modules: Vec<_> = all[0].modules.iter().map(|m| (m.slot, value(&m.model), value(&m.firmware))).collect();
    assert_eq!(modules, [(0, Some("1756-L61"), Some("20.11")), (4, Some("1756-IB16"), None)]);
}

#[test]
fn alike_on_every_unit_id_it_is_one_device() {
    let mut f = Facts::default();
    for second in 0..4 {
        for unit in [1, 2, 3, 255] {
            read(&mut f, second * 10 + i64::from(unit % 10), unit, &[100, 7]);
        }
    }
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.9"]);
    let reasons: Vec<_> = of(&all, "10.0.0.9").units.iter().map(|u| (u.number, u.reason.id)).collect();
    assert_eq!(reasons, [(1, "unit_alike"), (2, "unit_alike"), (3, "unit_alike"), (255, "unit_self")]);
}

#[test]
fn a_lone_unit_is_the_device_itself() {
    let mut f = Facts::default();
    read(&mut f, 1, 1, &[5]);
    f.says(2, at("10.0.0.9", &[Hop::Unit(1)]), "modbus", Claim::Model("BMX P34 2020".into()));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    assert_eq!(value(&of(&all, "10.0.0.9").model), Some("BMX P34 2020"));
    assert_eq!(of(&all, "10.0.0.9").units[0].reason.id, "unit_alone");
}

#[test]
fn values_that_differ_over_the_same_time_set_units_apart() {
    let mut f = Facts::default();
    for second in 0..4 {
        read(&mut f, second * 10, 1, &[100 + second as u16, 7]);
        read(&mut f, second * 10 + 1, 2, &[900, 7]);
    }
    let all = f.assets();
    assert_eq!(all.len(), 4, "{:?}", names(&all));
    let gateway = of(&all, "10.0.0.9");
    assert_eq!(gateway.units.iter().filter(|u| u.asset.is_some()).count(), 2);
    assert!(gateway.units.iter().all(|u| u.reason.id == "unit_other_values"));
    assert_eq!(gateway.device_type.as_ref().unwrap().value, "protocol_converter");
    let units: Vec<_> = all.iter().filter(|a| a.parent == Some(gateway.id)).collect();
    assert_eq!(units.len(), 2);
    assert!(units.iter().all(|u| u.addresses.is_empty() && u.device_type.as_ref().unwrap().value == "plc"));
}

#[test]
fn a_counter_seen_by_a_unit_scan_sets_nothing_apart() {
    let mut f = Facts::default();
    for unit in 1..=20 {
        read(&mut f, i64::from(unit) * 2, unit, &[1000 + unit as u16]);
        read(&mut f, i64::from(unit) * 2 + 1, unit, &[1001 + unit as u16]);
    }
    assert_eq!(f.assets().len(), 2);
}

#[test]
fn a_unit_that_refuses_what_another_answers_is_another_device() {
    let mut f = Facts::default();
    read(&mut f, 1, 1, &[5]);
    refused(&mut f, 2, 2, 2);
    assert_eq!(f.assets().len(), 4);
}

#[test]
fn a_gateway_that_reports_absent_units_makes_the_others_devices() {
    let mut f = Facts::default();
    read(&mut f, 1, 1, &[5]);
    read(&mut f, 2, 2, &[5]);
    refused(&mut f, 3, 3, 0x0b);
    let all = f.assets();
    assert_eq!(all.len(), 4);
    let gateway = of(&all, "10.0.0.9");
    assert_eq!(
        gateway.units.iter().map(|u| (u.number, u.reason.id)).collect::<Vec<_>>(),
        [(1, "unit_gateway"), (2, "unit_gateway")]
    );
}

#[test]
fn units_with_an_identity_of_their_own_are_devices() {
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[Hop::Unit(1)]), "modbus", Claim::Serial("A1".into()));
    f.says(2, at("10.0.0.9", &[Hop::Unit(2)]), "modbus", Claim::Serial("A2".into()));
    let all = f.assets();
    let serials: Vec<_> = all.iter().filter_map(|a| value(&a.serial)).collect();
    assert_eq!(serials.len(), 2);
    assert!(all.iter().any(|a| a.serial.is_none() && a.addresses.len() == 1) || all.len() == 2);
    // The same identity under two numbers is one device.
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[Hop::Unit(1)]), "modbus", Claim::Serial("A1".into()));
    f.says(2, at("10.0.0.9", &[Hop::Unit(2)]), "modbus", Claim::Serial("A1".into()));
    assert_eq!(f.assets().len(), 1);
}

#[test]
fn two_dnp3_stations_behind_one_address_are_two() {
    let mut f = Facts::default();
    for unit in [10, 11, 10, 11] {
        let mut t = transaction(1, ip("10.0.0.1"), ip("10.0.0.9"), ("dnp3", Class::Read));
        t.path = Path::of(Hop::Unit(unit));
        f.at(i64::from(unit), What::Transaction(t));
    }
    let all = f.assets();
    assert_eq!(all.len(), 4);
    assert!(of(&all, "10.0.0.9").units.iter().all(|u| u.reason.id == "unit_station"));
}

#[test]
fn devices_behind_a_bacnet_router_are_their_own_whichever_router_they_come_through() {
    let remote = Hop::Remote { network: 20, mac: 5, len: 1 };
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[]), "bacnet", Claim::Model("Router".into()));
    f.says(2, at("10.0.0.9", &[remote]), "bacnet", Claim::Name(NameKind::Station, "AHU-1".into()));
    f.says(3, at("10.0.0.9", &[remote, Hop::Instance(4001)]), "bacnet", Claim::Model("VAV".into()));
    f.says(4, at("10.0.0.8", &[remote]), "bacnet", Claim::Firmware("2.1".into()));
    let all = f.assets();
    let ahu = all.iter().find(|a| a.name == "AHU-1").unwrap();
    assert_eq!((value(&ahu.model), value(&ahu.firmware)), (Some("VAV"), Some("2.1")));
    assert_eq!(ahu.parent, Some(of(&all, "10.0.0.9").id));
    assert_eq!(of(&all, "10.0.0.9").device_type.as_ref().unwrap().reasons[0].id, "remote_behind");
}

#[test]
fn a_device_behind_a_cip_port_is_its_own_with_modules_of_its_own() {
    let link = Hop::Link { port: 2, link: 7 };
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[]), "enip", Claim::Model("1756-EN2T".into()));
    f.says(2, at("10.0.0.9", &[Hop::Slot { rack: 0, slot: 3 }, link]), "cip", Claim::Model("PowerFlex".into()));
    let module = [Hop::Slot { rack: 0, slot: 3 }, link, Hop::Slot { rack: 0, slot: 1 }];
    f.says(3, at("10.0.0.9", &module), "cip", Claim::Model("Option card".into()));
    let all = f.assets();
    let drive = all.iter().find(|a| value(&a.model) == Some("PowerFlex")).unwrap();
    assert_eq!(drive.parent, Some(of(&all, "10.0.0.9").id));
    assert_eq!(value(&drive.modules[0].model), Some("Option card"));
}

#[test]
fn one_bacnet_instance_is_the_host_itself() {
    let mut f = Facts::default();
    f.says(1, at("10.0.0.9", &[Hop::Instance(77)]), "bacnet", Claim::Name(NameKind::Station, "Boiler".into()));
    let all = f.assets();
    assert_eq!(names(&all), ["Boiler"]);
    assert_eq!(all[0].addresses.len(), 1);
}

#[test]
fn values_are_compared_where_reads_overlap_not_where_they_begin() {
    let mut f = Facts::default();
    for second in 0..4 {
        read(&mut f, second * 10, 1, &[5, 6, 7, 8, 0]);
        let mut t = transaction(second * 10 + 1, ip("10.0.0.1"), ip("10.0.0.9"), ("modbus", Class::Read));
        t.path = Path::of(Hop::Unit(7));
        t.items = vec![words(4, &[2500])];
        f.at(second * 10 + 1, What::Transaction(t));
    }
    let all = f.assets();
    assert_eq!(all.len(), 4, "{:?}", names(&all));
    assert!(of(&all, "10.0.0.9").units.iter().all(|u| u.reason.get("target") == Some("modbus holding 4")));
}

#[test]
fn one_message_under_another_number_is_no_second_station() {
    let stations = |numbers: &[u32]| {
        let mut f = Facts::default();
        for (second, unit) in numbers.iter().enumerate() {
            let mut t = transaction(second as i64, ip("10.0.0.1"), ip("10.0.0.9"), ("dnp3", Class::Read));
            t.path = Path::of(Hop::Unit(*unit));
            f.at(second as i64, What::Transaction(t));
        }
        f.assets().len()
    };
    assert_eq!((stations(&[4, 4, 6]), stations(&[4, 4, 6, 6])), (2, 4));
}

#[test]
fn a_slot_nobody_answers_from_is_no_module() {
    let mut f = Facts::default();
    for (slot, outcome) in [(0, Outcome::Ok), (4, Outcome::Refused(1)), (5, Outcome::Refused(5))] {
        let mut t = transaction(1, ip("10.0.0.1"), ip("10.0.0.9"), ("cip", Class::Identify));
        t.path = Path::of(Hop::Slot { rack: 0, slot });
        t.outcome = outcome;
        f.at(1, What::Transaction(t));
    }
    let all = f.assets();
    assert_eq!(of(&all, "10.0.0.9").modules.iter().map(|m| m.slot).collect::<Vec<_>>(), [0, 5]);
}

#[test]
fn a_chassis_is_what_its_controller_makes_it() {
    let mut f = Facts::default();
    let product = |kind| Claim::ProductCode { space: "enip", vendor: 1, kind, code: 58 };
    f.says(1, at("10.0.0.9", &[]), "enip", product(12));
    f.says(2, at("10.0.0.9", &[Hop::Slot { rack: 0, slot: 0 }]), "cip", product(14));
    let all = f.assets();
    let kind = all[0].device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.reasons[0].id), ("plc", "controller_inside"));
}

#[test]
fn a_bacnet_router_names_devices_of_the_link_by_their_address() {
    let station = |last: u8, port: u16| {
        let mac = u64::from_be_bytes([0, 0, 10, 0, 0, last, (port >> 8) as u8, port as u8]);
        Hop::Remote { network: 1, mac, len: 6 }
    };
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.9", 9), 47_808);
    f.says(2, at("10.0.0.9", &[station(1, 47_808)]), "bacnet", Claim::Model("SUPERVISOR".into()));
    f.says(3, at("10.0.0.9", &[station(7, 47_808)]), "bacnet", Claim::Model("FAR".into()));
    let all = f.assets();
    assert_eq!(all.len(), 3, "{:?}", names(&all));
    assert_eq!(value(&of(&all, "10.0.0.1").model), Some("SUPERVISOR"));
    assert!(all.iter().any(|a| value(&a.model) == Some("FAR") && a.addresses.is_empty()));
    assert!(of(&all, "10.0.0.9").units.is_empty());
}
