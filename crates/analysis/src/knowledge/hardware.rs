//! Hardware address → maker. `oui.tsv`: maker, then its prefixes of 24, 28 or 36 bits as hex digits.

use super::table::{Faults, File};
use std::borrow::Cow;

/// The longest prefix first: a block of the registrar is divided into smaller ones.
const LENGTHS: [(usize, u32); 3] = [(9, 12), (7, 20), (6, 24)];

/// The registry's prefixes.
pub struct Hardware {
    text: Cow<'static, str>,
    /// Prefix with its leading digits' count, start and length of the maker's name; sorted.
    rows: Vec<(u8, u64, u32, u16)>,
}

impl Hardware {
    /// Reads the table.
    pub fn new(file: File, faults: &mut Faults) -> Hardware {
        let base = file.text.as_ptr() as usize;
        let mut rows = Vec::new();
        for (line, row) in file.rows(faults) {
            let Some((maker, prefixes)) = row.split_once('\t') else {
                faults.add(file.name, line, "wrong number of columns");
                continue;
            };
            let start = u32::try_from((maker.as_ptr() as usize).saturating_sub(base));
            let (Ok(start), Ok(length)) = (start, u16::try_from(maker.len())) else {
                faults.add(file.name, line, "the file or the name is too long");
                continue;
            };
            for prefix in prefixes.split_ascii_whitespace() {
                match (LENGTHS.iter().any(|(digits, _)| *digits == prefix.len()), u64::from_str_radix(prefix, 16)) {
                    (true, Ok(value)) => rows.push((u8::try_from(prefix.len()).unwrap_or(0), value, start, length)),
                    _ => faults.add(file.name, line, "not a prefix of 24, 28 or 36 bits"),
                }
            }
        }
        rows.sort_unstable();
        if rows.iter().zip(rows.iter().skip(1)).any(|(a, b)| (a.0, a.1) == (b.0, b.1)) {
            faults.add(file.name, 0, "a prefix has two makers");
        }
        Hardware { text: file.text, rows }
    }

    /// The maker's name as registered. Group and locally administered addresses have none.
    pub fn get(&self, mac: [u8; 6]) -> Option<&str> {
        if mac.first().is_none_or(|first| first & 0b11 != 0) {
            return None;
        }
        let whole = mac.iter().fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
        LENGTHS.iter().find_map(|(digits, shift)| {
            let key = (u8::try_from(*digits).unwrap_or(0), whole >> shift);
            let at = self.rows.binary_search_by_key(&key, |row| (row.0, row.1)).ok()?;
            let (_, _, start, length) = *self.rows.get(at)?;
            let start = usize::try_from(start).ok()?;
            self.text.get(start..start.saturating_add(usize::from(length)))
        })
    }

    /// How many prefixes there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
