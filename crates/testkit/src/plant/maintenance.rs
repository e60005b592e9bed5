//! People at work, all of it authorised: program downloads, a SCADA switchover, laptops that move, a device replaced.

use super::device::Zone;
use super::device::catalogue as c;
use super::layout;
use super::sim::{DAY, HOUR, LinkId, MILLI, MINUTE, SECOND, Sim};
use super::traffic::{discover, lease, modbus, rockwell, siemens};
use crate::build::{Ip, profinet, rdp, s7comm, umas};

/// Does something at `part` of the capture, or of the first day and then each week when the capture is longer.
fn weekly(sim: &mut Sim, part: f64, mut what: impl FnMut(&mut Sim) + 'static) {
    let whole = sim.duration().min(DAY);
    sim.task(
        (whole as f64 * part) as i64,
        Box::new(move |sim| {
            what(sim);
            Some(7 * DAY)
        }),
    );
}

pub(super) fn begin(sim: &mut Sim) {
    weekly(sim, 0.12, |sim| {
        let laptops = sim.site.laptops.clone();
        for (n, laptop) in laptops.into_iter().step_by(3).enumerate() {
            sim.after(n as i64 * 7 * SECOND, move |sim| move_laptop(sim, laptop));
        }
    });
    weekly(sim, 0.20, survey);
    weekly(sim, 0.25, |sim| {
        let plc = sim.site.s7_300[0];
        download_s7(sim, plc);
    });
    weekly(sim, 0.32, |sim| {
        let plc = sim.site.m340[0];
        download_umas(sim, plc);
    });
    weekly(sim, 0.42, switch_over);
    let replaced = (sim.duration().min(DAY) as f64 * 0.48) as i64;
    sim.after(replaced, replace_io);
    watch_safety(sim);
}

/// Hosts of a zone end here: the third byte of the address is full.
const MAX_HOST: u16 = 60_000;

/// The lowest address of a zone that nobody has or had.
pub fn free_address(sim: &Sim, zone: Zone) -> Ip {
    let taken = |ip: Ip| sim.devices.iter().any(|d| d.ip == ip || d.addresses.iter().any(|s| s.ip == ip));
    (20..MAX_HOST).map(|n| zone.address(n)).find(|ip| !taken(*ip)).unwrap_or(zone.address(MAX_HOST))
}

fn move_laptop(sim: &mut Sim, laptop: usize) {
    let ip = free_address(sim, Zone::Office);
    let mac = sim.devices[laptop].mac;
    sim.drop_links(laptop);
    sim.readdress(laptop, ip, mac);
    lease(sim, laptop, true);
    let text = format!("{} took another address by DHCP", sim.devices[laptop].name);
    sim.truth.event(sim.now, "dhcp_move", text, vec![laptop]);
}

/// How long the engineer looks at one controller.
const LOOK: i64 = 2 * SECOND;

/// What is done on a connection to a device.
type Visit = fn(&mut Sim, LinkId, usize);

