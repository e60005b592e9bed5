//! The shapes most detectors have.

use super::count::Rate;
use super::{Detector, Finding, Findings, World};
use model::{Event, FlowFact, FlowState, Host, Transaction, What};

/// A judgement on one fact alone.
pub(super) struct Single(fn(&Event, &dyn World) -> Option<Finding>);

impl Detector for Single {
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        if let Some(finding) = (self.0)(event, world) {
            found.add(finding);
        }
    }
}

/// A detector without state.
pub(super) fn single(judge: fn(&Event, &dyn World) -> Option<Finding>) -> Box<dyn Detector> {
    Box::new(Single(judge))
}

/// A judgement on one operation alone.
struct Operation(fn(&Transaction, &Event, &dyn World) -> Option<Finding>);

impl Detector for Operation {
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        if let What::Transaction(t) = &event.what
            && let Some(finding) = (self.0)(t, event, world)
        {
            found.add(finding);
        }
    }
}

/// A detector without state that looks at operations.
pub(super) fn operation(judge: fn(&Transaction, &Event, &dyn World) -> Option<Finding>) -> Box<dyn Detector> {
    Box::new(Operation(judge))
}

/// Counts what `pick` accepts, by the finding's own key, and speaks from `threshold` on.
struct Burst {
    pick: fn(&Event, &dyn World) -> Option<Finding>,
    threshold: u64,
    rate: Rate<String>,
}

impl Detector for Burst {
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        let Some(finding) = (self.pick)(event, world) else { return };
        let (first, last) = (finding.first.time, finding.last.time);
        let n = self.rate.spread(finding.key.clone(), finding.count, first, last);
        if n >= self.threshold {
            found.add(finding.number("in_window", n));
        }
    }

    fn forgotten(&self) -> u64 {
        self.rate.forgotten()
    }
}

/// A detector that speaks once `threshold` findings with one key lie within `window` nanoseconds.
pub(super) fn burst(window: i64, threshold: u64, pick: fn(&Event, &dyn World) -> Option<Finding>) -> Box<dyn Detector> {
    Box::new(Burst { pick, threshold, rate: Rate::within(window) })
}

/// The flow, once it is known how it went: ended, or summed up on its way.
pub(super) fn settled(event: &Event) -> Option<&FlowFact> {
    match &event.what {
        What::Flow(flow) if flow.state != FlowState::New => Some(flow),
        _ => None,
    }
}

/// An attempt that came to nothing: a TCP handshake not answered or refused, or answered and left without a byte; a
/// datagram to a port below the usual client ports that nobody answered.
pub(super) fn is_barren(flow: &FlowFact) -> bool {
    if flow.client.host.address.is_group() || flow.server.host.address.is_group() || flow.state != FlowState::Ended {
        return false;
    }
    let [sent, received] = flow.bytes;
    match flow.transport {
        // A midstream flow has no client known; a silent keep-alive must not look like an attempt.
        "tcp" => flow.opened && sent == 0 && received == 0 && flow.lost_bytes == 0,
        "udp" => {
            let [_, back] = flow.frames;
            back == 0 && (1..FIRST_CLIENT_PORT).contains(&flow.server.port) && flow.client.port >= 1024
        }
        _ => false,
    }
}

/// Ports from here on are given to clients by common systems (Linux 32768, IANA 49152): a datagram to one is an answer
/// as often as a question.
const FIRST_CLIENT_PORT: u16 = 32_768;

/// The /16 (IPv4) or /64 (IPv6) of a host, as text.
pub(super) fn network(host: &Host) -> Option<String> {
    Some(match host.address.ip()? {
        std::net::IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            format!("{a}.{b}.0.0/16")
        }
        std::net::IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    })
}

/// Minutes to nanoseconds.
pub(super) const fn minutes(n: i64) -> i64 {
    n * 60 * model::Time::SECOND
}
