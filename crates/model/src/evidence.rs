//! What a message proves about a device. An asset is what the evidence adds up to.

use crate::operation::words;
use crate::{Address, Host, Subject};
use core::fmt;

words! {
    /// How far a claim can be trusted. Higher wins; equals that differ are a conflict, and shown.
    Strength {
        /// Inferred from behaviour.
        Guessed "guessed",
        /// Follows from a number or name that stands for it (a vendor id, a hardware address).
        Implied "implied",
        /// The device, or a peer about it, says so.
        Stated "stated",
        /// Stated in an answer to a question about exactly this, by the device itself.
        Verified "verified",
    }
}

words! {
    /// Which kind of name a name is.
    NameKind {
        /// DNS, DHCP, NTLM or NetBIOS host name.
        Host "host",
        /// Windows or DNS domain.
        Domain "domain",
        /// PROFINET name of station, BACnet object name, IED name: the plant's own name for the device.
        Station "station",
        /// SNMP sysName, LLDP system name.
        System "system",
        /// User name seen working on the device.
        User "user",
        /// Name of the project or program loaded.
        Project "project",
    }
}

words! {
    /// What a device is seen to do, from its messages; the inventory turns roles into a type and a level.
    Role {
        /// Commands control devices (polls, writes).
        Master "master",
        /// Obeys: controller, outstation, server of process data.
        Controller "controller",
        /// Field I/O behind a controller.
        Io "io",
        /// Programs controllers.
        Engineering "engineering",
        /// Operator interface.
        Hmi "hmi",
        /// Collects process data for storage.
        Historian "historian",
        /// Protective relay or other IEC 61850 device.
        Ied "ied",
        /// Safety controller.
        Safety "safety",
        /// Protocol gateway or converter.
        Gateway "gateway",
        /// Routes between networks.
        Router "router",
        /// Ethernet switch.
        Switch "switch",
        /// Time source.
        TimeServer "time_server",
        /// Answers names.
        NameServer "name_server",
        /// Hands out addresses.
        DhcpServer "dhcp_server",
        /// Shares files.
        FileServer "file_server",
        /// Windows domain controller.
        DomainController "domain_controller",
        /// Serves web pages.
        WebServer "web_server",
        /// Database server.
        Database "database",
        /// Printer.
        Printer "printer",
        /// Camera.
        Camera "camera",
        /// Telephone.
        Phone "phone",
        /// Wireless access point.
        AccessPoint "access_point",
        /// Variable-frequency or servo drive.
        Drive "drive",
        /// Robot.
        Robot "robot",
        /// Meter.
        Meter "meter",
        /// Building controller.
        Building "building",
        /// Uninterruptible power supply.
        Ups "ups",
        /// Workstation or other office end point.
        Workstation "workstation",
        /// Server of no closer kind.
        Server "server",
    }
}

