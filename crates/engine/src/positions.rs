//! Positions in a list by hash. Every pair of hosts has such lists and most are short: these are looked through one by
//! one and cost no table.

use hashbrown::HashTable;

/// Entries looked through one by one.
const FEW: usize = 16;

/// The index of one list, kept beside it.
#[derive(Default)]
pub struct Positions(Option<Box<HashTable<u32>>>);

impl Positions {
    /// Where in `list` the entry with this hash is.
    #[inline]
    pub fn find<T>(&self, list: &[T], hash: u64, hash_of: impl Fn(&T) -> u64) -> Option<usize> {
        match &self.0 {
            None => list.iter().position(|entry| hash_of(entry) == hash),
            Some(table) => {
                let same = |i: &u32| list.get(*i as usize).is_some_and(|entry| hash_of(entry) == hash);
                table.find(hash, same).map(|i| *i as usize)
            }
        }
    }

    /// An entry was put at the end of `list`.
    pub fn added<T>(&mut self, list: &[T], hash_of: impl Fn(&T) -> u64) {
        let hash = |i: &u32| list.get(*i as usize).map_or(0, &hash_of);
        if let (Some(table), Some(last)) = (&mut self.0, list.len().checked_sub(1)) {
            let last = last as u32;
            table.insert_unique(hash(&last), last, hash);
        } else if list.len() > FEW {
            let mut table = HashTable::with_capacity(2 * FEW);
            for i in 0..list.len() as u32 {
                table.insert_unique(hash(&i), i, hash);
            }
            self.0 = Some(Box::new(table));
        }
    }
}

/// How much room to add to a full list of this length: many have five or six entries, doubling would waste as much again.
pub fn growth(len: usize) -> usize {
    if len < FEW { 2 } else { len }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_one_by_one_and_by_table() {
        let (mut list, mut index) = (Vec::new(), Positions::default());
        let hash_of = |n: &u64| crate::hash::mix(7, *n);
        for n in 0..100_u64 {
            assert_eq!(index.find(&list, hash_of(&n), hash_of), None);
            list.push(n);
            index.added(&list, hash_of);
            assert!((0..=n).all(|m| index.find(&list, hash_of(&m), hash_of) == Some(m as usize)), "{n}");
        }
    }
}
