//! What keeps a network alive: time, names, leases, monitoring, neighbours.

use crate::build::dhcp::{self, Kind, Lease};
use crate::build::link::llc;
use crate::build::snmp::{self, Value};
use crate::build::{dhcp::message, ip, lldp, login, timing};
use crate::plant::device::Zone;
use crate::plant::sim::{DAY, HOUR, MILLI, MINUTE, SECOND, Sim};

const ZERO: [u8; 4] = [0; 4];
const ALL: [u8; 4] = [255; 4];

/// A lease taken anew (`fresh`, four broadcast messages relayed by the router) or renewed with the server.
pub fn lease(sim: &mut Sim, client: usize, fresh: bool) {
    let d = sim.devices[client].clone();
    let server = sim.site.domain;
    let gateway = d.zone.address(0);
    let l = Lease {
        xid: sim.random.bits() as u32,
        mac: d.mac,
        host: &d.name,
        class: if d.ttl == 128 { "MSFT 5.0" } else { "dhcpcd-9.4.1:Linux-5.15" },
        ip: d.ip,
        server: sim.devices[server].ip,
        router: gateway,
    };
    if !fresh {
        let ports = (68, 67);
        let (ask, told) = (message(Kind::Request, &l), message(Kind::Ack, &l));
        sim.datagrams((client, server), ports, "dhcp", "request", &ask, &told);
        return;
    }
    let router = sim.devices[sim.site.router].mac;
    let talk = sim.truth.talk(client, Some(server), "dhcp");
    let steps = [
        (0, Kind::Discover, true, None),
        (400 * MILLI, Kind::Offer, false, Some("discover")),
        (420 * MILLI, Kind::Request, true, None),
        (450 * MILLI, Kind::Ack, false, Some("request")),
    ];
    for (delay, kind, up, op) in steps {
        let (src, dst, ports) = if up { (ZERO, ALL, (68, 67)) } else { (gateway, ALL, (67, 68)) };
        let h = ip::Header { src, dst, id: sim.ip_id(client), ttl: 128 };
        let packet = ip::udp(h, ports.0, ports.1, &dhcp::message(kind, &l));
        let mac = if up { d.mac } else { router };
        let frame = crate::build::link::ethernet([0xff; 6], mac, Some(d.zone.vlan()), 0x0800, &packet);
        sim.put(sim.now + delay, frame, talk, op.map(|o| (o, None)));
    }
}

fn description(d: &crate::plant::device::Device) -> String {
    match d.vendor {
        "Cisco" => format!(
            "Cisco IOS Software [Gibraltar], {} Software (CAT3K_CAA-UNIVERSALK9-M), Version {}, RELEASE SOFTWARE (fc2)",
            d.model, d.firmware
        ),
        "Hirschmann" => format!("Hirschmann {} SW: L3P-{} HW: 1.00", d.model, d.firmware),
        _ => format!("{} {} {}", d.vendor, d.model, d.firmware),
    }
}

fn monitored(sim: &mut Sim, device: usize) {
    let mut request = sim.random.bits() as u32 & 0x7fff_ffff;
    let mut octets = sim.random.bits() as u32;
    sim.every(MINUTE, SECOND, move |sim| {
        let station = sim.site.historian;
        if sim.down.contains(&device) {
            return;
        }
        request = (request + 1) & 0x7fff_ffff;
        octets = octets.wrapping_add(sim.random.between(100_000, 900_000) as u32);
        let d = &sim.devices[device];
        let ticks = ((sim.now - sim.start + 40 * DAY) / (10 * MILLI)) as u32;
        let enterprise = vec![1, 3, 6, 1, 4, 1, if d.vendor == "Cisco" { 9 } else { 248 }, 14, 10];
        let told = [
            (snmp::SYS_DESCR, Value::Text(description(d))),
            (snmp::SYS_OBJECT_ID, Value::Oid(enterprise)),
            (snmp::SYS_UP_TIME, Value::Ticks(ticks)),
            (snmp::SYS_NAME, Value::Text(d.name.clone())),
            (snmp::IF_IN_OCTETS, Value::Counter(octets)),
        ];
        let asked: Vec<(&[u32], Value)> = told.iter().map(|(oid, _)| (*oid, Value::Null)).collect();
        let (ask, answer) =
            (snmp::message(false, "public", request, &asked), snmp::message(true, "public", request, &told));
        sim.datagrams((station, device), (50_161, 161), "snmp", "get_request", &ask, &answer);
    });
}

fn neighbours(sim: &mut Sim, device: usize, port: &'static str, capabilities: u16) {
    sim.every(30 * SECOND, SECOND, move |sim| {
        if sim.down.contains(&device) {
            return;
        }
        let d = &sim.devices[device];
        let text = if d.vendor == "Siemens" {
            format!("Siemens, SIMATIC, {}, {}, V {}", d.model, d.order, d.firmware)
        } else {
            description(d)
        };
        let told = lldp::announce(d.mac, port, &d.name, &text, capabilities, d.ip);
        sim.layer2(0, (device, None), lldp::GROUP, lldp::ETHERTYPE, &told, ("lldp", "announce"));
    });
}

