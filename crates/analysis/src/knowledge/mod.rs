//! What is known beforehand: names for numbers, makers, products, operating systems, techniques. Data, not code:
//! the tables are `knowledge/<set>/`, each with its source and cases. Names are looked up at the moment of
//! judgement, so a better table improves old evidence.
//!
//! A default pack is embedded; `Knowledge::from_files` takes a newer one from wherever the caller reads it.

mod files;
mod hardware;
mod pattern;
mod table;
#[cfg(test)]
mod tests;
mod vendors;

pub use files::EMBEDDED;
pub use pattern::MAX_TEXT;
pub use table::{Fault, Faults, MAX_FAULTS, MAX_ROWS};

use hardware::Hardware;
use pattern::{Folded, Pattern, Rule, decide};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use table::{File, Numbers, map};
use vendors::Vendors;

/// What an order number or a product's own words say about it. Words of `device_type` are those of
/// `knowledge/device-types.txt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Maker, canonical.
    pub vendor: String,
    /// Product family, as advisories name it.
    pub family: String,
    /// The product, where the rule says more than the family.
    pub product: Option<String>,
    /// What kind of device it is.
    pub device_type: String,
}

/// An operating system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Os {
    /// `windows`, `linux`, `macos`, `vxworks`, …
    pub family: String,
    /// As a person would name it; several names where the sign cannot tell them apart.
    pub name: String,
}

/// A CIP device profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    /// Its name.
    pub name: &'a str,
    /// What kind of device it is, where the profile says.
    pub device_type: Option<&'a str>,
}

/// Where a kind of device usually stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Purdue level: `0`, `1`, `2`, `3`, `3.5`, `4` or `5`.
    pub level: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// An ATT&CK for ICS technique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Technique {
    /// `T0855`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its tactics, in `snake_case`.
    pub tactics: Vec<String>,
}

/// All sets, read.
pub struct Knowledge {
    vendors: Vendors,
    types: BTreeSet<String>,
    oui: Hardware,
    cip: Numbers,
    profiles: Numbers,
    bacnet: Numbers,
    enterprise: Numbers,
    profinet: Numbers,
    orders: Vec<Rule<Product>>,
    names: Vec<Rule<Product>>,
    os: BTreeMap<String, Vec<Rule<Os>>>,
    levels: BTreeMap<String, Level>,
    techniques: BTreeMap<String, Technique>,
    credentials: BTreeMap<String, String>,
    ports: BTreeMap<String, String>,
}

impl Knowledge {
    /// The default pack. Its faults are a failing test, so they are not handed out.
    pub fn embedded() -> Knowledge {
        Self::from_files(&|_| None).0
    }

    /// Reads a pack: `read` gives the text of a file named as in `EMBEDDED`; the embedded text serves for those it
    /// does not have. Rows that cannot be read are left out and said.
    pub fn from_files(read: &dyn Fn(&str) -> Option<Cow<'static, str>>) -> (Knowledge, Faults) {
        let mut faults = Faults::default();
        let f = &mut faults;
        let file =
            |name: &'static str| File { name, text: read(name).unwrap_or_else(|| Cow::Borrowed(embedded(name))) };
        let types = map(&file("device-types.txt"), f, |cells| Some((cells.first()?.to_string(), ())));
        let types: BTreeSet<String> = types.into_keys().collect();
        let knowledge = Knowledge {
            vendors: Vendors::new(&file("vendors.tsv"), f),
            oui: Hardware::new(file("oui/oui.tsv"), f),
            cip: Numbers::new(file("enip-vendors/vendors.tsv"), f),
            profiles: Numbers::new(file("cip-device-types/types.tsv"), f),
            bacnet: Numbers::new(file("bacnet-vendors/vendors.tsv"), f),
            enterprise: Numbers::new(file("enterprise-numbers/numbers.tsv"), f),
            profinet: Numbers::new(file("profinet-vendors/vendors.tsv"), f),
            orders: products(&file("order-numbers/rules.tsv"), &types, Pattern::ties_leading, f),
            names: products(&file("product-names/rules.tsv"), &types, Pattern::ties_within, f),
            os: systems(&file("os-fingerprints/rules.tsv"), f),
            levels: levels(&file("purdue/levels.tsv"), &types, f),
            techniques: techniques(&file("attack-ics/techniques.tsv"), f),
            credentials: credentials(&file("default-credentials/hashes.tsv"), f),
            ports: ports(&file("ports/ports.tsv"), f),
            types,
        };
        (knowledge, faults)
    }

