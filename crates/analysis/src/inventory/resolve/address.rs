//! What addresses tell by themselves: inside or outside, same subnet, reserved for redundant routers.

use model::{Address, Host, Mac, NetworkId};
use std::net::IpAddr;

/// Hardware addresses reserved for redundant routers: the scheme, where it is one (RFC 9568, RFC 2281, vendor documents).
pub(super) fn virtual_scheme(mac: Mac) -> Option<&'static str> {
    match mac.0 {
        [0x00, 0x00, 0x5e, 0x00, 0x01 | 0x02, _] => Some("VRRP or CARP"),
        [0x00, 0x00, 0x0c, 0x07, 0xac, _] => Some("HSRP"),
        [0x00, 0x00, 0x0c, 0x9f, f, _] if f & 0xf0 == 0xf0 => Some("HSRP version 2"),
        [0x00, 0x05, 0x73, 0xa0, n, _] if n & 0xf0 == 0 => Some("HSRP for IPv6"),
        [0x00, 0x07, 0xb4, 0x00, _, _] => Some("GLBP"),
        [0x02, 0xbf, _, _, _, _] => Some("network load balancing"),
        _ => None,
    }
}

/// An address routed on the internet.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            // 100.64/10 is shared by carriers, 198.18/15 by test labs: inside, as far as a plant is concerned.
            let shared = (a == 100 && b & 0xc0 == 64) || (a == 198 && b & 0xfe == 18);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || shared
                || a == 0
                // groups and broadcast; what is reserved beyond them is nobody's own
                || (224..240).contains(&a)
                || v4.is_broadcast())
        }
        IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000,
    }
}

/// Addresses that only a plant's own numbering uses (RFC 1918, unique local): where they are, public ones are outside.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}

/// Link-local (RFC 3927, RFC 4291): never crosses a router.
pub(super) fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
    }
}

/// The interface identifier is formed from this hardware address (RFC 4291, appendix A).
pub(super) fn is_eui64_of(ip: IpAddr, mac: Mac) -> bool {
    let IpAddr::V6(v6) = ip else { return false };
    let [a, b, c, d, e, f] = mac.0;
    let [.., s0, s1, s2, s3, s4, s5, s6, s7] = v6.octets();
    [s0, s1, s2, s3, s4, s5, s6, s7] == [a ^ 2, b, c, 0xff, 0xfe, d, e, f]
}

/// The likely subnet: masks are not on the wire, /24 and /64 are what plants use.
pub(super) fn subnet(ip: IpAddr) -> (bool, u64) {
    match ip {
        IpAddr::V4(v4) => (false, u64::from(u32::from(v4) >> 8)),
        IpAddr::V6(v6) => (true, (u128::from(v6) >> 64) as u64),
    }
}

/// The block an organisation likely holds where it numbers itself with public addresses: /16, or /48 (RFC 6177).
pub(super) fn block(ip: IpAddr) -> (bool, u64) {
    match ip {
        IpAddr::V4(v4) => (false, u64::from(u32::from(v4) >> 16)),
        IpAddr::V6(v6) => (true, (u128::from(v6) >> 80) as u64),
    }
}

pub(super) fn mac_of(host: Host) -> Option<Mac> {
    match host.address {
        Address::Mac(mac) => Some(mac),
        Address::Ip(_) => None,
    }
}

/// A stable 64-bit hash of a text (FNV-1a with a final mix): the same on every machine and in every run.
pub(super) fn hash(text: &str) -> u64 {
    let mut h = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}

pub(super) fn in_network(network: NetworkId, address: Address) -> Host {
    Host { network, address }
}
