//! The straight path: Ethernet, at most one VLAN tag, then IPv4 without options or fragments with TCP or UDP, or a
//! layer 2 protocol; nothing missing, nothing odd, no tunnel. That is nearly every frame of most networks. The packet is built in one piece where it is
//! wanted; the general path writes field by field and costs twice as much. Both must say the same (tested).

use super::{Layer, Packet, be16, over_udp};
use std::net::{IpAddr, Ipv4Addr};

/// Writes the packet, or answers false when the frame is anything but plain; what is in `packet` then means nothing.
#[inline(always)]
pub(super) fn decode(bytes: &[u8], wire_len: u32, packet: &mut Packet) -> bool {
    read(bytes, wire_len, packet).is_some()
}

#[inline(always)]
fn read(bytes: &[u8], wire_len: u32, packet: &mut Packet) -> Option<()> {
    if wire_len as usize > bytes.len() {
        return None;
    }
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, k0, k1, t0, t1, k2, k3] = bytes.first_chunk::<18>()?;
    let (at, vlan, kind) = match be16(k0, k1) {
        0x8100 => (18, Some(be16(t0, t1) & 0x0fff).filter(|id| *id != 0), be16(k2, k3)),
        kind => (14, None, kind),
    };
    if kind != 0x0800 {
        if needs_more(kind) || may_be_trailer(bytes) {
            return None;
        }
        *packet = Packet {
            layer: Layer::Link,
            has_mac: true,
            src_mac: [s0, s1, s2, s3, s4, s5],
            dst_mac: [d0, d1, d2, d3, d4, d5],
            vlan,
            kind,
            payload_at: at as u32,
            payload_len: (bytes.len() - at) as u32,
            ..Packet::EMPTY
        };
        return Some(());
    }
    let h = bytes.get(at..)?.first_chunk::<28>()?;
    let total = usize::from(be16(h[2], h[3]));
    let padding = bytes.len().checked_sub(at + total)?;
    if h[0] != 0x45 || total < 28 || be16(h[6], h[7]) & 0x3fff != 0 {
        return None;
    }
    // A redundancy trailer may stand in what looks like padding.
    if padding >= 6 && may_be_trailer(bytes) {
        return None;
    }
    let source = u32::from_be_bytes([h[12], h[13], h[14], h[15]]);
    let target = u32::from_be_bytes([h[16], h[17], h[18], h[19]]);
    let (src_port, dst_port) = (be16(h[20], h[21]), be16(h[22], h[23]));
    if source == target || h[12] >= 224 || src_port == 0 || dst_port == 0 {
        return None;
    }
    let mut end = at + 28;
    let (mut flags, mut options, mut window, mut seq, mut ack) = (0, 0, 0, 0, 0);
    let layer = match h[9] {
        6 => {
            let t = bytes.get(at + 20..)?.first_chunk::<20>()?;
            let header = usize::from(t[12] >> 4) * 4;
            flags = t[13];
            if header < 20 || 20 + header > total || SENSIBLE >> (flags & 0x3f) & 1 == 0 {
                return None;
            }
            options = (header - 20) as u8;
            window = be16(t[14], t[15]);
            seq = u32::from_be_bytes([t[4], t[5], t[6], t[7]]);
            ack = u32::from_be_bytes([t[8], t[9], t[10], t[11]]);
            end = at + 20 + header;
            Layer::Tcp
        }
        17 if usize::from(be16(h[24], h[25])) == total - 20 && !over_udp::is_tunnel(src_port, dst_port) => Layer::Udp,
        _ => return None,
    };
    // written once, where it stays
    *packet = Packet {
        layer,
        has_mac: true,
        ttl: h[8],
        src_mac: [s0, s1, s2, s3, s4, s5],
        dst_mac: [d0, d1, d2, d3, d4, d5],
        vlan,
        kind: h[9].into(),
        src_port,
        dst_port,
        ip_id: be16(h[4], h[5]),
        src: IpAddr::V4(Ipv4Addr::from_bits(source)),
        dst: IpAddr::V4(Ipv4Addr::from_bits(target)),
        flags,
        options,
        window,
        seq,
        ack,
        payload_at: end as u32,
        payload_len: (at + total - end) as u32,
        ..Packet::EMPTY
    };
    Some(())
}

