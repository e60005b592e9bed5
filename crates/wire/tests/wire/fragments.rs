//! Fragments: whole in any order, bounded, and never quietly different from what the receiver saw.

use crate::build::*;
use wire::decode::{Decoder, FragmentLimits, Layer, LinkType, Odd, Packet};

const SECOND: i64 = 1_000_000_000;

/// A datagram to port 502 with `len` bytes of payload that tell their place.
fn datagram(len: usize) -> Vec<u8> {
    let payload: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
    udp(502, &payload)
}

/// `from..to` of a datagram as an IPv4 fragment.
fn v4(id: u16, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let more = if to < whole.len() { 0x2000 } else { 0 };
    ethernet(0x0800, &ip4_with(id, more | (from / 8) as u16, 17, &[], &whole[from..to]))
}

fn v6(id: u32, whole: &[u8], from: usize, to: usize) -> Vec<u8> {
    let word = (from as u16) | u16::from(to < whole.len());
    let head = cat(&[&[17, 0], &word.to_be_bytes(), &id.to_be_bytes()]);
    ethernet(0x86dd, &ip6(44, &cat(&[&head, &whole[from..to]])))
}

fn push(d: &mut Decoder, frame: &[u8], time: i64) -> Option<Packet> {
    d.decode(LinkType::Ethernet, frame, frame.len() as u32, time)
}

fn is_whole(d: &Decoder, p: Option<Packet>, whole: &[u8], odd: Odd) {
    let p = p.expect("a whole datagram");
    assert_eq!((p.layer, p.dst_port, p.assembled, p.odd), (Layer::Udp, 502, true, odd));
    assert_eq!(p.payload(&[], d.assembled()), &whole[8..]);
}

#[test]
fn every_order_gives_the_datagram() {
    let whole = datagram(1000);
    let cuts = [(0, 400), (400, 800), (800, 1008)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for make in [&|(a, b)| v4(9, &whole, a, b) as Vec<u8>, &|(a, b)| v6(9, &whole, a, b)]
            as [&dyn Fn((usize, usize)) -> Vec<u8>; 2]
        {
            let mut d = Decoder::default();
            assert_eq!(push(&mut d, &make(cuts[order[0]]), 0), None);
            assert_eq!(push(&mut d, &make(cuts[order[1]]), 1), None);
            let p = push(&mut d, &make(cuts[order[2]]), 2);
            is_whole(&d, p, &whole, Odd::NONE);
            assert_eq!((d.counters().fragments, d.counters().reassembled), (3, 1));
        }
    }
}

#[test]
fn an_atomic_fragment_is_a_packet() {
    let whole = datagram(20);
    let frame = v6(1, &whole, 0, whole.len());
    let p = push(&mut Decoder::default(), &frame, 0).expect("not held");
    assert_eq!((p.layer, p.assembled, p.payload(&frame, &[])), (Layer::Udp, false, &whole[8..]));
}

#[test]
fn bytes_that_came_first_stay_and_overlap_is_told() {
    let (whole, mut other) = (datagram(1000), datagram(1000));
    other.iter_mut().skip(8).for_each(|b| *b ^= 0xff);
    let mut d = Decoder::default();
    push(&mut d, &v4(1, &whole, 0, 408), 0);
    push(&mut d, &v4(1, &other, 400, 800), 1);
    let p = push(&mut d, &v4(1, &other, 800, 1008), 2).expect("whole");
    assert!(p.odd.has(Odd::FRAGMENT_OVERLAP) && p.odd.has(Odd::FRAGMENT_CONFLICT), "{:?}", p.odd);
    assert_eq!(p.payload(&[], d.assembled())[..400], whole[8..408]);
    assert_eq!(p.payload(&[], d.assembled())[400..], other[408..]);
    let mut d = Decoder::default();
    push(&mut d, &v4(1, &whole, 0, 408), 0);
    push(&mut d, &v4(1, &whole, 800, 1008), 0);
    let p = push(&mut d, &v4(1, &whole, 400, 808), 1);
    is_whole(&d, p, &whole, Odd::FRAGMENT_OVERLAP);
    assert_eq!(d.counters().fragments_overlapping, 1);
}

