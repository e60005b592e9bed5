//! Which devices the water works has, for a scale factor.

use super::device::catalogue as c;
use super::device::{Device, Module, Product, Zone};
use super::random::Random;
use std::collections::BTreeMap;

/// Device indices by role.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Site {
    pub router: usize,
    pub wan: usize,
    pub switches: Vec<usize>,
    pub clock: usize,
    pub domain: usize,
    pub scada: [usize; 2],
    pub historian: usize,
    pub engineering: usize,
    pub safety: usize,
    pub safety_station: usize,
    pub panels: Vec<usize>,
    pub s7_1500: Vec<usize>,
    pub s7_300: Vec<usize>,
    pub logix: Vec<usize>,
    pub m340: Vec<usize>,
    pub gateways: Vec<usize>,
    pub drives: Vec<usize>,
    pub io: Vec<usize>,
    pub relays: [usize; 2],
    pub dnp3: Vec<usize>,
    pub iec104: Vec<usize>,
    pub bacnet: usize,
    pub bacnet_router: usize,
    pub building: usize,
    pub laptops: Vec<usize>,
    pub printer: usize,
    pub files: usize,
    pub proxy: usize,
    pub cameras: Vec<usize>,
}

/// Makes devices; hosts are numbered per zone.
pub struct Maker {
    random: Random,
    hosts: BTreeMap<Zone, u16>,
    /// What was made.
    pub devices: Vec<Device>,
}

impl Maker {
    /// A device of `product`, named `name`, at the next free address of `zone`.
    pub fn make(&mut self, product: &Product, name: String, zone: Zone, level: u8) -> usize {
        let n = self.hosts.entry(zone).or_insert(9);
        *n += 1;
        let ip = zone.address(*n);
        let device = device(product, name, zone, level, ip, &mut self.random);
        self.devices.push(device);
        self.devices.len() - 1
    }

    fn series(&mut self, product: &Product, name: &str, n: usize, zone: Zone, level: u8) -> Vec<usize> {
        (1..=n).map(|i| self.make(product, format!("{name}-{i}"), zone, level)).collect()
    }

