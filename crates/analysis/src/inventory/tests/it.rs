//! Rules that names, routers and office machines need.

use super::*;
use model::{NameKind, Role};

/// A datagram to everybody, from an address behind a hardware address.
fn cast(f: &mut Facts, second: i64, from: (&str, u8), to: &str) {
    let mut cast = flow(second, from, (to, 200), 5353);
    (cast.transport, cast.protocol, cast.frames, cast.macs[1]) = ("udp", Some("mdns"), [1, 0], None);
    f.at(second, What::Flow(cast));
}

fn said(by: &str, about: Subject, protocol: &'static str, claim: Claim, strength: Strength) -> What {
    What::Evidence(Evidence { about, by: Some(ip(by)), claim, strength, protocol })
}

#[test]
fn an_address_a_device_names_as_its_own_is_shown_though_it_never_sends() {
    let mut f = Facts::default();
    let about = Subject::host(mac(1));
    f.says(1, about, "cdp", Claim::SameAs(ip("10.0.0.253").address));
    f.says(1, about, "stp", Claim::SameAs(Address::Mac(hw(9))));
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.253"]);
    assert_eq!(all[0].addresses[0].reason.id, "stated_together");
    let macs: Vec<_> = all[0].macs.iter().map(|m| m.address).collect();
    assert_eq!(macs, [Address::Mac(hw(1)), Address::Mac(hw(9))]);
}

#[test]
fn two_devices_with_the_same_factory_address_stay_two_until_their_name_agrees() {
    let factory = Claim::SameAs(ip("192.168.0.1").address);
    let mut f = Facts::default();
    for (last, name) in [(1, "switch-a"), (2, "switch-b")] {
        let about = Subject::host(mac(last));
        f.says(1, about, "lldp", factory.clone());
        f.says(1, about, "lldp", Claim::Name(NameKind::System, name.into()));
    }
    assert_eq!(f.assets().len(), 2);
    let mut f = Facts::default();
    for last in [1, 2] {
        let about = Subject::host(mac(last));
        f.says(1, about, "lldp", factory.clone());
        f.says(1, about, "lldp", Claim::Name(NameKind::System, "switch-a".into()));
    }
    assert_eq!(f.assets().len(), 1, "two ports of one switch");
}

#[test]
fn an_address_handed_out_as_gateway_is_the_own_one_of_the_router_before_two() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.9.9.9", 9), 53).flow(2, ("10.0.0.1", 1), ("10.0.0.254", 9), 67);
    f.says(2, Subject::host(mac(1)), "dhcp", Claim::SameAs(ip("10.0.0.1").address));
    assert!(of(&f.assets(), "10.0.0.254").macs.is_empty(), "one of two");
    let role = Claim::Role(Role::Router);
    f.at(3, said("10.0.0.254", Subject::host(ip("10.0.0.254")), "dhcp", role, Strength::Implied));
    let all = f.assets();
    assert_eq!(of(&all, "10.0.0.254").macs[0].address, Address::Mac(hw(9)));
    assert!(of(&all, "10.9.9.9").macs.is_empty());
}

#[test]
fn who_sends_to_a_group_of_the_link_stands_on_it() {
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    // a public address in a private network, and behind a hardware address that carries others
    cast(&mut f, 2, ("198.51.100.7", 9), "224.0.0.251");
    for (n, far) in ["10.5.0.1", "10.6.0.1", "10.7.0.1"].into_iter().enumerate() {
        f.flow(3 + n as i64, ("10.0.0.1", 1), (far, 9), 502);
    }
    let all = f.assets();
    let router = of(&all, "198.51.100.7");
    assert_eq!(router.macs[0].address, Address::Mac(hw(9)));
    assert_eq!(router.addresses[0].reason.id, "link_group");
    assert!(all.iter().all(|a| !a.external));
    let mut f = Facts::default();
    f.flow(1, ("10.0.0.1", 1), ("10.0.0.2", 2), 502);
    cast(&mut f, 2, ("198.51.100.7", 9), "239.255.255.250");
    assert!(f.assets().iter().any(|a| a.external), "this group may be routed");
}

#[test]
fn on_a_link_with_public_numbers_other_blocks_behind_the_router_are_outside() {
    let mut f = Facts::default();
    f.arp(1, hw(1), "141.1.1.10").arp(1, hw(9), "141.1.1.1");
    f.flow(2, ("141.1.1.10", 1), ("208.2.3.4", 9), 80).flow(3, ("141.1.1.10", 1), ("141.1.7.7", 9), 53);
    let all = f.assets();
    assert_eq!(names(&all), ["141.1.1.1", "141.1.1.10", "141.1.7.7", "internet"]);
    // nobody says who holds what: nothing tells inside from outside
    let mut f = Facts::default();
    f.flow(2, ("141.1.1.10", 1), ("208.2.3.4", 9), 80);
    assert_eq!(names(&f.assets()), ["141.1.1.10", "208.2.3.4"]);
}

#[test]
fn many_public_blocks_behind_one_hardware_address_are_outside() {
    let mut f = Facts::default();
    for n in 1..=7 {
        f.flow(n, ("51.1.1.10", 1), (&format!("{}.2.3.4", 60 + n), 9), 427);
    }
    assert_eq!(f.assets().len(), 9, "seven, the one here, the router");
    f.flow(8, ("51.1.1.10", 1), ("246.2.3.4", 9), 427);
    assert_eq!(names(&f.assets()), ["00:1b:1b:00:00:09", "51.1.1.10", "internet"]);
}

