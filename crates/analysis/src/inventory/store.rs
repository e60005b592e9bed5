//! The belief store: who is said to be what, by whom, since when. Joining two stores is commutative, associative and
//! idempotent, so shards, sensors, hub, yesterday and today all use the same function.

use crate::hash;
use hashbrown::HashTable;
use model::{Claim, Class, Host, Mac, Stamp, Strength, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// Subjects kept. A plant has thousands of devices; a spoofed flood must not fill the memory.
pub const MAX_SUBJECTS: usize = 65_536;
/// Different statements kept per subject and attribute. Real devices have a handful.
pub const MAX_STATEMENTS_PER_ATTRIBUTE: usize = 256;
/// Peers and classes of operation kept per subject: a master may poll a thousand outstations.
pub const MAX_DEEDS: usize = 1_024;
/// Rows of unit maps kept, over all units.
pub const MAX_MAP_ROWS: usize = 65_536;
/// Rows kept per unit, those with the smallest keys: what sets units apart shows in a few. A sample, not a limit.
pub const MAX_MAP_ROWS_PER_UNIT: usize = 32;
/// Words compared per row.
pub const MAX_MAP_WORDS: usize = 16;

/// Where facts come from: a capture file (its content hash), a sensor's run. Counts of the same source never add up
/// twice; whoever collects in several stores at once gives each its own id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// What is believed about a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// A claim from the wire, or one that follows from a flow (`Service`, `SeenBehind`, `Vlan`).
    Claim(Claim),
    /// It sent something, or its peer's messages cannot be explained without it.
    Present,
    /// It speaks this protocol (the belief's protocol).
    Speaks,
    /// It acts on that host with operations of this class.
    Acts { class: Class, on: Host },
    /// It is acted on with operations of this class, and answers.
    Obeys { class: Class },
    /// Something behind it was reported as absent by it (gateway answers).
    ReportsAbsent,
    /// Frames for it went to everybody: the broadcast address of a subnet, not a host's.
    Broadcast,
    /// Its packets to one host came from this hardware address with this time to live.
    Ttl { behind: Mac, ttl: u8 },
}

impl Statement {
    /// The attribute statements compete or are counted under.
    pub fn attribute(&self) -> &'static str {
        match self {
            Statement::Claim(claim) => claim.attribute(),
            Statement::Present => "present",
            Statement::Speaks => "speaks",
            Statement::Acts { .. } => "acts",
            Statement::Obeys { .. } => "obeys",
            Statement::ReportsAbsent => "reports_absent",
            Statement::Ttl { .. } => "ttl",
            Statement::Broadcast => "broadcast",
        }
    }
}

/// When and how often, in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// First time.
    pub first: Stamp,
    /// Last time.
    pub last: Stamp,
    /// How often.
    pub count: u64,
}

/// Stamps of different sources compare by time.
pub(super) fn by_time(stamp: &Stamp) -> (model::Time, u64, u32) {
    (stamp.time, stamp.frame, stamp.index)
}

impl Sighting {
    /// The least sighting that says what both say. Within one source counts only grow, so the larger one knows more.
    fn join(&mut self, other: &Sighting) {
        self.widen(other.first, other.last);
        self.count = self.count.max(other.count);
    }

    fn widen(&mut self, first: Stamp, last: Stamp) {
        if by_time(&first) < by_time(&self.first) {
            self.first = first;
        }
        if by_time(&last) > by_time(&self.last) {
            self.last = last;
        }
    }
}

/// One belief: the key, and when it was seen in which source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief {
    /// What it is about.
    pub about: Subject,
    /// What is believed.
    pub statement: Statement,
    /// Who said it, where that is another host.
    pub by: Option<Host>,
    /// The protocol that carried it.
    pub protocol: &'static str,
    /// How far to trust it.
    pub strength: Strength,
    /// When and how often, by source.
    pub seen: BTreeMap<SourceId, Sighting>,
}

