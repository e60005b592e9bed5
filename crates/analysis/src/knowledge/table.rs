//! Tab-separated tables: one row per line, `#` starts a comment line. What cannot be read is a fault, never a panic.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Rows read from one file. The largest registry (IANA enterprise numbers) has some 62,000.
pub const MAX_ROWS: usize = 1 << 20;
/// Faults kept with their text; the others are only counted, a broken pack has as many as lines.
pub const MAX_FAULTS: usize = 64;

/// A row that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as `<set>/<name>`.
    pub file: &'static str,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// What went wrong while reading a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first `MAX_FAULTS`.
    pub first: Vec<Fault>,
    /// All of them.
    pub count: usize,
}

impl Faults {
    /// Notes one.
    pub fn add(&mut self, file: &'static str, line: usize, what: &'static str) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < MAX_FAULTS {
            self.first.push(Fault { file, line, what });
        }
    }
}

/// A file of a set, and where it stands for faults.
pub struct File {
    /// `<set>/<name>`.
    pub name: &'static str,
    /// Its text.
    pub text: Cow<'static, str>,
}

impl File {
    /// The rows with their line numbers; comments and empty lines are skipped. A row past `MAX_ROWS` is a fault.
    pub fn rows<'a>(&'a self, faults: &mut Faults) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        if let Some((line, _)) = self.text.lines().enumerate().nth(MAX_ROWS) {
            faults.add(self.name, line, "more rows than are read");
        }
        let lines = self.text.lines().enumerate().take(MAX_ROWS);
        lines.map(|(at, row)| (at.saturating_add(1), row)).filter(|(_, row)| !row.is_empty() && !row.starts_with('#'))
    }

    /// Rows of exactly `N` columns; others are faults.
    pub fn columns<'a, const N: usize>(&'a self, faults: &mut Faults) -> Vec<(usize, [&'a str; N])> {
        let mut out = Vec::new();
        for (line, row) in self.rows(faults) {
            let cells: Vec<&str> = row.split('\t').map(str::trim).collect();
            match <[&str; N]>::try_from(cells) {
                Ok(cells) => out.push((line, cells)),
                Err(_) => faults.add(self.name, line, "wrong number of columns"),
            }
        }
        out
    }
}

/// `number<TAB>name[<TAB>…]`: the text stays as it is, an index stands beside it.
pub struct Numbers {
    text: Cow<'static, str>,
    /// Number, start and end of the rest of the line; sorted by number.
    rows: Vec<(u32, u32, u32)>,
}

impl Numbers {
    /// Reads the table. A number given twice keeps its first row and is a fault.
    pub fn new(file: File, faults: &mut Faults) -> Numbers {
        let base = file.text.as_ptr() as usize;
        let mut rows = Vec::new();
        for (line, row) in file.rows(faults) {
            let parts = row.split_once('\t').and_then(|(number, rest)| Some((number.trim().parse().ok()?, rest)));
            let Some((number, rest)) = parts else {
                faults.add(file.name, line, "not a number and a name");
                continue;
            };
            let start = (rest.as_ptr() as usize).saturating_sub(base);
            let place = (u32::try_from(start), u32::try_from(start.saturating_add(rest.len())));
            match place {
                (Ok(start), Ok(end)) => rows.push((number, start, end)),
                _ => faults.add(file.name, line, "the file is too long"),
            }
        }
        rows.sort_by_key(|row| (row.0, row.1));
        let before = rows.len();
        rows.dedup_by_key(|row| row.0);
        if rows.len() != before {
            faults.add(file.name, 0, "a number stands there twice");
        }
        Numbers { text: file.text, rows }
    }

    /// What stands behind the number.
    pub fn get(&self, number: u32) -> Option<&str> {
        let at = self.rows.binary_search_by_key(&number, |row| row.0).ok()?;
        let (_, start, end) = *self.rows.get(at)?;
        self.text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// All rows in order of their number.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        self.rows.iter().filter_map(|row| Some((row.0, self.get(row.0)?)))
    }
}

/// `key<TAB>value` tables small enough to be owned.
pub fn map<V>(
    file: &File,
    faults: &mut Faults,
    mut row: impl FnMut(&[&str]) -> Option<(String, V)>,
) -> BTreeMap<String, V> {
    let mut out = BTreeMap::new();
    for (line, text) in file.rows(faults) {
        let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
        match row(&cells) {
            Some((key, value)) => {
                if out.insert(key, value).is_some() {
                    faults.add(file.name, line, "a key stands there twice");
                }
            }
            None => faults.add(file.name, line, "the row does not fit its table"),
        }
    }
    out
}
