//! Choosing values: strength, then directness, then support, then recency; what differs is shown.

use super::facts::{Fact, Span};
use super::group::Group;
use crate::inventory::{Attribute, Names, Other, Product, Source};
use model::{Claim, Mac, NameKind, Stamp, Strength};
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Different names that others ask a device for (in TLS, HTTP) before they are taken for names of what it serves or passes
/// on, as at a proxy or a shared web server, and none of them for its own.
const MAX_GIVEN_NAMES: usize = 2;

/// A value somebody stands for.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub value: String,
    pub strength: Strength,
    /// 2: said in so many words; 1: looked up from a number; 0: looked up from the hardware address.
    pub direct: u8,
    pub source: Source,
}

/// Facts of one device or module, as candidates for its attributes.
pub(super) struct Values<'a> {
    facts: &'a [Fact],
    names: &'a dyn Names,
    products: OnceCell<Vec<(&'a Fact, &'a str, bool, Product)>>,
}

struct Standing {
    value: String,
    strength: Strength,
    direct: u8,
    span: Span,
    sources: Vec<Source>,
    protocols: BTreeSet<&'static str>,
}

/// Two spellings of one value compare equal.
fn same(value: &str) -> String {
    let lower: String = value.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    match lower.strip_prefix('v') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_string(),
        _ => lower,
    }
}

/// The value as a person should see it.
fn clean(value: &str) -> String {
    value.trim_matches(|c: char| c.is_whitespace() || c.is_control()).to_string()
}

/// Chooses among candidates.
pub(super) fn choose(candidates: Vec<Candidate>, latest_wins: bool) -> Option<Attribute> {
    let mut options: BTreeMap<String, Standing> = BTreeMap::new();
    for candidate in candidates {
        let value = clean(&candidate.value);
        if value.is_empty() {
            continue;
        }
        let (a, b) = (candidate.source.first.time, candidate.source.last.time);
        let span = Span { first: a.min(b), last: a.max(b), count: candidate.source.count };
        let option = options.entry(same(&value)).or_insert_with(|| Standing {
            value: value.clone(),
            strength: candidate.strength,
            direct: candidate.direct,
            span,
            sources: Vec::new(),
            protocols: BTreeSet::new(),
        });
        if (candidate.strength, candidate.direct) > (option.strength, option.direct) {
            (option.strength, option.direct, option.value) = (candidate.strength, candidate.direct, value);
        }
        option.span = if option.sources.is_empty() { span } else { option.span.join(span) };
        option.protocols.insert(candidate.source.protocol);
        option.sources.push(candidate.source);
    }
    let mut options: Vec<Standing> = options.into_values().collect();
    let best = options.iter().map(|o| (o.strength, o.direct)).max()?;
    // A value the same protocol replaced by another one later is history, not a contradiction.
    let replaced: Vec<bool> = options
        .iter()
        .map(|a| {
            options.iter().any(|b| {
                (b.strength, b.direct) == best && b.span.first > a.span.last && !a.protocols.is_disjoint(&b.protocols)
            })
        })
        .collect();
    for option in &mut options {
        option.sources.sort();
        option.sources.dedup();
    }
    let mut current = Vec::new();
    let mut earlier = Vec::new();
    for (option, replaced) in options.into_iter().zip(replaced) {
        match replaced {
            true => earlier.push(option),
            false if (option.strength, option.direct) == best => current.push(option),
            false => {}
        }
    }
    current.sort_by_key(|o| {
        let recent = if latest_wins { o.span.last } else { model::Time(0) };
        // how often and how late a thing was told depends on how the traffic was cut into captures; by how many
        // protocols and when first does not
        (Reverse(recent), Reverse(o.protocols.len()), o.span.first, o.value.clone())
    });
    earlier.sort_by(|a, b| (a.span.last, &a.value).cmp(&(b.span.last, &b.value)));
    let other = |o: Standing| Other { value: o.value, strength: o.strength, because: o.sources };
    let mut current = current.into_iter();
    let chosen = current.next()?;
    Some(Attribute {
        value: chosen.value,
        strength: chosen.strength,
        by_hand: false,
        because: chosen.sources,
        conflicts: current.map(other).collect(),
        earlier: earlier.into_iter().map(other).collect(),
    })
}

