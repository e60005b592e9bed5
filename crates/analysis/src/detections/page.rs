//! A detection's page: front matter, sections, cases.
//!
//! The front matter stands between two lines `+++` and is a small, strict part of TOML: `key = "text"`, `key = true`,
//! `key = ["text", "text"]`, one per line.

use core::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$v:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$v])* $variant),* }

        impl $name {
            /// The word used in every output.
            pub fn word(self) -> &'static str { match self { $($name::$variant => $word),* } }

            /// The value a word stands for.
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.word()) }
        }
    };
}
pub(crate) use words;

words! {
    /// Which kind of judgement a detection makes.
    Engine {
        /// A message breaks its standard.
        Protocol "protocol",
        /// Something is done that a site would forbid.
        Policy "policy",
        /// Looks like malicious software.
        Malware "malware",
        /// Out of proportion.
        Anomaly "anomaly",
        /// The process or its devices are affected.
        Operational "operational",
    }
}

words! {
    /// How bad. Ordered: the worst is greatest.
    Severity {
        /// Worth knowing.
        Warning "warning",
        /// Look when there is time.
        Minor "minor",
        /// Look today.
        Major "major",
        /// Look now.
        Critical "critical",
    }
}

words! {
    /// What an alert claims.
    Kind {
        /// Something was done, which may be authorised: no context is known.
        Observation "observation",
        /// Something is wrong, whoever did it.
        Problem "problem",
    }
}

/// The sections a page has, in order.
pub const SECTIONS: [&str; 6] =
    ["What it means", "Why it matters", "What to check first", "What not to touch", "When it is normal", "Blind spots"];

/// A page, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// One line for lists.
    pub title: &'static str,
    /// Kind of judgement.
    pub engine: Engine,
    /// How bad, unless a finding says otherwise.
    pub severity: Severity,
    /// What an alert claims.
    pub kind: Kind,
    /// Whether a person may declare an alert of this kind normal.
    pub learnable: bool,
    /// Whether it is switched on without being asked for.
    pub default_on: bool,
    /// ATT&CK for ICS techniques.
    pub attack: Vec<&'static str>,
    /// Titles of the reference catalogue it covers, by their ids.
    pub catalogue: Vec<&'static str>,
    /// Numbers it judges by, in words.
    pub thresholds: Vec<&'static str>,
    /// The sentence of an alert; words in braces are filled from the alert's facts.
    pub says: &'static str,
    /// Heading and text of each section of [`SECTIONS`].
    pub sections: Vec<(&'static str, &'static str)>,
    /// Cases: facts in, alerts out.
    pub cases: Vec<Case>,
}

/// One case of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its heading.
    pub title: &'static str,
    /// The facts block.
    pub facts: &'static str,
    /// Line of the page the block begins after.
    pub line: usize,
    /// The alerts block.
    pub alerts: &'static str,
}

/// Why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// Line of the page, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

fn wrong<T>(line: usize, what: impl Into<String>) -> Result<T, PageError> {
    Err(PageError { line, what: what.into() })
}

enum Setting {
    Text(&'static str),
    Flag(bool),
    List(Vec<&'static str>),
}

fn setting(text: &'static str) -> Option<Setting> {
    let quoted = |s: &'static str| s.trim().strip_prefix('"')?.strip_suffix('"').filter(|s| !s.contains('"'));
    match text {
        "true" => Some(Setting::Flag(true)),
        "false" => Some(Setting::Flag(false)),
        "[]" => Some(Setting::List(Vec::new())),
        _ => match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            Some(list) => list
                .split("\",")
                .map(|s| quoted(s).or_else(|| s.trim().strip_prefix('"')))
                .collect::<Option<_>>()
                .map(Setting::List),
            None => quoted(text).map(Setting::Text),
        },
    }
}

impl Page {
    /// Reads a page; strict.
    pub fn parse(about: &'static str) -> Result<Page, PageError> {
        let mut page = Page {
            title: "",
            engine: Engine::Policy,
            severity: Severity::Warning,
            kind: Kind::Observation,
            learnable: false,
            default_on: true,
            attack: Vec::new(),
            catalogue: Vec::new(),
            thresholds: Vec::new(),
            says: "",
            sections: Vec::new(),
            cases: Vec::new(),
        };
        let Some((front, body)) = about.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n")) else {
            return wrong(1, "a page begins with front matter between two lines +++");
        };
        let mut seen = Vec::new();
        for (n, line) in front.lines().enumerate() {
            page.set(n + 2, line, &mut seen)?;
        }
        for key in ["title", "engine", "severity", "kind", "learnable", "default", "attack", "catalogue", "says"] {
            if !seen.contains(&key) {
                return wrong(1, format!("front matter lacks {key}"));
            }
        }
        page.body(body, front.lines().count() + 2)?;
        Ok(page)
    }

