//! What a device looks like once its evidence is added up.

use super::Reason;
use core::fmt;
use model::{Address, Host, Mac, NetworkId, Path, Stamp, Strength, Subject, Time};

/// Stable name of a device: a hash of the identity it hangs on (hardware address, else address, else way behind one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(pub u64);

impl fmt::Display for AssetId {
    /// Sixteen lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl AssetId {
    /// The id written by `Display`.
    pub fn parse(text: &str) -> Option<AssetId> {
        (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok().map(AssetId)).flatten()
    }
}

/// One thing a value rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The protocol that carried the claim; `knowledge` stands behind it where a table was asked.
    pub protocol: &'static str,
    /// Who said it, where that is not the device itself.
    pub by: Option<Host>,
    /// What exactly the claim was about.
    pub about: Subject,
    /// The claim as it stood on the wire, before any table was asked (`enip:1`, `00:1b:1b:…`).
    pub raw: String,
    /// First and last time it was seen.
    pub first: Stamp,
    /// Last time it was seen.
    pub last: Stamp,
    /// How often it was seen.
    pub count: u64,
}

/// A value and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The value chosen: strongest, then best supported, then latest.
    pub value: String,
    /// How far to trust it.
    pub strength: Strength,
    /// True where a person set it.
    pub by_hand: bool,
    /// What it rests on.
    pub because: Vec<Source>,
    /// Other values of the same strength, not explained by a change over time.
    pub conflicts: Vec<Other>,
    /// Values that held earlier and were followed by this one, oldest first.
    pub earlier: Vec<Other>,
}

/// A value that was not chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The value.
    pub value: String,
    /// How far to trust it.
    pub strength: Strength,
    /// What it rests on.
    pub because: Vec<Source>,
}

/// An address and when the device had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressUse {
    /// The address (IP or hardware).
    pub address: Address,
    /// First time it was seen on this device.
    pub first: Time,
    /// Last time.
    pub last: Time,
    /// Why it counts as this device's (`stated_together`, `only_address_behind`, …).
    pub reason: Reason,
    /// Hardware addresses that used the same address at the same time.
    pub contested_by: Vec<Mac>,
}

/// A conclusion with the reasons for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The word chosen (`plc`, `engineering_station`, …; a level's number).
    pub value: String,
    /// How far to trust it.
    pub strength: Strength,
    /// True where a person set it.
    pub by_hand: bool,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What else the evidence speaks for, with its reasons, best first.
    pub others: Vec<(String, Vec<Reason>)>,
}

/// A module in a rack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Rack number.
    pub rack: u8,
    /// Slot number.
    pub slot: u16,
    /// The way to it from the host.
    pub path: Path,
    /// Its name.
    pub name: Option<Attribute>,
    /// Maker.
    pub vendor: Option<Attribute>,
    /// Product name.
    pub model: Option<Attribute>,
    /// Order number.
    pub order_number: Option<Attribute>,
    /// Firmware version.
    pub firmware: Option<Attribute>,
    /// Hardware revision.
    pub hardware: Option<Attribute>,
    /// Serial number.
    pub serial: Option<Attribute>,
}

/// A unit, station or instance behind the device's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The way to it.
    pub path: Path,
    /// The unit number.
    pub number: u32,
    /// The device it is, where something sets it apart; else it is this device under another number.
    pub asset: Option<AssetId>,
    /// Why it is (or is not) a device of its own.
    pub reason: Reason,
}

/// A service the device offers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// `tcp` or `udp`.
    pub transport: &'static str,
    /// Port.
    pub port: u16,
    /// Protocol spoken there.
    pub protocol: &'static str,
    /// First time seen.
    pub first: Stamp,
    /// Last time seen.
    pub last: Stamp,
}

/// One body of a redundant pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Body {
    /// The body's own address.
    pub address: Address,
    /// The device it is, where it is known as one.
    pub asset: Option<AssetId>,
}

/// How much the plant depends on it, on a person's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Importance {
    /// `low`
    Low,
    /// `normal`, unless somebody says otherwise
    #[default]
    Normal,
    /// `high`
    High,
}

impl Importance {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Importance::Low => "low",
            Importance::Normal => "normal",
            Importance::High => "high",
        }
    }
}

