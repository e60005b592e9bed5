//! Which addresses are one device, and when.

use super::*;

#[test]
fn an_address_and_the_hardware_address_that_claims_it_are_one() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1").arp(2, hw(2), "10.0.0.2");
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.2"]);
    let one = of(&all, "10.0.0.1");
    assert_eq!(one.macs[0].address, Address::Mac(hw(1)));
    assert_eq!(value(&one.vendor), Some("Siemens"));
    assert_eq!(one.vendor.as_ref().unwrap().strength, Strength::Implied);
    assert_eq!(one.addresses[0].reason.id, "stated_together");
}

#[test]
fn an_address_only_asked_for_is_no_device() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    // A scan that nobody answers, and a name server naming a machine that never spoke.
    let mut scan = flow(2, ("10.0.0.1", 1), ("10.0.0.77", 9), 502);
    (scan.frames, scan.bytes, scan.answered, scan.macs[1]) = ([3, 0], [0, 0], false, None);
    f.at(2, What::Flow(scan));
    let by = Some(ip("10.0.0.2"));
    let claim = Claim::Name(model::NameKind::Host, "ghost".into());
    let about = Subject::host(ip("10.0.0.88"));
    f.at(3, What::Evidence(Evidence { about, by, claim, strength: Strength::Stated, protocol: "dns" }));
    let mut asked = transaction(4, ip("10.0.0.1"), ip("10.0.0.78"), ("modbus", Class::Read));
    (asked.outcome, asked.latency) = (Outcome::NoReply, None);
    f.at(4, What::Transaction(asked));
    assert_eq!(names(&f.assets()), ["10.0.0.1", "10.0.0.2"]);
}

#[test]
fn one_side_of_a_connection_shows_both_devices() {
    let mut half = flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    (half.frames, half.bytes, half.answered, half.macs[1]) = ([10, 0], [300, 0], false, None);
    let mut f = Facts::default();
    f.at(1, What::Flow(half));
    assert_eq!(names(&f.assets()), ["10.0.0.1", "10.0.0.2"]);
}

#[test]
fn groups_broadcast_and_nobody_are_no_devices() {
    let mut f = Facts::default();
    for (i, to) in ["224.0.0.251", "255.255.255.255", "10.0.0.255"].into_iter().enumerate() {
        let mut cast = flow(i as i64, ("10.0.0.1", 1), (to, 2), 5353);
        (cast.transport, cast.frames, cast.macs[1]) = ("udp", [5, 0], None);
        f.at(i as i64, What::Flow(cast));
    }
    let mut nobody = flow(5, ("0.0.0.0", 1), ("255.255.255.255", 2), 67);
    (nobody.transport, nobody.frames) = ("udp", [1, 0]);
    f.at(5, What::Flow(nobody));
    assert_eq!(names(&f.assets()), ["10.0.0.1"]);
}

#[test]
fn without_arp_the_only_address_behind_a_hardware_address_is_its_own() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    let all = f.assets();
    assert_eq!(all.len(), 2);
    assert_eq!(of(&all, "10.0.0.2").macs[0].address, Address::Mac(hw(2)));
    assert_eq!(of(&all, "10.0.0.2").addresses[0].reason.id, "only_address_behind");
}

#[test]
fn equal_hardware_addresses_on_both_sides_say_nothing() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 1), 502);
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.2"]);
    assert!(all.iter().all(|a| a.macs.is_empty() && a.vendor.is_none()));
}

#[test]
fn a_routers_hardware_address_is_not_merged_into_the_devices_behind_it() {
    let mut f = Facts::default();
    f.arp(1, hw(9), "10.0.0.254").arp(1, hw(1), "10.0.0.1");
    for (i, remote) in ["10.0.5.1", "10.0.5.2", "10.0.6.1"].into_iter().enumerate() {
        f.flow(2 + i as i64, ("10.0.0.1", 1), (remote, 9), 502);
    }
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.254", "10.0.5.1", "10.0.5.2", "10.0.6.1"]);
    let router = of(&all, "10.0.0.254");
    let kind = router.device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.reasons[0].id), ("router", "is_in_front"));
    let remote = of(&all, "10.0.5.1");
    assert!(remote.macs.is_empty() && remote.vendor.is_none());
    assert_eq!(remote.behind, [hw(9)]);
}

#[test]
fn two_addresses_behind_one_hardware_address_are_not_merged_on_frames_alone() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.5.1", 9), 502).flow(2, ("10.0.0.1", 1), ("10.0.5.2", 9), 502);
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.5.1", "10.0.5.2"]);
    assert!(of(&all, "10.0.5.1").macs.is_empty());
}

#[test]
fn a_second_address_it_states_itself_is_its_own() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1").arp(2, hw(1), "192.168.7.1");
    let all = f.assets();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].addresses.len(), 2);
}

