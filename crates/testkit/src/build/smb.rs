//! SMB 2 negotiation and session setup with NTLM (MS-SMB2 2.2.3 to 2.2.6, MS-NLMP 2.2.1).

use super::Buf;
use super::snmp::{ber, ber_of, ber_oid};

const NTLM: &[u32] = &[1, 3, 6, 1, 4, 1, 311, 2, 2, 10];
const SPNEGO: &[u32] = &[1, 3, 6, 1, 5, 5, 2];

fn message(command: u16, response: bool, status: u32, id: u64, session: u64, body: &[u8]) -> Vec<u8> {
    let head = Buf::new()
        .put(&[0xfe, b'S', b'M', b'B'])
        .le16(64)
        .le16(1)
        .le32(status)
        .le16(command)
        .le16(31)
        .le32(u32::from(response))
        .le32(0)
        .le64(id)
        .le32(0xfeff)
        .le32(0)
        .le64(session)
        .zeros(16);
    let all = head.put(body).done();
    Buf::new().be32(all.len() as u32).put(&all).done()
}

fn offer(token: Option<&[u8]>) -> Vec<u8> {
    let mut parts = vec![ber(0xa0, &ber_of(0x30, &[ber_oid(NTLM)]))];
    if let Some(token) = token {
        parts.push(ber(0xa2, &ber(4, token)));
    }
    ber_of(0x60, &[ber_oid(SPNEGO), ber(0xa0, &ber_of(0x30, &parts))])
}

/// A client offers dialects 2.0.2 to 3.0.2.
pub fn negotiate(guid: [u8; 16]) -> Vec<u8> {
    let dialects = [0x0202u16, 0x0210, 0x0300, 0x0302];
    let b = Buf::new().le16(36).le16(4).le16(1).le16(0).le32(0x7f).put(&guid).le64(0);
    message(0, false, 0, 0, 0, &dialects.iter().fold(b, |b, d| b.le16(*d)).0)
}

/// A server chooses 3.0.2.
pub fn negotiated(guid: [u8; 16], now: i64) -> Vec<u8> {
    let token = offer(None);
    let body = Buf::new()
        .le16(65)
        .le16(1)
        .le16(0x0302)
        .le16(0)
        .put(&guid)
        .le32(0x2f)
        .le32(0x10_0000)
        .le32(0x10_0000)
        .le32(0x10_0000)
        .le64(filetime(now))
        .le64(0)
        .le16(128)
        .le16(token.len() as u16)
        .le32(0)
        .put(&token)
        .done();
    message(0, true, 0, 0, 0, &body)
}

/// 100 ns steps since 1601.
fn filetime(ns: i64) -> u64 {
    ns as u64 / 100 + 116_444_736_000_000_000
}

fn setup(id: u64, session: u64, token: &[u8]) -> Vec<u8> {
    let body = Buf::new().le16(25).u8(0).u8(1).le32(1).le32(0).le16(88).le16(token.len() as u16).le64(0).put(token);
    message(1, false, 0, id, session, &body.0)
}

fn setup_done(id: u64, session: u64, status: u32, token: &[u8]) -> Vec<u8> {
    let body = Buf::new().le16(9).le16(0).le16(72).le16(token.len() as u16).put(token);
    message(1, true, status, id, session, &body.0)
}

/// Windows version, build and NTLM revision.
fn version(build: u16) -> Buf {
    Buf::new().u8(10).u8(0).le16(build).zeros(3).u8(15)
}

/// The first leg: NTLM negotiate.
pub fn ntlm_negotiate(build: u16) -> Vec<u8> {
    let ntlm = Buf::new().put(b"NTLMSSP\0").le32(1).le32(0xe208_8297).zeros(16).put(&version(build).0);
    setup(1, 0, &offer(Some(&ntlm.0)))
}

/// The server's leg: its names and version in an NTLM challenge.
pub fn ntlm_challenge(session: u64, challenge: [u8; 8], domain: &str, host: &str, build: u16, now: i64) -> Vec<u8> {
    let wide = |s: &str| Buf::new().utf16(s).done();
    let pair = |b: Buf, kind: u16, data: &[u8]| b.le16(kind).le16(data.len() as u16).put(data);
    let (d, h) = (wide(domain), wide(host));
    let info = pair(pair(Buf::new(), 2, &d), 1, &h);
    let info =
        pair(pair(info, 4, &wide(&format!("{}.example", domain.to_lowercase()))), 7, &filetime(now).to_le_bytes());
    let info = pair(info, 0, &[]).done();
    let field = |b: Buf, len: usize, at: usize| b.le16(len as u16).le16(len as u16).le32(at as u32);
    let b = field(Buf::new().put(b"NTLMSSP\0").le32(2), d.len(), 56).le32(0xe28a_8215).put(&challenge).le64(0);
    let ntlm = field(b, info.len(), 56 + d.len()).put(&version(build).0).put(&d).put(&info);
    let token =
        ber(0xa1, &ber_of(0x30, &[ber(0xa0, &ber(10, &[1])), ber(0xa1, &ber_oid(NTLM)), ber(0xa2, &ber(4, &ntlm.0))]));
    setup_done(1, session, 0xc000_0016, &token)
}

/// The last leg: user, domain, workstation and the response.
pub fn ntlm_authenticate(
    session: u64,
    domain: &str,
    user: &str,
    host: &str,
    build: u16,
    response: [u8; 24],
) -> Vec<u8> {
    let wide = |s: &str| Buf::new().utf16(s).done();
    let parts = [response.to_vec(), response.to_vec(), wide(domain), wide(user), wide(host), Vec::new()];
    let mut at = 72;
    let mut b = Buf::new().put(b"NTLMSSP\0").le32(3);
    for part in &parts {
        b = b.le16(part.len() as u16).le16(part.len() as u16).le32(at);
        at += part.len() as u32;
    }
    let ntlm = b.le32(0xa288_8205).put(&version(build).0).put(&parts.concat());
    let token = ber(0xa1, &ber_of(0x30, &[ber(0xa2, &ber(4, &ntlm.0))]));
    setup(2, session, &token)
}

/// The session stands.
pub fn authenticated(session: u64) -> Vec<u8> {
    setup_done(2, session, 0, &ber(0xa1, &ber_of(0x30, &[ber(0xa0, &ber(10, &[0]))])))
}

/// An echo, or its answer: keeps the session.
pub fn echo(response: bool, id: u64, session: u64) -> Vec<u8> {
    message(13, response, 0, id, session, &[4, 0, 0, 0])
}
