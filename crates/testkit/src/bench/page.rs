//! `docs/benchmarks.md`: the last figures, and a history with a row per run.

use super::run::Cost;
use std::fmt::Write;

/// One measured thing on one input.
pub struct Row {
    /// What ran.
    pub name: String,
    /// What it cost.
    pub cost: Cost,
    /// Processor time against the first row of the same rounds.
    pub ratio: f64,
}

/// An input and what ran on it.
pub struct Table {
    /// How the input is called.
    pub input: String,
    /// What is in it.
    pub about: String,
    /// Packets in it.
    pub packets: usize,
    /// In the order of running; the first is what ratios refer to.
    pub rows: Vec<Row>,
}

const HISTORY: &str = "## History";
const HEAD: &str = "\
| date | commit | instructions per packet: analyze, facts | input's digest | analyze ns per packet | × first row |
|---|---|---|---|---|---|";

const BEGIN: &str = "\
# Benchmarks

Written by `./dev bench`. Processor time (user and system) of whole processes, start-up and report included, medians of
rounds run in turn on whatever machine this was: compare the ratios of one run, never nanoseconds of two. Instructions
per packet come from callgrind on a small capture of the simulated water works (start-up subtracted) and depend on the
compiler alone; `./dev bench --gate` fails where they have risen by more than 3 % over the last row of the history with
the same input.
";

/// The page with these figures; `old` is the page before, whose history is kept.
pub fn write(old: &str, tables: &[Table], history: &str) -> String {
    let mut page = BEGIN.to_string();
    for table in tables {
        let packets = table.packets;
        let _ = write!(page, "\n## {}\n\n{} packets: {}.\n\n", table.input, packets, table.about);
        page.push_str(
            "| what | CPU s | ns per packet | wall s | peak MiB | × first row |\n|---|---:|---:|---:|---:|---:|\n",
        );
        for row in &table.rows {
            let ns = row.cost.cpu * 1e9 / packets.max(1) as f64;
            let Cost { cpu, wall, peak } = row.cost;
            let _ = writeln!(page, "| {} | {cpu:.3} | {ns:.0} | {wall:.3} | {peak:.0} | {:.2} |", row.name, row.ratio);
        }
    }
    let _ = write!(page, "\n{HISTORY}\n\n{HEAD}\n");
    for line in rows(old).chain([history]) {
        page.push_str(line);
        page.push('\n');
    }
    page
}

/// The rows of a page's history.
pub fn rows(page: &str) -> impl Iterator<Item = &str> {
    let history = page.split_once(HISTORY).map_or("", |(_, history)| history);
    history.lines().filter(|l| l.starts_with("| 2"))
}

/// Instructions per packet of `analyze` in the last row with this input.
pub fn last_instructions(page: &str, input: &str) -> Option<f64> {
    let row = rows(page).filter(|row| row.contains(input)).last()?;
    row.split('|').nth(3)?.split(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_grows_and_is_read_again() {
        let one = write("", &[], "| 2026-03-02 | abc | 1500, 2500 | 00ff | 300 | 7.00 |");
        let two = write(&one, &[], "| 2026-03-03 | abd | 1400, 2400 | 00ff | 280 | 6.50 |");
        assert_eq!(rows(&two).count(), 2);
        assert_eq!(last_instructions(&two, "00ff"), Some(1400.0));
        assert_eq!(last_instructions(&two, "00aa"), None);
    }
}
