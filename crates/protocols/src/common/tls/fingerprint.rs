//! Fingerprints of hellos: JA3 and JA3S (MD5 of numbers in their order), JA4 of clients (SHA-256 of sorted numbers).

use super::hello::{ClientHello, ServerHello, ext, is_grease, numbers};
use core::fmt::Write;
use md5::{Digest, Md5};
use sha2::Sha256;

/// JA3 of a client's hello.
pub fn ja3(hello: &ClientHello<'_>) -> String {
    let mut text = hello.version.to_string();
    list(&mut text, numbers(hello.ciphers).filter(|n| !is_grease(*n)));
    list(&mut text, hello.extensions().map(|(kind, _)| kind).filter(|n| !is_grease(*n)));
    list(&mut text, numbers(hello.groups()).filter(|n| !is_grease(*n)));
    list(&mut text, hello.point_formats().iter().map(|b| u16::from(*b)));
    hex(&Md5::digest(text.as_bytes()))
}

/// JA3S of a server's hello.
pub fn ja3s(hello: &ServerHello<'_>) -> String {
    let mut text = hello.version.to_string();
    list(&mut text, core::iter::once(hello.cipher));
    list(&mut text, hello.extensions().map(|(kind, _)| kind));
    hex(&Md5::digest(text.as_bytes()))
}

fn list(text: &mut String, numbers: impl Iterator<Item = u16>) {
    text.push(',');
    for (i, number) in numbers.enumerate() {
        let dash = if i == 0 { "" } else { "-" };
        let _ = write!(text, "{dash}{number}");
    }
}

/// JA4 of a client's hello. `carrier` is `t` over TCP, `d` over DTLS, `q` over QUIC.
pub fn ja4(hello: &ClientHello<'_>, carrier: char) -> String {
    let mut ciphers: Vec<u16> = numbers(hello.ciphers).filter(|n| !is_grease(*n)).collect();
    let mut kinds: Vec<u16> = hello.extensions().map(|(kind, _)| kind).filter(|n| !is_grease(*n)).collect();
    let named = if kinds.contains(&ext::SERVER_NAME) { 'd' } else { 'i' };
    let (count, all) = (ciphers.len().min(99), kinds.len().min(99));
    let (first, last) = ends(hello.protocols().next().unwrap_or_default());
    let version = version(hello.offered_version());
    ciphers.sort_unstable();
    kinds.retain(|kind| !matches!(*kind, ext::SERVER_NAME | ext::PROTOCOLS));
    kinds.sort_unstable();
    let mut extensions = joined(kinds.iter().copied());
    let signatures = joined(numbers(hello.signatures()).filter(|n| !is_grease(*n)));
    if !signatures.is_empty() && !extensions.is_empty() {
        extensions.push('_');
        extensions.push_str(&signatures);
    }
    let ciphers = short(&joined(ciphers.iter().copied()));
    let extensions = short(&extensions);
    format!("{carrier}{version}{named}{count:02}{all:02}{first}{last}_{ciphers}_{extensions}")
}

fn version(version: u16) -> &'static str {
    match version {
        0x0304 | 0x7f00..=0x7fff => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// First and last character of a protocol's name; of other bytes the outer hexadecimal digits.
fn ends(protocol: &[u8]) -> (char, char) {
    let (Some(first), Some(last)) = (protocol.first().copied(), protocol.last().copied()) else { return ('0', '0') };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return (first.into(), last.into());
    }
    let digit = |n: u8| char::from_digit(n.into(), 16).unwrap_or('0');
    (digit(first >> 4), digit(last & 0x0f))
}

fn joined(numbers: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    for number in numbers {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{number:04x}");
    }
    text
}

fn short(text: &str) -> String {
    if text.is_empty() {
        return "000000000000".to_string();
    }
    let mut hash = hex(&Sha256::digest(text.as_bytes()));
    hash.truncate(12);
    hash
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::tls::hello;

    /// A hello from its numbers.
    fn build(version: u16, ciphers: &[u16], extensions: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut out = version.to_be_bytes().to_vec();
        out.extend([0; 33]);
        out.extend((2 * ciphers.len() as u16).to_be_bytes());
        out.extend(ciphers.iter().flat_map(|c| c.to_be_bytes()));
        out.extend([1, 0]);
        let all: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, data)| [&kind.to_be_bytes()[..], &(data.len() as u16).to_be_bytes(), data].concat())
            .collect();
        out.extend((all.len() as u16).to_be_bytes());
        out.extend(all);
        out
    }

    fn words(list: &[u16]) -> Vec<u8> {
        let mut out = (2 * list.len() as u16).to_be_bytes().to_vec();
        out.extend(list.iter().flat_map(|n| n.to_be_bytes()));
        out
    }

    /// The example of the method's description:
    /// `769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0`.
    #[test]
    fn ja3_of_its_description() {
        let ciphers = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
        let extensions = [(0, vec![]), (10, words(&[23, 24, 25])), (11, vec![1, 0])];
        let bytes = build(769, &ciphers, &extensions);
        assert_eq!(ja3(&hello::client(&bytes).unwrap()), "ada70206e40642a3e4461f35503241d5");
        // without extensions: `769,4-5-10-9-100-98-3-6-19-18-99,,,`
        let bytes = build(769, &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], &[]);
        assert_eq!(ja3(&hello::client(&bytes).unwrap()), "de350869b8c85de67a350c8d186f11e6");
    }

    /// The example of the method's description, with numbers that say nothing strewn in.
    #[test]
    fn ja4_of_its_description() {
        let ciphers = [
            0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
            0x009d, 0x002f, 0x0035,
        ];
        let signatures = words(&[0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]);
        let extensions = [
            (0x4a4a, vec![]),
            (0x001b, vec![2, 0, 2]),
            (0x0000, vec![0, 4, 0, 0, 1, b'a']),
            (0x0033, vec![0, 0]),
            (0x0010, vec![0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p', b'/', b'1', b'.', b'1']),
            (0x4469, vec![]),
            (0x0017, vec![]),
            (0x002d, vec![1, 1]),
            (0x000d, signatures),
            (0x0005, vec![1, 0, 0, 0, 0]),
            (0x0023, vec![]),
            (0x0012, vec![]),
            (0x002b, vec![6, 0x2a, 0x2a, 3, 4, 3, 3]),
            (0xff01, vec![0]),
            (0x000b, vec![1, 0]),
            (0x000a, words(&[0x1a1a, 29, 23, 24])),
            (0x0015, vec![0, 0]),
            (0x1a1a, vec![0]),
        ];
        let bytes = build(0x0303, &ciphers, &extensions);
        let hello = hello::client(&bytes).unwrap();
        assert_eq!(ja4(&hello, 't'), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }
}
