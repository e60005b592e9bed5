//! One test per header: bytes made by hand, what must come out.

use crate::build::*;
use std::net::IpAddr;
use wire::decode::{Decoder, LLC, Layer, LinkType, Odd, Packet, SNAP, Tunnel};

fn decode(link: LinkType, bytes: &[u8]) -> Packet {
    Decoder::default().decode(link, bytes, bytes.len() as u32, 0).expect("no fragment")
}

fn eth(bytes: &[u8]) -> Packet {
    decode(LinkType::Ethernet, bytes)
}

fn text(p: &Packet, bytes: &[u8]) -> String {
    String::from_utf8_lossy(p.payload(bytes, &[])).into_owned()
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// The inner packet of [`hello`] came out, through `tunnel`.
fn is_hello(bytes: &[u8], tunnel: &[Tunnel]) -> Packet {
    let p = eth(bytes);
    assert_eq!((p.layer, p.dst_port, text(&p, bytes)), (Layer::Udp, 502, "hello".into()), "{p:?}");
    assert_eq!((p.src, p.dst, p.odd), (ip("10.0.0.1"), ip("10.0.0.2"), Odd::NONE));
    assert_eq!(p.tunnel.0, tunnel.iter().fold(0, |all, t| all | t.0), "{:?}", p.tunnel);
    p
}

#[test]
fn tcp_over_ipv4() {
    let mut frame = ethernet(0x0800, &ip4(6, &tcp(b"data")));
    frame.extend_from_slice(&[0; 6]);
    let p = eth(&frame);
    assert_eq!((p.layer, p.kind, p.src, p.dst), (Layer::Tcp, 6, ip("10.0.0.1"), ip("10.0.0.2")));
    assert_eq!((p.src_port, p.dst_port, p.seq, p.ack, p.flags, p.window), (0xc000, 502, 7, 9, 0x18, 0x2000));
    assert_eq!((p.has_mac, p.src_mac, p.dst_mac, p.vlan), (true, A, B, None));
    assert_eq!((p.ip_id, p.ttl, p.options, p.missing, p.odd), (0x1234, 64, 4, 0, Odd::NONE));
    assert_eq!(text(&p, &frame), "data");
    assert_eq!(p.tcp_options(&frame, &[]), &[2, 4, 5, 0xb4]);
}

#[test]
fn a_snapped_frame_says_how_much_is_missing() {
    let frame = ethernet(0x0800, &ip4(6, &tcp(&[7; 100])));
    for keep in [58, 60, 100] {
        let p = Decoder::default().decode(LinkType::Ethernet, &frame[..keep], frame.len() as u32, 0).expect("whole");
        assert_eq!((p.layer, p.payload_len as usize, p.missing as usize), (Layer::Tcp, keep - 58, 158 - keep));
        assert_eq!(p.odd, Odd::NONE);
    }
    // Cut inside the options: the payload is missing as a whole.
    let p = Decoder::default().decode(LinkType::Ethernet, &frame[..55], frame.len() as u32, 0).expect("whole");
    assert_eq!((p.layer, p.payload_len, p.missing, p.odd), (Layer::Tcp, 0, 100, Odd::HEADER_CUT));
}

#[test]
fn tags() {
    let inner = ip4(17, &udp(502, b"hello"));
    let single = ethernet(0x8100, &tag(0xe000 | 42, 0x0800, &inner));
    assert_eq!(is_hello(&single, &[]).vlan, Some(42));
    let priority = ethernet(0x8100, &tag(0xa000, 0x0800, &inner));
    assert_eq!(is_hello(&priority, &[]).vlan, None);
    for outer in [0x88a8, 0x9100, 0x8100] {
        let double = ethernet(outer, &tag(100, 0x8100, &tag(42, 0x0800, &inner)));
        let p = is_hello(&double, &[]);
        assert_eq!((p.vlan, p.outer_vlan), (Some(42), Some(100)));
    }
    let endless = ethernet(0x8100, &tag(1, 0x8100, &[]).repeat(40));
    let p = eth(&endless);
    assert_eq!((p.layer, p.odd), (Layer::Link, Odd::NESTING));
}

#[test]
fn layer_two_protocols() {
    for kind in [0x0806, 0x8892, 0x88b8, 0x88ba, 0x88cc, 0x88a4, 0x88e5] {
        let frame = ethernet(0x8100, &tag(0x8000, kind, b"pdu"));
        let p = eth(&frame);
        assert_eq!((p.layer, p.kind, p.vlan, text(&p, &frame)), (Layer::Link, kind, None, "pdu".into()));
        assert!(!p.has_ip());
    }
}

#[test]
fn llc_and_snap() {
    let stp = ethernet(7, b"\x42\x42\x03bpdu\0\0\0");
    let p = eth(&stp);
    assert_eq!((p.layer, p.kind, p.snap, text(&p, &stp)), (Layer::Link, LLC | 0x42, 0, "bpdu".into()));
    let cdp = ethernet(11, b"\xaa\xaa\x03\0\0\x0c\x20\0cdp");
    let p = eth(&cdp);
    assert_eq!((p.kind, p.snap, text(&p, &cdp)), (0x2000, SNAP | 0x0c, "cdp".into()));
    let body = ip4(17, &udp(502, b"hello"));
    let snap = cat(&[b"\xaa\xaa\x03\0\0\0\x08\0", &body]);
    is_hello(&ethernet(snap.len() as u16, &snap), &[]);
    let long = ethernet(100, b"\x42\x42\x03bpdu");
    assert_eq!(eth(&long).odd, Odd::LLC_LENGTH);
    let numbered = ethernet(6, b"\xfe\xfe\x01\x02os");
    assert_eq!(text(&eth(&numbered), &numbered), "os");
}

#[test]
fn mpls() {
    let body = ip4(17, &udp(502, b"hello"));
    let labels = [0, 1, 0, 64, 0, 2, 0x01, 64];
    let p = is_hello(&ethernet(0x8847, &cat(&[&labels, &body])), &[Tunnel::MPLS]);
    assert_eq!((p.tunnel_id, p.src_mac), (32, A));
    let pseudo = [Tunnel::MPLS, Tunnel::PSEUDOWIRE];
    is_hello(&ethernet(0x8847, &cat(&[&labels, &[0, 0, 0, 9], &hello()])), &pseudo);
    is_hello(&ethernet(0x8847, &cat(&[&labels, &hello()])), &pseudo);
    // A hardware address that begins like IPv4, without control word: the checksum tells.
    let mut inner = hello();
    inner[0] = 0x45;
    is_hello(&ethernet(0x8847, &cat(&[&labels, &inner])), &pseudo);
    let p = eth(&ethernet(0x8847, &cat(&[&labels, b"neither this nor that"])));
    assert_eq!((p.layer, p.kind, p.odd), (Layer::Link, 0x8847, Odd::TUNNEL_HEADER));
}

#[test]
fn pppoe() {
    let body = ip4(17, &udp(502, b"hello"));
    let len = ((body.len() + 2) as u16).to_be_bytes();
    let frame = ethernet(0x8864, &cat(&[&[0x11, 0, 0xab, 0xcd], &len, &[0, 0x21], &body]));
    assert_eq!(is_hello(&frame, &[Tunnel::PPPOE]).tunnel_id, 0xabcd);
    let lcp = ethernet(0x8864, &[0x11, 0, 0, 1, 0, 6, 0xc0, 0x21, 9, 1, 0, 8]);
    assert_eq!((eth(&lcp).layer, eth(&lcp).kind), (Layer::Link, 0x8864));
}

#[test]
fn gre() {
    let body = ip4(17, &udp(502, b"hello"));
    let over = |gre: &[u8], inner: &[u8]| ethernet(0x0800, &ip4(47, &cat(&[gre, inner])));
    is_hello(&over(&[0, 0, 8, 0], &body), &[Tunnel::GRE]);
    // Checksum, key and sequence number.
    let all = [0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 77, 0, 0, 0, 1];
    assert_eq!(is_hello(&over(&all, &body), &[Tunnel::GRE]).tunnel_id, 77);
    is_hello(&over(&[0x20, 0, 0x65, 0x58, 0, 0, 0, 5], &hello()), &[Tunnel::GRE]);
    let labelled = cat(&[&[0, 1, 1, 64], &body[..]]);
    is_hello(&over(&[0, 0, 0x88, 0x47], &labelled), &[Tunnel::GRE, Tunnel::MPLS]);
    let p = eth(&over(&[0, 0, 8, 0], b"not an IP packet at all"));
    assert_eq!((p.layer, p.kind, p.odd), (Layer::Ip, 47, Odd::TUNNEL_HEADER));
    let p = eth(&over(&[0x30, 1, 0x88, 0x0b, 0, 0, 0, 0], b"ppp"));
    assert_eq!((p.layer, p.kind, p.odd), (Layer::Ip, 47, Odd::NONE));
}

#[test]
fn erspan() {
    let over = |head: &[u8]| ethernet(0x0800, &ip4(47, &cat(&[head, &hello()])));
    let tunnels = [Tunnel::GRE, Tunnel::ERSPAN];
    is_hello(&over(&[0, 0, 0x88, 0xbe]), &tunnels);
    let second = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0x64, 0x08, 0x65, 0, 0, 0, 0];
    assert_eq!(is_hello(&over(&second), &tunnels).tunnel_id, 0x65);
    let third = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(is_hello(&over(&third), &tunnels).tunnel_id, 0x11);
    let extended = cat(&[&third[..19], &[1], &[0; 8]]);
    is_hello(&over(&extended), &tunnels);
}

