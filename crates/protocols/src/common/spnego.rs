//! The token that GSS-API carries ([MS-SPNG], RFC 4178): which mechanisms are offered, and the token of the one
//! chosen. Only as much BER (ITU-T X.690) as that needs.

use wire::{Malformed, Read, Reader};

/// Levels of constructed elements looked into. A Kerberos request inside SPNEGO needs eight.
const MAX_LEVELS: u8 = 12;
/// Elements looked at in one token.
const MAX_ELEMENTS: usize = 64;

/// One element.
#[derive(Clone, Copy, Debug)]
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

fn element<'a>(r: &mut Reader<'a>) -> Read<Element<'a>> {
    let tag = r.u8("tag")?;
    let first = r.u8("length")?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x84 => r.be_uint(usize::from(first & 0x7f), "length")? as usize,
        _ => return Err(Malformed::invalid("length", r.offset())),
    };
    Ok(Element { tag, content: r.take(length, "content")? })
}

fn elements(bytes: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut r = Reader::new(bytes);
    core::iter::from_fn(move || element(&mut r).ok()).take(MAX_ELEMENTS)
}

/// The first element of a kind.
fn within(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    elements(bytes).find(|e| e.tag == tag).map(|e| e.content)
}

const KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
/// A wrong encoding of the same by Windows 2000, offered ever since.
const KERBEROS_LEGACY: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];
const NTLMSSP: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
const NEGOEX: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e];

fn mechanism(oid: &[u8]) -> Option<&'static str> {
    match oid {
        KERBEROS | KERBEROS_LEGACY => Some("kerberos"),
        NTLMSSP => Some("ntlmssp"),
        NEGOEX => Some("negoex"),
        _ => None,
    }
}

/// The mechanisms a token offers, in its order, each once.
pub fn mechanisms(token: &[u8]) -> Vec<&'static str> {
    let mut found = Vec::new();
    collect(token, 0, &mut found);
    found
}

fn collect(bytes: &[u8], level: u8, found: &mut Vec<&'static str>) {
    for e in elements(bytes) {
        if e.tag == 6 {
            if let Some(name) = mechanism(e.content).filter(|name| !found.contains(name)) {
                found.push(name);
            }
        } else if e.tag & 0x20 != 0 && level < MAX_LEVELS {
            collect(e.content, level + 1, found);
        }
    }
}

/// The service a Kerberos ticket in the token is for: realm and name parts (`cifs`, `server.example`). Ticket and
/// authenticator are encrypted; the service's name is not.
pub fn ticket(token: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let request = application(token, 0x6e, 0)?;
    let ticket = within(within(request, 0x30)?, 0xa3).and_then(|t| within(t, 0x61)).and_then(|t| within(t, 0x30))?;
    let realm = within(ticket, 0xa1).and_then(|r| within(r, 0x1b))?;
    let names = within(ticket, 0xa2).and_then(|n| within(n, 0x30)).and_then(|n| within(n, 0xa1))?;
    let names = within(names, 0x30)?;
    Some((realm, elements(names).filter(|e| e.tag == 0x1b).map(|e| e.content).collect()))
}

/// The content of an application element (AP-REQ is `0x6e`) anywhere in the token. In front of it GSS-API puts an
/// object identifier and two bytes that are no BER (RFC 4121, 4.1).
fn application(bytes: &[u8], tag: u8, level: u8) -> Option<&[u8]> {
    let mut r = Reader::new(bytes);
    for _ in 0..MAX_ELEMENTS {
        if matches!(r.peek(), [1, 0, t, ..] if *t == tag) {
            r.skip(2, "token id").ok()?;
        }
        let e = element(&mut r).ok()?;
        if e.tag == tag {
            return Some(e.content);
        }
        // octet strings hold the mechanism's own token
        if (e.tag & 0x20 != 0 || e.tag == 4)
            && level < MAX_LEVELS
            && let Some(found) = application(e.content, tag, level + 1)
        {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_in_order() {
        let list = [&[6, 9][..], KERBEROS, &[6, 10], NTLMSSP].concat();
        let token = [&[0x30, list.len() as u8][..], &list].concat();
        assert_eq!(mechanisms(&token), ["kerberos", "ntlmssp"]);
        assert!(ticket(&token).is_none());
    }
}
