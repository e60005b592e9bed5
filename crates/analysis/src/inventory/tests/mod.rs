//! Every rule of the inventory, in facts.

mod behind;
mod distance;
mod identity;
mod it;
mod judged;
mod laws;
mod places;
mod plain;
mod scale;

use super::*;
use model::{
    Address, Claim, Class, Endpoint, Event, Evidence, FlowFact, FlowState, Host, Item, Mac, Outcome, Path, Stamp,
    Strength, Subject, Target, Time, Transaction, Value, What,
};
use std::net::IpAddr;

/// A few tables, enough to see that they are asked.
pub(super) struct Tables;

impl Names for Tables {
    fn oui(&self, mac: Mac) -> Option<String> {
        (mac.0[..3] == [0x00, 0x1b, 0x1b]).then(|| "Siemens AG".into())
    }
    fn cip_vendor(&self, id: u32) -> Option<String> {
        (id == 1).then(|| "Rockwell Automation/Allen-Bradley".into())
    }
    fn cip_device_type(&self, kind: u32) -> Option<String> {
        (kind == 14).then(|| "plc".into())
    }
    fn bacnet_vendor(&self, _: u32) -> Option<String> {
        None
    }
    fn enterprise(&self, _: u32) -> Option<String> {
        None
    }
    fn profinet_vendor(&self, id: u32) -> Option<String> {
        (id == 42).then(|| "SIEMENS".into())
    }
    fn vendor(&self, text: &str) -> Option<String> {
        let known = [("siemens", "Siemens"), ("rockwell", "Rockwell Automation")];
        known.iter().find(|(word, _)| text.to_lowercase().starts_with(word)).map(|(_, name)| (*name).into())
    }
    fn order_number(&self, text: &str) -> Option<Product> {
        text.starts_with("6ES7 315").then(|| Product {
            vendor: Some("Siemens".into()),
            family: Some("SIMATIC S7-300".into()),
            product: Some("CPU 315".into()),
            device_type: Some("plc".into()),
        })
    }
    fn product_name(&self, text: &str) -> Option<Product> {
        let known = [("Panel", "hmi"), ("OptiPlex", "workstation")];
        let (_, kind) = known.iter().find(|(word, _)| text.starts_with(word))?;
        Some(Product { device_type: Some((*kind).into()), ..Product::default() })
    }
    fn os(&self, kind: &str, text: &str) -> Option<String> {
        (kind == "ntlm" && text == "6.1.7601").then(|| "Windows 7".into())
    }
    fn level(&self, device_type: &str) -> Option<String> {
        let level = match device_type {
            "plc" | "rtu" => "1",
            "hmi" | "engineering_station" => "2",
            "workstation" => "4",
            _ => return None,
        };
        Some(level.to_string())
    }
}

pub(super) fn ip(text: &str) -> Host {
    Host::new(Address::Ip(text.parse::<IpAddr>().unwrap()))
}

pub(super) fn hw(last: u8) -> Mac {
    Mac([0x00, 0x1b, 0x1b, 0, 0, last])
}

pub(super) fn mac(last: u8) -> Host {
    Host::new(hw(last))
}

/// Facts in order; each helper adds one at the given second.
#[derive(Clone, Default)]
pub(super) struct Facts(pub Vec<Event>);

impl Facts {
    pub fn at(&mut self, second: i64, what: What) -> &mut Facts {
        let frame = self.0.len() as u64 + 1;
        self.0.push(Event { at: Stamp { time: Time(second * Time::SECOND), frame, index: 0 }, what });
        self
    }

    pub fn says(&mut self, second: i64, about: Subject, protocol: &'static str, claim: Claim) -> &mut Facts {
        let evidence = Evidence { about, by: None, claim, strength: Strength::Stated, protocol };
        self.at(second, What::Evidence(evidence))
    }

    pub fn arp(&mut self, second: i64, mac: Mac, address: &str) -> &mut Facts {
        self.says(second, Subject::host(ip(address)), "arp", Claim::SameAs(Address::Mac(mac)))
    }

    pub fn flow(&mut self, second: i64, client: (&str, u8), server: (&str, u8), port: u16) -> &mut Facts {
        let flow = flow(second, client, server, port);
        self.at(second, What::Flow(flow))
    }

    pub fn acts(&mut self, second: i64, actor: &str, subject: &str, what: (&'static str, Class)) -> &mut Facts {
        let t = transaction(second, ip(actor), ip(subject), what);
        self.at(second, What::Transaction(t))
    }

    pub fn inventory(&self) -> Inventory {
        let mut inventory = Inventory::new(SourceId(1));
        self.0.iter().for_each(|event| inventory.see(event));
        inventory
    }

    pub fn assets(&self) -> Vec<Asset> {
        assets(&self.inventory(), &Tables, &[])
    }
}

pub(super) fn flow(second: i64, client: (&str, u8), server: (&str, u8), port: u16) -> FlowFact {
    let stamp = |s: i64| Stamp { time: Time(s * Time::SECOND), frame: 1, index: 0 };
    FlowFact {
        client: Endpoint { host: ip(client.0), port: 40_000 },
        server: Endpoint { host: ip(server.0), port },
        opened: true,
        macs: [Some(hw(client.1)), Some(hw(server.1))],
        ttl: [0, 0],
        vlan: None,
        transport: "tcp",
        kind: 0,
        protocol: Some("modbus"),
        frames: [10, 10],
        bytes: [100, 100],
        not_understood: [0, 0],
        first: stamp(second),
        last: stamp(second + 1),
        answered: true,
        reset: false,
        lost_bytes: 0,
        state: FlowState::Ended,
        shape: None,
    }
}

pub(super) fn transaction(second: i64, actor: Host, subject: Host, what: (&'static str, Class)) -> Transaction {
    let stamp = Stamp { time: Time(second * Time::SECOND), frame: 1, index: 0 };
    Transaction {
        protocol: what.0,
        operation: "some_operation",
        code: 3,
        class: what.1,
        actor: Endpoint { host: actor, port: 40_000 },
        subject: Endpoint { host: subject, port: 502 },
        roles_known: true,
        path: Path::HOST,
        items: Vec::new(),
        fields: Vec::new(),
        outcome: Outcome::Ok,
        asked: Some(stamp),
        latency: Some(1_000_000),
        repeats: 1,
        first: stamp,
        novel: true,
    }
}

pub(super) fn words(at: u64, words: &[u16]) -> Item {
    let count = words.len() as u32;
    let target = Target { space: "holding", first: at, count, name: format!("holding:{at}") };
    Item { target, value: Value::Words(words.to_vec()) }
}

/// The device with an address.
pub(super) fn of<'a>(assets: &'a [Asset], address: &str) -> &'a Asset {
    let address = Address::Ip(address.parse::<IpAddr>().unwrap());
    let mut found = assets.iter().filter(|a| a.addresses.iter().any(|u| u.address == address));
    let first = found.next().unwrap_or_else(|| panic!("nobody has {address}"));
    assert!(found.next().is_none(), "two devices have {address}");
    first
}

pub(super) fn names(assets: &[Asset]) -> Vec<&str> {
    let mut names: Vec<&str> = assets.iter().map(|a| a.name.as_str()).collect();
    names.sort_unstable();
    names
}

pub(super) fn remark<'a>(asset: &'a Asset, id: &str) -> Option<&'a Reason> {
    asset.remarks.iter().find(|r| r.id == id)
}

pub(super) fn value(attribute: &Option<Attribute>) -> Option<&str> {
    attribute.as_ref().map(|a| a.value.as_str())
}
