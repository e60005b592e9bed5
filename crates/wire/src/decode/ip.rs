//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers and extension headers.

use super::{Fragment, Layer, Next, Odd, Packet, Walk, be16, link};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv6 extension headers followed; RFC 8200 recommends each at most once (destination options twice), so seven.
const MAX_EXTENSIONS: usize = 8;

/// Leaves the packet with what the header before says.
#[cold]
fn broken(w: &Walk<'_>, p: &mut Packet, odd: Odd) -> Next {
    p.odd.set(odd);
    if p.layer == Layer::Link {
        w.payload(p);
    }
    Next::Done
}

/// IPv4 or IPv6 by the version field.
pub(super) fn any(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    match w.rest.first().map(|b| b >> 4) {
        Some(4) => v4(w, p),
        Some(6) => v6(w, p),
        Some(_) => broken(w, p, Odd::IP_VERSION),
        None => broken(w, p, Odd::HEADER_CUT),
    }
}

#[inline(always)]
pub(super) fn v4(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(h) = w.head::<20>() else {
        return broken(w, p, Odd::HEADER_CUT);
    };
    let header = usize::from(h[0] & 0x0f) * 4;
    if h[0] >> 4 != 4 {
        return broken(w, p, Odd::IP_VERSION);
    }
    if header < 20 {
        return broken(w, p, Odd::IP_HEADER_LENGTH);
    }
    let mut total = usize::from(be16(h[2], h[3]));
    if total == 0 {
        // Segmentation offload of the capturing host: the length was not yet filled in.
        total = w.wire_len();
    }
    if total < header {
        return broken(w, p, Odd::IP_LENGTH_SHORT);
    }
    if w.rest.len() < header {
        return broken(w, p, Odd::HEADER_CUT);
    }
    if !w.enter(p) {
        return broken(w, p, Odd::NESTING);
    }
    if w.rest.len() > total + 5 {
        link::trailer(w, p);
    }
    if p.has_ip() {
        p.begin_inner(false);
    }
    if !w.limit(total) {
        p.odd.set(Odd::IP_LENGTH_LONG);
    }
    let source = [h[12], h[13], h[14], h[15]];
    let target = [h[16], h[17], h[18], h[19]];
    p.src = IpAddr::V4(Ipv4Addr::from(source));
    p.dst = IpAddr::V4(Ipv4Addr::from(target));
    p.ip_id = be16(h[4], h[5]);
    p.ttl = h[8];
    p.kind = h[9].into();
    p.layer = Layer::Ip;
    if source == target && !matches!(h[12], 0 | 127) {
        p.odd.set(Odd::LAND);
    }
    if matches!(h[12], 224..=239) || source == [255; 4] {
        p.odd.set(Odd::SOURCE_GROUP);
    }
    if header > 20 {
        options(w.rest.get(20..header).unwrap_or_default(), p);
    }
    w.skip(header);
    w.payload(p);
    let fragment = be16(h[6], h[7]);
    if fragment & 0x3fff != 0 {
        let offset = u32::from(fragment & 0x1fff) * 8;
        return fragmented(w, p, p.ip_id.into(), offset, fragment & 0x2000 != 0, h[9]);
    }
    Next::Proto(h[9])
}

/// Looks for source routes among the options.
#[cold]
fn options(mut options: &[u8], p: &mut Packet) {
    while let Some((&kind, rest)) = options.split_first() {
        match kind {
            0 => return,
            1 => options = rest,
            _ => {
                if matches!(kind, 131 | 137) {
                    p.odd.set(Odd::SOURCE_ROUTE);
                }
                let len = rest.first().map_or(0, |len| usize::from(*len));
                match options.get(len..) {
                    Some(next) if len >= 2 => options = next,
                    _ => {
                        p.odd.set(Odd::IP_HEADER_LENGTH);
                        return;
                    }
                }
            }
        }
    }
}

