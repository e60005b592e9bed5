//! Bytes to link frames, transport segments and application fragments. Stateless.
//!
//! ```text
//! link frame (IEEE 1815, clause 9)
//! | 05 64 | length 1 | control 1 | destination 2 | source 2 | CRC 2 | up to 16 bytes | CRC 2 | … |
//!           └ counts control, both addresses and user data, not the CRCs
//! transport segment (clause 8)       application fragment (clause 4)
//! | FIN FIR sequence 1 | … |         | FIR FIN CON UNS sequence 1 | function 1 | [IIN 2] | objects … |
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the header block with its CRC.
pub const HEADER: usize = 10;
/// User bytes per CRC.
const BLOCK: usize = 16;
/// Most user bytes in one frame: 255 less control and addresses (9.2.4.1.2).
pub const MAX_USER: usize = 250;
/// The longest frame.
pub const MAX_FRAME: usize = 292;
/// The two octets every frame begins with.
pub const START: [u8; 2] = [0x05, 0x64];

/// One link frame.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub control: u8,
    pub destination: u16,
    pub source: u16,
    /// User data with the CRC after each block, checked by [`Frame::user`].
    blocks: &'a [u8],
    /// Bytes of the whole frame.
    pub size: usize,
}

impl Frame<'_> {
    /// The sender is the master (DIR).
    pub fn is_from_master(&self) -> bool {
        self.control & 0x80 != 0
    }

    /// The frame begins a link transaction (PRM).
    pub fn is_primary(&self) -> bool {
        self.control & 0x40 != 0
    }

    /// Link function code.
    pub fn function(&self) -> u8 {
        self.control & 0x0f
    }

    /// Copies the user data without CRCs; the error names the block that fails its CRC.
    pub fn user<'b>(&self, buffer: &'b mut [u8; MAX_USER]) -> Read<&'b [u8]> {
        let mut filled = 0usize;
        for block in self.blocks.chunks(BLOCK + 2) {
            let (data, sum) = block.split_at_checked(block.len().saturating_sub(2)).unwrap_or_default();
            if sum != crc(data).to_le_bytes() {
                return Err(Malformed::invalid("crc of a data block", HEADER + filled / BLOCK * (BLOCK + 2)));
            }
            for (to, from) in buffer.iter_mut().skip(filled).zip(data) {
                *to = *from;
            }
            filled += data.len();
        }
        Ok(buffer.get(..filled).unwrap_or_default())
    }
}

/// Reads the frame at the front. `Ok(None)`: not complete yet. The header's CRC is checked, the blocks' are not.
pub fn frame(bytes: &[u8]) -> Read<Option<Frame<'_>>> {
    if !START.iter().zip(bytes).all(|(a, b)| a == b) {
        return Err(Malformed::invalid("start octets", 0));
    }
    let mut r = Reader::new(bytes);
    let Ok(head) = r.take(HEADER - 2, "header") else { return Ok(None) };
    let Ok(sum) = r.le16("header crc") else { return Ok(None) };
    if sum != crc(head) {
        return Err(Malformed::invalid("crc of the header", HEADER - 2));
    }
    let mut h = Reader::new(head);
    h.skip(2, "start octets")?;
    let length = usize::from(h.u8("length")?);
    let control = h.u8("control")?;
    let destination = h.le16("destination")?;
    let source = h.le16("source")?;
    let Some(user_len) = length.checked_sub(5) else { return Err(Malformed::invalid("length", 2)) };
    let blocks_len = user_len + user_len.div_ceil(BLOCK) * 2;
    let Ok(blocks) = r.take(blocks_len, "user data") else { return Ok(None) };
    Ok(Some(Frame { control, destination, source, blocks, size: HEADER + blocks_len }))
}

/// Where the next header with a valid CRC begins behind the first byte; where none is complete, how much can be
/// skipped without losing one that has begun.
pub fn next_start(bytes: &[u8]) -> usize {
    let mut from = 1usize;
    while let Some(rest) = bytes.get(from..) {
        let Some(found) = rest.iter().position(|b| *b == 0x05) else { break };
        from += found;
        match frame(bytes.get(from..).unwrap_or_default()) {
            Ok(_) => return from,
            Err(_) => from += 1,
        }
    }
    bytes.len().max(1)
}

