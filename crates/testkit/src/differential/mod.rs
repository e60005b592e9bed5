//! The project's parsers against tshark: for every capture and protocol both know, which message (operation code) was
//! sent in which frame by whom. Values and targets are compared by the pages' own cases; this is about "nothing missed,
//! nothing invented, nobody confused".

mod claims;
mod fact;
mod field;
mod names;
mod office;
mod oracles;
mod pdml;
mod terms;
mod told;

pub use claims::Unshared;
pub use fact::Fact;
pub use field::FIELD;
pub use names::NAMES;
pub use office::OFFICE;
pub use oracles::{ORACLES, Oracle};
pub use pdml::installed;
pub use terms::Reason;

use crate::corpus;
use claims::Conversations;
use engine::Settings;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use terms::Terms;

/// A message: frame, sender, and what it is (`3`, `response`, `7:29697`; the oracle's own words).
pub type Message = (u64, String, String);

/// How often each message was seen.
type Counts = BTreeMap<Message, u64>;

/// How far both agree on one protocol of one capture.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// Messages both know.
    pub same: u64,
    /// Messages only tshark knows.
    pub missed: Vec<Message>,
    /// Messages only we know.
    pub added: Vec<Message>,
    /// Messages that cannot be compared, by reason: how many tshark shows and how many we told.
    pub left_out: BTreeMap<Reason, [u64; 2]>,
    /// Messages among the same that tshark shows only when it is told which protocol the port carries.
    pub told: u64,
}

impl Agreement {
    /// All messages that at least one side knows.
    pub fn all(&self) -> u64 {
        self.same + self.missed.len() as u64 + self.added.len() as u64
    }
}

/// One capture, ours beside tshark's.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// A row per protocol that at least one side sees.
    pub rows: BTreeMap<&'static str, Agreement>,
    /// Conversations with a protocol, of any that we name, that tshark does not show in them.
    pub unshared: Unshared,
}

/// Compares one capture for these oracles.
///
/// # Errors
/// When tshark cannot be run or the capture cannot be opened.
pub fn compare(path: &Path, oracles: &[&Oracle]) -> std::io::Result<Comparison> {
    let text = corpus::run(path, &Settings::default(), |_| {})?;
    let mut conversations = Conversations::default();
    conversations.ask(path, &[])?;
    let names: Vec<&str> = oracles.iter().flat_map(|o| o.layers.iter().copied()).collect();
    let mut terms = Terms::of(path)?;
    let as_seen = sides(&pdml::layers(path, &names, false, &[])?, oracles, &mut terms);
    let plain = terms.clone();
    let (ours, claims) = self::ours(&text, oracles, &mut terms);
    let rows = rows(oracles, [&as_seen, &as_seen, &Sides::new()], &ours, &terms, &conversations);
    if rows.values().all(|row| row.same == row.all()) {
        let unshared = conversations.unshared(&claims, oracles);
        return Ok(Comparison { rows, unshared });
    }
    closer(path, &text, oracles, (plain, as_seen, conversations))
}

/// What differs at first sight is looked at again: with segments in order, without those sent again, and with what ports
/// carry told to tshark.
fn closer(
    path: &Path,
    text: &[u8],
    oracles: &[&Oracle],
    (mut terms, as_seen, mut conversations): (Terms, Sides, Conversations),
) -> std::io::Result<Comparison> {
    let names: Vec<&str> = oracles.iter().flat_map(|o| o.layers.iter().copied()).collect();
    terms.sent_again(pdml::again(path)?);
    let (ours, claims) = self::ours(text, oracles, &mut terms);
    let in_order = sides(&pdml::layers(path, &names, true, &[])?, oracles, &mut terms.clone());
    let mut rows = self::rows(oracles, [&in_order, &as_seen, &Sides::new()], &ours, &terms, &conversations);
    let rules = told::rules(text, oracles, &rows);
    if !rules.is_empty() {
        let told = sides(&pdml::layers(path, &names, false, &rules)?, oracles, &mut terms.clone());
        conversations.ask(path, &rules)?;
        rows = self::rows(oracles, [&in_order, &as_seen, &told], &ours, &terms, &conversations);
    }
    let unshared = conversations.unshared(&claims, oracles);
    Ok(Comparison { rows, unshared })
}