#[test]
fn vxlan_and_geneve() {
    for port in [4789, 8472] {
        let vxlan = cat(&[&[8, 0, 0, 0, 0, 1, 2, 0], &hello()]);
        let p = is_hello(&ethernet(0x0800, &ip4(17, &udp(port, &vxlan))), &[Tunnel::VXLAN]);
        assert_eq!(p.tunnel_id, 0x0102);
    }
    // Another protocol on that port is not a tunnel.
    let other = ethernet(0x0800, &ip4(17, &udp(8472, &[9; 40])));
    assert_eq!((eth(&other).layer, eth(&other).dst_port), (Layer::Udp, 8472));
    let geneve = cat(&[&[1, 0, 0x65, 0x58, 0, 0, 9, 0, 0, 0, 0, 0], &hello()]);
    is_hello(&ethernet(0x0800, &ip4(17, &udp(6081, &geneve))), &[Tunnel::GENEVE]);
}

#[test]
fn redundancy() {
    let body = ip4(17, &udp(502, b"hello"));
    let hsr = cat(&[&[0x10, 0x40, 0x12, 0x34, 8, 0], &body[..]]);
    assert_eq!(is_hello(&ethernet(0x892f, &hsr), &[Tunnel::HSR]).ring_seq, 0x1234);
    // Padded to the least size, trailer behind.
    let trailer =
        |lan: u8, size: u16| cat(&[&[0x43, 0x21], &(u16::from(lan) << 12 | size).to_be_bytes(), &[0x88, 0xfb]]);
    let mut padded = body.clone();
    padded.resize(46, 0);
    for lan in [0xa, 0xb] {
        let frame = ethernet(0x0800, &cat(&[&padded, &trailer(lan, 52)]));
        assert_eq!(is_hello(&frame, &[Tunnel::PRP]).ring_seq, 0x4321);
    }
    let goose = ethernet(0x88b8, &cat(&[b"goose", &trailer(0xa, 11)]));
    let p = eth(&goose);
    assert_eq!((p.kind, p.tunnel, text(&p, &goose)), (0x88b8, Tunnel::PRP, "goose".into()));
    // The bytes without a size that fits, or another LAN, are payload.
    for bad in [trailer(0xa, 12), trailer(0xc, 11)] {
        assert_eq!(eth(&ethernet(0x88b8, &cat(&[b"goose", &bad]))).tunnel, Tunnel::NONE);
    }
}

