//! TCP (RFC 9293), UDP (RFC 768) and what else IP carries.

use super::{Layer, Next, Odd, Packet, Walk, be16, over_udp, tunnels};

#[inline(always)]
pub(super) fn tcp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(h) = w.head::<20>() else {
        return cut(w, p);
    };
    p.src_port = be16(h[0], h[1]);
    p.dst_port = be16(h[2], h[3]);
    p.seq = u32::from_be_bytes([h[4], h[5], h[6], h[7]]);
    p.ack = u32::from_be_bytes([h[8], h[9], h[10], h[11]]);
    p.flags = h[13];
    p.window = be16(h[14], h[15]);
    let header = usize::from(h[12] >> 4) * 4;
    if header < 20 || header > w.wire_len() {
        p.odd.set(Odd::TCP_DATA_OFFSET);
        return Next::Done;
    }
    p.layer = Layer::Tcp;
    let flags = p.flags & 0x3f;
    if flags & 3 == 3 || flags & 6 == 6 || matches!(flags, 0 | 0x29) {
        p.odd.set(Odd::TCP_FLAGS);
    }
    odd_ports(p);
    if header > w.rest.len() {
        // The snap length cut the options; the payload lies wholly beyond it.
        w.missing = w.wire_len() - header;
        w.skip(w.rest.len());
        p.odd.set(Odd::HEADER_CUT);
    } else {
        w.skip(header);
        p.options = (header - 20) as u8;
    }
    w.payload(p);
    Next::Done
}

#[inline(always)]
fn odd_ports(p: &mut Packet) {
    if p.src_port == 0 || p.dst_port == 0 {
        p.odd.set(Odd::PORT_ZERO);
    }
    // A host may talk to itself, but not from a port to the same port.
    if p.src_port == p.dst_port && p.src == p.dst && !p.src.is_loopback() && !p.src.is_unspecified() {
        p.odd.set(Odd::LAND);
    }
}

/// A transport header that is not complete: the packet stays with IP, ports are kept where they are there.
#[cold]
fn cut(w: &Walk<'_>, p: &mut Packet) -> Next {
    p.odd.set(Odd::HEADER_CUT);
    if let Some(&[a, b, c, d]) = w.head::<4>() {
        p.src_port = be16(a, b);
        p.dst_port = be16(c, d);
    }
    Next::Done
}

#[inline(always)]
pub(super) fn udp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(h) = w.head::<8>() else {
        return cut(w, p);
    };
    p.src_port = be16(h[0], h[1]);
    p.dst_port = be16(h[2], h[3]);
    p.layer = Layer::Udp;
    odd_ports(p);
    let length = usize::from(be16(h[4], h[5]));
    match length {
        // Jumbogram, or offload of the capturing host.
        0 => {}
        8.. if length <= w.wire_len() => {
            w.limit(length);
        }
        // A first fragment shown alone announces the whole datagram.
        8.. if p.odd.has(Odd::FRAGMENT_CUT) => w.missing = length - w.rest.len(),
        _ => p.odd.set(Odd::UDP_LENGTH),
    }
    w.skip(8);
    w.payload(p);
    if over_udp::is_tunnel(p.src_port, p.dst_port) { over_udp::enter(w, p) } else { Next::Done }
}

/// Everything but TCP and UDP.
pub(super) fn other(number: u8, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    p.kind = number.into();
    w.payload(p);
    let v6 = p.src.is_ipv6();
    match number {
        1 if !v6 => p.layer = Layer::Icmp4,
        58 if v6 => p.layer = Layer::Icmp6,
        4 => return tunnels::ip4(w, p),
        41 => return tunnels::ip6(w, p),
        47 => return tunnels::gre(w, p),
        // Authentication header over IPv4 (RFC 4302); over IPv6 it is met among the extension headers.
        51 if !v6 => return authentication(w, p),
        _ => {}
    }
    Next::Done
}

fn authentication(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[next, len]) = w.head::<2>() else {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    let len = (usize::from(len) + 2) * 4;
    // A second one is not followed: nothing needs it, and each would cost a round.
    if len > w.wire_len() || next == 51 {
        p.odd.set(Odd::EXTENSION_HEADERS);
        return Next::Done;
    }
    if len > w.rest.len() {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    }
    w.skip(len);
    p.kind = next.into();
    w.payload(p);
    Next::Proto(next)
}
