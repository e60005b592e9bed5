//! Size: a plant of thousands, and the bound on peers.

use super::*;

fn plant(devices: u32) -> Inventory {
    let mut f = Facts::default();
    for i in 0..devices {
        let (a, b) = ((i >> 8) as u8, i as u8);
        let address = format!("10.{}.{a}.{b}", i >> 16);
        let own = Mac([0x00, 0x1b, 0x1b, 1, a, b]);
        f.arp(i64::from(i), own, &address);
        let mut flow = flow(i64::from(i), ("10.200.0.1", 1), (&address, 1), 502);
        flow.macs[1] = Some(own);
        f.at(i64::from(i), What::Flow(flow));
        f.acts(i64::from(i), "10.200.0.1", &address, ("modbus", Class::Read));
    }
    f.inventory()
}

#[test]
fn four_thousand_devices_are_four_thousand_and_one() {
    let inventory = plant(4000);
    let all = assets(&inventory, &Tables, &[]);
    assert_eq!(all.len(), 4001);
    let master = of(&all, "10.200.0.1");
    let reason = &master.device_type.as_ref().unwrap().reasons[0];
    // Peers are counted up to the bound, and the bound is said.
    assert_eq!(reason.get("count"), Some(MAX_DEEDS.to_string().as_str()));
    assert!(inventory.limits().contains_key("statements_per_attribute"));
}

#[test]
fn thousands_of_addresses_behind_one_router_are_no_square() {
    let mut f = Facts::default();
    f.arp(1, hw(9), "10.0.0.254").arp(1, hw(1), "10.0.0.1");
    for i in 0..6000u32 {
        let address = format!("10.{}.{}.{}", 1 + (i >> 12), (i >> 6) & 63, i & 63);
        f.flow(2, ("10.0.0.1", 1), (&address, 9), 502);
    }
    let all = f.assets();
    assert_eq!(all.len(), 6002);
    let reason = &of(&all, "10.0.0.254").device_type.as_ref().unwrap().reasons[0];
    assert_eq!((reason.id, reason.get("count")), ("is_in_front", Some("6000")));
}
