//! The harness can fail: a small plant with its table, and one thing made wrong at a time.

use crate::check::{Verdict, check};
use crate::table::{Truth, parse};
use analysis::Judge;
use analysis::inventory::{Asset, AssetId, Attribute};
use analysis::knowledge::Knowledge;
use engine::{Engine, FrameIn, Settings};
use model::{Address, Mac, NetworkId, Time};
use testkit::build::ip::{self, Header};
use testkit::build::link::{arp_reply, arp_request};
use testkit::build::{enip, link};
use wire::decode::LinkType;

const ASKER: ([u8; 6], [u8; 4]) = ([0x00, 0x1b, 0x1b, 0, 0, 1], [10, 0, 0, 1]);
const FIRST: ([u8; 6], [u8; 4]) = ([0x00, 0x00, 0xbc, 0, 0, 2], [10, 0, 0, 2]);
const SECOND: ([u8; 6], [u8; 4]) = ([0x00, 0x00, 0xbc, 0, 0, 3], [10, 0, 0, 3]);

const TABLE: &str = "
## synthetic/plant
One station asks two controllers who they are; values as built.

| device | what | value | frame |
|---|---|---|---|
| 10.0.0.1 | address | 00:1b:1b:00:00:01 | 1 |
| 10.0.0.2 | address | 00:00:bc:00:00:02 | 2 |
| 10.0.0.2 | vendor | Rockwell Automation/Allen-Bradley | 4 |
| 10.0.0.2 | model | 1756-L61/B LOGIX5561 | 4 |
| 10.0.0.2 | firmware | 20.12 | 4 |
| 10.0.0.2 | serial | 00C0FFEE | 4 |
| 10.0.0.2 | type | plc | - |
| 10.0.0.3 | address | 00:00:bc:00:00:03 | 5 |
| 10.0.0.3 | model | 1756-L61/B LOGIX5561 | 8 |
| 10.0.0.3 | firmware | 21.3 | 8 |
| 10.0.0.3 | serial | 00C0FFEF | 8 |
";

fn truth() -> Truth {
    parse(TABLE).expect("the table reads").remove(0)
}

fn frames() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (device, revision, serial) in [(FIRST, (20, 12), 0x00c0_ffee), (SECOND, (21, 3), 0x00c0_ffef)] {
        let identity = enip::Identity {
            vendor: 1,
            kind: 14,
            product: 54,
            revision,
            status: 0x60,
            serial,
            name: "1756-L61/B LOGIX5561",
        };
        let udp = |from: ([u8; 6], [u8; 4]), to: ([u8; 6], [u8; 4]), ports: (u16, u16), data: &[u8]| {
            let header = Header { src: from.1, dst: to.1, id: 1, ttl: 64 };
            link::ethernet(to.0, from.0, None, 0x0800, &ip::udp(header, ports.0, ports.1, data))
        };
        all.push(link::ethernet([0xff; 6], ASKER.0, None, 0x0806, &arp_request(ASKER, device.1)));
        all.push(link::ethernet(ASKER.0, device.0, None, 0x0806, &arp_reply(device, ASKER)));
        all.push(udp(ASKER, device, (50_000, 44_818), &enip::list_identity()));
        all.push(udp(device, ASKER, (44_818, 50_000), &enip::listed(device.1, &identity)));
    }
    all
}

fn assets() -> Vec<Asset> {
    let mut engine = Engine::new(&Settings::default());
    let mut judge = Judge::default();
    let mut events = Vec::new();
    for (n, bytes) in frames().iter().enumerate() {
        let (time, wire_len) = (Time(n as i64 * Time::SECOND), bytes.len() as u32);
        let frame = FrameIn { time, link: LinkType::Ethernet, wire_len, bytes, network: NetworkId(0) };
        engine.push(&frame, &mut |event| events.push(event), &mut |_| {});
    }
    engine.finish(&mut |event| events.push(event), &mut |_| {});
    events.iter().for_each(|event| judge.see(event));
    judge.finish();
    judge.assets(&Knowledge::embedded(), &[])
}

fn at<'a>(assets: &'a mut [Asset], ip: &str) -> &'a mut Asset {
    let own = |a: &&mut Asset| a.addresses.iter().any(|u| u.address.to_string() == ip);
    assets.iter_mut().find(own).expect("the device is shown")
}

/// What the harness says once one thing was changed.
fn changed(change: impl FnOnce(&mut Vec<Asset>)) -> Verdict {
    let mut assets = assets();
    change(&mut assets);
    check(&truth(), &assets)
}

