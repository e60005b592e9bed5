//! Packets inside packets. A tunnel is entered only when what it carries looks like what it should: a port or a
//! protocol number alone proves nothing. Otherwise the outer packet stands.

use super::{Next, Odd, Packet, Tunnel, Walk, be16, ppp};

/// MPLS labels in a row that are followed (carriers use three or four).
const MAX_LABELS: usize = 16;

pub(super) fn refuse(p: &mut Packet) -> Next {
    p.odd.set(Odd::TUNNEL_HEADER);
    Next::Done
}

/// IPv4 inside IP (protocol 4).
pub(super) fn ip4(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    if !looks_like_ip4(w, false) {
        return refuse(p);
    }
    p.tunnel.set(Tunnel::IP4);
    Next::Ip4
}

/// IPv6 inside IP (protocol 41).
pub(super) fn ip6(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    if !looks_like_ip6(w, false) {
        return refuse(p);
    }
    p.tunnel.set(Tunnel::IP6);
    Next::Ip6
}

pub(super) fn looks_like_ip4(w: &Walk<'_>, strict: bool) -> bool {
    let Some(h) = w.head::<20>() else { return false };
    let (header, total) = (usize::from(h[0] & 15) * 4, usize::from(be16(h[2], h[3])));
    let fits = h[0] >> 4 == 4 && header >= 20 && total >= header;
    if !strict {
        return fits;
    }
    let header = w.rest.get(..header).unwrap_or_default();
    fits && total <= w.wire_len() && checksum(header) == 0xffff
}

pub(super) fn looks_like_ip6(w: &Walk<'_>, strict: bool) -> bool {
    let fits = |h: &[u8; 40]| usize::from(be16(h[4], h[5])) + 40 <= w.wire_len();
    w.head::<40>().is_some_and(|h| h[0] >> 4 == 6 && (!strict || fits(h)))
}

/// One's complement sum (RFC 1071); 0xffff over a header that holds its own checksum.
fn checksum(bytes: &[u8]) -> u16 {
    let sum = bytes.chunks(2).fold(0u32, |sum, pair| match pair {
        [a, b] => sum + u32::from(be16(*a, *b)),
        [a] => sum + u32::from(be16(*a, 0)),
        _ => sum,
    });
    let sum = (sum & 0xffff) + (sum >> 16);
    ((sum & 0xffff) + (sum >> 16)) as u16
}

/// Whether an Ethernet header at `skip` is likely: a known EtherType, or a length that fits.
pub(super) fn looks_like_ethernet(w: &Walk<'_>, skip: usize) -> bool {
    let Some(h) = w.rest.get(skip..).and_then(|b| b.first_chunk::<14>()) else { return false };
    let kind = be16(h[12], h[13]);
    match kind {
        0x0800 | 0x0806 | 0x86dd | 0x8100 | 0x88a8 | 0x9100 | 0x8847 | 0x8848 | 0x8863 | 0x8864 => true,
        // Fields networks, redundancy, discovery, time: any assigned number above 0x8800 as used today.
        0x8808..=0x8919 | 0x892f | 0x893a | 0x9000 | 0x8035 | 0x6002 | 0x8137 => true,
        0..=1500 => skip + 14 + usize::from(kind) <= w.wire_len() && kind >= 3,
        _ => false,
    }
}

/// MPLS label stack (RFC 3032), then IP or an Ethernet pseudowire with or without control word (RFC 4448, RFC 4385).
pub(super) fn mpls(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let mut walk = Walk { ..*w };
    let mut bottom = None;
    for _ in 0..MAX_LABELS {
        let Some(&[a, b, c, _]) = walk.head::<4>() else {
            p.odd.set(Odd::HEADER_CUT);
            return Next::Done;
        };
        walk.skip(4);
        if c & 1 != 0 {
            bottom = Some(u32::from_be_bytes([0, a, b, c]) >> 4);
            break;
        }
    }
    let Some(label) = bottom else { return refuse(p) };
    let version = walk.rest.first().map_or(0xff, |b| b >> 4);
    // Pseudowires name no type. The first nibble of IP is its version, of a control word 0; a hardware address may
    // begin with either, so the checksum or the EtherType decides.
    let (next, skip) = if version == 4 && looks_like_ip4(&walk, true) {
        (Next::Ip4, 0)
    } else if version == 6 && looks_like_ip6(&walk, true) {
        (Next::Ip6, 0)
    } else if version == 0 && looks_like_ethernet(&walk, 4) {
        (Next::Ethernet, 4)
    } else if looks_like_ethernet(&walk, 0) {
        (Next::Ethernet, 0)
    } else if version == 4 && looks_like_ip4(&walk, false) {
        (Next::Ip4, 0)
    } else {
        return refuse(p);
    };
    walk.skip(skip);
    *w = walk;
    p.tunnel.set(Tunnel::MPLS);
    if matches!(next, Next::Ethernet) {
        p.tunnel.set(Tunnel::PSEUDOWIRE);
    }
    p.tunnel_id = label;
    next
}

