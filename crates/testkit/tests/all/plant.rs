//! The simulated water works keeps its promises: reproducible, in order, valid, and honest in its ground truth.

use super::tshark;
use serde_json::Value;
use std::collections::BTreeMap;
use testkit::build::capture::{Format, Writer};
use testkit::build::ip::checksum;
use testkit::plant::Plant;
use testkit::plant::attacks::Scenario;
use testkit::plant::sim::{MINUTE, SECOND};

const START: i64 = 1_772_431_200 * SECOND;

fn plant(seed: u64, minutes: i64, scenarios: &[Scenario]) -> Plant {
    Plant { seed, size: 1, start: START, duration: minutes * MINUTE, scenarios: scenarios.to_vec() }
}

type Frames = Vec<(i64, Vec<u8>)>;

fn run(p: &Plant) -> (Frames, Value) {
    let mut frames = Vec::new();
    let truth = p.run(|time, bytes| {
        frames.push((time, bytes.to_vec()));
        Ok(())
    });
    (frames, truth.expect("writing to memory"))
}

fn be16(b: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([b[at], b[at + 1]])
}

/// EtherType and payload behind the VLAN tag, if there is one.
fn payload(frame: &[u8]) -> (u16, &[u8]) {
    match be16(frame, 12) {
        0x8100 => (be16(frame, 16), &frame[18..]),
        kind => (kind, &frame[14..]),
    }
}

/// Source, destination, ports and data of an IPv4 packet with UDP (17) or TCP (6).
struct Packet<'a> {
    protocol: u8,
    src: &'a [u8],
    dst: &'a [u8],
    ports: (u16, u16),
    data: &'a [u8],
}

fn packet(frame: &[u8]) -> Option<Packet<'_>> {
    let (0x0800, ip) = payload(frame) else { return None };
    let ip = &ip[..usize::from(be16(ip, 2))];
    let body = &ip[20..];
    let head = match ip[9] {
        6 => usize::from(body[12] >> 4) * 4,
        17 => 8,
        _ => return None,
    };
    let ports = (be16(body, 0), be16(body, 2));
    Some(Packet { protocol: ip[9], src: &ip[12..16], dst: &ip[16..20], ports, data: &body[head..] })
}

#[test]
fn same_seed_same_bytes() {
    let file = |seed| {
        let mut writer = Writer::new(Vec::new(), Format::PcapNg).expect("memory");
        let truth = plant(seed, 8, &Scenario::ALL).run(|t, b| writer.frame(t, b)).expect("memory");
        (writer.finish().expect("memory"), truth.to_string())
    };
    let (a, b, c) = (file(7), file(7), file(8));
    assert!(a == b, "one seed gave two captures");
    assert!(a.0 != c.0, "two seeds gave one capture");
    assert!(a.0.len() > 1_000_000, "a capture of {} bytes", a.0.len());
}

#[test]
fn frames_come_in_time_order_within_the_capture() {
    let (frames, _) = run(&plant(3, 10, &Scenario::ALL));
    assert!(frames.windows(2).all(|w| w[0].0 <= w[1].0));
    assert!(frames.iter().all(|f| f.0 >= START && f.0 < START + 10 * MINUTE));
}

#[test]
fn every_checksum_is_valid() {
    let (frames, _) = run(&plant(5, 10, &Scenario::ALL));
    let (mut tcp, mut udp) = (0, 0);
    for (n, (_, frame)) in frames.iter().enumerate() {
        assert!(frame.len() >= 60 && frame.len() <= 1518, "frame {n} has {} bytes", frame.len());
        let (0x0800, ip) = payload(frame) else { continue };
        assert_eq!(checksum(&[&ip[..20]]), 0, "IP header of frame {n}");
        let ip = &ip[..usize::from(be16(ip, 2))];
        let length = (ip.len() - 20) as u16;
        let pseudo = [&ip[12..20], &[0, ip[9]], &length.to_be_bytes()].concat();
        assert_eq!(checksum(&[&pseudo, &ip[20..]]), 0, "transport of frame {n}");
        if ip[9] == 6 { tcp += 1 } else { udp += 1 }
    }
    assert!(tcp > 5000 && udp > 1000, "{tcp} TCP and {udp} UDP frames");
}

fn counted<'a>(truth: &'a Value, protocol: &'a str) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for talk in truth["conversations"].as_array().expect("list") {
        if talk["protocol"] == protocol {
            for list in ["operations", "partly_seen"] {
                for op in talk[list].as_array().expect("list") {
                    let name = op["operation"].as_str().expect("word").to_string();
                    *out.entry(name).or_default() += op["count"].as_u64().expect("number");
                }
            }
        }
    }
    out
}

