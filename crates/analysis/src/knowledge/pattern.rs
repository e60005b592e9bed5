//! The one small pattern language of the rule tables, in place of regular expressions.
//!
//! Letters and digits stand for themselves (case does not count), `#` is any digit, `?` any character. `^` at the
//! start ties the pattern to the start of the text, `$` at the end to its end, `*` at the end lets a word go on.
//! Among the patterns that fit, the most specific decides; two equally specific ones that disagree decide nothing.

/// Characters of a text that are looked at: product names and banners are shorter, garbage is not.
pub const MAX_TEXT: usize = 1024;
/// Weight of a literal character, a digit class, any character, and the end mark, in specificity.
const WEIGHTS: (u32, u32, u32, u32) = (8, 4, 1, 2);

/// Characters after which a missing hyphen is forgiven (`6ES7315` of `6ES7315-2EH`); `150` of `150-` is not enough.
const CLEAR_HEAD: usize = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(char),
    Digit,
    Any,
}

impl Piece {
    fn fits(self, c: char) -> bool {
        match self {
            Piece::Literal(own) => own == c,
            Piece::Digit => c.is_ascii_digit(),
            Piece::Any => true,
        }
    }

    fn overlaps(self, other: Piece) -> bool {
        match (self, other) {
            (Piece::Any, _) | (_, Piece::Any) | (Piece::Digit, Piece::Digit) => true,
            (Piece::Literal(c), piece) | (piece, Piece::Literal(c)) => piece.fits(c),
        }
    }
}

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub struct Pattern {
    pieces: Vec<Piece>,
    start: bool,
    end: bool,
    open: bool,
    specificity: u32,
    letters: Letters,
}

/// Which characters occur, as bits: a pattern with one that the text lacks cannot fit, which is seen without comparing.
type Letters = u64;

fn letter(c: char) -> Letters {
    let bit = match c {
        'a'..='z' => c as u32 - 'a' as u32,
        '0'..='9' => 26 + c as u32 - '0' as u32,
        other => 36 + other as u32 % 28,
    };
    1 << bit
}

/// A text as patterns see it.
#[derive(Clone, Debug)]
pub struct Folded {
    chars: Vec<char>,
    letters: Letters,
}

impl Folded {
    /// Lower case, blanks joined, at most [`MAX_TEXT`] characters.
    pub fn new(text: &str) -> Folded {
        let chars = fold(text);
        let letters = chars.iter().fold(0, |all, c| all | letter(*c));
        Folded { chars, letters }
    }
}

impl Pattern {
    /// Compiles; `None` when nothing but marks stands there.
    pub fn new(text: &str) -> Option<Pattern> {
        let text = fold(text).into_iter().collect::<String>();
        let (start, text) = text.strip_prefix('^').map_or((false, text.as_str()), |rest| (true, rest));
        let (end, text) = text.strip_suffix('$').map_or((false, text), |rest| (true, rest));
        let (open, text) = text.strip_suffix('*').map_or((false, text), |rest| (true, rest));
        let pieces: Vec<Piece> = text
            .chars()
            .map(|c| match c {
                '#' => Piece::Digit,
                '?' => Piece::Any,
                other => Piece::Literal(other),
            })
            .collect();
        if !pieces.iter().any(|p| matches!(p, Piece::Literal(_))) {
            return None;
        }
        let letters = pieces.iter().fold(0, |all, piece| match piece {
            Piece::Literal(c) => all | letter(*c),
            Piece::Digit | Piece::Any => all,
        });
        let weight = pieces.iter().map(|piece| match piece {
            Piece::Literal(_) => WEIGHTS.0,
            Piece::Digit => WEIGHTS.1,
            Piece::Any => WEIGHTS.2,
        });
        let specificity = weight.fold(if end { WEIGHTS.3 } else { 0 }, u32::saturating_add);
        Some(Pattern { pieces, start, end, open, specificity, letters })
    }

    /// How much it says; higher decides.
    pub fn specificity(&self) -> u32 {
        self.specificity
    }

