//! Requests without any answer. The page beside this file says what it means.

use super::count::{Bounded, Rate};
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Event, Host, Outcome, Stamp, Subject, Time, What};
use std::collections::BTreeMap;

pub(super) const WANTS: Interest = Interest::operations().of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(5);
const REQUESTS: u64 = 8;
/// Answers that are routine are told as sums every 15 minutes: until then nobody knows that none came.
const WAIT: i64 = shapes::minutes(16);

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Unresponsive {
        silent: Rate::within(WINDOW),
        answered: Bounded::default(),
        patience: Bounded::default(),
        waiting: BTreeMap::new(),
    })
}

/// Who asks whom in which protocol.
type Asking = (Host, Subject, &'static str);

struct Unresponsive {
    silent: Rate<Asking>,
    /// When the subject last answered the actor.
    answered: Bounded<Asking, Option<Time>>,
    /// How long after a request it was given up: that is when silence is told.
    patience: Bounded<Asking, i64>,
    /// To be judged; at most as many as `silent` has keys.
    waiting: BTreeMap<Asking, Finding>,
}

impl Detector for Unresponsive {
    fn see(&mut self, event: &Event, _: &dyn World, _: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        if t.subject.host.address.is_group() || t.actor.host.address.is_group() {
            return;
        }
        let key = (t.actor.host, t.subject_of(), t.protocol);
        let (first, last) = (t.first.min(event.at), words::last(t, event));
        match t.outcome {
            Outcome::NoReply => {
                let n = self.silent.spread(key, t.repeats.max(1), first.time, last);
                let patience = self.patience.entry(key);
                if let Some(asked) = t.asked {
                    *patience = event.at.time.since(asked.time);
                }
                let asked = first.time.plus(-*patience);
                let since = self.answered.get(&key).copied().flatten();
                if n >= REQUESTS && since.is_none_or(|at| at < asked) {
                    let mut finding = Finding::of(event, t).per(t.protocol).number("in_window", n);
                    finding.first = Stamp { time: asked, ..finding.first };
                    self.waiting.entry(key).or_insert(finding);
                }
            }
            Outcome::Ok | Outcome::Refused(_) | Outcome::ReplyOnly => {
                self.silent.clear(&key);
                // sums come in any order: what counts is when the last answer was
                if self.waiting.get(&key).is_some_and(|f| f.first.time <= last) {
                    self.waiting.remove(&key);
                }
                let answered = self.answered.entry(key);
                *answered = (*answered).max(Some(last));
            }
            Outcome::Unseen => {}
        }
    }

    fn tick(&mut self, now: Time, _: &dyn World, found: &mut Findings) {
        let ripe = |(_, f): &(&Asking, &Finding)| now.since(f.last.time) >= WAIT;
        while let Some(key) = self.waiting.iter().find(ripe).map(|(k, _)| *k) {
            if let Some(finding) = self.waiting.remove(&key) {
                found.add(finding);
            }
        }
    }

    fn forgotten(&self) -> u64 {
        self.silent.forgotten() + self.answered.forgotten() + self.patience.forgotten()
    }
}