    fn set(&mut self, line: usize, text: &'static str, seen: &mut Vec<&'static str>) -> Result<(), PageError> {
        let Some((key, value)) = text.split_once(" = ") else { return wrong(line, "expected: key = value") };
        if seen.contains(&key) {
            return wrong(line, format!("{key} stands twice"));
        }
        seen.push(key);
        let unknown = |kind: &str| PageError { line, what: format!("unknown {kind}: {value}") };
        match (key, setting(value)) {
            ("title", Some(Setting::Text(t))) => self.title = t,
            ("says", Some(Setting::Text(t))) => self.says = t,
            ("engine", Some(Setting::Text(t))) => self.engine = Engine::from_word(t).ok_or(unknown("engine"))?,
            ("severity", Some(Setting::Text(t))) => {
                self.severity = Severity::from_word(t).ok_or(unknown("severity"))?
            }
            ("kind", Some(Setting::Text(t))) => self.kind = Kind::from_word(t).ok_or(unknown("kind"))?,
            ("learnable", Some(Setting::Flag(f))) => self.learnable = f,
            ("default", Some(Setting::Flag(f))) => self.default_on = f,
            ("attack", Some(Setting::List(l))) => self.attack = l,
            ("catalogue", Some(Setting::List(l))) => self.catalogue = l,
            ("thresholds", Some(Setting::List(l))) => self.thresholds = l,
            _ => return wrong(line, format!("{key} = {value} is not understood")),
        }
        Ok(())
    }

    fn body(&mut self, body: &'static str, offset: usize) -> Result<(), PageError> {
        let (mut line, mut heading, mut case_title) = (offset, "", "");
        let mut rest = body;
        let mut facts: Option<(usize, &'static str)> = None;
        let mut section_start = body;
        while let Some((text, tail)) = rest.split_once('\n') {
            line += 1;
            if let Some(fence) = text.strip_prefix("```") {
                let Some((block, after)) = tail.split_once("```\n") else { return wrong(line, "block without an end") };
                match (fence, facts.take()) {
                    ("facts", None) => facts = Some((line, block)),
                    ("alerts", Some((at, facts))) => {
                        self.cases.push(Case { title: case_title, facts, line: at, alerts: block });
                    }
                    ("alerts", None) => return wrong(line, "alerts without facts"),
                    (_, Some(_)) => return wrong(line, "facts must be followed by alerts"),
                    (other, None) => return wrong(line, format!("unknown block {other}")),
                }
                line += block.lines().count() + 1;
                rest = after;
                continue;
            }
            let title = text.strip_prefix("## ");
            if title.is_some() || text.starts_with("### ") {
                self.close(heading, section_start, rest);
                heading = "";
            }
            if let Some(title) = title {
                (heading, section_start) = (title, tail);
            }
            if let Some(title) = text.strip_prefix("### ") {
                case_title = title;
            }
            rest = tail;
        }
        self.close(heading, section_start, rest);
        if facts.is_some() {
            return wrong(line, "facts without alerts");
        }
        let titles = self.sections.iter().map(|(t, _)| *t);
        if !titles.eq(SECTIONS) {
            return wrong(offset, format!("sections must be: {}", SECTIONS.join(", ")));
        }
        Ok(())
    }

    fn close(&mut self, heading: &'static str, start: &'static str, end: &str) {
        if let Some(heading) = SECTIONS.iter().find(|s| **s == heading) {
            let text = start.get(..start.len().saturating_sub(end.len())).unwrap_or("");
            self.sections.push((heading, text.trim()));
        }
    }

    /// The text of a section.
    pub fn section(&self, heading: &str) -> &'static str {
        self.sections.iter().find(|(h, _)| *h == heading).map_or("", |(_, t)| t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_line() {
        assert_eq!(Page::parse("title").unwrap_err().line, 1);
        assert_eq!(Page::parse("+++\ntitle = \"a\"\nengine = \"x\"\n+++\n").unwrap_err().line, 3);
        assert_eq!(Page::parse("+++\ntitle = \"a\"\ntitle = \"b\"\n+++\n").unwrap_err().line, 3);
        assert!(Page::parse("+++\ntitle = \"a\"\n+++\n").unwrap_err().what.contains("engine"));
    }
}
