//! The packet an ICMP error quotes: whose it was and what it wanted (RFC 792, RFC 4443). It is cut anywhere.

use crate::{Draft, Goal, Val};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use wire::Reader;

/// IPv6 extension headers stepped over in a quoted packet; chains in use are shorter.
const MAX_EXTENSIONS: usize = 4;

/// The front of the quoted packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Who had sent it.
    pub source: IpAddr,
    /// Who was to have it.
    pub destination: IpAddr,
    /// IP protocol number.
    pub protocol: u8,
    /// Its ports, for TCP, UDP, SCTP and UDP-Lite.
    pub ports: Option<(u16, u16)>,
}

/// Reads an IPv4 or IPv6 header and the ports behind it.
pub fn quoted(bytes: &[u8]) -> Option<Quoted> {
    match bytes.first()? >> 4 {
        4 => v4(bytes),
        6 => v6(bytes),
        _ => None,
    }
}

fn v4(bytes: &[u8]) -> Option<Quoted> {
    let mut r = Reader::new(bytes);
    let size = usize::from(r.u8("version").ok()? & 0xf) * 4;
    r.skip(5, "length and id").ok()?;
    let offset = r.be16("fragment offset").ok()? & 0x1fff;
    r.skip(1, "time to live").ok()?;
    let protocol = r.u8("protocol").ok()?;
    r.skip(2, "checksum").ok()?;
    let source = Ipv4Addr::from(r.array::<4>("source").ok()?).into();
    let destination = Ipv4Addr::from(r.array::<4>("destination").ok()?).into();
    let behind = if offset == 0 && size >= 20 { bytes.get(size..) } else { None };
    Some(Quoted { source, destination, protocol, ports: behind.and_then(|b| ports(protocol, b)) })
}

fn v6(bytes: &[u8]) -> Option<Quoted> {
    let mut r = Reader::new(bytes);
    r.skip(6, "version and length").ok()?;
    let mut protocol = r.u8("next header").ok()?;
    r.skip(1, "hop limit").ok()?;
    let source = Ipv6Addr::from(r.array::<16>("source").ok()?).into();
    let destination = Ipv6Addr::from(r.array::<16>("destination").ok()?).into();
    let mut found = None;
    for _ in 0..=MAX_EXTENSIONS {
        match protocol {
            // hop-by-hop options, routing, destination options
            0 | 43 | 60 => {
                let (Ok(next), Ok(length)) = (r.u8("next header"), r.u8("length")) else { break };
                protocol = next;
                if r.skip(usize::from(length) * 8 + 6, "extension header").is_err() {
                    break;
                }
            }
            _ => {
                found = ports(protocol, r.peek());
                break;
            }
        }
    }
    Some(Quoted { source, destination, protocol, ports: found })
}

fn ports(protocol: u8, bytes: &[u8]) -> Option<(u16, u16)> {
    let mut r = Reader::new(bytes);
    match protocol {
        6 | 17 | 132 | 136 => Some((r.be16("source port").ok()?, r.be16("destination port").ok()?)),
        _ => None,
    }
}

impl Quoted {
    /// Adds the receiver the packet was meant for as target, and the rest as extras (`original_…`).
    pub fn describe(&self, draft: &mut Draft<'_>) {
        let space = match self.protocol {
            6 => "tcp",
            17 => "udp",
            _ => "ip",
        };
        let name = match (self.ports, self.destination) {
            (Some((_, port)), IpAddr::V4(to)) => draft.format(format_args!("{to}:{port}")),
            (Some((_, port)), IpAddr::V6(to)) => draft.format(format_args!("[{to}]:{port}")),
            (None, to) => draft.format(format_args!("{to}")),
        };
        draft.push_item(Goal::named(space, name), Val::None);
        draft.push_extra("original_source", Val::Ip(self.source));
        draft.push_extra("original_destination", Val::Ip(self.destination));
        draft.push_extra("original_protocol", Val::Uint(self.protocol.into()));
        if let Some((from, to)) = self.ports {
            draft.push_extra("original_source_port", Val::Uint(from.into()));
            draft.push_extra("original_destination_port", Val::Uint(to.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_of_packets() {
        let v4 = [0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 5, 10, 0, 0, 9, 0x9c, 0x40, 0, 161, 0, 12, 0, 0];
        let read = quoted(&v4).unwrap();
        assert_eq!((read.destination.to_string().as_str(), read.ports), ("10.0.0.9", Some((40000, 161))));
        let cut = quoted(&v4[..22]).unwrap();
        assert_eq!(cut.ports, None);
        assert_eq!(quoted(&v4[..12]), None);
        let mut fragment = v4;
        fragment[7] = 9;
        assert_eq!(quoted(&fragment).unwrap().ports, None);
        let mut v6 = vec![0x60, 0, 0, 0, 0, 20, 0, 64];
        v6.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        v6.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
        v6.extend([17, 0, 5, 2, 0, 0, 0, 0, 0x02, 0x22, 0x02, 0x23, 0, 8, 0, 0]);
        assert_eq!(quoted(&v6).unwrap().ports, Some((546, 547)));
    }
}
