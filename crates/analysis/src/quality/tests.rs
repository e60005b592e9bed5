//! Each finding in facts: what must be said, and what must not.

use super::*;
use crate::conversations::OpenFlows;
use model::{Address, Endpoint, Event, FlowFact, FlowState, Gap, Health, Host, Stamp, Time, What};
use std::net::IpAddr;

fn end(text: &str, port: u16) -> Endpoint {
    Endpoint { host: Host::new(Address::Ip(text.parse::<IpAddr>().unwrap())), port }
}

fn stamp(frame: u64) -> Stamp {
    Stamp { time: Time(i64::try_from(frame).unwrap() * Time::SECOND), frame, index: 0 }
}

fn flow(client: &str, server: &str, port: u16) -> FlowFact {
    FlowFact {
        client: end(client, 40_000),
        server: end(server, port),
        opened: true,
        macs: [None, None],
        ttl: [0, 0],
        vlan: None,
        transport: "tcp",
        kind: 0,
        protocol: Some("modbus"),
        frames: [10, 10],
        bytes: [1000, 1000],
        not_understood: [0, 0],
        first: stamp(1),
        last: stamp(9),
        answered: true,
        reset: false,
        lost_bytes: 0,
        state: FlowState::Ended,
        shape: None,
    }
}

fn quality(all: impl IntoIterator<Item = What>) -> Quality {
    let (mut quality, mut flows) = (Quality::new(), OpenFlows::default());
    for (i, what) in all.into_iter().enumerate() {
        let event = Event { at: stamp(i as u64 + 1), what };
        quality.see(&event, flows.see(&event));
    }
    quality
}

fn ids(quality: &Quality) -> Vec<&'static str> {
    quality.findings().iter().map(|f| f.id).collect()
}

#[test]
fn a_good_mirror_has_nothing_to_say() {
    assert_eq!(ids(&quality([What::Flow(flow("10.0.0.1", "10.0.0.2", 502))])), Vec::<&str>::new());
    assert_eq!(ids(&quality([])), ["nothing_seen"]);
}

#[test]
fn one_direction_missing_is_said_and_an_unanswered_opening_is_not() {
    let mut half = flow("10.0.0.1", "10.0.0.2", 502);
    half.frames = [10, 0];
    half.bytes = [1000, 0];
    half.answered = false;
    let q = quality([What::Flow(half)]);
    let findings = q.findings();
    assert_eq!(findings[0].id, "one_sided");
    assert!(findings[0].serious);
    assert!(findings[0].ask().contains("10.0.0.1 and 10.0.0.2"), "{}", findings[0].ask());
    let mut scan = flow("10.0.0.1", "10.0.0.3", 80);
    scan.frames = [3, 0];
    scan.bytes = [0, 0];
    scan.answered = false;
    let q = quality([What::Flow(scan)]);
    assert_eq!(ids(&q), Vec::<&str>::new());
    assert_eq!(q.snapshot().unanswered_pairs, 1);
}

#[test]
fn the_other_direction_in_another_flow_completes_the_pair() {
    let mut there = flow("10.0.0.1", "10.0.0.2", 502);
    there.frames = [10, 0];
    let mut back = flow("10.0.0.2", "10.0.0.1", 502);
    back.frames = [10, 0];
    assert_eq!(quality([What::Flow(there), What::Flow(back)]).snapshot().one_sided_pairs, 0);
}

#[test]
fn loss_is_a_share_and_gaps_are_not_counted_twice() {
    let mut lossy = flow("10.0.0.1", "10.0.0.2", 502);
    lossy.lost_bytes = 2000;
    let gap = Gap { sender: lossy.client, receiver: lossy.server, bytes: 2000 };
    let q = quality([What::Gap(gap), What::Flow(lossy)]);
    assert_eq!(q.snapshot().lost_bytes, 2000);
    let findings = q.findings();
    assert_eq!((findings[0].id, findings[0].serious), ("loss", true));
    assert!(findings[0].symptom().starts_with("50.00 %"), "{}", findings[0].symptom());
}

#[test]
fn an_ordinary_switch_port_is_recognised() {
    let cast = |client: &str| {
        let mut f = flow(client, "255.255.255.255", 67);
        f.transport = "udp";
        f.frames = [4, 0];
        What::Flow(f)
    };
    let q = quality([cast("10.0.0.1"), cast("10.0.0.2"), cast("10.0.0.3")]);
    assert_eq!(ids(&q), ["broadcast_only"]);
    let q = quality([cast("10.0.0.1"), What::Flow(flow("10.0.0.8", "10.0.0.9", 502))]);
    assert_eq!(ids(&q), ["hosts_by_broadcast_only"]);
    assert_eq!(q.snapshot().broadcast_only, [end("10.0.0.1", 0).host]);
}