/// A device: what the evidence about it adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Stable id.
    pub id: AssetId,
    /// Ids under which parts of it may have been known before (edits aimed at them still reach it).
    pub also: Vec<AssetId>,
    /// What to call it: a person's word, else the plant's name for it, else a host name, else its address.
    pub name: String,
    /// Where the name comes from; absent where the address stands in.
    pub named_by: Option<Attribute>,
    /// Network it stands in.
    pub network: NetworkId,
    /// What is directly known about: hosts, and ways behind hosts that are this device.
    pub subjects: Vec<Subject>,
    /// IP addresses with the time they were held, latest first.
    pub addresses: Vec<AddressUse>,
    /// Hardware addresses.
    pub macs: Vec<AddressUse>,
    /// Hardware addresses of routers it was seen behind.
    pub behind: Vec<Mac>,
    /// VLANs its frames carried.
    pub vlans: Vec<u16>,
    /// Host name.
    pub host_name: Option<Attribute>,
    /// Windows or DNS domain.
    pub domain: Option<Attribute>,
    /// The plant's own name for it (PROFINET station name, IED name, BACnet object name).
    pub station_name: Option<Attribute>,
    /// SNMP or LLDP system name.
    pub system_name: Option<Attribute>,
    /// Project or program loaded.
    pub project: Option<Attribute>,
    /// Users seen working on it.
    pub users: Vec<Attribute>,
    /// Maker, by its canonical name.
    pub vendor: Option<Attribute>,
    /// Product name.
    pub model: Option<Attribute>,
    /// Product family.
    pub family: Option<Attribute>,
    /// Order number.
    pub order_number: Option<Attribute>,
    /// Firmware version.
    pub firmware: Option<Attribute>,
    /// Software version that is not the firmware.
    pub software: Option<Attribute>,
    /// Hardware revision.
    pub hardware: Option<Attribute>,
    /// Serial number.
    pub serial: Option<Attribute>,
    /// Operating system.
    pub os: Option<Attribute>,
    /// Its description of itself.
    pub description: Option<Attribute>,
    /// Where it stands, in its own words.
    pub location: Option<Attribute>,
    /// Who is responsible, in its own words.
    pub contact: Option<Attribute>,
    /// Mode or state it reports; the latest word counts.
    pub mode: Option<Attribute>,
    /// Protection offered or required.
    pub protection: Vec<Attribute>,
    /// The neighbour's port it is connected to.
    pub port: Option<Attribute>,
    /// What kind of device it is, and why.
    pub device_type: Option<Judgement>,
    /// Purdue level (`0` to `5`), and why.
    pub level: Option<Judgement>,
    /// Protocols it speaks.
    pub protocols: Vec<&'static str>,
    /// Services it offers.
    pub services: Vec<Service>,
    /// Modules by rack and slot.
    pub modules: Vec<Module>,
    /// Units behind its address.
    pub units: Vec<Unit>,
    /// The device it is reached through.
    pub parent: Option<AssetId>,
    /// For a redundant thing: its bodies.
    pub bodies: Vec<Body>,
    /// First seen.
    pub first: Stamp,
    /// Last seen.
    pub last: Stamp,
    /// True for the internet: everything outside, as one.
    pub external: bool,
    /// How many addresses outside it stands for (the internet only; `addresses` shows the first).
    pub external_addresses: u64,
    /// Whether a person said it belongs here; nobody said anything: `None`.
    pub authorised: Option<bool>,
    /// A person's word: it may scan.
    pub scanner: bool,
    /// A person's word: it may program controllers.
    pub programming_device: bool,
    /// A person's word on what depends on it.
    pub importance: Importance,
    /// Notes by people, in order.
    pub notes: Vec<String>,
    /// What a reader should know about this device's identity (`duplicate_address`, `several_devices`, `replaced`).
    pub remarks: Vec<Reason>,
}

impl Asset {
    /// The order number, where it says more than the model: many makers use one text for both.
    pub fn order_number_beside_model(&self) -> Option<&Attribute> {
        let bare =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let model = self.model.as_ref().map(|m| bare(&m.value));
        self.order_number.as_ref().filter(|order| Some(bare(&order.value)) != model)
    }
}
