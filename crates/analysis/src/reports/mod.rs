//! Documents to hand over. A report is one folder (page, renderer) and one word in `list.rs`; it is a pure function
//! of what is known, so the same input gives the same bytes.

mod csp;
pub mod html;

use crate::Judge;
use crate::inventory::Asset;
use crate::knowledge::Knowledge;
use model::Time;
use std::borrow::Cow;

/// One input as the report names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputFile {
    /// How the user named it.
    pub name: String,
    /// SHA-256 of the file as it lies on disk, lower-case hex.
    pub sha256: Option<String>,
    /// Bytes on disk; 0 where not known.
    pub size: u64,
    /// Frames read.
    pub frames: u64,
    /// First and last frame.
    pub times: Option<(Time, Time)>,
    /// Why it was not read to its end.
    pub problems: Vec<String>,
    /// The same bytes as this other input, which was read instead.
    pub same_as: Option<String>,
    /// Known to the site from an earlier run: it adds nothing.
    pub known: bool,
}

/// What a report is made of.
pub struct Matter<'a> {
    /// The place, in the user's words; may be empty.
    pub site: &'a str,
    /// Name and version of the program.
    pub program: &'a str,
    /// Everything stage 2 knows.
    pub judge: &'a Judge,
    /// The devices.
    pub assets: &'a [Asset],
    /// Names of techniques.
    pub knowledge: &'a Knowledge,
    /// What was read.
    pub files: &'a [InputFile],
}

/// A kind of report.
pub struct Report {
    /// The folder's name.
    pub name: &'static str,
    /// The page, `README.md`.
    pub about: &'static str,
    /// The whole document.
    pub render: fn(&Matter<'_>) -> String,
}

/// The list: each word is a folder, a module and a report.
macro_rules! reports {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every report, in the order of the list.
        pub static REPORTS: &[Report] = &[$(Report {
            name: stringify!($name),
            about: include_str!(concat!(stringify!($name), "/README.md")),
            render: $name::render,
        }),*];
    };
}

include!("list.rs");

/// The report of this name.
pub fn by_name(name: &str) -> Option<&'static Report> {
    REPORTS.iter().find(|r| r.name == name)
}

/// Characters that move the cursor, end the line or turn the writing direction around: a name from the wire could use
/// them to look like another.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Text from the wire as it may be shown to a person: what deceives the eye or the terminal is made visible.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(is_deceptive) {
        Cow::Owned(text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// A time as people write it: UTC, to the second.
pub fn moment(time: Time) -> String {
    let text = time.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    seconds.replace('T', " ")
}

/// A stretch of time in its two largest units.
pub fn stretch(ns: i64) -> String {
    let seconds = ns.max(0) / Time::SECOND;
    let (d, h, m, s) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match (d, h, m) {
        (0, 0, 0) => format!("{s} s"),
        (0, 0, _) => format!("{m} min {s} s"),
        (0, _, _) => format!("{h} h {m} min"),
        _ => format!("{d} d {h} h"),
    }
}

/// A period in the unit a person would choose.
pub fn period(ns: i64) -> String {
    let ms = ns as f64 / Time::MILLISECOND as f64;
    match ns {
        ..1_000_000_000 => format!("{ms:.0} ms"),
        1_000_000_000..120_000_000_000 => format!("{:.1} s", ms / 1000.0),
        _ => stretch(ns),
    }
}

/// Bytes in the unit a person would choose.
pub fn bytes(n: u64) -> String {
    match n {
        0..10_000 => format!("{n} B"),
        10_000..10_000_000 => format!("{:.0} kB", n as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.0} MB", n as f64 / 1e6),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

/// A number with its thousands set apart.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_people() {
        assert_eq!(moment(Time(951_782_400 * Time::SECOND + 5)), "2000-02-29 00:00:00");
        assert_eq!(stretch(0), "0 s");
        assert_eq!(stretch(90_061 * Time::SECOND), "1 d 1 h");
        assert_eq!(period(250 * Time::MILLISECOND), "250 ms");
        assert_eq!(number(1), "1");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(plain("a\u{202e}b\u{1b}[2J"), "a\u{fffd}b\u{fffd}[2J");
        assert!(matches!(plain("Pumpe Süd"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_report_has_its_name_and_page() {
        for report in REPORTS {
            assert!(report.about.starts_with("# "), "{}", report.name);
            assert!(by_name(report.name).is_some());
        }
    }
}
