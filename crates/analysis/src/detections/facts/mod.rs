//! Facts written as text: the cases of detection pages, and of rules written by hand.
//!
//! One fact or one pattern of facts per line; `#` begins a comment:
//!
//! ```text
//! at TIME [xCOUNT every TIME] FACT
//!
//! FACT  A -> B PROTOCOL OPERATION class=CLASS [ok|refused=N|no_reply|reply_only|unseen] [KEY=VALUE…]
//!       A -> B flow tcp|udp|icmp|ether|ip [unanswered] [reset] [midstream] [KEY=VALUE…]
//!       anomaly PROTOCOL KIND A -> B [detail=TEXT] [repeats=N]
//!       evidence PROTOCOL A ATTRIBUTE=VALUE [guessed|implied|stated|verified]
//!       match PATTERN A -> B [protocol=NAME]
//!       transfer PROTOCOL A -> B download|upload [partial] [content=WORD] [name=TEXT] [size=N] [sha256=HEX]
//!       gap A -> B bytes=N
//!       health KIND [what=TEXT] [count=N]
//! ```
//!
//! Endpoints are `10.0.0.9`, `10.0.0.9:502`, `[fe80::1]:80`, `00:11:22:33:44:55`. `{3..9}` stands for every number of
//! the range: without `x`, one fact for each combination at the same time; with `x`, the combinations in turn, the last
//! range first. `repeats=N for=SPAN last=SPAN` is a sum drawn up at the time of the line: N operations, the first and the
//! last that long ago; `asked=SPAN` is how long before the request was. Keys that are no key of the vocabulary are fields of the operation. Values are `true`, numbers,
//! `secret(8)`, `"text with blanks"` or a word.

mod kinds;
pub(super) mod line;

use core::fmt;
use model::{Event, Stamp, Time};
use std::collections::BTreeSet;

/// More facts than this from one text are refused: a typing error in a count must not eat the memory.
pub const MAX_FACTS: usize = 200_000;

/// When the clock of a text begins: 2026-01-01 00:00 UTC.
pub const ORIGIN: Time = Time(1_767_225_600 * Time::SECOND);

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactsError {
    /// Line of the text, from 1.
    pub line: usize,
    /// What is wrong, with what was found.
    pub what: String,
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Words of protocols are static in the vocabulary; a text's words are kept for the life of the program. Each
/// distinct word of one text is kept once; texts are pages and rules, read at start or when a person saves one.
#[derive(Default)]
pub(super) struct Words(BTreeSet<&'static str>);

impl Words {
    fn keep(&mut self, word: &str) -> &'static str {
        match self.0.get(word) {
            Some(kept) => kept,
            None => {
                let kept: &'static str = Box::leak(word.to_owned().into_boxed_str());
                self.0.insert(kept);
                kept
            }
        }
    }
}

/// Reads a text; strict. Facts come in order of time, numbered from frame 1.
pub fn parse(text: &str) -> Result<Vec<Event>, FactsError> {
    let mut words = Words::default();
    let mut facts: Vec<(Time, model::What)> = Vec::new();
    for (n, text) in text.lines().enumerate() {
        let say = |what: String| FactsError { line: n + 1, what };
        let Some(pattern) = line::Pattern::parse(text).map_err(say)? else { continue };
        if facts.len() + pattern.count() > MAX_FACTS {
            return Err(say(format!("more than {MAX_FACTS} facts")));
        }
        for i in 0..pattern.count() {
            let at = pattern.time(i);
            let what = kinds::fact(&line::tokens(&pattern.text(i)).map_err(say)?, at, &mut words).map_err(say)?;
            facts.push((at, what));
        }
    }
    facts.sort_by_key(|(at, _)| *at);
    let stamp = |(i, (time, what)): (usize, (Time, model::What))| {
        let at = Stamp { time, frame: i as u64 + 1, index: 0 };
        Event { at, what: kinds::stamped(what, at) }
    };
    Ok(facts.into_iter().enumerate().map(stamp).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Outcome, What};

    #[test]
    fn ranges_repeats_and_fields() {
        let text = "# comment\nat 1m30s x6 every 10ms 10.0.0.66 -> 10.0.{0..1}.{1..2}:502 modbus x class=read refused=2 iin=\"a,b\" # tail\n\nat 0s 10.0.0.1:{5..7} -> 10.0.0.2 flow tcp unanswered";
        let facts = parse(text).unwrap();
        assert_eq!(facts.len(), 9);
        let subjects: Vec<String> = facts
            .iter()
            .filter_map(|e| match &e.what {
                What::Transaction(t) => Some(t.subject.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(subjects[0], "10.0.0.1:502");
        assert_eq!(subjects[1], "10.0.0.2:502");
        assert_eq!(subjects[2], "10.0.1.1:502");
        assert_eq!(subjects[4], subjects[0]);
        assert_eq!(facts[3].at.time, ORIGIN.plus(90 * Time::SECOND));
        assert_eq!(facts[4].at.time.since(facts[3].at.time), 10_000_000);
        let What::Transaction(t) = &facts[8].what else { panic!() };
        assert_eq!(t.outcome, Outcome::Refused(2));
        assert_eq!(super::super::words::field(t, "iin"), Some("a,b"));
        assert_eq!(t.first, facts[8].at);
    }

    #[test]
    fn errors_name_the_line_and_the_word() {
        for (text, word) in [
            ("\nat 1x 10.0.0.1 -> 10.0.0.2 p o class=read", "1x"),
            ("\nat 1s 10.0.0.1 10.0.0.2 p o class=read", "->"),
            ("\nat 1s 10.0.0.1 -> 10.0.0.2 p o class=reed", "reed"),
            ("\nat 1s 10.0.0.1 -> 10.0.0.2 p o", "class"),
            ("\nat 1s 10.0.0.300 -> 10.0.0.2 p o class=read", "10.0.0.300"),
            ("\nat 1s 10.0.0.1 -> 10.0.0.2 p o class=read okay", "okay"),
            ("\nat 1s x5 10.0.0.1 -> 10.0.0.2 p o class=read", "every"),
            ("\nat 1s 10.0.0.{5..1} -> 10.0.0.2 p o class=read", "5..1"),
            ("\nat 1s evidence arp 10.0.0.1 colour=red", "colour"),
            ("\nat 1s 10.0.0.1 -> 10.0.0.2 flow tcp frames=1", "frames"),
            ("\nat 1s 10.0.0.1 -> 10.0.0.2 p o class=read a=\"b", "quote"),
            ("\nat 1s x999999 every 1s gap 10.0.0.1 -> 10.0.0.2 bytes=1", "facts"),
            ("\nnonsense", "at"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, 2, "{text}");
            assert!(error.what.contains(word), "{error}");
        }
    }
}
