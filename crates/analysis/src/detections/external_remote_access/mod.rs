//! A remote session from outside. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, world| {
        let flow = shapes::settled(event)?;
        let protocol = flow.protocol.filter(|p| words::REMOTE.contains(p))?;
        let used = flow.bytes.iter().all(|n| *n > 0);
        let inward = world.crosses_border(&flow.server.host, &flow.client.host);
        let finding = || Finding::new(event).ends(&flow.client, &flow.server).per(protocol).because(flow.first);
        (used && inward).then(|| finding().fact("protocol", protocol))
    })
}
