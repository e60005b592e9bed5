//! Tunnels over UDP that are told by their port and by what they carry: GTP-U, Teredo, L2TP, CAPWAP, VXLAN, Geneve.

use super::{Next, Packet, Tunnel, Walk, be16, ppp, tunnels, wireless};

/// Extension headers of a GTP-U packet that are followed; networks use one or two.
const MAX_GTP_EXTENSIONS: usize = 8;

/// Whether one of the two ports is a tunnel's. The straight path asks, too.
#[inline(always)]
pub(super) fn is_tunnel(src: u16, dst: u16) -> bool {
    matches!(dst, 1701 | 2152 | 3386 | 3544 | 4789 | 4790 | 5247 | 6081 | 8472)
        || matches!(src, 1701 | 2152 | 3386 | 3544 | 5247)
}

/// Behind a UDP header with one of these ports.
#[cold]
pub(super) fn enter(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    match (p.src_port, p.dst_port) {
        (_, 4789 | 4790 | 8472) => tunnels::vxlan(w, p),
        (_, 6081) => tunnels::geneve(w, p),
        (_, 2152) | (2152, _) => gtp(w, p),
        (_, 3386) | (3386, _) => old_gtp(w, p),
        (_, 3544) | (3544, _) => teredo(w, p),
        (_, 5247) | (5247, _) => capwap(w, p),
        (_, 1701) | (1701, _) => ppp::l2tp(w, p),
        _ => Next::Done,
    }
}

/// User packets of mobile networks (3GPP TS 29.281, 5.1): version 1, message type 255, IP inside.
fn gtp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[flags, 255, l0, l1, t0, t1, t2, t3]) = w.head::<8>() else { return Next::Done };
    if flags & 0xf0 != 0x30 {
        return Next::Done;
    }
    let length = 8 + usize::from(be16(l0, l1));
    if length > w.wire_len() {
        return Next::Done;
    }
    let mut walk = Walk { ..*w };
    walk.limit(length);
    walk.skip(8);
    if flags & 7 != 0 {
        let Some(&[_, _, _, mut kind]) = walk.head::<4>() else { return Next::Done };
        walk.skip(4);
        if flags & 4 == 0 {
            kind = 0;
        }
        for _ in 0..MAX_GTP_EXTENSIONS {
            if kind == 0 {
                break;
            }
            let units = walk.rest.first().map_or(0, |n| usize::from(*n));
            let Some(next) = (units * 4).checked_sub(1).and_then(|last| walk.rest.get(last)) else { return Next::Done };
            kind = *next;
            walk.skip(units * 4);
        }
    }
    user_packet(walk, w, p, u32::from_be_bytes([t0, t1, t2, t3]))
}

/// The same of the first mobile networks with packets (GSM 09.60, 6): version 0, the tunnel's identifier behind
/// sequence number and flow label.
fn old_gtp(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[0x1e | 0x1f, 255, l0, l1, _, _, f0, f1]) = w.head::<8>() else { return Next::Done };
    let length = 20 + usize::from(be16(l0, l1));
    if length > w.wire_len() {
        return Next::Done;
    }
    let mut walk = Walk { ..*w };
    walk.limit(length);
    walk.skip(20);
    user_packet(walk, w, p, be16(f0, f1).into())
}

fn user_packet<'a>(walk: Walk<'a>, w: &mut Walk<'a>, p: &mut Packet, id: u32) -> Next {
    let next = match walk.rest.first().map(|b| b >> 4) {
        Some(4) if tunnels::looks_like_ip4(&walk, true) => Next::Ip4,
        Some(6) if tunnels::looks_like_ip6(&walk, true) => Next::Ip6,
        _ => return Next::Done,
    };
    *w = walk;
    p.tunnel.set(Tunnel::GTP);
    p.tunnel_id = id;
    next
}

/// IPv6 through address translators (RFC 4380, 5.1.1): perhaps authentication and origin in front, then a packet that
/// ends with the datagram.
fn teredo(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let mut walk = Walk { ..*w };
    if let Some(&[0, 1, id, authentication]) = walk.head::<4>() {
        // nonce and confirmation behind both
        walk.skip(4 + usize::from(id) + usize::from(authentication) + 9);
    }
    if walk.rest.starts_with(&[0, 0]) {
        walk.skip(8);
    }
    let whole = walk.head::<40>().is_some_and(|h| usize::from(be16(h[4], h[5])) + 40 == walk.wire_len());
    if !whole || !tunnels::looks_like_ip6(&walk, true) {
        return Next::Done;
    }
    *w = walk;
    p.tunnel.set(Tunnel::TEREDO);
    Next::Ip6
}

/// Frames between wireless access points and their controller (RFC 5415, 4.3), as they went over the air or as
/// Ethernet. Management frames stay where they are.
fn capwap(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[0, a, b, flags, _, _, _, _]) = w.head::<8>() else { return Next::Done };
    // a fragment
    if flags & 0x80 != 0 {
        return Next::Done;
    }
    let header = usize::from(a >> 3) * 4;
    let (native, binding) = (b & 1 != 0, b >> 1 & 0x1f);
    if header < 8 || header > w.rest.len() {
        return Next::Done;
    }
    if !native {
        if !tunnels::looks_like_ethernet(w, header) {
            return Next::Done;
        }
        w.skip(header);
        p.tunnel.set(Tunnel::CAPWAP);
        return Next::Ethernet;
    }
    let frame = w.rest.get(header..).unwrap_or_default();
    let found = wireless::data(frame, false, false).or_else(|| wireless::data(frame, true, false));
    match found.filter(|_| binding == 1) {
        Some(data) => {
            w.skip(header);
            data.open_inside(w, p, Tunnel::CAPWAP)
        }
        None => Next::Done,
    }
}
