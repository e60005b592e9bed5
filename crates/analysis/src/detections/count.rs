//! Counting in windows that do not depend on the order in which facts of one window arrive.
//!
//! Time is cut into half-windows; what is judged is the fuller of the two pairs of neighbours a half-window belongs
//! to. So everything within half a window is always counted together, and nothing further apart than a window is.

use crate::hash;
use core::hash::Hash;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use model::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Keys a counter remembers: pairs of a large site within one window. The oldest are forgotten, and that is counted.
pub const MAX_KEYS: usize = 8192;
/// Half-windows kept per key: the current, its neighbours, and one for facts that come late.
const MAX_BUCKETS: usize = 4;
/// Distinct things kept per key and half-window; far above every threshold.
const MAX_VALUES: usize = 512;

/// Distinct values per key within a window.
#[derive(Debug)]
pub struct Distinct<K, V> {
    half: i64,
    keys: BTreeMap<K, BTreeMap<i64, BTreeSet<V>>>,
    forgotten: u64,
}

impl<K: Ord + Clone, V: Ord + Clone> Distinct<K, V> {
    /// Counts over `window` nanoseconds.
    pub fn within(window: i64) -> Distinct<K, V> {
        Distinct { half: (window / 2).max(1), keys: BTreeMap::new(), forgotten: 0 }
    }

    /// One more; how many different values the window around `at` has now.
    pub fn add(&mut self, key: K, value: V, at: Time) -> u64 {
        let bucket = at.0.div_euclid(self.half);
        self.forgotten += make_room(&mut self.keys, &key, bucket);
        let buckets = self.keys.entry(key).or_default();
        let values = buckets.entry(bucket).or_default();
        if values.len() < MAX_VALUES {
            values.insert(value);
        }
        while buckets.len() > MAX_BUCKETS {
            buckets.pop_first();
        }
        let pair = |a: i64, b: i64| match (buckets.get(&a), buckets.get(&b)) {
            (Some(a), Some(b)) => a.union(b).count(),
            (Some(a), None) | (None, Some(a)) => a.len(),
            (None, None) => 0,
        };
        pair(bucket - 1, bucket).max(pair(bucket, bucket + 1)) as u64
    }

    /// The values of the window around `at`, sorted.
    pub fn values(&self, key: &K, at: Time) -> Vec<V> {
        let bucket = at.0.div_euclid(self.half);
        let Some(buckets) = self.keys.get(key) else { return Vec::new() };
        let all: BTreeSet<&V> = buckets.range(bucket - 1..=bucket + 1).flat_map(|(_, v)| v).collect();
        all.into_iter().cloned().collect()
    }

    /// Forgets a key.
    pub fn clear(&mut self, key: &K) {
        self.keys.remove(key);
    }

    /// How often a key was forgotten because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// Events per key within a window.
#[derive(Debug)]
pub struct Rate<K> {
    half: i64,
    keys: BTreeMap<K, BTreeMap<i64, u64>>,
    forgotten: u64,
}

impl<K: Ord + Clone> Rate<K> {
    /// Counts over `window` nanoseconds.
    pub fn within(window: i64) -> Rate<K> {
        Rate { half: (window / 2).max(1), keys: BTreeMap::new(), forgotten: 0 }
    }

    /// `n` more; how many the window around `at` has now.
    pub fn add(&mut self, key: K, n: u64, at: Time) -> u64 {
        let bucket = at.0.div_euclid(self.half);
        self.forgotten += make_room(&mut self.keys, &key, bucket);
        let buckets = self.keys.entry(key).or_default();
        let count = buckets.entry(bucket).or_default();
        *count = count.saturating_add(n);
        while buckets.len() > MAX_BUCKETS {
            buckets.pop_first();
        }
        let of = |b: i64| buckets.get(&b).copied().unwrap_or(0);
        of(bucket).saturating_add(of(bucket - 1).max(of(bucket + 1)))
    }

    /// `n` events spread evenly from `first` to `last`, as a folded record tells them: only the share of one window
    /// is counted, at `last`.
    pub fn spread(&mut self, key: K, n: u64, first: Time, last: Time) -> u64 {
        let span = last.since(first);
        let n = match span > self.half {
            true => (i128::from(n) * i128::from(self.half) / i128::from(span)).max(1) as u64,
            false => n,
        };
        self.add(key, n, last)
    }

    /// Forgets a key.
    pub fn clear(&mut self, key: &K) {
        self.keys.remove(key);
    }

    /// How often a key was forgotten because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// Makes room for a new key: first by dropping keys that have been silent for a window, then the one silent longest.
fn make_room<K: Ord + Clone, T>(keys: &mut BTreeMap<K, BTreeMap<i64, T>>, key: &K, now: i64) -> u64 {
    if keys.len() < MAX_KEYS || keys.contains_key(key) {
        return 0;
    }
    let last = |b: &BTreeMap<i64, T>| b.last_key_value().map_or(i64::MIN, |(b, _)| *b);
    keys.retain(|_, b| last(b) >= now - 2);
    if keys.len() < MAX_KEYS {
        return 0;
    }
    match keys.iter().min_by_key(|(_, b)| last(b)).map(|(k, _)| k.clone()) {
        Some(oldest) => keys.remove(&oldest).map_or(0, |_| 1),
        None => 0,
    }
}

/// Alternations: how often one thing claimed by several goes from one to another and back.
#[derive(Debug)]
pub struct Switches<K, V> {
    window: i64,
    last: Bounded<K, Seen<V>>,
}

#[derive(Debug)]
struct Seen<V> {
    /// Last claim of each claimant, at most [`MAX_CLAIMANTS`], in order of time.
    claims: Vec<(V, Time)>,
    /// Times of the last switches.
    switches: Vec<Time>,
}

impl<V> Default for Seen<V> {
    fn default() -> Self {
        Seen { claims: Vec::new(), switches: Vec::new() }
    }
}

/// Claimants remembered per thing; two are a conflict, more only make it longer.
const MAX_CLAIMANTS: usize = 4;
/// Switches remembered per thing; far above every threshold.
const MAX_SWITCHES: usize = 16;

impl<K: Ord + Hash + Clone, V: Ord + Clone> Switches<K, V> {
    /// Judges over `window` nanoseconds.
    pub fn within(window: i64) -> Switches<K, V> {
        Switches { window, last: Bounded::default() }
    }

