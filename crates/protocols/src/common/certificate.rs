//! Certificates (X.509, RFC 5280): who is named by whom, from when until when, with which key. Nothing is verified.

use super::ber::element;
use super::der::{self, tag};
use crate::text;
use wire::{Malformed, Read, Reader};

/// Most names of an alternative name list kept; delivery networks put hundreds into one certificate.
const MAX_NAMES: usize = 16;
/// Longest list of names kept, in bytes.
const MAX_NAMES_TEXT: usize = 400;

/// What a certificate says.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// Serial number, big-endian.
    pub serial: &'a [u8],
    /// Algorithm of the signature, an object identifier.
    signature: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    not_before: &'a [u8],
    not_after: &'a [u8],
    key: &'a [u8],
    names: &'a [u8],
}

const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// Reads a certificate.
pub fn certificate(bytes: &[u8]) -> Read<Certificate<'_>> {
    let mut r = Reader::new(bytes);
    let whole = der::expect(&mut r, tag::SEQUENCE, "certificate")?;
    let mut r = Reader::new(whole);
    let body = der::expect(&mut r, tag::SEQUENCE, "certificate body")?;
    let mut r = Reader::new(body);
    let _version = der::optional(&mut r, 0xa0, "certificate version")?;
    let serial = der::expect(&mut r, tag::INTEGER, "certificate serial number")?;
    let algorithm = der::expect(&mut r, tag::SEQUENCE, "certificate signature")?;
    let issuer = der::expect(&mut r, tag::SEQUENCE, "certificate issuer")?;
    let mut validity = Reader::new(der::expect(&mut r, tag::SEQUENCE, "certificate validity")?);
    let not_before = time(&mut validity)?;
    let not_after = time(&mut validity)?;
    let subject = der::expect(&mut r, tag::SEQUENCE, "certificate subject")?;
    let key = der::expect(&mut r, tag::SEQUENCE, "certificate key")?;
    let mut names: &[u8] = &[];
    for element in der::elements(r.rest()) {
        if element.tag == 0xa3 {
            names = alternative_names(element.bytes()).unwrap_or_default();
        }
    }
    let signature = der::expect(&mut Reader::new(algorithm), tag::OBJECT_IDENTIFIER, "certificate signature")?;
    Ok(Certificate { serial, signature, issuer, subject, not_before, not_after, key, names })
}

fn time<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    let element = element(r, "certificate time")?;
    match element.tag {
        tag::UTC_TIME | tag::GENERALIZED_TIME => Ok(element.bytes()),
        _ => Err(Malformed::invalid("certificate time", element.at)),
    }
}

fn alternative_names(extensions: &[u8]) -> Option<&[u8]> {
    let list = der::elements(extensions).find(|e| e.tag == tag::SEQUENCE)?.bytes();
    for extension in der::elements(list) {
        let mut parts = der::elements(extension.bytes());
        if parts.next()?.bytes() == ALTERNATIVE_NAME {
            let value = parts.find(|p| p.tag == tag::OCTET_STRING)?.bytes();
            return der::elements(value).next().map(|e| e.bytes());
        }
    }
    None
}

