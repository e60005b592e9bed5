use super::*;
use crate::decode::Tunnel;
use std::net::Ipv4Addr;

fn packet(id: u16, vlan: Option<u16>) -> Packet {
    let ip = |last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
    Packet { layer: Layer::Tcp, kind: 6, src: ip(1), dst: ip(2), ip_id: id, vlan, ttl: 64, ..Packet::EMPTY }
}

/// Shows `count` packets and a copy of each `delay(n)` later; returns how the copies were judged.
fn mirror(d: &mut Duplicates, count: u16, vlan: Option<u16>, id: bool, delay: impl Fn(i64) -> i64) -> Vec<Copy> {
    (1..=count)
        .map(|n| {
            let mut original = packet(if id { n } else { 0 }, None);
            original.seq = n.into();
            let time = i64::from(n) * 20_000_000;
            original.src_mac = [2, 0, 0, 0, 0, 1];
            assert_eq!(d.is_copy(&original, b"x", time), Copy::Fresh);
            d.is_copy(&Packet { vlan, ..original }, b"x", time + delay(n.into()))
        })
        .collect()
}

#[test]
fn mirror_copies_are_removed_once_learned() {
    for (vlan, id) in [(None, true), (Some(7), true), (Some(7), false)] {
        let mut d = Duplicates::default();
        let copies = mirror(&mut d, 100, vlan, id, |n| 300_000 + n % 7 * 1000);
        // On one VLAN the sender must first have shown that it numbers its packets.
        let learn = LEARN as usize + if vlan.is_none() { CHANGES.into() } else { 0 };
        assert!(copies.iter().take(learn).all(|c| *c == Copy::Fresh));
        assert!(copies.iter().skip(learn).all(|c| *c == Copy::Removed));
        assert_eq!(d.counters().suspected, u64::from(LEARN));
        assert_eq!(d.counters().mirrored, 100 - learn as u64);
    }
}

#[test]
fn a_constant_identification_vouches_for_nothing() {
    let mut d = Duplicates::default();
    for n in 0..500 {
        assert_eq!(d.is_copy(&packet(1, None), b"poll", n * 1_000_000), Copy::Fresh);
    }
    assert_eq!(d.counters().repeated, 499);
}

#[test]
fn a_packet_forwarded_by_somebody_in_between_stays_and_a_routed_one_goes() {
    for (hops, rewritten, removed) in [(0, 100, 0), (1, 0, 60)] {
        let mut d = Duplicates::default();
        for n in 1..=100u16 {
            let time = i64::from(n) * 20_000_000;
            let original = Packet { src_mac: [2, 0, 0, 0, 0, 1], ..packet(n, None) };
            d.is_copy(&original, b"x", time);
            let again = Packet { src_mac: [2, 0, 0, 0, 0, 9], ttl: 64 - hops, ..original };
            d.is_copy(&again, b"x", time + 300_000);
        }
        assert_eq!((d.counters().rewritten, d.counters().mirrored), (rewritten, removed));
    }
}

#[test]
fn equal_packets_on_one_vlan_without_identification_stay() {
    let mut d = Duplicates::default();
    assert!(mirror(&mut d, 200, None, false, |_| 300_000).iter().all(|c| *c == Copy::Fresh));
    assert_eq!(d.counters().repeated, 200);
}

#[test]
fn scattered_delays_are_never_learned() {
    let mut d = Duplicates::default();
    // Spread over the whole window: no delay gets enough company before its place is needed by another.
    let copies = mirror(&mut d, 60, None, true, |n| n * n * 7919 * 13 % 9_900_000);
    assert!(copies.iter().all(|c| *c == Copy::Fresh));
    assert_eq!(d.counters().suspected, 60 - u64::from(CHANGES));
}

#[test]
fn late_copies_stay() {
    let mut d = Duplicates::default();
    assert!(mirror(&mut d, 100, None, true, |_| MIRROR_WINDOW + 1).iter().all(|c| *c == Copy::Fresh));
    assert_eq!(d.counters(), &Counters::default());
}

#[test]
fn what_is_learned_is_forgotten_when_copies_end() {
    let mut d = Duplicates::default();
    mirror(&mut d, 100, None, true, |_| 300_000);
    assert_eq!(d.patterns.len(), 1);
    for n in 0..2 * REVIEW {
        d.is_copy(&Packet { seq: n, ..packet(1, Some(1)) }, b"y", 10_000_000_000 + i64::from(n) * 1000);
    }
    assert!(d.patterns.is_empty());
}

#[test]
fn goose_is_marked_never_removed() {
    for kind in [0x88b8, 0x88ba] {
        let mut d = Duplicates::default();
        let goose = Packet { layer: Layer::Link, kind, has_mac: true, ..Packet::EMPTY };
        for n in 0..200i64 {
            let payload = n.to_be_bytes();
            assert_eq!(d.is_copy(&goose, &payload, n * 1_000_000), Copy::Fresh);
            let other = Packet { vlan: Some(5), ..goose };
            assert_eq!(d.is_copy(&other, &payload, n * 1_000_000 + 50_000), Copy::Marked);
        }
        assert_eq!(d.counters().marked, 200);
        let ring = Packet { tunnel: Tunnel::PRP, ring_seq: 9, ..goose };
        assert_eq!(d.is_copy(&ring, b"r", 0), Copy::Fresh);
        assert_eq!(d.is_copy(&ring, b"r", 1000), Copy::Marked);
    }
}

#[test]
fn redundant_frames_are_removed_at_once_and_only_with_equal_content() {
    let mut d = Duplicates::default();
    let frame = Packet { tunnel: Tunnel::HSR, ring_seq: 77, src_mac: [2, 0, 0, 0, 0, 1], ..packet(0, None) };
    assert_eq!(d.is_copy(&frame, b"a", 0), Copy::Fresh);
    assert_eq!(d.is_copy(&frame, b"a", 3_000_000), Copy::Removed);
    assert_eq!(d.is_copy(&frame, b"b", 4_000_000), Copy::Fresh);
    assert_eq!(d.is_copy(&frame, b"b", 4_000_000 + RING_WINDOW + 1), Copy::Fresh);
    let other = Packet { src_mac: [2, 0, 0, 0, 0, 2], ..frame };
    assert_eq!(d.is_copy(&other, b"b", 4_000_000 + RING_WINDOW + 2), Copy::Fresh);
    assert_eq!((d.counters().redundant, d.counters().conflicting), (1, 1));
}