#[test]
fn ground_truth_counts_what_was_written() {
    let (frames, truth) = run(&plant(11, 12, &Scenario::ALL));
    assert_eq!(truth["frames"], frames.len());
    let talks = truth["conversations"].as_array().expect("list");
    let sum: u64 = talks.iter().filter_map(|t| t["frames"].as_u64()).sum();
    assert_eq!(sum, frames.len() as u64);

    // Messages of four protocols, counted again from the bytes.
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, frame) in &frames {
        let (kind, body) = payload(frame);
        if kind == 0x88b8 {
            *seen.entry("goose publish").or_default() += 1;
        }
        let Some(p) = packet(frame) else { continue };
        if p.protocol == 17 && p.ports == (2222, 2222) {
            *seen.entry("cip_io io").or_default() += 1;
        }
        if p.protocol == 17 && p.ports.0 == 1502 && p.data[0] == 5 && p.data[6] == 153 {
            *seen.entry("tristation allocate_program").or_default() += 1;
        }
        if p.protocol == 6 && p.ports.0 == 102 && p.data.len() == 20 && p.data[19] == 0x29 {
            *seen.entry("s7comm plc_stop").or_default() += 1;
        }
        if p.protocol == 17 && p.ports == (47_808, 47_808) && body.len() > 32 {
            let apdu = &p.data[4..];
            if apdu[..2] == [1, 0] && apdu[2] == 0x30 {
                *seen.entry("bacnet local read_property").or_default() += 1;
            }
        }
    }
    let told = |protocol: &str, op: &str| counted(&truth, protocol).get(op).copied().unwrap_or(0);
    assert_eq!(seen["goose publish"], told("goose", "publish"));
    assert_eq!(seen["cip_io io"], told("cip_io", "io"));
    assert_eq!(seen["tristation allocate_program"], told("tristation", "allocate_program"));
    assert_eq!(seen["s7comm plc_stop"], told("s7comm", "plc_stop"));
    // One download stop by the engineer, one by the rogue master.
    assert_eq!(seen["s7comm plc_stop"], 2);
    let routed = truth["conversations"].as_array().expect("list").iter();
    let local = routed
        .filter(|t| t["protocol"] == "bacnet" && t["subject"] == "bms-1")
        .flat_map(|t| t["operations"].as_array().expect("list").clone())
        .find(|o| o["operation"] == "read_property")
        .and_then(|o| o["count"].as_u64());
    assert_eq!(Some(seen["bacnet local read_property"]), local);
}

fn ranges(attack: &Value) -> Vec<(u64, u64)> {
    let list = attack["frame_ranges"].as_array().expect("list");
    list.iter().map(|r| (r[0].as_u64().expect("number"), r[1].as_u64().expect("number"))).collect()
}

#[test]
fn attacks_are_where_the_truth_says() {
    let (frames, truth) = run(&plant(2, 30, &Scenario::ALL));
    let attacks = truth["attacks"].as_array().expect("list");
    assert_eq!(attacks.len(), 3);
    for attack in attacks {
        assert!(!attack["expected"].as_array().expect("list").is_empty());
        let inside: u64 = ranges(attack).iter().map(|(a, b)| b - a + 1).sum();
        assert_eq!(attack["frames"].as_u64(), Some(inside), "{}", attack["scenario"]);
    }
    // The newcomers do nothing but attack: their frames are the attack's frames.
    for (scenario, name) in [("rogue_master", "rogue-master"), ("man_in_the_middle", "intruder")] {
        let attack = attacks.iter().find(|a| a["scenario"] == scenario).expect("the scenario");
        let devices = truth["devices"].as_array().expect("list");
        let mac = devices.iter().find(|d| d["name"] == name).and_then(|d| d["mac"].as_str()).expect("the host");
        let mac: Vec<u8> = mac.split(':').map(|b| u8::from_str_radix(b, 16).expect("a byte")).collect();
        let within = ranges(attack);
        let mut own = 0u64;
        for (n, (_, frame)) in (1u64..).zip(&frames) {
            if frame[6..12] == mac[..] || frame[..6] == mac[..] {
                own += 1;
                assert!(within.iter().any(|(a, b)| (*a..=*b).contains(&n)), "{scenario}: frame {n} is not listed");
            }
        }
        assert!(own > 50, "{scenario}: {own} frames");
    }
}

