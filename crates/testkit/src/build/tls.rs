//! TLS 1.2 as far as it is readable (RFC 5246): hellos, certificate, and records of sealed bytes.

use super::Buf;
use super::snmp::{ber, ber_of, ber_oid, ber_unsigned};

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    Buf::new().u8(kind).be16(0x0303).be16(body.len() as u16).put(body).done()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    Buf::new().u8(kind).be24(body.len() as u32).put(body).done()
}

fn extension(b: Buf, kind: u16, data: &[u8]) -> Buf {
    b.be16(kind).be16(data.len() as u16).put(data)
}

/// A client hello with server name, groups, signature algorithms and application protocol.
pub fn client_hello(random: [u8; 32], server: &str) -> Vec<u8> {
    let ciphers: [u16; 8] = [0xc02c, 0xc030, 0xc02b, 0xc02f, 0xc024, 0xc028, 0x009d, 0x009c];
    let name = Buf::new().be16(server.len() as u16 + 3).u8(0).be16(server.len() as u16).text(server).done();
    let e = extension(Buf::new(), 0, &name);
    let e = extension(e, 10, &[0, 6, 0, 0x1d, 0, 0x17, 0, 0x18]);
    let e = extension(e, 11, &[1, 0]);
    let e = extension(e, 13, &[0, 8, 4, 1, 4, 3, 5, 1, 2, 1]);
    let e = extension(e, 16, &Buf::new().be16(9).u8(8).text("http/1.1").0);
    let e = extension(e, 23, &[]).done();
    let b = Buf::new().be16(0x0303).put(&random).u8(0).be16(2 * ciphers.len() as u16);
    let b = ciphers.iter().fold(b, |b, c| b.be16(*c)).put(&[1, 0]).be16(e.len() as u16).put(&e);
    let mut out = record(22, &handshake(1, &b.0));
    out[2] = 1; // The first record says TLS 1.0, as clients do.
    out
}

/// Server hello, certificate and hello done, in one flight.
pub fn server_flight(random: [u8; 32], certificate: &[u8]) -> Vec<u8> {
    let e = extension(extension(Buf::new(), 0xff01, &[0]), 23, &[]).done();
    let hello = Buf::new().be16(0x0303).put(&random).u8(0).be16(0x009d).u8(0).be16(e.len() as u16).put(&e).done();
    let chain = Buf::new().be24(certificate.len() as u32).put(certificate).done();
    let chain = Buf::new().be24(chain.len() as u32).put(&chain).done();
    [record(22, &handshake(2, &hello)), record(22, &handshake(11, &chain)), record(22, &handshake(14, &[]))].concat()
}

/// Client key exchange, change of cipher, and its sealed "finished".
pub fn client_finish(sealed: &[u8]) -> Vec<u8> {
    let mut key = sealed.to_vec();
    key.resize(256, 0x5a);
    let exchange = handshake(16, &Buf::new().be16(256).put(&key).0);
    [record(22, &exchange), record(20, &[1]), record(22, &sealed[..sealed.len().min(40)])].concat()
}

/// The server's change of cipher and its sealed "finished".
pub fn server_finish(sealed: &[u8]) -> Vec<u8> {
    [record(20, &[1]), record(22, &sealed[..sealed.len().min(40)])].concat()
}

/// A record of application data.
pub fn application(sealed: &[u8]) -> Vec<u8> {
    record(23, sealed)
}

/// A self-issued X.509 version 3 certificate with a 2048-bit RSA key made of `fill`; its signature is not real.
pub fn certificate(
    subject: &str,
    issuer: &str,
    serial: u32,
    not_before: &str,
    not_after: &str,
    fill: &[u8],
) -> Vec<u8> {
    let name = |cn: &str, org: &str| {
        let part =
            |arc: u32, text: &str| ber_of(0x31, &[ber_of(0x30, &[ber_oid(&[2, 5, 4, arc]), ber(12, text.as_bytes())])]);
        ber_of(0x30, &[part(10, org), part(3, cn)])
    };
    let algorithm = ber_of(0x30, &[ber_oid(&[1, 2, 840, 113_549, 1, 1, 11]), ber(5, &[])]);
    let key_algorithm = ber_of(0x30, &[ber_oid(&[1, 2, 840, 113_549, 1, 1, 1]), ber(5, &[])]);
    let stretch = |n: usize, first: u8| -> Vec<u8> {
        std::iter::once(first).chain(fill.iter().cycle().copied()).take(n).collect()
    };
    let modulus = Buf::new().u8(0).put(&stretch(256, 0xc3)).done();
    let key = ber_of(0x30, &[ber(2, &modulus), ber_unsigned(2, 65_537)]);
    let bits = |content: &[u8]| ber(3, &Buf::new().u8(0).put(content).0);
    let body = ber_of(
        0x30,
        &[
            ber(0xa0, &ber_unsigned(2, 2)),
            ber_unsigned(2, serial),
            algorithm.clone(),
            name(issuer, "Water Works"),
            ber_of(0x30, &[ber(0x17, not_before.as_bytes()), ber(0x17, not_after.as_bytes())]),
            name(subject, "Water Works"),
            ber_of(0x30, &[key_algorithm, bits(&key)]),
        ],
    );
    ber_of(0x30, &[body, algorithm, bits(&stretch(256, 0x5c))])
}