#[test]
fn ipv6_and_its_extensions() {
    let options = [17, 0, 1, 4, 0, 0, 0, 0];
    let routed = [60, 0, 0, 0, 0, 0, 0, 0];
    let frame = ethernet(0x86dd, &ip6(43, &cat(&[&routed, &options, &udp(502, b"hello")])));
    let p = eth(&frame);
    assert_eq!((p.layer, p.kind, p.src, p.dst, p.ttl), (Layer::Udp, 17, ip("fd00::1"), ip("fd00::2"), 55));
    assert_eq!((p.odd, text(&p, &frame)), (Odd::SOURCE_ROUTE, "hello".into()));
    let ah = cat(&[&[6, 4, 0, 0], &[0; 20], &tcp(b"data")]);
    for frame in [ethernet(0x86dd, &ip6(51, &ah)), ethernet(0x0800, &ip4(51, &ah))] {
        assert_eq!((eth(&frame).layer, text(&eth(&frame), &frame)), (Layer::Tcp, "data".into()));
    }
    let long = ethernet(0x86dd, &ip6(60, &[17, 9, 0, 0, 0, 0, 0, 0]));
    assert_eq!((eth(&long).layer, eth(&long).odd), (Layer::Ip, Odd::EXTENSION_HEADERS));
    let icmp = ethernet(0x86dd, &ip6(58, &[128, 0, 0, 0, 1, 2, 3, 4]));
    assert_eq!((eth(&icmp).layer, eth(&icmp).payload_len), (Layer::Icmp6, 8));
}

