//! Heads in the form of RFC 9112 and its relatives (HTTP, RTSP, SIP, SSDP): a start line, fields, an empty line.

/// Longest head read, in bytes. Servers refuse longer ones; 8 to 16 KiB is usual.
pub const MAX_HEAD: usize = 64 * 1024;

/// A head: its start line and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The start line, without line end.
    pub start: &'a [u8],
    /// The field lines.
    fields: &'a [u8],
    /// Bytes of the head with the empty line.
    pub size: usize,
}

/// Reads a head; `None` where its empty line has not arrived. Lines may end with a bare line feed.
pub fn head(bytes: &[u8]) -> Option<Head<'_>> {
    let bytes = bytes.get(..MAX_HEAD.min(bytes.len()))?;
    let mut at = 0;
    let mut first = None;
    loop {
        let rest = bytes.get(at..)?;
        let end = rest.iter().position(|b| *b == b'\n')?;
        let line = trim_end(rest.get(..end)?);
        let next = at + end + 1;
        match first {
            None => first = Some((line, next)),
            Some((start, from)) if line.is_empty() => {
                return Some(Head { start, fields: bytes.get(from..at)?, size: next });
            }
            _ => {}
        }
        at = next;
    }
}

impl<'a> Head<'a> {
    /// Fields in order: name, value without white space around it. Folded lines are left out.
    pub fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.fields.split(|b| *b == b'\n').filter_map(|line| {
            let colon = line.iter().position(|b| *b == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((name, value.get(1..)?.trim_ascii()))
        })
    }

    /// The first field of this name, whatever its case.
    pub fn field(&self, name: &str) -> Option<&'a [u8]> {
        self.fields().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, v)| v)
    }
}

/// A line without its carriage return.
pub fn trim_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The words of a start line.
pub fn words(start: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut words = start.splitn(3, |b| *b == b' ');
    Some((words.next()?, words.next()?, words.next().unwrap_or_default()))
}

/// A decimal number and nothing else.
pub fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// A quoted parameter: `name="value"`.
pub fn quoted<'a>(value: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let text = core::str::from_utf8(value).ok()?;
    let at = text.to_ascii_lowercase().find(&format!("{name}=\""))? + name.len() + 2;
    text.get(at..)?.split('"').next().map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_head() {
        let head = head(b"GET / HTTP/1.1\r\nHost: a\r\nX-B:  c \n\r\nbody").unwrap();
        assert_eq!((head.start, head.size), (&b"GET / HTTP/1.1"[..], 36));
        assert_eq!(head.field("host"), Some(&b"a"[..]));
        assert_eq!(head.field("x-b"), Some(&b"c"[..]));
    }

    #[test]
    fn a_head_without_its_end_is_none() {
        assert!(super::head(b"GET / HTTP/1.1\r\nHost: a\r\n").is_none());
    }
}