/// Provider backbone bridge (IEEE 802.1ah): a service identifier of 24 bits, then the customer's frame.
pub(super) fn backbone(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[_, a, b, c]) = w.head::<4>() else { return refuse(p) };
    if w.rest.len() < 4 + 14 {
        return refuse(p);
    }
    w.skip(4);
    p.tunnel.set(Tunnel::PBB);
    p.tunnel_id = u32::from_be_bytes([0, a, b, c]);
    Next::Ethernet
}

/// Cisco FabricPath: forwarding tag and hops in two bytes, then the frame.
pub(super) fn fabric_path(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    if w.rest.len() < 2 + 14 {
        return refuse(p);
    }
    w.skip(2);
    p.tunnel.set(Tunnel::FABRIC_PATH);
    Next::Ethernet
}

/// GRE (RFC 2784) with key and sequence number (RFC 2890), IP, Ethernet, MPLS or ERSPAN inside.
pub(super) fn gre(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[flags, version, k0, k1]) = w.head::<4>() else {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    match version & 7 {
        0 => {}
        1 => return ppp::pptp(w, p),
        _ => return Next::Done,
    }
    let mut walk = Walk { ..*w };
    walk.skip(4);
    if flags & 0xc0 != 0 {
        walk.skip(4);
    }
    let mut id = 0;
    if flags & 0x20 != 0 {
        id = walk.head::<4>().map_or(0, |key| u32::from_be_bytes(*key));
        walk.skip(4);
    }
    let sequence = flags & 0x10 != 0;
    if sequence {
        walk.skip(4);
    }
    if walk.rest.is_empty() {
        return Next::Done;
    }
    let next = match be16(k0, k1) {
        0x0800 if looks_like_ip4(&walk, false) => Next::Ip4,
        0x86dd if looks_like_ip6(&walk, false) => Next::Ip6,
        0x6558 if walk.rest.len() >= 14 => Next::Ethernet,
        0x8847 | 0x8848 => {
            // Whether there is a packet inside is only known behind the labels.
            let before = p.tunnel;
            p.tunnel.set(Tunnel::GRE);
            let next = mpls(&mut walk, p);
            if matches!(next, Next::Done) {
                p.tunnel = before;
            } else {
                *w = walk;
            }
            return next;
        }
        0x88be | 0x22eb => match erspan(&mut walk, be16(k0, k1), sequence) {
            Some((session, next)) => {
                id = session;
                p.tunnel.set(Tunnel::ERSPAN);
                next
            }
            None => return refuse(p),
        },
        0x0800 | 0x86dd | 0x6558 => return refuse(p),
        _ => return Next::Done,
    };
    *w = walk;
    p.tunnel.set(Tunnel::GRE);
    p.tunnel_id = id;
    next
}

/// ERSPAN: type I has no header of its own and no GRE sequence number, type II has 8 bytes, type III 12 and perhaps 8
/// more. Type III carries Ethernet (frame type 0) or IP (2).
fn erspan(w: &mut Walk<'_>, kind: u16, sequence: bool) -> Option<(u32, Next)> {
    if kind == 0x88be && !sequence {
        return Some((0, Next::Ethernet)).filter(|_| w.rest.len() >= 14);
    }
    let &[v, _, s0, s1, ..] = w.head::<8>()?;
    let session = u32::from(be16(s0, s1) & 0x03ff);
    match v >> 4 {
        1 => {
            w.skip(8);
            Some((session, Next::Ethernet))
        }
        2 => {
            let &[.., a, b] = w.head::<12>()?;
            w.skip(12);
            if b & 1 != 0 {
                w.skip(8);
            }
            match (a >> 2) & 0x1f {
                0 => Some((session, Next::Ethernet)),
                2 => Some((session, Next::Ip)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// VXLAN (RFC 7348) and its generic protocol extension: the identifier flag set, reserved bits as implementations
/// leave them, a packet inside.
pub(super) fn vxlan(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[flags, _, _, protocol, a, b, c, reserved]) = w.head::<8>() else { return Next::Done };
    if reserved != 0 || w.rest.len() < 8 + 14 {
        return Next::Done;
    }
    let next = match (flags, protocol) {
        // 0x80 is the group policy extension; its policy id stands in the bytes between.
        (0x08, _) | (0x88, _) | (0x0c, 3) => Next::Ethernet,
        (0x0c, 1) => Next::Ip4,
        (0x0c, 2) => Next::Ip6,
        _ => return Next::Done,
    };
    w.skip(8);
    p.tunnel.set(Tunnel::VXLAN);
    p.tunnel_id = u32::from_be_bytes([0, a, b, c]);
    next
}

/// Geneve (RFC 8926), version 0, Ethernet or IP inside.
pub(super) fn geneve(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(&[first, flags, t0, t1, a, b, c, reserved]) = w.head::<8>() else { return Next::Done };
    let header = 8 + usize::from(first & 0x3f) * 4;
    if first >> 6 != 0 || flags & 0x3f != 0 || reserved != 0 || w.rest.len() < header + 14 {
        return Next::Done;
    }
    let next = match be16(t0, t1) {
        0x6558 => Next::Ethernet,
        0x0800 => Next::Ip4,
        0x86dd => Next::Ip6,
        _ => return Next::Done,
    };
    w.skip(header);
    p.tunnel.set(Tunnel::GENEVE);
    p.tunnel_id = u32::from_be_bytes([0, a, b, c]);
    next
}
