//! Tunnels over UDP, PPP and wireless frames. `hello` in UDP to port 502 is what each carries.

use crate::build::*;
use wire::decode::{Decoder, Layer, LinkType, Packet, Tunnel};

fn decode(link: LinkType, frame: &[u8]) -> Packet {
    Decoder::default().decode(link, frame, frame.len() as u32, 0).expect("not a fragment")
}

/// The packet inside, reached through this tunnel.
fn is_hello(link: LinkType, frame: &[u8], tunnel: Tunnel) -> Packet {
    let p = decode(link, frame);
    let text = String::from_utf8_lossy(p.payload(frame, &[])).into_owned();
    assert_eq!((p.layer, p.dst_port, text.as_str(), p.tunnel), (Layer::Udp, 502, "hello", tunnel), "{p:?}");
    p
}

/// A datagram to this port carries it.
fn over(port: u16, parts: &[&[u8]]) -> Vec<u8> {
    ethernet(0x0800, &ip4(17, &udp(port, &cat(parts))))
}

/// It stays what it is: a datagram to this port.
fn stays(port: u16, parts: &[&[u8]]) {
    let p = decode(LinkType::Ethernet, &over(port, parts));
    assert_eq!((p.layer, p.dst_port, p.tunnel), (Layer::Udp, port, Tunnel::NONE), "{parts:02x?}");
}

fn inner4() -> Vec<u8> {
    ip4(17, &udp(502, b"hello"))
}

fn inner6() -> Vec<u8> {
    ip6(17, &udp(502, b"hello"))
}

const ETH: LinkType = LinkType::Ethernet;

#[test]
fn gtp() {
    let (four, six) = (inner4(), inner6());
    let length = |n: usize| [(n >> 8) as u8, n as u8];
    let plain = over(2152, &[&[0x30, 255], &length(four.len()), &[1, 2, 3, 4], &four]);
    assert_eq!(is_hello(ETH, &plain, Tunnel::GTP).tunnel_id, 0x0102_0304);
    is_hello(ETH, &over(2152, &[&[0x32, 255], &length(six.len() + 4), &[0; 4], &[0, 9, 0, 0], &six]), Tunnel::GTP);
    // one extension header of four bytes
    let extended: [&[u8]; 6] =
        [&[0x34, 255], &length(four.len() + 8), &[0; 4], &[0, 0, 0, 0x85], &[1, 0x10, 0, 0], &four];
    is_hello(ETH, &over(2152, &extended), Tunnel::GTP);
    let old: [&[u8]; 4] =
        [&[0x1e, 255], &length(four.len()), &[0, 1, 0, 7, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8], &four];
    assert_eq!(is_hello(ETH, &over(3386, &old), Tunnel::GTP).tunnel_id, 7);
    stays(3386, &[&[0x1e, 1], &length(four.len()), &[0; 16], &four]);
    // an echo request, another version, a length beyond the datagram, an extension without length
    stays(2152, &[&[0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]]);
    stays(2152, &[&[0x50, 255], &length(four.len()), &[0; 4], &four]);
    stays(2152, &[&[0x30, 255], &length(four.len() + 1), &[0; 4], &four]);
    stays(2152, &[&[0x34, 255], &length(four.len() + 8), &[0; 4], &[0, 0, 0, 0x85], &[0, 0, 0, 0], &four]);
}

#[test]
fn teredo() {
    let six = inner6();
    is_hello(ETH, &over(3544, &[&six]), Tunnel::TEREDO);
    let origin = [0, 0, 0xf2, 0xc1, 0x53, 0x2d, 0xf2, 0x9b];
    is_hello(ETH, &over(3544, &[&origin, &six]), Tunnel::TEREDO);
    let authentication = [0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0];
    is_hello(ETH, &over(3544, &[&authentication, &origin, &six]), Tunnel::TEREDO);
    // bytes behind the packet: something else
    stays(3544, &[&six, &[0]]);
    stays(3544, &[&inner4()]);
}

#[test]
fn ppp() {
    let (four, six) = (inner4(), inner6());
    is_hello(LinkType::Ppp, &cat(&[&[0xff, 3, 0, 0x21], &four]), Tunnel::NONE);
    is_hello(LinkType::Ppp, &cat(&[&[0x57], &six]), Tunnel::NONE);
    is_hello(LinkType::CiscoHdlc, &cat(&[&[0x0f, 0, 8, 0], &four]), Tunnel::NONE);
    let lcp = decode(LinkType::Ppp, &[0xff, 3, 0xc0, 0x21, 1, 1, 0, 4]);
    assert_eq!(lcp.layer, Layer::Nothing);

    let gre = |head: &[u8], ppp: &[u8]| {
        let length = (ppp.len() as u16).to_be_bytes();
        ethernet(0x0800, &ip4(47, &cat(&[&head[..4], &length, &head[4..], ppp])))
    };
    let packet = cat(&[&[0xff, 3, 0, 0x21], &four]);
    let p = is_hello(ETH, &gre(&[0x30, 0x81, 0x88, 0x0b, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2], &packet), Tunnel::PPTP);
    assert_eq!(p.tunnel_id, 7);
    is_hello(ETH, &gre(&[0x30, 1, 0x88, 0x0b, 0, 7, 0, 0, 0, 1], &packet), Tunnel::PPTP);
    // an acknowledgement alone, compressed data
    for ppp in [&[][..], &[0xfd, 1, 2, 3, 4]] {
        let p = decode(ETH, &gre(&[0x30, 0x81, 0x88, 0x0b, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2], ppp));
        assert_eq!((p.layer, p.kind, p.tunnel), (Layer::Ip, 47, Tunnel::NONE));
    }
}

