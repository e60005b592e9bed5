//! From the wire to the alert: detections whose facts are folded on the way must still see what they need.

use analysis::Judge;
use engine::{Engine, FrameIn, Settings};
use model::{NetworkId, Time};
use testkit::build::goose::{self, Publication};
use testkit::build::ip::{Header, Segment, flag};
use testkit::build::link::{self, ethernet};
use testkit::build::{Mac, ip, profinet, timing};
use wire::decode::LinkType;

const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_700_000_000 * SECOND;
const RELAY: Mac = [0x00, 0x30, 0xa7, 0, 0, 1];
const FORGER: Mac = [0x00, 0x0c, 0x29, 0, 0, 0x66];

/// Alerts of these frames, by detection.
fn alerts(frames: &[(i64, Vec<u8>)]) -> Vec<&'static str> {
    let mut engine = Engine::new(&Settings::default());
    let mut judge = Judge::default();
    let mut events = Vec::new();
    let mut no_text = |_: &[u8]| {};
    for (time, bytes) in frames {
        let (time, wire_len) = (Time(START + time), bytes.len() as u32);
        let frame = FrameIn { time, link: LinkType::Ethernet, wire_len, bytes, network: NetworkId(0) };
        engine.push(&frame, &mut |event| events.push(event), &mut no_text);
    }
    engine.finish(&mut |event| events.push(event), &mut no_text);
    events.iter().for_each(|event| judge.see(event));
    judge.finish();
    let mut names: Vec<_> = judge.alerts.list().iter().map(|a| a.detection).collect();
    names.dedup();
    names
}

fn publication(state: u32, sequence: u32, closed: bool) -> Publication<'static> {
    Publication {
        appid: 1,
        control_block: "BAY1PROT/LLN0$GO$gcb1",
        data_set: "BAY1PROT/LLN0$Trip",
        id: "Trip1",
        changed: START + i64::from(state) * SECOND,
        state,
        sequence,
        lives: 2000,
        values: (closed, !closed, 1.0),
    }
}

fn publish(from: Mac, p: &Publication<'_>) -> Vec<u8> {
    ethernet(goose::group(1), from, None, goose::ETHERTYPE, &goose::message(p))
}

/// An hour of messages, one a second, with a change of state every ten minutes: nothing to say, sums included.
fn quiet_hour() -> Vec<(i64, Vec<u8>)> {
    let one = |n: u32| {
        let (state, sequence) = (10 + n / 600, n % 600);
        (i64::from(n) * SECOND, publish(RELAY, &publication(state, sequence, state % 2 == 0)))
    };
    (0..3600).map(one).collect()
}

#[test]
fn goose_in_service_is_silent() {
    assert_eq!(alerts(&quiet_hour()), Vec::<&str>::new());
}

#[test]
fn goose_second_publisher() {
    let mut frames = quiet_hour();
    // three messages within 12 ms, half an hour in
    let forged = (0..3).map(|n| (1800 * SECOND + n * 4_000_000, publish(FORGER, &publication(99, n as u32, false))));
    frames.extend(forged);
    frames.sort_by_key(|f| f.0);
    assert!(alerts(&frames).contains(&"goose_parallel_publisher"));
}

#[test]
fn goose_replay_and_change_on_the_way() {
    let mut frames = quiet_hour();
    frames.push((2000 * SECOND + 1, publish(RELAY, &publication(11, 5, false))));
    frames.sort_by_key(|f| f.0);
    assert_eq!(alerts(&frames), ["goose_state_regression"]);

    let mut frames = quiet_hour();
    for at in 2000..2005u32 {
        let true_one = publication(10 + at / 600, at % 600, true);
        frames[at as usize].1 = publish(RELAY, &Publication { values: (true, true, 9.0), ..true_one });
    }
    assert_eq!(alerts(&frames), ["goose_data_in_state"]);
}

/// Sets a byte of the PDU's boolean fields: simulation 0x87, needs commissioning 0x89.
fn flagged(tag: u8) -> Vec<(i64, Vec<u8>)> {
    let mut frames = quiet_hour();
    for (_, bytes) in frames.iter_mut().skip(1000).take(100) {
        let at = bytes.windows(3).rposition(|w| w == [tag, 1, 0]).expect("the flag is there");
        bytes[at + 2] = 1;
    }
    frames
}

#[test]
fn goose_flags_that_appear_later_are_seen() {
    assert_eq!(alerts(&flagged(0x87)), ["goose_test_flag"]);
    assert_eq!(alerts(&flagged(0x89)), ["goose_needs_commissioning"]);
}

fn announce(from: Mac, host: u8, n: u16) -> Vec<u8> {
    let message = timing::ptp_announce(from, n, START + i64::from(n) * SECOND);
    let datagram = ip::udp(Header { src: [10, 0, 0, host], dst: timing::PTP_GROUP, id: n, ttl: 1 }, 320, 320, &message);
    ethernet([0x01, 0, 0x5e, 0, 1, 0x81], from, None, 0x0800, &datagram)
}