    fn modules(&mut self, device: usize, modules: &[(&str, &'static str, &str, &str)]) {
        let list: Vec<Module> = modules
            .iter()
            .map(|(place, vendor, model, firmware)| Module {
                place: (*place).to_string(),
                vendor,
                model: (*model).to_string(),
                firmware: (*firmware).to_string(),
                serial: format!("{:08X}", self.random.bits() as u32),
            })
            .collect();
        self.devices[device].modules.extend(list);
    }
}

/// A device of `product` at `ip`; hardware address and serial number are random.
pub fn device(p: &Product, name: String, zone: Zone, level: u8, ip: [u8; 4], random: &mut Random) -> Device {
    let mac = [p.prefix[0], p.prefix[1], p.prefix[2], random.bits() as u8, random.bits() as u8, random.bits() as u8];
    let serial = match p.vendor {
        "Siemens" => format!("S C-{:012X}", random.bits() >> 16),
        "Rockwell Automation" => format!("{:08x}", random.bits() as u32),
        _ => format!("{:010}", random.below(10_000_000_000)),
    };
    Device {
        name,
        kind: p.kind,
        vendor: p.vendor,
        model: p.model,
        order: p.order,
        firmware: p.firmware,
        serial,
        level,
        zone,
        mac,
        ip,
        ttl: p.ttl,
        window: p.window,
        modules: Vec::new(),
        addresses: Vec::new(),
    }
}

/// All devices for `size` treatment lines.
pub fn lay_out(size: usize, random: Random) -> (Vec<Device>, Site) {
    let mut m = Maker { random, hosts: BTreeMap::new(), devices: Vec::new() };
    use Zone::*;
    let one = |m: &mut Maker, p: &Product, name: &str, zone, level| m.make(p, name.to_string(), zone, level);
    let mut s = Site {
        router: one(&mut m, &c::ROUTER, "core-router", Operations, 3),
        wan: one(&mut m, &c::WAN, "wan-router", Control, 2),
        switches: m.series(&c::SWITCH, "switch", 2 + size, Control, 2),
        clock: one(&mut m, &c::CLOCK, "gps-clock", Operations, 3),
        domain: one(&mut m, &c::DOMAIN, "dc-1", Operations, 3),
        scada: [one(&mut m, &c::SCADA, "scada-a", Supervision, 2), one(&mut m, &c::SCADA, "scada-b", Supervision, 2)],
        historian: one(&mut m, &c::HISTORIAN, "historian", Operations, 3),
        engineering: one(&mut m, &c::ENGINEERING, "eng-1", Operations, 3),
        safety: one(&mut m, &c::SAFETY, "sis-1", Safety, 1),
        safety_station: one(&mut m, &c::SAFETY_STATION, "sis-eng", Safety, 2),
        panels: m.series(&c::PANEL, "hmi", size, Control, 2),
        s7_1500: m.series(&c::S7_1500, "plc-filter", size, Control, 1),
        s7_300: m.series(&c::S7_300, "plc-pumps", size, Control, 1),
        logix: m.series(&c::LOGIX, "plc-dosing", size, Control, 1),
        m340: m.series(&c::M340, "plc-intake", size, Control, 1),
        gateways: m.series(&c::GATEWAY, "gw-serial", size, Control, 1),
        drives: m.series(&c::DRIVE, "drive", 2 * size, Control, 1),
        io: m.series(&c::ET200, "io", 2 * size, Control, 1),
        relays: [one(&mut m, &c::RELAY, "relay-a", Control, 1), one(&mut m, &c::RELAY, "relay-b", Control, 1)],
        dnp3: m.series(&c::RTU_DNP3, "pump-station", 2 * size, Remote, 1),
        iec104: m.series(&c::RTU_104, "reservoir", 2 * size, Remote, 1),
        bacnet: one(&mut m, &c::BACNET, "bms-1", Building, 1),
        bacnet_router: one(&mut m, &c::BACNET_ROUTER, "bms-router", Building, 1),
        building: one(&mut m, &c::BUILDING, "bms-station", Building, 2),
        laptops: m.series(&c::LAPTOP, "laptop", 6 * size, Office, 4),
        printer: one(&mut m, &c::PRINTER, "printer-1", Office, 4),
        files: one(&mut m, &c::FILES, "files-1", Office, 4),
        proxy: one(&mut m, &c::PROXY, "proxy-1", Office, 4),
        cameras: m.series(&c::CAMERA, "camera", size, Office, 4),
    };
    // A router's own address in its zone is the first one.
    m.devices[s.router].ip = Operations.address(0);
    for i in 0..size {
        let rockwell = "Rockwell Automation";
        m.modules(
            s.logix[i],
            &[
                ("slot 0", rockwell, "1756-L71/B LOGIX5571", "30.11"),
                ("slot 1", rockwell, "1756-EN2T/D", "11.2"),
                ("slot 2", rockwell, "1756-IF8/A", "1.5"),
                ("slot 3", rockwell, "1756-OB16E/A", "3.2"),
            ],
        );
        m.modules(
            s.gateways[i],
            &[
                ("unit 1", "Endress+Hauser", "Promag 400", "2.00"),
                ("unit 2", "Hach", "SC200", "2.30"),
                ("unit 3", "Schneider Electric", "PM5560", "2.3.0"),
                ("unit 4", "Endress+Hauser", "Prosonic FMU90", "2.1"),
            ],
        );
    }
    let delta = "Delta Controls";
    m.modules(
        s.bacnet_router,
        &[("network 2001 mac 4", delta, "DVC-V304", "3.33"), ("network 2001 mac 5", delta, "DVC-V304", "3.33")],
    );
    let tricon = "Triconex";
    m.modules(
        s.safety,
        &[("slot 1", tricon, "3008", "10.3"), ("slot 2", tricon, "4351B", "10.2"), ("slot 3", tricon, "3703E", "10.1")],
    );
    s.switches.truncate(2 + size);
    (m.devices, s)
}
