//! What every protocol must keep under stress. Each law takes a protocol's own cases and seeds, so a new folder is
//! under the laws with no new code.

mod random;

pub use random::Random;

use crate::pages::{Case, Conversation, Options, Step, Talk, frames, kind_of, run, run_frames, say, tokens};
use std::collections::BTreeSet;

/// A case without broken messages, gaps or waits: the laws compare its facts under stress.
pub fn is_clean(case: &Case) -> bool {
    case.steps.iter().all(|s| matches!(s, Step::Bytes { .. }))
        && !case.facts.iter().any(|f| matches!(kind_of(f), "anomaly" | "health"))
}

fn is_tcp(case: &Case) -> bool {
    case.steps.iter().all(|s| matches!(s, Step::Bytes { talk: Talk::Tcp(..), .. }))
}

fn of_kind(lines: &[String], kind: &str) -> Vec<String> {
    lines.iter().filter(|l| kind_of(l) == kind).cloned().collect()
}

/// However well-formed streams are cut into segments, the operations are the same.
pub fn cutting(case: &Case) -> Result<(), String> {
    if !is_clean(case) || !is_tcp(case) {
        return Ok(());
    }
    let whole = of_kind(&run(case, &Options::default()), "transaction");
    for piece in [1, 2, 3, 5, 7, 11, 16, 50] {
        let cut = of_kind(&run(case, &Options { piece, ..Options::default() }), "transaction");
        if cut != whole {
            return Err(differ(&format!("cut into pieces of {piece}"), &whole, &cut));
        }
    }
    Ok(())
}

/// A conversation joined in the middle (no handshake seen) says the same, and nobody's role comes from the SYN.
pub fn midstream_and_swapped(case: &Case) -> Result<(), String> {
    if !is_clean(case) || !is_tcp(case) {
        return Ok(());
    }
    let whole = of_kind(&run(case, &Options::default()), "transaction");
    for (name, options) in [
        ("joined in the middle", Options { midstream: true, ..Options::default() }),
        ("opened by the other side", Options { swapped: true, ..Options::default() }),
    ] {
        let lines = of_kind(&run(case, &options), "transaction");
        if lines != whole {
            return Err(differ(name, &whole, &lines));
        }
    }
    Ok(())
}

/// Losing any one message never adds a completed exchange, a piece of evidence or a complete transfer.
pub fn loss_never_invents(case: &Case) -> Result<(), String> {
    if !is_clean(case) {
        return Ok(());
    }
    let whole = run(case, &Options::default());
    let complete: BTreeSet<&String> = whole.iter().filter(|l| is_complete(l)).collect();
    for lost in 0..case.steps.len() {
        let mut conversation = Conversation::new();
        for (i, step) in case.steps.iter().enumerate() {
            let Step::Bytes { talk, bytes, midstream } = step else { continue };
            let one = Case { name: String::new(), facts: Vec::new(), steps: vec![step.clone()] };
            if i == lost {
                if let (Talk::Tcp(a, b), false) = (*talk, *midstream) {
                    conversation.handshake(a, b);
                }
                conversation.lose(*talk, bytes.len() as u32);
            } else {
                say(&mut conversation, &one, &Options::default());
            }
        }
        let lines = run_frames(&conversation.frames, &Options::default());
        for line in lines.iter().filter(|l| is_complete(l)) {
            // weakened is legal: the same operation with less known about it (which module, which roles)
            let weaker = kind_of(line) == "transaction" && complete.iter().any(|whole| is_weaker(line, whole));
            if !complete.contains(line) && !weaker {
                return Err(format!("without message {} this was invented:\n  {line}", lost + 1));
            }
        }
        panics(&lines)?;
    }
    Ok(())
}

/// One side alone never claims that the other did not answer.
pub fn one_sided(case: &Case) -> Result<(), String> {
    let Some(Step::Bytes { talk: first, .. }) = case.steps.first() else { return Ok(()) };
    for keep in [*first, first.flip()] {
        let mut conversation = Conversation::new();
        for step in &case.steps {
            match step {
                Step::Bytes { talk, bytes, .. } if *talk == keep => {
                    if let Talk::Tcp(a, b) = *talk {
                        conversation.midstream(a, b);
                    }
                    conversation.send(*talk, bytes, 1400);
                }
                Step::Wait(ns) => conversation.now += ns,
                _ => {}
            }
        }
        conversation.now += 60_000_000_000;
        let lines = run_frames(&conversation.frames, &Options::default());
        if let Some(line) = lines.iter().find(|l| l.split_whitespace().any(|w| w == "no_reply")) {
            return Err(format!("only one side was seen, yet:\n  {line}"));
        }
        panics(&lines)?;
    }
    Ok(())
}

