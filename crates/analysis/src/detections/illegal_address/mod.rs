//! A sender's address that cannot be. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use std::net::IpAddr;

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, _| {
        let flow = shapes::settled(event)?;
        let (from, to) = (flow.client.host.address.ip()?, flow.server.host.address.ip()?);
        let bad = match from {
            // 240.0.0.0/4 is reserved (RFC 1112); the broadcast address is its last.
            IpAddr::V4(ip) => ip.is_multicast() || ip.to_bits() >> 28 == 0xf,
            IpAddr::V6(ip) => ip.is_multicast(),
        };
        // A recording of the loopback interface shows discovery to groups as well.
        let loopback = from.is_loopback() && !to.is_loopback() && !flow.server.host.address.is_group();
        // Who spoke first may not have been seen: a group that receives stands on the other side then.
        let sent = flow.frames.first().is_some_and(|n| *n > 0);
        let finding = || Finding::new(event).ends(&flow.client, &flow.server).because(flow.first);
        ((bad || loopback) && sent).then(|| finding().fact("transport", flow.transport))
    })
}
