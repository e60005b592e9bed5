//! EPATH: the way to a port, an object or a tag (CIP Volume 1, appendix C-1).
//!
//! Padded form: segments begin on even offsets, 16- and 32-bit logical values have a pad byte in front.

use model::{Hop, Path};
use wire::{Malformed, Read, Reader};

/// Most segments read from one path: a path is at most 255 words, and the shortest segment is one word.
pub const MAX_SEGMENTS: usize = 255;
/// The backplane port of a chassis device (Volume 1, C-1.4.1).
const BACKPLANE: u16 = 1;

/// An electronic key: which device is expected at the end of the path (C-1.4.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub vendor: u16,
    pub device_type: u16,
    pub product_code: u16,
    pub major: u8,
    pub minor: u8,
}

/// One segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    Port { port: u16, link: &'a [u8] },
    Class(u32),
    Instance(u32),
    Member(u32),
    Point(u32),
    Attribute(u32),
    Service(u32),
    Key(Key),
    /// Tag name or other symbol.
    Symbol(&'a [u8]),
    /// Simple data, e.g. configuration for the target.
    Data(&'a [u8]),
    /// Production inhibit time in milliseconds.
    Inhibit(u8),
    /// Safety network segment: the connection is a CIP Safety one.
    Safety(&'a [u8]),
    /// Another network segment.
    Network(u8),
    /// A segment the page does not look into.
    Other(u8),
}

/// The segments of a path. Ends after the first that cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Segments<'a> {
    r: Reader<'a>,
    left: usize,
}

/// Walks a padded path.
pub fn segments(path: &[u8]) -> Segments<'_> {
    Segments { r: Reader::new(path), left: MAX_SEGMENTS }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Read<Segment<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.r.is_empty() || self.left == 0 {
            return None;
        }
        self.left -= 1;
        let read = segment(&mut self.r);
        if read.is_err() {
            self.left = 0;
        }
        Some(read)
    }
}

fn segment<'a>(r: &mut Reader<'a>) -> Read<Segment<'a>> {
    let at = r.offset();
    let head = r.u8("segment type")?;
    match head >> 5 {
        0 => port(head, r),
        1 => logical(head, r),
        2 => network(head, r),
        3 => {
            let length = usize::from(head & 0x1f);
            if length == 0 {
                return Err(Malformed::invalid("extended symbol segment", at));
            }
            let name = r.take(length, "symbol")?;
            pad(length + 1, r);
            Ok(Segment::Symbol(name))
        }
        4 => match head {
            0x80 => {
                let words = r.u8("data segment length")?;
                Ok(Segment::Data(r.take(usize::from(words) * 2, "data segment")?))
            }
            0x91 => {
                let length = usize::from(r.u8("symbol length")?);
                let name = r.take(length, "symbol")?;
                pad(length, r);
                Ok(Segment::Symbol(name))
            }
            _ => Err(Malformed::invalid("data segment sub-type", at)),
        },
        // data types stand in a path only as the description of a parameter; they have no place before more segments
        5 | 6 => {
            r.rest();
            Ok(Segment::Other(head))
        }
        _ => Err(Malformed::invalid("segment type", at)),
    }
}

/// Odd contents are followed by a pad byte.
fn pad(length: usize, r: &mut Reader<'_>) {
    if length % 2 == 1 {
        let _ = r.skip(1, "pad");
    }
}

fn port<'a>(head: u8, r: &mut Reader<'a>) -> Read<Segment<'a>> {
    let size = if head & 0x10 != 0 { usize::from(r.u8("link address size")?) } else { 1 };
    let port = match head & 0x0f {
        15 => r.le16("extended port")?,
        port => port.into(),
    };
    let link = r.take(size, "link address")?;
    if head & 0x10 != 0 {
        pad(size, r);
    }
    Ok(Segment::Port { port, link })
}

fn logical<'a>(head: u8, r: &mut Reader<'a>) -> Read<Segment<'a>> {
    let at = r.offset();
    let kind = head >> 2 & 7;
    if kind == 5 {
        return special(r, at);
    }
    if kind == 7 {
        // extended logical: array index, bit address and the like; the type stands before the value
        r.skip(1, "extended logical type")?;
    }
    let value = match head & 3 {
        0 => r.u8("logical value")?.into(),
        1 => {
            if kind != 7 {
                r.skip(1, "pad")?;
            }
            r.le16("logical value")?.into()
        }
        2 => {
            if kind != 7 {
                r.skip(1, "pad")?;
            }
            r.le32("logical value")?
        }
        _ => return Err(Malformed::invalid("logical format", at)),
    };
    Ok(match kind {
        0 => Segment::Class(value),
        1 => Segment::Instance(value),
        2 => Segment::Member(value),
        3 => Segment::Point(value),
        4 => Segment::Attribute(value),
        6 => Segment::Service(value),
        _ => {
            if head & 3 == 0 {
                let _ = r.skip(1, "pad");
            }
            Segment::Other(head)
        }
    })
}

