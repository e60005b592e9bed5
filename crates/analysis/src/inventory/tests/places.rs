//! Outside, redundant routers, IPv6, layer 2.

use super::*;

#[test]
fn the_outside_is_one_thing_and_its_router_another() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "192.168.0.10").arp(1, hw(9), "192.168.0.1");
    f.flow(2, ("192.168.0.10", 1), ("93.184.216.34", 9), 443).flow(3, ("192.168.0.10", 1), ("8.8.4.4", 9), 443);
    let all = f.assets();
    assert_eq!(names(&all), ["192.168.0.1", "192.168.0.10", "internet"]);
    let outside = all.iter().find(|a| a.external).unwrap();
    assert_eq!((outside.external_addresses, outside.vendor.is_none()), (2, true));
    let router = of(&all, "192.168.0.1").device_type.as_ref().unwrap();
    assert_eq!((router.value.as_str(), router.reasons[0].id), ("router", "in_front_of_outside"));
}

#[test]
fn a_plant_numbered_with_public_addresses_is_a_plant() {
    let mut f = Facts::default();
    f.flow(1, ("141.81.0.10", 1), ("141.81.0.20", 2), 502);
    let all = f.assets();
    assert_eq!(names(&all), ["141.81.0.10", "141.81.0.20"]);
    // So is a public address whose holder stands on the link beside private ones.
    f.arp(2, hw(3), "10.0.0.3").arp(3, hw(1), "141.81.0.10");
    assert!(f.assets().iter().all(|a| !a.external));
}

#[test]
fn a_router_that_nobody_asked_for_is_known_by_its_own_address_on_the_link() {
    let mut f = Facts::default();
    f.flow(1, ("192.168.0.10", 1), ("93.184.216.34", 9), 443).flow(2, ("192.168.0.10", 1), ("192.168.0.1", 9), 80);
    let all = f.assets();
    assert_eq!(names(&all), ["192.168.0.1", "192.168.0.10", "internet"]);
    assert_eq!(of(&all, "192.168.0.1").addresses[0].reason.id, "only_on_link");
}

#[test]
fn redundant_routers_are_one_thing_with_two_bodies() {
    let shared = Mac([0x00, 0x00, 0x5e, 0x00, 0x01, 0x0a]);
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.2").arp(1, hw(2), "10.0.0.3").arp(2, shared, "10.0.0.1");
    for (i, body) in ["10.0.0.2", "10.0.0.3"].into_iter().enumerate() {
        let mut advert = flow(3 + i as i64, (body, 1), ("224.0.0.18", 1), 0);
        (advert.macs, advert.frames) = ([Some(shared), None], [9, 0]);
        (advert.transport, advert.protocol) = ("ip", Some("vrrp"));
        f.at(3 + i as i64, What::Flow(advert));
    }
    // What it forwards is not its own.
    let mut routed = flow(9, ("10.0.9.9", 1), ("10.0.0.50", 3), 502);
    routed.macs[0] = Some(shared);
    f.at(9, What::Flow(routed));
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.50", "10.0.9.9"]);
    let pair = of(&all, "10.0.0.1");
    assert_eq!(pair.bodies.len(), 2);
    assert_eq!(pair.bodies[0].asset, Some(of(&all, "10.0.0.2").id));
    assert!(remark(pair, "one_thing_two_bodies").is_some());
    assert_eq!(pair.device_type.as_ref().unwrap().value, "router");
    assert!(all.iter().all(|a| remark(a, "duplicate_address").is_none()));
}

#[test]
fn reserved_addresses_of_every_scheme_are_known() {
    let m = |text: [u8; 6]| Mac(text);
    for (reserved, own) in [
        ([0, 0, 0x5e, 0, 1, 1], [0, 0, 0x5e, 0, 3, 1]),
        ([0, 0, 0x0c, 0x07, 0xac, 5], [0, 0, 0x0c, 0x07, 0xad, 5]),
        ([0, 0, 0x0c, 0x9f, 0xf0, 5], [0, 0, 0x0c, 0x9f, 0x10, 5]),
        ([0, 7, 0xb4, 0, 1, 1], [0, 7, 0xb4, 1, 1, 1]),
    ] {
        for (hw, expected) in [(m(reserved), "router"), (m(own), "")] {
            let mut f = Facts::default();
            f.arp(1, hw, "10.0.0.1");
            let kind = f.assets()[0].device_type.as_ref().map_or(String::new(), |k| k.value.clone());
            assert_eq!(kind, expected, "{hw}");
        }
    }
}

#[test]
fn link_local_and_formed_addresses_belong_to_the_hardware_address_even_of_a_router() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1");
    for (i, own) in ["fe80::1", "2001:db8::21b:1bff:fe00:1"].into_iter().enumerate() {
        f.flow(2 + i as i64, (own, 1), ("fe80::2", 2), 502);
    }
    let all = f.assets();
    assert_eq!(all.len(), 2);
    assert_eq!(of(&all, "10.0.0.1").addresses.len(), 3);
    assert_eq!(of(&all, "fe80::2").macs[0].address, Address::Mac(hw(2)));
}

#[test]
fn a_layer_two_device_needs_no_address() {
    let mut f = Facts::default();
    f.says(1, Subject::host(mac(7)), "profinet_dcp", Claim::Name(model::NameKind::Station, "et200-belt".into()));
    let all = f.assets();
    assert_eq!(names(&all), ["et200-belt"]);
    assert_eq!(all[0].macs[0].address, Address::Mac(hw(7)));
}

#[test]
fn two_hardware_addresses_of_one_switch_are_joined_by_what_it_says() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1");
    f.says(2, Subject::host(mac(2)), "lldp", Claim::SameAs(ip("10.0.0.1").address));
    f.says(2, Subject::host(mac(2)), "lldp", Claim::Role(model::Role::Switch));
    let all = f.assets();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].macs.len(), 2);
    assert!(remark(&all[0], "duplicate_address").is_none());
    assert_eq!(all[0].device_type.as_ref().unwrap().value, "switch");
}

#[test]
fn the_same_addresses_in_two_networks_are_two_devices() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "10.0.0.1");
    let there = Host { network: model::NetworkId(2), ..ip("10.0.0.1") };
    f.says(2, Subject::host(there), "arp", Claim::SameAs(Address::Mac(hw(2))));
    assert_eq!(f.assets().len(), 2);
}

#[test]
fn a_controller_at_a_public_address_is_a_device_and_its_router_is_not_taken_for_it() {
    let mut f = Facts::default();
    f.flow(1, ("192.168.0.10", 1), ("166.161.16.230", 9), 502);
    f.acts(2, "192.168.0.10", "166.161.16.230", ("modbus", Class::Read));
    f.acts(3, "93.184.216.34", "192.168.0.11", ("modbus", Class::Read));
    let all = f.assets();
    let far = of(&all, "166.161.16.230");
    assert!(!far.external && far.macs.is_empty() && remark(far, "far_device").is_some());
    assert_eq!(far.device_type.as_ref().unwrap().value, "plc");
    // Who commands from outside stays outside.
    assert!(of(&all, "93.184.216.34").external);
    let router = all.iter().find(|a| a.macs.iter().any(|m| m.address == Address::Mac(hw(9)))).unwrap();
    assert_eq!(router.device_type.as_ref().unwrap().value, "router");
}
