//! Sender and receiver are one. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use model::Subject;

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| {
        let flow = shapes::settled(event)?;
        let ip = flow.client.host.address.ip().filter(|ip| !ip.is_unspecified() && !ip.is_loopback())?;
        let same = flow.client.host == flow.server.host && !ip.is_multicast();
        let finding = || Finding::new(event).about(Subject::host(flow.client.host)).because(flow.first);
        same.then(|| finding().fact("transport", flow.transport))
    })
}