#[test]
fn two_grandmasters_contend_and_one_is_alone() {
    let alone: Vec<_> = (0..1900).map(|n| (i64::from(n) * SECOND, announce(RELAY, 1, n))).collect();
    assert_eq!(alerts(&alone), Vec::<&str>::new());
    let mut both = alone;
    both.extend((300..400).map(|n| (i64::from(n) * SECOND + 5, announce(FORGER, 2, n))));
    both.sort_by_key(|f| f.0);
    assert_eq!(alerts(&both), ["several_grandmasters"]);
    // the better clock appears, the other one falls silent
    let mut moved: Vec<_> = (0..500).map(|n| (i64::from(n) * SECOND, announce(RELAY, 1, n))).collect();
    moved.extend((500..1900).map(|n| (i64::from(n) * SECOND, announce(FORGER, 2, n))));
    assert_eq!(alerts(&moved), Vec::<&str>::new());
}

#[test]
fn dcp_names_and_resets() {
    let frame = |to, from, message: &[u8]| ethernet(to, from, None, profinet::ETHERTYPE, message);
    let frames = [
        (0, frame(RELAY, FORGER, &profinet::set_name(1, "pump-1"))),
        (SECOND / 100, frame(FORGER, RELAY, &profinet::set_done(1, 2, 2))),
        (SECOND, frame(RELAY, FORGER, &profinet::factory_reset(2))),
        (SECOND + SECOND / 100, frame(FORGER, RELAY, &profinet::set_done(2, 5, 6))),
    ];
    assert_eq!(alerts(&frames), ["dcp_set", "dcp_factory_reset"]);
}

fn host(n: u8) -> Station {
    ([0x00, 0x0c, 0x29, 0, 0, n], [10, 0, 0, n])
}

type Station = (Mac, [u8; 4]);

fn arp_request(sender: Station, wanted: [u8; 4]) -> Vec<u8> {
    ethernet([0xff; 6], sender.0, None, 0x0806, &link::arp_request(sender, wanted))
}

fn arp_reply(sender: Station, to: Station) -> Vec<u8> {
    ethernet(to.0, sender.0, None, 0x0806, &link::arp_reply(sender, to))
}

/// A sweep of the segment: two hundred addresses asked for, three answer. And a master that looks for its own three.
#[test]
fn arp_sweep() {
    let ask = |from: u8, wanted: u8| arp_request(host(from), [10, 0, 0, wanted]);
    let answer = |from: u8, to: u8| arp_reply(host(from), host(to));
    let mut frames = Vec::new();
    for n in 1..=200u8 {
        frames.push((i64::from(n) * SECOND / 100, ask(250, n)));
        if n < 4 {
            frames.push((i64::from(n) * SECOND / 100 + 1, answer(n, 250)));
        }
    }
    // time goes on: the sweep is judged a minute later
    frames.push((120 * SECOND, ask(250, 1)));
    assert_eq!(alerts(&frames), ["arp_scan"]);
    let master: Vec<_> = (0..300).map(|n| (n * SECOND, ask(5, 1 + (n % 3) as u8))).collect();
    assert_eq!(alerts(&master), Vec::<&str>::new());
}

/// The man in the middle tells both sides, once a second, long after both were heard; then only that, without them.
#[test]
fn arp_man_in_the_middle() {
    let lie = |at: i64, about: u8, to: u8| {
        let (mac, _) = host(66);
        (at, arp_reply((mac, host(about).1), host(to)))
    };
    let middle =
        |from: i64| (0..30).flat_map(move |n| [lie(from + n * SECOND, 1, 2), lie(from + n * SECOND + 9, 2, 1)]);
    let owners = [(0, arp_request(host(1), host(2).1)), (SECOND, arp_reply(host(2), host(1)))];
    let mut heard: Vec<_> = owners.to_vec();
    heard.extend(middle(3 * 3600 * SECOND));
    assert_eq!(alerts(&heard), ["arp_poisoning"]);
    assert_eq!(alerts(&middle(0).collect::<Vec<_>>()), ["arp_poisoning"]);
    // a proxy answers both sides when they ask
    let proxied: Vec<_> = (0..30)
        .flat_map(|n| {
            let at = n * 60 * SECOND;
            let asks = |from: u8, to: u8| arp_request(host(from), host(to).1);
            [(at, asks(2, 1)), lie(at + 1000, 1, 2), (at + SECOND, asks(1, 2)), lie(at + SECOND + 1000, 2, 1)]
        })
        .collect();
    assert!(!alerts(&proxied).contains(&"arp_poisoning"));
}

/// A SYN to each of forty ports, refused; and a client that knocks at one closed port all day.
#[test]
fn port_sweep() {
    let knock = |at: i64, sport: u16, dport: u16| {
        let h = |src: u8, dst: u8| Header { src: host(src).1, dst: host(dst).1, id: sport, ttl: 64 };
        let bare =
            |sport, dport, seq, ack, flags| Segment { sport, dport, seq, ack, flags, window: 1024, data: Vec::new() };
        let syn = bare(sport, dport, 1, 0, flag::SYN);
        let rst = bare(dport, sport, 0, 2, flag::RST | flag::ACK);
        [
            (at, ethernet(host(9).0, host(66).0, None, 0x0800, &ip::tcp(h(66, 9), &syn))),
            (at + 1000, ethernet(host(66).0, host(9).0, None, 0x0800, &ip::tcp(h(9, 66), &rst))),
        ]
    };
    let sweep: Vec<_> = (0..40).flat_map(|n| knock(i64::from(n) * SECOND / 50, 40_000, 1000 + n)).collect();
    assert_eq!(alerts(&sweep), ["port_scan"]);
    let habit: Vec<_> = (0..600).flat_map(|n| knock(i64::from(n) * SECOND, 30_000 + n, 8080)).collect();
    assert_eq!(alerts(&habit), Vec::<&str>::new());
}
