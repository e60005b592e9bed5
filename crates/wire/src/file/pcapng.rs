//! pcapng (draft-ietf-opsawg-pcapng): sections in either byte order, interfaces, packets old and new, names, statistics.

use super::about::{About, Interface, MAX_ENTRIES, Section, keep, text};
use super::block::{RecordMeta, Scan};
use super::error::Reason;
use super::options::Order;
use super::pcap::{MAX_RECORD, without_fcs};
use crate::decode::LinkType;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const NAMES: u32 = 4;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const SECRETS: u32 = 10;
/// Room for the largest packet and a generous set of options.
const MAX_BLOCK: u32 = MAX_RECORD + (1 << 20);
const SECOND: i64 = 1_000_000_000;

/// What is needed of an interface for each packet.
#[derive(Clone, Copy, Debug)]
struct Fast {
    link: LinkType,
    resolution: Resolution,
    /// Nanoseconds to add.
    offset: i64,
    fcs: u32,
    snap_len: u32,
}

/// How long one unit of time is.
#[derive(Clone, Copy, Debug)]
enum Resolution {
    /// This many nanoseconds.
    Times(u64),
    /// This many units make a nanosecond.
    Per(u64),
    /// A second is two to this power.
    Binary(u32),
}

impl Resolution {
    /// From the option's byte: a negative power of ten, or of two when the top bit is set.
    fn new(byte: u8) -> Resolution {
        let power = u32::from(byte & 0x7f);
        match byte {
            128.. => Resolution::Binary(power.min(63)),
            0..=9 => Resolution::Times(10u64.pow(9 - power)),
            _ => Resolution::Per(10u64.pow((power - 9).min(19))),
        }
    }

    #[inline]
    fn nanoseconds(self, units: u64) -> i64 {
        let ns = match self {
            Resolution::Times(n) => return i64::try_from(units.saturating_mul(n)).unwrap_or(i64::MAX),
            Resolution::Per(n) => units / n,
            Resolution::Binary(power) => (u128::from(units) * SECOND as u128 >> power).min(u64::MAX.into()) as u64,
        };
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

/// State of the section being read.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Fast>,
    /// Index of the section's first interface among those of the file.
    base: u32,
    last_time: i64,
}

impl Pcapng {
    pub(super) fn recognizes(first: &[u8]) -> bool {
        first.starts_with(&SECTION.to_be_bytes())
            && first.get(8..12).is_none_or(|m| matches!(m, [0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a]))
    }

    pub(super) fn scan(&mut self, window: &[u8], end_of_file: bool, number: u64, about: &mut About) -> Scan {
        let Some(head) = window.first_chunk::<12>() else { return Scan::Need(12) };
        let mut kind = self.order.u32(head, 0).unwrap_or(0);
        if kind == SECTION || kind.swap_bytes() == SECTION {
            kind = SECTION;
            match [head[8], head[9], head[10], head[11]] {
                [0x1a, 0x2b, 0x3c, 0x4d] => self.order.big_endian = true,
                [0x4d, 0x3c, 0x2b, 0x1a] => self.order.big_endian = false,
                _ => return Scan::Bad { reason: Reason::Invalid("byte-order magic of a section"), skip: 0 },
            }
        }
        let stated = self.order.u32(head, 4).unwrap_or(0);
        if !(12..=MAX_BLOCK).contains(&stated) {
            let reason = Reason::ImplausibleLength { what: "block length", value: stated.into() };
            return Scan::Bad { reason, skip: 0 };
        }
        // Some writers forget to count the padding.
        let len = stated.next_multiple_of(4) as usize;
        let Some(block) = window.get(..len) else { return Scan::Need(len) };
        let (body, trailer) = block.split_at(len - 4);
        if self.order.u32(trailer, 0) != Some(stated) {
            if window.len() < len + 8 && !end_of_file {
                return Scan::Need(len + 8);
            }
            let skip = if self.plausible(window.get(len..).unwrap_or_default()) { len } else { 0 };
            return Scan::Bad { reason: Reason::Invalid("second block length: it differs from the first"), skip };
        }
        let body = body.get(8..).unwrap_or_default();
        let result = match kind {
            ENHANCED_PACKET => self.enhanced(body, number, about),
            OBSOLETE_PACKET => self.obsolete(body, number, about),
            SIMPLE_PACKET => self.simple(body),
            SECTION => self.section(body, about),
            INTERFACE => self.interface(body, about),
            NAMES => self.names(body, about),
            STATISTICS => self.statistics(body, about),
            SECRETS => {
                about.secrets += 1;
                Ok(None)
            }
            _ => {
                about.unknown_blocks += 1;
                Ok(None)
            }
        };
        match result {
            Ok(Some(meta)) => Scan::Record(meta, len),
            Ok(None) => Scan::Skip(len),
            Err(reason) => Scan::Bad { reason, skip: len },
        }
    }

