//! What stands in the plant.

use crate::build::{Ip, Mac};

/// A part of the network: one VLAN, one address range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Controllers, drives, gateways, relays.
    Control,
    /// The safety controller and its maintenance port.
    Safety,
    /// Panels and SCADA servers.
    Supervision,
    /// Historian, engineering, domain, time.
    Operations,
    /// Building automation.
    Building,
    /// Laptops, printers, file server.
    Office,
    /// Pump stations behind the WAN router.
    Remote,
}

impl Zone {
    /// Its VLAN.
    pub fn vlan(self) -> u16 {
        match self {
            Zone::Control => 10,
            Zone::Safety => 15,
            Zone::Supervision => 20,
            Zone::Operations => 30,
            Zone::Building => 40,
            Zone::Office => 50,
            Zone::Remote => 60,
        }
    }

    /// The address of host `n` in its /16.
    pub fn address(self, n: u16) -> Ip {
        [10, self.vlan() as u8, (n / 250) as u8, (n % 250 + 1) as u8]
    }

    /// The name in the ground truth.
    pub fn word(self) -> &'static str {
        match self {
            Zone::Control => "control",
            Zone::Safety => "safety",
            Zone::Supervision => "supervision",
            Zone::Operations => "operations",
            Zone::Building => "building",
            Zone::Office => "office",
            Zone::Remote => "remote",
        }
    }
}

/// A card in a rack, or a thing behind a gateway.
#[derive(Clone, Debug)]
pub struct Module {
    /// Where: `slot 3`, `unit 5`, `network 2001 mac 7`.
    pub place: String,
    /// Maker.
    pub vendor: &'static str,
    /// Model or order number.
    pub model: String,
    /// Firmware.
    pub firmware: String,
    /// Serial number.
    pub serial: String,
}

/// An address held for a time.
#[derive(Clone, Debug)]
pub struct Span {
    /// The address.
    pub ip: Ip,
    /// The hardware address.
    pub mac: Mac,
    /// From when, ns since the Unix epoch.
    pub from: i64,
    /// Until when; open when it still holds.
    pub until: Option<i64>,
}

/// A device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Unique name; also its host name.
    pub name: String,
    /// What it is, e.g. `plc`, `rtu`, `hmi`.
    pub kind: &'static str,
    /// Maker.
    pub vendor: &'static str,
    /// Model.
    pub model: &'static str,
    /// Order number, or empty.
    pub order: &'static str,
    /// Firmware or operating system version.
    pub firmware: &'static str,
    /// Serial number, or empty.
    pub serial: String,
    /// Purdue level.
    pub level: u8,
    /// Where it is connected.
    pub zone: Zone,
    /// Hardware address.
    pub mac: Mac,
    /// Address now.
    pub ip: Ip,
    /// Initial time to live of its system.
    pub ttl: u8,
    /// Receive window its system announces.
    pub window: u16,
    /// Cards and things behind it.
    pub modules: Vec<Module>,
    /// All addresses it had.
    pub addresses: Vec<Span>,
}

/// The fixed facts about a product.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// What it is.
    pub kind: &'static str,
    /// Maker.
    pub vendor: &'static str,
    /// Model.
    pub model: &'static str,
    /// Order number, or empty.
    pub order: &'static str,
    /// Firmware or operating system version.
    pub firmware: &'static str,
    /// The maker's hardware address prefix.
    pub prefix: [u8; 3],
    /// Initial time to live.
    pub ttl: u8,
    /// Receive window.
    pub window: u16,
}

macro_rules! products {
    ($($name:ident: $kind:literal, $vendor:literal, $model:literal, $order:literal, $firmware:literal, $prefix:literal, $ttl:literal, $window:literal;)*) => {
        $(
            #[allow(missing_docs)]
            pub const $name: Product = Product {
                kind: $kind, vendor: $vendor, model: $model, order: $order, firmware: $firmware,
                prefix: [($prefix >> 16) as u8, ($prefix >> 8 & 0xff) as u8, ($prefix & 0xff) as u8], ttl: $ttl, window: $window,
            };
        )*
    };
}

