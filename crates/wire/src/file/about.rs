//! What a capture file says about itself beside the packets.

use crate::decode::LinkType;
use std::net::IpAddr;

/// Entries kept of each kind; a file could hold one per packet. What goes beyond is counted in `left_out`.
pub(super) const MAX_ENTRIES: usize = 65_536;
/// Bytes kept of one text.
const MAX_TEXT: usize = 4096;

/// Everything a file says about itself, gathered while it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// `pcap` or `pcapng`.
    pub format: &'static str,
    /// Sections of a pcapng file.
    pub sections: Vec<Section>,
    /// Interfaces of all sections, in order; a pcap file has one.
    pub interfaces: Vec<Interface>,
    /// Name resolution entries.
    pub names: Vec<(IpAddr, String)>,
    /// Comments on packets: frame number and text.
    pub comments: Vec<(u64, String)>,
    /// Decryption secrets blocks; their content is not kept.
    pub secrets: u64,
    /// Blocks of kinds that are not read.
    pub unknown_blocks: u64,
    /// Blocks that were broken and stepped over, and the one that ended the reading.
    pub broken_blocks: u64,
    /// Entries and texts beyond the bounds.
    pub left_out: u64,
}

/// A section of a pcapng file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Hardware it was captured with.
    pub hardware: Option<String>,
    /// Operating system it was captured on.
    pub os: Option<String>,
    /// Application that wrote it.
    pub application: Option<String>,
    /// Comments.
    pub comments: Vec<String>,
}

/// An interface packets were captured on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Index of its section.
    pub section: usize,
    /// First header of its frames.
    pub link: LinkType,
    /// Bytes kept per packet; 0 is no limit.
    pub snap_len: u32,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Capture filter.
    pub filter: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Hardware.
    pub hardware: Option<String>,
    /// Hardware address.
    pub mac: Option<[u8; 6]>,
    /// Bits per second.
    pub speed: Option<u64>,
    /// Packets received, from the last statistics block.
    pub received: Option<u64>,
    /// Packets dropped by the interface, from the last statistics block.
    pub dropped: Option<u64>,
    /// Packets dropped by the operating system, from the last statistics block.
    pub dropped_by_os: Option<u64>,
    /// Packets lost, summed from the drop counts of packet blocks.
    pub dropped_between: u64,
    /// Comments.
    pub comments: Vec<String>,
}

impl Interface {
    pub(super) fn new(section: usize, link: LinkType, snap_len: u32) -> Self {
        Interface {
            section,
            link,
            snap_len,
            name: None,
            description: None,
            filter: None,
            os: None,
            hardware: None,
            mac: None,
            speed: None,
            received: None,
            dropped: None,
            dropped_by_os: None,
            dropped_between: 0,
            comments: Vec::new(),
        }
    }
}

impl About {
    /// Packets the capture lost, as far as the file tells: the larger of statistics and drop counts, over all interfaces.
    pub fn lost(&self) -> u64 {
        let lost = |i: &Interface| {
            let stated = i.dropped.unwrap_or(0).saturating_add(i.dropped_by_os.unwrap_or(0));
            stated.max(i.dropped_between)
        };
        self.interfaces.iter().map(lost).fold(0, u64::saturating_add)
    }
}

/// Text as UTF-8, what is not replaced, cut to a bound.
pub(super) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

/// Appends while there is room.
pub(super) fn keep<T>(list: &mut Vec<T>, entry: T, left_out: &mut u64) {
    if list.len() < MAX_ENTRIES {
        list.push(entry);
    } else {
        *left_out += 1;
    }
}
