//! Bytes to packet. Stateless.
//!
//! ```text
//! | type 1 | length 3 | …        direct hosting: type 0, 24 bits of length
//!                                NetBIOS: seven bits of flags of which one is the length's highest (RFC 1002, 4.3.1)
//! 0x81 session request: called name, calling name        0x83 negative response: error 1
//! 0x84 retarget: address 4, port 2
//! ```

use wire::{Malformed, Read, Reader};

/// Bytes of the header.
pub const HEADER: usize = 4;
/// Session message.
pub const MESSAGE: u8 = 0x00;
/// Session request.
pub const REQUEST: u8 = 0x81;
/// Positive response.
pub const POSITIVE: u8 = 0x82;
/// Negative response.
pub const NEGATIVE: u8 = 0x83;
/// Retarget response.
pub const RETARGET: u8 = 0x84;
/// Keep-alive.
pub const KEEPALIVE: u8 = 0x85;

/// Longest packet that is no session message: two names of at most 255 bytes each.
const LONGEST_CONTROL: usize = 510;

/// The packet at the front; its body may not all be here.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    pub kind: u8,
    /// Length of the body.
    pub length: usize,
    /// What is here of it.
    pub rest: &'a [u8],
}

/// Reads the header. `Ok(None)`: not told yet.
pub fn packet(bytes: &[u8]) -> Read<Option<Packet<'_>>> {
    let mut r = Reader::new(bytes);
    let Ok(kind) = r.u8("type") else { return Ok(None) };
    if !matches!(kind, MESSAGE | REQUEST..=KEEPALIVE) {
        return Err(Malformed::invalid("type", 0));
    }
    let Ok(length) = r.be24("length") else { return Ok(None) };
    let length = length as usize;
    if kind != MESSAGE && length > LONGEST_CONTROL {
        return Err(Malformed::invalid("length", 1));
    }
    let rest = r.peek();
    Ok(Some(Packet { kind, length, rest: rest.get(..length).unwrap_or(rest) }))
}

/// Whether a session message begins as SMB of any version does: plain, SMB 2, encrypted, compressed.
pub fn is_smb(body: &[u8]) -> bool {
    matches!(body, [0xfc..=0xff, b'S', b'M', b'B', ..])
}

/// One name: fifteen characters and a suffix that tells what for (RFC 1001, 14.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    text: [u8; 15],
    pub suffix: u8,
}

impl Name {
    /// The characters, without the padding.
    pub fn text(&self) -> &[u8] {
        let end = self.text.iter().rposition(|b| !matches!(b, b' ' | 0)).map_or(0, |i| i + 1);
        self.text.get(..end).unwrap_or_default()
    }
}

/// Called and calling name of a session request.
pub fn names(body: &[u8]) -> Read<(Name, Name)> {
    let mut r = Reader::new(body);
    Ok((name(&mut r, "called name")?, name(&mut r, "calling name")?))
}

/// The called name alone: enough to know a session request by.
pub fn called(body: &[u8]) -> Read<Name> {
    name(&mut Reader::new(body), "called name")
}

/// Each byte is two letters from `A` on; labels of the scope follow.
fn name(r: &mut Reader<'_>, what: &'static str) -> Read<Name> {
    let at = r.offset();
    if r.u8(what)? != 32 {
        return Err(Malformed::invalid(what, at));
    }
    let mut all = [0u8; 16];
    for byte in &mut all {
        let [high, low] = r.array::<2>(what)?;
        if !(b'A'..=b'P').contains(&high) || !(b'A'..=b'P').contains(&low) {
            return Err(Malformed::invalid(what, at));
        }
        *byte = (high - b'A') << 4 | (low - b'A');
    }
    loop {
        match usize::from(r.u8(what)?) {
            0 => break,
            label @ 1..=63 => r.skip(label, what)?,
            _ => return Err(Malformed::invalid(what, at)),
        }
    }
    let [text @ .., suffix] = all;
    Ok(Name { text, suffix })
}
