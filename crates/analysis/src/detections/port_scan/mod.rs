//! Attempts at many ports of one host that came to nothing. The page beside this file says what it means.

use super::count::Distinct;
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Event, Host};

pub(super) const WANTS: Interest = Interest::only(Fact::Flow);

const WINDOW: i64 = shapes::minutes(2);
const PORTS: u64 = 25;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Scan { tried: Distinct::within(WINDOW) })
}

struct Scan {
    tried: Distinct<(Host, Host), (&'static str, u16)>,
}

impl Detector for Scan {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let Some(flow) = shapes::settled(event).filter(|f| shapes::is_barren(f)) else { return };
        let key = (flow.client.host, flow.server.host);
        let n = self.tried.add(key, (flow.transport, flow.server.port), flow.first.time);
        if n >= PORTS {
            found.add(Finding::new(event).ends(&flow.client, &flow.server).number("ports", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.tried.forgotten()
    }
}
