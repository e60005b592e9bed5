//! One IP address, two hardware addresses, in turn. The page beside this file says what it means.

use super::count::Switches;
use super::{Detector, Fact, Finding, Findings, Interest, World, shapes};
use model::{Address, Anomaly, Claim, Class, Event, Host, Mac, Stamp, Strength, Time, Value, What};

/// Protocols in which a host says where its address is.
pub(super) const SPEAK: &[&str] = &["arp", "icmpv6"];

pub(super) const WANTS: Interest = Interest::classes(&[Class::Identify]).and(Fact::Evidence).and(Fact::Anomaly).of(SPEAK);

const WINDOW: i64 = shapes::minutes(10);
const SWITCHES: u64 = 2;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Conflict { claims: Switches::within(WINDOW) })
}

struct Conflict {
    claims: Switches<Host, Mac>,
}

/// Shared by design: VRRP (RFC 9568), HSRP versions 1 and 2, network load balancing.
fn is_virtual(mac: Mac) -> bool {
    matches!(mac.0, [0, 0, 0x5e, 0, 1 | 2, _] | [0, 0, 0x0c, 0x07, 0xac, _] | [0, 0, 0x0c, 0x9f, 0xf0..=0xff, _])
        || matches!(mac.0, [2, 0xbf, ..] | [3, 0xbf, ..])
}

/// A sum of repeated statements: its own stamp is when it was drawn up, so what counts is the first and the last of
/// them.
fn span(event: &Event) -> Option<(Time, Time)> {
    match &event.what {
        What::Transaction(t) => match t.field("last_seen") {
            Some(Value::Time(last)) => Some((t.first.time, *last)),
            _ => None,
        },
        _ => None,
    }
}

/// What a message states: this IP address is at that hardware address. Evidence is told once per pair of hosts;
/// the operations are told again, as sums, as they repeat.
pub(super) fn stated(event: &Event) -> Option<(Host, Mac)> {
    let (host, mac) = match &event.what {
        What::Evidence(e) if e.strength >= Strength::Stated => match e.claim {
            Claim::SameAs(Address::Mac(mac)) => (e.about.host, mac),
            _ => return None,
        },
        What::Transaction(t) => match (t.field("sender_ip"), t.field("sender_mac")) {
            (Some(Value::Ip(ip)), Some(Value::Mac(mac))) => {
                (Host { network: t.actor.host.network, address: (*ip).into() }, *mac)
            }
            _ => return None,
        },
        _ => return None,
    };
    let device = host.address.ip().is_some_and(|ip| !ip.is_unspecified() && !ip.is_multicast() && !ip.is_loopback());
    (device && !is_virtual(mac) && !mac.is_group() && !mac.is_zero()).then_some((host, mac))
}

impl Detector for Conflict {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        if let What::Anomaly(Anomaly { kind: "address_conflict" | "duplicate_address", sender, receiver, .. }) = &event.what {
            found.add(Finding::new(event).ends(sender, receiver).fact("macs", sender.to_string()));
        }
        let Some((host, mac)) = stated(event) else { return };
        let finding = || Finding::new(event).about(model::Subject::host(host)).fact("macs", mac.to_string());
        if let Some((first, last)) = span(event) {
            // claimed before and after another's claim: there and back again
            let others = self.claims.between(&host, &mac, first, last);
            if let Some(earliest) = others.iter().map(|(_, at)| *at).min() {
                let mut finding = others.iter().fold(finding(), |f, (other, _)| f.fact("macs", other.to_string()));
                finding.first = Stamp { time: earliest, ..event.at };
                finding.last = Stamp { time: last, ..event.at };
                found.add(finding);
            }
            return;
        }
        let (switches, others) = self.claims.claim(host, &mac, event.at.time);
        if switches >= SWITCHES {
            found.add(others.iter().fold(finding(), |f, other| f.fact("macs", other.to_string())));
        }
    }

    fn forgotten(&self) -> u64 {
        self.claims.forgotten()
    }
}
