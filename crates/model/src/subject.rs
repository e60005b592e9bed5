//! What a fact is about: a host, or something behind it.

use crate::{Host, Mac};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

/// One step from a host to a thing behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    /// Unit, station or outstation address behind a gateway (Modbus unit id, DNP3 or IEC 60870-5 address).
    Unit(u32),
    /// Slot in a rack or on a backplane.
    Slot { rack: u8, slot: u16 },
    /// CIP port and link address (not a backplane).
    Link { port: u16, link: u64 },
    /// A device on a network behind a router: BACnet network number and MAC (up to 8 bytes, big-endian, with length).
    Remote { network: u16, mac: u64, len: u8 },
    /// Object or device instance inside the host (BACnet device instance, OPC UA server).
    Instance(u32),
    /// A hardware address behind an address (several machines behind one).
    Behind(Mac),
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hop::Unit(unit) => write!(f, "unit {unit}"),
            Hop::Slot { rack: 0, slot } => write!(f, "slot {slot}"),
            Hop::Slot { rack, slot } => write!(f, "rack {rack} slot {slot}"),
            Hop::Link { port, link } => write!(f, "port {port} link {link}"),
            Hop::Remote { network, mac, len } => {
                write!(f, "network {network} mac ")?;
                let bytes = mac.to_be_bytes();
                for byte in bytes.iter().skip(8usize.saturating_sub((*len).into())) {
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
            Hop::Instance(n) => write!(f, "instance {n}"),
            Hop::Behind(mac) => write!(f, "mac {mac}"),
        }
    }
}

/// The longest path kept; deeper routes end at the fourth hop.
pub const MAX_HOPS: usize = 4;

/// Hops from a host to the thing meant; empty for the host itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Path {
    hops: [Option<Hop>; MAX_HOPS],
}

impl PartialEq for Path {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // most paths are the host itself
        if self.is_host() || other.is_host() { self.is_host() == other.is_host() } else { self.hops == other.hops }
    }
}

impl Eq for Path {}

impl Hash for Path {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.hops {
            [None, ..] => state.write_u8(0),
            [Some(first), None, ..] => first.hash(state),
            hops => hops.hash(state),
        }
    }
}

impl Ord for Path {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        // most paths are the host itself
        if self.is_host() && other.is_host() { Ordering::Equal } else { self.hops.cmp(&other.hops) }
    }
}

impl PartialOrd for Path {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Path {
    /// The host itself.
    pub const HOST: Path = Path { hops: [None; MAX_HOPS] };

    /// One hop.
    pub fn of(hop: Hop) -> Path {
        Path::HOST.then(hop)
    }

    /// This path and one hop more. A path that is full stays as it is: the route is then known to its fourth hop.
    pub fn then(mut self, hop: Hop) -> Path {
        if let Some(free) = self.hops.iter_mut().find(|h| h.is_none()) {
            *free = Some(hop);
        }
        self
    }

    /// The hops, nearest to the host first.
    pub fn hops(&self) -> impl Iterator<Item = Hop> + '_ {
        self.hops.iter().flatten().copied()
    }

    /// The last hop.
    pub fn last(&self) -> Option<Hop> {
        self.hops().last()
    }

    /// The path without its last hop.
    pub fn parent(&self) -> Path {
        let n = self.hops().count();
        self.hops().take(n.saturating_sub(1)).fold(Path::HOST, Path::then)
    }

    /// True for the host itself.
    pub fn is_host(&self) -> bool {
        self.hops[0].is_none()
    }

    /// The unit number, where a hop names one.
    pub fn unit(&self) -> Option<u32> {
        self.hops().find_map(|hop| match hop {
            Hop::Unit(unit) => Some(unit),
            _ => None,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, hop) in self.hops().enumerate() {
            if i > 0 {
                f.write_str(" / ")?;
            }
            hop.fmt(f)?;
        }
        Ok(())
    }
}

/// A host, or something behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The host on the wire.
    pub host: Host,
    /// The way from there.
    pub path: Path,
}

impl Subject {
    /// The host itself.
    pub fn host(host: Host) -> Subject {
        Subject { host, path: Path::HOST }
    }
}

impl fmt::Display for Subject {
    /// `10.0.0.9` or `10.0.0.9 / slot 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        if !self.path.is_host() {
            write!(f, " / {}", self.path)?;
        }
        Ok(())
    }
}
