//! DNP3 (IEEE 1815-2012): link frames with block checks, one-fragment transport, application messages.

use super::Buf;

fn crc(data: &[u8]) -> u16 {
    let mut crc: u16 = 0;
    for byte in data {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xa6bc } else { crc >> 1 };
        }
    }
    !crc
}

/// Application function codes.
pub mod function {
    #![allow(missing_docs)]
    pub const CONFIRM: u8 = 0;
    pub const READ: u8 = 1;
    pub const WRITE: u8 = 2;
    pub const SELECT: u8 = 3;
    pub const OPERATE: u8 = 4;
    pub const DIRECT_OPERATE: u8 = 5;
    pub const COLD_RESTART: u8 = 13;
    pub const RESPONSE: u8 = 129;
    pub const UNSOLICITED: u8 = 130;
}

/// Link addresses of both sides.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The polling station.
    pub master: u16,
    /// The outstation.
    pub outstation: u16,
}

/// Unconfirmed user data; at most 249 bytes of application message.
fn link(l: Link, from_master: bool, sequence: u8, app: &[u8]) -> Vec<u8> {
    let (dst, src, control) = if from_master { (l.outstation, l.master, 0xc4) } else { (l.master, l.outstation, 0x44) };
    let head = Buf::new().u8(5).u8(0x64).u8(app.len() as u8 + 6).u8(control).le16(dst).le16(src).done();
    let sum = crc(&head);
    let mut out = Buf(head).le16(sum);
    let user = Buf::new().u8(0xc0 | sequence & 0x3f).put(app).done();
    for block in user.chunks(16) {
        out = out.put(block).le16(crc(block));
    }
    out.done()
}

/// A request from the master.
pub fn request(l: Link, sequence: u8, function: u8, objects: &[u8]) -> Vec<u8> {
    let app = Buf::new().u8(0xc0 | sequence & 15).u8(function).put(objects);
    link(l, true, sequence, &app.0)
}

/// The outstation's response; `iin` are the internal indications, first byte high.
pub fn response(l: Link, sequence: u8, iin: u16, objects: &[u8]) -> Vec<u8> {
    let app = Buf::new().u8(0xc0 | sequence & 15).u8(function::RESPONSE).be16(iin).put(objects);
    link(l, false, sequence, &app.0)
}

/// The outstation speaks unasked; the master confirms with [`confirm_unsolicited`].
pub fn unsolicited(l: Link, sequence: u8, objects: &[u8]) -> Vec<u8> {
    let app = Buf::new().u8(0xf0 | sequence & 15).u8(function::UNSOLICITED).be16(0).put(objects);
    link(l, false, sequence, &app.0)
}

/// The master's confirmation of an unsolicited response.
pub fn confirm_unsolicited(l: Link, sequence: u8) -> Vec<u8> {
    link(l, true, sequence, &[0xd0 | sequence & 15, function::CONFIRM])
}

/// Object headers asking for classes 1, 2, 3 and, for an integrity poll, 0.
pub fn classes(integrity: bool) -> Vec<u8> {
    let mut out = vec![60, 2, 6, 60, 3, 6, 60, 4, 6];
    if integrity {
        out.extend([60, 1, 6]);
    }
    out
}

/// Static binary inputs (group 1 variation 2) from index 0.
pub fn binaries(states: &[bool]) -> Vec<u8> {
    let b = Buf::new().put(&[1, 2, 0, 0, states.len() as u8 - 1]);
    states.iter().fold(b, |b, s| b.u8(if *s { 0x81 } else { 1 })).done()
}

/// Static analogue inputs (group 30 variation 5, single float) from index 0.
pub fn analogues(values: &[f32]) -> Vec<u8> {
    let b = Buf::new().put(&[30, 5, 0, 0, values.len() as u8 - 1]);
    values.iter().fold(b, |b, v| b.u8(1).le_f32(*v)).done()
}

/// Analogue events (group 32 variation 5): index and value.
pub fn analogue_events(events: &[(u8, f32)]) -> Vec<u8> {
    let b = Buf::new().put(&[32, 5, 0x17, events.len() as u8]);
    events.iter().fold(b, |b, (i, v)| b.u8(*i).u8(1).le_f32(*v)).done()
}

/// A binary event (group 2 variation 1).
pub fn binary_event(index: u8, on: bool) -> Vec<u8> {
    vec![2, 1, 0x17, 1, index, if on { 0x81 } else { 1 }]
}

/// A control relay output block (group 12 variation 1): latch on or off. Answers repeat it.
pub fn control(index: u16, on: bool) -> Vec<u8> {
    let b = Buf::new().put(&[12, 1, 0x28]).le16(1).le16(index).u8(if on { 3 } else { 4 }).u8(1);
    b.le32(100).le32(100).u8(0).done()
}

/// Time and date (group 50 variation 1) in ms since the Unix epoch.
pub fn time(ms: u64) -> Vec<u8> {
    Buf::new().put(&[50, 1, 7, 1]).put(&ms.to_le_bytes()[..6]).done()
}

/// Delay before a restart (group 52 variation 2), ms.
pub fn delay(ms: u16) -> Vec<u8> {
    Buf::new().put(&[52, 2, 7, 1]).le16(ms).done()
}

/// Asks for a device attribute (group 0), e.g. 242 firmware, 248 serial, 250 product, 252 manufacturer.
pub fn attribute_request(variation: u8) -> Vec<u8> {
    vec![0, variation, 0, 0, 0]
}

/// A text attribute.
pub fn attribute(variation: u8, text: &str) -> Vec<u8> {
    Buf::new().put(&[0, variation, 0, 0, 0, 1, text.len() as u8]).text(text).done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_has_the_published_check_value() {
        assert_eq!(crc(b"123456789"), 0xea82)
    }

    #[test]
    fn every_block_of_sixteen_has_its_check() {
        let l = Link { master: 1, outstation: 10 };
        let frame = response(l, 3, 0, &analogues(&[1.0, 2.0, 3.0, 4.0, 5.0]));
        let user = usize::from(frame[2]) - 5;
        assert_eq!(frame.len(), 10 + user + 2 * user.div_ceil(16));
        let mut rest = &frame[10..];
        while !rest.is_empty() {
            let block = (rest.len() - 2).min(16);
            assert_eq!(crc(&rest[..block]).to_le_bytes(), rest[block..block + 2]);
            rest = &rest[block + 2..];
        }
    }
}
