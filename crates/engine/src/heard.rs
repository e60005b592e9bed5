//! What two hosts have said about devices: each claim is told once, again when it comes back after another one, and
//! with its last time when the pair is summed up. So what stage 2 knows of a claim (first and last time) does not
//! depend on how traffic is cut into captures.

use crate::limits::{MAX_EVIDENCE, RETOLD};
use crate::positions::{Positions, growth};
use crate::say::Say;
use model::{Evidence, Stamp, What};
use protocols::Kind;

/// Claims remembered at hand, by the low bits of their hash.
const RECENT: usize = 4;

/// What makes a claim the same claim, and what it competes with.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Who says what about whom.
    pub hash: u64,
    /// The same without the value, where a device has one value at a time; 0 where values stand side by side.
    pub topic: u64,
    /// Its last time is kept and told.
    pub dated: bool,
}

/// The claims of one pair of hosts.
#[derive(Default)]
pub struct Heard {
    /// Position in `claims` plus one, of the first 255.
    recent: [u8; RECENT],
    claims: Vec<Claimed>,
    /// By hash.
    index: Positions,
    /// Counts meetings of claims that have a topic.
    meetings: u32,
    /// Claims told again since the last summary.
    retold: u8,
    full: bool,
}

/// A claim, small because every pair has some.
struct Claimed {
    hash: u64,
    /// The low half of the topic's hash is enough to tell the few topics of a pair apart.
    topic: u32,
    /// Number of the meeting it was met in last.
    met: u32,
    /// From the second time on, where the last time is to be told.
    dated: Option<Box<Dated>>,
}

struct Dated {
    last: Stamp,
    /// Met since it was told last.
    dirty: bool,
    evidence: Evidence,
}

impl Heard {
    /// A claim; `evidence` makes its owned form where it is to be told.
    #[inline]
    pub fn claim(&mut self, mark: Mark, say: &mut Say, evidence: impl FnOnce() -> Option<Evidence>) {
        let slot = mark.hash as usize % RECENT;
        let recent = self.recent.get(slot).map_or(0, |n| usize::from(*n));
        let known = match recent.checked_sub(1).filter(|i| self.claims.get(*i).is_some_and(|c| c.hash == mark.hash)) {
            Some(known) => known,
            None => {
                let Some(known) = self.index.find(&self.claims, mark.hash, |c| c.hash) else {
                    return self.first(mark, say, evidence);
                };
                self.remember(slot, known);
                known
            }
        };
        self.met(known, mark, say, evidence);
    }

    fn remember(&mut self, slot: usize, known: usize) {
        if let Some(recent) = self.recent.get_mut(slot) {
            *recent = u8::try_from(known + 1).unwrap_or(0);
        }
    }

    fn met(&mut self, known: usize, mark: Mark, say: &mut Say, evidence: impl FnOnce() -> Option<Evidence>) {
        if mark.topic == 0 && !mark.dated {
            return;
        }
        let between = mark.topic != 0 && self.another_since(known, mark.topic as u32);
        if mark.topic != 0 {
            self.meetings = self.meetings.wrapping_add(1);
        }
        let tell = between && self.retold < RETOLD;
        self.retold += u8::from(tell);
        let Some(claim) = self.claims.get_mut(known) else { return };
        claim.met = self.meetings;
        let last = say.stamp();
        if let Some(dated) = &mut claim.dated {
            (dated.last, dated.dirty) = (last, !tell);
        }
        if tell {
            if let Some(evidence) = evidence() {
                say.fact(What::Evidence(evidence));
            }
        } else if mark.dated && claim.dated.is_none() {
            claim.dated = evidence().map(|evidence| Box::new(Dated { last, dirty: true, evidence }));
        }
    }

    /// Whether another value of the topic was met after this one was met last.
    fn another_since(&self, known: usize, topic: u32) -> bool {
        let Some(own) = self.claims.get(known).map(|c| c.met) else { return false };
        self.claims.iter().any(|c| c.topic == topic && c.met > own)
    }

