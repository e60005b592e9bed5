//! What tells flows apart, how it is found in a packet, and how it is hashed.

use crate::hash;
use crate::shard::Seen;
use model::{Address, Endpoint, Host, Mac, NetworkId};
use protocols::{Dir, Transport};
use std::net::{IpAddr, Ipv4Addr};
use wire::decode::{Layer, SNAP};

/// What tells flows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The smaller endpoint.
    pub a: Endpoint,
    /// The larger one.
    pub b: Endpoint,
    /// What carries it.
    pub transport: Transport,
}

/// The flow a packet belongs to, its direction there, and the hash of its key.
#[inline]
pub fn key_of(seen: &Seen, seed: u64) -> Option<(Key, Dir, u64)> {
    let packet = &seen.packet;
    let transport = match packet.layer {
        Layer::Tcp => Transport::Tcp,
        Layer::Udp => Transport::Udp,
        _ => return other(seen, seed),
    };
    let (IpAddr::V4(src), IpAddr::V4(dst)) = (packet.src, packet.dst) else { return other(seen, seed) };
    // nearly every packet: the order of endpoints is that of these numbers
    let src = u64::from(src.to_bits()) << 16 | u64::from(packet.src_port);
    let dst = u64::from(dst.to_bits()) << 16 | u64::from(packet.dst_port);
    let (a, b, dir) = if src <= dst { (src, dst, Dir::AtoB) } else { (dst, src, Dir::BtoA) };
    let key = Key { a: end4(seen.network, a), b: end4(seen.network, b), transport };
    Some((key, dir, hash_v4(seed, &key, a, b)))
}

#[inline]
fn end4(network: NetworkId, number: u64) -> Endpoint {
    let address = Ipv4Addr::from_bits((number >> 16) as u32);
    Endpoint { host: Host { network, address: Address::Ip(IpAddr::V4(address)) }, port: number as u16 }
}

#[inline]
fn hash_v4(seed: u64, key: &Key, a: u64, b: u64) -> u64 {
    let udp = u64::from(key.transport == Transport::Udp);
    let network = u64::from(key.a.host.network.0);
    hash::mix(hash::mix(seed ^ network << 1 ^ udp, a), b)
}

fn other(seen: &Seen, seed: u64) -> Option<(Key, Dir, u64)> {
    let packet = &seen.packet;
    let network = seen.network;
    let ip = |address: IpAddr, port: u16| Endpoint { host: Host { network, address: address.into() }, port };
    let mac = |mac: [u8; 6]| Endpoint { host: Host { network, address: Mac(mac).into() }, port: 0 };
    let (src, dst, transport) = match packet.layer {
        Layer::Tcp => (ip(packet.src, packet.src_port), ip(packet.dst, packet.dst_port), Transport::Tcp),
        Layer::Udp => (ip(packet.src, packet.src_port), ip(packet.dst, packet.dst_port), Transport::Udp),
        Layer::Icmp4 => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(1)),
        Layer::Icmp6 => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(58)),
        Layer::Ip => (ip(packet.src, 0), ip(packet.dst, 0), Transport::Ip(packet.kind as u8)),
        Layer::Link if packet.snap & SNAP != 0 => {
            (mac(packet.src_mac), mac(packet.dst_mac), Transport::Snap(packet.snap & 0xff_ffff, packet.kind))
        }
        Layer::Link => (mac(packet.src_mac), mac(packet.dst_mac), Transport::Link(packet.kind)),
        Layer::Nothing => return None,
    };
    let (a, b, dir) = if src <= dst { (src, dst, Dir::AtoB) } else { (dst, src, Dir::BtoA) };
    let key = Key { a, b, transport };
    Some((key, dir, hash_key(seed, &key)))
}

/// Hashes a host.
pub fn hash_host(seed: u64, host: Host) -> u64 {
    let h = hash::mix(seed, host.network.0.into());
    match host.address {
        Address::Mac(mac) => hash::bytes(h ^ 1, &mac.0),
        Address::Ip(IpAddr::V4(ip)) => hash::mix(h, u32::from(ip).into()),
        Address::Ip(IpAddr::V6(ip)) => hash::bytes(h, &ip.octets()),
    }
}

fn hash_key(seed: u64, key: &Key) -> u64 {
    let h = hash::mix(hash_host(seed, key.a.host), hash_host(1, key.b.host));
    let transport = match key.transport {
        Transport::Tcp => 1 << 40,
        Transport::Udp => 2 << 40,
        Transport::Link(kind) => 3 << 40 | u64::from(kind),
        Transport::Snap(oui, pid) => 4 << 60 | u64::from(oui) << 16 | u64::from(pid),
        Transport::Ip(number) => 5 << 40 | u64::from(number),
        Transport::Inside(_) | Transport::StreamInside(_) => 6 << 40,
    };
    hash::mix(h, transport ^ u64::from(key.a.port) << 16 ^ u64::from(key.b.port))
}
