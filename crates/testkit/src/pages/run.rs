//! Runs a case through the engine and compares.

use super::frames::{Conversation, MSS};
use super::lines::{CaseLines, tokens};
use super::parse::{Case, Step, Talk};
use engine::{Engine, FrameIn, Settings};
use model::{NetworkId, Time};
use wire::decode::LinkType;

/// How a case is run: as written, or under the stress of a law.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Shards.
    pub shards: usize,
    /// Seed of the tables.
    pub seed: u64,
    /// Largest TCP segment.
    pub piece: usize,
    /// No handshakes.
    pub midstream: bool,
    /// The other side opens the connection.
    pub swapped: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { shards: 1, seed: 1, piece: MSS, midstream: false, swapped: false }
    }
}

/// Frames of a case.
pub fn frames(case: &Case, options: &Options) -> Conversation {
    let mut conversation = Conversation::new();
    say(&mut conversation, case, options);
    conversation
}

/// Adds a case's frames to a conversation.
pub fn say(conversation: &mut Conversation, case: &Case, options: &Options) {
    let mut last = None;
    for step in &case.steps {
        match step {
            Step::Bytes { talk, bytes, midstream } => {
                if let Talk::Tcp(a, b) = *talk {
                    if *midstream || options.midstream {
                        conversation.midstream(a, b);
                    } else if options.swapped {
                        conversation.handshake(b, a);
                    } else {
                        conversation.handshake(a, b);
                    }
                }
                conversation.send(*talk, bytes, options.piece);
                last = Some(*talk);
            }
            Step::Gap(count) => {
                if let Some(talk) = last {
                    conversation.lose(talk, *count);
                }
            }
            Step::Wait(ns) => conversation.now += ns,
        }
    }
}

/// All fact lines of a run.
pub fn run_frames(frames: &[(i64, Vec<u8>)], options: &Options) -> Vec<String> {
    let mut engine = Engine::new(&Settings { shards: options.shards, seed: options.seed, ..Settings::default() });
    engine.write_with(|| Box::new(CaseLines));
    let mut text = Vec::new();
    let mut write = |bytes: &[u8]| text.extend_from_slice(bytes);
    let mut drop_event = |_| {};
    for (time, bytes) in frames {
        let frame = FrameIn {
            time: Time(*time),
            link: LinkType::Ethernet,
            wire_len: bytes.len() as u32,
            bytes,
            network: NetworkId(0),
        };
        engine.push(&frame, &mut drop_event, &mut write);
    }
    engine.finish(&mut drop_event, &mut write);
    String::from_utf8_lossy(&text).lines().map(str::to_string).collect()
}

/// Fact lines of a case.
pub fn run(case: &Case, options: &Options) -> Vec<String> {
    run_frames(&frames(case, options).frames, options)
}

/// Compares a run with the case's facts. Transactions, anomalies, transfers and matches must all be listed, in order
/// within their kind; evidence must contain what is listed.
pub fn check(case: &Case) -> Result<(), String> {
    let lines = run(case, &Options::default());
    let mut trouble = Vec::new();
    for kind in ["transaction", "anomaly", "transfer", "match", "health"] {
        let expected: Vec<&String> = case.facts.iter().filter(|l| kind_of(l) == kind).collect();
        let found: Vec<&String> = lines.iter().filter(|l| kind_of(l) == kind).collect();
        if expected.len() != found.len() {
            trouble.push(format!("{} {kind} facts expected, {} found", expected.len(), found.len()));
        }
        for (expected, found) in expected.iter().zip(&found) {
            if let Some(missing) = missing(expected, found) {
                trouble.push(format!("expected: {expected}\n   found: {found}\n missing: {missing}"));
            }
        }
    }
    for expected in case.facts.iter().filter(|l| kind_of(l) == "evidence") {
        if !lines.iter().any(|found| kind_of(found) == "evidence" && missing(expected, found).is_none()) {
            trouble.push(format!("not found: {expected}"));
        }
    }
    if trouble.is_empty() {
        return Ok(());
    }
    Err(format!("case \"{}\":\n{}\nall facts:\n  {}", case.name, trouble.join("\n"), lines.join("\n  ")))
}

/// Which kind of fact a line is.
pub fn kind_of(line: &str) -> &'static str {
    match line.split_whitespace().next() {
        Some("evidence") => "evidence",
        Some("anomaly") => "anomaly",
        Some("transfer") => "transfer",
        Some("match") => "match",
        Some("health") => "health",
        _ => "transaction",
    }
}

/// The first word of `expected` that `found` does not have (counting repeats).
fn missing(expected: &str, found: &str) -> Option<String> {
    let mut have = tokens(found);
    for word in tokens(expected) {
        match have.iter().position(|w| *w == word) {
            Some(i) => {
                have.remove(i);
            }
            None => return Some(word),
        }
    }
    None
}
