//! Frames made by hand, inside out.

pub const A: [u8; 6] = [0x02, 0, 0, 0, 0, 0x0a];
pub const B: [u8; 6] = [0x02, 0, 0, 0, 0, 0x0b];

pub fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    cat(&[&B, &A, &kind.to_be_bytes(), payload])
}

/// The tag and what follows it, to stand where an EtherType `tpid` was.
pub fn tag(id: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    cat(&[&id.to_be_bytes(), &kind.to_be_bytes(), payload])
}

pub fn sum(bytes: &[u8]) -> u16 {
    let total: u32 = bytes.chunks(2).map(|p| u32::from(p[0]) << 8 | u32::from(*p.get(1).unwrap_or(&0))).sum();
    let folded = (total & 0xffff) + (total >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

pub fn ip4_with(id: u16, fragment: u16, proto: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let header = 20 + options.len();
    let mut h = vec![0x40 | (header / 4) as u8, 0];
    h.extend_from_slice(&((header + payload.len()) as u16).to_be_bytes());
    h.extend_from_slice(&id.to_be_bytes());
    h.extend_from_slice(&fragment.to_be_bytes());
    h.extend_from_slice(&[64, proto, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    h.extend_from_slice(options);
    let check = sum(&h).to_be_bytes();
    h[10..12].copy_from_slice(&check);
    cat(&[&h, payload])
}

pub fn ip4(proto: u8, payload: &[u8]) -> Vec<u8> {
    ip4_with(0x1234, 0, proto, &[], payload)
}

pub fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut h = vec![0x60, 0, 0, 0];
    h.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    h.extend_from_slice(&[next, 55]);
    for last in [1, 2] {
        h.extend_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    cat(&[&h, payload])
}

pub fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut h = vec![0xc0, 0, 0x01, 0xf6, 0, 0, 0, 7, 0, 0, 0, 9, 0x60, 0x18, 0x20, 0, 0, 0, 0, 0];
    h.extend_from_slice(&[2, 4, 5, 0xb4]);
    cat(&[&h, payload])
}

pub fn udp(to: u16, payload: &[u8]) -> Vec<u8> {
    cat(&[&[0xc0, 1], &to.to_be_bytes(), &((payload.len() + 8) as u16).to_be_bytes(), &[0, 0], payload])
}

/// Ethernet, IPv4, UDP to port 502 with `hello`: what tunnels carry in these tests.
pub fn hello() -> Vec<u8> {
    ethernet(0x0800, &ip4(17, &udp(502, b"hello")))
}
