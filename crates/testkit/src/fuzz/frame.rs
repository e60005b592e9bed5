//! Frames of any link type, one after the other, through the decoder. Input: [`ops`](super::ops); bytes said are plain
//! Ethernet frames.

use super::memory;
use super::ops::{self, Op};
use wire::decode::{Decoder, Layer, LinkType, Odd, Packet};

/// Link types tried; the last stands for all that are not decoded.
pub const LINKS: [LinkType; 7] = [
    LinkType::Ethernet,
    LinkType::LinuxSll,
    LinkType::LinuxSll2,
    LinkType::RawIp,
    LinkType::Null,
    LinkType::Loop,
    LinkType::Other(9),
];

/// Fragments held (16 MiB by their own bound), never more than a few times what was sent.
const HELD: usize = 1 << 20;
/// A fragment at the end of a datagram makes room for the whole.
const HELD_PER_FRAME: usize = 80 << 10;

struct Frame {
    link: LinkType,
    bytes: Vec<u8>,
    wire_len: u32,
    time: i64,
}

/// Runs an input under the laws.
pub fn run(bytes: &[u8]) -> Result<(), String> {
    let frames = frames(&ops::read(bytes));
    let before = memory::held();
    let mut decoder = Decoder::default();
    let first: Vec<Option<Packet>> = frames.iter().map(|f| inside(&mut decoder, f)).collect::<Result<_, _>>()?;
    memory::check("the decoder", before, HELD + HELD_PER_FRAME * frames.len())?;
    let counted = *decoder.counters();
    if counted.frames != frames.len() as u64 {
        return Err(format!("{} frames went in, {counted:?}", frames.len()));
    }
    drop(decoder);
    let mut again = Decoder::default();
    for (frame, packet) in frames.iter().zip(&first) {
        if inside(&mut again, frame)? != *packet {
            return Err(format!("another answer the second time: {packet:?}"));
        }
    }
    frames.iter().try_for_each(cut)
}

fn frames(ops: &[Op]) -> Vec<Frame> {
    let mut time = 1_772_438_400_000_000_000;
    let mut frames = Vec::new();
    for op in ops {
        time += 1_000_000;
        match op {
            Op::Raw { link, more, bytes } => {
                let link = LINKS[usize::from(*link) % LINKS.len()];
                frames.push(Frame {
                    link,
                    wire_len: bytes.len() as u32 + u32::from(*more),
                    bytes: bytes.clone(),
                    time,
                });
            }
            Op::Say { bytes, .. } => {
                let (link, wire_len) = (LinkType::Ethernet, bytes.len() as u32);
                frames.push(Frame { link, wire_len, bytes: bytes.clone(), time });
            }
            Op::Wait { ms } => time += i64::from(*ms) * 1_000_000,
            _ => {}
        }
    }
    frames
}

/// Decodes; everything the packet points at must be there.
fn inside(decoder: &mut Decoder, f: &Frame) -> Result<Option<Packet>, String> {
    let Some(p) = decoder.decode(f.link, &f.bytes, f.wire_len, f.time) else { return Ok(None) };
    let from = if p.assembled { decoder.assembled().len() } else { f.bytes.len() };
    let fits = p.payload_at as usize + p.payload_len as usize <= from;
    let payload = p.payload(&f.bytes, decoder.assembled()).len();
    if !fits || payload != p.payload_len as usize || u64::from(p.missing) > u64::from(f.wire_len) + 65_535 {
        return Err(format!("outside the frame of {from} bytes: {p:?}"));
    }
    Ok(Some(p))
}

/// A frame whose end the capture cut off says nothing that the whole one does not say.
fn cut(f: &Frame) -> Result<(), String> {
    let Some(whole) = Decoder::default().decode(f.link, &f.bytes, f.wire_len, f.time) else { return Ok(()) };
    for keep in 0..f.bytes.len().min(128) {
        let bytes = f.bytes[..keep].to_vec();
        let part = Frame { link: f.link, bytes, wire_len: f.wire_len, time: f.time };
        let Some(p) = inside(&mut Decoder::default(), &part)? else { continue };
        // a header that ends early is marked, and what it would have said stays empty
        if p.odd.has(Odd::HEADER_CUT) || p.layer == Layer::Nothing || p.layer != whole.layer || p.tunnel != whole.tunnel
        {
            continue;
        }
        let who = |p: &Packet| (p.src, p.dst, p.src_port, p.dst_port, p.seq, p.kind, p.src_mac, p.dst_mac, p.vlan);
        if who(&p) != who(&whole) || p.payload_at != whole.payload_at || p.payload_len > whole.payload_len {
            return Err(format!("cut to {keep} bytes it says\n  {p:?}\nthe whole says\n  {whole:?}"));
        }
    }
    Ok(())
}
