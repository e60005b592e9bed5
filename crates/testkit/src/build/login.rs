//! Text logins: SSH identification (RFC 4253 4.2) and key exchange start, Telnet (RFC 854), FTP (RFC 959).

use super::Buf;

/// The first line of an SSH side, e.g. `OpenSSH_8.4`.
pub fn ssh_banner(software: &str) -> Vec<u8> {
    format!("SSH-2.0-{software}\r\n").into_bytes()
}

/// The key exchange offer that follows the banner (RFC 4253 7.1).
pub fn ssh_kexinit(cookie: [u8; 16]) -> Vec<u8> {
    let ciphers = "aes128-ctr,aes192-ctr,aes256-ctr";
    let macs = "hmac-sha2-256,hmac-sha2-512";
    let lists = [
        "curve25519-sha256,ecdh-sha2-nistp256",
        "ssh-ed25519,rsa-sha2-256",
        ciphers,
        ciphers,
        macs,
        macs,
        "none",
        "none",
        "",
        "",
    ];
    let b = Buf::new().u8(20).put(&cookie);
    ssh_packet(&lists.iter().fold(b, |b, l| b.be32(l.len() as u32).text(l)).u8(0).be32(0).0)
}

/// The client's half of a key exchange on a curve (RFC 8731).
pub fn ssh_key_question(point: [u8; 32]) -> Vec<u8> {
    ssh_packet(&Buf::new().u8(30).be32(32).put(&point).0)
}

/// The server's half with its key and a signature that is not real, and the change to new keys.
pub fn ssh_key_answer(key: [u8; 32], point: [u8; 32]) -> Vec<u8> {
    let named = |b: Buf| b.be32(11).text("ssh-ed25519");
    let key = named(Buf::new()).be32(32).put(&key).done();
    let signature = named(Buf::new()).be32(64).put(&point).put(&point).done();
    let b = Buf::new().u8(31).be32(key.len() as u32).put(&key).be32(32).put(&point);
    let answer = ssh_packet(&b.be32(signature.len() as u32).put(&signature).0);
    [answer, ssh_packet(&[21])].concat()
}

fn ssh_packet(payload: &[u8]) -> Vec<u8> {
    let padding = 8 - (5 + payload.len()) % 8 + 8;
    Buf::new().be32((payload.len() + 1 + padding) as u32).u8(padding as u8).put(payload).zeros(padding).done()
}

/// What a Telnet device sends first: option negotiation and a login prompt.
pub fn telnet_prompt(banner: &str) -> Vec<u8> {
    Buf::new().put(&[255, 253, 24, 255, 251, 1, 255, 251, 3]).text(banner).text("\r\nlogin: ").done()
}

/// A typed line, carriage return and line feed at its end.
pub fn line(text: &str) -> Vec<u8> {
    format!("{text}\r\n").into_bytes()
}
