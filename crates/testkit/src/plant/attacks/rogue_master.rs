//! A host nobody knows: it looks for addresses and ports, reads, then writes, operates, restarts and stops.

use super::{newcomer, step};
use crate::build::link::{ARP, BROADCAST, arp_reply, arp_request, ethernet};
use crate::build::{bacnet, dnp3, iec104, modbus as mb, profinet, s7comm};
use crate::plant::device::catalogue::STRANGER;
use crate::plant::device::{Device, Zone};
use crate::plant::maintenance::{rename_io, restart_s7};
use crate::plant::sim::{MICRO, MILLI, SECOND, Sim};
use crate::plant::traffic::telecontrol::{Counters, address, command, dnp3_ask, interrogate};
use crate::plant::traffic::{modbus, siemens};

/// Ports that are tried on each host found.
const PORTS: [u16; 14] = [21, 22, 23, 80, 102, 443, 502, 1502, 2404, 3389, 4840, 20_000, 44_818, 47_808];

fn open(kind: &str, vendor: &str, port: u16) -> bool {
    match port {
        102 => vendor == "Siemens" && kind == "plc",
        502 => kind == "gateway" || vendor == "Schneider Electric",
        44_818 => vendor == "Rockwell Automation",
        80 => matches!(kind, "gateway" | "switch" | "plc" | "relay"),
        22 => matches!(kind, "switch" | "router"),
        23 => kind == "gateway",
        _ => false,
    }
}

