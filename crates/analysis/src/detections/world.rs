//! What a detector may ask about the plant.

use super::words;
use model::{Address, Claim, Event, Host, Outcome, Role, Strength, What};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A read-only view of the plant. The inventory is one; [`Observed`] is one that needs nothing else.
pub trait World {
    /// The address lies outside the site: reachable only over the Internet.
    fn is_external(&self, host: &Host) -> bool;

    /// The host was seen in this role.
    fn has_role(&self, host: &Host, role: Role) -> bool;

    /// The plant's name for the host.
    fn name(&self, host: &Host) -> Option<&str>;

    /// A controller of any kind.
    fn is_controller(&self, host: &Host) -> bool {
        const ROLES: [Role; 6] = [Role::Controller, Role::Io, Role::Ied, Role::Safety, Role::Drive, Role::Building];
        ROLES.iter().any(|role| self.has_role(host, *role))
    }

    /// One side inside, the other outside.
    fn crosses_border(&self, inside: &Host, outside: &Host) -> bool {
        !inside.address.is_group() && !self.is_external(inside) && self.is_external(outside)
    }
}

/// Hosts remembered; a larger site brings its inventory.
const MAX_HOSTS: usize = 65_536;
/// Segments with public addresses remembered; a site has a handful.
const MAX_SEGMENTS: usize = 64;
/// Neighbours of an address heard in ARP are on the same segment: the usual prefix of a subnet.
const LOCAL_V4: u8 = 24;
const LOCAL_V6: u8 = 64;

/// What the facts themselves tell: private addresses and everything that answers ARP is inside, with its segment; roles and names as
/// stated by evidence.
#[derive(Debug, Default)]
pub struct Observed {
    inside: BTreeSet<(IpAddr, u8)>,
    local: BTreeSet<Host>,
    /// One host of each segment that is numbered with public addresses.
    public: Vec<Host>,
    roles: BTreeMap<Host, BTreeSet<Role>>,
    names: BTreeMap<Host, String>,
    forgotten: u64,
}

impl Observed {
    /// Networks that are the site's own although their addresses are public: address and prefix length.
    pub fn with_networks(networks: impl IntoIterator<Item = (IpAddr, u8)>) -> Observed {
        Observed { inside: networks.into_iter().collect(), ..Observed::default() }
    }

    /// One fact, in order, before the detections see it.
    pub fn observe(&mut self, event: &Event) {
        match &event.what {
            What::Evidence(e) => match &e.claim {
                // A proxy or a router answers for others' addresses, but never on a network where they are foreign.
                Claim::SameAs(Address::Mac(_)) if e.protocol == "arp" && e.strength >= Strength::Stated => {
                    let room = self.local.contains(&e.about.host) || self.room(self.local.len());
                    if self.public.len() < MAX_SEGMENTS
                        && e.about.host.address.ip().is_some_and(is_public)
                        && self.is_external(&e.about.host)
                    {
                        self.public.push(e.about.host);
                    }
                    room.then(|| self.local.insert(e.about.host));
                }
                Claim::Role(role) if e.about.path.is_host() && e.strength >= Strength::Implied => {
                    self.role(e.about.host, *role);
                }
                Claim::Name(_, name) if e.about.path.is_host() && self.room(self.names.len()) => {
                    self.names.entry(e.about.host).or_insert_with(|| name.clone());
                }
                _ => {}
            },
            What::Transaction(t)
                if t.roles_known
                    && matches!(t.outcome, Outcome::Ok | Outcome::ReplyOnly)
                    && words::is_control(t.protocol)
                    && words::PROCESS.contains(&t.class) =>
            {
                self.role(t.subject.host, Role::Controller);
            }
            _ => {}
        }
    }

    fn room(&mut self, used: usize) -> bool {
        let room = used < MAX_HOSTS;
        self.forgotten += u64::from(!room);
        room
    }

    fn role(&mut self, host: Host, role: Role) {
        let known = self.roles.get(&host).is_some_and(|r| r.contains(&role));
        if !known && !host.address.is_group() && self.room(self.roles.len()) {
            self.roles.entry(host).or_default().insert(role);
        }
    }

    /// How often a bound made it forget something.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

fn within(ip: IpAddr, network: IpAddr, prefix: u8) -> bool {
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()) << 96, 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    };
    let ((a, la), (b, lb)) = (bits(ip), bits(network));
    la == lb && (prefix == 0 || (a ^ b).leading_zeros() >= u32::from(prefix.min(la)))
}

/// Globally routed unicast. Documentation ranges (RFC 5737, RFC 3849) count as outside: no plant uses them.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(ip) => ip.segments().first().is_some_and(|s| s & 0xe000 == 0x2000),
    }
}

impl World for Observed {
    fn is_external(&self, host: &Host) -> bool {
        let Some(ip) = host.address.ip() else { return false };
        let near = |known: &IpAddr| within(ip, *known, if known.is_ipv4() { LOCAL_V4 } else { LOCAL_V6 });
        let segment = |h: &Host| h.network == host.network && h.address.ip().is_some_and(|known| near(&known));
        is_public(ip)
            && !self.local.contains(host)
            && !self.public.iter().any(segment)
            && !self.inside.iter().any(|(n, p)| within(ip, *n, *p))
    }

    fn has_role(&self, host: &Host, role: Role) -> bool {
        self.roles.get(host).is_some_and(|roles| roles.contains(&role))
    }

    fn name(&self, host: &Host) -> Option<&str> {
        self.names.get(host).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_a_local_address_are_inside() {
        let facts =
            super::super::facts::parse("at 0s evidence arp 141.81.0.14 same_as=00:11:22:33:44:55 stated").unwrap();
        let mut world = Observed::default();
        let host = |s: &str| Host::new(s.parse::<IpAddr>().unwrap());
        assert!(world.is_external(&host("141.81.0.10")));
        world.observe(&facts[0]);
        assert!(!world.is_external(&host("141.81.0.14")) && !world.is_external(&host("141.81.0.10")));
        assert!(world.is_external(&host("141.81.1.10")));
    }

    #[test]
    fn what_is_outside() {
        let host = |s: &str| Host::new(s.parse::<IpAddr>().unwrap());
        let world = Observed::with_networks([("192.0.2.0".parse().unwrap(), 24)]);
        for inside in [
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "192.0.2.9",
            "fe80::1",
            "fd00::1",
            "224.0.0.5",
            "255.255.255.255",
        ] {
            assert!(!world.is_external(&host(inside)), "{inside}");
        }
        for outside in ["8.8.8.8", "172.32.0.1", "192.0.3.9", "2001:db8::1", "198.51.100.1"] {
            assert!(world.is_external(&host(outside)), "{outside}");
        }
    }
}
