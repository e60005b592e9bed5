//! Port 0 on TCP or UDP. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| {
        let flow = shapes::settled(event)?;
        // A sender of datagrams may leave its own port 0 (RFC 768).
        let zero = matches!(flow.transport, "tcp" | "udp") && flow.server.port == 0;
        let finding = || Finding::new(event).ends(&flow.client, &flow.server).because(flow.first);
        zero.then(|| finding().fact("transport", flow.transport))
    })
}
