//! Telecontrol of pump stations and reservoirs: DNP3 and IEC 60870-5-104 across the WAN.

use super::{Client, Poll, poll};
use crate::build::dnp3::{self, Link as Address, function};
use crate::build::iec104::{self, cause, control, kind};
use crate::build::tcp::From;
use crate::plant::sim::{LinkId, MINUTE, SECOND, Sim};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The DNP3 addresses of station `i`.
pub fn address(i: usize) -> Address {
    Address { master: 1, outstation: 10 + i as u16 }
}

/// One DNP3 request and its response.
pub fn dnp3_ask(sim: &mut Sim, id: LinkId, a: Address, n: u64, op: (&'static str, u8), objects: &[u8], answer: &[u8]) {
    let n = n as u8;
    sim.ask(id, op.0, &dnp3::request(a, n, op.1, objects), &dnp3::response(a, n, 0, answer));
}

fn station(sim: &mut Sim, i: usize, rtu: usize) {
    let (a, line) = (address(i), sim.site.s7_1500.len() + i);
    let mut pump = sim.process.lines[line].pump;
    let p = Poll { client: Client::Leader, server: rtu, port: 20_000, protocol: "dnp3", period: 5 * SECOND };
    let hello = move |sim: &mut Sim, id: LinkId| {
        let d = sim.devices[rtu].clone();
        sim.truth.tells(rtu, "dnp3", &["vendor", "model", "serial", "firmware"]);
        for (variation, text) in [(252, d.vendor), (250, d.model), (248, d.serial.as_str()), (242, d.firmware)] {
            let request = dnp3::attribute_request(variation);
            let answer = dnp3::attribute(variation, text);
            dnp3_ask(sim, id, a, u64::from(variation), ("read", function::READ), &request, &answer);
        }
    };
    poll(sim, p, hello, move |sim, id, n| {
        let l = sim.process.lines[line].clone();
        let analogues = [l.level, l.flow, l.pressure, l.chlorine];
        if n % 360 == 0 {
            let mut answer = dnp3::binaries(&[l.pump, !l.pump, true, false]);
            answer.extend(dnp3::analogues(&analogues));
            dnp3_ask(sim, id, a, n, ("read", function::READ), &dnp3::classes(true), &answer);
        } else {
            let events: Vec<(u8, f32)> = (0..4u8).zip(analogues).filter(|_| sim.random.chance(1, 3)).collect();
            let answer = if events.is_empty() { Vec::new() } else { dnp3::analogue_events(&events) };
            dnp3_ask(sim, id, a, n, ("read", function::READ), &dnp3::classes(false), &answer);
        }
        if n % 720 == 10 {
            let now = dnp3::time((sim.now / 1_000_000) as u64);
            dnp3_ask(sim, id, a, n + 1, ("write", function::WRITE), &now, &[]);
        }
        if l.pump != pump {
            // The leading server switches the pump: select, operate; the station reports the contact by itself.
            pump = l.pump;
            let block = dnp3::control(0, pump);
            dnp3_ask(sim, id, a, n + 2, ("select", function::SELECT), &block, &block.clone());
            dnp3_ask(sim, id, a, n + 3, ("operate", function::OPERATE), &block, &block.clone());
            let event = dnp3::unsolicited(a, n as u8, &dnp3::binary_event(0, pump));
            sim.say(id, From::Server, "unsolicited_response", &event);
            sim.say(id, From::Client, "confirm", &dnp3::confirm_unsolicited(a, n as u8));
        }
    });
}

/// Send counters of both sides, per connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// I-frames of the controlling station.
    pub client: u16,
    /// I-frames of the controlled station.
    pub server: u16,
}

impl Counters {
    /// The controlling station's next I-frame.
    pub fn ask(&mut self, asdu: &[u8]) -> Vec<u8> {
        let out = iec104::i_frame(self.client, self.server, asdu);
        self.client = (self.client + 1) & 0x7fff;
        out
    }

    /// The controlled station's next I-frame.
    pub fn tell(&mut self, asdu: &[u8]) -> Vec<u8> {
        let out = iec104::i_frame(self.server, self.client, asdu);
        self.server = (self.server + 1) & 0x7fff;
        out
    }
}

