//! A second DHCP server on one network. The page beside this file says what it means.

use super::count::Bounded;
use super::{Detector, Fact, Finding, Findings, Interest, World};
use model::{Claim, Event, Host, Role, Stamp, What};
use std::net::IpAddr;

pub(super) const WANTS: Interest = Interest::only(Fact::Evidence).of(&["dhcp"]);

/// Servers remembered per network.
const MAX_SERVERS: usize = 8;

pub(super) fn detector() -> Box<dyn Detector> {
    Box::new(Servers::default())
}

/// Per network, named by the first three octets: the servers, and when each was first seen.
#[derive(Default)]
struct Servers {
    known: Bounded<Network, Vec<(Host, Stamp)>>,
}

type Network = (u16, [u8; 3]);

impl Detector for Servers {
    fn see(&mut self, event: &Event, _: &dyn World, found: &mut Findings) {
        let What::Evidence(e) = &event.what else { return };
        let (Claim::Role(Role::DhcpServer), Some(IpAddr::V4(ip))) = (&e.claim, e.about.host.address.ip()) else { return };
        let [a, b, c, _] = ip.octets();
        let servers = self.known.entry((e.about.host.network.0, [a, b, c]));
        if servers.iter().any(|(host, _)| *host == e.about.host) || servers.len() >= MAX_SERVERS {
            return;
        }
        servers.push((e.about.host, event.at));
        if servers.len() > 1 {
            let mut finding = Finding::new(event).about(e.about);
            finding.key = format!("{}|{a}.{b}.{c}.0/24", e.about.host.network.0);
            let add = |f: Finding, (host, at): &(Host, Stamp)| f.fact("servers", host.to_string()).because(*at);
            found.add(servers.iter().fold(finding, add));
        }
    }

    fn forgotten(&self) -> u64 {
        self.known.forgotten()
    }
}
