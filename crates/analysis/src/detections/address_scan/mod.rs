//! Attempts at many addresses that came to nothing. The page beside this file says what it means.

use super::count::Distinct;
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Event, Host};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

const WINDOW: i64 = shapes::minutes(10);
const TARGETS: u64 = 50;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan { tried: Distinct::within(WINDOW) })
}

struct Scan {
    tried: Distinct<(Host, String), Host>,
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        let Some(flow) = shapes::settled(event).filter(|f| shapes::is_barren(f)) else { return };
        let (client, server) = (flow.client.host, flow.server.host);
        // The Internet is full of addresses that do not answer; what matters here is the site's own.
        if world.is_external(&server) {
            return;
        }
        let Some(network) = shapes::network(&server) else { return };
        let n = self.tried.add((client, network.clone()), server, flow.first.time);
        if n >= TARGETS {
            let finding = Finding::new(event).by_actor(client).per(&network).fact("network", network);
            found.add(finding.fact("port", flow.server.port.to_string()).number("targets", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.tried.forgotten()
    }
}
