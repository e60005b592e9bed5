//! One line: time, repetition, ranges.

use super::ORIGIN;
use model::Time;

/// Text, and the range behind it.
type Piece = (String, Option<(u64, u64)>);

/// A line before its ranges are filled in.
pub(super) struct Pattern {
    start: Time,
    every: i64,
    repeats: Option<usize>,
    /// Text between ranges and the ranges; the text after the last range is the last piece's.
    pieces: Vec<Piece>,
}

impl Pattern {
    /// `None` for a line without a fact.
    pub(super) fn parse(line: &str) -> Result<Option<Pattern>, String> {
        let line = without_comment(line).trim();
        if line.is_empty() {
            return Ok(None);
        }
        let Some(rest) = line.strip_prefix("at ") else { return Err(format!("expected: at TIME FACT; found: {line}")) };
        let (time, mut rest) = word(rest);
        let start = ORIGIN.plus(duration(time)?);
        let (mut repeats, mut every) = (None, 0);
        if let Some(count) = word(rest).0.strip_prefix('x').and_then(|n| n.parse::<usize>().ok()) {
            let (every_word, tail) = word(word(rest).1);
            if every_word != "every" {
                return Err(format!("x{count} must be followed by: every TIME"));
            }
            let (time, tail) = word(tail);
            (repeats, every, rest) = (Some(count), duration(time)?, tail);
        }
        Ok(Some(Pattern { start, every, repeats, pieces: pieces(rest)? }))
    }

    fn combinations(&self) -> usize {
        let ranges = self.pieces.iter().filter_map(|(_, r)| *r);
        ranges.fold(1usize, |n, (a, b)| n.saturating_mul((b - a) as usize + 1))
    }

    /// How many facts the line stands for.
    pub(super) fn count(&self) -> usize {
        self.repeats.unwrap_or_else(|| self.combinations())
    }

    /// When the `i`th happens.
    pub(super) fn time(&self, i: usize) -> Time {
        self.start.plus(self.every.saturating_mul(i as i64))
    }

    /// The `i`th fact's text: ranges count like digits, the last one fastest.
    pub(super) fn text(&self, i: usize) -> String {
        let mut digits = Vec::new();
        let mut left = (i % self.combinations().max(1)) as u64;
        for (a, b) in self.pieces.iter().rev().filter_map(|(_, r)| *r) {
            let size = b - a + 1;
            digits.push(a + left % size);
            left /= size;
        }
        let mut text = String::new();
        for (piece, range) in &self.pieces {
            text.push_str(piece);
            if range.is_some() {
                text.push_str(&digits.pop().unwrap_or_default().to_string());
            }
        }
        text
    }
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && before.is_whitespace() => return line.get(..at).unwrap_or(line),
            _ => {}
        }
        before = c;
    }
    line
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((range, after)) = tail.split_once('}') else { return Err(format!("{{ without }}: {rest}")) };
        let ends = range.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        match ends {
            Some((a, b)) if a <= b && b - a < super::MAX_FACTS as u64 => pieces.push((before.to_owned(), Some((a, b)))),
            _ => return Err(format!("not a range: {range}")),
        }
        rest = after;
    }
    pieces.push((rest.to_owned(), None));
    Ok(pieces)
}

/// `1d2h3m4s5ms6us` in nanoseconds; at least one part.
pub(super) fn duration(text: &str) -> Result<i64, String> {
    let bad = || format!("not a time: {text}");
    let (mut sum, mut rest) = (0i64, text);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let (number, tail) = rest.split_at_checked(digits).ok_or_else(bad)?;
        let units: [(&str, i64); 6] = [
            ("ms", Time::MILLISECOND),
            ("us", 1000),
            ("s", Time::SECOND),
            ("m", 60 * Time::SECOND),
            ("h", 3600 * Time::SECOND),
            ("d", 86_400 * Time::SECOND),
        ];
        let (tail, unit) = units.iter().find_map(|(u, ns)| Some((tail.strip_prefix(u)?, *ns))).ok_or_else(bad)?;
        let number: i64 = number.parse().map_err(|_| bad())?;
        sum = number.checked_mul(unit).and_then(|n| n.checked_add(sum)).ok_or_else(bad)?;
        rest = tail;
    }
    if text.is_empty() { Err(bad()) } else { Ok(sum) }
}

/// A word of a line; `quoted` keeps a number in quotes a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::detections) struct Token {
    pub(in crate::detections) text: String,
    pub(super) quoted: bool,
}

/// Splits at white space outside quotes.
pub(in crate::detections) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let (mut current, mut open, mut quoted) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => (open, quoted) = (!open, true),
            c if c.is_whitespace() && !open => {
                if !current.is_empty() {
                    tokens.push(Token { text: core::mem::take(&mut current), quoted });
                }
                quoted = false;
            }
            c => current.push(c),
        }
    }
    if open {
        return Err("a quote is not closed".to_owned());
    }
    if !current.is_empty() {
        tokens.push(Token { text: current, quoted });
    }
    Ok(tokens)
}
