//! What two hosts have said about devices: each claim is told once, again when it comes back after another one, and
//! with its last time when the pair is summed up. So what stage 2 knows of a claim (first and last time) does not
//! depend on how traffic is cut into captures.

use crate::limits::{MAX_EVIDENCE, RETOLD};
use crate::say::Say;
use hashbrown::HashTable;
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
    /// Position in `claims` plus one.
    recent: [u32; RECENT],
    claims: Vec<Claimed>,
    index: HashTable<u32>,
    full: bool,
}

struct Claimed {
    hash: u64,
    topic: u64,
    last: Stamp,
    retold: u8,
    /// Kept from the second time on, where the last time is to be told.
    again: Option<Box<Evidence>>,
    /// Met since it was told last.
    dirty: bool,
}

impl Heard {
    /// A claim; `evidence` makes its owned form where it is to be told.
    #[inline]
    pub fn claim(&mut self, mark: Mark, say: &mut Say, evidence: impl FnOnce() -> Option<Evidence>) {
        let slot = mark.hash as usize % RECENT;
        let recent = self.recent.get(slot).map_or(0, |n| *n as usize);
        let known = match recent.checked_sub(1).filter(|i| self.claims.get(*i).is_some_and(|c| c.hash == mark.hash)) {
            Some(i) => i,
            None => {
                let claims = &self.claims;
                let same = |i: &u32| claims.get(*i as usize).is_some_and(|c| c.hash == mark.hash);
                let Some(i) = self.index.find(mark.hash, same).map(|i| *i as usize) else {
                    return self.first(mark, say, evidence);
                };
                if let Some(recent) = self.recent.get_mut(slot) {
                    *recent = i as u32 + 1;
                }
                i
            }
        };
        self.met(known, mark, say, evidence);
    }

    fn met(&mut self, known: usize, mark: Mark, say: &mut Say, evidence: impl FnOnce() -> Option<Evidence>) {
        if mark.topic == 0 && !mark.dated {
            return;
        }
        let at = say.stamp();
        let between = mark.topic != 0 && self.another_since(known, mark.topic);
        let Some(claim) = self.claims.get_mut(known) else { return };
        claim.last = at;
        if between && claim.retold < RETOLD {
            claim.retold += 1;
            claim.dirty = false;
            if let Some(evidence) = evidence() {
                say.fact(What::Evidence(evidence));
            }
            return;
        }
        if mark.dated {
            claim.dirty = true;
            if claim.again.is_none() {
                claim.again = evidence().map(Box::new);
            }
        }
    }

    /// Whether another value of the topic was met after this one was met last.
    fn another_since(&self, known: usize, topic: u64) -> bool {
        let Some(own) = self.claims.get(known).map(|c| (c.last.time, c.last.frame)) else { return false };
        self.claims.iter().any(|c| c.topic == topic && (c.last.time, c.last.frame) > own)
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
        if self.claims.len() == self.claims.capacity() {
            // most pairs have a few: a vector would begin with room for four
            self.claims.reserve_exact(1 + self.claims.len() / 2);
        }
        let Mark { hash, topic, .. } = mark;
        let last = say.stamp();
        self.claims.push(Claimed { hash, topic, last, retold: 0, again: None, dirty: false });
        let claims = &self.claims;
        let new = claims.len() as u32;
        self.index.insert_unique(hash, new - 1, |i| claims.get(*i as usize).map_or(0, |c| c.hash));
        if let Some(recent) = self.recent.get_mut(hash as usize % RECENT) {
            *recent = new;
        }
        if let Some(evidence) = evidence() {
            say.fact(What::Evidence(evidence));
        }
    }

    /// Tells the last time of what was met since it was told last.
    pub fn summarise(&mut self, say: &mut Say) {
        for claim in &mut self.claims {
            claim.retold = 0;
            if let (true, Some(evidence)) = (core::mem::take(&mut claim.dirty), &claim.again) {
                say.again(claim.last, What::Evidence((**evidence).clone()));
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
        assert_eq!(told(&says, flip).map(|list| list.len()), [2 + 2 * usize::from(RETOLD), 2]);
    }
}
