//! Sender and receiver are one. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use model::Subject;

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| {
        let flow = shapes::settled(event)?;
        let ip = flow.client.host.address.ip().filter(|ip| !ip.is_unspecified() && !ip.is_loopback())?;
        // Programs on one machine talk to each other by its own address; their ports differ, and both sides speak.
        let same = flow.client == flow.server && flow.transport == "tcp" && !ip.is_multicast();
        let finding = || Finding::new(event).about(Subject::host(flow.client.host)).because(flow.first);
        same.then(|| finding().fact("transport", flow.transport))
    })
}
