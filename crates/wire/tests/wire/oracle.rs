//! The same frames through another decoder: frames it builds, and those frames changed, wherever it can read them.

use crate::anything::Numbers;
use etherparse::{NetSlice, PacketBuilder, SlicedPacket, TcpOptionElement, TransportSlice};
use std::net::IpAddr;
use wire::decode::{Decoder, Layer, LinkType, Odd, Packet, Tunnel};

/// A frame with random addresses, tags, ports and payload.
fn build(n: &mut Numbers) -> Vec<u8> {
    let mut byte = || n.below(256) as u8;
    let (a, b) = ([2, byte(), byte(), 0, 0, 1], [2, byte(), 0, 0, byte(), 2]);
    let (v4, w4) = ([10, byte(), byte(), 1], [172, 16, byte(), byte()]);
    let mut v6 = [0xfd; 16];
    v6[15] = byte();
    let payload: Vec<u8> = (0..byte()).map(|_| byte()).collect();
    let (sp, dp) = (1 + u16::from(byte()) * 200, 1 + u16::from(byte()));
    let (seq, ack) = (u32::from(byte()) << 24, u32::from(byte()) << 16);
    let link = PacketBuilder::ethernet2(a, b);
    let id = |n: u8| u16::from(n).max(1).try_into().expect("twelve bits");
    let (outer, inner, v6_wanted) = (id(byte()), id(byte()), byte() & 1 == 0);
    let ip = match (byte() % 3, v6_wanted) {
        (0, false) => link.ipv4(v4, w4, 64),
        (0, true) => link.ipv6(v6, [1; 16], 64),
        (1, false) => link.single_vlan(inner).ipv4(v4, w4, 64),
        (1, true) => link.single_vlan(inner).ipv6(v6, [1; 16], 64),
        (_, false) => link.double_vlan(outer, inner).ipv4(v4, w4, 64),
        (_, true) => link.double_vlan(outer, inner).ipv6(v6, [1; 16], 64),
    };
    let mut frame = Vec::new();
    let window = u16::from(byte()) << 8;
    match byte() % 4 {
        0 => ip.udp(sp, dp).write(&mut frame, &payload),
        1 => ip.tcp(sp, dp, seq, window).ack(ack).psh().write(&mut frame, &payload),
        2 => {
            let options = [TcpOptionElement::MaximumSegmentSize(1460), TcpOptionElement::Timestamp(1, 2)];
            ip.tcp(sp, dp, seq, window).syn().options(&options).expect("they fit").write(&mut frame, &payload)
        }
        _ if v6_wanted => ip.icmpv6_echo_request(1, 2).write(&mut frame, &payload),
        _ => ip.icmpv4_echo_request(1, 2).write(&mut frame, &payload),
    }
    .expect("writes to memory");
    frame
}

/// Compares what both read. False when the other decoder stops or reads something this one reads on purpose otherwise.
fn same(frame: &[u8], ours: &Packet) -> bool {
    let Ok(theirs) = SlicedPacket::from_ethernet(frame) else { return false };
    let (src, dst): (IpAddr, IpAddr) = match &theirs.net {
        Some(NetSlice::Ipv4(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        Some(NetSlice::Ipv6(ip)) => (ip.header().source_addr().into(), ip.header().destination_addr().into()),
        _ => return false,
    };
    if theirs.is_ip_payload_fragmented() {
        return false;
    }
    let payload = ours.payload(frame, &[]);
    match &theirs.transport {
        Some(TransportSlice::Tcp(t)) => {
            assert_eq!((ours.layer, ours.src_port, ours.dst_port), (Layer::Tcp, t.source_port(), t.destination_port()));
            assert_eq!((ours.seq, ours.ack), (t.sequence_number(), t.acknowledgment_number()));
            assert_eq!((ours.window, payload), (t.window_size(), t.payload()));
            assert_eq!(ours.tcp_options(frame, &[]), t.options());
            let bits = [t.fin(), t.syn(), t.rst(), t.psh(), t.ack(), t.urg(), t.ece(), t.cwr()];
            assert_eq!(ours.flags, bits.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit)));
        }
        // A wrong UDP length is odd here and read as far as it goes; there the longer or shorter slice is a choice.
        Some(TransportSlice::Udp(u)) if !ours.odd.has(Odd::UDP_LENGTH) => {
            assert_eq!((ours.layer, ours.src_port, ours.dst_port), (Layer::Udp, u.source_port(), u.destination_port()));
            assert_eq!(payload, u.payload());
        }
        Some(TransportSlice::Icmpv4(i)) if src.is_ipv4() => {
            assert_eq!((ours.layer, payload), (Layer::Icmp4, i.slice()))
        }
        Some(TransportSlice::Icmpv6(i)) if src.is_ipv6() => {
            assert_eq!((ours.layer, payload), (Layer::Icmp6, i.slice()))
        }
        _ => return false,
    }
    assert_eq!((ours.src, ours.dst), (src, dst));
    let ids: Vec<u16> = theirs.vlan_ids().iter().map(|id| id.value()).filter(|id| *id != 0).collect();
    assert_eq!(ours.vlan, ids.last().copied());
    true
}

#[test]
fn another_decoder_reads_the_same() {
    let mut numbers = Numbers(0xfeed_beef_1234_5677);
    let (mut agreed, rounds) = (0, 100_000);
    for round in 0..rounds {
        let mut frame = build(&mut numbers);
        let changed = round % 2 == 1;
        if changed {
            let at = numbers.below(frame.len().min(80));
            frame[at] = numbers.below(256) as u8;
        }
        let Some(ours) = Decoder::default().decode(LinkType::Ethernet, &frame, frame.len() as u32, 0) else { continue };
        if ours.tunnel != Tunnel::NONE {
            continue;
        }
        let read = same(&frame, &ours);
        assert!(changed || read && ours.odd == Odd::NONE, "{ours:?} {frame:02x?}");
        agreed += usize::from(read);
    }
    assert!(agreed > rounds * 3 / 4, "{agreed} of {rounds}");
}
