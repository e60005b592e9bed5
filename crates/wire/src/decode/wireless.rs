//! IEEE 802.11 data frames and the headers capture tools put in front of them. Management and control frames carry no
//! packet; protected ones show none.

use super::{Layer, LinkType, Next, Odd, Packet, Tunnel, Walk, link};

/// Radiotap presence words followed: each ends in a bit that announces another one.
const MAX_PRESENT: usize = 8;
/// Field sizes in front of the radiotap flags (bit 1): the timer (bit 0) has eight bytes, aligned to eight.
const TIMER: usize = 8;
/// Radiotap flags: the check sequence is there; the header is filled up to four bytes.
const FLAG_FCS: u8 = 0x10;
const FLAG_PADDED: u8 = 0x20;
/// Length of the check sequence of a frame.
const FCS: usize = 4;

/// The header of the capture tool, then the frame.
pub(super) fn captured(link: LinkType, w: &mut Walk<'_>, p: &mut Packet) -> Next {
    let (length, flags) = match link {
        LinkType::Ieee80211 => (Some(0), 0),
        LinkType::Radiotap => radiotap(w.rest),
        // both tell their own length, in the byte order of their time
        LinkType::Prism => (w.rest.get(4..).and_then(little), 0),
        _ => (w.rest.get(4..).and_then(|b| b.first_chunk::<4>()).map(|b| u32::from_be_bytes(*b) as usize), 0),
    };
    match length {
        Some(length) if length <= w.rest.len() => w.skip(length),
        _ => {
            p.odd.set(Odd::HEADER_CUT);
            return Next::Done;
        }
    }
    if flags & FLAG_FCS != 0 && w.missing == 0 {
        let keep = w.rest.len().saturating_sub(FCS);
        w.rest = w.rest.get(..keep).unwrap_or_default();
    }
    if !w.enter(p) {
        return Next::Done;
    }
    match data(w.rest, false, flags & FLAG_PADDED != 0) {
        Some(frame) => frame.open(w, p),
        None => Next::Done,
    }
}

fn little(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk::<4>().map(|b| u32::from_le_bytes(*b) as usize)
}

/// Length and flags of a radiotap header.
fn radiotap(bytes: &[u8]) -> (Option<usize>, u8) {
    let Some(&[0, _, l0, l1, present @ ..]) = bytes.first_chunk::<8>() else { return (None, 0) };
    let length = usize::from(u16::from_le_bytes([l0, l1]));
    let first = u32::from_le_bytes(present);
    let (mut word, mut at) = (first, 8);
    for _ in 0..MAX_PRESENT {
        if word >> 31 == 0 {
            break;
        }
        word = bytes.get(at..).and_then(little).unwrap_or_default() as u32;
        at += 4;
    }
    if first & 1 != 0 {
        at = at.next_multiple_of(TIMER) + TIMER;
    }
    let flags = if first & 2 != 0 { bytes.get(at).copied().unwrap_or_default() } else { 0 };
    (Some(length), flags)
}

/// A data frame whose payload can be read.
#[derive(Clone, Copy)]
pub(super) struct Data {
    header: usize,
    source: [u8; 6],
    target: [u8; 6],
}

/// The frame at the front, where it is a data frame with an LLC header behind. `swapped`: the two bytes of the frame
/// control stand the wrong way round, as some controllers send them.
pub(super) fn data(bytes: &[u8], swapped: bool, padded: bool) -> Option<Data> {
    let &[c0, c1] = bytes.first_chunk::<2>()?;
    let (kind, flags) = if swapped { (c1, c0) } else { (c0, c1) };
    let (quality, protected, order) = (kind & 0x80 != 0, flags & 0x40 != 0, flags & 0x80 != 0);
    // version 0, type 2; subtypes with bit 2 carry nothing; later fragments begin in the middle
    if kind & 0x0f != 0x08 || kind & 0x40 != 0 || protected {
        return None;
    }
    let address = |at: usize| bytes.get(at..).and_then(|b| b.first_chunk::<6>()).copied();
    let (one, two, three) = (address(4)?, address(10)?, address(16)?);
    // the sequence control is swapped like the frame control
    let fragment = bytes.get(if swapped { 23 } else { 22 })? & 0x0f;
    let (mut header, source, target) = match flags & 3 {
        0 => (24, two, one),
        1 => (24, two, three),
        2 => (24, three, one),
        _ => (30, address(24)?, three),
    };
    if fragment != 0 {
        return None;
    }
    if quality {
        // several packets in one frame
        if bytes.get(header)? & 0x80 != 0 {
            return None;
        }
        header += if order { 6 } else { 2 };
    }
    if padded {
        header = header.next_multiple_of(4);
    }
    bytes.get(header..)?.starts_with(&[0xaa, 0xaa, 3]).then_some(Data { header, source, target })
}

impl Data {
    /// Takes the header off.
    fn open(self, w: &mut Walk<'_>, p: &mut Packet) -> Next {
        p.has_mac = true;
        (p.src_mac, p.dst_mac) = (self.source, self.target);
        w.skip(self.header);
        w.lsdu = 0;
        p.layer = Layer::Link;
        link::llc(0, w, p)
    }

    /// The same for a frame inside a tunnel.
    pub(super) fn open_inside(self, w: &mut Walk<'_>, p: &mut Packet, tunnel: Tunnel) -> Next {
        if !w.enter(p) {
            return Next::Done;
        }
        p.tunnel.set(tunnel);
        p.begin_inner(true);
        self.open(w, p)
    }
}
