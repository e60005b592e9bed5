//! The shapes most detectors have.

use super::count::{Bounded, Rate};
use super::finding::MAX_BECAUSE;
use super::{Detector, Finding, Findings, World};
use model::{Event, FlowFact, FlowState, Host, Stamp, Transaction, What};

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

/// Counts what `pick` accepts, by the finding's own key, and speaks from `threshold` on. The first time it speaks for all
/// that led to it.
struct Burst {
    pick: fn(&Event, &dyn World) -> Option<Finding>,
    threshold: u64,
    rate: Rate<String>,
    /// What has been counted and not told; the first ones of it.
    untold: Bounded<String, Untold>,
}

#[derive(Default, Debug)]
struct Untold {
    count: u64,
    stamps: Vec<Stamp>,
}

impl Detector for Burst {
    fn see(&mut self, event: &Event, world: &dyn World, found: &mut Findings) {
        let Some(mut finding) = (self.pick)(event, world) else { return };
        let (first, last) = (finding.first.time, finding.last.time);
        let n = self.rate.spread(finding.key.clone(), finding.count, first, last);
        let untold = self.untold.entry(finding.key.clone());
        if n <= finding.count {
            // the window is empty but for this one: what came before is too long ago
            *untold = Untold::default();
        }
        if n < self.threshold {
            untold.count = untold.count.saturating_add(finding.count);
            if untold.stamps.len() < MAX_BECAUSE {
                untold.stamps.push(event.at);
            }
            return;
        }
        let Untold { count, stamps } = core::mem::take(untold);
        finding.count = finding.count.saturating_add(count);
        finding.first = stamps.iter().fold(finding.first, |first, s| first.min(*s));
        found.add(stamps.into_iter().fold(finding, Finding::because).number("in_window", n));
    }

    fn forgotten(&self) -> u64 {
        self.rate.forgotten() + self.untold.forgotten()
    }
}

/// A detector that speaks once `threshold` findings with one key lie within `window` nanoseconds.
pub(super) fn burst(window: i64, threshold: u64, pick: fn(&Event, &dyn World) -> Option<Finding>) -> Box<dyn Detector> {
    Box::new(Burst { pick, threshold, rate: Rate::within(window), untold: Bounded::default() })
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
