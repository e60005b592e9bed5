//! Link headers: Ethernet with its tags, LLC and SNAP, Linux cooked, BSD loopback; redundancy tags and trailers.

use super::{LLC, Layer, LinkType, Next, Odd, Packet, SNAP, Tunnel, Walk, be16, ppp, tunnels, wireless};

/// IEEE 802.1Q and what came before and after it, in the order a frame may carry them.
const VLAN: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];
/// Tags in a row that are followed; two are normal, a hostile frame could carry hundreds.
const MAX_TAGS: usize = 8;
/// EtherType of the PRP suffix and of supervision frames (IEC 62439-3).
const PRP_SUFFIX: u16 = 0x88fb;

#[inline(always)]
pub(super) fn ethernet(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(h) = w.head::<14>() else {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    if !w.enter(p) {
        return Next::Done;
    }
    if w.depth > 1 {
        p.begin_inner(true);
    }
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *h;
    p.dst_mac = [d0, d1, d2, d3, d4, d5];
    p.src_mac = [s0, s1, s2, s3, s4, s5];
    p.has_mac = true;
    p.layer = Layer::Link;
    w.skip(14);
    w.lsdu = w.at;
    let mut kind = be16(t0, t1);
    if VLAN.contains(&kind) {
        match tags(kind, w, p) {
            Some(inner) => kind = inner,
            None => return Next::Done,
        }
    }
    p.kind = kind;
    Next::EtherType(kind)
}

/// Takes VLAN tags off and returns the EtherType behind them.
fn tags(mut kind: u16, w: &mut Walk<'_>, p: &mut Packet) -> Option<u16> {
    for _ in 0..MAX_TAGS {
        if !VLAN.contains(&kind) {
            return Some(kind);
        }
        p.kind = kind;
        let Some(&[a, b, c, d]) = w.head::<4>() else {
            w.payload(p);
            p.odd.set(Odd::HEADER_CUT);
            return None;
        };
        let id = be16(a, b) & 0x0fff;
        if id != 0 {
            p.outer_vlan = p.vlan;
            p.vlan = Some(id);
        }
        w.skip(4);
        kind = be16(c, d);
    }
    p.kind = kind;
    w.payload(p);
    p.odd.set(Odd::NESTING);
    None
}

/// Everything behind an EtherType that is not IP.
pub(super) fn ether_type(mut kind: u16, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    if VLAN.contains(&kind) {
        match tags(kind, w, p) {
            Some(inner) => kind = inner,
            None => return Next::Done,
        }
        p.layer = Layer::Link;
        p.kind = kind;
        return Next::EtherType(kind);
    }
    if kind < 0x0600 {
        return llc(kind, w, p);
    }
    if p.layer == Layer::Nothing {
        p.layer = Layer::Link;
    }
    if p.layer == Layer::Link {
        p.kind = kind;
        trailer(w, p);
        w.payload(p);
    }
    match kind {
        0x8847 | 0x8848 => tunnels::mpls(w, p),
        0x8864 => ppp::pppoe(w, p),
        0x892f => tag(w, p, Tunnel::HSR),
        0xf1c1 => tag(w, p, Tunnel::RTAG),
        0x8926 => tag(w, p, Tunnel::VNTAG),
        0x88e7 => tunnels::backbone(w, p),
        0x8903 => tunnels::fabric_path(w, p),
        _ => Next::Done,
    }
}

/// Tags of four bytes and the EtherType behind them: HSR (path and size, sequence), 802.1CB (reserved, sequence), VN-Tag.
fn tag(w: &mut Walk<'_>, p: &mut Packet, which: Tunnel) -> Next {
    let Some(&[_, _, c, d, e, f]) = w.head::<6>() else {
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    if p.tunnel.has(which) {
        p.odd.set(Odd::NESTING);
        return Next::Done;
    }
    p.tunnel.set(which);
    if which == Tunnel::HSR {
        p.ring_seq = be16(c, d);
    }
    w.skip(6);
    p.kind = be16(e, f);
    w.payload(p);
    Next::EtherType(p.kind)
}

/// Finds the redundancy control trailer (IEC 62439-3, 4.1.10): sequence, LAN A or B and the size of what it follows,
/// suffix 0x88fb. The size must fit, so that payload ending in those bytes by chance is left alone. Cuts it off.
pub(super) fn trailer(w: &mut Walk<'_>, p: &mut Packet) {
    if w.missing != 0 || w.lsdu == 0 || p.tunnel.has(Tunnel::PRP) {
        return;
    }
    let lsdu = w.lsdu;
    // The frame check sequence may follow, where the capture kept it.
    for fcs in [0, 4] {
        let Some(keep) = w.rest.len().checked_sub(6 + fcs) else { return };
        let Some(&[s0, s1, l0, l1, x, y]) = w.rest.get(keep..).and_then(|b| b.first_chunk::<6>()) else { return };
        if be16(x, y) != PRP_SUFFIX || !matches!(l0 >> 4, 0xa | 0xb) {
            continue;
        }
        let size = usize::from(be16(l0, l1) & 0x0fff);
        let end = w.at + keep + 6;
        // Counted from behind the hardware addresses' EtherType; some senders leave the VLAN tag out of the count.
        let tagged = end.saturating_sub(lsdu);
        if size == tagged || size == end.saturating_sub(w.at) || size + 4 == tagged {
            p.tunnel.set(Tunnel::PRP);
            p.ring_seq = be16(s0, s1);
            w.rest = w.rest.get(..keep).unwrap_or_default();
            return;
        }
    }
}

/// IEEE 802.3 length instead of an EtherType: LLC (IEEE 802.2), perhaps SNAP.
pub(super) fn llc(length: u16, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    p.layer = Layer::Link;
    trailer(w, p);
    if usize::from(length) > 0 && length <= 1500 && !w.limit(length.into()) {
        p.odd.set(Odd::LLC_LENGTH);
        w.missing = 0;
    }
    let Some(&[dsap, ssap, control]) = w.head::<3>() else {
        p.kind = LLC;
        w.payload(p);
        p.odd.set(Odd::HEADER_CUT);
        return Next::Done;
    };
    p.kind = LLC | u16::from(dsap);
    if dsap == 0xaa && ssap & 0xfe == 0xaa && control == 3 {
        let Some(&[_, _, _, a, b, c, d, e]) = w.head::<8>() else {
            w.skip(3);
            w.payload(p);
            p.odd.set(Odd::HEADER_CUT);
            return Next::Done;
        };
        w.skip(8);
        let organization = u32::from_be_bytes([0, a, b, c]);
        p.kind = be16(d, e);
        w.payload(p);
        // RFC 1042 and the bridge-tunnel encapsulation carry EtherTypes.
        if matches!(organization, 0 | 0x0000f8) && p.kind >= 0x0600 {
            return Next::EtherType(p.kind);
        }
        p.snap = SNAP | organization;
        return Next::Done;
    }
    // Novell's raw 802.3 has no LLC header: its checksum field ffff stands there.
    if !(dsap == 0xff && ssap == 0xff) {
        let header = if control & 3 == 3 { 3 } else { 4 };
        if w.rest.len() < header {
            p.odd.set(Odd::HEADER_CUT);
        }
        w.skip(header);
    }
    w.payload(p);
    Next::Done
}

/// The first header of link types other than Ethernet.
pub(super) fn other(link: LinkType, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    match link {
        LinkType::Ethernet => Next::Ethernet,
        LinkType::RawIp => Next::Ip,
        LinkType::LinuxSll => match w.head::<16>() {
            Some(&[_, kind, h0, h1, l0, l1, a, b, c, d, e, f, _, _, t0, t1]) => {
                w.skip(16);
                cooked(w, p, kind, be16(h0, h1), be16(l0, l1), [a, b, c, d, e, f], be16(t0, t1))
            }
            None => cut(p),
        },
        LinkType::LinuxSll2 => match w.head::<20>() {
            Some(&[t0, t1, _, _, _, _, _, _, h0, h1, kind, len, a, b, c, d, e, f, _, _]) => {
                w.skip(20);
                cooked(w, p, kind, be16(h0, h1), len.into(), [a, b, c, d, e, f], be16(t0, t1))
            }
            None => cut(p),
        },
        LinkType::Null | LinkType::Loop => match w.head::<4>() {
            Some(family) => {
                w.skip(4);
                // The writer's byte order is not known for NULL; families fit one byte, so either reading is unique.
                match u32::from_be_bytes(*family).min(u32::from_le_bytes(*family)) {
                    2 => Next::Ip4,
                    10 | 24 | 28 | 30 => Next::Ip6,
                    _ => Next::Done,
                }
            }
            None => cut(p),
        },
        LinkType::Ieee80211 | LinkType::Radiotap | LinkType::Prism | LinkType::Avs => wireless::captured(link, w, p),
        LinkType::Ppp => ppp::line(w),
        // Cisco's HDLC: address, control, EtherType
        LinkType::CiscoHdlc => match w.head::<4>() {
            Some(&[_, _, a, b]) if be16(a, b) >= 0x0600 => {
                w.skip(4);
                p.layer = Layer::Link;
                p.kind = be16(a, b);
                w.payload(p);
                Next::EtherType(p.kind)
            }
            _ => cut(p),
        },
        LinkType::Other(_) => Next::Done,
    }
}

fn cut(p: &mut Packet) -> Next {
    p.odd.set(Odd::HEADER_CUT);
    Next::Done
}

fn cooked(w: &mut Walk<'_>, p: &mut Packet, kind: u8, hardware: u16, len: u16, mac: [u8; 6], proto: u16) -> Next {
    // ARPHRD_ETHER and ARPHRD_LOOPBACK carry a hardware address of the sender.
    if len == 6 && matches!(hardware, 1 | 772) {
        p.has_mac = true;
        p.src_mac = mac;
        if kind == 1 {
            p.dst_mac = [0xff; 6];
        }
    }
    p.layer = Layer::Link;
    match proto {
        // 802.3 without LLC (1) and with it (4) in place of an EtherType; there is no length field to limit by.
        1 => {
            p.kind = LLC | 0xff;
            w.payload(p);
            Next::Done
        }
        4 => llc(0, w, p),
        0..0x0600 => {
            p.kind = 0;
            w.payload(p);
            Next::Done
        }
        _ => {
            p.kind = proto;
            w.payload(p);
            Next::EtherType(proto)
        }
    }
}
