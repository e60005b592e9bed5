//! Units, stations and instances behind an address: a device of its own only on distinguishing evidence.

use super::facts::{Facts, tells_apart};
use crate::inventory::Reason;
use crate::inventory::store::{Inventory, MapKey, MapRow, Statement};
use model::{Hop, Host, Path};
use std::collections::{BTreeMap, BTreeSet};

/// What is decided about one unit.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    /// The way to the first unit of the same device; `None`: it is the device in front.
    pub apart: Option<Path>,
    pub reason: Reason,
    pub number: u32,
}

/// Decisions by host and way.
#[derive(Clone, Debug, Default)]
pub(super) struct Units {
    decided: BTreeMap<Host, BTreeMap<Path, Decided>>,
}

impl Units {
    /// The way to the device this unit is, where it is one.
    pub fn apart(&self, host: Host, way: Path) -> Option<Path> {
        self.decided.get(&host)?.get(&way)?.apart
    }

    /// Decisions about units of a host.
    pub fn of(&self, host: Host) -> impl Iterator<Item = (Path, &Decided)> {
        self.decided.get(&host).into_iter().flatten().map(|(path, decided)| (*path, decided))
    }
}

/// What is known of one unit.
#[derive(Default)]
struct Known<'a> {
    answered: bool,
    messages: u64,
    protocols: BTreeSet<&'static str>,
    identity: BTreeMap<&'static str, BTreeSet<String>>,
    rows: BTreeMap<(&'static str, &'static str, u64), &'a MapRow>,
}

pub(super) fn decide(inventory: &Inventory, facts: &Facts) -> Units {
    let mut known: BTreeMap<(Host, Path), BTreeMap<(Path, u32), Known<'_>>> = BTreeMap::new();
    let mut absent: BTreeSet<Host> = BTreeSet::new();
    for (subject, list) in facts {
        if list.iter().any(|f| f.statement == Statement::ReportsAbsent) {
            absent.insert(subject.host);
        }
        let Some((before, way, number)) = unit(subject.path) else { continue };
        let unit = known.entry((subject.host, before)).or_default().entry((way, number)).or_default();
        for fact in list {
            unit.protocols.insert(fact.protocol);
            if fact.statement == Statement::Present {
                unit.messages = unit.messages.saturating_add(fact.seen.count);
            }
            unit.answered |= matches!(fact.statement, Statement::Present | Statement::Obeys { .. });
            if let Some(claim) = fact.claim().filter(|c| tells_apart(c)) {
                unit.identity.entry(claim.attribute()).or_default().insert(claim.to_string().trim().to_lowercase());
            }
        }
    }
    for (key, row) in inventory.maps() {
        let MapKey { about, protocol, space, at } = key;
        let Some((before, way, number)) = unit(about.path) else { continue };
        if let Some(unit) = known.get_mut(&(about.host, before)).and_then(|k| k.get_mut(&(way, number))) {
            unit.rows.insert((*protocol, *space, *at), row);
        }
    }
    let mut units = Units::default();
    for ((host, _), mut list) in known {
        list.retain(|_, unit| unit.answered || !unit.identity.is_empty());
        let decided = units.decided.entry(host).or_default();
        decided.extend(classes(&list, absent.contains(&host)));
    }
    units
}

/// The way before the last unit or instance hop, the way to it, and its number. Slots behind it do not matter.
fn unit(path: Path) -> Option<(Path, Path, u32)> {
    let mut way = Path::HOST;
    let mut found = None;
    for hop in path.hops() {
        let before = way;
        way = way.then(hop);
        match hop {
            Hop::Unit(number) | Hop::Instance(number) => found = Some((before, way, number)),
            Hop::Slot { .. } => {}
            _ => found = None,
        }
    }
    found
}

/// Messages of a station, at least, before it counts as one of several: a single one comes from a number set wrongly for
/// a moment as well.
const STATION_MIN_MESSAGES: u64 = 2;

fn is_station(unit: &Known<'_>) -> bool {
    unit.messages >= STATION_MIN_MESSAGES && unit.protocols.contains("dnp3")
}

/// Modbus unit numbers that mean the device on the line itself (Modbus Messaging on TCP/IP 1.0b, section 4.4.2).
fn means_itself(unit: &Known<'_>, number: u32) -> bool {
    matches!(number, 0 | 255) && unit.protocols.iter().any(|p| p.contains("modbus") || *p == "umas")
}