/// A row per protocol that one of the sides sees.
fn rows(
    oracles: &[&Oracle],
    theirs: [&Sides; 3],
    ours: &Sides,
    terms: &Terms,
    conversations: &Conversations,
) -> BTreeMap<&'static str, Agreement> {
    let of = |sides: &Sides, name| sides.get(name).cloned().unwrap_or_default();
    let known = |p: &&'static str| {
        let [in_order, as_seen, _] = theirs;
        [in_order, as_seen, ours].iter().any(|sides| sides.contains_key(p)) || terms.knows(p)
    };
    let row = |name| {
        let mut row = agree(&theirs.map(|sides| of(sides, name)), &of(ours, name));
        row.left_out = terms.left_out(name);
        terms.settle(name, &mut row, conversations);
        (name, row)
    };
    oracles.iter().map(|o| o.protocol).filter(known).map(row).collect()
}

/// Messages by protocol.
type Sides = BTreeMap<&'static str, Counts>;

/// What our rows say, and all protocols they name with the frames in which these begin.
fn ours(text: &[u8], oracles: &[&Oracle], terms: &mut Terms) -> (Sides, BTreeSet<(String, u64)>) {
    let (mut sides, mut claims) = (Sides::new(), BTreeSet::new());
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok(fact) = serde_json::from_slice::<Value>(line) else { continue };
        if fact["kind"] != "transaction" {
            continue;
        }
        let (protocol, fact) = (fact["protocol"].as_str().unwrap_or_default(), Fact(&fact));
        claims.insert((protocol.to_string(), fact.asked().unwrap_or(fact.frame())));
        let Some(oracle) = oracles.iter().find(|o| protocol == o.protocol) else { continue };
        let mut say = |message: Message| {
            if terms.leaves_out_ours(oracle.protocol, message.0) {
                return;
            }
            let counts = sides.entry(oracle.protocol).or_default();
            let from = (message.0, message.1.clone(), String::new());
            let first = counts.range(from..).next().filter(|((f, s, _), _)| (*f, s) == (message.0, &message.1));
            if !terms.leaves_out_further(oracle.protocol, first.is_some()) {
                *counts.entry(message).or_default() += 1;
            }
        };
        (oracle.ours)(&fact, &mut say);
    }
    (sides, claims)
}

/// What tshark's layers say. An oracle's `code@name` counts only once per name in a capture (the opening of a
/// connection), `~code` in no frame of its own (our row stands in a later one); `?code` may be missing here, see
/// [`Terms::doubt`].
fn sides(layers: &[pdml::Layer], oracles: &[&Oracle], terms: &mut Terms) -> Sides {
    let (mut sides, mut once) = (Sides::new(), BTreeSet::new());
    let of = |layer: &pdml::Layer| {
        let name = layer.name.clone();
        oracles.iter().filter(move |o| o.layers.contains(&name.as_str()))
    };
    layers.iter().for_each(|layer| of(layer).for_each(|oracle| terms.note(oracle.protocol, layer)));
    for layer in layers {
        for oracle in of(layer) {
            let mut say = |code: String| {
                if terms.leaves_out_theirs(oracle.protocol, layer) {
                    return;
                }
                let (code, name) = code.split_once('@').unwrap_or((&code, ""));
                if !name.is_empty() && !once.insert((oracle.protocol, name.to_string())) {
                    return;
                }
                let (doubted, code) = code.strip_prefix('?').map_or((false, code), |code| (true, code));
                let (frame, code) = code.strip_prefix('~').map_or((layer.frame, code), |code| (0, code));
                let message = (frame, layer.src.clone(), code.to_string());
                if doubted {
                    terms.doubt(oracle.protocol, &message);
                }
                *sides.entry(oracle.protocol).or_default().entry(message).or_default() += 1;
            };
            (oracle.theirs)(layer, &mut say);
        }
    }
    sides
}

/// A message that only one of tshark's two ways of reading shows may be ours or not; one that it shows only when it is
/// told what a port carries is ours rightly, and not missed where we do not tell it.
fn agree([in_order, as_seen, told]: &[Counts; 3], ours: &Counts) -> Agreement {
    let keys: BTreeSet<&Message> = in_order.keys().chain(as_seen.keys()).chain(ours.keys()).collect();
    let mut result = Agreement::default();
    for key in keys {
        let count = |m: &Counts| m.get(key).copied().unwrap_or_default();
        let (a, b, n) = (count(in_order), count(as_seen), count(ours));
        let most = a.max(b);
        let fair = n.clamp(a.min(b), most.max(count(told)));
        result.same += n.min(fair);
        result.told += n.min(fair).saturating_sub(most);
        (n..fair).for_each(|_| result.missed.push(key.clone()));
        (fair..n).for_each(|_| result.added.push(key.clone()));
    }
    result
}