/// The electronic key segment, 0x34, key format 4.
fn special<'a>(r: &mut Reader<'a>, at: usize) -> Read<Segment<'a>> {
    if r.u8("key format")? != 4 {
        return Err(Malformed::invalid("key format", at));
    }
    let key = Key {
        vendor: r.le16("key vendor id")?,
        device_type: r.le16("key device type")?,
        product_code: r.le16("key product code")?,
        major: r.u8("key major revision")?,
        minor: r.u8("key minor revision")?,
    };
    Ok(Segment::Key(key))
}

fn network<'a>(head: u8, r: &mut Reader<'a>) -> Read<Segment<'a>> {
    if head & 0x10 != 0 {
        let words = r.u8("network segment length")?;
        let data = r.take(usize::from(words) * 2, "network segment")?;
        return Ok(if head == 0x50 { Segment::Safety(data) } else { Segment::Network(head) });
    }
    let value = r.u8("network segment value")?;
    Ok(if head == 0x43 { Segment::Inhibit(value) } else { Segment::Network(head) })
}

/// What a path leads to, summed up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Through ports: the device meant.
    pub route: Path,
    /// The last class, to which the service belongs.
    pub class: Option<u32>,
    /// Its instance.
    pub instance: Option<u32>,
    /// Its attribute.
    pub attribute: Option<u32>,
    /// Connection points, in order (consumed, produced), where there are any.
    pub points: [Option<u32>; 2],
    /// A symbol is in it.
    pub symbol: bool,
    /// Key of the device expected.
    pub key: Option<Key>,
    /// Bytes of configuration in it.
    pub config: usize,
    /// It asks for a CIP Safety connection.
    pub safety: bool,
}

/// Sums a path up.
pub fn way(path: &[u8]) -> Read<Way> {
    let mut way = Way::default();
    for segment in segments(path) {
        match segment? {
            Segment::Port { port, link } => way.route = way.route.then(hop(port, link)),
            Segment::Class(class) => {
                way.class = Some(class);
                way.instance = None;
                way.attribute = None;
            }
            // assembly paths name one class and up to three instances: configuration, consumed, produced
            Segment::Instance(n) if way.instance.is_none() => way.instance = Some(n),
            Segment::Instance(n) | Segment::Point(n) => match &mut way.points {
                [first @ None, _] => *first = Some(n),
                [_, second] => *second = Some(n),
            },
            Segment::Attribute(n) => way.attribute = Some(n),
            Segment::Symbol(_) => way.symbol = true,
            Segment::Key(key) => way.key = Some(key),
            Segment::Data(data) => way.config = way.config.saturating_add(data.len()),
            Segment::Safety(_) => way.safety = true,
            Segment::Member(_) | Segment::Service(_) | Segment::Inhibit(_) | Segment::Network(_) | Segment::Other(_) => {}
        }
    }
    Ok(way)
}

/// A port segment as a hop: a slot on the backplane, a link elsewhere. IP addresses in text become their number.
pub fn hop(port: u16, link: &[u8]) -> Hop {
    match link {
        [slot] if port == BACKPLANE => Hop::Slot { rack: 0, slot: (*slot).into() },
        [lo, hi] if port == BACKPLANE => Hop::Slot { rack: 0, slot: u16::from_le_bytes([*lo, *hi]) },
        _ => Hop::Link { port, link: address(link).unwrap_or_else(|| plain(link)) },
    }
}

/// `"192.168.1.10"` as a number, most significant byte first.
fn address(link: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(link).ok()?;
    let ip: std::net::Ipv4Addr = text.trim_end_matches('\0').parse().ok()?;
    Some(u32::from(ip).into())
}

/// Up to eight bytes, little-endian.
fn plain(link: &[u8]) -> u64 {
    link.iter().take(8).rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_and_ports() {
        let path = [1, 2, 0x20, 4, 0x24, 1, 0x2c, 100, 0x2d, 0, 0x2c, 1];
        let way = way(&path).unwrap_or_default();
        assert_eq!(way.route, Path::of(Hop::Slot { rack: 0, slot: 2 }));
        assert_eq!((way.class, way.instance, way.points), (Some(4), Some(1), [Some(100), Some(300)]));
    }

    #[test]
    fn network_link_address_is_padded() {
        let mut path = vec![0x12, 9];
        path.extend_from_slice(b"10.0.0.77\0");
        path.extend_from_slice(&[1, 0, 0x20, 1, 0x24, 1]);
        let way = way(&path).unwrap_or_default();
        let expected = Path::of(Hop::Link { port: 2, link: 0x0a00_004d }).then(Hop::Slot { rack: 0, slot: 0 });
        assert_eq!((way.route, way.class), (expected, Some(1)));
    }

    #[test]
    fn symbols_and_keys() {
        let path = [0x34, 4, 1, 0, 14, 0, 65, 0, 0x94, 11, 0x91, 3, b'T', b'a', b'g', 0, 0x28, 3];
        let mut found = segments(&path);
        assert!(matches!(found.next(), Some(Ok(Segment::Key(Key { vendor: 1, major: 0x94, .. })))));
        assert_eq!(found.next(), Some(Ok(Segment::Symbol(b"Tag"))));
        assert_eq!(found.next(), Some(Ok(Segment::Member(3))));
        assert_eq!(found.next(), None);
        assert!(way(&[0x20]).is_err());
        assert!(way(&[0xff, 0]).is_err());
    }
}