/// One statement about a device. Numbers stay numbers here; names are looked up at the moment of judgement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// Maker, in the device's words.
    Vendor(String),
    /// Maker as a number in a registry: `enip`, `bacnet`, `profinet`, `enterprise`, `ptp`.
    VendorId { space: &'static str, id: u32 },
    /// Product or model name, in the device's words.
    Model(String),
    /// Product as a number: registry, maker's id, product code (CIP device type in `kind`).
    ProductCode { space: &'static str, vendor: u32, kind: u32, code: u32 },
    /// Order number, catalogue number, part number.
    OrderNumber(String),
    /// Firmware version.
    Firmware(String),
    /// Bootloader, operating software or application version that is not the firmware.
    Software(String),
    /// Hardware revision.
    Hardware(String),
    /// Serial number.
    Serial(String),
    /// A name, with its kind.
    Name(NameKind, String),
    /// Operating system.
    Os(String),
    /// What the device does.
    Role(Role),
    /// A free description the device gives of itself.
    Description(String),
    /// Where it stands, in the device's words.
    Location(String),
    /// Who is responsible, in the device's words.
    Contact(String),
    /// A second address of the same device (ARP, DHCP, DCP, LLDP management address).
    SameAs(Address),
    /// This address is behind that hardware address (weaker than `SameAs`: a router may stand between).
    SeenBehind(Address),
    /// VLAN seen in its frames.
    Vlan(u16),
    /// Mode or state the device reports (`run`, `stop`, `program`, key position).
    Mode(String),
    /// A service it offers: transport, port, protocol.
    Service { transport: &'static str, port: u16, protocol: &'static str },
    /// Connected to a port of a neighbour (LLDP, CDP): the neighbour's port name.
    Port(String),
    /// A fingerprint: kind (`ja3`, `ja4`, `dhcp_options`, `http_agent`, `ssh_banner`, `http_server`) and text.
    Fingerprint { kind: &'static str, text: String },
    /// Encryption or protection offered or required (`dnp3_secure_authentication`, `s7_password`).
    Protection(String),
}

impl Claim {
    /// The attribute this claim speaks about; claims of one attribute compete.
    pub fn attribute(&self) -> &'static str {
        match self {
            Claim::Vendor(_) => "vendor",
            Claim::VendorId { .. } => "vendor_id",
            Claim::Model(_) => "model",
            Claim::ProductCode { .. } => "product_code",
            Claim::OrderNumber(_) => "order_number",
            Claim::Firmware(_) => "firmware",
            Claim::Software(_) => "software",
            Claim::Hardware(_) => "hardware",
            Claim::Serial(_) => "serial",
            Claim::Name(kind, _) => match kind {
                NameKind::Host => "host_name",
                NameKind::Domain => "domain",
                NameKind::Station => "station_name",
                NameKind::System => "system_name",
                NameKind::User => "user",
                NameKind::Project => "project",
            },
            Claim::Os(_) => "os",
            Claim::Role(_) => "role",
            Claim::Description(_) => "description",
            Claim::Location(_) => "location",
            Claim::Contact(_) => "contact",
            Claim::SameAs(_) => "same_as",
            Claim::SeenBehind(_) => "seen_behind",
            Claim::Vlan(_) => "vlan",
            Claim::Mode(_) => "mode",
            Claim::Service { .. } => "service",
            Claim::Port(_) => "port",
            Claim::Fingerprint { .. } => "fingerprint",
            Claim::Protection(_) => "protection",
        }
    }
}

impl fmt::Display for Claim {
    /// The value alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Vendor(s)
            | Claim::Model(s)
            | Claim::OrderNumber(s)
            | Claim::Firmware(s)
            | Claim::Software(s)
            | Claim::Hardware(s)
            | Claim::Serial(s)
            | Claim::Name(_, s)
            | Claim::Os(s)
            | Claim::Description(s)
            | Claim::Location(s)
            | Claim::Contact(s)
            | Claim::Mode(s)
            | Claim::Port(s)
            | Claim::Protection(s) => f.write_str(s),
            Claim::VendorId { space, id } => write!(f, "{space}:{id}"),
            Claim::ProductCode { space, vendor, kind, code } => write!(f, "{space}:{vendor}/{kind}/{code}"),
            Claim::Role(role) => role.fmt(f),
            Claim::SameAs(a) | Claim::SeenBehind(a) => a.fmt(f),
            Claim::Vlan(v) => write!(f, "{v}"),
            Claim::Service { transport, port, protocol } => write!(f, "{transport}/{port} {protocol}"),
            Claim::Fingerprint { kind, text } => write!(f, "{kind} {text}"),
        }
    }
}

/// A claim about a subject, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What the claim is about.
    pub about: Subject,
    /// Who said it, where that is another host.
    pub by: Option<Host>,
    /// The claim.
    pub claim: Claim,
    /// How far to trust it.
    pub strength: Strength,
    /// The protocol that carried it.
    pub protocol: &'static str,
}
