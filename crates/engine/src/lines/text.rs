//! Numbers, addresses and values as text, without the formatting machinery where every transaction passes.

use crate::say;
use model::{Address, Endpoint, Host, Mac, Path, Value};
use protocols::{Output, Val};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// The numbers from 0 to 99, two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

fn two(n: u64) -> [u8; 2] {
    PAIRS.get(n as usize % 100).copied().unwrap_or_default()
}

pub fn number(mut n: u64, text: &mut Vec<u8>) {
    if n < 10 {
        return text.push(b'0' + n as u8);
    }
    if n < 100 {
        return text.extend_from_slice(&two(n));
    }
    let mut digits = [[b'0'; 2]; 10];
    let mut used = 0;
    for pair in digits.iter_mut().rev() {
        *pair = two(n);
        n /= 100;
        used += 2;
        if n == 0 {
            break;
        }
    }
    let all = digits.as_flattened();
    let digits = all.get(all.len() - used..).unwrap_or_default();
    let digits = if digits.first() == Some(&b'0') { digits.get(1..).unwrap_or_default() } else { digits };
    text.extend_from_slice(digits);
}

pub fn signed(n: i64, text: &mut Vec<u8>) {
    if n < 0 {
        text.push(b'-');
    }
    number(n.unsigned_abs(), text);
}

/// Nine digits behind the point of a second.
pub fn nanos(n: u64, text: &mut Vec<u8>) {
    let [a, b] = two(n / 10_000_000);
    let [c, d] = two(n / 100_000);
    let [e, f] = two(n / 1_000);
    let [g, h] = two(n / 10);
    text.extend_from_slice(&[a, b, c, d, e, f, g, h, b'0' + (n % 10) as u8]);
}

/// An octet's digits and how many there are.
const OCTETS: [([u8; 3], u8); 256] = {
    let mut octets = [([b'0'; 3], 1); 256];
    let mut n = 0;
    while n < 256 {
        let (a, b, c) = (b'0' + (n / 100) as u8, b'0' + (n / 10 % 10) as u8, b'0' + (n % 10) as u8);
        octets[n] = match n {
            0..10 => ([c, b'0', b'0'], 1),
            10..100 => ([b, c, b'0'], 2),
            _ => ([a, b, c], 3),
        };
        n += 1;
    }
    octets
};

fn ipv4(ip: Ipv4Addr, text: &mut Vec<u8>) {
    let mut line = [b'.'; 16];
    let mut at = 0;
    for octet in ip.octets() {
        let (digits, len) = OCTETS.get(usize::from(octet)).copied().unwrap_or_default();
        if let Some(place) = line.get_mut(at..at + 3) {
            place.copy_from_slice(&digits);
        }
        at += usize::from(len);
        if let Some(point) = line.get_mut(at) {
            *point = b'.';
        }
        at += 1;
    }
    text.extend_from_slice(line.get(..at.saturating_sub(1)).unwrap_or_default());
}

/// A hardware address; layer-2 traffic writes two in every line.
fn mac(mac: Mac, text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS.get(usize::from(n & 15)).copied().unwrap_or_default();
    let mut line = [b':'; 17];
    for (place, octet) in line.chunks_mut(3).zip(mac.0) {
        if let [high, low, ..] = place {
            (*high, *low) = (digit(octet >> 4), digit(octet));
        }
    }
    text.extend_from_slice(&line);
}

pub fn host(host: Host, text: &mut Vec<u8>) {
    match (host.network.0, host.address) {
        (0, Address::Ip(IpAddr::V4(ip))) => ipv4(ip, text),
        (0, Address::Mac(address)) => mac(address, text),
        _ => {
            let _ = write!(text, "{host}");
        }
    }
}

pub fn endpoint(end: Endpoint, text: &mut Vec<u8>) {
    match end.host.address {
        Address::Ip(IpAddr::V4(ip)) if end.host.network.0 == 0 => {
            ipv4(ip, text);
            if end.port != 0 {
                text.push(b':');
                number(end.port.into(), text);
            }
        }
        Address::Mac(address) if end.host.network.0 == 0 && end.port == 0 => mac(address, text),
        _ => {
            let _ = write!(text, "{end}");
        }
    }
}

pub fn path(path: &Path, text: &mut Vec<u8>) {
    if path.is_host() {
        return;
    }
    if let Some(unit) = path.unit() {
        text.extend_from_slice(b",\"unit\":");
        number(unit.into(), text);
        if *path == Path::of(model::Hop::Unit(unit)) {
            text.extend_from_slice(b",\"path\":\"unit ");
            number(unit.into(), text);
            return text.push(b'"');
        }
    }
    let _ = write!(text, ",\"path\":\"{path}\"");
}

