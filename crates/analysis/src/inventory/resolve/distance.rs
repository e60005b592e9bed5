//! What the time to live tells: whether a packet's source stands on the link or behind a router.

use super::address::subnet;
use super::facts::{Facts, Span, tells_apart};
use crate::inventory::store::Statement;
use model::{Address, Class, Host, Strength, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Values stacks start with. 30 and 60 are those of Siemens controllers and of older embedded systems; a diminished 32 or
/// 64 looks the same, so they prove neither.
const START_VALUES: &[u8] = &[30, 32, 60, 64, 128, 255];
/// Start values that a diminished 32 or 64 cannot be.
const SURE_VALUES: &[u8] = &[32, 64, 128, 255];
/// Below it packets are not meant to go far (discovery, path tracing): the value tells nothing.
const LEAST_TELLING: u8 = 17;
/// Values of one path differ by a hop or two. A wider spread comes from tools that draw the value by chance, or from
/// different machines behind translation.
const MAX_SPREAD: u8 = 4;
/// Addresses of its own that a card may have without saying so. More on one card is a gateway or a simulation.
const MAX_OWN: usize = 3;

/// The values seen, by hardware address and address behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Distances {
    seen: BTreeMap<(Host, Host), BTreeSet<u8>>,
}

impl Distances {
    pub fn new(facts: &Facts) -> Distances {
        let mut seen: BTreeMap<(Host, Host), BTreeSet<u8>> = BTreeMap::new();
        for fact in facts.values().flatten().filter(|f| f.about.path.is_host()) {
            if let Statement::Ttl { behind, ttl } = fact.statement
                && ttl >= LEAST_TELLING
            {
                let mac = Host { network: fact.about.host.network, address: Address::Mac(behind) };
                seen.entry((mac, fact.about.host)).or_default().insert(ttl);
            }
        }
        Distances { seen }
    }

    /// The value with which this address is seen from this hardware address, where it shows that routers lie between.
    pub fn routed(&self, mac: Host, ip: Host) -> Option<u8> {
        let values = self.seen.get(&(mac, ip))?;
        let (first, last) = (*values.first()?, *values.last()?);
        let diminished = values.iter().all(|ttl| !START_VALUES.contains(ttl));
        (diminished && last - first <= MAX_SPREAD).then_some(last)
    }

    /// The one undiminished value with which this address is seen from this hardware address.
    fn start(&self, mac: Host, ip: Host) -> Option<u8> {
        let values = self.seen.get(&(mac, ip))?;
        let (first, last) = (*values.first()?, *values.last()?);
        (first == last && START_VALUES.contains(&first)).then_some(first)
    }

    /// An address that stands on the link, by a value that is surely undiminished.
    pub fn on_link(&self) -> impl Iterator<Item = (Host, Host)> + '_ {
        let sure = |values: &BTreeSet<u8>| values.iter().any(|ttl| SURE_VALUES.contains(ttl));
        self.seen.iter().filter(move |(_, values)| sure(values)).map(|(pair, _)| *pair)
    }

    /// Whether all these addresses are one card's own: undiminished by the same value, and nothing tells them apart.
    pub fn one_card(&self, facts: &Facts, mac: Host, ips: &[(Host, Span)]) -> bool {
        if ips.len() < 2 || ips.len() > MAX_OWN {
            return false;
        }
        let values: BTreeSet<Option<u8>> = ips.iter().map(|(ip, _)| self.start(mac, *ip)).collect();
        let [Some(start)] = values.into_iter().collect::<Vec<_>>()[..] else { return false };
        // in different subnets they may stand behind a router, unless the value rules that out
        let subnets: BTreeSet<_> = ips.iter().filter_map(|(ip, _)| ip.address.ip().map(subnet)).collect();
        if subnets.len() > 1 && !SURE_VALUES.contains(&start) {
            return false;
        }
        let known: Vec<Known> = ips.iter().map(|(ip, span)| Known::new(facts, *ip, *span)).collect();
        known.iter().enumerate().all(|(i, a)| known.iter().skip(i + 1).all(|b| a.may_be(b)))
    }
}

/// What is known of an address that tells it from another.
struct Known {
    span: Span,
    obeys: bool,
    identity: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Known {
    fn new(facts: &Facts, ip: Host, span: Span) -> Known {
        let mut known = Known { span, obeys: false, identity: BTreeMap::new() };
        // Modules and instances behind the address tell too: what answers there is what stands there.
        let from = Subject::host(ip);
        for (_, list) in facts.range(from..).take_while(|(about, _)| about.host == ip) {
            for fact in list {
                known.obeys |= matches!(&fact.statement, Statement::Obeys { class } if *class != Class::Identify);
                if let Some(claim) =
                    fact.claim().filter(|c| fact.own() && fact.strength >= Strength::Stated && tells_apart(c))
                {
                    let text = format!("{} {}", fact.about.path, claim).to_lowercase();
                    known.identity.entry(claim.attribute()).or_default().insert(text);
                }
            }
        }
        known
    }

    /// Nothing speaks against the two being one device.
    fn may_be(&self, other: &Known) -> bool {
        let shared = |a: &BTreeSet<String>, b: &BTreeSet<String>| !a.is_disjoint(b);
        let both = self.identity.iter().filter_map(|(attribute, a)| other.identity.get(attribute).map(|b| (a, b)));
        let (mut apart, mut alike) = (false, false);
        for (a, b) in both {
            apart |= !shared(a, b);
            alike |= shared(a, b);
        }
        // Two that obey at the same time are two controllers behind a bridge, unless they say that they are one.
        let side_by_side = self.obeys && other.obeys && self.span.overlaps(other.span);
        !apart && (alike || !side_by_side)
    }
}