impl<'a> Values<'a> {
    pub fn new(facts: &'a [Fact], names: &'a dyn Names) -> Values<'a> {
        Values { facts, names, products: OnceCell::new() }
    }

    fn claims(&self) -> impl Iterator<Item = (&'a Fact, &'a Claim)> + use<'a> {
        self.facts.iter().filter_map(|f| f.claim().map(|c| (f, c)))
    }

    /// Candidates said in so many words.
    fn said(&self, text: impl Fn(&Claim) -> Option<&String>) -> Vec<Candidate> {
        self.claims()
            .filter_map(|(fact, claim)| {
                text(claim).map(|value| Candidate {
                    value: value.clone(),
                    strength: fact.strength,
                    direct: 2,
                    source: fact.source(),
                })
            })
            .collect()
    }

    pub fn text(&self, text: impl Fn(&Claim) -> Option<&String>) -> Option<Attribute> {
        choose(self.said(text), false)
    }

    /// Its name of this kind, unless it only has many that others gave it.
    pub fn name(&self, kind: NameKind) -> Option<Attribute> {
        let said = self.said(|c| match c {
            Claim::Name(k, text) if *k == kind => Some(text),
            _ => None,
        });
        let only_given = said.iter().all(|c| c.strength <= Strength::Implied);
        let different: BTreeSet<String> = said.iter().map(|c| same(&c.value)).collect();
        if only_given && different.len() > MAX_GIVEN_NAMES {
            return None;
        }
        choose(said, false)
    }

    /// Every different value, each as its own attribute.
    pub fn every(&self, text: impl Fn(&Claim) -> Option<&String>) -> Vec<Attribute> {
        let mut by_value: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
        for candidate in self.said(text) {
            by_value.entry(same(&candidate.value)).or_default().push(candidate);
        }
        by_value.into_values().filter_map(|c| choose(c, false)).collect()
    }

    pub fn mode(&self) -> Option<Attribute> {
        let said = self.said(|c| match c {
            Claim::Mode(text) => Some(text),
            _ => None,
        });
        choose(said, true)
    }

    /// Products the tables know by order number or product name, with the claim that leads there. Looked up once: maker,
    /// model, family and type all ask.
    pub fn products(&self) -> &[(&'a Fact, &'a str, bool, Product)] {
        self.products.get_or_init(|| {
            self.claims()
                .filter_map(|(fact, claim)| match claim {
                    Claim::OrderNumber(text) => self.names.order_number(text).map(|p| (fact, text.as_str(), true, p)),
                    Claim::Model(text) | Claim::Description(text) => {
                        self.names.product_name(text).map(|p| (fact, text.as_str(), false, p))
                    }
                    // makers put the product's name into what a device serves
                    Claim::Fingerprint { kind: "certificate_subject" | "http_realm" | "http_server", text } => {
                        self.names.product_name(text).map(|p| (fact, text.as_str(), false, p))
                    }
                    _ => None,
                })
                .collect()
        })
    }

    fn by_products(&self, what: impl Fn(&Product) -> Option<&String>) -> Vec<Candidate> {
        self.products()
            .iter()
            .filter_map(|(fact, _, by_order, product)| {
                what(product).map(|value| Candidate {
                    value: value.clone(),
                    strength: Strength::Implied.min(fact.strength),
                    direct: u8::from(*by_order),
                    source: fact.source(),
                })
            })
            .collect()
    }

    pub fn model(&self) -> Option<Attribute> {
        let mut all = self.said(|c| match c {
            Claim::Model(text) => Some(text),
            _ => None,
        });
        all.extend(self.by_products(|p| p.product.as_ref()));
        choose(all, false)
    }

    pub fn family(&self) -> Option<Attribute> {
        choose(self.by_products(|p| p.family.as_ref()), false)
    }

    pub fn os(&self) -> Option<Attribute> {
        let mut all = self.said(|c| match c {
            Claim::Os(text) => Some(text),
            _ => None,
        });
        for (fact, claim) in self.claims() {
            if let Claim::Fingerprint { kind, text } = claim
                && let Some(value) = self.names.os(kind, text)
            {
                let strength = Strength::Implied.min(fact.strength);
                // a browser names a family; sign-ins, leases and banners are the system's own
                let direct = if *kind == "http_agent" { 0 } else { 1 };
                all.push(Candidate { value, strength, direct, source: fact.source() });
            }
        }
        choose(all, false)
    }

    /// The maker, from words, registry numbers, products and (only implied) hardware addresses.
    pub fn vendor(&self, group: Option<&Group>) -> Option<Attribute> {
        let mut all = Vec::new();
        for (fact, claim) in self.claims() {
            let found = match claim {
                Claim::Vendor(text) => Some((self.names.vendor(text).unwrap_or_else(|| text.clone()), 2)),
                Claim::VendorId { space, id } => self.vendor_id(space, *id).map(|v| (v, 1)),
                Claim::ProductCode { space, vendor, .. } => self.vendor_id(space, *vendor).map(|v| (v, 1)),
                _ => None,
            };
            if let Some((value, direct)) = found {
                all.push(Candidate { value, strength: fact.strength, direct, source: fact.source() });
            }
        }
        all.extend(self.by_products(|p| p.vendor.as_ref()).into_iter().map(|mut c| {
            c.direct = 1;
            c
        }));
        if let Some(group) = group {
            all.extend(self.by_hardware_address(group));
        }
        for candidate in &mut all {
            if let Some(canonical) = self.names.vendor(&candidate.value) {
                candidate.value = canonical;
            }
        }
        choose(all, false)
    }

    fn vendor_id(&self, space: &str, id: u32) -> Option<String> {
        match space {
            "enip" | "cip" => self.names.cip_vendor(id),
            "bacnet" => self.names.bacnet_vendor(id),
            "profinet" => self.names.profinet_vendor(id),
            "enterprise" | "snmp" => self.names.enterprise(id),
            // PTP names makers by the first three octets of a hardware address.
            "ptp" | "oui" => {
                let [_, a, b, c] = id.to_be_bytes();
                self.names.oui(Mac([a, b, c, 0, 0, 0]))
            }
            _ => None,
        }
    }

    fn by_hardware_address(&self, group: &Group) -> Vec<Candidate> {
        let seen = group.facts.iter().map(|f| f.seen);
        let first = seen.clone().map(|s| s.first).min_by_key(|s: &Stamp| s.time).unwrap_or_default();
        let last = seen.map(|s| s.last).max_by_key(|s: &Stamp| s.time).unwrap_or_default();
        group
            .macs()
            .filter_map(|host| {
                let mac = super::address::mac_of(host).filter(|m| !m.is_local())?;
                let value = self.names.oui(mac)?;
                let source = Source {
                    protocol: "oui",
                    by: None,
                    about: model::Subject::host(host),
                    raw: mac.to_string(),
                    first,
                    last,
                    count: 1,
                };
                Some(Candidate { value, strength: Strength::Implied, direct: 0, source })
            })
            .collect()
    }
}
