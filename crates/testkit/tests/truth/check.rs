//! What an analysis says, held against what is true.

use crate::table::{Device, JUDGED, Row, Truth, is_hardware};
use analysis::inventory::{Asset, Attribute, Judgement, Module};
use model::{Hop, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with the inventory of one capture.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Assets that are no device of the table.
    pub phantoms: Vec<String>,
    /// Devices no asset stands for.
    pub missing: Vec<String>,
    /// One asset for two devices, two assets for one, an address at the wrong device.
    pub merges: Vec<String>,
    /// Firmware that is not the device's.
    pub wrong_firmware: Vec<String>,
    /// Another identity value that is not the device's.
    pub wrong_values: Vec<String>,
    /// Values on the wire: reported, all, and which are missed.
    pub wire: Share,
    /// Judged rows (type, level).
    pub judged: Share,
}

/// Rows reported of all rows.
#[derive(Clone, Debug, Default)]
pub struct Share {
    pub held: usize,
    pub all: usize,
    pub missed: Vec<String>,
}

impl Share {
    fn count(&mut self, held: bool, miss: String) {
        self.all += 1;
        if held {
            self.held += 1;
        } else {
            self.missed.push(miss);
        }
    }

    /// Adds another capture's share.
    pub fn add(&mut self, other: &Share) {
        self.held += other.held;
        self.all += other.all;
    }

    /// Rows held per thousand.
    pub fn per_thousand(&self) -> usize {
        (1000 * self.held).checked_div(self.all).unwrap_or(1000)
    }
}

impl Verdict {
    /// What may never be, in words.
    pub fn errors(&self) -> Vec<String> {
        let lists = [
            ("phantom", &self.phantoms),
            ("missing", &self.missing),
            ("merge", &self.merges),
            ("wrong firmware", &self.wrong_firmware),
            ("wrong value", &self.wrong_values),
        ];
        lists.iter().flat_map(|(word, list)| list.iter().map(move |l| format!("{word}: {l}"))).collect()
    }
}

/// Attributes an analysis may not say anything about that the table does not say.
const STRICT: &[&str] = &[
    "host_name",
    "domain",
    "station_name",
    "system_name",
    "model",
    "order_number",
    "firmware",
    "hardware",
    "serial",
    "os",
];

/// Holds the assets against the table.
pub fn check(truth: &Truth, assets: &[Asset]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut shown: BTreeMap<&str, Vec<&Asset>> = BTreeMap::new();
    for asset in assets {
        let found = devices_of(truth, asset);
        match found[..] {
            [] => verdict.phantoms.push(title(asset)),
            [one] => shown.entry(one).or_default().push(asset),
            _ => verdict.merges.push(format!("{} is {}", title(asset), found.join(" and "))),
        }
        for one in found {
            let device = &truth.devices[one];
            let stray: Vec<String> = plain_keys(asset).into_iter().filter(|k| !device.keys.contains(k)).collect();
            if !stray.is_empty() && !asset.external {
                verdict.merges.push(format!("{one} is shown with {}, not its own", stray.join(", ")));
            }
        }
    }
    for (name, device) in truth.devices.iter().filter(|(_, d)| d.inside.is_none()) {
        let list = shown.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let modules = truth.devices.iter().filter(|(_, d)| d.inside.as_ref().is_some_and(|(owner, _)| owner == name));
        let modules: Vec<(&String, &Device)> = modules.collect();
        match list {
            [] if device.silent => continue,
            [] => {
                verdict.missing.push(name.clone());
                let rows = device.rows.iter().chain(modules.iter().flat_map(|(_, m)| &m.rows));
                rows.for_each(|row| share(&mut verdict, row).count(false, told(name, row)));
            }
            [asset] => {
                device_rows(&mut verdict, name, device, asset);
                module_rows(&mut verdict, name, &modules, asset);
            }
            several => {
                let titles: Vec<String> = several.iter().map(|a| title(a)).collect();
                verdict.merges.push(format!("{name} is shown as {}", titles.join(" and ")));
                several.iter().for_each(|asset| device_rows(&mut verdict, name, device, asset));
            }
        }
    }
    verdict
}

fn title(asset: &Asset) -> String {
    format!("{} ({})", asset.name, keys(asset).into_iter().collect::<Vec<_>>().join(", "))
}