/// What is done, in words and in deed.
type Part = (&'static str, fn(&mut Sim, usize));

pub(super) fn run(sim: &mut Sim, pace: i64) {
    let expected = &[
        "new_device",
        "address_scan",
        "port_scan",
        "new_master",
        "unexpected_write",
        "unexpected_command",
        "cold_restart",
        "plc_stop",
        "factory_reset",
    ];
    let attack = sim.truth.attack("rogue_master", expected);
    let rogue = newcomer(sim, &STRANGER, "rogue-master", Zone::Control);
    let parts: [Part; 6] = [
        ("asks who has every address of the control network", sweep),
        ("tries ports of every host found", scan),
        ("reads controllers", look),
        ("writes Modbus registers and coils", write),
        ("commands pump stations, reservoirs and the building controller", operate),
        ("stops a controller and resets an I/O station", stop),
    ];
    for (n, (text, part)) in parts.into_iter().enumerate() {
        step(sim, n as i64 * 2 * pace, attack, move |sim| {
            sim.note(attack, text, rogue, &victims(sim, n));
            part(sim, rogue);
        });
    }
    // Some time later the stopped controller is noticed.
    sim.after(13 * pace, |sim| {
        let plc = sim.site.s7_300[0];
        restart_s7(sim, plc);
        let io = sim.site.io[1];
        rename_io(sim, io);
    });
}

fn victims(sim: &Sim, n: usize) -> Vec<usize> {
    match n {
        1 => neighbours(sim),
        2 | 3 => vec![sim.site.m340[0], sim.site.gateways[0]],
        4 => vec![sim.site.dnp3[0], sim.site.iec104[0], sim.site.bacnet],
        5 => vec![sim.site.s7_300[0], sim.site.io[1]],
        _ => Vec::new(),
    }
}

fn neighbours(sim: &Sim) -> Vec<usize> {
    let there = |(i, d): &(usize, &Device)| d.zone == Zone::Control && !sim.down.contains(i);
    let all: Vec<usize> = sim.devices.iter().enumerate().filter(there).map(|(i, _)| i).collect();
    all.into_iter().filter(|i| sim.devices[*i].name != "rogue-master").collect()
}

fn sweep(sim: &mut Sim, rogue: usize) {
    let (mac, ip) = (sim.devices[rogue].mac, sim.devices[rogue].ip);
    let vlan = Some(Zone::Control.vlan());
    let talk = sim.truth.talk(rogue, None, "arp");
    for n in 0..250u16 {
        let asked = Zone::Control.address(n);
        let time = sim.now + i64::from(n) * 4 * MILLI;
        sim.put(
            time,
            ethernet(BROADCAST, mac, vlan, ARP, &arp_request((mac, ip), asked)),
            talk,
            Some(("request", None)),
        );
        let Some(found) = neighbours(sim).into_iter().find(|d| sim.devices[*d].ip == asked) else { continue };
        let answer = sim.devices[found].mac;
        let reply = ethernet(mac, answer, vlan, ARP, &arp_reply((answer, asked), (mac, ip)));
        let talk = sim.truth.talk(found, Some(rogue), "arp");
        sim.put(time + 300 * MICRO, reply, talk, Some(("reply", None)));
    }
}

fn scan(sim: &mut Sim, rogue: usize) {
    for (n, device) in neighbours(sim).into_iter().enumerate() {
        let attack = sim.attack;
        // One host after another, so that only one host's probes are held at a time.
        sim.after(n as i64 * 150 * MILLI, move |sim| {
            sim.attack = attack;
            for port in PORTS {
                let d = &sim.devices[device];
                let open = open(d.kind, d.vendor, port);
                sim.probe(rogue, device, port, open);
            }
            sim.attack = None;
        });
    }
}

fn look(sim: &mut Sim, rogue: usize) {
    let (plc, gateway) = (sim.site.m340[0], sim.site.gateways[0]);
    let id = sim.open(rogue, plc, 502, "modbus");
    modbus::identify(sim, id, plc, 255);
    for n in 0..20u16 {
        let request = mb::read(3, n * 50, 50);
        let values: Vec<u16> = (0..50).map(|_| sim.random.below(500) as u16).collect();
        modbus::ask(sim, id, u64::from(n), 255, "read_holding_registers", &request, &mb::registers(3, &values));
    }
    // Functions that do not exist there are refused.
    modbus::ask(sim, id, 40, 255, "report_server_id", &[17], &mb::exception(17, 1));
    sim.close(id);
    let id = sim.open(rogue, gateway, 502, "modbus");
    for unit in 1..=10 {
        if unit <= 4 {
            modbus::identify(sim, id, gateway, unit);
        } else {
            let none = mb::exception(0x2b, 11);
            modbus::ask(sim, id, 0, unit, "read_device_identification", &mb::identify(), &none);
        }
    }
    sim.close(id);
}

fn write(sim: &mut Sim, rogue: usize) {
    let plc = sim.site.m340[0];
    let id = sim.open(rogue, plc, 502, "modbus");
    for n in 0..10u16 {
        let values = [0u16; 8];
        let request = mb::write_registers(100 + n * 8, &values);
        modbus::ask(sim, id, u64::from(n), 255, "write_multiple_registers", &request, &mb::written(100 + n * 8, 8));
    }
    for coil in 0..8 {
        let request = mb::write_coil(coil, false);
        modbus::ask(sim, id, 20 + u64::from(coil), 255, "write_single_coil", &request, &request.clone());
    }
    sim.close(id);
}

fn operate(sim: &mut Sim, rogue: usize) {
    use dnp3::function as f;
    let rtu = sim.site.dnp3[0];
    let id = sim.open(rogue, rtu, 20_000, "dnp3");
    let mut a = address(0);
    a.master = 100;
    let values = dnp3::binaries(&[true, false, true, false]);
    dnp3_ask(sim, id, a, 0, ("read", f::READ), &dnp3::classes(true), &values);
    for (n, on) in [false, true, false].into_iter().enumerate() {
        let block = dnp3::control(0, on);
        let op = ("direct_operate", f::DIRECT_OPERATE);
        dnp3_ask(sim, id, a, 1 + n as u64, op, &block, &block.clone());
        sim.pause(id, SECOND);
    }
    dnp3_ask(sim, id, a, 5, ("cold_restart", f::COLD_RESTART), &[], &dnp3::delay(9000));
    // The station is away while it restarts, and all its connections are gone.
    sim.after(5 * SECOND, move |sim| {
        sim.drop_links(rtu);
        sim.down.insert(rtu);
        sim.after(9 * SECOND, move |sim| {
            sim.down.remove(&rtu);
        });
    });

    let rtu = sim.site.iec104[0];
    let line = sim.site.s7_1500.len() * 3;
    let id = sim.open(rogue, rtu, 2404, "iec104");
    let mut c = Counters::default();
    let (act, con) = (iec104::u_frame(iec104::control::STARTDT_ACT), iec104::u_frame(iec104::control::STARTDT_CON));
    sim.ask(id, "startdt", &act, &con);
    interrogate(sim, id, &mut c, 1, line);
    for point in 100..104 {
        for on in [false, true] {
            let what = (iec104::kind::SINGLE_COMMAND, point, iec104::command(on, false));
            command(sim, id, &mut c, "single_command", 1, what);
        }
    }
    let what = (iec104::kind::SETPOINT_FLOAT, 400, iec104::setpoint(0.0));
    command(sim, id, &mut c, "set_point_command_short", 1, what);
    sim.close(id);

    let controller = sim.site.bacnet;
    let ports = (47_808, 47_808);
    let plain = |expects: bool, apdu: &[u8]| bacnet::frame(bacnet::Route::Local, false, expects, apdu);
    let value = bacnet::Value::Real(35.0);
    let (object, property) = (bacnet::object::ANALOG_VALUE, bacnet::property::PRESENT_VALUE);
    let ask = plain(true, &bacnet::write_property(1, object, 3, property, &value, 1));
    let done = plain(false, &bacnet::simple_ack(1, 15));
    sim.datagrams_at(0, (rogue, controller), ports, "bacnet", ("write_property", None), &ask, &done);
    let (ask, done) = (plain(true, &bacnet::reinitialize(2, 0)), plain(false, &bacnet::simple_ack(2, 20)));
    sim.datagrams_at(SECOND, (rogue, controller), ports, "bacnet", ("reinitialize_device", None), &ask, &done);
}

fn stop(sim: &mut Sim, rogue: usize) {
    let plc = sim.site.s7_300[0];
    let id = sim.open(rogue, plc, 102, "s7comm");
    siemens::hello(sim, id, plc);
    let zero = 0f32.to_be_bytes();
    sim.ask(id, "write_var", &s7comm::write(8, 50, 8, &zero), &s7comm::written(8));
    sim.ask(id, "plc_stop", &s7comm::stop(9), &s7comm::stopped(9));
    sim.close(id);

    // The station forgets its name and is silent until the engineer finds it.
    let (io, xid) = (sim.site.io[1], sim.random.bits() as u32);
    let (io_mac, mac, kind) = (sim.devices[io].mac, sim.devices[rogue].mac, profinet::ETHERTYPE);
    let reset = profinet::factory_reset(xid);
    sim.layer2(SECOND, (rogue, Some(io)), io_mac, kind, &reset, ("profinet_dcp", "factory_reset"));
    let done = profinet::set_done(xid, 5, 6);
    let after = SECOND + 10 * MILLI;
    sim.layer2(after, (io, Some(rogue)), mac, kind, &done, ("profinet_dcp", "set_response"));
    sim.after(2 * SECOND, move |sim| {
        sim.down.insert(io);
    });
}