fn classes(list: &BTreeMap<(Path, u32), Known<'_>>, absent: bool) -> Vec<(Path, Decided)> {
    let mut classes: Vec<(Path, u32, &Known<'_>)> = Vec::new();
    let mut all: Vec<(Path, u32, usize, Reason)> = Vec::new();
    let others = list.iter().filter(|((_, n), unit)| !means_itself(unit, *n)).count();
    for ((way, number), unit) in list {
        if means_itself(unit, *number) {
            all.push((*way, *number, usize::MAX, Reason::new("unit_self")));
            continue;
        }
        // A station that answers to its own address only, or a gateway that reports absent ones, makes each a device.
        let beside = list.iter().filter(|(_, unit)| is_station(unit)).count() > 1;
        let station = is_station(unit).then_some("dnp3").filter(|_| beside);
        let forced = match station {
            Some(protocol) => Some(Reason::new("unit_station").with("protocol", protocol)),
            None => (absent && others > 1).then(|| Reason::new("unit_gateway")),
        };
        let mut place = None;
        let mut why = forced.clone();
        if forced.is_none() {
            for (i, (_, other, first)) in classes.iter().enumerate() {
                match differs(unit, first, *other) {
                    Some(reason) => why = why.or(Some(reason)),
                    None => {
                        place = Some(i);
                        break;
                    }
                }
            }
        }
        let place = place.unwrap_or_else(|| {
            classes.push((*way, *number, unit));
            classes.len() - 1
        });
        all.push((*way, *number, place, why.unwrap_or_else(|| Reason::new("unit_alike"))));
    }
    let several = classes.len() > 1;
    // The first of several classes has its reason in what sets the second apart from it.
    let first_reason = all.iter().find(|(.., place, _)| *place == 1).map(|(.., reason)| reason.clone());
    all.into_iter()
        .map(|(way, number, place, reason)| {
            let class = classes.get(place).map(|(first, ..)| *first);
            let reason = match (class, several, place) {
                (Some(first), true, 0) if first == way && reason.id == "unit_alike" => {
                    first_reason.clone().unwrap_or(reason)
                }
                (Some(_), false, _) if others == 1 => Reason::new("unit_alone"),
                _ => reason,
            };
            (way, Decided { apart: class.filter(|_| several), reason, number })
        })
        .collect()
}

/// What sets two units apart, if anything does.
fn differs(a: &Known<'_>, b: &Known<'_>, b_number: u32) -> Option<Reason> {
    for (attribute, values) in &a.identity {
        if b.identity.get(attribute).is_some_and(|theirs| theirs.is_disjoint(values)) {
            return Some(Reason::new("unit_own_identity").with("attribute", attribute));
        }
    }
    for (place, row) in &a.rows {
        let Some(other) = b.rows.get(place) else { continue };
        let target = format!("{} {} {}", place.0, place.1, place.2);
        let only = |x: &MapRow, y: &MapRow| x.answered && !x.refused && y.refused && !y.answered;
        if only(row, other) || only(other, row) {
            return Some(Reason::new("unit_other_map").with("other", b_number).with("target", target));
        }
    }
    for (place, row) in &a.rows {
        // requests need not begin at the same address to read the same place
        for (there, other) in &b.rows {
            if (place.0, place.1) == (there.0, there.1)
                && let Some(at) = other_value(place.2, row, there.2, other)
            {
                let target = format!("{} {} {at}", place.0, place.1);
                return Some(Reason::new("unit_other_values").with("other", b_number).with("target", target));
            }
        }
    }
    None
}

/// The first address at which two rows that begin at `a` and `b` never held the same value.
fn other_value(a: u64, row: &MapRow, b: u64, other: &MapRow) -> Option<u64> {
    // Values count only where both were read several times over the same stretch: a value that changes while a
    // scanner walks from unit to unit sets nothing apart.
    let often = row.first.time < row.last.time && other.first.time < other.last.time;
    let together = row.first.time <= other.last.time && other.first.time <= row.last.time;
    if !often || !together {
        return None;
    }
    let at = a.max(b);
    let skip = |from: u64| usize::try_from(at - from).unwrap_or(usize::MAX);
    let mut both = row.words.iter().skip(skip(a)).zip(other.words.iter().skip(skip(b)));
    both.position(|(x, y)| x.1 < y.0 || y.1 < x.0).map(|i| at + i as u64)
}