/// Addresses of an asset; one it only claims against their holder is not among them.
fn plain_keys(asset: &Asset) -> BTreeSet<String> {
    let own = |a: &&analysis::inventory::AddressUse| a.contested_by.is_empty() || asset.macs.is_empty();
    let ips = asset.addresses.iter().filter(own);
    ips.chain(&asset.macs).map(|a| a.address.to_string().to_lowercase()).collect()
}

/// Everything an asset is known by.
fn keys(asset: &Asset) -> BTreeSet<String> {
    if asset.external {
        return BTreeSet::from(["internet".to_string()]);
    }
    let mut keys = plain_keys(asset);
    let ways = asset.subjects.iter().filter(|s| !s.path.is_host());
    let slot = |s: &&Subject| s.path.hops().any(|h| matches!(h, Hop::Slot { .. }));
    for way in ways.filter(|s| !slot(s)) {
        keys.insert(way.to_string().to_lowercase());
        // an instance on another network is what its station address says
        let mut path = way.path;
        while matches!(path.last(), Some(Hop::Instance(_))) && !path.parent().is_host() {
            path = path.parent();
            keys.insert(Subject { path, ..*way }.to_string().to_lowercase());
        }
    }
    keys
}

fn devices_of<'a>(truth: &'a Truth, asset: &Asset) -> Vec<&'a str> {
    let keys = keys(asset);
    let holders = |key: &str| truth.devices.values().filter(|d| d.keys.contains(key)).count();
    let own = |device: &Device| {
        let mut shared = keys.iter().filter(|k| device.keys.contains(*k));
        // An address that moved from device to device tells nothing by itself.
        shared.any(|k| is_hardware(k) || holders(k) == 1)
    };
    let all = truth.devices.iter().filter(|(_, d)| d.inside.is_none());
    let sure: Vec<&str> = all.clone().filter(|(_, d)| own(d)).map(|(name, _)| name.as_str()).collect();
    if !sure.is_empty() {
        return sure;
    }
    all.filter(|(_, d)| keys.iter().any(|k| d.keys.contains(k))).map(|(name, _)| name.as_str()).take(1).collect()
}

fn told(name: &str, row: &Row) -> String {
    format!("{name} {} {}", row.what, row.value)
}

fn share<'a>(verdict: &'a mut Verdict, row: &Row) -> &'a mut Share {
    if row.on_wire { &mut verdict.wire } else { &mut verdict.judged }
}

/// A value and those beside it.
struct Said {
    value: String,
    beside: Vec<String>,
}

fn said(attribute: &Option<Attribute>) -> Option<Said> {
    let a = attribute.as_ref()?;
    let beside = a.conflicts.iter().chain(&a.earlier).map(|o| o.value.clone()).collect();
    Some(Said { value: a.value.clone(), beside })
}

fn judged(judgement: &Option<Judgement>) -> Option<Said> {
    judgement.as_ref().map(|j| Said { value: j.value.clone(), beside: Vec::new() })
}

fn value_of(asset: &Asset, what: &str) -> Option<Said> {
    match what {
        "host_name" => said(&asset.host_name),
        "domain" => said(&asset.domain),
        "station_name" => said(&asset.station_name),
        "system_name" => said(&asset.system_name),
        "vendor" => said(&asset.vendor),
        "model" => said(&asset.model),
        "family" => said(&asset.family),
        "order_number" => said(&asset.order_number),
        "firmware" => said(&asset.firmware),
        "software" => said(&asset.software),
        "hardware" => said(&asset.hardware),
        "serial" => said(&asset.serial),
        "os" => said(&asset.os),
        "description" => said(&asset.description),
        "location" => said(&asset.location),
        "contact" => said(&asset.contact),
        "project" => said(&asset.project),
        "mode" => said(&asset.mode),
        "name" => Some(Said { value: asset.name.clone(), beside: Vec::new() }),
        "type" => judged(&asset.device_type),
        "level" => judged(&asset.level),
        _ => several(asset, what),
    }
}

fn several(asset: &Asset, what: &str) -> Option<Said> {
    let mut all: Vec<String> = match what {
        "user" => asset.users.iter().map(|a| a.value.clone()).collect(),
        "unit" => asset.units.iter().map(|u| u.number.to_string()).collect(),
        "vlan" => asset.vlans.iter().map(u16::to_string).collect(),
        other => panic!("no such word for a device: {other}"),
    };
    let value = all.pop()?;
    Some(Said { value, beside: all })
}

