//! All detections at work: shows each fact to those that want it.

use super::interest::{SLOTS, slot};
use super::{DETECTIONS, Detection, Detector, Findings, World};
use model::{Event, Time};
use std::collections::BTreeMap;

struct Active {
    detection: &'static Detection,
    detector: Box<dyn Detector>,
}

/// The detections that are switched on, with their state. Sees the facts of one site in order.
pub struct Watch {
    active: Vec<Active>,
    /// (slot, protocol) to positions in `active`; filled as protocols appear, so bounded by slots times protocols.
    index: BTreeMap<(u8, &'static str), Vec<usize>>,
}

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
        Watch { active: all.iter().filter(|d| on(d)).map(make).collect(), index: BTreeMap::new() }
    }

    /// One fact, in order.
    pub fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        let (slot, protocol) = slot(event);
        debug_assert!(slot < SLOTS);
        let Watch { active, index } = self;
        let wanting = index.entry((slot, protocol)).or_insert_with(|| {
            let wants = |(i, a): (usize, &Active)| a.detection.descriptor.wants.covers(slot, protocol).then_some(i);
            active.iter().enumerate().filter_map(wants).collect()
        });
        for i in wanting.iter() {
            if let Some(a) = active.get_mut(*i) {
                found.detection = a.detection.name();
                a.detector.see(event, world, found);
            }
        }
    }

    /// Time went on to `now`.
    pub fn tick(&mut self, now: Time, world: &dyn World, found: &mut Findings) {
        for a in &mut self.active {
            found.detection = a.detection.name();
            a.detector.tick(now, world, found);
        }
    }

    /// Detections that forgot something because a bound was reached, and how often.
    pub fn forgotten(&self) -> Vec<(&'static str, u64)> {
        let told = self.active.iter().map(|a| (a.detection.name(), a.detector.forgotten()));
        told.filter(|(_, n)| *n > 0).collect()
    }
}