    /// Whether a block of a known kind and a sane length begins here.
    fn plausible(&self, next: &[u8]) -> bool {
        let (Some(kind), Some(len)) = (self.order.u32(next, 0), self.order.u32(next, 4)) else { return false };
        matches!(kind, INTERFACE..=ENHANCED_PACKET | SECRETS | SECTION)
            && (12..=MAX_BLOCK).contains(&len)
            && len % 4 == 0
    }

    #[inline]
    fn enhanced(&mut self, body: &[u8], number: u64, about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        let Some(&h) = body.first_chunk::<20>() else { return Err(Reason::Invalid("enhanced packet: too short")) };
        let field = |at| self.order.u32(&h, at).unwrap_or(0);
        self.packet(body, 20, field(0), [field(4), field(8)], [field(12), field(16)], number, about)
    }

    fn obsolete(&mut self, body: &[u8], number: u64, about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        let Some(&h) = body.first_chunk::<20>() else { return Err(Reason::Invalid("packet block: too short")) };
        let field = |at| self.order.u32(&h, at).unwrap_or(0);
        let (interface, drops) = (self.order.u16(&h, 0).unwrap_or(0), self.order.u16(&h, 2).unwrap_or(0));
        let times = [field(4), field(8)];
        let lengths = [field(12), field(16)];
        // All ones: the count is not known.
        if drops != u16::MAX {
            self.lost(interface.into(), drops.into(), about);
        }
        self.packet(body, 20, interface.into(), times, lengths, number, about)
    }

    #[allow(clippy::too_many_arguments)] // The two packet blocks differ only in where these fields stand.
    #[inline]
    fn packet(
        &mut self,
        body: &[u8],
        header: usize,
        interface: u32,
        [high, low]: [u32; 2],
        [captured, wire]: [u32; 2],
        number: u64,
        about: &mut About,
    ) -> Result<Option<RecordMeta>, Reason> {
        let Some(fast) = self.interfaces.get(interface as usize).copied() else {
            return Err(Reason::UnknownInterface(interface));
        };
        let end = header + captured as usize;
        if end > body.len() {
            return Err(Reason::ImplausibleLength { what: "captured length", value: captured.into() });
        }
        let units = u64::from(high) << 32 | u64::from(low);
        let time = fast.resolution.nanoseconds(units).saturating_add(fast.offset);
        self.last_time = time;
        let mut comment = false;
        let options = body.get(end.next_multiple_of(4)..).unwrap_or_default();
        if options.len() > 4 {
            for (code, value) in self.order.options(options) {
                match code {
                    1 => {
                        comment = true;
                        keep(&mut about.comments, (number, text(value)), &mut about.left_out);
                    }
                    4 => self.lost(interface, self.order.u64(value, 0).unwrap_or(0), about),
                    _ => {}
                }
            }
        }
        let (len, wire_len) = without_fcs(captured, wire, fast.fcs);
        let at = 8 + header as u32;
        let interface = self.base.saturating_add(interface);
        Ok(Some(RecordMeta { at, len, wire_len, interface, time, number: 0, link: fast.link, comment }))
    }

    fn simple(&mut self, body: &[u8]) -> Result<Option<RecordMeta>, Reason> {
        let Some(fast) = self.interfaces.first() else { return Err(Reason::UnknownInterface(0)) };
        let Some(wire) = self.order.u32(body, 0) else { return Err(Reason::Invalid("simple packet: too short")) };
        let room = (body.len() - 4) as u32;
        let snap = if fast.snap_len == 0 { u32::MAX } else { fast.snap_len };
        let (len, wire_len) = without_fcs(wire.min(snap).min(room), wire, fast.fcs);
        Ok(Some(RecordMeta {
            at: 12,
            len,
            wire_len,
            interface: self.base,
            time: self.last_time,
            number: 0,
            link: fast.link,
            comment: false,
        }))
    }