#[test]
fn what_is_not_understood_is_shown_by_port_with_the_largest_first() {
    let dark = |port: u16, bytes: u64| {
        let mut f = flow("10.0.0.1", "10.0.0.2", port);
        f.protocol = None;
        f.first = stamp(u64::from(port));
        f.not_understood = [20, bytes];
        What::Flow(f)
    };
    let q = quality([dark(1000, 10), dark(2000, 2000), What::Flow(flow("10.0.0.1", "10.0.0.2", 502))]);
    let s = q.snapshot();
    assert_eq!((s.not_understood_frames, s.frames), (40, 60));
    assert_eq!(s.not_understood_by_port.iter().map(|p| p.number).collect::<Vec<_>>(), [2000, 1000]);
    assert!(ids(&q).contains(&"not_understood"));
}

#[test]
fn periodic_sums_of_one_flow_replace_each_other() {
    let mut early = flow("10.0.0.1", "10.0.0.2", 502);
    early.state = FlowState::Going;
    let mut late = early.clone();
    late.frames = [30, 30];
    late.state = FlowState::Ended;
    assert_eq!(quality([What::Flow(early), What::Flow(late)]).snapshot().frames, 60);
}

#[test]
fn duplicates_clock_steps_vlans_and_limits_are_said() {
    let health = |kind: &'static str, what: &str, count| {
        What::Health(Health { kind, what: what.into(), count, host: None, time: None })
    };
    let mut tagged = flow("10.0.0.1", "10.0.0.2", 502);
    tagged.vlan = Some(12);
    let q = quality([
        What::Flow(tagged),
        health("duplicate_removed", "span", 30),
        health("duplicate_marked", "goose", 2),
        health("time_step", "", 1),
        health("limit_reached", "flows", 7),
        health("frames_dropped", "ring", 3),
    ]);
    let mut ids = ids(&q);
    ids.sort_unstable();
    assert_eq!(
        ids,
        ["clock_steps", "duplicates_marked", "duplicates_removed", "engine_report", "frames_dropped", "vlans"]
    );
}

#[test]
fn every_finding_has_its_three_sentences_filled_in() {
    let health = |kind: &'static str| What::Health(Health { kind, what: "x".into(), count: 9, host: None, time: None });
    let mut all = flow("10.0.0.1", "10.0.0.2", 502);
    (all.frames, all.lost_bytes, all.vlan, all.not_understood) = ([10, 0], 5000, Some(3), [5, 50]);
    let mut cast = flow("10.0.0.4", "10.0.0.255", 138);
    (cast.transport, cast.frames) = ("udp", [5, 0]);
    let kinds = [
        "duplicate_removed",
        "duplicate_marked",
        "time_step",
        "frames_dropped",
        "session_panic",
        "file_truncated",
        "frames_undecoded",
    ];
    let q = quality([What::Flow(all), What::Flow(cast)].into_iter().chain(kinds.map(health)));
    let mut findings = q.findings();
    findings.extend(quality([]).findings());
    assert!(findings.len() >= 12, "{findings:?}");
    for finding in findings {
        for text in [finding.symptom(), finding.cause(), finding.ask()] {
            assert!(!text.is_empty() && !text.contains('{'), "{}: {text}", finding.id);
        }
    }
}

#[test]
fn the_hardware_address_of_a_talking_host_is_not_a_silent_device() {
    let mac = model::Mac([0, 0, 0xbc, 1, 2, 3]);
    let mut talk = flow("10.0.0.1", "10.0.0.2", 502);
    talk.macs = [Some(mac), None];
    let mut arp = flow("10.0.0.1", "10.0.0.2", 0);
    arp.client.host = Host::new(mac);
    arp.server.host = Host::new(model::Mac::BROADCAST);
    (arp.transport, arp.kind, arp.frames) = ("ether", 0x0806, [3, 0]);
    let q = quality([What::Flow(talk), What::Flow(arp.clone())]);
    assert!(q.snapshot().broadcast_only.is_empty());
    assert_eq!(quality([What::Flow(arp)]).snapshot().broadcast_only.len(), 1);
}
