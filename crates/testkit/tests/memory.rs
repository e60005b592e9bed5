//! The law of memory: routine traffic costs nothing per packet, and a live flow costs under a kibibyte.

use cap::Cap;
use engine::{Engine, FrameIn, Settings};
use model::{NetworkId, Time};
use std::alloc::System;
use testkit::build::ip::{Header, Segment, flag, tcp};
use testkit::build::link::{IPV4, ethernet};
use testkit::build::{modbus, s7comm};
use wire::decode::LinkType;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// A poll: who asks whom with what, from where in the sequence numbers on.
struct Poll {
    client: u32,
    server: u32,
    port: u16,
    to: u16,
    request: Vec<u8>,
    answer: Vec<u8>,
}

struct Wire {
    engine: Engine,
    time: i64,
}

impl Wire {
    fn new() -> Wire {
        Wire { engine: Engine::new(&Settings::default()), time: 1_772_431_200 * Time::SECOND }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.time += 10_000;
        let (time, network) = (Time(self.time), NetworkId(0));
        let frame = FrameIn { time, link: LinkType::Ethernet, wire_len: bytes.len() as u32, bytes, network };
        self.engine.push(&frame, &mut |_| {}, &mut |_| {});
    }

    /// The `round`-th exchange of a poll: request, answer.
    fn exchange(&mut self, poll: &Poll, round: u32) {
        let (client, server) = (poll.client.to_be_bytes(), poll.server.to_be_bytes());
        let seq = 1_000 + round * poll.request.len() as u32;
        let ack = 2_000 + round * poll.answer.len() as u32;
        let id = round as u16;
        let macs =
            [[2, 0, client[0], client[1], client[2], client[3]], [2, 1, server[0], server[1], server[2], server[3]]];
        let flags = flag::PSH | flag::ACK;
        let there =
            Segment { sport: poll.port, dport: poll.to, seq, ack, flags, window: 8_192, data: poll.request.clone() };
        let header = Header { src: client, dst: server, id, ttl: 64 };
        self.send(&ethernet(macs[1], macs[0], None, IPV4, &tcp(header, &there)));
        let seq = seq + poll.request.len() as u32;
        let back = Segment {
            sport: poll.to,
            dport: poll.port,
            seq: ack,
            ack: seq,
            flags,
            window: 8_192,
            data: poll.answer.clone(),
        };
        let header = Header { src: server, dst: client, id, ttl: 64 };
        self.send(&ethernet(macs[0], macs[1], None, IPV4, &tcp(header, &back)));
    }
}

fn polls(flows: usize, per_pair: usize, request: &[u8], answer: &[u8], to: u16) -> Vec<Poll> {
    let poll = |i: usize| Poll {
        client: 0x0a00_0000 + (i / per_pair) as u32,
        server: 0x0a80_0000 + (i / per_pair) as u32,
        port: 20_000 + (i % per_pair) as u16,
        to,
        request: request.to_vec(),
        answer: answer.to_vec(),
    };
    (0..flows).map(poll).collect()
}

/// Bytes held after each flow has polled four times, and bytes that many more rounds add.
fn measure(polls: &[Poll], rounds: u32) -> (usize, usize) {
    let empty = MEMORY.allocated();
    let mut wire = Wire::new();
    for round in 0..4 {
        polls.iter().for_each(|poll| wire.exchange(poll, round));
    }
    let live = MEMORY.allocated();
    assert_eq!(wire.engine.flows(), polls.len());
    for round in 4..4 + rounds {
        polls.iter().for_each(|poll| wire.exchange(poll, round));
    }
    (live.saturating_sub(empty), MEMORY.allocated().saturating_sub(live))
}

#[test]
fn nothing_per_packet_and_little_per_flow() {
    let modbus = (modbus::frame(1, 1, &modbus::read(3, 0, 10)), modbus::frame(1, 1, &modbus::registers(3, &[7; 10])));
    let range = s7comm::Range { block: 1, start: 0, len: 8 };
    let s7 = (s7comm::read(1, &[range]), s7comm::values(1, &[vec![0; 8]]));
    // one protocol, three inside each other; flows that share their hosts, and hosts of their own for each flow
    let kinds = [("modbus", modbus, 502, [1024, 2048]), ("s7comm", s7, 102, [1664, 2560])];
    for (name, (request, answer), to, bounds) in kinds {
        for (per_pair, bound) in [50, 1].into_iter().zip(bounds) {
            // what does not depend on the number of flows cancels out
            let [few, many] = [3_000, 6_000].map(|n| measure(&polls(n, per_pair, &request, &answer, to), 20));
            let per_flow = (many.0 - few.0) / 3_000;
            eprintln!(
                "{name}, {per_pair} flow(s) per pair of hosts: {per_flow} bytes; 20 more rounds: {} bytes",
                many.1
            );
            assert!(per_flow < bound, "{name}, {per_pair} per pair: {per_flow} bytes per flow");
            assert!(many.1 < 64 * 1024, "{name}: routine traffic took {} bytes", many.1);
        }
    }
}
