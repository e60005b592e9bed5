//! Sums, periods, ranges and outcomes, in facts.

use super::*;
use model::{
    Address, Class, Endpoint, Event, FlowFact, FlowState, Hop, Host, Item, Outcome, Path, Shape, Stamp, Target, Time,
    Transaction, Value, What,
};
use std::net::IpAddr;

fn end(text: &str, port: u16) -> Endpoint {
    Endpoint { host: Host::new(Address::Ip(text.parse::<IpAddr>().unwrap())), port }
}

fn stamp(ms: i64) -> Stamp {
    Stamp { time: Time(ms * Time::MILLISECOND), frame: ms as u64, index: 0 }
}

fn read(ms: i64, target: &str, value: Value) -> Transaction {
    let target = Target { space: "holding", first: 0, count: 1, name: target.into() };
    Transaction {
        protocol: "modbus",
        operation: "read_holding_registers",
        code: 3,
        class: Class::Read,
        actor: end("10.0.0.1", 40_000),
        subject: end("10.0.0.2", 502),
        roles_known: true,
        path: Path::of(Hop::Unit(1)),
        items: vec![Item { target, value }],
        fields: Vec::new(),
        outcome: Outcome::Ok,
        asked: Some(stamp(ms)),
        latency: Some(2_000_000),
        repeats: 1,
        first: stamp(ms),
        novel: ms == 0,
    }
}

fn see(all: impl IntoIterator<Item = (i64, What)>) -> Conversations {
    let (mut table, mut flows) = (Conversations::new(), OpenFlows::default());
    for (ms, what) in all {
        let event = Event { at: stamp(ms), what };
        table.see(&event, flows.see(&event));
    }
    table
}

fn only(table: &Conversations) -> Operation {
    let all = table.snapshot();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].operations.len(), 1);
    all[0].operations[0].clone()
}

#[test]
fn polls_add_up_with_their_period_and_their_range() {
    let poll = |i: i64| (i * 500, What::Transaction(read(i * 500, "holding:1", Value::Words(vec![10 + i as u16, 7]))));
    let own = only(&see((0..9).map(poll)));
    assert_eq!((own.count, own.outcomes.ok, own.novel), (9, 9, 1));
    assert_eq!(own.period, Some(500 * Time::MILLISECOND));
    assert_eq!(own.latency, Some((2_000_000, 2_000_000)));
    let range = &own.ranges[0];
    assert_eq!((range.min, range.max, range.states), (Some(7.0), Some(18.0), 9));
    assert_eq!(range.last, "18 7");
}

#[test]
fn two_targets_polled_in_turn_keep_their_own_rhythm_and_an_outage_does_not_move_it() {
    let mut all = Vec::new();
    for i in 0..10 {
        let at = i * 1000 + if i > 5 { 60_000 } else { 0 };
        all.push((at, What::Transaction(read(at, "holding:1", Value::None))));
        all.push((at + 100, What::Transaction(read(at + 100, "holding:9", Value::None))));
    }
    assert_eq!(only(&see(all)).period, Some(1000 * Time::MILLISECOND));
}

#[test]
fn a_folded_record_stands_for_its_repeats() {
    let mut folded = read(0, "holding:1", Value::Uint(5));
    (folded.repeats, folded.first) = (601, stamp(0));
    let own = only(&see([(60_000, What::Transaction(folded))]));
    assert_eq!((own.count, own.period), (601, Some(100 * Time::MILLISECOND)));
    assert_eq!((own.first, own.last), (stamp(0), stamp(60_000)));
}

#[test]
fn two_requests_are_no_period() {
    let poll = |i: i64| (i * 500, What::Transaction(read(i * 500, "holding:1", Value::None)));
    assert_eq!(only(&see((0..3).map(poll))).period, None);
}