pub(super) fn begin(sim: &mut Sim) {
    let site = sim.site.clone();
    let clock = site.clock;
    // Everyone asks for the time, but those who have no clock to set and the stations behind the WAN.
    for device in 0..sim.devices.len() {
        let d = &sim.devices[device];
        if device == clock || d.zone == Zone::Remote || matches!(d.kind, "drive" | "io" | "gateway") {
            continue;
        }
        let period = if d.level >= 2 { 1024 * SECOND } else { 512 * SECOND };
        sim.every(period, 10 * SECOND, move |sim| {
            if sim.down.contains(&device) {
                return;
            }
            let ports = (if sim.devices[device].ttl == 128 { 123 } else { sim.port() }, 123);
            let now = sim.now;
            let (ask, told) = (timing::ntp_request(now), timing::ntp_reply(now, now + 2 * MILLI));
            sim.datagrams((device, clock), ports, "ntp", "time_request", &ask, &told);
        });
    }
    let mac = sim.devices[clock].mac;
    let mut sequence = 0u16;
    sim.every(2 * SECOND, MILLI, move |sim| {
        sequence = sequence.wrapping_add(1);
        let (now, group) = (sim.now, timing::PTP_GROUP);
        sim.cast(clock, group, (320, 320), "ptp", "announce", &timing::ptp_announce(mac, sequence, now));
        let (sync, follow) = (timing::ptp_sync(mac, sequence), timing::ptp_follow_up(mac, sequence, now + MILLI));
        sim.after(MILLI, move |sim| sim.cast(clock, group, (319, 319), "ptp", "sync", &sync));
        let later = MILLI + MILLI / 4;
        sim.after(later, move |sim| sim.cast(clock, group, (320, 320), "ptp", "follow_up", &follow));
    });
    for &device in site.switches.iter().chain([&site.router, &site.wan, &site.printer]) {
        monitored(sim, device);
    }
    for &device in &site.switches {
        neighbours(sim, device, "1/1", 0x0004);
    }
    neighbours(sim, site.router, "Gi1/0/1", 0x0014);
    for &device in site.s7_1500.iter().chain(&site.io) {
        neighbours(sim, device, "port-001", 0x0080);
    }
    let root = site.switches[0];
    sim.every(2 * SECOND, MILLI, move |sim| {
        let mac = sim.devices[root].mac;
        let frame = llc(lldp::BRIDGES, mac, 0x42, &lldp::rstp(mac, 1));
        let talk = sim.truth.talk(root, None, "stp");
        let now = sim.now;
        sim.put(now, frame, talk, Some(("rapid_spanning_tree_bpdu", None)));
    });
    // A switch is looked after over SSH, an old gateway still over Telnet; logs leave by FTP.
    let engineer = site.engineering;
    let (first, gateway, historian, scada) = (site.switches[0], site.gateways[0], site.historian, site.scada[0]);
    sim.every(6 * HOUR, HOUR, move |sim| {
        let id = sim.open(engineer, first, 22, "ssh");
        sim.ask(id, "identification", &login::ssh_banner("PuTTY_Release_0.76"), &login::ssh_banner("dropbear_2019.78"));
        let (a, b) = (sim.random.bytes(), sim.random.bytes());
        sim.ask(id, "key_exchange_init", &login::ssh_kexinit(a), &login::ssh_kexinit(b));
        let (a, b) = (sim.random.bytes(), sim.random.bytes());
        sim.ask(id, "key_exchange", &login::ssh_key_question(a), &login::ssh_key_answer([0x5c; 32], b));
        sim.close(id);
    });
    sim.every(9 * HOUR, HOUR, move |sim| {
        let id = sim.open(engineer, gateway, 23, "telnet");
        let prompt = login::telnet_prompt("MGate MB3170 Firmware Version 4.1");
        sim.say(id, crate::build::tcp::From::Server, "prompt", &prompt);
        sim.ask(id, "prompt", &login::line("admin"), b"Password: ");
        sim.ask(id, "login", &login::line("moxa"), b"\r\nMain menu\r\n");
        sim.close(id);
    });
    sim.every(HOUR, 10 * MINUTE, move |sim| {
        let id = sim.open(scada, historian, 21, "ftp");
        sim.say(id, crate::build::tcp::From::Server, "greeting", &login::line("220 Microsoft FTP Service"));
        sim.ask(id, "user_name", &login::line("USER scada"), &login::line("331 Password required"));
        sim.ask(id, "login", &login::line("PASS w4ter!"), &login::line("230 User logged in."));
        sim.ask(id, "logout", &login::line("QUIT"), &login::line("221 Goodbye."));
        sim.close(id);
    });
}
