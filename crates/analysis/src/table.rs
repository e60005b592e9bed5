//! A table found by hash and told in order: facts come in any order and often, answers are asked for once.

use crate::hash;
use core::hash::Hash;
use hashbrown::HashTable;

/// Values by key.
#[derive(Clone, Debug)]
pub struct Table<K, V> {
    rows: Vec<(K, V)>,
    index: HashTable<(u64, u32)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { rows: Vec::new(), index: HashTable::new() }
    }
}

impl<K: Ord + Hash, V> Table<K, V> {
    fn find(&self, hash: u64, key: &K) -> Option<u32> {
        let same =
            |entry: &(u64, u32)| entry.0 == hash && self.rows.get(entry.1 as usize).is_some_and(|row| row.0 == *key);
        self.index.find(hash, same).map(|entry| entry.1)
    }

    /// The value of this key, made by `new` where there is none; `None` where there is none and `limit` keys are
    /// known already.
    pub fn slot(&mut self, key: K, limit: usize, new: impl FnOnce(&K) -> V) -> Option<&mut V> {
        let hash = hash::of(&key);
        let at = match self.find(hash, &key) {
            Some(at) => at,
            None if self.rows.len() >= limit => return None,
            None => {
                let value = new(&key);
                let at = self.rows.len() as u32;
                self.rows.push((key, value));
                self.index.insert_unique(hash, (hash, at), |entry| entry.0);
                at
            }
        };
        self.rows.get_mut(at as usize).map(|row| &mut row.1)
    }

    /// The value of a known key.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(hash::of(key), key)?;
        self.rows.get_mut(at as usize).map(|row| &mut row.1)
    }

    /// Whether a key is known.
    pub fn contains(&self, key: &K) -> bool {
        self.find(hash::of(key), key).is_some()
    }

    /// All values, in no order that means anything.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.rows.iter().map(|row| &row.1)
    }

    /// All keys and values, in order of the keys.
    pub fn sorted(&self) -> Vec<(&K, &V)> {
        let mut rows: Vec<(&K, &V)> = self.rows.iter().map(|(key, value)| (key, value)).collect();
        rows.sort_unstable_by(|a, b| a.0.cmp(b.0));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_again_bounded_and_in_order() {
        let mut table: Table<u32, u32> = Table::default();
        for n in [5, 3, 9, 3, 5, 1] {
            if let Some(count) = table.slot(n, 3, |_| 0) {
                *count += 1;
            }
        }
        assert_eq!(table.sorted(), [(&3, &2), (&5, &2), (&9, &1)]);
        assert!(table.contains(&9) && !table.contains(&1));
    }
}
