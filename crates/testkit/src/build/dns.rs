//! DNS (RFC 1035) and its local kin: multicast DNS (RFC 6762), LLMNR (RFC 4795), NetBIOS names (RFC 1002).

use super::{Buf, Ip};

fn name(mut b: Buf, name: &str) -> Buf {
    for label in name.split('.').filter(|l| !l.is_empty()) {
        b = b.u8(label.len() as u8).text(label);
    }
    b.u8(0)
}

fn header(id: u16, flags: u16, questions: u16, answers: u16, more: u16) -> Buf {
    Buf::new().be16(id).be16(flags).be16(questions).be16(answers).be16(0).be16(more)
}

/// A question for an address record. LLMNR uses the same form.
pub fn query(id: u16, asked: &str, recursion: bool) -> Vec<u8> {
    name(header(id, if recursion { 0x0100 } else { 0 }, 1, 0, 0), asked).be16(1).be16(1).done()
}

/// The answer to [`query`]: an address, or "no such name".
pub fn answer(id: u16, asked: &str, ip: Option<Ip>) -> Vec<u8> {
    let flags = if ip.is_some() { 0x8180 } else { 0x8183 };
    let mut b = name(header(id, flags, 1, u16::from(ip.is_some()), 0), asked).be16(1).be16(1);
    if let Some(ip) = ip {
        b = b.be16(0xc00c).be16(1).be16(1).be32(300).be16(4).put(&ip);
    }
    b.done()
}

/// A multicast DNS question for a service, e.g. `_ipp._tcp.local`.
pub fn mdns_query(service: &str) -> Vec<u8> {
    name(header(0, 0, 1, 0, 0), service).be16(12).be16(1).done()
}

/// A multicast DNS announcement: pointer, service, text and address records of one instance.
pub fn mdns_announce(service: &str, instance: &str, host: &str, port: u16, ip: Ip, text: &[&str]) -> Vec<u8> {
    let full = Buf::new().u8(instance.len() as u8).text(instance);
    let full = name(full, service).done();
    let srv = name(Buf::new().be16(0).be16(0).be16(port), host).done();
    let txt = text.iter().fold(Buf::new(), |b, t| b.u8(t.len() as u8).text(t)).done();
    let record = |b: Buf, kind: u16, class: u16, data: &[u8]| {
        b.be16(kind).be16(class).be32(120).be16(data.len() as u16).put(data)
    };
    let b = record(name(header(0, 0x8400, 0, 4, 0), service), 12, 1, &full);
    let b = record(b.put(&full), 33, 0x8001, &srv);
    let b = record(b.put(&full), 16, 0x8001, &txt);
    record(name(b, host), 1, 0x8001, &ip).done()
}

fn netbios(b: Buf, host: &str, suffix: u8) -> Buf {
    let mut padded = host.to_uppercase().into_bytes();
    padded.resize(15, b' ');
    padded.push(suffix);
    let coded: Vec<u8> = padded.iter().flat_map(|c| [b'A' + (c >> 4), b'A' + (c & 15)]).collect();
    b.u8(32).put(&coded).u8(0)
}

/// A broadcast NetBIOS name query.
pub fn nbns_query(id: u16, host: &str) -> Vec<u8> {
    netbios(header(id, 0x0110, 1, 0, 0), host, 0x20).be16(0x20).be16(1).done()
}

/// A broadcast NetBIOS name registration.
pub fn nbns_register(id: u16, host: &str, ip: Ip) -> Vec<u8> {
    netbios(header(id, 0x2910, 1, 0, 1), host, 0)
        .be16(0x20)
        .be16(1)
        .be16(0xc00c)
        .be16(0x20)
        .be16(1)
        .be32(300_000)
        .be16(6)
        .be16(0)
        .put(&ip)
        .done()
}
