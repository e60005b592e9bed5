//! What is wrong with the mirror: symptom, cause, and the sentence for the network team.

use super::{Summary, text};
use std::collections::BTreeMap;

/// Share of one-sided pairs from which the mirror itself is in doubt, in per cent.
const ONE_SIDED_SERIOUS: u64 = 20;
/// Share of lost TCP bytes worth saying, in hundredths of a per cent (capture losses below it are usual).
const LOSS_WORTH_SAYING: u64 = 1;
/// Share of lost TCP bytes that makes answers incomplete, in hundredths of a per cent.
const LOSS_SERIOUS: u64 = 100;
/// Share of frames not understood worth saying, in per cent.
const DARK_WORTH_SAYING: u64 = 5;
/// Share of duplicates worth saying, in per cent of all frames.
const DUPLICATES_WORTH_SAYING: u64 = 1;
/// Hosts needed before "only broadcasts" is said of a whole network.
const BROADCAST_MIN_HOSTS: usize = 3;
/// Ports and engine reports named in a finding.
const MAX_NAMED: usize = 5;

/// `part` of `whole` in units of one `scale`th; nothing of nothing is nothing.
fn share(part: u64, whole: u64, scale: u64) -> u64 {
    u64::try_from(u128::from(part) * u128::from(scale) / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

/// Hundredths of a per cent as a number with two decimals.
fn percent(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// What the numbers say about the mirror, serious things first.
pub(super) fn judge(s: &Summary, limits: &BTreeMap<&'static str, u64>) -> Vec<Finding> {
    let mut all = Vec::new();
    let broadcast = s.broadcast_only.len();
    if s.frames == 0 {
        all.push(Finding::new("nothing_seen", true));
    } else if s.unicast_hosts == 0 && broadcast >= BROADCAST_MIN_HOSTS {
        all.push(Finding::new("broadcast_only", true).with("hosts", broadcast));
    } else if broadcast > 0 {
        let names: Vec<_> = s.broadcast_only.iter().take(MAX_NAMED).map(ToString::to_string).collect();
        all.push(
            Finding::new("hosts_by_broadcast_only", false).with("hosts", broadcast).with("names", names.join(", ")),
        );
    }
    if s.one_sided_pairs > 0 {
        let serious = share(s.one_sided_pairs, s.tcp_pairs, 100) >= ONE_SIDED_SERIOUS;
        let names: Vec<_> = s.one_sided_examples.iter().take(MAX_NAMED).map(|(a, b)| format!("{a} and {b}")).collect();
        let finding = Finding::new("one_sided", serious).with("pairs", s.one_sided_pairs).with("of", s.tcp_pairs);
        all.push(finding.with("names", names.join("; ")));
    }
    let loss = share(s.lost_bytes, s.tcp_bytes.saturating_add(s.lost_bytes), 10_000);
    if loss >= LOSS_WORTH_SAYING {
        let finding = Finding::new("loss", loss >= LOSS_SERIOUS).with("percent", percent(loss));
        all.push(finding.with("bytes", s.lost_bytes).with("gaps", s.gaps));
    }
    let removed = share(s.duplicates_removed, s.frames.saturating_add(s.duplicates_removed), 10_000);
    if removed >= DUPLICATES_WORTH_SAYING * 100 {
        let finding = Finding::new("duplicates_removed", false).with("frames", s.duplicates_removed);
        all.push(finding.with("percent", percent(removed)));
    }
    if s.duplicates_marked > 0 {
        all.push(Finding::new("duplicates_marked", false).with("frames", s.duplicates_marked));
    }
    if s.clock_steps > 0 {
        all.push(Finding::new("clock_steps", true).with("steps", s.clock_steps));
    }
    let dark = share(s.not_understood_frames, s.frames, 10_000);
    if dark >= DARK_WORTH_SAYING * 100 {
        let ports = s.not_understood_by_port.iter().take(MAX_NAMED);
        let ports: Vec<_> = ports.map(|p| format!("{} {} ({} bytes)", p.transport, p.number, p.bytes)).collect();
        let bytes = share(s.not_understood_bytes, s.bytes, 10_000);
        let finding = Finding::new("not_understood", false).with("frames", percent(dark)).with("bytes", percent(bytes));
        all.push(finding.with("ports", ports.join(", ")));
    }
    if !s.vlans.is_empty() {
        let vlans: Vec<_> = s.vlans.iter().map(ToString::to_string).collect();
        all.push(Finding::new("vlans", false).with("count", vlans.len()).with("vlans", vlans.join(", ")));
    }
    for ((kind, what), count) in s.engine.iter().filter(|(_, count)| **count > 0) {
        let id = match kind.as_str() {
            "frames_dropped" => "frames_dropped",
            "frames_cut" => "truncated",
            "link_type_unknown" | "frames_undecoded" => "undecoded",
            "session_panic" => "session_panic",
            kind if kind.contains("truncated") => "truncated",
            _ => "engine_report",
        };
        let finding = Finding::new(id, matches!(id, "frames_dropped" | "truncated" | "undecoded"));
        all.push(finding.with("kind", kind).with("what", what).with("count", count));
    }
    for (limit, count) in limits {
        let finding = Finding::new("engine_report", false).with("kind", "limit_reached");
        all.push(finding.with("what", limit).with("count", count));
    }
    all.sort_by_key(|f| !f.serious);
    all
}

/// One thing that is wrong or worth knowing. Carries facts; `text` makes the sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is, `snake_case`, stable.
    pub id: &'static str,
    /// True where answers of this report may be missing or wrong because of it.
    pub serious: bool,
    /// Named parameters.
    pub parameters: Vec<(&'static str, String)>,
}

impl Finding {
    pub(super) fn new(id: &'static str, serious: bool) -> Finding {
        Finding { id, serious, parameters: Vec::new() }
    }

    pub(super) fn with(mut self, key: &'static str, value: impl ToString) -> Finding {
        self.parameters.push((key, value.to_string()));
        self
    }

    /// What is seen.
    pub fn symptom(&self) -> String {
        text::fill(text::of(self.id).map_or(self.id, |t| t.symptom), &self.parameters)
    }

    /// What most likely causes it.
    pub fn cause(&self) -> String {
        text::fill(text::of(self.id).map_or("", |t| t.cause), &self.parameters)
    }

    /// What to tell the network team.
    pub fn ask(&self) -> String {
        text::fill(text::of(self.id).map_or("", |t| t.ask), &self.parameters)
    }
}
