//! One spelling per maker. `vendors.tsv`: canonical name, then aliases separated by `;`. An alias stands for every
//! name that is it or begins with it as whole words; `=alias` only for the name itself. The longest alias decides.

use super::table::{Faults, File};
use std::collections::BTreeMap;

/// Words of a name that are looked at: longer names differ only in legal form and address.
const MAX_WORDS: usize = 12;

/// Canonical names and what leads to them.
pub struct Vendors {
    names: Vec<String>,
    /// Alias → (index of its name, whole name only).
    aliases: BTreeMap<String, (usize, bool)>,
}

impl Vendors {
    /// Reads the table. The canonical name is an alias of itself.
    pub fn new(file: &File, faults: &mut Faults) -> Vendors {
        let mut names = Vec::new();
        let mut aliases = BTreeMap::new();
        for (line, row) in file.rows(faults) {
            let (name, rest) = row.split_once('\t').unwrap_or((row, ""));
            let index = names.len();
            names.push(name.trim().to_string());
            let own = std::iter::once(format!("={name}"));
            let mut mine: BTreeMap<String, bool> = BTreeMap::new();
            for alias in own.chain(rest.split(';').map(|a| a.trim().to_string()).filter(|a| !a.is_empty())) {
                let whole = alias.starts_with('=');
                let entry = mine.entry(words(&alias).join(" ")).or_insert(whole);
                *entry &= whole;
            }
            for (alias, whole) in mine {
                if alias.is_empty() || aliases.insert(alias, (index, whole)).is_some() {
                    faults.add(file.name, line, "an alias is empty or another maker's too");
                }
            }
        }
        Vendors { names, aliases }
    }

    /// The canonical name, or the text itself, trimmed, where the maker is not in the table.
    pub fn canonical<'a>(&'a self, text: &'a str) -> &'a str {
        self.known(text).unwrap_or(text.trim())
    }

    /// The canonical name where the maker is in the table.
    pub fn known(&self, text: &str) -> Option<&str> {
        let mut words = words(text);
        let all = words.len();
        while !words.is_empty() {
            if let Some((index, whole)) = self.aliases.get(&words.join(" "))
                && (!whole || words.len() == all)
            {
                return self.names.get(*index).map(String::as_str);
            }
            words.pop();
        }
        None
    }
}

/// Lower-case words of letters and digits.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let split = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    split.take(MAX_WORDS).map(str::to_string).collect()
}
