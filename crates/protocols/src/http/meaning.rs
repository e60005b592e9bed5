//! Methods to operations and classes.

use crate::{Operation, op};
use model::Class::*;

pub const GET: u32 = 1;
pub const HEAD: u32 = 2;
pub const CONNECT: u32 = 6;
pub const BASIC: u32 = 0x100;
pub const FORM: u32 = 0x101;
pub const NEGOTIATED: u32 = 0x102;
pub const HTTP2: u32 = 0x200;
pub const RESPONSE: u32 = 0xfe;
pub const OTHER: u32 = 0xff;

/// Methods by numbers of this page, since they have names on the wire; an answer whose request was not seen; sign-ins
/// from 0x100.
pub const OPERATIONS: &[Operation] = &[
    op(GET, "get", Read),
    op(HEAD, "head", Read),
    op(3, "post", Write),
    op(4, "put", Write),
    op(5, "delete", Write),
    op(CONNECT, "connect", Session),
    op(7, "options", Read),
    op(8, "trace", Diagnose),
    op(9, "patch", Write),
    op(10, "propfind", Read),
    op(11, "proppatch", Write),
    op(12, "mkcol", Write),
    op(13, "copy", Write),
    op(14, "move", Write),
    op(15, "lock", Write),
    op(16, "unlock", Write),
    op(17, "report", Read),
    op(18, "search", Read),
    op(RESPONSE, "response", Session),
    op(OTHER, "other_method", Unknown),
    op(BASIC, "basic_authentication", Session),
    op(FORM, "form_login", Session),
    op(NEGOTIATED, "authentication", Session),
    op(HTTP2, "http2", Session),
];

/// The code of a method.
pub fn method(word: &[u8]) -> Option<u32> {
    let name = core::str::from_utf8(word).ok()?;
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let known = OPERATIONS.iter().find(|o| o.code < RESPONSE && o.name.eq_ignore_ascii_case(name));
    known.map(|o| o.code)
}

/// Whether a line begins with the end of a known method, as it does where bytes before it are missing.
pub fn is_tail(line: &[u8]) -> bool {
    let word = line.split(|b| *b == b' ').next().unwrap_or_default();
    let ends = |name: &str| name.len() > word.len() && name.to_ascii_uppercase().as_bytes().ends_with(word);
    method(word).is_none() && OPERATIONS.iter().filter(|o| o.code < RESPONSE).any(|o| ends(o.name))
}

/// Whether bytes could be the front of a known method and the space behind it.
pub fn may_be_method(front: &[u8]) -> bool {
    let word = front.split(|b| *b == b' ').next().unwrap_or_default();
    let whole = word.len() < front.len();
    OPERATIONS.iter().filter(|o| o.code < RESPONSE).any(|o| {
        let name = o.name.as_bytes();
        if whole { name.eq_ignore_ascii_case(word) } else { name.len() > word.len() && starts(name, word) || name.eq_ignore_ascii_case(word) }
    }) && word.iter().all(u8::is_ascii_uppercase)
}

fn starts(name: &[u8], word: &[u8]) -> bool {
    name.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods() {
        assert!(OPERATIONS.windows(2).all(|w| matches!(w, [a, b] if a.code < b.code)));
        assert_eq!(method(b"GET"), Some(GET));
        assert_eq!(method(b"get"), None);
        assert!(is_tail(b"T / HTTP/1.1") && is_tail(b"ROPFIND /") && !is_tail(b"GET /") && !is_tail(b"BREW /"));
        assert!(may_be_method(b"PRO") && may_be_method(b"GET /") && !may_be_method(b"GETX /") && !may_be_method(b"get"));
    }
}
