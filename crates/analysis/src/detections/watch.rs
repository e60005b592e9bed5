//! All detections at work: shows each fact to those that want it.

use super::interest::{SLOTS, slot};
use super::{DETECTIONS, Detection, Detector, Findings, World};
use crate::hash;
use hashbrown::HashTable;
use model::{Event, Time};

struct Active {
    detection: &'static Detection,
    detector: Box<dyn Detector>,
}

/// The detections that are switched on, with their state. Sees the facts of one site in order.
pub struct Watch {
    active: Vec<Active>,
    /// Slot and protocol to positions in `active`; filled as protocols appear, so bounded by slots times protocols.
    /// Found by where the word lies: a word that lies in two places has two rows that say the same.
    index: HashTable<(u8, &'static str, Vec<usize>)>,
    /// The second of the last tick.
    second: i64,
}

/// How far time goes on when the input ends, so that judgements that wait are made: longer than any of them waits.
const GRACE: i64 = 3600 * Time::SECOND;

impl Default for Watch {
    /// What the pages switch on.
    fn default() -> Self {
        Watch::new(|detection| detection.page.default_on)
    }
}

impl Watch {
    /// The detections that `on` says yes to.
    pub fn new(on: impl Fn(&Detection) -> bool) -> Watch {
        let all: &'static [Detection] = &DETECTIONS;
        let make = |detection: &'static Detection| Active { detection, detector: (detection.descriptor.detector)() };
        Watch { active: all.iter().filter(|d| on(d)).map(make).collect(), index: HashTable::new(), second: i64::MIN }
    }

    /// One fact, in order.
    pub fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        let (slot, protocol) = slot(event);
        debug_assert!(slot < SLOTS);
        let Watch { active, index, .. } = self;
        let hash = |slot: u8, word: &'static str| hash::of(&(slot, word.as_ptr().addr(), word.len()));
        let row = index.entry(
            hash(slot, protocol),
            |row| row.0 == slot && core::ptr::eq(row.1, protocol),
            |row| hash(row.0, row.1),
        );
        let row = row.or_insert_with(|| {
            let wants = |(i, a): (usize, &Active)| a.detection.descriptor.wants.covers(slot, protocol).then_some(i);
            (slot, protocol, active.iter().enumerate().filter_map(wants).collect())
        });
        let (_, _, wanting) = row.get();
        for i in wanting.iter() {
            if let Some(a) = active.get_mut(*i) {
                found.detection = a.detection.name();
                a.detector.see(event, world, found);
            }
        }
    }

    /// A fact of an earlier capture: only those that compare with what was before look at it, and say nothing.
    pub fn recall(&mut self, event: &Event, world: &dyn World) {
        let mut unsaid = Findings::default();
        for a in self.active.iter_mut().filter(|a| a.detection.name() == "program_changed") {
            a.detector.see(event, world, &mut unsaid);
        }
    }

    /// Time went on to `now`. Detectors hear of it once a second; calling more often costs nothing.
    pub fn tick(&mut self, now: Time, world: &dyn World, found: &mut Findings) {
        let second = now.0.div_euclid(Time::SECOND);
        if second <= self.second {
            return;
        }
        self.second = second;
        for a in &mut self.active {
            found.detection = a.detection.name();
            a.detector.tick(now, world, found);
        }
    }

    /// The input has ended; `last` is the time of its last fact.
    pub fn finish(&mut self, last: Time, world: &dyn World, found: &mut Findings) {
        self.tick(last.plus(GRACE), world, found);
    }

    /// Detections that forgot something because a bound was reached, and how often.
    pub fn forgotten(&self) -> Vec<(&'static str, u64)> {
        let told = self.active.iter().map(|a| (a.detection.name(), a.detector.forgotten()));
        told.filter(|(_, n)| *n > 0).collect()
    }
}