fn value_of_module(module: &Module, what: &str) -> Option<Said> {
    match what {
        "name" => said(&module.name),
        "vendor" => said(&module.vendor),
        "model" => said(&module.model),
        "order_number" => said(&module.order_number),
        "firmware" => said(&module.firmware),
        "hardware" => said(&module.hardware),
        "serial" => said(&module.serial),
        "module" => Some(Said { value: module.path.to_string(), beside: Vec::new() }),
        other => panic!("no such word for a module: {other}"),
    }
}

fn device_rows(verdict: &mut Verdict, name: &str, device: &Device, asset: &Asset) {
    rows(verdict, name, device, |what| value_of(asset, what), STRICT);
}

fn module_rows(verdict: &mut Verdict, name: &str, modules: &[(&String, &Device)], asset: &Asset) {
    const STRICT_IN_MODULE: &[&str] = &["model", "order_number", "firmware", "hardware", "serial"];
    let way = |d: &Device| d.inside.as_ref().map(|(_, way)| way.clone()).unwrap_or_default();
    for module in &asset.modules {
        if !modules.iter().any(|(_, d)| way(d) == module.path.to_string()) {
            verdict.phantoms.push(format!("module {} of {name}", module.path));
        }
    }
    for (key, listed) in modules {
        match asset.modules.iter().find(|m| m.path.to_string() == way(listed)) {
            Some(module) => rows(verdict, key, listed, |what| value_of_module(module, what), STRICT_IN_MODULE),
            None => {
                verdict.wire.count(false, format!("{key} (the module)"));
                listed.rows.iter().for_each(|row| share(verdict, row).count(false, told(key, row)));
            }
        }
    }
}

fn rows(verdict: &mut Verdict, name: &str, device: &Device, value: impl Fn(&str) -> Option<Said>, strict: &[&str]) {
    for row in &device.rows {
        let ours = value(&row.what);
        let held = ours.as_ref().is_some_and(|said| {
            let mut all = std::iter::once(&said.value).chain(&said.beside);
            all.any(|v| meant(&row.value).any(|listed| same(&row.what, listed, v)))
        });
        let miss = match (&ours, row.on_wire) {
            (Some(said), _) => format!("{}, we say {}", told(name, row), said.value),
            (None, _) => told(name, row),
        };
        share(verdict, row).count(held, miss);
    }
    let listed: BTreeSet<&str> = device.rows.iter().map(|r| r.what.as_str()).chain(strict.iter().copied()).collect();
    for what in listed {
        // Judged rows, sets and the display name are counted above, they cannot be contradicted.
        if JUDGED.contains(&what) || matches!(what, "user" | "unit" | "vlan" | "module" | "name") {
            continue;
        }
        let Some(ours) = value(what) else { continue };
        let own = device.rows.iter().filter(|r| r.what == what).flat_map(|r| meant(&r.value));
        if !own.clone().any(|listed| same(what, listed, &ours.value)) {
            let listed = own.collect::<Vec<_>>().join(", ");
            let line =
                format!("{name} {what} {} (true: {})", ours.value, if listed.is_empty() { "none" } else { &listed });
            if what == "firmware" { &mut verdict.wrong_firmware } else { &mut verdict.wrong_values }.push(line);
        }
    }
}

/// The value as it stands (`Windows 7 or Server 2008 R2` is one name), and the alternatives in it.
fn meant(value: &str) -> impl Iterator<Item = &str> + Clone {
    std::iter::once(value).chain(value.split(" or "))
}

/// Whether two spellings mean the same.
fn same(what: &str, listed: &str, ours: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (listed, ours) = (plain(listed), plain(ours));
    match what {
        // `Siemens` and `Siemens AG` are one maker.
        "vendor" => {
            let bare = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let (a, b) = (bare(&listed), bare(&ours));
            !a.is_empty() && !b.is_empty() && (a.starts_with(&b) || b.starts_with(&a))
        }
        // `V2.6` and `2.6` are one version, `20.012` and `20.12` too.
        "firmware" | "software" | "hardware" => version(&listed) == version(&ours),
        _ => listed == ours,
    }
}

fn version(text: &str) -> Vec<String> {
    let part = |p: &str| match p.trim_start_matches('0') {
        "" => "0".to_string(),
        rest => rest.to_string(),
    };
    text.trim_start_matches('v').split('.').map(|p| part(p.trim())).collect()
}
