//! What a file is, by its first bytes.

use super::error::Reason;

/// Formats that are named in the message but not read.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed data"),
    (b"\x04\x22\x4d\x18", "lz4 compressed data"),
    (b"\xfd7zXZ\x00", "xz compressed data"),
    (b"BZh", "bzip2 compressed data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"snoop\0\0\0", "a snoop capture"),
    (b"RTSS", "a Microsoft network monitor 1 capture"),
    (b"GMBU", "a Microsoft network monitor 2 capture"),
    (b"TRSNIFF data    \x1a", "a Sniffer capture"),
    (b"XCP\0", "a NetXray capture"),
    (b"iptrace ", "an AIX iptrace capture"),
    (b"\xaa\xaa\xaa\xaa", "a 5View capture"),
    (b"\x7fver", "an Omnipeek capture"),
    (b"ElfFile\0", "a Windows event log"),
];

/// What to call a file that begins with `first` and is neither pcap nor pcapng.
pub(super) fn other(first: &[u8]) -> Reason {
    if first.is_empty() {
        return Reason::Empty;
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
        return Reason::OtherFormat(name);
    }
    if is_erf(first) {
        return Reason::OtherFormat("an ERF (Endace) capture");
    }
    let mut start = [0; 8];
    start.iter_mut().zip(first).for_each(|(to, from)| *to = *from);
    Reason::UnknownFormat(start)
}

/// ERF has no magic: a record begins with a 64-bit little-endian time, a type, and lengths that must fit.
fn is_erf(first: &[u8]) -> bool {
    let Some(&[_, _, _, _, t0, t1, t2, t3, kind, _, r0, r1, _, _, w0, w1]) = first.first_chunk::<16>() else {
        return false;
    };
    let seconds = u32::from_le_bytes([t0, t1, t2, t3]);
    let (record, wire) = (u16::from_be_bytes([r0, r1]), u16::from_be_bytes([w0, w1]));
    // 1995 to 2105, types in use, a header and some payload.
    (788_918_400..).contains(&seconds) && matches!(kind & 0x7f, 1..=27) && record > 16 && wire > 0 && wire < 16_384
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_for_what_they_are() {
        assert_eq!(other(b"\x1f\x8b\x08\0"), Reason::OtherFormat("gzip compressed data"));
        assert_eq!(other(b"\x28\xb5\x2f\xfd\0"), Reason::OtherFormat("zstd compressed data"));
        assert_eq!(other(b"snoop\0\0\0\0\0\0\x02"), Reason::OtherFormat("a snoop capture"));
        assert_eq!(other(b"GMBU\0\x02\0\0"), Reason::OtherFormat("a Microsoft network monitor 2 capture"));
        let erf = [0, 0, 0, 0, 0x10, 0x20, 0x30, 0x60, 2, 4, 0, 0x54, 0, 0, 0, 0x3c];
        assert_eq!(other(&erf), Reason::OtherFormat("an ERF (Endace) capture"));
        assert_eq!(other(b""), Reason::Empty);
        assert_eq!(other(b"hello"), Reason::UnknownFormat(*b"hello\0\0\0"));
    }
}
