//! Repeats become one alert with a count.

use crate::detections::page::words;
use crate::detections::{Detection, Finding, Findings, MAX_BECAUSE, Severity, by_name};
use core::fmt;
use model::{Stamp, Subject, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Findings of one key within one such window of time are one alert. Windows are aligned to UTC days, so that a replay,
/// an overlapping capture and a second sensor name the same alert the same.
pub const WINDOW: i64 = 86_400 * Time::SECOND;
/// Alerts kept; at about a kilobyte each. What does not fit is counted and said.
pub const MAX_ALERTS: usize = 20_000;
/// Words of one fact that a sentence has room for.
const SENTENCE_WORDS: usize = 4;
/// Distinct words kept per fact; how many more there were is counted.
pub const MAX_WORDS: usize = 12;

words! {
    /// What a person has said about an alert.
    State {
        /// Nobody has looked.
        Open "open",
        /// Somebody looks.
        Acknowledged "acknowledged",
        /// Done. Seen again, it opens again.
        Closed "closed",
    }
}

/// The distinct words of one fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// At most [`MAX_WORDS`], in the order first seen.
    pub kept: Vec<String>,
    /// More came and were not kept.
    pub more: bool,
}

impl Words {
    fn add(&mut self, word: &str) {
        if self.kept.iter().any(|w| w == word) {
            return;
        }
        if self.kept.len() < MAX_WORDS {
            self.kept.push(word.to_owned());
        } else {
            self.more = true;
        }
    }
}

impl Words {
    /// The first few, for a sentence.
    pub fn short(&self) -> String {
        let left = self.kept.len().saturating_sub(SENTENCE_WORDS);
        let few: Vec<&str> = self.kept.iter().take(SENTENCE_WORDS).map(String::as_str).collect();
        match (left, self.more) {
            (0, false) => few.join(", "),
            (0, true) => format!("{} and more", few.join(", ")),
            (n, false) => format!("{} and {n} more", few.join(", ")),
            (n, true) => format!("{} and more than {n} more", few.join(", ")),
        }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kept.join(", "))?;
        if self.more { f.write_str(" and more") } else { Ok(()) }
    }
}

/// Findings of one detection and key within one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Stable: the same facts give the same number on every run and sensor.
    pub id: u64,
    /// The detection's name.
    pub detection: &'static str,
    /// What the findings have in common.
    pub key: String,
    /// The worst of the findings.
    pub severity: Severity,
    /// Who did it.
    pub actor: Option<Subject>,
    /// Whom it concerns; where findings differ, the first.
    pub subject: Option<Subject>,
    /// How many events.
    pub count: u64,
    /// First event.
    pub first: Stamp,
    /// Last event.
    pub last: Stamp,
    /// What it rests on: the first facts and the last one, at most [`MAX_BECAUSE`].
    pub because: Vec<Stamp>,
    /// Named words.
    pub facts: BTreeMap<&'static str, Words>,
    /// Named numbers, the largest of each.
    pub numbers: BTreeMap<&'static str, u64>,
    /// What a person has said about it.
    pub state: State,
}

impl Alert {
    /// The page and descriptor behind it.
    pub fn about(&self) -> Option<&'static Detection> {
        by_name(self.detection)
    }

    /// The hosts it names.
    pub fn devices(&self) -> BTreeSet<Subject> {
        self.actor.iter().chain(&self.subject).copied().collect()
    }

    fn take(&mut self, finding: &Finding) {
        self.count = self.count.saturating_add(finding.count);
        self.severity = finding.severity.map_or(self.severity, |s| s.max(self.severity));
        self.first = self.first.min(finding.first);
        self.last = self.last.max(finding.last);
        self.because.extend(finding.because.iter().filter(|s| !self.because.contains(s)).copied().collect::<Vec<_>>());
        self.because.sort();
        if self.because.len() > MAX_BECAUSE {
            let last = self.because.last().copied();
            self.because.truncate(MAX_BECAUSE - 1);
            self.because.extend(last);
        }
        for (name, word) in &finding.facts {
            self.facts.entry(name).or_default().add(word);
        }
        for (name, n) in &finding.numbers {
            let largest = self.numbers.entry(name).or_default();
            *largest = (*largest).max(*n);
        }
        if self.state == State::Closed {
            self.state = State::Open;
        }
    }
}