/// After any garbage the next well-formed exchange is reported.
pub fn garbage(case: &Case, seed: u64) -> Result<(), String> {
    if !is_clean(case) || !is_tcp(case) {
        return Ok(());
    }
    let whole = of_kind(&run(case, &Options::default()), "transaction");
    let Some(last) = whole.last() else { return Ok(()) };
    let Some(Step::Bytes { talk, .. }) = case.steps.first() else { return Ok(()) };
    let mut random = Random::new(seed);
    let mut conversation = Conversation::new();
    // the conversation is known, then fifty segments of garbage both ways, then the same exchange twice
    say(&mut conversation, case, &Options::default());
    for _ in 0..50 {
        let way = if random.below(2) == 0 { *talk } else { talk.flip() };
        let length = 1 + random.below(200) as usize;
        let bytes = random.bytes(length);
        conversation.send(way, &bytes, 1400);
    }
    let before = of_kind(&run_frames(&conversation.frames, &Options::default()), "transaction");
    let count = |lines: &[String]| lines.iter().filter(|l| *l == last).count();
    say(&mut conversation, case, &Options::default());
    say(&mut conversation, case, &Options::default());
    let lines = run_frames(&conversation.frames, &Options::default());
    panics(&lines)?;
    let after = of_kind(&lines, "transaction");
    if count(&after) <= count(&before) {
        return Err(format!(
            "after garbage (seed {seed}) the exchange was not reported again:\n  {last}\n{}",
            lines.join("\n")
        ));
    }
    Ok(())
}

/// Random changes to the messages never panic, never stop progress.
pub fn mutation(case: &Case, seed: u64, rounds: u32) -> Result<(), String> {
    let mut random = Random::new(seed);
    for round in 0..rounds {
        let mut changed = case.clone();
        for step in &mut changed.steps {
            if let Step::Bytes { bytes, .. } = step {
                mutate(bytes, &mut random);
            }
        }
        let piece = [1400, 1400, 1, 9][random.below(4) as usize];
        let lines = run(&changed, &Options { piece, midstream: random.below(2) == 0, ..Options::default() });
        panics(&lines).map_err(|e| format!("{e} (seed {seed}, round {round})\n{:?}", changed.steps))?;
    }
    Ok(())
}

/// The same bytes give the same facts for any number of shards and any seed.
pub fn shards(cases: &[Case]) -> Result<(), String> {
    let mut all = Conversation::new();
    for (i, case) in cases.iter().enumerate() {
        let mut one = frames(case, &Options::default());
        let shift = i as i64 * 7_000_000;
        all.frames.extend(one.frames.drain(..).map(|(t, f)| (t + shift, f)));
    }
    all.frames.sort_by_key(|f| f.0);
    let one = run_frames(&all.frames, &Options::default());
    for shards in [2, 3, 7] {
        for seed in [1, 0xdead_beef] {
            let many = run_frames(&all.frames, &Options { shards, seed, ..Options::default() });
            if many != one {
                return Err(differ(&format!("{shards} shards, seed {seed}"), &one, &many));
            }
        }
    }
    Ok(())
}

/// Changes a few bytes: flips, inserts, removes, truncates, repeats.
pub fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(8) {
            0..=2 => bytes[at] = random.below(256) as u8,
            3 => bytes[at] ^= 1 << random.below(8),
            4 => bytes.insert(at, random.below(256) as u8),
            5 => {
                bytes.remove(at);
            }
            6 => bytes.truncate(at),
            _ => {
                let copy = bytes[at..].to_vec();
                bytes.extend_from_slice(&copy);
            }
        }
    }
    bytes.truncate(4000);
}

/// Every word of `line` is a word of `whole`. A file whose opening was lost is known by its handle, not its name.
fn is_weaker(line: &str, whole: &str) -> bool {
    let mut have = tokens(whole);
    let is_file = have.iter().any(|w| w == "class=file");
    tokens(line).into_iter().filter(|w| !(is_file && w.starts_with("target="))).all(|word| {
        match have.iter().position(|w| *w == word) {
            Some(i) => {
                have.swap_remove(i);
                true
            }
            None => false,
        }
    })
}

fn is_complete(line: &str) -> bool {
    match kind_of(line) {
        "transaction" => tokens_end(line, "ok") || line.contains(" paired "),
        "transfer" => line.contains("complete=true"),
        "evidence" => true,
        _ => false,
    }
}

fn tokens_end(line: &str, word: &str) -> bool {
    line.split_whitespace().next_back() == Some(word)
}

fn panics(lines: &[String]) -> Result<(), String> {
    match lines.iter().find(|l| l.starts_with("health session_panic") || l.starts_with("health no_progress")) {
        Some(line) => Err(line.clone()),
        None => Ok(()),
    }
}

fn differ(how: &str, whole: &[String], other: &[String]) -> String {
    let first = whole.iter().zip(other).position(|(a, b)| a != b).unwrap_or(whole.len().min(other.len()));
    format!(
        "{how}: {} lines instead of {}, first difference at {first}:\n  whole: {:?}\n  other: {:?}",
        other.len(),
        whole.len(),
        whole.get(first),
        other.get(first)
    )
}
