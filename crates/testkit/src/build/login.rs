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
    let b = lists.iter().fold(b, |b, l| b.be32(l.len() as u32).text(l)).u8(0).be32(0);
    let padding = 8 - (5 + b.len()) % 8 + 8;
    Buf::new().be32((b.len() + 1 + padding) as u32).u8(padding as u8).put(&b.0).zeros(padding).done()
}

/// What a Telnet device sends first: option negotiation and a login prompt.
pub fn telnet_prompt(banner: &str) -> Vec<u8> {
    Buf::new().put(&[255, 253, 24, 255, 251, 1, 255, 251, 3]).text(banner).text("\r\nlogin: ").done()
}

/// A typed line, carriage return and line feed at its end.
pub fn line(text: &str) -> Vec<u8> {
    format!("{text}\r\n").into_bytes()
}
