//! RDP's opening (MS-RDPBCGR 2.2.1.1, 2.2.1.2): X.224 connection request and confirm; TLS follows.

use super::Buf;

fn tpkt(body: &[u8]) -> Vec<u8> {
    Buf::new().be16(0x0300).be16(4 + body.len() as u16).put(body).done()
}

/// Asks for TLS or network level authentication, with the user's cookie.
pub fn request(user: &str) -> Vec<u8> {
    let rest = Buf::new().text("Cookie: mstshash=").text(user).put(b"\r\n").u8(1).u8(0).le16(8).le32(0x0b).done();
    tpkt(&Buf::new().u8(6 + rest.len() as u8).put(&[0xe0, 0, 0, 0, 0, 0]).put(&rest).0)
}

/// Chooses network level authentication.
pub fn confirm() -> Vec<u8> {
    tpkt(&Buf::new().u8(14).put(&[0xd0, 0, 0, 0x12, 0x34, 0]).u8(2).u8(0x1f).le16(8).le32(2).0)
}
