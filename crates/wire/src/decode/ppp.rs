//! The point-to-point protocol (RFC 1661) and what carries it: PPPoE, PPTP, L2TP, serial lines.

use super::{Next, Odd, Packet, Tunnel, Walk, be16, tunnels};

/// Address and control field of HDLC-like framing (RFC 1662), which peers may agree to leave out.
const ADDRESS_CONTROL: [u8; 2] = [0xff, 0x03];

/// What stands behind the protocol field. `None`: link control, authentication, compressed or encrypted data: PPP's own.
fn protocol(w: &mut Walk<'_>) -> Option<Next> {
    if w.rest.starts_with(&ADDRESS_CONTROL) {
        w.skip(2);
    }
    let &[first, second, ..] = w.rest else { return None };
    // A compressed protocol field (RFC 1661, 6.5) is one odd byte.
    let (protocol, header) = if first & 1 != 0 { (u16::from(first), 1) } else { (be16(first, second), 2) };
    w.skip(header);
    match protocol {
        0x0021 => Some(Next::Ip4),
        0x0057 => Some(Next::Ip6),
        0x0281 => Some(Next::EtherType(0x8847)),
        _ => None,
    }
}

/// A serial line: the frame is PPP.
pub(super) fn line(w: &mut Walk<'_>) -> Next {
    protocol(w).unwrap_or(Next::Done)
}

/// PPPoE session stage (RFC 2516).
pub(super) fn pppoe(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[version, code, s0, s1, l0, l1, _, _]) = w.head::<8>() else {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    if version != 0x11 || code != 0 {
        return tunnels::refuse(p);
    }
    let mut walk = Walk { ..*w };
    walk.skip(6);
    let Some(next) = protocol(&mut walk) else { return Next::Done };
    if !w.limit(6 + usize::from(be16(l0, l1))) {
        p.odd.set(Odd::TUNNEL_HEADER);
    }
    w.skip(walk.at - w.at);
    p.tunnel.set(Tunnel::PPPOE);
    p.tunnel_id = be16(s0, s1).into();
    next
}

/// Enhanced GRE of PPTP (RFC 2637, 4.1): key with length and call id, sequence and acknowledgement where flagged.
pub(super) fn pptp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[flags, version, 0x88, 0x0b, l0, l1, c0, c1]) = w.head::<8>() else { return Next::Done };
    // routing, strict source route and recursion are 0, the key is there
    if flags & 0xef != 0x20 {
        return Next::Done;
    }
    let mut walk = Walk { ..*w };
    walk.skip(8 + if flags & 0x10 != 0 { 4 } else { 0 } + if version & 0x80 != 0 { 4 } else { 0 });
    walk.limit(be16(l0, l1).into());
    packet(walk, w, p, Tunnel::PPTP, be16(c0, c1).into())
}

/// Data messages of L2TP version 2 (RFC 2661, 3.1).
pub(super) fn l2tp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[flags, version]) = w.head::<2>() else { return Next::Done };
    // a control message, reserved bits, another version
    if flags & 0xb4 != 0 || version != 2 {
        return Next::Done;
    }
    let (length, sequence, offset) = (flags & 0x40 != 0, flags & 0x08 != 0, flags & 0x02 != 0);
    let mut walk = Walk { ..*w };
    if length {
        let Some(&[_, _, l0, l1]) = walk.head::<4>() else { return Next::Done };
        let stated = usize::from(be16(l0, l1));
        if stated > walk.wire_len() {
            return Next::Done;
        }
        walk.limit(stated);
        walk.skip(2);
    }
    walk.skip(2);
    let Some(&[_, _, s0, s1]) = walk.head::<4>() else { return Next::Done };
    walk.skip(4 + if sequence { 4 } else { 0 });
    if offset {
        let pad = walk.head::<2>().map_or(0, |&[a, b]| usize::from(be16(a, b)));
        walk.skip(2 + pad);
    }
    packet(walk, w, p, Tunnel::L2TP, be16(s0, s1).into())
}

/// Goes on behind `walk`, where it stands before a PPP frame with a packet that fits.
fn packet<'a>(mut walk: Walk<'a>, w: &mut Walk<'a>, p: &mut Packet, tunnel: Tunnel, id: u32) -> Next {
    let next = match protocol(&mut walk) {
        Some(Next::Ip4) if tunnels::looks_like_ip4(&walk, true) => Next::Ip4,
        Some(Next::Ip6) if tunnels::looks_like_ip6(&walk, true) => Next::Ip6,
        _ => return Next::Done,
    };
    *w = walk;
    p.tunnel.set(tunnel);
    p.tunnel_id = id;
    next
}