#[cold]
fn fragmented(w: &mut Walk<'_>, p: &mut Packet, id: u32, offset: u32, more: bool, proto: u8) -> Next {
    let cut = w.missing != 0;
    if cut && offset == 0 {
        p.odd.set(Odd::FRAGMENT_CUT);
        return Next::Proto(proto);
    }
    Next::Fragment(Fragment { id, offset, more, proto, cut })
}

pub(super) fn v6(w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let Some(h) = w.head::<40>() else {
        return broken(w, p, Odd::HEADER_CUT);
    };
    let [_, _, _, _, l0, l1, next, hops, addresses @ ..] = h;
    if h[0] >> 4 != 6 {
        return broken(w, p, Odd::IP_VERSION);
    }
    if !w.enter(p) {
        return broken(w, p, Odd::NESTING);
    }
    let length = usize::from(be16(*l0, *l1));
    if length != 0 && w.rest.len() > 40 + length + 5 {
        link::trailer(w, p);
    }
    if p.has_ip() {
        p.begin_inner(false);
    }
    // Length 0 is a jumbogram (RFC 2675) or offload of the capturing host: all that is there.
    if length != 0 && !w.limit(40 + length) {
        p.odd.set(Odd::IP_LENGTH_LONG);
    }
    let (source, target) = addresses.split_at(16);
    let source = source.first_chunk::<16>().copied().unwrap_or_default();
    let target = target.first_chunk::<16>().copied().unwrap_or_default();
    p.src = IpAddr::V6(Ipv6Addr::from(source));
    p.dst = IpAddr::V6(Ipv6Addr::from(target));
    p.ttl = *hops;
    p.layer = Layer::Ip;
    if source == target && source != Ipv6Addr::LOCALHOST.octets() && source != [0; 16] {
        p.odd.set(Odd::LAND);
    }
    if source[0] == 0xff {
        p.odd.set(Odd::SOURCE_GROUP);
    }
    w.skip(40);
    p.kind = (*next).into();
    w.payload(p);
    if matches!(next, 6 | 17 | 58) {
        return Next::Proto(*next);
    }
    extensions(*next, w, p)
}

/// Walks the extension headers to the protocol behind them.
fn extensions(mut kind: u8, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    for _ in 0..MAX_EXTENSIONS {
        let Some(h) = w.head::<8>() else {
            if matches!(kind, 0 | 43 | 44 | 51 | 60 | 135 | 139 | 140) {
                p.odd.set(Odd::HEADER_CUT);
            }
            return Next::Proto(kind);
        };
        let len = match kind {
            // Hop-by-hop, destination options, mobility, host identity, shim: units of eight after the first eight.
            0 | 60 | 135 | 139 | 140 => (usize::from(h[1]) + 1) * 8,
            43 => {
                if h[2] == 0 {
                    p.odd.set(Odd::SOURCE_ROUTE);
                }
                (usize::from(h[1]) + 1) * 8
            }
            // Authentication header: units of four, minus two.
            51 => (usize::from(h[1]) + 2) * 4,
            44 => {
                let offset = be16(h[2], h[3]);
                let id = u32::from_be_bytes([h[4], h[5], h[6], h[7]]);
                w.skip(8);
                p.kind = h[0].into();
                w.payload(p);
                if offset & 0xfff9 != 0 {
                    let (offset, more) = (u32::from(offset & 0xfff8), offset & 1 != 0);
                    return fragmented(w, p, id, offset, more, h[0]);
                }
                kind = h[0];
                continue;
            }
            _ => return Next::Proto(kind),
        };
        if len > w.wire_len() {
            p.odd.set(Odd::EXTENSION_HEADERS);
            return Next::Done;
        }
        if len > w.rest.len() {
            p.odd.set(Odd::HEADER_CUT);
            return Next::Done;
        }
        w.skip(len);
        kind = h[0];
        p.kind = kind.into();
        w.payload(p);
    }
    p.odd.set(Odd::EXTENSION_HEADERS);
    Next::Done
}
