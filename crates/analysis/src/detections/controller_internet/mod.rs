//! A controller and the Internet. The page beside this file says what it means.

use super::{Detector, Fact, Finding, Interest, shapes};
use model::Subject;

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

pub(super) fn detector() -> Box<dyn Detector> {
    shapes::single(|event, world| {
        let flow = shapes::settled(event)?;
        let both = flow.frames.iter().all(|n| *n > 0) && flow.bytes.iter().all(|n| *n > 0);
        let (a, b) = (&flow.client, &flow.server);
        let inside = [(a, b), (b, a)].into_iter().find(|(x, y)| world.crosses_border(&x.host, &y.host));
        let (inside, outside) = inside.filter(|(x, _)| both && world.is_controller(&x.host))?;
        let finding = Finding::new(event).about(Subject::host(inside.host)).fact("outside", outside.host.to_string());
        let finding = finding.fact("port", flow.server.port.to_string()).because(flow.first);
        Some(finding.fact("protocol", flow.protocol.unwrap_or("")))
    })
}
