//! Modbus: intake controllers, serial meters behind gateways, and the safety controller's read-only map.

use super::{Client, Poll, poll};
use crate::build::{modbus, umas};
use crate::plant::process::Line;
use crate::plant::sim::{LinkId, MINUTE, SECOND, Sim};

/// Process values in hundredths, as registers.
pub fn registers(l: &Line) -> Vec<u16> {
    let values = [l.level, l.flow, l.pressure, l.chlorine, l.setpoint, l.turbidity];
    let mut out: Vec<u16> = values.iter().map(|v| (v * 100.0) as u16).collect();
    out.extend([u16::from(l.pump), l.changes as u16, 0, 0x1234]);
    out
}

/// One request and its answer.
pub fn ask(sim: &mut Sim, id: LinkId, n: u64, unit: u8, op: &'static str, request: &[u8], answer: &[u8]) {
    let (n, shown) = (n as u16, if matches!(unit, 0 | 255) { None } else { Some(u32::from(unit)) });
    sim.ask_unit(id, (op, shown), &modbus::frame(n, unit, request), &modbus::frame(n, unit, answer));
}

/// Read device identification.
pub fn identify(sim: &mut Sim, id: LinkId, server: usize, unit: u8) {
    let d = &sim.devices[server];
    let (vendor, product, revision) = match d.modules.get(usize::from(unit).wrapping_sub(1)) {
        Some(m) if d.kind == "gateway" => (m.vendor, m.model.clone(), m.firmware.clone()),
        _ => (d.vendor, d.model.to_string(), format!("v{}", d.firmware)),
    };
    let answer = modbus::identity(vendor, &product, &revision);
    ask(sim, id, 0, unit, "read_device_identification", &modbus::identify(), &answer);
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    for (i, &plc) in site.m340.iter().enumerate() {
        let p = Poll { client: Client::Leader, server: plc, port: 502, protocol: "modbus", period: SECOND };
        poll(
            sim,
            p,
            move |sim, id| identify(sim, id, plc, 255),
            move |sim, id, n| {
                let values = registers(&sim.process.lines[i]);
                let answer = modbus::registers(3, &values);
                ask(sim, id, n, 255, "read_holding_registers", &modbus::read(3, 100, values.len() as u16), &answer);
                if n % 5 == 0 {
                    let pump = sim.process.lines[i].pump;
                    let bits = modbus::bits(1, &[pump, !pump, true, false, true, true, false, pump]);
                    ask(sim, id, n, 255, "read_coils", &modbus::read(1, 0, 8), &bits);
                }
                if n % 1200 == 600 {
                    let value = sim.random.between(200, 450) as u16;
                    let request = modbus::write_register(200, value);
                    ask(sim, id, n, 255, "write_single_register", &request, &request.clone());
                }
            },
        );
        keep_engineered(sim, plc);
    }
    for (i, &gateway) in site.gateways.iter().enumerate() {
        let p = Poll { client: Client::Leader, server: gateway, port: 502, protocol: "modbus", period: SECOND };
        let hello = move |sim: &mut Sim, id| (1..=4).for_each(|unit| identify(sim, id, gateway, unit));
        poll(sim, p, hello, move |sim, id, n| {
            let unit = (n % 4 + 1) as u8;
            let all = registers(&sim.process.lines[i]);
            let values = &all[..2 + usize::from(unit)];
            let start = u16::from(unit) * 16;
            let request = modbus::read(4, start, values.len() as u16);
            if sim.random.chance(1, 2000) {
                let busy = modbus::exception(4, 11);
                ask(sim, id, n, unit, "read_input_registers", &request, &busy);
            } else {
                ask(sim, id, n, unit, "read_input_registers", &request, &modbus::registers(4, values));
            }
        });
    }
    let safety = site.safety;
    let p = Poll { client: Client::Leader, server: safety, port: 502, protocol: "modbus", period: 2 * SECOND };
    poll(
        sim,
        p,
        |_, _| {},
        |sim, id, n| {
            let values = registers(&sim.process.lines[0]);
            let answer = modbus::registers(4, &values);
            ask(sim, id, n, 1, "read_input_registers", &modbus::read(4, 0, values.len() as u16), &answer);
        },
    );
}

/// The engineering station stays connected to look at the project: UMAS keep-alives and status.
fn keep_engineered(sim: &mut Sim, plc: usize) {
    let client = Client::Device(sim.site.engineering);
    let p = Poll { client, server: plc, port: 502, protocol: "umas", period: MINUTE };
    poll(
        sim,
        p,
        move |sim, id| read_id(sim, id, plc),
        |sim, id, n| {
            use umas::function as f;
            let answer = umas::answer(0, &[2, 0x82, 0x80, 6, 0xb0, 0xd5, 0x6f, 0x1b, 0x37, 0x58, 0x3d, 0x11]);
            ask(sim, id, n, 0, "read_plc_info", &umas::request(0, f::READ_PLC_INFO, &[]), &answer);
        },
    );
}

/// UMAS "read id".
pub fn read_id(sim: &mut Sim, id: LinkId, plc: usize) {
    let answer = umas::identity(sim.devices[plc].model, 0x0270);
    ask(sim, id, 0, 0, "read_id", &umas::request(0, umas::function::READ_ID, &[]), &answer);
}