impl Belief {
    /// First, last and count over all sources.
    pub fn total(&self) -> Option<Sighting> {
        let mut all = self.seen.values();
        let mut total = *all.next()?;
        for sighting in all {
            total.widen(sighting.first, sighting.last);
            total.count = total.count.saturating_add(sighting.count);
        }
        Some(total)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub statement: Statement,
    pub protocol: &'static str,
    pub by: Option<Host>,
    pub strength: Strength,
}

/// A row of a unit's map: the unit and where in its address space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapKey {
    /// The unit.
    pub about: Subject,
    /// Protocol.
    pub protocol: &'static str,
    /// Address space.
    pub space: &'static str,
    /// First address.
    pub at: u64,
}

/// What a unit answered at one place. Ranges only widen and flags only rise, so rows join in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapRow {
    /// It answered with data.
    pub answered: bool,
    /// It refused the address.
    pub refused: bool,
    /// Smallest and largest value of each word.
    pub words: Vec<(u64, u64)>,
    /// First answer.
    pub first: Stamp,
    /// Last answer.
    pub last: Stamp,
}

impl MapRow {
    fn join(&mut self, other: &MapRow) {
        self.answered |= other.answered;
        self.refused |= other.refused;
        for (i, (low, high)) in other.words.iter().enumerate() {
            match self.words.get_mut(i) {
                Some(own) => *own = (own.0.min(*low), own.1.max(*high)),
                None => self.words.push((*low, *high)),
            }
        }
        if by_time(&other.first) < by_time(&self.first) {
            self.first = other.first;
        }
        if by_time(&other.last) > by_time(&self.last) {
            self.last = other.last;
        }
    }
}

/// A belief as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    about: Subject,
    key: Key,
    /// The source it came from first, nearly always the only one.
    first: (SourceId, Sighting),
    more: Vec<(SourceId, Sighting)>,
}

impl Kept {
    /// Joins or adds a sighting of one source.
    #[inline]
    fn see(&mut self, source: SourceId, new: Sighting, join: impl FnOnce(&mut Sighting, &Sighting)) {
        if self.first.0 == source {
            return join(&mut self.first.1, &new);
        }
        match self.more.iter_mut().find(|(own, _)| *own == source) {
            Some((_, own)) => join(own, &new),
            None => self.more.push((source, new)),
        }
    }
}

/// The belief store.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    source: SourceId,
    /// In the order they came; sorted when they are told.
    beliefs: Vec<Kept>,
    /// Positions in `beliefs` by hash of subject and key.
    index: HashTable<(u64, u32)>,
    subjects: BTreeSet<Subject>,
    /// Statements per subject and attribute, to keep the bound without counting anew.
    sizes: BTreeMap<(Subject, &'static str), usize>,
    maps: BTreeMap<MapKey, MapRow>,
    limits: BTreeMap<&'static str, u64>,
}

impl PartialEq for Inventory {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
            && self.maps == other.maps
            && self.limits == other.limits
            && self.snapshot().eq(other.snapshot())
    }
}

impl Eq for Inventory {}

impl Inventory {
    /// An empty store whose own facts are counted under `source`.
    pub fn new(source: SourceId) -> Inventory {
        Inventory { source, ..Inventory::default() }
    }

