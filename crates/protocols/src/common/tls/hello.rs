//! The two hellos of a handshake (RFC 5246, 7.4.1; RFC 8446, 4.1). DTLS puts a cookie into the client's (RFC 6347, 4.2.1).

use wire::{Malformed, Read, Reader};

/// Extensions this product looks into.
pub mod ext {
    pub const SERVER_NAME: u16 = 0;
    pub const GROUPS: u16 = 10;
    pub const POINT_FORMATS: u16 = 11;
    pub const SIGNATURES: u16 = 13;
    pub const PROTOCOLS: u16 = 16;
    pub const PRE_SHARED_KEY: u16 = 41;
    pub const VERSIONS: u16 = 43;
    pub const KEY_SHARE: u16 = 51;
    pub const ENCRYPTED_HELLO: u16 = 0xfe0d;
}

/// A server's random number that is none: it asks for another hello (RFC 8446, 4.1.3).
const ASKS_AGAIN: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a client offers.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// Version in the old place.
    pub version: u16,
    /// Session it wants to take up again.
    pub session: &'a [u8],
    /// Cipher suites, two bytes each.
    pub ciphers: &'a [u8],
    extensions: &'a [u8],
}

/// What a server chose.
#[derive(Clone, Copy, Debug)]
pub struct ServerHello<'a> {
    /// Version in the old place.
    pub version: u16,
    /// Session.
    pub session: &'a [u8],
    /// Cipher suite.
    pub cipher: u16,
    /// It asks for another hello.
    pub asks_again: bool,
    extensions: &'a [u8],
}

/// Reads the body of a client's hello.
pub fn client(bytes: &[u8]) -> Read<ClientHello<'_>> {
    client_with(bytes, false)
}

/// The same; `cookie`: with the cookie of DTLS.
pub fn client_with(bytes: &[u8], cookie: bool) -> Read<ClientHello<'_>> {
    let mut r = Reader::new(bytes);
    let version = r.be16("client version")?;
    r.skip(32, "random")?;
    let session = session(&mut r)?;
    if cookie {
        let length = r.u8("cookie length")?;
        r.skip(length.into(), "cookie")?;
    }
    let at = r.offset();
    let length = usize::from(r.be16("cipher suites length")?);
    if length % 2 != 0 {
        return Err(Malformed::invalid("cipher suites length", at));
    }
    let ciphers = r.take(length, "cipher suites")?;
    let length = r.u8("compression methods length")?;
    r.skip(length.into(), "compression methods")?;
    Ok(ClientHello { version, session, ciphers, extensions: extensions(&mut r)? })
}

/// Reads the body of a server's hello.
pub fn server(bytes: &[u8]) -> Read<ServerHello<'_>> {
    let mut r = Reader::new(bytes);
    let version = r.be16("server version")?;
    let random = r.array::<32>("random")?;
    // drafts of TLS 1.3 before the 22nd had neither session nor compression method
    let draft = version >> 8 == 0x7f;
    let session = if draft { &[][..] } else { session(&mut r)? };
    let cipher = r.be16("cipher suite")?;
    if !draft {
        r.skip(1, "compression method")?;
    }
    Ok(ServerHello { version, session, cipher, asks_again: random == ASKS_AGAIN, extensions: extensions(&mut r)? })
}

fn session<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    let at = r.offset();
    match r.u8("session id length")? {
        length @ 0..=32 => r.take(length.into(), "session id"),
        _ => Err(Malformed::invalid("session id length", at)),
    }
}

/// The block of extensions; it may be left out.
fn extensions<'a>(r: &mut Reader<'a>) -> Read<&'a [u8]> {
    if r.is_empty() {
        return Ok(&[]);
    }
    let length = r.be16("extensions length")?;
    let all = r.take(length.into(), "extensions")?;
    let mut inside = Reader::new(all);
    while !inside.is_empty() {
        inside.skip(2, "extension type")?;
        let length = inside.be16("extension length")?;
        inside.skip(length.into(), "extension")?;
    }
    Ok(all)
}

fn each(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut r = Reader::new(bytes);
    core::iter::from_fn(move || {
        let kind = r.be16("extension type").ok()?;
        let length = r.be16("extension length").ok()?;
        Some((kind, r.take(length.into(), "extension").ok()?))
    })
}

