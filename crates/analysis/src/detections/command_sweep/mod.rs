//! Many points operated in a minute. The page beside this file says what it means.

use super::count::Distinct;
use super::{Detector, Finding, Findings, Interest, World, shapes, words};
use model::{Class, Event, What};

pub(super) const WANTS: Interest = Interest::classes(&[Class::Operate]).of(words::CONTROL);

const WINDOW: i64 = shapes::minutes(1);
const POINTS: u64 = 20;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Sweep { points: Distinct::within(WINDOW) })
}

struct Sweep {
    points: Distinct<String, String>,
}

impl Detector for Sweep {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Transaction(t) = &event.what else { return };
        let finding = Finding::of(event, t);
        let add = |item: &model::Item| self.points.add(finding.key.clone(), item.target.name.clone(), event.at.time);
        let points = t.items.iter().map(add).max().unwrap_or(0);
        if points >= POINTS {
            found.add(finding.number("points", points));
        }
    }

    fn forgotten(&self) -> u64 {
        self.points.forgotten()
    }
}