#[test]
fn a_true_inventory_passes() {
    let verdict = changed(|_| {});
    assert_eq!(verdict.errors(), Vec::<String>::new());
    assert_eq!((verdict.wire.held, verdict.wire.all), (7, 7), "{:?}", verdict.wire.missed);
    assert_eq!((verdict.judged.held, verdict.judged.all), (1, 1), "{:?}", verdict.judged.missed);
}

#[test]
fn a_phantom_and_a_missing_device_are_seen() {
    let verdict = changed(|assets| {
        let mut ghost = assets[0].clone();
        ghost.id = AssetId(1);
        ghost.subjects.clear();
        ghost.addresses.truncate(1);
        ghost.addresses[0].address = Address::Ip([10, 0, 0, 255].into());
        ghost.macs.clear();
        assets.push(ghost);
    });
    assert_eq!(verdict.phantoms.len(), 1);
    let verdict = changed(|assets| assets.retain(|a| a.addresses.iter().all(|u| u.address.to_string() != "10.0.0.2")));
    assert_eq!(verdict.missing, ["10.0.0.2"]);
    assert_eq!((verdict.wire.held, verdict.wire.all), (3, 7), "its values count as missed");
}

#[test]
fn merges_both_ways_and_a_stray_address_are_seen() {
    let verdict = changed(|assets| {
        let taken = at(assets, "10.0.0.3").clone();
        assets.retain(|a| a.id != taken.id);
        let into = at(assets, "10.0.0.2");
        into.addresses.extend(taken.addresses);
        into.macs.extend(taken.macs);
    });
    assert!(verdict.merges.iter().any(|m| m.contains("10.0.0.2 and 10.0.0.3")), "{:?}", verdict.merges);
    let verdict = changed(|assets| {
        let mut half = at(assets, "10.0.0.2").clone();
        half.id = AssetId(2);
        half.macs.clear();
        at(assets, "10.0.0.2").addresses.clear();
        assets.push(half);
    });
    assert!(verdict.merges.iter().any(|m| m.contains("10.0.0.2 is shown as")), "{:?}", verdict.merges);
    let verdict = changed(|assets| {
        let mut router = at(assets, "10.0.0.1").macs[0].clone();
        router.address = Address::Mac(Mac([0, 0, 0x0c, 1, 2, 3]));
        at(assets, "10.0.0.2").macs.push(router);
    });
    assert!(verdict.merges.iter().any(|m| m.contains("not its own")), "{:?}", verdict.merges);
}

fn set(attribute: &mut Option<Attribute>, value: &str) {
    attribute.as_mut().expect("it has a value").value = value.into();
}

#[test]
fn wrong_and_invented_values_are_seen() {
    let verdict = changed(|assets| {
        let asset = at(assets, "10.0.0.2");
        set(&mut asset.firmware, "20.13");
    });
    assert_eq!(verdict.wrong_firmware.len(), 1);
    assert_eq!((verdict.wire.held, verdict.wire.all), (6, 7));
    let verdict = changed(|assets| {
        let other = at(assets, "10.0.0.2").firmware.clone();
        at(assets, "10.0.0.1").firmware = other;
    });
    assert_eq!(verdict.wrong_firmware.len(), 1, "a firmware nobody listed is wrong too");
    let verdict = changed(|assets| {
        let asset = at(assets, "10.0.0.2");
        set(&mut asset.serial, "00c0ffff");
        set(&mut asset.vendor, "Siemens");
    });
    assert_eq!(verdict.wrong_values.len(), 2);
    let verdict = changed(|assets| at(assets, "10.0.0.2").serial = None);
    assert_eq!(verdict.wrong_values.len(), 0);
    assert_eq!((verdict.wire.held, verdict.wire.all), (6, 7), "silence is a miss, no lie");
}

#[test]
fn a_table_must_be_well_formed() {
    assert!(parse("## a/b\ntold\n| 10.0.0.1 | colour | red | 1 |").is_err());
    assert!(parse("## a/b\ntold\n| 10.0.0.1 | vendor | red | - |").is_err(), "a value needs its frame");
    assert!(parse("## a/b\n| 10.0.0.1 | vendor | red | 1 |").is_err(), "nobody told how it was established");
    assert!(parse("## a/b\ntold\n| 10.0.0.1 / slot 2 | model | x | 1 |").is_err(), "a module of nothing");
}
