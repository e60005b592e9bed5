//! What the time to live tells.

use super::*;

fn names(all: &[Asset]) -> Vec<&str> {
    let mut names: Vec<&str> = all.iter().map(|a| a.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// A conversation of two hosts, with the times to live of both.
fn talk(f: &mut Facts, second: i64, client: (&str, u8, u8), server: (&str, u8, u8)) {
    let mut flow = flow(second, (client.0, client.1), (server.0, server.1), 502);
    flow.ttl = [client.2, server.2];
    f.at(second, What::Flow(flow));
}

#[test]
fn a_diminished_time_to_live_sets_a_router_apart_from_the_one_device_behind_it() {
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.1", 1, 128), ("10.0.9.9", 9, 59));
    let all = f.assets();
    assert_eq!(names(&all), ["00:1b:1b:00:00:09", "10.0.0.1", "10.0.9.9"]);
    let router = all.iter().find(|a| a.name.starts_with("00:1b")).unwrap();
    let kind = router.device_type.as_ref().unwrap();
    assert_eq!((kind.value.as_str(), kind.reasons[0].id), ("router", "in_front_of_routed"));
    let far = of(&all, "10.0.9.9");
    assert!(far.macs.is_empty() && far.vendor.is_none());
    assert_eq!(far.behind, [hw(9)]);
}

#[test]
fn start_values_one_whole_packet_and_values_drawn_by_chance_prove_no_router() {
    for ttl in [30, 32, 60, 64, 128, 255, 1, 16] {
        let mut f = Facts::default();
        talk(&mut f, 1, ("10.0.0.1", 1, 128), ("10.0.0.2", 9, ttl));
        assert_eq!(names(&f.assets()), ["10.0.0.1", "10.0.0.2"], "{ttl}");
    }
    let mut f = Facts::default();
    for (second, ttl) in [(1, 41), (2, 55), (3, 48)] {
        talk(&mut f, second, ("10.0.0.1", 1, ttl), ("10.0.0.2", 2, 64));
    }
    assert_eq!(f.assets().len(), 2);
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.1", 1, 47), ("10.0.0.2", 2, 64));
    talk(&mut f, 2, ("10.0.0.1", 1, 128), ("10.0.0.2", 2, 64));
    assert_eq!(f.assets().len(), 2);
}

#[test]
fn an_address_its_holder_states_is_its_own_whatever_comes_through_it() {
    let mut f = Facts::default();
    f.arp(1, hw(9), "10.0.0.2");
    talk(&mut f, 2, ("10.0.0.1", 1, 128), ("10.0.0.2", 9, 127));
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(of(&all, "10.0.0.2").macs.len(), 1);
}

#[test]
fn addresses_of_one_card_are_one_device_unless_something_tells_them_apart() {
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.8", 8, 128), ("10.0.0.3", 3, 64));
    talk(&mut f, 2, ("10.0.0.9", 8, 128), ("10.0.0.3", 3, 64));
    let all = f.assets();
    assert_eq!(all.len(), 2);
    let one = of(&all, "10.0.0.8");
    assert_eq!((one.addresses.len(), one.addresses[0].reason.id), (2, "own_by_ttl"));

    // other start values: two systems behind a bridge
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.8", 8, 128), ("10.0.0.3", 3, 64));
    talk(&mut f, 2, ("10.0.0.9", 8, 64), ("10.0.0.3", 3, 64));
    assert_eq!(f.assets().len(), 3);

    // both obey at the same time: two controllers
    let mut f = Facts::default();
    for (second, server) in [(1, "10.0.0.8"), (2, "10.0.0.9"), (3, "10.0.0.8"), (4, "10.0.0.9")] {
        talk(&mut f, second, ("10.0.0.3", 3, 64), (server, 8, 128));
        f.acts(second, "10.0.0.3", server, ("modbus", Class::Read));
    }
    assert_eq!(f.assets().len(), 3);

    // they name themselves differently
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.8", 8, 128), ("10.0.0.3", 3, 64));
    talk(&mut f, 2, ("10.0.0.9", 8, 128), ("10.0.0.3", 3, 64));
    for (address, serial) in [("10.0.0.8", "A1"), ("10.0.0.9", "B2")] {
        f.says(3, Subject::host(ip(address)), "enip", Claim::Serial(serial.into()));
    }
    assert_eq!(f.assets().len(), 3);
}

#[test]
fn who_answers_for_others_does_not_get_their_address() {
    let mut f = Facts::default();
    // the attacker has an address of its own; the victim never answers ARP
    talk(&mut f, 1, ("10.0.0.1", 1, 64), ("10.0.0.18", 8, 64));
    f.arp(2, hw(6), "10.0.0.20").arp(3, hw(6), "10.0.0.18").arp(9, hw(6), "10.0.0.18");
    talk(&mut f, 8, ("10.0.0.1", 1, 64), ("10.0.0.18", 8, 64));
    let all = f.assets();
    assert_eq!(names(&all), ["10.0.0.1", "10.0.0.18", "10.0.0.20"]);
    let victim = all.iter().find(|a| a.name == "10.0.0.18").unwrap();
    assert_eq!(victim.macs[0].address, Address::Mac(hw(8)));
    assert_eq!(victim.addresses[0].contested_by, [hw(6)]);

    // it came first and claims both sides
    let mut f = Facts::default();
    f.arp(1, hw(6), "10.0.0.18").arp(1, hw(6), "10.0.0.1");
    f.arp(2, hw(8), "10.0.0.18").arp(2, hw(1), "10.0.0.1");
    f.arp(9, hw(6), "10.0.0.18").arp(9, hw(6), "10.0.0.1");
    let all = f.assets();
    assert_eq!(names(&all), ["00:1b:1b:00:00:06", "10.0.0.1", "10.0.0.18"]);
}

#[test]
fn public_numbers_on_the_link_are_a_plants() {
    let mut f = Facts::default();
    talk(&mut f, 1, ("10.0.0.1", 1, 64), ("10.0.0.2", 2, 64));
    talk(&mut f, 2, ("140.140.60.1", 3, 128), ("140.140.60.2", 4, 64));
    assert!(f.assets().iter().all(|a| !a.external));
    talk(&mut f, 3, ("10.0.0.1", 1, 64), ("8.8.4.4", 9, 57));
    assert_eq!(f.assets().iter().filter(|a| a.external).map(|a| a.external_addresses).collect::<Vec<_>>(), [1]);
}