/// A name inside an alternative name list.
#[derive(Clone, Copy, Debug)]
pub enum Name<'a> {
    /// Host name.
    Host(&'a [u8]),
    /// Address.
    Address(core::net::IpAddr),
    /// E-mail address or resource identifier.
    Other(&'a [u8]),
}

impl<'a> Certificate<'a> {
    /// The subject in words: `C=DE, O=Example, CN=plc`.
    pub fn subject(&self) -> String {
        distinguished(self.subject)
    }

    /// The issuer in words.
    pub fn issuer(&self) -> String {
        distinguished(self.issuer)
    }

    /// Subject and issuer are one: nobody else stands for it.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// The value of an attribute of the subject.
    pub fn attribute(&self, oid: &[u8]) -> Option<String> {
        attributes(self.subject).find(|(o, _)| *o == oid).map(|(_, value)| value)
    }

    /// The beginning of its validity, `2024-01-01T00:00:00Z`.
    pub fn not_before(&self) -> Option<String> {
        moment(self.not_before)
    }

    /// The end of its validity.
    pub fn not_after(&self) -> Option<String> {
        moment(self.not_after)
    }

    /// Algorithm of its signature.
    pub fn signature(&self) -> String {
        match signature(self.signature) {
            Some(name) => name.to_string(),
            None => der::dotted(self.signature),
        }
    }

    /// Kind and size of its key: `rsa 2048`, `ec p256`.
    pub fn key(&self) -> Option<String> {
        key(self.key)
    }

    /// Serial number in hexadecimal digits.
    pub fn serial(&self) -> String {
        let digits = match self.serial {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        digits.iter().take(32).map(|b| format!("{b:02x}")).collect()
    }

    /// Its alternative names.
    pub fn names(&self) -> impl Iterator<Item = Name<'a>> + use<'a> {
        der::elements(self.names).filter_map(|e| match (e.tag, e.bytes()) {
            (0x82, name) => Some(Name::Host(name)),
            (0x81 | 0x86, name) => Some(Name::Other(name)),
            (0x87, address) => match (address.first_chunk::<4>(), address.first_chunk::<16>()) {
                (Some(v4), _) if address.len() == 4 => Some(Name::Address((*v4).into())),
                (_, Some(v6)) if address.len() == 16 => Some(Name::Address((*v6).into())),
                _ => None,
            },
            _ => None,
        })
    }

    /// The first alternative names, separated by commas.
    pub fn names_text(&self) -> String {
        let mut all = String::new();
        for name in self.names().take(MAX_NAMES) {
            let name = match name {
                Name::Host(bytes) | Name::Other(bytes) => text::clean(bytes),
                Name::Address(address) => address.to_string(),
            };
            if all.len() + name.len() > MAX_NAMES_TEXT {
                break;
            }
            if !all.is_empty() {
                all.push(',');
            }
            all.push_str(&name);
        }
        all
    }
}

/// Common name.
pub const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// Serial number of the device.
pub const DEVICE_SERIAL: &[u8] = &[0x55, 4, 5];

fn attributes(name: &[u8]) -> impl Iterator<Item = (&[u8], String)> {
    der::elements(name).filter(|e| e.tag == tag::SET).flat_map(|set| der::elements(set.bytes())).filter_map(|pair| {
        let mut parts = der::elements(pair.bytes());
        let oid = parts.next().filter(|e| e.tag == tag::OBJECT_IDENTIFIER)?.bytes();
        let value = parts.next()?;
        let value = match value.tag {
            tag::BMP_STRING => {
                let swapped: Vec<u8> = value.bytes().chunks_exact(2).flat_map(|c| c.iter().rev().copied()).collect();
                text::clean_utf16le(&swapped)
            }
            _ => text::clean(value.bytes()),
        };
        Some((oid, value))
    })
}

fn distinguished(name: &[u8]) -> String {
    let mut all = String::new();
    for (oid, value) in attributes(name) {
        if all.len() + value.len() > text::MAX_TEXT - 40 {
            break;
        }
        if !all.is_empty() {
            all.push_str(", ");
        }
        match short(oid) {
            Some(short) => all.push_str(short),
            None => all.push_str(&der::dotted(oid)),
        }
        all.push('=');
        all.push_str(&value);
    }
    all
}

/// Short names of attributes (RFC 4514, RFC 4519).
fn short(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 4] => "SN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 9] => "STREET",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x55, 4, 12] => "title",
        [0x55, 4, 15] => "businessCategory",
        [0x55, 4, 17] => "postalCode",
        [0x55, 4, 42] => "GN",
        [0x55, 4, 46] => "dnQualifier",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1] => "emailAddress",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1] => "UID",
        _ => return None,
    })
}

/// `YYMMDDhhmm[ss]Z` and `YYYYMMDDhhmmss[.f]Z` as one form that also sorts by time.
fn moment(bytes: &[u8]) -> Option<String> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let text = core::str::from_utf8(bytes.get(..digits)?).ok()?;
    let (year, rest) = match digits {
        10 | 12 => {
            let (year, rest) = text.split_at_checked(2)?;
            let century = if year < "50" { "20" } else { "19" };
            (format!("{century}{year}"), rest)
        }
        14 => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.to_string(), rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2).unwrap_or("00");
    Some(format!("{year}-{}-{}T{}:{}:{}Z", two(0), two(2), two(4), two(6), two(8)))
}

