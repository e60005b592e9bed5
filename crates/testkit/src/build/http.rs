//! HTTP/1.1 (RFC 9112) and SSDP, which borrows its form.

/// A GET request.
pub fn get(host: &str, path: &str, agent: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n"
    )
    .into_bytes()
}

/// A response with a text body of `len` bytes.
pub fn response(status: &str, server: &str, kind: &str, len: usize) -> Vec<u8> {
    let mut out = format!(
        "HTTP/1.1 {status}\r\nServer: {server}\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\nConnection: keep-alive\r\n\r\n"
    )
    .into_bytes();
    out.extend((0..len).map(|n| if n % 64 == 63 { b'\n' } else { b'a' + (n * 7 % 26) as u8 }));
    out
}

/// "Who offers `target`?" to 239.255.255.250 port 1900.
pub fn ssdp_search(target: &str) -> Vec<u8> {
    format!(
        "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\nST: {target}\r\n\r\n"
    )
    .into_bytes()
}

/// A device tells that it is there.
pub fn ssdp_notify(location: &str, kind: &str, server: &str, unique: &str) -> Vec<u8> {
    format!(
        "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: {location}\r\nNT: {kind}\r\nNTS: ssdp:alive\r\nSERVER: {server}\r\nUSN: uuid:{unique}::{kind}\r\n\r\n"
    )
    .into_bytes()
}