    /// Maker of a hardware address (IEEE MA-L, MA-M, MA-S), canonical. `None` for group and local addresses.
    pub fn oui(&self, mac: [u8; 6]) -> Option<&str> {
        self.oui.get(mac).map(|name| self.vendor(name))
    }

    /// Maker of an ODVA vendor id.
    pub fn cip_vendor(&self, id: u32) -> Option<&str> {
        self.cip.get(id).map(|name| self.vendor(name))
    }

    /// CIP device profile of a device type number.
    pub fn cip_device_type(&self, id: u32) -> Option<Profile<'_>> {
        let (name, word) = self.profiles.get(id)?.split_once('\t')?;
        Some(Profile { name, device_type: self.types.get(word).map(String::as_str) })
    }

    /// Maker of an ASHRAE vendor id.
    pub fn bacnet_vendor(&self, id: u32) -> Option<&str> {
        self.bacnet.get(id).map(|name| self.vendor(name))
    }

    /// Organisation of an IANA private enterprise number (the arc below 1.3.6.1.4.1).
    pub fn enterprise(&self, number: u32) -> Option<&str> {
        self.enterprise.get(number).map(|name| self.vendor(name))
    }

    /// Maker of a PROFINET vendor id.
    pub fn profinet_vendor(&self, id: u32) -> Option<&str> {
        self.profinet.get(id).map(|name| self.vendor(name))
    }

    /// The canonical name of a maker, or the text itself where it is not known.
    pub fn vendor<'a>(&'a self, text: &'a str) -> &'a str {
        self.vendors.canonical(text)
    }

    /// What an order or catalogue number says.
    pub fn order_number(&self, text: &str) -> Option<&Product> {
        let text = Folded::new(text);
        decide(&self.orders, |pattern| pattern.leads(&text))
    }

    /// What a product's own words say (model, description, banner); an order number at the start counts too.
    pub fn product_name(&self, text: &str) -> Option<&Product> {
        let folded = Folded::new(text);
        decide(&self.names, |pattern| pattern.within(&folded)).or_else(|| self.order_number(text))
    }

    /// The operating system behind a sign. Kinds: `ntlm` (`6.1.7601`), `smb_native_os`, `smb_dialect`,
    /// `rdp_client_build`, `dhcp_vendor_class`, `dhcp_options` (`1,3,6`), `http_agent`, `http_server`, `ssh_banner`, `description`.
    pub fn os(&self, kind: &str, text: &str) -> Option<&Os> {
        let text = Folded::new(text);
        decide(self.os.get(kind)?, |pattern| pattern.within(&text))
    }

    /// The usual Purdue level of a device type.
    pub fn level(&self, device_type: &str) -> Option<&Level> {
        self.levels.get(device_type)
    }

    /// An ATT&CK for ICS technique.
    pub fn technique(&self, id: &str) -> Option<&Technique> {
        self.techniques.get(id)
    }

    /// SHA-256 of `user:password` of every published default credential known.
    pub fn default_credentials(&self) -> Vec<[u8; 32]> {
        let byte = |hex: &str, i: usize| hex.get(i * 2..i * 2 + 2).and_then(|b| u8::from_str_radix(b, 16).ok());
        let hash = |hex: &String| (0..32).map(|i| byte(hex, i)).collect::<Option<Vec<u8>>>()?.try_into().ok();
        self.credentials.keys().filter_map(hash).collect()
    }

    /// Whose factory-set credential has this SHA-256 (of `user:password`).
    pub fn default_credential(&self, hash: &[u8; 32]) -> Option<&str> {
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.credentials.get(&hex).map(String::as_str)
    }

    /// What a port is usually for: a hint for a person, never a conclusion. `transport` is `tcp` or `udp`.
    pub fn usual_port(&self, transport: &str, port: u16) -> Option<&str> {
        self.ports.get(&format!("{transport}/{port}")).map(String::as_str)
    }

    /// Is the word in the vocabulary of device types?
    pub fn is_device_type(&self, word: &str) -> bool {
        self.types.contains(word)
    }
}