#[test]
fn who_sends_a_routing_protocol_to_the_link_is_a_router() {
    let mut hello = flow(1, ("10.0.0.1", 1), ("224.0.0.5", 200), 0);
    (hello.transport, hello.kind, hello.protocol) = ("ip", 89, None);
    (hello.frames, hello.macs[1]) = ([1, 0], None);
    let mut f = Facts::default();
    f.at(1, What::Flow(hello));
    let all = f.assets();
    assert_eq!(all[0].device_type.as_ref().unwrap().value, "router");
    assert_eq!(all[0].macs[0].address, Address::Mac(hw(1)));
}

#[test]
fn a_redundant_pair_shares_an_address_that_may_be_link_local() {
    let shared = Mac([0x00, 0x00, 0x5e, 0x00, 0x02, 0x24]);
    let mut f = Facts::default();
    for (second, body) in [(1, "fe80::1"), (9, "fe80::2")] {
        let mut hello = flow(second, (body, 1), ("ff02::12", 200), 0);
        (hello.transport, hello.protocol, hello.frames) = ("ip", Some("vrrp"), [1, 0]);
        hello.macs = [Some(shared), None];
        f.at(second, What::Flow(hello));
        let about = Subject::host(Host::new(Address::Mac(shared)));
        f.at(second, said(body, about, "vrrp", Claim::SameAs(ip("fe80::36").address), Strength::Stated));
    }
    let all = f.assets();
    assert_eq!(all.len(), 3, "{:?}", names(&all));
    let pair = of(&all, "fe80::36");
    assert_eq!(pair.device_type.as_ref().unwrap().value, "router");
    assert_eq!(pair.bodies.len(), 2);
    assert!(of(&all, "fe80::1").macs.is_empty());
}

#[test]
fn a_netbios_name_and_the_dns_name_it_begins_are_one() {
    let about = Subject::host(ip("10.0.0.1"));
    let name = |kind, text: &str| Claim::Name(kind, text.into());
    let mut f = Facts::default();
    f.says(1, about, "smb2", name(NameKind::Host, "WS02"));
    f.says(1, about, "smb2", name(NameKind::Host, "ws02.plant.example"));
    f.says(1, about, "smb2", name(NameKind::Domain, "PLANT"));
    f.says(2, about, "smb2", name(NameKind::Domain, "plant.example"));
    let all = f.assets();
    assert_eq!(value(&all[0].host_name), Some("ws02.plant.example"));
    assert!(all[0].host_name.as_ref().unwrap().conflicts.is_empty());
    assert_eq!(value(&all[0].domain), Some("plant.example"));
    // cut to fifteen characters, and another name
    let about = Subject::host(ip("10.0.0.2"));
    f.says(1, about, "nbns", name(NameKind::Host, "ENGINEERING-WS-"));
    f.says(1, about, "mdns", name(NameKind::Host, "engineering-ws-0042"));
    f.says(1, about, "mdns", name(NameKind::Host, "other"));
    let all = f.assets();
    let two = of(&all, "10.0.0.2").host_name.as_ref().unwrap();
    assert_eq!(two.value, "engineering-ws-0042");
    assert_eq!(two.conflicts.iter().map(|o| o.value.as_str()).collect::<Vec<_>>(), ["other"]);
}

#[test]
fn a_name_that_says_what_it_is_counts_less_than_what_it_does() {
    let mut f = Facts::default();
    f.says(1, Subject::host(ip("10.0.0.1")), "nbds", Claim::Name(NameKind::Host, "SCADA-01".into()));
    f.says(1, Subject::host(ip("10.0.0.1")), "nbds", Claim::Role(Role::Workstation));
    let all = f.assets();
    let kind = all[0].device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.reasons[0].id), ("scada_server", "is_called"));
    f.acts(2, "10.0.0.1", "10.0.0.9", ("modbus", Class::Write));
    assert_eq!(of(&f.assets(), "10.0.0.1").device_type.as_ref().unwrap().value, "hmi");
}

#[test]
fn addresses_shared_by_rule_or_made_of_zeros_name_no_maker() {
    struct Every;
    impl Names for Every {
        fn oui(&self, _: Mac) -> Option<String> {
            Some("somebody".into())
        }
        fn cip_vendor(&self, _: u32) -> Option<String> {
            None
        }
        fn cip_device_type(&self, _: u32) -> Option<String> {
            None
        }
        fn bacnet_vendor(&self, _: u32) -> Option<String> {
            None
        }
        fn enterprise(&self, _: u32) -> Option<String> {
            None
        }
        fn profinet_vendor(&self, _: u32) -> Option<String> {
            None
        }
        fn vendor(&self, _: &str) -> Option<String> {
            None
        }
        fn order_number(&self, _: &str) -> Option<Product> {
            None
        }
        fn product_name(&self, _: &str) -> Option<Product> {
            None
        }
        fn os(&self, _: &str, _: &str) -> Option<String> {
            None
        }
        fn level(&self, _: &str) -> Option<String> {
            None
        }
    }
    let mut f = Facts::default();
    for (n, mac) in [[0, 0, 0, 0, 0, 1], [0, 0, 0x5e, 0, 1, 7], [0, 0x1b, 0x1b, 0, 0, 1]].into_iter().enumerate() {
        f.arp(1, Mac(mac), &format!("10.0.0.{}", n + 1));
    }
    let all = assets(&f.inventory(), &Every, &[]);
    let makers: Vec<_> = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|a| value(&of(&all, a).vendor)).to_vec();
    assert_eq!(makers, [None, None, Some("somebody")]);
}