/// CRC of link frames (clause 9.2.4.1.7): polynomial 0x3d65, reflected, inverted.
pub fn crc(bytes: &[u8]) -> u16 {
    let sum = bytes.iter().fold(0u16, |crc, byte| {
        let index = usize::from((crc ^ u16::from(*byte)) & 0xff);
        crc >> 8 ^ CRC_TABLE.get(index).copied().unwrap_or_default()
    });
    !sum
}

/// The CRC of each byte.
static CRC_TABLE: [u16; 256] = crc_table();

// evaluated by the compiler: a wrong index cannot reach a running program
#[allow(clippy::indexing_slicing)]
const fn crc_table() -> [u16; 256] {
    let mut table = [0u16; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xa6bc } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// One application fragment.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    pub control: u8,
    pub function: u8,
    /// Internal indications: first octet in the low byte; responses only.
    pub iin: Option<u16>,
    pub objects: &'a [u8],
}

impl Fragment<'_> {
    /// First fragment of a message.
    pub fn is_first(&self) -> bool {
        self.control & 0x80 != 0
    }

    /// The message is about unsolicited data.
    pub fn is_unsolicited(&self) -> bool {
        self.control & 0x10 != 0
    }

    /// Application sequence number.
    pub fn sequence(&self) -> u8 {
        self.control & 0x0f
    }

    /// Functions from 129 on come from outstations.
    pub fn is_response(&self) -> bool {
        self.function >= 128
    }
}

/// Reads an application fragment.
pub fn fragment(bytes: &[u8]) -> Read<Fragment<'_>> {
    let mut r = Reader::new(bytes);
    let control = r.u8("application control")?;
    let function = r.u8("function code")?;
    let iin = if function >= 128 { Some(r.le16("internal indications")?) } else { None };
    Ok(Fragment { control, function, iin, objects: r.rest() })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A link frame with correct check sums.
    pub fn emit(control: u8, destination: u16, source: u16, user: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x05, 0x64, user.len() as u8 + 5, control];
        bytes.extend(destination.to_le_bytes());
        bytes.extend(source.to_le_bytes());
        bytes.extend(crc(&bytes).to_le_bytes());
        for block in user.chunks(BLOCK) {
            bytes.extend(block);
            bytes.extend(crc(block).to_le_bytes());
        }
        bytes
    }

    #[test]
    fn check_sum_of_the_standard() {
        // the usual check value of CRC-16/DNP
        assert_eq!(crc(b"123456789"), 0xea82);
    }

    #[test]
    fn frames_agree_with_their_bytes() {
        for n in [0usize, 1, 15, 16, 17, 32, 250] {
            let user: Vec<u8> = (0..n).map(|i| i as u8).collect();
            let bytes = emit(0xc4, 1024, 3, &user);
            let got = frame(&bytes).unwrap().unwrap();
            assert_eq!((got.destination, got.source, got.size), (1024, 3, bytes.len()));
            assert!(got.is_from_master() && got.is_primary() && got.function() == 4);
            assert_eq!(got.user(&mut [0; MAX_USER]), Ok(&user[..]));
            for cut in 2..bytes.len() {
                assert!(frame(&bytes[..cut]).unwrap().is_none());
            }
        }
    }

    #[test]
    fn damage_is_found_and_the_next_frame_too() {
        let mut bytes = emit(0xc4, 1, 2, &[0xc0, 0xc1, 1]);
        bytes[11] ^= 1;
        let damaged = frame(&bytes).unwrap().unwrap();
        assert!(damaged.user(&mut [0; MAX_USER]).is_err_and(|e| e.at == 10));
        bytes[4] ^= 1;
        assert!(frame(&bytes).is_err());
        let at = bytes.len();
        bytes.extend([5, 5, 0x64, 9]);
        bytes.extend(emit(0xc9, 1, 2, &[]));
        assert_eq!(next_start(&bytes), at + 4);
        // start octets whose header is not complete yet may be a frame
        assert_eq!(next_start(&bytes[..at + 6]), at + 1);
        assert_eq!(next_start(&[9, 9, 5]), 2);
    }
}