#[test]
fn who_answers_for_very_many_addresses_holds_none_of_them() {
    let mut f = Facts::default();
    for i in 1..=12 {
        f.arp(i, hw(9), &format!("10.0.0.{i}"));
    }
    f.flow(20, ("10.0.0.200", 1), ("10.0.0.3", 9), 502);
    let all = f.assets();
    assert!(all.iter().all(|a| a.addresses.len() <= 1), "{:?}", names(&all));
    let proxy = all.iter().find(|a| a.addresses.is_empty()).unwrap();
    assert_eq!(proxy.device_type.as_ref().unwrap().reasons[0].id, "answers_for_many");
}

#[test]
fn a_dhcp_move_is_followed_and_what_was_said_stays_with_its_time() {
    let mut f = Facts::default();
    let dhcp = |f: &mut Facts, at, m: u8, address: &str| {
        f.says(at, Subject::host(mac(m)), "dhcp", Claim::SameAs(ip(address).address));
    };
    dhcp(&mut f, 1, 1, "10.0.0.50");
    f.says(2, Subject::host(ip("10.0.0.50")), "http", Claim::Firmware("1.0".into()));
    dhcp(&mut f, 1000, 1, "10.0.0.60");
    dhcp(&mut f, 2000, 2, "10.0.0.50");
    f.says(2001, Subject::host(ip("10.0.0.50")), "http", Claim::Firmware("9.9".into()));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    let moved = of(&all, "10.0.0.60");
    let held: Vec<_> = moved.addresses.iter().map(|a| a.address.to_string()).collect();
    assert_eq!(held, ["10.0.0.60", "10.0.0.50"]);
    assert!(moved.addresses[1].last < moved.addresses[0].first);
    assert_eq!(value(&moved.firmware), Some("1.0"));
    let new = all.iter().find(|a| a.id != moved.id).unwrap();
    assert_eq!(value(&new.firmware), Some("9.9"));
}

fn of_mac(all: &[Asset], last: u8) -> &Asset {
    all.iter().find(|a| a.macs.iter().any(|m| m.address == Address::Mac(hw(last)))).unwrap()
}

#[test]
fn a_duplicate_address_is_shown_and_not_merged() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.5").arp(50, hw(2), "10.0.0.5").arp(100, hw(1), "10.0.0.5");
    f.says(2, Subject::host(ip("10.0.0.5")), "s7comm", Claim::Serial("S C-X4U1".into()));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    let (holder, other) = (of_mac(&all, 1), of_mac(&all, 2));
    assert_eq!(holder.addresses[0].contested_by, [hw(2)]);
    assert_eq!(other.addresses[0].contested_by, [hw(1)]);
    assert!(remark(holder, "duplicate_address").is_some() && remark(other, "duplicate_address").is_some());
    assert_eq!(value(&holder.serial), Some("S C-X4U1"));
    assert_eq!(value(&other.serial), None);
}

#[test]
fn replaced_hardware_is_a_new_device_at_the_old_address() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.5").says(2, Subject::host(ip("10.0.0.5")), "s7comm", Claim::Serial("AAAA1".into()));
    f.arp(4000, hw(2), "10.0.0.5").says(4001, Subject::host(ip("10.0.0.5")), "s7comm", Claim::Serial("BBBB2".into()));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    assert_eq!(value(&of_mac(&all, 1).serial), Some("AAAA1"));
    assert_eq!(value(&of_mac(&all, 2).serial), Some("BBBB2"));
    let reason = remark(of_mac(&all, 2), "replaced").unwrap();
    assert!(reason.text().contains("00:1b:1b:00:00:01"), "{}", reason.text());
    assert!(remark(of_mac(&all, 1), "replaced").is_none());
}

#[test]
fn an_address_handed_on_while_the_old_holder_lives_is_moved_not_replaced() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.5").arp(100, hw(2), "10.0.0.5").arp(200, hw(1), "10.0.0.6");
    let all = f.assets();
    assert!(remark(of_mac(&all, 2), "moved_address").is_some());
}

#[test]
fn several_serial_numbers_at_once_are_several_devices_behind_one_address() {
    let about = Subject::host(ip("10.0.0.5"));
    let serial = |text: &str| Claim::Serial(text.into());
    let mut f = Facts::default();
    f.says(1, about, "s7comm", serial("AAAA1")).says(2, about, "s7comm", serial("BBBB2"));
    f.says(3, about, "s7comm", serial("AAAA1")).says(4, about, "s7comm", serial("BBBB2"));
    let all = f.assets();
    assert_eq!(all.len(), 1);
    let reason = remark(&all[0], "several_devices").unwrap();
    assert_eq!(reason.get("count"), Some("2"));
    // One after the other is a replacement of the machine, not two at once.
    let mut f = Facts::default();
    f.says(1, about, "s7comm", serial("AAAA1")).says(9, about, "s7comm", serial("BBBB2"));
    assert!(remark(&f.assets()[0], "several_devices").is_none());
}