/// Station interrogation: activation, the values, termination.
pub fn interrogate(sim: &mut Sim, id: LinkId, c: &mut Counters, station: u16, line: usize) {
    let l = sim.process.lines[line].clone();
    let asdu = |why: u8| iec104::asdu(kind::INTERROGATION, why, station, &[(0, vec![20])]);
    let request = c.ask(&asdu(cause::ACTIVATION));
    let points = [(100, vec![u8::from(l.pump)]), (101, vec![1]), (102, vec![0])];
    let values = [l.level, l.flow, l.pressure].into_iter().zip(300..).map(|(v, a)| (a, iec104::measured(v)));
    let answer = [
        c.tell(&asdu(cause::CONFIRMATION)),
        c.tell(&iec104::asdu(kind::SINGLE_POINT, cause::INTERROGATED, station, &points)),
        c.tell(&iec104::asdu(kind::MEASURED_FLOAT, cause::INTERROGATED, station, &values.collect::<Vec<_>>())),
        c.tell(&asdu(cause::TERMINATION)),
    ];
    sim.ask(id, "interrogation_command", &request, &answer.concat());
    sim.say(id, From::Client, "supervisory", &iec104::s_frame(c.server));
}

/// A command: activation and confirmation.
pub fn command(sim: &mut Sim, id: LinkId, c: &mut Counters, op: &'static str, station: u16, what: (u8, u32, Vec<u8>)) {
    let asdu = |why: u8| iec104::asdu(what.0, why, station, &[(what.1, what.2.clone())]);
    let request = c.ask(&asdu(cause::ACTIVATION));
    let answer = c.tell(&asdu(cause::CONFIRMATION));
    sim.ask(id, op, &request, &answer);
}

fn reservoir(sim: &mut Sim, i: usize, rtu: usize) {
    let number = 1 + i as u16;
    let line = sim.site.s7_1500.len() * 3 + i;
    let counters: Rc<RefCell<BTreeMap<LinkId, Counters>>> = Rc::default();
    let kept = counters.clone();
    let mut pump = sim.process.lines[line].pump;
    let p = Poll { client: Client::Leader, server: rtu, port: 2404, protocol: "iec104", period: 2 * SECOND };
    let hello = move |sim: &mut Sim, id: LinkId| {
        let mut c = Counters::default();
        let (act, con) = (iec104::u_frame(control::STARTDT_ACT), iec104::u_frame(control::STARTDT_CON));
        sim.ask(id, "startdt", &act, &con);
        interrogate(sim, id, &mut c, number, line);
        kept.replace(BTreeMap::from([(id, c)]));
    };
    // Counters of a connection that stood before are anything.
    let begin = Counters { client: sim.random.below(3000) as u16, server: sim.random.below(30_000) as u16 };
    poll(sim, p, hello, move |sim, id, n| {
        let mut kept = counters.borrow_mut();
        let c = kept.entry(id).or_insert(begin);
        let l = sim.process.lines[line].clone();
        if sim.random.chance(3, 5) {
            let which = sim.random.below(3) as usize;
            let value = iec104::measured([l.level, l.flow, l.pressure][which]);
            let objects = [(300 + which as u32, value)];
            let told = c.tell(&iec104::asdu(kind::MEASURED_FLOAT, cause::SPONTANEOUS, number, &objects));
            sim.say(id, From::Server, "spontaneous", &told);
        }
        if n % 8 == 7 {
            sim.say(id, From::Client, "supervisory", &iec104::s_frame(c.server));
        }
        if n % 30 == 15 {
            let (act, con) = (iec104::u_frame(control::TESTFR_ACT), iec104::u_frame(control::TESTFR_CON));
            sim.ask(id, "testfr", &act, &con);
        }
        if n % 1800 == 20 {
            interrogate(sim, id, c, number, line);
        }
        if n % 1800 == 40 {
            let what = (kind::CLOCK_SYNC, 0, iec104::time(sim.now));
            command(sim, id, c, "clock_synchronization_command", number, what);
        }
        if l.pump != pump {
            pump = l.pump;
            for select in [true, false] {
                let what = (kind::SINGLE_COMMAND, 100, iec104::command(pump, select));
                command(sim, id, c, "single_command", number, what);
            }
            let told = iec104::asdu(kind::SINGLE_POINT, cause::SPONTANEOUS, number, &[(100, vec![u8::from(pump)])]);
            let told = c.tell(&told);
            sim.say(id, From::Server, "spontaneous", &told);
        }
    });
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    for (i, &rtu) in site.dnp3.iter().enumerate() {
        station(sim, i, rtu);
    }
    for (i, &rtu) in site.iec104.iter().enumerate() {
        reservoir(sim, i, rtu);
    }
    // The stations' own link supervision, seldom.
    let wan = site.wan;
    sim.every(10 * MINUTE, MINUTE, move |sim| {
        let ports = (sim.port(), 123);
        let (now, clock) = (sim.now, sim.site.clock);
        let (ask, told) =
            (crate::build::timing::ntp_request(now), crate::build::timing::ntp_reply(now, now + 2_000_000));
        sim.datagrams((wan, clock), ports, "ntp", "time_request", &ask, &told);
    });
}