/// Combinations of TCP flags that a stack sends, a bit for each; the general path names the others.
const SENSIBLE: u64 = {
    let mut sensible = 0;
    let mut flags = 0;
    while flags < 64 {
        if !(flags & 3 == 3 || flags & 6 == 6 || flags == 0 || flags == 0x29) {
            sensible |= 1 << flags;
        }
        flags += 1;
    }
    sensible
};

/// LLC, and EtherTypes with something behind them that is decoded.
#[inline(always)]
fn needs_more(kind: u16) -> bool {
    kind < 0x0600
        || matches!(kind, 0x86dd | 0x8100 | 0x88a8 | 0x9100 | 0x9200)
        || matches!(kind, 0x8847 | 0x8848 | 0x8864 | 0x88e7 | 0x8903 | 0x8926 | 0x892f | 0xf1c1)
}

#[inline(always)]
fn may_be_trailer(bytes: &[u8]) -> bool {
    let ends = |bytes: &[u8]| bytes.ends_with(&[0x88, 0xfb]);
    ends(bytes) || bytes.len().checked_sub(4).and_then(|n| bytes.get(..n)).is_some_and(ends)
}

#[cfg(test)]
mod tests {
    use crate::decode::{Decoder, LinkType, straight};

    /// Plain frames, changed in up to two bytes: wherever the straight path answers, the general path says the same.
    #[test]
    fn both_paths_say_the_same() {
        let mut state = 7u64;
        let mut below = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % n
        };
        let (mut straight, rounds) = (0, 400_000);
        for _ in 0..rounds {
            let (tagged, tcp) = (below(2) == 0, below(2) == 0);
            let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
            if tagged {
                frame.extend([0x81, 0, 0, below(2) as u8]);
            }
            let data = below(12);
            let transport = if tcp { 20 } else { 8 };
            let total = (20 + transport + data) as u8;
            frame.extend([8, 0, 0x45, 0, 0, total, 0x12, 0x34, 0x40, 0, 64, if tcp { 6 } else { 17 }, 0, 0]);
            frame.extend([10, 0, 0, 1, 10, 0, 0, 2, 0xc0, 0, 1, 0xf6]);
            match tcp {
                true => frame.extend([0, 0, 0, 7, 0, 0, 0, 9, 0x50, 0x18, 0x20, 0, 0, 0, 0, 0]),
                false => frame.extend([0, total - 20, 0, 0]),
            }
            frame.extend((0..data).map(|n| n as u8));
            frame.resize(frame.len() + below(9), 0);
            if below(8) == 0 {
                // The end of a redundancy trailer that fits.
                let size = frame.len() as u16 + 6 - if tagged { 18 } else { 14 };
                frame.extend([0, 9, 0xa0 | (size >> 8) as u8, size as u8, 0x88, 0xfb]);
            }
            if below(4) == 0 {
                let kinds =
                    [0x0806, 0x8892, 0x88b8, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x9200, 0x8847, 0x8864, 0x892f, 40];
                let kinds = [&kinds[..], &[0x8848, 0x88e7, 0x8903, 0x8926, 0xf1c1, 0x0600]].concat();
                let at = if tagged { 16 } else { 12 };
                frame[at..at + 2].copy_from_slice(&u16::to_be_bytes(kinds[below(kinds.len())]));
            }
            for _ in 0..below(3) {
                let at = below(frame.len());
                frame[at] = [0, 0xff, 0x45, 0x88, 0xfb, below(256) as u8][below(6)];
            }
            let wire_len = frame.len() as u32;
            let mut packet = super::Packet::EMPTY;
            if straight::decode(&frame, wire_len, &mut packet) {
                straight += 1;
                let general = Decoder::default().general(LinkType::Ethernet, &frame, wire_len, 0);
                assert_eq!(Some(packet), general, "{frame:02x?}");
            }
        }
        assert!(straight > rounds / 3, "{straight}");
    }
}
