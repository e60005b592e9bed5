//! Who is on the wire: hardware and network addresses inside a named network.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use std::net::IpAddr;

/// An IEEE 802 hardware address.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The broadcast address.
    pub const BROADCAST: Mac = Mac([0xff; 6]);

    /// Group bit (IEEE 802, least significant bit of the first octet): multicast or broadcast.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// Locally administered bit: the maker's part says nothing about the maker.
    pub fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// All zero: nobody.
    pub fn is_zero(self) -> bool {
        self.0 == [0; 6]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An address on the wire. Control networks live on layer 2 as well. Hardware addresses come before IPv4, those before
/// IPv6, each in the order of their bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// Hardware address.
    Mac(Mac),
    /// IPv4 or IPv6 address.
    Ip(IpAddr),
}

impl Address {
    /// Kind and number, whose order is that of addresses: compared at once instead of byte by byte.
    #[inline]
    fn rank(&self) -> (u8, u128) {
        match self {
            Address::Mac(Mac([a, b, c, d, e, f])) => (0, u64::from_be_bytes([0, 0, *a, *b, *c, *d, *e, *f]).into()),
            Address::Ip(IpAddr::V4(ip)) => (1, ip.to_bits().into()),
            Address::Ip(IpAddr::V6(ip)) => (2, ip.to_bits()),
        }
    }

    /// True for multicast and broadcast addresses: a group is never a device.
    pub fn is_group(&self) -> bool {
        match self {
            Address::Mac(mac) => mac.is_group(),
            Address::Ip(IpAddr::V4(ip)) => ip.is_multicast() || ip.is_broadcast(),
            Address::Ip(IpAddr::V6(ip)) => ip.is_multicast(),
        }
    }

    /// True for addresses that name nobody (all zero, IPv4 or IPv6 unspecified).
    pub fn is_unspecified(&self) -> bool {
        match self {
            Address::Mac(mac) => mac.is_zero(),
            Address::Ip(ip) => ip.is_unspecified(),
        }
    }

    /// The IP address, if it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Address::Ip(ip) => Some(*ip),
            Address::Mac(_) => None,
        }
    }
}

impl Hash for Address {
    /// One number where the derived form would feed five: every table of hosts is found by this.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Address::Ip(IpAddr::V4(ip)) => state.write_u64(1 << 32 | u64::from(ip.to_bits())),
            Address::Mac(Mac([a, b, c, d, e, f])) => {
                state.write_u64(u64::from_be_bytes([2, 0, *a, *b, *c, *d, *e, *f]))
            }
            Address::Ip(IpAddr::V6(ip)) => {
                let bits = ip.to_bits();
                state.write_u64((bits >> 64) as u64);
                state.write_u64(bits as u64);
            }
        }
    }
}

impl Ord for Address {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Address {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Mac(mac) => fmt::Display::fmt(mac, f),
            Address::Ip(ip) => fmt::Display::fmt(ip, f),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Mac> for Address {
    fn from(mac: Mac) -> Self {
        Address::Mac(mac)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Address::Ip(ip)
    }
}

/// Which network an address belongs to: two plants may use the same addresses. 0 is the only one until the site
/// says otherwise (by interface, file or VLAN map).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkId(pub u16);

/// An address inside its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// The network the address is unique in.
    pub network: NetworkId,
    /// The address.
    pub address: Address,
}

impl Host {
    /// A host in the default network.
    pub fn new(address: impl Into<Address>) -> Host {
        Host { network: NetworkId(0), address: address.into() }
    }
}

impl fmt::Display for Host {
    /// The address alone in the default network, else `address%network`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network.0 {
            0 => self.address.fmt(f),
            n => write!(f, "{}%{n}", self.address),
        }
    }
}

/// A host and the port a conversation uses there (0 where the layer has none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// TCP or UDP port; 0 on layer 2 and for protocols without ports.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.host.address) {
            (0, _) => self.host.fmt(f),
            (port, Address::Ip(IpAddr::V6(_))) => write!(f, "[{}]:{port}", self.host),
            (port, _) => write!(f, "{}:{port}", self.host),
        }
    }
}