/// Two-byte numbers one after the other.
pub fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).filter_map(|c| c.first_chunk::<2>()).map(|c| u16::from_be_bytes(*c))
}

/// A value that means nothing and is there to keep servers tolerant (RFC 8701).
pub fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

/// What stands behind a length of two bytes, or of one.
fn behind_long(bytes: &[u8]) -> &[u8] {
    let mut r = Reader::new(bytes);
    r.be16("length").and_then(|n| r.take(n.into(), "list")).unwrap_or_default()
}

fn behind_short(bytes: &[u8]) -> &[u8] {
    let mut r = Reader::new(bytes);
    r.u8("length").and_then(|n| r.take(n.into(), "list")).unwrap_or_default()
}

fn names(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(behind_long(bytes));
    core::iter::from_fn(move || {
        let length = r.u8("protocol name length").ok()?;
        r.take(length.into(), "protocol name").ok()
    })
}

impl<'a> ClientHello<'a> {
    /// Its extensions in order.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        each(self.extensions)
    }

    /// The data of an extension.
    pub fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        self.extensions().find(|(k, _)| *k == kind).map(|(_, data)| data)
    }

    /// Name of the server it asks for.
    pub fn server_name(&self) -> Option<&'a [u8]> {
        let mut r = Reader::new(behind_long(self.extension(ext::SERVER_NAME)?));
        while let Ok(kind) = r.u8("name type") {
            let length = r.be16("name length").ok()?;
            let name = r.take(length.into(), "name").ok()?;
            if kind == 0 && !name.is_empty() {
                return Some(name);
            }
        }
        None
    }

    /// Groups for key exchange, two bytes each.
    pub fn groups(&self) -> &'a [u8] {
        behind_long(self.extension(ext::GROUPS).unwrap_or_default())
    }

    /// Formats of curve points.
    pub fn point_formats(&self) -> &'a [u8] {
        behind_short(self.extension(ext::POINT_FORMATS).unwrap_or_default())
    }

    /// Signature algorithms, two bytes each.
    pub fn signatures(&self) -> &'a [u8] {
        behind_long(self.extension(ext::SIGNATURES).unwrap_or_default())
    }

    /// Application protocols it offers (ALPN).
    pub fn protocols(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        names(self.extension(ext::PROTOCOLS).unwrap_or_default())
    }

    /// The highest version it offers; older ones are smaller numbers but in DTLS, where they are larger.
    pub fn offered_version(&self) -> u16 {
        let offered = numbers(behind_short(self.extension(ext::VERSIONS).unwrap_or_default()));
        let offered = offered.filter(|n| !is_grease(*n));
        let best = if self.version >> 8 == 0xfe { offered.min() } else { offered.max() };
        best.unwrap_or(self.version)
    }
}

impl<'a> ServerHello<'a> {
    /// Its extensions in order.
    pub fn extensions(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        each(self.extensions)
    }

    /// The data of an extension.
    pub fn extension(&self, kind: u16) -> Option<&'a [u8]> {
        self.extensions().find(|(k, _)| *k == kind).map(|(_, data)| data)
    }

    /// The version chosen.
    pub fn chosen_version(&self) -> u16 {
        self.extension(ext::VERSIONS).and_then(|data| numbers(data).next()).unwrap_or(self.version)
    }

    /// The application protocol chosen (ALPN).
    pub fn protocol(&self) -> Option<&'a [u8]> {
        names(self.extension(ext::PROTOCOLS)?).next()
    }

    /// The group chosen for key exchange (TLS 1.3).
    pub fn group(&self) -> Option<u16> {
        numbers(self.extension(ext::KEY_SHARE)?).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_two_equal_bytes_that_end_in_ten() {
        assert!(is_grease(0x0a0a) && is_grease(0xfafa));
        assert!(!is_grease(0x0a1a) && !is_grease(0x1301));
    }

    #[test]
    fn a_hello_cut_short_is_truncated() {
        assert!(client(&[3, 3, 0]).is_err_and(|e| e.is_truncated()));
        assert!(client(&[0xff; 80]).is_err_and(|e| !e.is_truncated()));
    }
}
