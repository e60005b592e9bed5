//! The line or block that a load balancer puts in front of a connection it passes on, to name the true client (PROXY
//! protocol, versions 1 and 2). It is taken off, so that what follows is recognised as if it came directly.

/// Longest line of version 1, line end included.
const MAX_LINE: usize = 107;
/// Front of version 2.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Bytes of the header at the front; 0 where there is none, or not all of it.
pub fn header(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(b'P') => line(bytes),
        Some(b'\r') => block(bytes),
        _ => 0,
    }
}

/// Whether bytes are the front of a line that is not all here.
pub fn may_begin(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PROXY ") && bytes.len() < MAX_LINE && !bytes.contains(&b'\n')
}

fn line(bytes: &[u8]) -> usize {
    let known = [&b"PROXY TCP4 "[..], b"PROXY TCP6 ", b"PROXY UNKNOWN"];
    if !known.iter().any(|front| bytes.starts_with(front)) {
        return 0;
    }
    let end = bytes.iter().take(MAX_LINE).position(|b| *b == b'\n');
    end.filter(|end| bytes.get(..*end).is_some_and(|line| line.ends_with(b"\r"))).map_or(0, |end| end + 1)
}

/// Signature, version 2 and command (0 or 1), family, length, then so many bytes.
fn block(bytes: &[u8]) -> usize {
    let Some([0x20 | 0x21, _, high, low]) = bytes.strip_prefix(&SIGNATURE).and_then(|rest| rest.first_chunk::<4>())
    else {
        return 0;
    };
    let size = SIGNATURE.len() + 4 + usize::from(u16::from_be_bytes([*high, *low]));
    if size <= bytes.len() { size } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::{header, may_begin};

    #[test]
    fn both_versions() {
        let line = b"PROXY TCP4 192.0.2.1 192.0.2.2 4321 443\r\n";
        assert_eq!(header(&[&line[..], b"\x16\x03\x01"].concat()), line.len());
        assert_eq!(header(b"PROXY UNKNOWN\r\nGET"), 15);
        assert_eq!(header(b"PROXY TCP4 192.0.2.1"), 0, "not all of it");
        assert!(may_begin(b"PROXY TCP4 192.0.2.1") && !may_begin(line));
        assert_eq!(header(b"PROXY something\r\n"), 0);
        assert_eq!(header(b"PROPFIND / HTTP/1.1\r\n"), 0);
        let block = [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".as_slice(), &[0; 12], b"GET"].concat();
        assert_eq!(header(&block), 28);
        assert_eq!(header(&block[..20]), 0, "not all of it");
    }
}
