//! Classic pcap (draft-ietf-opsawg-pcap): microsecond and nanosecond magic, both byte orders, and Kuznetzov's record
//! header with eight bytes more.

use super::block::{RecordMeta, Scan};
use super::error::Reason;
use crate::decode::LinkType;

/// Longest record believed where the file's snap length is smaller: what capture tools use as "no limit".
const USUAL_SNAP: u32 = 262_144;
/// Longest record believed at all, in either format; bounds memory.
pub(super) const MAX_RECORD: u32 = 16 << 20;
/// Length of the file header.
pub(super) const HEADER: usize = 24;

#[derive(Debug)]
pub(super) struct Pcap {
    big_endian: bool,
    /// Nanoseconds per unit of the fraction.
    unit: i64,
    header: usize,
    limit: u32,
    fcs: u32,
    pub link: LinkType,
    pub snap_len: u32,
}

impl Pcap {
    /// The file header; None when the magic is another.
    pub(super) fn new(first: &[u8]) -> Option<Pcap> {
        let h = first.first_chunk::<HEADER>()?;
        let [m0, m1, m2, m3, _, _, _, _, _, _, _, _, _, _, _, _, s0, s1, s2, s3, l0, l1, l2, l3] = *h;
        let (big_endian, unit, header) = match [m0, m1, m2, m3] {
            [0xa1, 0xb2, 0xc3, 0xd4] => (true, 1000, 16),
            [0xd4, 0xc3, 0xb2, 0xa1] => (false, 1000, 16),
            [0xa1, 0xb2, 0x3c, 0x4d] => (true, 1, 16),
            [0x4d, 0x3c, 0xb2, 0xa1] => (false, 1, 16),
            [0xa1, 0xb2, 0xcd, 0x34] => (true, 1000, 24),
            [0x34, 0xcd, 0xb2, 0xa1] => (false, 1000, 24),
            _ => return None,
        };
        let u32 = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        let (snap_len, link) = (u32([s0, s1, s2, s3]), u32([l0, l1, l2, l3]));
        // Bit 26 says that the length of the frame check sequence, in units of 16 bits, is in the top four bits.
        let fcs = if link & (1 << 26) != 0 { (link >> 28) * 2 } else { 0 };
        let limit = snap_len.clamp(USUAL_SNAP, MAX_RECORD);
        Some(Pcap { big_endian, unit, header, limit, fcs, link: LinkType::from_dlt(link as u16), snap_len })
    }

    #[inline]
    pub(super) fn scan(&self, window: &[u8]) -> Scan {
        let Some(&[s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, w0, w1, w2, w3]) = window.first_chunk::<16>() else {
            return Scan::Need(self.header);
        };
        let u32 = |a, b, c, d| {
            let n = u32::from_le_bytes([a, b, c, d]);
            if self.big_endian { n.swap_bytes() } else { n }
        };
        let (seconds, fraction) = (u32(s0, s1, s2, s3), u32(f0, f1, f2, f3));
        let (captured, wire) = (u32(c0, c1, c2, c3), u32(w0, w1, w2, w3));
        if captured > self.limit {
            let reason = Reason::ImplausibleLength { what: "captured length", value: captured.into() };
            return Scan::Bad { reason, skip: 0 };
        }
        if captured == 0 && wire == 0 && seconds == 0 {
            return Scan::Bad { reason: Reason::Invalid("record header: all zero"), skip: 0 };
        }
        let used = self.header + captured as usize;
        if window.len() < used {
            return Scan::Need(used);
        }
        let (len, wire_len) = without_fcs(captured, wire, self.fcs);
        let time = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * self.unit;
        let at = self.header as u32;
        Scan::Record(
            RecordMeta { at, len, wire_len, time, link: self.link, interface: 0, number: 0, comment: false },
            used,
        )
    }
}

/// Captured and wire length without the frame check sequence the interface says it keeps.
#[inline]
pub(super) fn without_fcs(captured: u32, wire: u32, fcs: u32) -> (u32, u32) {
    let wire = wire.max(captured);
    let bare = wire.saturating_sub(fcs);
    (captured.min(bare), bare)
}
