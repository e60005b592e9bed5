//! The belief store: who is said to be what, by whom, since when. Joining two stores is commutative, associative and
//! idempotent, so shards, sensors, hub, yesterday and today all use the same function.

use crate::hash;
use hashbrown::HashTable;
use model::{Claim, Class, Host, Mac, Stamp, Strength, Subject};
use std::collections::BTreeMap;

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
    /// Position of its subject.
    about: u32,
    /// The source it came from first, nearly always the only one.
    first: (SourceId, Sighting),
    key: Key,
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

/// A subject, and where its beliefs are.
#[derive(Clone, Debug)]
struct Known {
    subject: Subject,
    /// Hash of the key and position of its first beliefs: a fact mostly says something that is known of a subject
    /// already, so they are looked through before the index is asked.
    near: Vec<(u64, u32)>,
    /// Statements per attribute, to keep the bound without counting anew.
    sizes: Vec<(&'static str, usize)>,
}

/// Beliefs of a subject that are looked through.
const NEAR: usize = 16;

/// The belief store.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    source: SourceId,
    /// In the order they came; sorted when they are told.
    beliefs: Vec<Kept>,
    /// Positions in `beliefs` by hash of the key and subject, of those beyond the first of each subject.
    index: HashTable<(u64, u32)>,
    subjects: Vec<Known>,
    /// Positions in `subjects` by hash.
    by_subject: HashTable<(u64, u32)>,
    /// The two subjects met last: one fact says several things about its two ends.
    met: [u32; 2],
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
        self.sorted().into_iter().map(|(about, kept)| Belief {
            about,
            statement: kept.key.statement.clone(),
            by: kept.key.by,
            protocol: kept.key.protocol,
            strength: kept.key.strength,
            seen: core::iter::once(&kept.first).chain(&kept.more).copied().collect(),
        })
    }

    /// Everything believed, in the same order, with its sightings summed over sources: subject, statement, who said it,
    /// protocol, strength.
    pub(super) fn totals(&self) -> impl Iterator<Item = (Subject, &Key, Sighting)> + '_ {
        self.sorted().into_iter().map(|(about, kept)| {
            let mut total = kept.first.1;
            for (_, sighting) in &kept.more {
                total.widen(sighting.first, sighting.last);
                total.count = total.count.saturating_add(sighting.count);
            }
            (about, &kept.key, total)
        })
    }

    fn sorted(&self) -> Vec<(Subject, &Kept)> {
        let mut subjects: Vec<(Subject, u32)> = (0u32..).zip(&self.subjects).map(|(at, s)| (s.subject, at)).collect();
        subjects.sort_unstable();
        let mut places = vec![0u32; subjects.len()];
        for (place, (_, at)) in (0u32..).zip(&subjects) {
            if let Some(own) = places.get_mut(*at as usize) {
                *own = place;
            }
        }
        let place = |kept: &Kept| places.get(kept.about as usize).copied().unwrap_or(u32::MAX);
        let mut sorted: Vec<(u32, &Kept)> = self.beliefs.iter().map(|kept| (place(kept), kept)).collect();
        sorted.sort_unstable_by(|a, b| (a.0, &a.1.key).cmp(&(b.0, &b.1.key)));
        sorted.into_iter().filter_map(|(place, kept)| Some((subjects.get(place as usize)?.0, kept))).collect()
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

    /// Where a subject is, and that it is met now.
    #[inline]
    fn subject(&mut self, about: &Subject) -> Result<u32, u64> {
        for met in self.met {
            if self.subjects.get(met as usize).is_some_and(|known| known.subject == *about) {
                return Ok(met);
            }
        }
        let hash = hash::of(about);
        let subjects = &self.subjects;
        let same = |entry: &(u64, u32)| {
            entry.0 == hash && subjects.get(entry.1 as usize).is_some_and(|known| known.subject == *about)
        };
        let &(_, at) = self.by_subject.find(hash, same).ok_or(hash)?;
        self.meet(at);
        Ok(at)
    }

    fn meet(&mut self, at: u32) {
        self.met = [at, self.met[0]];
    }

    /// Keeps or joins a sighting of a statement; `None` where a bound is reached (counted).
    fn slot(
        &mut self,
        about: Subject,
        key: Key,
        new: (SourceId, Sighting),
        join: impl FnOnce(&mut Sighting, &Sighting),
    ) -> Option<&mut Kept> {
        let hash = hash::of(&key);
        let place = self.subject(&about);
        if let Ok(subject) = place
            && let Some(at) = self.belief(subject, hash, &key)
        {
            let kept = self.beliefs.get_mut(at as usize)?;
            kept.see(new.0, new.1, join);
            return Some(kept);
        }
        let subject = match place {
            Ok(subject) => subject,
            Err(_) if self.subjects.len() >= MAX_SUBJECTS => {
                self.reached("subjects", 1);
                return None;
            }
            Err(hash) => {
                let at = self.subjects.len() as u32;
                self.subjects.push(Known { subject: about, near: Vec::new(), sizes: Vec::new() });
                self.by_subject.insert_unique(hash, (hash, at), |entry| entry.0);
                self.meet(at);
                at
            }
        };
        let bound = match key.statement {
            Statement::Acts { .. } => MAX_DEEDS,
            _ => MAX_STATEMENTS_PER_ATTRIBUTE,
        };
        let attribute = key.statement.attribute();
        let at = self.beliefs.len() as u32;
        let known = self.subjects.get_mut(subject as usize)?;
        match known.sizes.iter_mut().find(|(name, _)| *name == attribute) {
            Some((_, size)) if *size >= bound => {
                self.reached("statements_per_attribute", 1);
                return None;
            }
            Some((_, size)) => *size += 1,
            None => known.sizes.push((attribute, 1)),
        }
        if known.near.len() < NEAR {
            known.near.push((hash, at));
        } else {
            let far = far(subject, hash);
            self.index.insert_unique(far, (far, at), |entry| entry.0);
        }
        self.beliefs.push(Kept { about: subject, first: new, key, more: Vec::new() });
        self.beliefs.last_mut()
    }

    /// Where a belief about a subject is.
    #[inline]
    fn belief(&self, subject: u32, hash: u64, key: &Key) -> Option<u32> {
        let known = self.subjects.get(subject as usize)?;
        let is = |at: u32| self.beliefs.get(at as usize).is_some_and(|kept| kept.about == subject && kept.key == *key);
        let near = known.near.iter().find(|(own, at)| *own == hash && is(*at));
        if near.is_some() || known.near.len() < NEAR {
            return near.map(|(_, at)| *at);
        }
        let far = far(subject, hash);
        self.index.find(far, |entry| entry.0 == far && is(entry.1)).map(|entry| entry.1)
    }
}

/// Hash of a key together with its subject.
fn far(subject: u32, hash: u64) -> u64 {
    hash::of(&(subject, hash))
}
