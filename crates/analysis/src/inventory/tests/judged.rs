//! Types and levels from what devices do.

use super::*;
use model::Role;

fn kind(all: &[Asset], address: &str) -> (String, &'static str) {
    let kind = of(all, address).device_type.as_ref().unwrap_or_else(|| panic!("{address} has no type"));
    (kind.value.clone(), kind.reasons[0].id)
}

fn pair(a: &str, b: &'static str) -> (String, &'static str) {
    (a.to_string(), b)
}

#[test]
fn who_commands_and_who_obeys() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("modbus", Class::Read)).acts(
        2,
        "10.0.0.1",
        "10.0.0.2",
        ("modbus", Class::Write),
    );
    f.acts(3, "10.0.0.3", "10.0.0.4", ("dnp3", Class::Read));
    let all = f.assets();
    assert_eq!(kind(&all, "10.0.0.1"), pair("hmi", "commands"));
    assert_eq!(kind(&all, "10.0.0.2"), pair("plc", "obeys"));
    assert_eq!(kind(&all, "10.0.0.3"), pair("scada_server", "polls"));
    assert_eq!(kind(&all, "10.0.0.4"), pair("rtu", "obeys"));
    assert_eq!(of(&all, "10.0.0.2").level.as_ref().unwrap().value, "1");
    assert_eq!(of(&all, "10.0.0.1").level.as_ref().unwrap().reasons[0].id, "level_of_type");
}

#[test]
fn nobody_obeys_without_an_answer_and_unknown_roles_say_nothing() {
    let mut f = Facts::default();
    let mut t = transaction(1, ip("10.0.0.1"), ip("10.0.0.2"), ("modbus", Class::Read));
    (t.outcome, t.latency) = (Outcome::Unseen, None);
    f.at(1, What::Transaction(t.clone()));
    (t.roles_known, t.outcome, t.latency) = (false, Outcome::Ok, Some(5));
    (t.actor.host, t.subject.host) = (ip("10.0.0.3"), ip("10.0.0.4"));
    f.at(2, What::Transaction(t));
    let all = f.assets();
    assert_eq!(kind(&all, "10.0.0.1"), pair("hmi", "polls"));
    assert!(all.iter().all(|a| a.addresses[0].address != ip("10.0.0.2").address));
    assert!(of(&all, "10.0.0.4").device_type.is_none());
}

#[test]
fn an_office_protocol_makes_nobody_a_controller() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("http", Class::Read)).acts(2, "10.0.0.1", "10.0.0.2", ("snmp", Class::Write));
    assert!(f.assets().iter().all(|a| a.device_type.is_none() && a.level.is_none()));
}

#[test]
fn who_programs_is_an_engineering_station_and_says_on_how_many() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("s7comm", Class::Program));
    f.acts(2, "10.0.0.1", "10.0.0.3", ("s7comm", Class::Mode));
    f.acts(3, "10.0.0.1", "10.0.0.3", ("s7comm", Class::Write));
    let all = f.assets();
    assert_eq!(kind(&all, "10.0.0.1"), pair("engineering_station", "programs"));
    let reason = &of(&all, "10.0.0.1").device_type.as_ref().unwrap().reasons[0];
    assert_eq!(reason.get("count"), Some("2"));
    assert_eq!(kind(&all, "10.0.0.2").0, "plc");
    assert!(of(&all, "10.0.0.2").device_type.as_ref().unwrap().reasons.iter().any(|r| r.id == "is_programmed"));
}

#[test]
fn restarting_an_outstation_is_a_masters_work() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("dnp3", Class::Mode)).acts(2, "10.0.0.1", "10.0.0.2", ("dnp3", Class::Operate));
    assert_eq!(kind(&f.assets(), "10.0.0.1"), pair("scada_server", "commands"));
}

#[test]
fn a_controller_that_reads_from_another_stays_a_controller() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("s7comm", Class::Read)).acts(
        2,
        "10.0.0.2",
        "10.0.0.3",
        ("modbus", Class::Write),
    );
    assert_eq!(kind(&f.assets(), "10.0.0.2"), pair("plc", "obeys"));
}

