//! Old remote services on a controller. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes, words};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, world| {
        let flow = shapes::settled(event)?;
        let protocol = flow.protocol.filter(|p| words::INSECURE.contains(p))?;
        let finding = || Finding::new(event).ends(&flow.client, &flow.server).per(protocol).because(flow.first);
        world.is_controller(&flow.server.host).then(|| finding().fact("protocol", protocol))
    })
}