/// Writes text inside JSON quotes.
pub fn escape(from: &str, text: &mut Vec<u8>) {
    // one pass without a branch per byte
    let odd = from.bytes().fold(false, |odd, b| odd | (b < 0x20) | (b == b'"') | (b == b'\\'));
    if !odd {
        return text.extend_from_slice(from.as_bytes());
    }
    for c in from.chars() {
        match c {
            '"' => text.extend_from_slice(b"\\\""),
            '\\' => text.extend_from_slice(b"\\\\"),
            c if (c as u32) < 0x20 => {
                let _ = write!(text, "\\u{:04x}", c as u32);
            }
            c => {
                let mut buffer = [0; 4];
                text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
}

/// Text from the arena: cleaned text is UTF-8 already.
fn quoted_bytes(value: &[u8], text: &mut Vec<u8>) {
    match core::str::from_utf8(value) {
        Ok(value) => quoted(value, text),
        Err(_) => quoted(&String::from_utf8_lossy(value), text),
    }
}

fn quoted(value: &str, text: &mut Vec<u8>) {
    text.push(b'"');
    escape(value, text);
    text.push(b'"');
}

pub fn val(val: &Val, out: &Output, text: &mut Vec<u8>) {
    match *val {
        Val::None => text.extend_from_slice(b"null"),
        Val::Bool(b) => text.extend_from_slice(if b { b"true" } else { b"false" }),
        Val::Int(n) => signed(n, text),
        Val::Uint(n) => number(n, text),
        Val::Float(f) if f.is_finite() => {
            let _ = write!(text, "{f}");
        }
        Val::Float(f) => {
            let _ = write!(text, "\"{f}\"");
        }
        Val::Text(s) => quoted_bytes(out.span(s), text),
        Val::Bytes(s) => hex(out.span(s), text),
        Val::Bits { packed, count } => {
            list(say::bits(out.span(packed), count).map(u64::from), text);
        }
        Val::Words(s) => list(say::words(out.span(s)).map(u64::from), text),
        Val::Secret { len, hash } => {
            let _ = write!(text, "{{\"secret\":true,\"length\":{len},\"hash\":\"{hash:016x}\"}}");
        }
        Val::Name(n) => quoted(n, text),
        Val::Time(t) => {
            let _ = write!(text, "\"{t}\"");
        }
        Val::Mac(m) => {
            text.push(b'"');
            mac(m, text);
            text.push(b'"');
        }
        Val::Ip(ip) => {
            let _ = write!(text, "\"{ip}\"");
        }
    }
}

fn list(values: impl Iterator<Item = u64>, text: &mut Vec<u8>) {
    text.push(b'[');
    for (i, n) in values.enumerate() {
        if i > 0 {
            text.push(b',');
        }
        number(n, text);
    }
    text.push(b']');
}

fn hex(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS[usize::from(n & 15)];
    text.reserve(bytes.len() * 2 + 2);
    text.push(b'"');
    for byte in bytes {
        text.extend_from_slice(&[digit(byte >> 4), digit(*byte)]);
    }
    text.push(b'"');
}

/// An owned value as JSON.
pub fn json_value(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::None => text.extend_from_slice(b"null"),
        Value::Bool(b) => text.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Int(n) => signed(*n, text),
        Value::Uint(n) => number(*n, text),
        Value::Float(f) if f.is_finite() => {
            let _ = write!(text, "{f}");
        }
        Value::Float(f) => {
            let _ = write!(text, "\"{f}\"");
        }
        Value::Text(s) => quoted(s, text),
        Value::Bytes(b) => hex(b, text),
        Value::Bits(b) => list(b.iter().map(|b| u64::from(*b)), text),
        Value::Words(w) => list(w.iter().map(|w| u64::from(*w)), text),
        Value::Secret { len, hash } => {
            let _ = write!(text, "{{\"secret\":true,\"length\":{len},\"hash\":\"{hash:016x}\"}}");
        }
        Value::Name(n) => quoted(n, text),
        Value::Time(t) => {
            let _ = write!(text, "\"{t}\"");
        }
        Value::Mac(m) => {
            let _ = write!(text, "\"{m}\"");
        }
        Value::Ip(ip) => {
            let _ = write!(text, "\"{ip}\"");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_formatting_machinery_writes_it() {
        let numbers = (0..64).flat_map(|shift| [1u64 << shift, (1 << shift) - 1, 7 << shift]);
        for n in numbers.chain((0..20).map(|e| 10u64.pow(e))).chain([u64::MAX, 99, 100, 101, 999, 1000]) {
            let mut text = Vec::new();
            number(n, &mut text);
            text.push(b' ');
            signed(n as i64, &mut text);
            text.push(b' ');
            nanos(n % 1_000_000_000, &mut text);
            let expected = format!("{n} {} {:09}", n as i64, n % 1_000_000_000);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
        for octets in [[0; 6], [255; 6], [0x00, 0x1b, 0x0a, 0xa0, 0x9f, 0xf9]] {
            let mut text = Vec::new();
            mac(Mac(octets), &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), Mac(octets).to_string());
        }
        for octets in [[0, 9, 10, 99], [100, 255, 1, 20], [255; 4], [0; 4]] {
            let mut text = Vec::new();
            ipv4(octets.into(), &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), Ipv4Addr::from(octets).to_string());
        }
    }
}
