//! The project's parsers against tshark: for every capture and protocol both know, which message (operation code) was
//! sent in which frame by whom. Values and targets are compared by the pages' own cases; this is about "nothing missed,
//! nothing invented, nobody confused".

mod names;
mod oracles;
mod pdml;
mod terms;
mod told;

pub use names::NAMES;
pub use oracles::{ORACLES, Oracle};
pub use pdml::installed;
pub use terms::Reason;

use crate::corpus;
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

/// Compares one capture for these oracles: a row per protocol that at least one side sees.
///
/// # Errors
/// When tshark cannot be run or the capture cannot be opened.
pub fn compare(path: &Path, oracles: &[&Oracle]) -> std::io::Result<BTreeMap<&'static str, Agreement>> {
    let text = corpus::run(path, &Settings::default(), |_| {})?;
    let names: Vec<&str> = oracles.iter().flat_map(|o| o.layers.iter().copied()).collect();
    let mut terms = Terms::of(path)?;
    let as_seen = sides(&pdml::layers(path, &names, false, &[])?, oracles, &mut terms);
    let plain = terms.clone();
    let ours = self::ours(&text, oracles, &mut terms);
    let first = rows(oracles, [&as_seen, &as_seen, &Sides::new()], &ours, &terms);
    if first.values().all(|row| row.same == row.all()) {
        return Ok(first);
    }
    // a closer look
    let mut terms = plain;
    terms.sent_again(pdml::again(path)?);
    let ours = self::ours(&text, oracles, &mut terms);
    let in_order = sides(&pdml::layers(path, &names, true, &[])?, oracles, &mut terms.clone());
    let second = rows(oracles, [&in_order, &as_seen, &Sides::new()], &ours, &terms);
    let rules = told::rules(&text, oracles, &second);
    if rules.is_empty() {
        return Ok(second);
    }
    let told = sides(&pdml::layers(path, &names, false, &rules)?, oracles, &mut terms.clone());
    Ok(rows(oracles, [&in_order, &as_seen, &told], &ours, &terms))
}

/// A row per protocol that one of the sides sees.
fn rows(oracles: &[&Oracle], theirs: [&Sides; 3], ours: &Sides, terms: &Terms) -> BTreeMap<&'static str, Agreement> {
    let of = |sides: &Sides, name| sides.get(name).cloned().unwrap_or_default();
    let known = |p: &&'static str| {
        let [in_order, as_seen, _] = theirs;
        [in_order, as_seen, ours].iter().any(|sides| sides.contains_key(p)) || terms.knows(p)
    };
    let row = |name| {
        let agreement = agree(&theirs.map(|sides| of(sides, name)), &of(ours, name));
        (name, Agreement { left_out: terms.left_out(name), ..agreement })
    };
    oracles.iter().map(|o| o.protocol).filter(known).map(row).collect()
}

/// Messages by protocol.
type Sides = BTreeMap<&'static str, Counts>;

/// What our rows say.
fn ours(text: &[u8], oracles: &[&Oracle], terms: &mut Terms) -> Sides {
    let mut sides = Sides::new();
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok(fact) = serde_json::from_slice::<Value>(line) else { continue };
        if fact["kind"] != "transaction" {
            continue;
        }
        let Some(oracle) = oracles.iter().find(|o| fact["protocol"] == o.protocol) else { continue };
        let mut say = |message: Message| {
            if !terms.leaves_out_ours(oracle.protocol, message.0) {
                *sides.entry(oracle.protocol).or_default().entry(message).or_default() += 1;
            }
        };
        (oracle.ours)(&Fact(&fact), &mut say);
    }
    sides
}

/// What tshark's layers say.
fn sides(layers: &[pdml::Layer], oracles: &[&Oracle], terms: &mut Terms) -> Sides {
    let mut sides = Sides::new();
    let of = |layer: &pdml::Layer| {
        let name = layer.name.clone();
        oracles.iter().filter(move |o| o.layers.contains(&name.as_str()))
    };
    layers.iter().for_each(|layer| of(layer).for_each(|oracle| terms.note(oracle.protocol, layer)));
    for layer in layers {
        for oracle in of(layer) {
            let mut say = |code: String| {
                if !terms.leaves_out_theirs(oracle.protocol, layer) {
                    let counts = sides.entry(oracle.protocol).or_default();
                    *counts.entry((layer.frame, layer.src.clone(), code)).or_default() += 1;
                }
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

/// A transaction line of `bourdon facts`.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a>(pub &'a Value);

impl Fact<'_> {
    /// The operation code.
    pub fn code(&self) -> u64 {
        self.0["code"].as_u64().unwrap_or_default()
    }

    /// The operation.
    pub fn operation(&self) -> &str {
        self.0["operation"].as_str().unwrap_or_default()
    }

    /// How it ended.
    pub fn outcome(&self) -> &str {
        self.0["outcome"].as_str().unwrap_or_default()
    }

    /// A field's number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.0["fields"][key].as_u64()
    }

    /// A field that is there.
    pub fn has(&self, key: &str) -> bool {
        !self.0["fields"][key].is_null()
    }

    /// The frame in which the row was complete.
    pub fn frame(&self) -> u64 {
        self.0["frame"].as_u64().unwrap_or_default()
    }

    /// The frame of the request.
    pub fn asked(&self) -> Option<u64> {
        self.0["asked_frame"].as_u64()
    }

    /// Address of the actor.
    pub fn actor(&self) -> String {
        host(self.0["actor"].as_str().unwrap_or_default())
    }

    /// Address of the subject.
    pub fn subject(&self) -> String {
        host(self.0["subject"].as_str().unwrap_or_default())
    }

    /// Who sent an answer whose question was not seen: where nobody's role is known, the actor stands for the sender.
    fn replier(&self) -> String {
        if self.0["roles"] == "unknown" { self.actor() } else { self.subject() }
    }

    /// Request and answer as two messages. `None` as a code leaves that message out.
    pub fn exchange(&self, request: Option<String>, reply: Option<String>, say: &mut dyn FnMut(Message)) {
        let answered = matches!(self.outcome(), "ok" | "refused");
        match self.asked() {
            Some(asked) => {
                if let Some(request) = request {
                    say((asked, self.actor(), request));
                }
                if let (true, Some(reply)) = (answered, reply) {
                    say((self.frame(), self.subject(), reply));
                }
            }
            // a refusal is an answer, also where the question could not be read
            None if matches!(self.outcome(), "reply_only" | "refused") => {
                if let Some(reply) = reply {
                    say((self.frame(), self.replier(), reply));
                }
            }
            None => {
                if let Some(request) = request {
                    say((self.frame(), self.actor(), request));
                }
            }
        }
    }
}

/// `10.0.0.5:502`, `[fe80::1]:502` or a bare address: the address alone.
fn host(endpoint: &str) -> String {
    if let Some(rest) = endpoint.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default().to_string();
    }
    match endpoint.matches(':').count() {
        1 => endpoint.split(':').next().unwrap_or_default().to_string(),
        _ => endpoint.to_string(),
    }
}