fn embedded(name: &str) -> &'static str {
    EMBEDDED.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

/// `pattern<TAB>vendor<TAB>family<TAB>product or -<TAB>device type`. Equally specific rules that can fit one text
/// and disagree are faults: both stay, and decide nothing where both fit.
fn products(file: &File, types: &BTreeSet<String>, tie: Tie, faults: &mut Faults) -> Vec<Rule<Product>> {
    let mut rules: Vec<Rule<Product>> = Vec::new();
    for (line, [pattern, vendor, family, product, device_type]) in file.columns::<5>(faults) {
        let Some(pattern) = Pattern::new(pattern) else {
            faults.add(file.name, line, "the pattern says nothing");
            continue;
        };
        if !types.contains(device_type) {
            faults.add(file.name, line, "not a device type of the vocabulary");
            continue;
        }
        let meaning = Product {
            vendor: vendor.to_string(),
            family: family.to_string(),
            product: Some(product).filter(|p| *p != "-").map(str::to_string),
            device_type: device_type.to_string(),
        };
        rules.push(Rule { pattern, meaning, line });
    }
    rules.sort_by_key(|rule| rule.pattern.specificity());
    ties(file.name, &rules, tie, faults);
    rules
}

/// Can two patterns fit one text equally well, in the way their table is read?
type Tie = fn(&Pattern, &Pattern) -> bool;

/// Finds equally specific rules that overlap and disagree; the rules are sorted by specificity.
fn ties<T: PartialEq>(file: &'static str, rules: &[Rule<T>], tie: Tie, faults: &mut Faults) {
    for (at, rule) in rules.iter().enumerate() {
        let equals = rules.iter().skip(at.saturating_add(1));
        for other in equals.take_while(|other| other.pattern.specificity() == rule.pattern.specificity()) {
            if tie(&rule.pattern, &other.pattern) && rule.meaning != other.meaning {
                faults.add(file, other.line.max(rule.line), "as specific as another rule, and disagrees with it");
            }
        }
    }
}

fn systems(file: &File, faults: &mut Faults) -> BTreeMap<String, Vec<Rule<Os>>> {
    let mut out: BTreeMap<String, Vec<Rule<Os>>> = BTreeMap::new();
    for (line, [kind, pattern, family, name]) in file.columns::<4>(faults) {
        match Pattern::new(pattern) {
            Some(pattern) => {
                let meaning = Os { family: family.to_string(), name: name.to_string() };
                out.entry(kind.to_string()).or_default().push(Rule { pattern, meaning, line });
            }
            None => faults.add(file.name, line, "the pattern says nothing"),
        }
    }
    for rules in out.values_mut() {
        rules.sort_by_key(|rule| rule.pattern.specificity());
        ties(file.name, rules, Pattern::ties_within, faults);
    }
    out
}

fn levels(file: &File, types: &BTreeSet<String>, faults: &mut Faults) -> BTreeMap<String, Level> {
    map(file, faults, |cells| {
        let [word, level, reason] = cells else { return None };
        let known = types.contains(*word) && ["0", "1", "2", "3", "3.5", "4", "5"].contains(level);
        known.then(|| (word.to_string(), Level { level: level.to_string(), reason: reason.to_string() }))
    })
}

fn techniques(file: &File, faults: &mut Faults) -> BTreeMap<String, Technique> {
    map(file, faults, |cells| {
        let [id, name, tactics] = cells else { return None };
        let tactics = tactics.split_ascii_whitespace().map(str::to_string).collect();
        Some((id.to_string(), Technique { id: id.to_string(), name: name.to_string(), tactics }))
    })
}

fn credentials(file: &File, faults: &mut Faults) -> BTreeMap<String, String> {
    map(file, faults, |cells| {
        let [hash, product] = cells else { return None };
        let whole = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        whole.then(|| (hash.to_string(), product.to_string()))
    })
}

fn ports(file: &File, faults: &mut Faults) -> BTreeMap<String, String> {
    map(file, faults, |cells| {
        let [transport, port, service] = cells else { return None };
        let port: u16 = port.parse().ok()?;
        ["tcp", "udp"].contains(transport).then(|| (format!("{transport}/{port}"), service.to_string()))
    })
}