    /// Does it fit the start of an order number? Blanks do not count; hyphens and dots count only where the pattern
    /// has them. A number printed without any hyphen may lack the pattern's too, after a head long enough to be clear.
    pub fn leads(&self, text: &Folded) -> bool {
        let text = &text.chars;
        // nearly every rule differs in the first character
        let first = text.iter().find(|c| **c != ' ');
        if !first.zip(self.pieces.first()).is_some_and(|(c, piece)| piece.fits(*c) || matches!(c, '-' | '.')) {
            return false;
        }
        let separator = |c: &char| matches!(c, '-' | '.');
        let bare = !text.iter().any(separator);
        let mut rest = text.iter().copied().filter(|c| *c != ' ').peekable();
        for (at, piece) in self.pieces.iter().enumerate() {
            if !matches!(piece, Piece::Literal('-' | '.')) {
                while rest.next_if(separator).is_some() {}
            } else if bare && at >= CLEAR_HEAD {
                continue;
            }
            if !rest.next().is_some_and(|c| piece.fits(c)) {
                return false;
            }
        }
        !self.end || rest.next().is_none()
    }

    /// Does it stand in the text, as whole words?
    pub fn within(&self, text: &Folded) -> bool {
        if self.letters & !text.letters != 0 {
            return false;
        }
        let text = &text.chars;
        let last = text.len().checked_sub(self.pieces.len());
        let Some(last) = last else { return false };
        let word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric());
        (0..=if self.start { 0 } else { last }).any(|at| {
            let window = text.get(at..).unwrap_or_default();
            let after = at.saturating_add(self.pieces.len());
            if !self.pieces.iter().zip(window).all(|(piece, c)| piece.fits(*c)) {
                return false;
            }
            let first_is_word = word(Some(at));
            let last_is_word = word(after.checked_sub(1));
            let starts = self.start || !first_is_word || !word(at.checked_sub(1));
            let ends = if self.end { after == text.len() } else { self.open || !last_is_word || !word(Some(after)) };
            starts && ends
        })
    }

    /// Could both fit the start of one order number, equally well?
    pub fn ties_leading(&self, other: &Pattern) -> bool {
        let solid = |p: &&Piece| !matches!(p, Piece::Literal('-' | '.' | ' '));
        self.specificity == other.specificity
            && self.pieces.iter().filter(solid).zip(other.pieces.iter().filter(solid)).all(|(a, b)| a.overlaps(*b))
    }

    /// Could both fit the same words of a text, equally well?
    pub fn ties_within(&self, other: &Pattern) -> bool {
        self.specificity == other.specificity
            && self.pieces.len() == other.pieces.len()
            && self.pieces.iter().zip(&other.pieces).all(|(a, b)| a.overlaps(*b))
    }
}

/// Lower case, blanks joined, at most `MAX_TEXT` characters.
fn fold(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        let c = if c.is_whitespace() || c.is_control() { ' ' } else { c };
        if c == ' ' && out.last().is_none_or(|last| *last == ' ') {
            continue;
        }
        if out.len() == MAX_TEXT {
            break;
        }
        out.push(c);
    }
    out
}

/// A pattern and what it means.
#[derive(Clone, Debug)]
pub struct Rule<T> {
    /// When.
    pub pattern: Pattern,
    /// Then.
    pub meaning: T,
    /// Where it stands, for faults.
    pub line: usize,
}

/// The meaning of the most specific rule that fits; `None` where none does or equals disagree.
pub fn decide<T: PartialEq>(rules: &[Rule<T>], fits: impl Fn(&Pattern) -> bool) -> Option<&T> {
    let mut best: Option<(u32, &T)> = None;
    let mut tie = false;
    for rule in rules.iter().filter(|rule| fits(&rule.pattern)) {
        let weight = rule.pattern.specificity();
        match best {
            Some((held, _)) if held > weight => {}
            Some((held, meaning)) if held == weight => tie |= *meaning != rule.meaning,
            _ => {
                best = Some((weight, &rule.meaning));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, meaning)| meaning)
}
