//! What happens in a fuzz input of the targets `session` and `engine`: who says what, what gets lost on the way, how
//! time passes. Every input means something, and mutation can work on the parts instead of on lengths.

use super::input::{Input, put_block};

/// Most things that happen in one input: enough for any habit to form, few enough to be quick.
pub const MAX_OPS: usize = 400;

/// One thing that happens. `who` chooses a conversation (low three bits) and the direction (top bit of four).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// These bytes are said.
    Say { who: u8, bytes: Vec<u8> },
    /// So many bytes are lost before the sensor; the receiver has them.
    Gap { who: u8, count: u32 },
    /// So many milliseconds pass.
    Wait { ms: u32 },
    /// The last frame of this direction comes again, its sequence number `back` bytes earlier, one byte changed by
    /// `change` where it is not 0.
    Again { who: u8, back: u8, change: u8 },
    /// The last frame was late: it comes so many frames before.
    Early { by: u8 },
    /// The last frame was not seen.
    Lost,
    /// A TCP segment with these flags and no payload.
    Flags { who: u8, flags: u8 },
    /// The capture's clock is set forward or back by so many seconds.
    Clock { seconds: i32 },
    /// Any frame of any link type; `more` bytes of it were cut off by the capture.
    Raw { link: u8, more: u16, bytes: Vec<u8> },
    /// The last frame's IP packet comes in fragments of so many times eight bytes.
    Fragment { eights: u8 },
    /// The last frame came on this VLAN.
    Vlan { id: u16 },
    /// The capture kept only so many bytes of the last frame.
    Cut { keep: u16 },
    /// Time passes without a frame, as in live capture, by so many milliseconds.
    Quiet { ms: u32 },
}

/// Reads what happens. Never fails; what is cut off means its front.
pub fn read(bytes: &[u8]) -> Vec<Op> {
    let mut input = Input(bytes);
    let mut ops = Vec::new();
    while !input.is_empty() && ops.len() < MAX_OPS {
        let tag = input.u8();
        let who = tag >> 4;
        ops.push(match tag & 15 {
            0..=3 => Op::Say { who, bytes: input.block().to_vec() },
            4 => Op::Gap { who, count: input.u32() },
            5 => Op::Wait { ms: input.u32() },
            6 => Op::Again { who, back: input.u8(), change: input.u8() },
            7 => Op::Early { by: input.u8() },
            8 => Op::Lost,
            9 => Op::Flags { who, flags: input.u8() },
            10 => Op::Clock { seconds: input.u32() as i32 },
            11 => Op::Raw { link: input.u8(), more: input.u16(), bytes: input.block().to_vec() },
            12 => Op::Fragment { eights: input.u8() },
            13 => Op::Vlan { id: input.u16() },
            14 => Op::Cut { keep: input.u16() },
            _ => Op::Quiet { ms: input.u32() },
        });
    }
    ops
}

/// Writes what happens; [`read`] gives it back.
pub fn write(ops: &[Op], out: &mut Vec<u8>) {
    let tag = |out: &mut Vec<u8>, who: u8, kind: u8| out.push(who << 4 | kind);
    for op in ops {
        match op {
            Op::Say { who, bytes } => {
                tag(out, *who, 0);
                put_block(bytes, out);
            }
            Op::Gap { who, count } => {
                tag(out, *who, 4);
                out.extend_from_slice(&count.to_le_bytes());
            }
            Op::Wait { ms } => {
                tag(out, 0, 5);
                out.extend_from_slice(&ms.to_le_bytes());
            }
            Op::Again { who, back, change } => {
                tag(out, *who, 6);
                out.extend_from_slice(&[*back, *change]);
            }
            Op::Early { by } => {
                tag(out, 0, 7);
                out.push(*by);
            }
            Op::Lost => tag(out, 0, 8),
            Op::Flags { who, flags } => {
                tag(out, *who, 9);
                out.push(*flags);
            }
            Op::Clock { seconds } => {
                tag(out, 0, 10);
                out.extend_from_slice(&seconds.to_le_bytes());
            }
            Op::Raw { link, more, bytes } => {
                tag(out, 0, 11);
                out.push(*link);
                out.extend_from_slice(&more.to_le_bytes());
                put_block(bytes, out);
            }
            Op::Fragment { eights } => {
                tag(out, 0, 12);
                out.push(*eights);
            }
            Op::Vlan { id } => {
                tag(out, 0, 13);
                out.extend_from_slice(&id.to_le_bytes());
            }
            Op::Cut { keep } => {
                tag(out, 0, 14);
                out.extend_from_slice(&keep.to_le_bytes());
            }
            Op::Quiet { ms } => {
                tag(out, 0, 15);
                out.extend_from_slice(&ms.to_le_bytes());
            }
        }
    }
}