#[test]
fn copies_of_fragments_are_no_overlap_and_leave_nothing_behind() {
    let whole = datagram(1000);
    let (first, last) = (v4(1, &whole, 0, 400), v4(1, &whole, 400, 1008));
    let mut d = Decoder::default();
    assert_eq!(push(&mut d, &first, 0), None);
    assert_eq!(push(&mut d, &first, 1000), None);
    let p = push(&mut d, &last, 2000);
    is_whole(&d, p, &whole, Odd::NONE);
    assert_eq!(push(&mut d, &last, 3000), None);
    assert_eq!(d.counters().fragments_repeated, 2);
    // The id comes again with other content: a new datagram.
    let other = datagram(990);
    let frames = [v4(1, &other, 8, 998), v4(1, &other, 0, 8)];
    assert_eq!(push(&mut d, &frames[0], 4000), None);
    let p = push(&mut d, &frames[1], 5000);
    is_whole(&d, p, &other, Odd::FRAGMENT_TINY);
    push(&mut d, &v4(2, &whole, 0, 400), 100 * SECOND);
    assert_eq!(d.counters().datagrams_expired, 0);
}

#[test]
fn late_and_too_many_are_given_up_and_counted() {
    let whole = datagram(1000);
    let mut d = Decoder::default();
    push(&mut d, &v4(1, &whole, 0, 400), 0);
    assert_eq!(push(&mut d, &v4(1, &whole, 400, 1008), 31 * SECOND), None);
    assert_eq!(d.counters().datagrams_expired, 1);
    let mut d = Decoder::new(FragmentLimits { bytes: 2000, datagrams: 100, patience: 30 * SECOND });
    (0..50).for_each(|id| assert_eq!(push(&mut d, &v4(id, &whole, 0, 400), 0), None));
    assert_eq!(d.counters().datagrams_evicted, 45);
    let mut d = Decoder::new(FragmentLimits { bytes: 1 << 20, datagrams: 4, patience: 30 * SECOND });
    (0..50).for_each(|id| assert_eq!(push(&mut d, &v4(id, &whole, 0, 400), 0), None));
    assert_eq!(d.counters().datagrams_evicted, 46);
    // Whole datagrams do not push out waiting ones, even when time stands still.
    push(&mut d, &v4(100, &whole, 0, 400), 0);
    for _ in 0..100 {
        push(&mut d, &v4(200, &datagram(900), 0, 400), 0);
        push(&mut d, &v4(200, &datagram(900), 400, 908), 0);
    }
    let p = push(&mut d, &v4(100, &whole, 400, 1008), 0);
    is_whole(&d, p, &whole, Odd::NONE);
}

#[test]
fn a_fragment_the_capture_cut() {
    let whole = datagram(1000);
    let frame = v4(1, &whole, 0, 400);
    let p = Decoder::default().decode(LinkType::Ethernet, &frame[..100], frame.len() as u32, 0).expect("shown alone");
    assert_eq!((p.layer, p.dst_port, p.odd), (Layer::Udp, 502, Odd::FRAGMENT_CUT));
    assert_eq!((p.payload_len, p.missing), (58, 942));
    let mut d = Decoder::default();
    let frame = v4(1, &whole, 400, 1008);
    assert_eq!(d.decode(LinkType::Ethernet, &frame[..100], frame.len() as u32, 0), None);
    assert_eq!(d.counters().fragments_unusable, 1);
}

#[test]
fn tunnels_in_fragments_and_fragments_in_tunnels() {
    let inner = datagram(700);
    let vxlan = |frame: &[u8]| udp(4789, &cat(&[&[8, 0, 0, 0, 0, 0, 7, 0], frame]));
    let mut d = Decoder::default();
    let mut last = None;
    for (id, (a, b)) in [(0, 400), (400, 708)].into_iter().enumerate() {
        let outer = vxlan(&v4(77, &inner, a, b));
        let id = id as u16;
        assert_eq!(push(&mut d, &v4(id, &outer, 0, 200), 0), None);
        last = push(&mut d, &v4(id, &outer, 200, outer.len()), 0);
    }
    is_whole(&d, last, &inner, Odd::NONE);
    assert_eq!(d.counters().reassembled, 3);
}