    /// `value` claims `key` at `at`. How often the claim has gone to another within the window, and the others.
    pub fn claim(&mut self, key: K, value: &V, at: Time) -> (u64, Vec<V>) {
        let seen = self.last.entry(key);
        if seen.claims.last().is_some_and(|(v, _)| v != value) {
            seen.switches.push(at);
        }
        seen.claims.retain(|(v, _)| v != value);
        seen.claims.push((value.clone(), at));
        let too_many = seen.claims.len().saturating_sub(MAX_CLAIMANTS);
        seen.claims.drain(..too_many);
        let too_many = seen.switches.len().saturating_sub(MAX_SWITCHES);
        seen.switches.drain(..too_many);
        let recent = seen.switches.iter().filter(|t| at.since(**t) <= self.window).count();
        let others = seen.claims.iter().filter(|(v, t)| v != value && at.since(*t) <= self.window);
        (recent as u64, others.map(|(v, _)| v.clone()).collect())
    }

    /// Who else claimed `key` after `first` and before `last`, and not longer before `last` than the window: for a sum
    /// that tells of a claim at both ends only.
    pub fn between(&self, key: &K, value: &V, first: Time, last: Time) -> Vec<(V, Time)> {
        let Some(seen) = self.last.get(key) else { return Vec::new() };
        let inside = |t: &Time| first < *t && *t < last && last.since(*t) <= self.window;
        seen.claims.iter().filter(|(v, t)| v != value && inside(t)).cloned().collect()
    }

    /// How often a key was forgotten because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.last.forgotten()
    }
}

/// A map that holds at most [`MAX_KEYS`]; a full one forgets its smallest key and counts that.
#[derive(Debug)]
pub struct Bounded<K, V> {
    /// Found by hash, because most facts ask for a key that is there.
    rows: HashTable<(u64, K, V)>,
    /// The keys in order, for the day it is full.
    order: BTreeSet<K>,
    forgotten: u64,
}

impl<K, V> Default for Bounded<K, V> {
    fn default() -> Self {
        Bounded { rows: HashTable::new(), order: BTreeSet::new(), forgotten: 0 }
    }
}

impl<K: Ord + Hash + Clone, V: Default> Bounded<K, V> {
    /// The value of this key, made if there is none.
    pub fn entry(&mut self, key: K) -> &mut V {
        let hash = hash::of(&key);
        if self.rows.len() >= MAX_KEYS
            && self.rows.find(hash, |row| row.0 == hash && row.1 == key).is_none()
            && let Some(smallest) = self.order.pop_first()
        {
            let hash = hash::of(&smallest);
            if let Ok(row) = self.rows.find_entry(hash, |row| row.1 == smallest) {
                row.remove();
            }
            self.forgotten += 1;
        }
        match self.rows.entry(hash, |row| row.0 == hash && row.1 == key, |row| row.0) {
            Entry::Occupied(row) => &mut row.into_mut().2,
            Entry::Vacant(free) => {
                self.order.insert(key.clone());
                &mut free.insert((hash, key, V::default())).into_mut().2
            }
        }
    }

    /// The value of this key.
    pub fn get(&self, key: &K) -> Option<&V> {
        let hash = hash::of(key);
        self.rows.find(hash, |row| row.0 == hash && row.1 == *key).map(|row| &row.2)
    }

    /// How often a key was forgotten.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_within_a_window_does_not_matter() {
        let at = |s: i64| Time(s * Time::SECOND);
        let times = [0, 59, 30, 61, 10];
        let count = |order: &[i64]| {
            let mut d = Distinct::within(120 * Time::SECOND);
            order.iter().map(|s| d.add("k", *s, at(*s))).max()
        };
        assert_eq!(count(&times), Some(5));
        let mut back = times;
        back.reverse();
        assert_eq!(count(&back), Some(5));
    }

    #[test]
    fn far_apart_is_not_together() {
        let mut r = Rate::within(60 * Time::SECOND);
        assert_eq!(r.add(1, 1, Time(0)), 1);
        assert_eq!(r.add(1, 1, Time(61 * Time::SECOND)), 1);
        assert_eq!(r.spread(1, 600, Time(0), Time(600 * Time::SECOND)), 30);
    }

    #[test]
    fn bounded_and_counted() {
        let mut r = Rate::within(60 * Time::SECOND);
        for key in 0..MAX_KEYS + 10 {
            r.add(key, 1, Time(0));
        }
        assert_eq!((r.keys.len(), r.forgotten()), (MAX_KEYS, 10));
    }
}