/// FNV-1a, 64 bits: stable over versions and machines.
fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.iter().chain(&[0]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// The alerts of one site.
#[derive(Debug, Default)]
pub struct Alerts {
    alerts: BTreeMap<u64, Alert>,
    refused: u64,
}

impl Alerts {
    /// Folds what detectors found; empties `found`.
    pub fn take(&mut self, found: &mut Findings) {
        for (detection, finding) in found.list.drain(..) {
            self.fold(detection, &finding);
        }
    }

    fn fold(&mut self, name: &'static str, finding: &Finding) {
        let Some(detection) = by_name(name) else { return };
        let window = finding.last.time.0.div_euclid(WINDOW);
        let id = hash(&[name.as_bytes(), finding.key.as_bytes(), &window.to_be_bytes()]);
        if self.alerts.len() >= MAX_ALERTS && !self.alerts.contains_key(&id) {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let alert = self.alerts.entry(id).or_insert_with(|| Alert {
            id,
            detection: name,
            key: finding.key.clone(),
            severity: finding.severity.unwrap_or(detection.page.severity),
            actor: finding.actor,
            subject: finding.subject,
            count: 0,
            first: finding.first,
            last: finding.last,
            because: Vec::new(),
            facts: BTreeMap::new(),
            numbers: BTreeMap::new(),
            state: State::Open,
        });
        alert.take(finding);
    }

    /// Takes in an alert of another capture of the same plant: counts add up, times widen. What a person said stays
    /// unless it happened again.
    pub fn absorb(&mut self, other: &Alert) {
        let Some(own) = self.alerts.get_mut(&other.id) else {
            if self.alerts.len() >= MAX_ALERTS {
                self.refused = self.refused.saturating_add(1);
            } else {
                self.alerts.insert(other.id, other.clone());
            }
            return;
        };
        let finding = Finding {
            key: own.key.clone(),
            actor: own.actor,
            subject: own.subject,
            because: other.because.clone(),
            facts: other.facts.iter().flat_map(|(k, w)| w.kept.iter().map(|w| (*k, w.clone()))).collect(),
            numbers: other.numbers.iter().map(|(k, n)| (*k, *n)).collect(),
            count: other.count,
            first: other.first,
            last: other.last,
            severity: Some(other.severity),
        };
        own.take(&finding);
        for (name, words) in other.facts.iter().filter(|(_, w)| w.more) {
            own.facts.entry(name).or_default().more |= words.more;
        }
    }

    /// All alerts, in order of their first event.
    pub fn list(&self) -> Vec<&Alert> {
        let mut list: Vec<&Alert> = self.alerts.values().collect();
        list.sort_by_key(|a| (a.first, a.id));
        list
    }

    /// One alert.
    pub fn get(&self, id: u64) -> Option<&Alert> {
        self.alerts.get(&id)
    }

    /// Notes what a person said; false where there is no such alert.
    pub fn set_state(&mut self, id: u64, state: State) -> bool {
        self.alerts.get_mut(&id).map(|a| a.state = state).is_some()
    }

    /// Findings that found no room.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detections::{Observed, Watch, facts};

    fn run(text: &str) -> Alerts {
        let (mut watch, mut found, mut alerts) = (Watch::default(), Findings::default(), Alerts::default());
        for event in facts::parse(text).unwrap() {
            watch.see(&event, &Observed::default(), &mut found);
            alerts.take(&mut found);
        }
        alerts
    }

    const STOP: &str = "10.0.0.5 -> 10.0.0.9 s7comm plc_stop class=mode";

    #[test]
    fn repeats_fold_within_a_day_and_ids_are_stable() {
        let alerts = run(&format!("at 1h x40 every 1m {STOP}\nat 1d1h {STOP}"));
        let list = alerts.list();
        assert_eq!(list.iter().map(|a| a.count).collect::<Vec<_>>(), [40, 1]);
        assert_eq!(list[0].because.len(), MAX_BECAUSE);
        assert_eq!(list[0].because.last().unwrap().frame, 40);
        let later = run(&format!("at 2h {STOP}"));
        assert_eq!(later.list()[0].id, list[0].id);
        assert_ne!(list[0].id, list[1].id);
    }

    #[test]
    fn closed_opens_again() {
        let mut alerts = run(&format!("at 1h {STOP}"));
        let id = alerts.list()[0].id;
        assert!(alerts.set_state(id, State::Closed));
        let finding = Finding {
            key: alerts.list()[0].key.clone(),
            ..Finding::new(&facts::parse(&format!("at 2h {STOP}")).unwrap()[0])
        };
        let mut found = Findings { list: vec![("plc_stop", finding)], ..Findings::default() };
        alerts.take(&mut found);
        assert_eq!(alerts.get(id).unwrap().state, State::Open);
        assert!(!alerts.set_state(1, State::Closed));
    }

    #[test]
    fn bounded_and_said() {
        let event = &facts::parse(&format!("at 1h {STOP}")).unwrap()[0];
        let mut alerts = Alerts::default();
        for n in 0..MAX_ALERTS + 3 {
            let finding = Finding::new(event).per(n.to_string());
            alerts.take(&mut Findings { list: vec![("plc_stop", finding)], ..Findings::default() });
        }
        assert_eq!((alerts.list().len(), alerts.refused()), (MAX_ALERTS, 3));
    }
}
