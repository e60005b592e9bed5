//! The project's parsers against tshark: for every capture and protocol both know, which message (operation code) was
//! sent in which frame by whom. Values and targets are compared by the pages' own cases; this is about "nothing missed,
//! nothing invented, nobody confused".

mod claims;
mod field;
mod names;
mod office;
mod oracles;
mod pdml;

pub use claims::Unshared;
pub use field::FIELD;
pub use names::NAMES;
pub use office::OFFICE;
pub use oracles::{ORACLES, Oracle};
pub use pdml::installed;

use crate::corpus;
use claims::Conversations;
use engine::Settings;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

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
    /// Messages that are not compared, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
}

impl Agreement {
    /// All messages that at least one side knows.
    pub fn all(&self) -> u64 {
        self.same + self.missed.len() as u64 + self.added.len() as u64
    }
}

/// tshark shows nothing of the protocol in the whole conversation: these are counted as conversations, see
/// [`Comparison::unshared`].
const NOT_SHOWN: &str = "conversations in which tshark does not show the protocol";
/// tshark shows one command or reply of a segment; ours behind the first of a frame have nothing to be compared with.
const FIRST_OF_FRAME: (&str, &[&str]) = ("behind another command of the same segment", &["ftp"]);

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
    let conversations = Conversations::of(path)?;
    let mut ours = Sides::new();
    let mut unshared = Unshared::new();
    let mut behind: BTreeMap<&str, u64> = BTreeMap::new();
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let Ok(fact) = serde_json::from_slice::<Value>(line) else { continue };
        if fact["kind"] != "transaction" {
            continue;
        }
        let (protocol, fact) = (fact["protocol"].as_str().unwrap_or_default(), Fact(&fact));
        if let Some(key) = conversations.without(fact.asked().unwrap_or(fact.frame()), protocol) {
            unshared.entry(protocol.to_string()).or_default().insert(key.to_string());
        }
        let Some(oracle) = oracles.iter().find(|o| protocol == o.protocol) else { continue };
        let counts = ours.entry(oracle.protocol).or_default();
        let first_only = FIRST_OF_FRAME.1.contains(&oracle.protocol);
        let mut say = |message: Message| {
            if first_only && counts.keys().any(|(frame, sender, _)| (*frame, sender) == (message.0, &message.1)) {
                *behind.entry(oracle.protocol).or_default() += 1;
                return;
            }
            *counts.entry(message).or_default() += 1;
        };
        (oracle.ours)(&fact, &mut say);
    }
    let names: Vec<&str> = oracles.iter().flat_map(|o| o.layers.iter().copied()).collect();
    let as_seen = theirs(path, &names, oracles, false)?;
    let rows = |a: &Theirs, b: &Theirs| -> BTreeMap<&'static str, Agreement> {
        let none = Counts::new();
        let of = |sides: &'_ Sides, name| sides.get(name).unwrap_or(&none).clone();
        let known = oracles
            .iter()
            .map(|o| o.protocol)
            .filter(|p| a.sides.contains_key(p) || b.sides.contains_key(p) || ours.contains_key(p));
        let row = |name| {
            let mut row = agree(&of(&a.sides, name), &of(&b.sides, name), &of(&ours, name));
            row.leave_out_missed(|message| b.doubts.get(&(name, message.clone())).copied());
            row.leave_out_added(|message| conversations.without(message.0, name).map(|_| NOT_SHOWN));
            if let Some(n) = behind.get(name) {
                row.excluded.insert(FIRST_OF_FRAME.0, *n);
            }
            (name, row)
        };
        known.map(row).collect()
    };
    let first = rows(&as_seen, &as_seen);
    if first.values().all(|row| row.same == row.all()) {
        return Ok(Comparison { rows: first, unshared });
    }
    let in_order = theirs(path, &names, oracles, true)?;
    Ok(Comparison { rows: rows(&in_order, &as_seen), unshared })
}

/// Messages by protocol.
type Sides = BTreeMap<&'static str, Counts>;

/// What tshark shows.
#[derive(Default)]
struct Theirs {
    sides: Sides,
    /// Messages that we may leave out, and why.
    doubts: BTreeMap<(&'static str, Message), &'static str>,
}

/// What tshark shows, read one of its two ways. An oracle's `code@name` counts only once per name in a capture (the
/// opening of a connection), `~code` in no frame of its own (our row stands in a later one); `?code` may be missing here
/// for the oracle's [`own_reason`].
fn theirs(path: &Path, names: &[&str], oracles: &[&Oracle], in_order: bool) -> std::io::Result<Theirs> {
    let mut all = Theirs::default();
    let mut told = BTreeSet::new();
    for layer in pdml::layers(path, names, in_order)? {
        for oracle in oracles.iter().filter(|o| o.layers.contains(&layer.name.as_str())) {
            let mut say = |code: String| {
                let (code, once) = code.split_once('@').unwrap_or((&code, ""));
                if !once.is_empty() && !told.insert((oracle.protocol, once.to_string())) {
                    return;
                }
                let (own, code) =
                    code.strip_prefix('?').map_or((None, code), |code| (own_reason(oracle.protocol), code));
                let (frame, code) = code.strip_prefix('~').map_or((layer.frame, code), |code| (0, code));
                let message = (frame, layer.src.clone(), code.to_string());
                if let Some(reason) = layer.doubt.or(own) {
                    all.doubts.insert((oracle.protocol, message.clone()), reason);
                }
                *all.sides.entry(oracle.protocol).or_default().entry(message).or_default() += 1;
            };
            (oracle.theirs)(&layer, &mut say);
        }
    }
    Ok(all)
}

/// Why a message an oracle doubts is no row here.
fn own_reason(protocol: &str) -> Option<&'static str> {
    match protocol {
        "dcerpc" => Some("answers to calls whose bind is not in the capture: nobody knows what was called"),
        "smb2" => Some("a header of another length than 64 bytes: no message"),
        "smb" => Some("mail slots: datagrams, rows of nbds"),
        _ => None,
    }
}

impl Agreement {
    fn leave_out_missed(&mut self, why: impl Fn(&Message) -> Option<&'static str>) {
        leave_out(&mut self.missed, &mut self.excluded, why);
    }

    fn leave_out_added(&mut self, why: impl Fn(&Message) -> Option<&'static str>) {
        leave_out(&mut self.added, &mut self.excluded, why);
    }
}

fn leave_out(
    list: &mut Vec<Message>,
    excluded: &mut BTreeMap<&'static str, u64>,
    why: impl Fn(&Message) -> Option<&'static str>,
) {
    list.retain(|message| match why(message) {
        Some(reason) => {
            *excluded.entry(reason).or_default() += 1;
            false
        }
        None => true,
    });
}

/// A message that only one of tshark's two ways of reading shows may be ours or not.
fn agree(in_order: &Counts, as_seen: &Counts, ours: &Counts) -> Agreement {
    let keys: BTreeSet<&Message> = in_order.keys().chain(as_seen.keys()).chain(ours.keys()).collect();
    let mut result = Agreement::default();
    for key in keys {
        let count = |m: &Counts| m.get(key).copied().unwrap_or_default();
        let (a, b, n) = (count(in_order), count(as_seen), count(ours));
        let fair = n.clamp(a.min(b), a.max(b));
        result.same += n.min(fair);
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