#[test]
fn a_historian_is_guessed_only_with_a_reason() {
    let mut f = Facts::default();
    for i in 10..16 {
        f.acts(i, "10.0.0.1", &format!("10.0.0.{i}"), ("modbus", Class::Read));
    }
    assert_eq!(kind(&f.assets(), "10.0.0.1"), pair("hmi", "polls"));
    let mut store = flow(30, ("10.0.0.1", 1), ("10.0.0.200", 2), 5432);
    store.protocol = Some("postgres");
    f.at(30, What::Flow(store));
    let all = f.assets();
    assert_eq!(kind(&all, "10.0.0.1"), pair("historian", "polls_and_stores"));
    assert_eq!(of(&all, "10.0.0.1").device_type.as_ref().unwrap().strength, Strength::Guessed);
    assert_eq!(kind(&all, "10.0.0.200"), pair("database_server", "offers"));
    f.acts(40, "10.0.0.1", "10.0.0.12", ("modbus", Class::Write));
    assert_eq!(kind(&f.assets(), "10.0.0.1").0, "hmi");
}

#[test]
fn knowledge_and_statements_beat_behaviour() {
    let mut f = Facts::default();
    f.acts(1, "10.0.0.1", "10.0.0.2", ("modbus", Class::Read));
    f.says(2, Subject::host(ip("10.0.0.2")), "modbus", Claim::Role(Role::Drive));
    let code = Claim::ProductCode { space: "enip", vendor: 1, kind: 14, code: 55 };
    f.says(3, Subject::host(ip("10.0.0.3")), "enip", code);
    f.says(4, Subject::host(ip("10.0.0.1")), "http", Claim::Model("Panel 1500".into()));
    let all = f.assets();
    assert_eq!(kind(&all, "10.0.0.2"), pair("drive", "states_role"));
    assert_eq!(of(&all, "10.0.0.2").device_type.as_ref().unwrap().others[0].0, "plc");
    assert_eq!(kind(&all, "10.0.0.3"), pair("plc", "type_of_cip_device_type"));
    assert_eq!(kind(&all, "10.0.0.1"), pair("hmi", "type_of_product"));
}

#[test]
fn an_office_machine_that_commands_controllers_is_not_on_the_office_level() {
    let windows = Claim::Fingerprint { kind: "ntlm", text: "6.1.7601".into() };
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.1")), "smb", windows.clone());
    let all = f.assets();
    assert_eq!((kind(&all, "10.0.0.1"), value(&all[0].os)), (pair("workstation", "runs"), Some("Windows 7")));
    assert_eq!(all[0].level.as_ref().unwrap().value, "4");
    f.says(2, Subject::host(ip("10.0.0.1")), "smb", Claim::Model("OptiPlex 7010".into()));
    f.acts(3, "10.0.0.1", "10.0.0.2", ("modbus", Class::Identify));
    let all = f.assets();
    assert_eq!(of(&all, "10.0.0.1").level.as_ref().unwrap().value, "4");
    assert!(of(&all, "10.0.0.2").level.is_none());
    f.acts(3, "10.0.0.1", "10.0.0.2", ("modbus", Class::Read));
    let all = f.assets();
    let level = of(&all, "10.0.0.1").level.as_ref().unwrap();
    assert_eq!((level.value.as_str(), level.reasons[0].id), ("3", "level_of_master"));
}

#[test]
fn services_are_what_answered_and_what_was_recognised() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    let mut dark = flow(2, ("10.0.0.1", 1), ("10.0.0.2", 2), 8888);
    dark.protocol = None;
    f.at(2, What::Flow(dark));
    let mut silent = flow(3, ("10.0.0.1", 1), ("10.0.0.2", 2), 80);
    (silent.protocol, silent.answered, silent.frames, silent.bytes) = (Some("http"), false, [2, 0], [0, 0]);
    f.at(3, What::Flow(silent));
    let all = f.assets();
    let services: Vec<_> = of(&all, "10.0.0.2").services.iter().map(|s| (s.transport, s.port, s.protocol)).collect();
    assert_eq!(services, [("tcp", 502, "modbus")]);
    assert!(of(&all, "10.0.0.1").services.is_empty());
}

#[test]
fn what_it_does_to_controllers_says_more_than_that_it_is_a_computer() {
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.1")), "netbios", Claim::Role(Role::Workstation));
    f.acts(2, "10.0.0.1", "10.0.0.2", ("modbus", Class::Write));
    assert_eq!(kind(&f.assets(), "10.0.0.1"), pair("hmi", "commands"));
}

#[test]
fn over_the_loopback_it_is_what_obeys() {
    let mut f = Facts::default();
    f.acts(1, "127.0.0.1", "127.0.0.1", ("s7comm", Class::Write)).acts(
        2,
        "127.0.0.1",
        "127.0.0.1",
        ("s7comm", Class::Mode),
    );
    assert_eq!(kind(&f.assets(), "127.0.0.1"), pair("plc", "obeys"));
}
