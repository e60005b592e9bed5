//! Below IP: relays exchange GOOSE, controllers exchange PROFINET data with their I/O stations.

use crate::build::goose::{self, Publication};
use crate::build::profinet::{self, Station};
use crate::plant::sim::{HOUR, MILLI, MINUTE, SECOND, Sim};

fn relay(sim: &mut Sim, which: usize) {
    let device = sim.site.relays[which];
    let name = sim.devices[device].name.to_uppercase().replace('-', "_");
    let (block, set) = (format!("{name}CFG/LLN0$GO$Trip"), format!("{name}CFG/LLN0$TripSet"));
    let appid = 0x0010 + which as u16;
    let (mut state, mut sequence) = (sim.random.between(1, 40) as u32, sim.random.below(100_000) as u32);
    let mut changed = sim.start - 3 * HOUR;
    let mut pump = sim.process.lines[0].pump;
    let mut wait = SECOND;
    let first = sim.random.below(SECOND as u64) as i64;
    sim.task(
        first,
        Box::new(move |sim| {
            let line = &sim.process.lines[0];
            if line.pump != pump {
                // The pump's breaker moved: a new state, repeated quickly, then ever more slowly.
                pump = line.pump;
                (state, sequence, changed, wait) = (state + 1, 0, sim.now, 4 * MILLI);
            }
            let current = if pump { 82.0 + line.pressure } else { 0.0 };
            let p = Publication {
                appid,
                control_block: &block,
                data_set: &set,
                id: &name,
                changed,
                state,
                sequence,
                lives: 2000,
                values: (pump, false, current),
            };
            let message = goose::message(&p);
            sim.layer2(0, (device, None), goose::group(appid), goose::ETHERTYPE, &message, ("goose", "publish"));
            sequence = sequence.wrapping_add(1);
            let now = wait;
            wait = (wait * 2).min(SECOND);
            Some(now)
        }),
    );
}

fn station(sim: &Sim, device: usize) -> Station<'_> {
    let d = &sim.devices[device];
    let (ids, role) = if d.kind == "plc" { ((0x2a, 0x010e), 2) } else { ((0x2a, 0x0313), 1) };
    let router = d.zone.address(0);
    Station { kind: d.model, name: &d.name, ids, role, ip: d.ip, mask: [255, 255, 0, 0], router }
}

/// "Identify all" from `asker`; every PROFINET station answers within the delay asked for.
pub fn discover(sim: &mut Sim, asker: usize) {
    let xid = sim.random.bits() as u32;
    let (group, kind) = (profinet::IDENTIFY_GROUP, profinet::ETHERTYPE);
    sim.layer2(0, (asker, None), group, kind, &profinet::identify_all(xid), ("profinet_dcp", "identify"));
    let stations = [&sim.site.s7_1500[..], &sim.site.s7_300, &sim.site.io].concat();
    let mac = sim.devices[asker].mac;
    for device in stations {
        if device == asker || sim.down.contains(&device) {
            continue;
        }
        let told = profinet::identified(xid, &station(sim, device));
        let delay = sim.random.between(1, 1200) as i64 * MILLI;
        sim.layer2(delay, (device, Some(asker)), mac, kind, &told, ("profinet_dcp", "identify_response"));
    }
}

/// Cyclic data of one I/O station with its controller, both ways.
fn cyclic(sim: &mut Sim, controller: usize, io: usize, line: usize) {
    let mut cycle = sim.random.bits() as u16;
    sim.every(512 * MILLI, MILLI / 10, move |sim| {
        if sim.down.contains(&io) || sim.down.contains(&controller) {
            return;
        }
        cycle = cycle.wrapping_add(16_384);
        let l = &sim.process.lines[line];
        let inputs = [&(l.turbidity * 1000.0).to_be_bytes()[..], &l.flow.to_be_bytes(), &[0x80; 4]].concat();
        let outputs = [&[u8::from(l.pump), 0][..], &(l.setpoint * 100.0).to_be_bytes(), &[0x80; 3]].concat();
        let (there, back) = (sim.devices[io].mac, sim.devices[controller].mac);
        let kind = profinet::ETHERTYPE;
        let out = profinet::cyclic(0x8001, &outputs, cycle);
        sim.layer2(0, (controller, Some(io)), there, kind, &out, ("profinet_rt", "cyclic"));
        let input = profinet::cyclic(0x8002, &inputs, cycle);
        sim.layer2(MILLI / 5, (io, Some(controller)), back, kind, &input, ("profinet_rt", "cyclic"));
    });
}

pub(super) fn begin(sim: &mut Sim) {
    for which in 0..2 {
        relay(sim, which);
    }
    for i in 0..sim.site.s7_1500.len() {
        let plc = sim.site.s7_1500[i];
        for k in 0..2 {
            let io = sim.site.io[2 * i + k];
            cyclic(sim, plc, io, i);
        }
    }
    // Panels look for stations now and then.
    let panels = sim.site.panels.clone();
    for panel in panels {
        sim.every(2 * HOUR, MINUTE, move |sim| discover(sim, panel));
    }
}