#[test]
fn values_are_changed_on_their_way() {
    let (frames, truth) = run(&plant(2, 20, &[Scenario::ManInTheMiddle]));
    let plc = truth["devices"].as_array().expect("list").iter().find(|d| d["name"] == "plc-pumps-1").expect("it");
    let ip: Vec<u8> = plc["ip"].as_str().expect("text").split('.').map(|b| b.parse().expect("a byte")).collect();
    let level = |p: &Packet<'_>| f32::from_be_bytes([p.data[25], p.data[26], p.data[27], p.data[28]]);
    let mut pairs = 0;
    let mut last: Option<(Vec<u8>, f32)> = None;
    for (_, frame) in &frames {
        let Some(p) = packet(frame) else { continue };
        if p.src != ip || p.ports.0 != 102 || p.data.len() < 50 || p.data[19] != 4 {
            continue;
        }
        let head = p.data[..25].to_vec();
        if let Some((before, real)) = &last
            && *before == head
            && p.dst[1] == 10
        {
            assert_eq!(level(&p), 3.0);
            assert_ne!(*real, 3.0);
            pairs += 1;
        }
        last = Some((head, level(&p)));
    }
    assert!(pairs > 20, "{pairs} changed answers");
}

#[test]
fn every_size_has_one_address_per_device() {
    let mut sizes = Vec::new();
    for size in [1, 3, 40] {
        let short = Plant { size, duration: 2 * SECOND, ..plant(6, 1, &[]) };
        let (_, truth) = run(&short);
        let devices = truth["devices"].as_array().expect("list");
        for key in ["ip", "mac", "name"] {
            let mut all: Vec<&str> = devices.iter().filter_map(|d| d[key].as_str()).collect();
            assert_eq!(all.len(), devices.len());
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), devices.len(), "{key} at size {size}");
        }
        sizes.push(devices.len());
    }
    assert!(sizes[0] > 40 && sizes[1] > sizes[0] + 40 && sizes[2] > 900, "{sizes:?}");
}

#[test]
fn a_switchover_moves_every_poll_of_the_leader() {
    let (_, truth) = run(&plant(4, 20, &[]));
    let talks = truth["conversations"].as_array().expect("list");
    let polled = |server: &str| -> Vec<(&str, &str)> {
        let of = talks.iter().filter(|t| t["actor"] == server);
        let plant = ["modbus", "s7comm", "enip", "dnp3", "iec104"];
        of.filter_map(|t| Some((t["subject"].as_str()?, t["protocol"].as_str()?)))
            .filter(|t| plant.contains(&t.1))
            .collect()
    };
    let (mut a, mut b) = (polled("scada-a"), polled("scada-b"));
    a.sort_unstable();
    b.sort_unstable();
    assert!(a.len() > 6, "{a:?}");
    assert_eq!(a, b);
}

#[test]
fn without_scenarios_nothing_is_an_attack() {
    let (frames, truth) = run(&plant(9, 5, &[]));
    assert!(truth["attacks"].as_array().expect("list").is_empty());
    assert!(frames.len() > 10_000);
    let kinds: Vec<&str> =
        truth["timeline"].as_array().expect("list").iter().filter_map(|e| e["kind"].as_str()).collect();
    for kind in ["dhcp_move", "program_download", "scada_switchover", "device_replaced"] {
        assert!(kinds.contains(&kind), "no {kind}");
    }
}

#[test]
fn tshark_finds_nothing_malformed_and_counts_the_same() {
    if !tshark::installed() {
        return;
    }
    let mut truth = Value::Null;
    let capture = tshark::Capture::new("plant", Format::Pcap, |write| {
        truth = plant(7, 10, &Scenario::ALL).run(write).expect("frames");
    });
    let odd = "_ws.malformed || _ws.expert.severity == error || tcp.checksum.status == 0";
    let odd = capture.lines(&["-o", "tcp.check_checksum:TRUE", "-Y", odd]);
    assert!(odd.is_empty(), "{odd:#?}");
    for (protocol, op, filter) in [
        ("modbus", "read_holding_registers", "modbus.func_code == 3 && tcp.srcport == 502"),
        ("modbus", "write_multiple_registers", "modbus.func_code == 16 && tcp.srcport == 502"),
        ("s7comm", "read_szl", "s7comm.param.userdata.funcgroup == 4 && tcp.srcport == 102"),
        ("s7comm", "request_download", "s7comm.param.func == 0x1a && tcp.srcport == 102"),
        ("dnp3", "cold_restart", "dnp3.al.func == 13"),
        ("dnp3", "operate", "dnp3.al.func == 4"),
        ("enip", "read_tag", "cip.service == 0xcc"),
        ("enip", "get_attributes_all", "cip.service == 0x81 && enip"),
        ("bacnet", "read_property", "bacapp.confirmed_service == 12 && bacapp.type == 3"),
        ("iec104", "testfr", "iec60870_104.utype == 0x20"),
        ("smb2", "negotiate", "smb2.cmd == 0 && smb2.flags.response == 1"),
        ("ptp", "announce", "ptp.v2.messagetype == 0x0b"),
        ("profinet_dcp", "identify_response", "pn_dcp.service_id == 5 && pn_dcp.service_type == 1"),
    ] {
        let seen = capture.lines(&["-Y", filter]).len() as u64;
        assert_eq!(Some(&seen), counted(&truth, protocol).get(op), "{protocol} {op}");
    }
}