#[test]
fn outcomes_are_told_apart_by_code() {
    let with = |ms: i64, outcome, n| {
        let mut t = read(ms, "holding:1", Value::None);
        (t.outcome, t.repeats) = (outcome, n);
        (ms, What::Transaction(t))
    };
    let own = only(&see([
        with(1, Outcome::Ok, 3),
        with(2, Outcome::Refused(2), 2),
        with(3, Outcome::Refused(4), 1),
        with(4, Outcome::NoReply, 5),
        with(5, Outcome::ReplyOnly, 1),
        with(6, Outcome::Unseen, 1),
    ]));
    let o = &own.outcomes;
    assert_eq!((o.ok, o.no_reply, o.reply_only, o.unseen), (3, 5, 1, 1));
    assert_eq!(o.refused.iter().map(|(c, n)| (*c, *n)).collect::<Vec<_>>(), [(2, 2), (4, 1)]);
}

fn flow(protocol: Option<&'static str>, frames: [u64; 2], state: FlowState) -> FlowFact {
    FlowFact {
        client: end("10.0.0.1", 40_000),
        server: end("10.0.0.2", 502),
        opened: true,
        macs: [None, None],
        ttl: [0, 0],
        vlan: Some(4),
        transport: "tcp",
        kind: 0,
        protocol,
        frames,
        bytes: [frames[0] * 12, frames[1] * 30],
        not_understood: [0, 0],
        first: stamp(0),
        last: stamp(900),
        answered: true,
        reset: false,
        lost_bytes: 0,
        state,
        shape: None,
    }
}

#[test]
fn flows_join_the_operations_of_their_protocol() {
    let table = see([
        (0, What::Flow(flow(Some("modbus"), [3, 2], FlowState::New))),
        (1, What::Transaction(read(1, "holding:1", Value::None))),
        (500, What::Flow(flow(Some("modbus"), [50, 50], FlowState::Going))),
        (900, What::Flow(flow(Some("modbus"), [90, 80], FlowState::Ended))),
    ]);
    let all = table.snapshot();
    assert_eq!(all.len(), 1);
    let row = &all[0];
    assert_eq!((row.frames, row.bytes, row.flows), ([90, 80], [1080, 2400], 1));
    assert_eq!(row.ports.iter().copied().collect::<Vec<_>>(), [502]);
    assert_eq!((row.transport, row.roles_known, row.operations.len()), (Some("tcp"), true, 1));
    assert!(row.vlans.contains(&4) && table.unknown().is_empty());
}

#[test]
fn unknown_traffic_keeps_its_shape() {
    let shape = Shape { leading: [vec![1, 2], vec![3]], sizes: [[8, 8], [0, 0]], period: Some(5), entropy: 320 };
    let mut dark = flow(None, [7, 1], FlowState::Ended);
    dark.shape = Some(shape.clone());
    let table = see([(1, What::Flow(dark))]);
    let all = table.unknown();
    assert_eq!((all.len(), all[0].port, all[0].frames), (1, 502, [7, 1]));
    assert_eq!(all[0].shape, Some(shape));
    assert_eq!(table.snapshot()[0].protocol, "tcp");
}

#[test]
fn secrets_show_their_length_only_and_many_states_are_many() {
    let own = only(&see([(1, What::Transaction(read(1, "password", Value::Secret { len: 8, hash: 99 })))]));
    assert_eq!(own.ranges[0].last, "secret of 8 bytes");
    let poll = |i: i64| (i, What::Transaction(read(i, "holding:1", Value::Int(i - 20))));
    let own = only(&see((0..50).map(poll)));
    let range = &own.ranges[0];
    assert_eq!((range.states, range.many, range.min, range.max), (MAX_STATES, true, Some(-20.0), Some(29.0)));
}

#[test]
fn bounds_hold_and_are_said() {
    let poll = |i: i64| (i, What::Transaction(read(i, &format!("holding:{i}"), Value::Uint(1))));
    let table = see((0..MAX_RANGES as i64 + 3).map(poll));
    assert_eq!(only(&table).ranges.len(), MAX_RANGES);
    assert_eq!(table.limits().get("ranges"), Some(&3));
}