/// Signature algorithms (RFC 3279, 4055, 5758, 8410, and what came before).
fn signature(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last] => match last {
            2 => "rsa_md2",
            4 => "rsa_md5",
            5 => "rsa_sha1",
            10 => "rsa_pss",
            11 => "rsa_sha256",
            12 => "rsa_sha384",
            13 => "rsa_sha512",
            14 => "rsa_sha224",
            _ => return None,
        },
        [0x2b, 0x0e, 3, 2, 29] => "rsa_sha1",
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] => "ecdsa_sha1",
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, last] => match last {
            1 => "ecdsa_sha224",
            2 => "ecdsa_sha256",
            3 => "ecdsa_sha384",
            4 => "ecdsa_sha512",
            _ => return None,
        },
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3] => "dsa_sha1",
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1] => "dsa_sha224",
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2] => "dsa_sha256",
        [0x2b, 0x65, 0x70] => "ed25519",
        [0x2b, 0x65, 0x71] => "ed448",
        [0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75] => "sm2_sm3",
        _ => return None,
    })
}

/// Kind and size of a key from its `SubjectPublicKeyInfo`.
fn key(bytes: &[u8]) -> Option<String> {
    let mut parts = der::elements(bytes);
    let mut algorithm = der::elements(parts.next()?.bytes());
    let kind = algorithm.next()?.bytes();
    let parameter = algorithm.next();
    // a bit string begins with the number of unused bits
    let value = parts.next().filter(|e| e.tag == tag::BIT_STRING).and_then(|e| e.bytes().get(1..));
    Some(match kind {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last @ (1 | 10)] => {
            let modulus = der::elements(der::elements(value?).next()?.bytes()).next()?.bytes();
            format!("{} {}", if *last == 1 { "rsa" } else { "rsa_pss" }, bits(modulus))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => {
            let prime = parameter.and_then(|p| der::elements(p.bytes()).next().map(|e| bits(e.bytes())));
            format!("dsa {}", prime.unwrap_or(0))
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => {
            let named = parameter.filter(|p| p.tag == tag::OBJECT_IDENTIFIER);
            match named.map(|p| (curve(p.bytes()), p.bytes())) {
                Some((Some(name), _)) => format!("ec {name}"),
                Some((None, oid)) => format!("ec {}", der::dotted(oid)),
                None => "ec".to_string(),
            }
        }
        [0x2b, 0x65, 0x6e] => "x25519".to_string(),
        [0x2b, 0x65, 0x6f] => "x448".to_string(),
        [0x2b, 0x65, 0x70] => "ed25519".to_string(),
        [0x2b, 0x65, 0x71] => "ed448".to_string(),
        other => der::dotted(other),
    })
}

/// Bits of a positive number.
fn bits(number: &[u8]) -> usize {
    let first = number.iter().position(|b| *b != 0).unwrap_or(number.len());
    let top = number.get(first).map_or(0, |b| b.leading_zeros() as usize);
    (8 * (number.len() - first)).saturating_sub(top)
}

fn curve(oid: &[u8]) -> Option<&'static str> {
    Some(match oid {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1] => "p192",
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => "p256",
        [0x2b, 0x81, 4, 0, 10] => "secp256k1",
        [0x2b, 0x81, 4, 0, 33] => "p224",
        [0x2b, 0x81, 4, 0, 34] => "p384",
        [0x2b, 0x81, 4, 0, 35] => "p521",
        [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7] => "brainpool_p256r1",
        [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11] => "brainpool_p384r1",
        [0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13] => "brainpool_p512r1",
        [0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d] => "sm2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_one_form() {
        assert_eq!(moment(b"240102030405Z").as_deref(), Some("2024-01-02T03:04:05Z"));
        assert_eq!(moment(b"9901020304Z").as_deref(), Some("1999-01-02T03:04:00Z"));
        assert_eq!(moment(b"99991231235959Z").as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(moment(b"nonsense"), None);
    }

    #[test]
    fn bits_of_a_number() {
        assert_eq!(bits(&[0, 0xc3, 0]), 16);
        assert_eq!(bits(&[0x01]), 1);
        assert_eq!(bits(&[]), 0);
    }
}