    /// Limits that were reached, with how often something was left out: `subjects`, `statements_per_attribute`, `map_rows`.
    pub fn limits(&self) -> &BTreeMap<&'static str, u64> {
        &self.limits
    }

    /// Number of subjects known.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Everything believed, in order of subject and statement: what a store writes down.
    pub fn snapshot(&self) -> impl Iterator<Item = Belief> + '_ {
        let mut sorted: Vec<&Kept> = self.beliefs.iter().collect();
        sorted.sort_unstable_by(|a, b| (a.about, &a.key).cmp(&(b.about, &b.key)));
        sorted.into_iter().map(|kept| Belief {
            about: kept.about,
            statement: kept.key.statement.clone(),
            by: kept.key.by,
            protocol: kept.key.protocol,
            strength: kept.key.strength,
            seen: core::iter::once(&kept.first).chain(&kept.more).copied().collect(),
        })
    }

    /// The unit maps, in order.
    pub fn maps(&self) -> impl Iterator<Item = (&MapKey, &MapRow)> {
        self.maps.iter()
    }

    /// Takes a belief in, from a snapshot or another store.
    pub fn absorb(&mut self, belief: &Belief) {
        let key = Key {
            statement: belief.statement.clone(),
            protocol: belief.protocol,
            by: belief.by,
            strength: belief.strength,
        };
        let mut seen = belief.seen.iter().map(|(source, sighting)| (*source, *sighting));
        let Some(first) = seen.next() else { return };
        let Some(kept) = self.slot(belief.about, key, first, Sighting::join) else { return };
        for (source, sighting) in seen {
            kept.see(source, sighting, Sighting::join);
        }
    }

    /// Takes a row of a unit's map in.
    pub fn absorb_map(&mut self, key: &MapKey, row: &MapRow) {
        if let Some(own) = self.maps.get_mut(key) {
            own.join(row);
            return;
        }
        let from = MapKey { about: key.about, protocol: "", space: "", at: 0 };
        let of_unit = self.maps.range(from..).take_while(|(k, _)| k.about == key.about).map(|(k, _)| k);
        let (count, largest) = of_unit.fold((0, None), |(n, _), k| (n + 1, Some(k)));
        if count >= MAX_MAP_ROWS_PER_UNIT {
            // The smallest keys stay: whatever the order of arrival, the same rows are kept, each with all it saw.
            let Some(largest) = largest.filter(|largest| *largest > key).cloned() else { return };
            self.maps.remove(&largest);
        } else if self.maps.len() >= MAX_MAP_ROWS {
            self.reached("map_rows", 1);
            return;
        }
        self.maps.insert(key.clone(), row.clone());
    }

    /// Joins another store into this one: the result knows what both know, and nothing twice.
    pub fn join(&mut self, other: &Inventory) {
        for belief in other.snapshot() {
            self.absorb(&belief);
        }
        for (key, row) in &other.maps {
            self.absorb_map(key, row);
        }
        for (limit, count) in &other.limits {
            let own = self.limits.entry(limit).or_default();
            *own = (*own).max(*count);
        }
    }

    /// Counts one more sighting of a statement in this store's own source.
    pub(super) fn note(&mut self, about: Subject, key: Key, first: Stamp, last: Stamp, count: u64) {
        let source = self.source;
        let new = Sighting { first, last, count };
        self.slot(about, key, (source, new), |own, new| {
            own.widen(new.first, new.last);
            own.count = own.count.saturating_add(new.count);
        });
    }

    pub(super) fn reached(&mut self, limit: &'static str, count: u64) {
        let own = self.limits.entry(limit).or_default();
        *own = own.saturating_add(count);
    }

    /// Keeps or joins a sighting of a statement; `None` where a bound is reached (counted).
    fn slot(
        &mut self,
        about: Subject,
        key: Key,
        new: (SourceId, Sighting),
        join: impl FnOnce(&mut Sighting, &Sighting),
    ) -> Option<&mut Kept> {
        let hash = hash::of(&(about, &key));
        let beliefs = &self.beliefs;
        let same = |entry: &(u64, u32)| {
            entry.0 == hash && beliefs.get(entry.1 as usize).is_some_and(|kept| kept.about == about && kept.key == key)
        };
        if let Some(&(_, at)) = self.index.find(hash, same) {
            let kept = self.beliefs.get_mut(at as usize)?;
            kept.see(new.0, new.1, join);
            return Some(kept);
        }
        if !self.subjects.contains(&about) && self.subjects.len() >= MAX_SUBJECTS {
            self.reached("subjects", 1);
            return None;
        }
        let bound = match key.statement {
            Statement::Acts { .. } => MAX_DEEDS,
            _ => MAX_STATEMENTS_PER_ATTRIBUTE,
        };
        let size = self.sizes.entry((about, key.statement.attribute())).or_default();
        if *size >= bound {
            self.reached("statements_per_attribute", 1);
            return None;
        }
        *size += 1;
        self.subjects.insert(about);
        let at = self.beliefs.len() as u32;
        self.beliefs.push(Kept { about, key, first: new, more: Vec::new() });
        self.index.insert_unique(hash, (hash, at), |entry| entry.0);
        self.beliefs.last_mut()
    }
}