#[test]
fn ip_in_ip() {
    let body = ip4(17, &udp(502, b"hello"));
    is_hello(&ethernet(0x0800, &ip4(4, &body)), &[Tunnel::IP4]);
    is_hello(&ethernet(0x86dd, &ip6(4, &body)), &[Tunnel::IP4]);
    let frame = ethernet(0x0800, &ip4(41, &ip6(6, &tcp(b"data"))));
    let p = eth(&frame);
    assert_eq!((p.layer, p.src, p.tunnel, p.ip_id), (Layer::Tcp, ip("fd00::1"), Tunnel::IP6, 0));
    assert_eq!((p.src_mac, text(&p, &frame)), (A, "data".into()));
    let mut deep = body;
    (0..12).for_each(|_| deep = ip4(4, &deep));
    let p = eth(&ethernet(0x0800, &deep));
    assert_eq!((p.layer, p.kind, p.odd), (Layer::Ip, 4, Odd::NESTING));
}

#[test]
fn odd_ip_headers() {
    let frame = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut packet = ip4(17, &udp(502, b"hello"));
        change(&mut packet);
        eth(&ethernet(0x0800, &packet))
    };
    assert_eq!(frame(&|p| p[0] = 0x44).odd, Odd::IP_HEADER_LENGTH);
    assert_eq!(frame(&|p| p[0] = 0x55).odd, Odd::IP_VERSION);
    assert_eq!(frame(&|p| p[3] = 19).odd, Odd::IP_LENGTH_SHORT);
    let long = frame(&|p| p[2] = 9);
    assert_eq!((long.odd, long.layer, long.payload_len, long.missing), (Odd::IP_LENGTH_LONG, Layer::Udp, 5, 0));
    // Offload: the length is filled in later.
    let offload = frame(&|p| p[3] = 0);
    assert_eq!((offload.odd, offload.payload_len), (Odd::NONE, 5));
    assert_eq!(frame(&|p| p[19] = 1).odd, Odd::LAND);
    assert_eq!(frame(&|p| p[12] = 224).odd, Odd::SOURCE_GROUP);
    let routed = ip4_with(1, 0, 17, &[1, 131, 7, 4, 10, 0, 0, 9], &udp(502, b"hello"));
    assert_eq!(eth(&ethernet(0x0800, &routed)).odd, Odd::SOURCE_ROUTE);
    for (bad, layer) in [(0x44u8, Layer::Link), (0x45, Layer::Udp)] {
        assert_eq!(frame(&|p| p[0] = bad).layer, layer);
    }
}

