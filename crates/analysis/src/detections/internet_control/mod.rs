//! A control protocol between inside and outside. The page beside this file says what it means.

use super::{Detector, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::operations().of(words::CONTROL);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::operation(|t, event, world| {
        let (actor, subject) = (t.actor.host, t.subject.host);
        let crosses = world.crosses_border(&subject, &actor) || world.crosses_border(&actor, &subject);
        let unicast = !actor.address.is_group() && !subject.address.is_group();
        (crosses && unicast).then(|| Finding::of(event, t).per(t.protocol))
    })
}