    fn lost(&self, interface: u32, count: u64, about: &mut About) {
        if let Some(i) = about.interfaces.get_mut(self.base.saturating_add(interface) as usize) {
            i.dropped_between = i.dropped_between.saturating_add(count);
        }
    }

    fn section(&mut self, body: &[u8], about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        self.interfaces.clear();
        self.base = about.interfaces.len() as u32;
        if self.order.u16(body, 4) != Some(1) {
            return Err(Reason::Invalid("section: major version is not 1"));
        }
        let mut section = Section::default();
        for (code, value) in self.order.options(body.get(16..).unwrap_or_default()) {
            match code {
                1 => keep(&mut section.comments, text(value), &mut about.left_out),
                2 => section.hardware = Some(text(value)),
                3 => section.os = Some(text(value)),
                4 => section.application = Some(text(value)),
                _ => {}
            }
        }
        keep(&mut about.sections, section, &mut about.left_out);
        Ok(None)
    }

    fn interface(&mut self, body: &[u8], about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        let (Some(link), Some(snap_len)) = (self.order.u16(body, 0), self.order.u32(body, 4)) else {
            return Err(Reason::Invalid("interface description: too short"));
        };
        if about.interfaces.len() >= MAX_ENTRIES {
            about.left_out += 1;
            return Err(Reason::Invalid("interface description: more interfaces than are followed"));
        }
        let link = LinkType::from_dlt(link);
        let mut fast = Fast { link, resolution: Resolution::new(6), offset: 0, fcs: 0, snap_len };
        let mut about_it = Interface::new(about.sections.len().saturating_sub(1), link, snap_len);
        for (code, value) in self.order.options(body.get(8..).unwrap_or_default()) {
            match (code, value) {
                (1, _) => keep(&mut about_it.comments, text(value), &mut about.left_out),
                (2, _) => about_it.name = Some(text(value)),
                (3, _) => about_it.description = Some(text(value)),
                (6, &[a, b, c, d, e, f]) => about_it.mac = Some([a, b, c, d, e, f]),
                (8, _) => about_it.speed = self.order.u64(value, 0),
                (9, &[resolution]) => fast.resolution = Resolution::new(resolution),
                (11, [0, filter @ ..]) => about_it.filter = Some(text(filter)),
                (12, _) => about_it.os = Some(text(value)),
                // Bytes of frame check sequence, by the draft; some writers put bits here, as libpcap's name for it says.
                (13, &[len]) => fast.fcs = if len >= 16 { u32::from(len) / 8 } else { len.into() },
                (14, _) => {
                    let seconds = self.order.u64(value, 0).unwrap_or(0) as i64;
                    fast.offset = seconds.saturating_mul(SECOND);
                }
                (15, _) => about_it.hardware = Some(text(value)),
                _ => {}
            }
        }
        self.interfaces.push(fast);
        about.interfaces.push(about_it);
        Ok(None)
    }

    /// Records of type 1 (IPv4) and 2 (IPv6): the address, then names that each end in a zero byte.
    fn names(&self, body: &[u8], about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        for (kind, value) in self.order.options(body) {
            let (address, names) = match kind {
                1 => match value.split_first_chunk::<4>() {
                    Some((ip, names)) => (IpAddr::V4(Ipv4Addr::from(*ip)), names),
                    None => continue,
                },
                2 => match value.split_first_chunk::<16>() {
                    Some((ip, names)) => (IpAddr::V6(Ipv6Addr::from(*ip)), names),
                    None => continue,
                },
                _ => continue,
            };
            for name in names.split(|b| *b == 0).filter(|name| !name.is_empty()) {
                keep(&mut about.names, (address, text(name)), &mut about.left_out);
            }
        }
        Ok(None)
    }

    fn statistics(&self, body: &[u8], about: &mut About) -> Result<Option<RecordMeta>, Reason> {
        let Some(number) = self.order.u32(body, 0) else {
            return Err(Reason::Invalid("interface statistics: too short"));
        };
        let Some(interface) = about.interfaces.get_mut(self.base.saturating_add(number) as usize) else {
            return Err(Reason::UnknownInterface(number));
        };
        for (code, value) in self.order.options(body.get(12..).unwrap_or_default()) {
            let count = self.order.u64(value, 0);
            match code {
                4 => interface.received = count,
                5 => interface.dropped = count,
                7 => interface.dropped_by_os = count,
                _ => {}
            }
        }
        Ok(None)
    }
}
