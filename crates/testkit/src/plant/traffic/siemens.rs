//! S7 communication: panels and the SCADA server read and write controllers, controllers exchange values.

use super::{Client, Poll, poll};
use crate::build::s7comm::{self, Range};
use crate::plant::process::Line;
use crate::plant::sim::{LinkId, MILLI, SECOND, Sim};

/// Bytes of the process data block: six reals, status bits, a counter.
pub fn process_block(l: &Line) -> Vec<u8> {
    let reals = [l.level, l.flow, l.pressure, l.chlorine, l.setpoint, l.turbidity];
    let mut out: Vec<u8> = reals.iter().flat_map(|v| v.to_be_bytes()).collect();
    out.extend([u8::from(l.pump), 0x80]);
    out.extend((l.changes as u16).to_be_bytes());
    out
}

/// COTP and S7 setup, then the identification a panel reads before it trusts its project.
pub fn hello(sim: &mut Sim, id: LinkId, plc: usize) {
    let modern = sim.devices[plc].model.starts_with("CPU 15");
    let (slot, pdu) = if modern { (1, 960) } else { (2, 240) };
    sim.ask(id, "cotp_connect", &s7comm::connect(slot), &s7comm::connected(slot));
    sim.ask(id, "setup_communication", &s7comm::setup(1, 960), &s7comm::set_up(1, pdu));
    identify(sim, id, plc, 2);
}

/// Lists 0x0011 and 0x001c.
pub fn identify(sim: &mut Sim, id: LinkId, plc: usize, reference: u16) {
    let d = sim.devices[plc].clone();
    let mut version = [0u8; 3];
    for (v, part) in version.iter_mut().zip(d.firmware.split('.')) {
        *v = part.parse().unwrap_or(0);
    }
    let modules = s7comm::module_identification(d.order, version);
    let names = s7comm::component_identification("waterworks", &d.name, &d.serial, d.model);
    let r = reference;
    sim.ask(id, "read_szl", &s7comm::read_szl(r, 0x11, 0), &s7comm::szl(r, 0x11, 0, &modules));
    sim.ask(id, "read_szl", &s7comm::read_szl(r + 1, 0x1c, 0), &s7comm::szl(r + 1, 0x1c, 0, &names));
}

fn read(sim: &mut Sim, id: LinkId, n: u64, line: usize) {
    let reference = n as u16 | 0x100;
    let all = process_block(&sim.process.lines[line]);
    let ranges = [Range { block: 100, start: 0, len: 24 }, Range { block: 100, start: 24, len: 4 }];
    let values = [all[..24].to_vec(), all[24..].to_vec()];
    sim.ask(id, "read_var", &s7comm::read(reference, &ranges), &s7comm::values(reference, &values));
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    for (i, &plc) in site.s7_1500.iter().enumerate() {
        let p = Poll { client: Client::Leader, server: plc, port: 102, protocol: "s7comm", period: SECOND };
        poll(
            sim,
            p,
            move |sim, id| hello(sim, id, plc),
            move |sim, id, n| {
                read(sim, id, n, i);
                if n % 1800 == 900 {
                    // An operator's hand moves the chlorine setpoint a little.
                    let value = 0.3 + 0.2 * sim.random.unit() as f32;
                    sim.process.lines[i].setpoint = value;
                    let request = s7comm::write(n as u16, 101, 0, &value.to_be_bytes());
                    sim.ask(id, "write_var", &request, &s7comm::written(n as u16));
                }
            },
        );
        let (client, server) = (Client::Device(plc), site.s7_300[i]);
        let p = Poll { client, server, port: 102, protocol: "s7comm", period: 2 * SECOND };
        poll(
            sim,
            p,
            move |sim, id| hello(sim, id, server),
            move |sim, id, n| {
                let level = sim.process.lines[i].level.to_be_bytes();
                let request = s7comm::write(n as u16, 50, 8, &level);
                sim.ask(id, "write_var", &request, &s7comm::written(n as u16));
            },
        );
    }
    for (i, &panel) in site.panels.iter().enumerate() {
        let (client, server) = (Client::Device(panel), site.s7_300[i]);
        let p = Poll { client, server, port: 102, protocol: "s7comm", period: 500 * MILLI };
        poll(
            sim,
            p,
            move |sim, id| hello(sim, id, server),
            move |sim, id, n| {
                read(sim, id, n, i);
                if n % 2400 == 1200 {
                    let on = [u8::from(sim.process.lines[i].pump)];
                    let request = s7comm::write(n as u16, 50, 0, &on);
                    sim.ask(id, "write_var", &request, &s7comm::written(n as u16));
                }
            },
        );
    }
}