#[test]
fn l2tp() {
    let packet = cat(&[&[0xff, 3, 0, 0x21], &inner4()]);
    let p = is_hello(ETH, &over(1701, &[&[0, 2, 0, 5, 0, 9], &packet]), Tunnel::L2TP);
    assert_eq!(p.tunnel_id, 9);
    let length = ((8 + packet.len()) as u16).to_be_bytes();
    is_hello(ETH, &over(1701, &[&[0x40, 2], &length, &[0, 5, 0, 9], &packet]), Tunnel::L2TP);
    // sequence numbers and an offset of two
    is_hello(ETH, &over(1701, &[&[0x0a, 2, 0, 5, 0, 9, 0, 1, 0, 2, 0, 2, 0, 0], &packet]), Tunnel::L2TP);
    // control, version 3, nothing that looks like IP
    stays(1701, &[&[0x80, 2, 0, 5, 0, 9], &packet]);
    stays(1701, &[&[0, 3, 0, 5, 0, 9], &packet]);
    stays(1701, &[&[0, 2, 0, 5, 0, 9, 0xff, 3, 0, 0x21], &[0x45; 40]]);
}

/// A data frame from `A` to `B` through an access point.
fn to_access_point(control: [u8; 2], quality: &[u8]) -> Vec<u8> {
    cat(&[&control, &[0, 0], &[2, 0, 0, 0, 0, 1], &A, &B, &[0, 0], quality, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &inner4()])
}

#[test]
fn wireless() {
    let check = |link, frame: &[u8]| {
        let p = is_hello(link, frame, Tunnel::NONE);
        assert_eq!((p.has_mac, p.src_mac, p.dst_mac), (true, A, B));
    };
    let plain = to_access_point([0x08, 0x01], &[]);
    check(LinkType::Ieee80211, &plain);
    check(LinkType::Ieee80211, &to_access_point([0x88, 0x01], &[0, 0]));
    check(LinkType::Ieee80211, &to_access_point([0x88, 0x81], &[0, 0, 0, 0, 0, 0]));
    check(LinkType::Radiotap, &cat(&[&[0, 0, 8, 0, 0, 0, 0, 0], &plain]));
    // timer and flags: a check sequence follows, the header is filled up
    let padded = to_access_point([0x88, 0x01], &[0, 0, 0, 0]);
    let head = [0, 0, 17, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x30];
    check(LinkType::Radiotap, &cat(&[&head, &padded, &[9; 4]]));
    check(LinkType::Prism, &cat(&[&[0, 0, 0, 0x44, 144, 0, 0, 0], &[0; 136], &plain]));
    check(LinkType::Avs, &cat(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &plain]));
    // protected, several packets, a beacon, a header longer than the frame
    for frame in [
        to_access_point([0x08, 0x41], &[]),
        to_access_point([0x88, 0x01], &[0x80, 0]),
        to_access_point([0x80, 0x00], &[]),
        plain[..20].to_vec(),
    ] {
        assert_eq!(decode(LinkType::Ieee80211, &frame).layer, Layer::Nothing);
    }
    assert_eq!(decode(LinkType::Radiotap, &cat(&[&[0, 0, 255, 255, 0, 0, 0, 0], &plain])).layer, Layer::Nothing);
}

#[test]
fn capwap() {
    let head = [0, 0x10, 0x03, 0, 0, 0, 0, 0];
    let plain = to_access_point([0x08, 0x01], &[]);
    let p = is_hello(ETH, &over(5247, &[&head, &plain]), Tunnel::CAPWAP);
    assert_eq!((p.src_mac, p.dst_mac), (A, B));
    // the two bytes of the frame control the wrong way round
    let mut swapped = to_access_point([0x01, 0x08], &[]);
    is_hello(ETH, &over(5247, &[&head, &swapped]), Tunnel::CAPWAP);
    // and those of the sequence control: number 0x11, no fragment; then the second fragment
    swapped[22..24].copy_from_slice(&[0x01, 0x10]);
    is_hello(ETH, &over(5247, &[&head, &swapped]), Tunnel::CAPWAP);
    swapped[22..24].copy_from_slice(&[0x01, 0x11]);
    stays(5247, &[&head, &swapped]);
    // as Ethernet, with four bytes more in the header
    is_hello(ETH, &over(5247, &[&[0, 0x18, 0x02, 0, 0, 0, 0, 0, 1, 2, 3, 4], &hello()]), Tunnel::CAPWAP);
    // a fragment, an encrypted one, a beacon
    stays(5247, &[&[0, 0x10, 0x03, 0x80, 0, 0, 0, 0], &plain]);
    stays(5247, &[&[1, 0, 0, 0], &plain]);
    stays(5247, &[&head, &to_access_point([0x80, 0x00], &[])]);
}