#[test]
fn odd_transport_headers() {
    let tcp_with = |at: usize, byte: u8| {
        let mut segment = tcp(b"data");
        segment[at] = byte;
        eth(&ethernet(0x0800, &ip4(6, &segment)))
    };
    assert_eq!(tcp_with(12, 0x40).odd, Odd::TCP_DATA_OFFSET);
    assert_eq!((tcp_with(12, 0xf0).odd, tcp_with(12, 0xf0).layer), (Odd::TCP_DATA_OFFSET, Layer::Ip));
    for flags in [0, 3, 6, 0x29] {
        assert_eq!(tcp_with(13, flags).odd, Odd::TCP_FLAGS);
    }
    for (length, odd, payload) in
        [(5u8, Odd::UDP_LENGTH, 5), (200, Odd::UDP_LENGTH, 5), (0, Odd::NONE, 5), (10, Odd::NONE, 2)]
    {
        let mut datagram = udp(502, b"hello");
        datagram[5] = length;
        let p = eth(&ethernet(0x0800, &ip4(17, &datagram)));
        assert_eq!((p.layer, p.odd, p.payload_len), (Layer::Udp, odd, payload));
    }
    let short = eth(&ethernet(0x0800, &ip4(6, &[0, 80, 1, 246, 0])));
    assert_eq!((short.layer, short.kind, short.dst_port, short.odd), (Layer::Ip, 6, 502, Odd::HEADER_CUT));
}

#[test]
fn other_link_types() {
    let v4 = ip4(17, &udp(502, b"hello"));
    let v6 = ip6(17, &udp(502, b"hello"));
    let check = |link, head: &[u8], body: &[u8]| {
        let frame = cat(&[head, body]);
        let p = decode(link, &frame);
        assert_eq!((p.layer, text(&p, &frame), p.odd), (Layer::Udp, "hello".into(), Odd::NONE), "{link:?} {p:?}");
        p
    };
    check(LinkType::RawIp, &[], &v4);
    check(LinkType::RawIp, &[], &v6);
    check(LinkType::Null, &[2, 0, 0, 0], &v4);
    check(LinkType::Null, &[0, 0, 0, 2], &v4);
    check(LinkType::Loop, &[0, 0, 0, 2], &v4);
    for family in [10, 24, 28, 30] {
        check(LinkType::Null, &[family, 0, 0, 0], &v6);
        check(LinkType::Loop, &[0, 0, 0, family], &v6);
    }
    let sll = cat(&[&[0, 4, 0, 1, 0, 6], &A, &[0, 0, 8, 0]]);
    let p = check(LinkType::LinuxSll, &sll, &v4);
    assert_eq!((p.has_mac, p.src_mac, p.dst_mac), (true, A, [0; 6]));
    let sll2 = cat(&[&[0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6], &A, &[0, 0]]);
    check(LinkType::LinuxSll2, &sll2, &v6);
    let tagged = cat(&[&[0, 4, 0, 1, 0, 6], &A, &[0, 0, 0x81, 0], &tag(42, 0x0800, &[])]);
    assert_eq!(check(LinkType::LinuxSll, &tagged, &v4).vlan, Some(42));
    let arp = cat(&[&[0, 1, 0, 1, 0, 6], &A, &[0, 0, 8, 6], b"arp"]);
    let p = decode(LinkType::LinuxSll, &arp);
    assert_eq!((p.layer, p.kind, p.dst_mac, text(&p, &arp)), (Layer::Link, 0x0806, [0xff; 6], "arp".into()));
    let p = decode(LinkType::Other(147), &v4);
    assert_eq!((p.layer, p.payload_len as usize), (Layer::Nothing, v4.len()));
}