#[test]
fn short_and_full_name_of_one_machine_are_no_contradiction() {
    let about = Subject::host(ip("10.0.0.5"));
    let name = |text: &str| Claim::Name(model::NameKind::Host, text.into());
    let mut f = Facts::default();
    f.says(1, about, "ntlm", name("SCADA1")).says(2, about, "ntlm", name("scada1.plant.local"));
    f.says(3, about, "ntlm", name("SCADA1")).says(4, about, "ntlm", name("scada1.plant.local"));
    assert!(remark(&f.assets()[0], "several_devices").is_none());
}

#[test]
fn a_serial_number_follows_a_device_whose_hardware_address_is_not_seen() {
    let serial = || Claim::Serial("SN-20417".into());
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.5")), "modbus", serial());
    f.says(900, Subject::host(ip("10.0.0.6")), "modbus", serial());
    let all = f.assets();
    assert_eq!(all.len(), 1);
    assert!(remark(&all[0], "same_serial_moved").is_some());
    // At two addresses at the same time it is two devices.
    f.says(901, Subject::host(ip("10.0.0.5")), "modbus", serial());
    assert_eq!(f.assets().len(), 2);
}

#[test]
fn a_routing_switch_with_an_address_in_each_of_many_subnets_holds_them_all() {
    let mut f = Facts::default();
    for i in 1..=12 {
        f.arp(i, hw(9), &format!("10.0.{i}.1"));
    }
    let all = f.assets();
    assert_eq!((all.len(), all[0].addresses.len()), (1, 12));
}

#[test]
fn a_link_local_address_beside_a_real_one_is_the_same_device() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502).flow(2, ("169.254.7.7", 1), ("10.0.0.2", 2), 502);
    let all = f.assets();
    assert_eq!(all.len(), 2);
    assert_eq!(of(&all, "10.0.0.1").addresses.len(), 2);
}

#[test]
fn who_names_its_own_address_in_a_frame_speaks_for_itself() {
    let mut f = Facts::default();
    let claim = Claim::SameAs(Address::Mac(hw(4)));
    let about = Subject::host(ip("10.0.0.4"));
    let arp = |by| Evidence { about, by, claim: claim.clone(), strength: Strength::Stated, protocol: "arp" };
    f.at(1, What::Evidence(arp(Some(mac(4)))));
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.4"]);
    assert_eq!(all[0].macs.len(), 1);
    // Before it has an address a machine asks for one from nobody's address.
    let by = Some(ip("0.0.0.0"));
    let (about, claim) = (Subject::host(mac(5)), Claim::Name(model::NameKind::Host, "pump".into()));
    f.at(2, What::Evidence(Evidence { about, by, claim, strength: Strength::Stated, protocol: "dhcp" }));
    assert_eq!(names(&f.assets()), ["10.0.0.4", "pump"]);
}

#[test]
fn an_inner_address_in_a_message_does_not_merge_different_hardware() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1").arp(1, hw(2), "10.0.0.2");
    f.says(2, Subject::host(ip("10.0.0.1")), "enip", Claim::SameAs(ip("10.0.0.2").address));
    assert_eq!(f.assets().len(), 2);
    f.says(3, Subject::host(ip("10.0.0.1")), "enip", Claim::SameAs(ip("192.168.1.1").address));
    assert_eq!(f.assets().len(), 2);
}

#[test]
fn the_hardware_address_follows_the_device_that_a_serial_number_followed() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.5", 5), 502).flow(900, ("10.0.0.1", 1), ("10.0.0.6", 5), 502);
    f.says(2, Subject::host(mac(5)), "ethernet", Claim::Vlan(3));
    assert_eq!(f.assets().len(), 4);
    f.says(2, Subject::host(ip("10.0.0.5")), "enip", Claim::Serial("0051aec3".into()));
    f.says(901, Subject::host(ip("10.0.0.6")), "enip", Claim::Serial("0051aec3".into()));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    let moved = of(&all, "10.0.0.6");
    assert_eq!((moved.addresses.len(), moved.macs.len(), moved.behind.len()), (2, 1, 0));
    assert_eq!(value(&moved.vendor), Some("Siemens"));
}

#[test]
fn many_names_that_only_others_use_are_names_of_services() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1");
    let mut asked = |second: i64, name: &str, strength| {
        let (about, by) = (Subject::host(ip("10.0.0.1")), Some(ip("10.0.0.9")));
        let claim = Claim::Name(model::NameKind::Host, name.into());
        f.at(second, What::Evidence(Evidence { about, by, claim, strength, protocol: "tls" }));
        f.assets()
            .into_iter()
            .find(|a| a.macs.iter().any(|m| m.address == Address::Mac(hw(1))))
            .map(|a| a.name)
            .unwrap()
    };
    assert_eq!(asked(2, "panel.example", Strength::Implied), "panel.example");
    assert_eq!(asked(3, "hmi.example", Strength::Implied), "hmi.example");
    assert_eq!(asked(4, "news.example", Strength::Implied), "10.0.0.1");
    assert_eq!(asked(5, "proxy-1", Strength::Stated), "proxy-1");
}
