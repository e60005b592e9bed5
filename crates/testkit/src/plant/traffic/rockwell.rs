//! EtherNet/IP: tag reads over a connected session, drives with implicit I/O, and browsing.

use super::{Client, Poll, poll};
use crate::build::cip::{self, Connection};
use crate::build::enip::{self, Identity};
use crate::plant::device::Device;
use crate::plant::sim::{LinkId, MILLI, MINUTE, SECOND, Sim};

/// What a device, or the module in `slot` of it, says of itself.
pub fn identity(d: &Device, slot: Option<usize>) -> Vec<u8> {
    with_identity(d, slot, enip::identity)
}

fn with_identity<T>(d: &Device, slot: Option<usize>, make: impl Fn(&Identity<'_>) -> T) -> T {
    let module = slot.and_then(|s| d.modules.get(s));
    let (name, firmware) = module.map_or((d.model, d.firmware), |m| (m.model.as_str(), m.firmware.as_str()));
    let serial = module.map_or(d.serial.as_str(), |m| m.serial.as_str());
    let (kind, product) = match name {
        n if n.contains("LOGIX") => (14, 92),
        n if n.contains("EN2T") => (12, 166),
        n if n.contains("PowerFlex") => (150, 9),
        n if n.contains("IF8") => (115, 22),
        _ => (7, 19),
    };
    let mut revision = firmware.split('.').map(|p| p.parse().unwrap_or(0u8));
    make(&Identity {
        vendor: 1,
        kind,
        product,
        revision: (revision.next().unwrap_or(1), revision.next().unwrap_or(1)),
        status: if kind == 14 { 0x3060 } else { 0x0030 },
        serial: u32::from_str_radix(serial, 16).unwrap_or(0),
        name,
    })
}

fn session(link: LinkId) -> u32 {
    0x0200_0000 | link as u32 & 0xffff
}

/// Registers a session and reads the identities of the rack.
pub fn browse(sim: &mut Sim, id: LinkId, plc: usize) {
    let s = session(id);
    sim.ask(id, "register_session", &enip::register_session(0), &enip::register_session(s));
    let device = sim.devices[plc].clone();
    for slot in 0..device.modules.len() {
        let request = cip::to_slot(slot as u8, &cip::get_identity());
        let answer = cip::response(1, 0, &identity(&device, Some(slot)));
        let (request, answer) =
            (enip::unconnected(s, slot as u64, &request), enip::unconnected(s, slot as u64, &answer));
        sim.ask_unit(id, ("get_attributes_all", Some(slot as u32)), &request, &answer);
    }
}

fn connection(link: LinkId) -> Connection {
    let id = link as u32;
    Connection {
        to_target: 0x8000_0000 | id << 8,
        to_originator: 0x4000_0000 | id << 8,
        serial: id as u16,
        vendor: 0x004d,
        originator: 0x1000 + id,
        interval: 2_000_000,
    }
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    for (i, &plc) in site.logix.iter().enumerate() {
        let p = Poll { client: Client::Leader, server: plc, port: 44_818, protocol: "enip", period: SECOND };
        let hello = move |sim: &mut Sim, id: LinkId| {
            browse(sim, id, plc);
            let c = connection(id);
            let request = enip::unconnected(session(id), 9, &cip::forward_open(&c, 0));
            sim.ask(id, "forward_open", &request, &enip::unconnected(session(id), 9, &cip::forward_opened(&c)));
        };
        poll(sim, p, hello, move |sim, id, n| {
            let l = sim.process.lines[i].clone();
            let tags = [("Tank_Level", l.level), ("Flow_Out", l.flow), ("Cl2_Residual", l.chlorine)];
            for (k, (name, value)) in tags.into_iter().enumerate() {
                let sequence = (3 * n + k as u64) as u16;
                tag(sim, id, sequence, "read_tag", &cip::read_tag(name), &cip::tag_real(value));
            }
            if n % 900 == 450 {
                let request = cip::write_tag("Cl2_Setpoint", l.setpoint);
                tag(sim, id, (3 * n + 3) as u16 | 0x8000, "write_tag", &request, &cip::response(0x4d, 0, &[]));
            }
        });
        for &drive in &site.drives[2 * i..2 * i + 2] {
            io(sim, plc, drive, i);
        }
    }
    // The engineering station's browser asks around.
    let station = site.engineering;
    sim.every(5 * MINUTE, SECOND, move |sim| {
        let listed = [sim.site.logix.clone(), sim.site.drives.clone()].concat();
        for (k, device) in listed.into_iter().enumerate().filter(|(_, d)| !sim.down.contains(d)).collect::<Vec<_>>() {
            let answer = with_identity(&sim.devices[device], None, |i| enip::listed(sim.devices[device].ip, i));
            let (delay, ports) = (k as i64 * 3 * MILLI, (51_000, 44_818));
            let (request, op) = (enip::list_identity(), ("list_identity", None));
            sim.datagrams_at(delay, (station, device), ports, "enip", op, &request, &answer);
        }
    });
}

fn tag(sim: &mut Sim, id: LinkId, sequence: u16, op: &'static str, request: &[u8], answer: &[u8]) {
    let (s, c) = (session(id), connection(id));
    let request = enip::connected(s, c.to_target, sequence, request);
    sim.ask(id, op, &request, &enip::connected(s, c.to_originator, sequence, answer));
}

/// Cyclic data both ways: command and reference to the drive, status and speed back.
fn io(sim: &mut Sim, plc: usize, drive: usize, line: usize) {
    let mut sequence = 0u32;
    let out = 0x0101_0000 | drive as u32;
    let (there, back) = (sim.truth.talk(plc, Some(drive), "cip_io"), sim.truth.talk(drive, Some(plc), "cip_io"));
    sim.every(500 * MILLI, MILLI, move |sim| {
        if sim.down.contains(&drive) || sim.down.contains(&plc) {
            return;
        }
        sequence = sequence.wrapping_add(1);
        let l = &sim.process.lines[line];
        let speed = if l.pump { (4500.0 + l.pressure * 10.0) as u16 } else { 0 };
        let command = if l.pump { 0x0012u16 } else { 0x0001 };
        let run = [&1u32.to_le_bytes()[..], &command.to_le_bytes(), &speed.to_le_bytes()].concat();
        let state = [&0x070fu16.to_le_bytes()[..], &speed.to_le_bytes()].concat();
        let op = Some(("io", None));
        sim.datagram(0, plc, drive, (2222, 2222), &enip::io(out, sequence, &run), (there, op));
        let answer = enip::io(out | 0x8000_0000, sequence, &state);
        sim.datagram(2 * MILLI, drive, plc, (2222, 2222), &answer, (back, op));
    });
}