/// Products used in the water works.
pub mod catalogue {
    use super::Product;
    products! {
        S7_1500: "plc", "Siemens", "CPU 1516-3 PN/DP", "6ES7 516-3AN01-0AB0", "2.9.4", 0x286336, 30, 8192;
        S7_300: "plc", "Siemens", "CPU 315-2 PN/DP", "6ES7 315-2EH14-0AB0", "3.2.6", 0x001b1b, 30, 4096;
        LOGIX: "plc", "Rockwell Automation", "1756-EN2T/D", "1756-EN2T", "11.2", 0xf45433, 64, 4096;
        M340: "plc", "Schneider Electric", "BMX P34 2020", "BMXP342020", "2.70", 0x0080f4, 64, 4380;
        GATEWAY: "gateway", "Moxa", "MGate MB3170", "MB3170", "4.1", 0x0090e8, 64, 2920;
        ET200: "io", "Siemens", "ET200SP", "6ES7 155-6AU01-0BN0", "4.2.0", 0xac6417, 64, 4096;
        DRIVE: "drive", "Rockwell Automation", "PowerFlex 525 1P 230V", "25B-A2P5N104", "5.1", 0x001d9c, 64, 2048;
        RELAY: "relay", "Schweitzer Engineering Laboratories", "SEL-751", "751001A1A1A0X810610", "R112", 0x0030a7, 64, 8192;
        RTU_DNP3: "rtu", "Schweitzer Engineering Laboratories", "SEL-3530 RTAC", "3530", "R143-V2", 0x0030a7, 64, 14_600;
        RTU_104: "rtu", "ABB", "RTU560 560CMU05", "560CMU05", "12.4.1", 0x0002a3, 64, 8192;
        SAFETY: "safety_controller", "Triconex", "Tricon 3008", "3008", "10.3", 0x400000, 64, 4096;
        SAFETY_STATION: "engineering_station", "Dell", "TriStation 1131", "", "Windows 7", 0xd4bed9, 128, 8192;
        PANEL: "hmi", "Siemens", "TP1200 Comfort", "6AV2 124-0MC01-0AX0", "15.1.0", 0x000e8c, 128, 8192;
        SCADA: "scada_server", "Dell", "PowerEdge R640", "", "Windows Server 2016", 0xe4434b, 128, 64_240;
        HISTORIAN: "historian", "Dell", "PowerEdge R440", "", "Windows Server 2019", 0xe4434b, 128, 64_240;
        ENGINEERING: "engineering_station", "Dell", "Precision 3630", "", "Windows 10", 0x54bf64, 128, 64_240;
        DOMAIN: "domain_controller", "VMware", "Virtual machine", "", "Windows Server 2016", 0x005056, 128, 64_240;
        CLOCK: "time_server", "Meinberg", "LANTIME M300", "", "7.06.008", 0xec4670, 64, 29_200;
        ROUTER: "router", "Cisco", "Catalyst 3850", "WS-C3850-24T", "16.12.5b", 0x001aa1, 255, 4128;
        WAN: "router", "Cisco", "IR1101", "IR1101-K9", "17.3.4a", 0x002a10, 255, 4128;
        SWITCH: "switch", "Hirschmann", "MACH104-20TX-F", "942003101", "09.0.06", 0x008063, 64, 4096;
        BACNET: "building_controller", "Delta Controls", "DSC-1616E", "DSC-1616E", "3.40", 0x0040ae, 64, 4096;
        BACNET_ROUTER: "gateway", "Contemporary Controls", "BASRT-B", "BASRT-B", "3.2.1", 0x0050db, 64, 2048;
        BUILDING: "building_station", "HP", "EliteDesk 800", "", "Windows 10", 0x3cd92b, 128, 64_240;
        LAPTOP: "laptop", "Dell", "Latitude 5420", "", "Windows 10", 0xd89ef3, 128, 64_240;
        PRINTER: "printer", "HP", "LaserJet M507", "1PV87A", "4.11.0.1", 0x80e82c, 64, 29_200;
        FILES: "file_server", "HP", "ProLiant DL360", "", "Windows Server 2019", 0x941882, 128, 64_240;
        PROXY: "server", "VMware", "Virtual machine", "", "Debian 11", 0x005056, 64, 64_240;
        CAMERA: "camera", "Axis", "P3245-V", "01592-001", "10.12.114", 0xaccc8e, 64, 29_200;
        STRANGER: "computer", "Raspberry Pi", "Raspberry Pi 4", "", "Linux", 0xdca632, 64, 64_240;
        INTRUDER: "computer", "Intel", "NUC", "", "Linux", 0x1c697a, 64, 64_240;
    }
}