    #[cold]
    fn first(&mut self, mark: Mark, say: &mut Say, evidence: impl FnOnce() -> Option<Evidence>) {
        if self.claims.len() >= MAX_EVIDENCE {
            if !self.full {
                self.full = true;
                say.health("limit_reached", "evidence_per_pair", MAX_EVIDENCE as u64);
            }
            return;
        }
        let new = self.claims.len();
        if new == self.claims.capacity() {
            self.claims.reserve_exact(growth(new));
        }
        let (hash, topic) = (mark.hash, mark.topic as u32);
        self.meetings = self.meetings.wrapping_add(1);
        self.claims.push(Claimed { hash, topic, met: self.meetings, dated: None });
        self.index.added(&self.claims, |c| c.hash);
        self.remember(hash as usize % RECENT, new);
        if let Some(evidence) = evidence() {
            say.fact(What::Evidence(evidence));
        }
    }

    /// Tells the last time of what was met since it was told last.
    pub fn summarise(&mut self, say: &mut Say) {
        self.retold = 0;
        for dated in self.claims.iter_mut().filter_map(|c| c.dated.as_deref_mut()) {
            if core::mem::take(&mut dated.dirty) {
                say.again(dated.last, What::Evidence(dated.evidence.clone()));
            }
        }
    }
}

/// Kinds of claims of which a device has one at a time: a value that comes back after another one is news.
pub fn one_at_a_time(kind: &Kind) -> bool {
    use Kind::*;
    matches!(kind, Mode | Firmware | Hardware | Serial | Model | OrderNumber | SeenBehind(_))
}

/// Kinds of claims that are chosen among by when they were made last.
pub fn is_dated(kind: &Kind) -> bool {
    use Kind::*;
    !matches!(kind, Role(_) | Service { .. } | Port | SeenBehind(_) | Vlan(_) | SameAs(_) | Protection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Order;
    use model::{Address, Claim, Host, NetworkId, Strength, Subject, Time};

    fn stamp(second: i64) -> Stamp {
        Stamp { time: Time(second * Time::SECOND), frame: second.unsigned_abs(), index: 0 }
    }

    /// The device says at these seconds that it is in these modes; what is told, with the second it is stamped with,
    /// before the summary and by it.
    fn told(says: &[(i64, &str)], mark: impl Fn(&str) -> Mark) -> [Vec<(i64, String)>; 2] {
        let (mut heard, mut say) = (Heard::default(), Say::default());
        let host = Host { network: NetworkId(0), address: Address::Ip([10, 0, 0, 1].into()) };
        for (second, mode) in says {
            say.at(Order::default(), stamp(*second));
            let (about, claim) = (Subject::host(host), Claim::Mode((*mode).to_string()));
            let evidence = Evidence { about, by: None, claim, strength: Strength::Stated, protocol: "test" };
            heard.claim(mark(mode), &mut say, || Some(evidence));
        }
        let list = |say: &mut Say| {
            let all = core::mem::take(&mut say.batch.facts).into_iter();
            all.filter_map(|p| match p.event.what {
                What::Evidence(e) => Some((p.event.at.time.0 / Time::SECOND, e.claim.to_string())),
                _ => None,
            })
            .collect()
        };
        let before = list(&mut say);
        heard.summarise(&mut say);
        [before, list(&mut say)]
    }

    fn hash(mode: &str) -> u64 {
        crate::hash::word(1, mode)
    }

    #[test]
    fn a_value_that_comes_back_is_told_at_once_and_the_last_time_later() {
        let mark = |mode: &str| Mark { hash: hash(mode), topic: 5, dated: true };
        let text = |list: &[(i64, &str)]| list.iter().map(|(s, m)| (*s, (*m).to_string())).collect::<Vec<_>>();
        let [at_once, summed] = told(&[(1, "run"), (2, "run"), (3, "stop"), (4, "run"), (5, "run")], mark);
        assert_eq!(at_once, text(&[(1, "run"), (3, "stop"), (4, "run")]));
        assert_eq!(summed, text(&[(5, "run")]));
    }

    #[test]
    fn values_that_stand_side_by_side_are_told_once_and_a_flip_at_every_message_is_bounded() {
        let beside = |mode: &str| Mark { hash: hash(mode), topic: 0, dated: false };
        let says: Vec<(i64, &str)> = (0..100).map(|n| (n, if n % 2 == 0 { "a" } else { "b" })).collect();
        assert_eq!(told(&says, beside).map(|list| list.len()), [2, 0]);
        let flip = |mode: &str| Mark { hash: hash(mode), topic: 5, dated: true };
        assert_eq!(told(&says, flip).map(|list| list.len()), [2 + usize::from(RETOLD), 2]);
    }
}