/// The engineer looks at every rack before work, one controller after another.
fn survey(sim: &mut Sim) {
    let (station, site) = (sim.site.engineering, sim.site.clone());
    let units = |sim: &mut Sim, id, d| (1..=4).for_each(|unit| modbus::identify(sim, id, d, unit));
    let lists: [(&[usize], (u16, &'static str), Visit); 4] = [
        (&site.logix, (44_818, "enip"), rockwell::browse),
        (&site.s7_1500, (102, "s7comm"), siemens::hello),
        (&site.gateways, (502, "modbus"), units),
        (&site.m340, (502, "modbus"), |sim, id, d| modbus::identify(sim, id, d, 255)),
    ];
    let pause = LOOK.min(sim.duration() / 1000);
    let visits = lists.iter().flat_map(|(devices, place, what)| devices.iter().map(|d| (*d, *place, *what)));
    for (n, (device, (port, protocol), what)) in (0..).zip(visits) {
        sim.after(n * pause, move |sim| {
            let id = sim.open(station, device, port, protocol);
            what(sim, id, device);
            sim.close(id);
        });
    }
    for (n, panel) in (0..).zip(site.panels.clone()) {
        sim.after(n * pause, move |sim| discover(sim, panel));
    }
    sim.truth.event(sim.now, "survey", "the engineering station read all identities".to_string(), vec![station]);
}

/// Stop, three blocks, start.
fn download_s7(sim: &mut Sim, plc: usize) {
    let station = sim.site.engineering;
    let id = sim.open(station, plc, 102, "s7comm");
    siemens::hello(sim, id, plc);
    sim.pause(id, 20 * SECOND);
    sim.ask(id, "plc_stop", &s7comm::stop(20), &s7comm::stopped(20));
    let mut reference = 21;
    for (kind, code, number, len) in [('8', 8u8, 1u16, 320usize), ('E', 14, 12, 900), ('A', 10, 50, 128)] {
        let name = s7comm::block_name(kind, number);
        let block = s7comm::block(code, number, &sim.random.blob(len));
        let request = s7comm::request_download(reference, &name, block.len() as u32, len as u32);
        sim.ask(id, "request_download", &request, &s7comm::acknowledged(reference, 0x1a));
        let pieces: Vec<&[u8]> = block.chunks(200).collect();
        for (n, piece) in pieces.iter().enumerate() {
            let theirs = 0x8000 | reference << 4 | n as u16;
            let fetch = s7comm::fetch(theirs, 0x1b, &name);
            sim.asked(id, "download_block", &fetch, &s7comm::piece(theirs, n + 1 < pieces.len(), piece));
        }
        let theirs = 0x8000 | reference << 4 | 15;
        sim.asked(id, "download_ended", &s7comm::fetch(theirs, 0x1c, &name), &s7comm::acknowledged(theirs, 0x1c));
        let insert = s7comm::insert(reference + 1, &name);
        sim.ask(id, "insert_block", &insert, &s7comm::started(reference + 1));
        reference += 2;
    }
    sim.pause(id, 15 * SECOND);
    sim.ask(id, "plc_start", &s7comm::start(reference), &s7comm::started(reference));
    sim.close(id);
    let text = format!("authorised program download to {}", sim.devices[plc].name);
    sim.truth.event(sim.now, "program_download", text, vec![station, plc]);
}

/// Starts a controller that was found stopped.
pub fn restart_s7(sim: &mut Sim, plc: usize) {
    let station = sim.site.engineering;
    let id = sim.open(station, plc, 102, "s7comm");
    siemens::hello(sim, id, plc);
    sim.ask(id, "plc_start", &s7comm::start(20), &s7comm::started(20));
    sim.close(id);
    let text = format!("the engineer started {} again", sim.devices[plc].name);
    sim.truth.event(sim.now, "plc_restart", text, vec![station, plc]);
}

/// The same for a Modicon: reservation, stop, blocks, start, release.
fn download_umas(sim: &mut Sim, plc: usize) {
    use umas::function as f;
    let station = sim.site.engineering;
    let id = sim.open(station, plc, 502, "umas");
    modbus::read_id(sim, id, plc);
    let session = sim.random.between(1, 200) as u8;
    let reserve = umas::reserve(&sim.devices[station].name);
    modbus::ask(sim, id, 1, 0, "take_plc_reservation", &reserve, &umas::answer(0, &[session]));
    let step = |sim: &mut Sim, n: u64, op: &'static str, function: u8, data: &[u8], answer: &[u8]| {
        let (request, answer) = (umas::request(session, function, data), umas::answer(session, answer));
        modbus::ask(sim, id, n, 0, op, &request, &answer);
    };
    step(sim, 2, "stop_plc", f::STOP_PLC, &[0xff, 0], &[]);
    step(sim, 3, "initialize_download", f::INITIALIZE_DOWNLOAD, &[0, 1], &[0xe8, 3, 0, 0]);
    for block in 1..=12u16 {
        let body = sim.random.blob(200);
        let data = [&[0, 1][..], &block.to_le_bytes(), &(body.len() as u16).to_le_bytes(), &body].concat();
        step(sim, 3 + u64::from(block), "download_block", f::DOWNLOAD_BLOCK, &data, &[]);
    }
    step(sim, 20, "end_strategy_download", f::END_DOWNLOAD, &[0, 1, 12, 0], &[]);
    step(sim, 21, "start_plc", f::START_PLC, &[0xff, 0], &[]);
    step(sim, 22, "release_plc_reservation", f::RELEASE_RESERVATION, &[], &[]);
    sim.close(id);
    let text = format!("authorised program download to {}", sim.devices[plc].name);
    sim.truth.event(sim.now, "program_download", text, vec![station, plc]);
}

/// The other SCADA server takes the lead; the engineer watches it over remote desktop.
fn switch_over(sim: &mut Sim) {
    let [a, b] = sim.site.scada;
    let (old, new) = if sim.leader == a { (a, b) } else { (b, a) };
    let id = remote_desktop(sim, sim.site.engineering, new, "engineer", 25);
    sim.close(id);
    sim.leader = new;
    let text = format!("the lead moved from {} to {}", sim.devices[old].name, sim.devices[new].name);
    sim.truth.event(sim.now, "scada_switchover", text, vec![old, new]);
}

/// A broken I/O station is replaced: another hardware address and serial number, the old name and address.
fn replace_io(sim: &mut Sim) {
    let io = sim.site.io[0];
    let outage = (sim.duration() / 60).min(20 * MINUTE);
    sim.down.insert(io);
    sim.truth.event(sim.now, "device_lost", format!("{} failed", sim.devices[io].name), vec![io]);
    sim.after(outage, move |sim| {
        let ip = sim.devices[io].ip;
        let mut random = sim.random.clone();
        let spare = layout::device(&c::ET200, String::new(), Zone::Control, 1, ip, &mut random);
        sim.random = random;
        let old = std::mem::replace(&mut sim.devices[io].serial, spare.serial.clone());
        sim.readdress(io, ip, spare.mac);
        let laptop = rename_io(sim, io);
        let text = format!("{} was replaced: serial {old} became {}", sim.devices[io].name, spare.serial);
        sim.truth.event(sim.now, "device_replaced", text, vec![io, laptop]);
    });
}

/// The service laptop, plugged in for the first time or again, gives an I/O station its name; soon it works.
pub fn rename_io(sim: &mut Sim, io: usize) -> usize {
    const LAPTOP: &str = "service-laptop";
    let laptop = sim.devices.iter().position(|d| d.name == LAPTOP).unwrap_or_else(|| {
        let ip = free_address(sim, Zone::Control);
        let mut random = sim.random.clone();
        let laptop = layout::device(&c::LAPTOP, LAPTOP.into(), Zone::Control, 2, ip, &mut random);
        sim.random = random;
        sim.add(laptop)
    });
    let (kind, mac, io_mac) = (profinet::ETHERTYPE, sim.devices[laptop].mac, sim.devices[io].mac);
    let xid = sim.random.bits() as u32;
    let named = profinet::set_name(xid, &sim.devices[io].name);
    sim.layer2(0, (laptop, Some(io)), io_mac, kind, &named, ("profinet_dcp", "set"));
    let done = profinet::set_done(xid, 2, 2);
    sim.layer2(8 * MILLI, (io, Some(laptop)), mac, kind, &done, ("profinet_dcp", "set_response"));
    sim.after(10 * SECOND, move |sim| {
        sim.down.remove(&io);
    });
    laptop
}

/// A session over RDP: the opening, TLS, sealed screens.
pub fn remote_desktop(sim: &mut Sim, client: usize, server: usize, user: &str, screens: usize) -> LinkId {
    use crate::build::tls;
    let id = sim.open(client, server, 3389, "rdp");
    sim.ask(id, "connection_request", &rdp::request(user), &rdp::confirm());
    let (a, b, host) = (sim.random.bytes(), sim.random.bytes(), sim.devices[server].name.clone());
    let certificate = tls::certificate(&host, &host, 99, "250601000000Z", "251201000000Z", host.as_bytes());
    sim.ask(id, "tls_handshake", &tls::client_hello(a, &host), &tls::server_flight(b, &certificate));
    let secret = sim.random.blob(256);
    sim.ask(id, "tls_finish", &tls::client_finish(&secret), &tls::server_finish(&secret[50..]));
    for _ in 0..screens {
        let len = sim.random.between(300, 6000) as usize;
        let (up, down) = (sim.random.blob(70), sim.random.blob(len));
        sim.pause(id, 120 * MILLI);
        sim.ask(id, "screen", &tls::application(&up), &tls::application(&down));
    }
    id
}

/// The safety engineer's station looks at the controller's state every hour, as its diagnostics panel does.
fn watch_safety(sim: &mut Sim) {
    sim.every(HOUR / 2, MINUTE, |sim| {
        let mut talk = super::attacks::TriStation::connect(sim);
        for _ in 0..5 {
            talk.status(sim);
            talk.wait(SECOND);
        }
        talk.disconnect(sim);
    });
}
