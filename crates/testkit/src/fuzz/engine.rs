//! Conversations and what a network and a capture do to their packets, through the whole machine.
//!
//! Input: how many conversations and who they are between, then [`ops`](super::ops).

use super::frame::LINKS;
use super::input::Input;
use super::ops::{self, Op};
use super::{differ, lines, memory};
use crate::pages::{Conversation, Talk};
use analysis::Judge;
use analysis::knowledge::Knowledge;
use engine::{Engine, FrameIn, JsonLines, Settings};
use model::{Event, NetworkId, Time, What};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::LazyLock;
use wire::decode::LinkType;

/// Conversations of one input.
const MAX_TALKS: usize = 8;
/// Most frames of one input; streams may be cut small.
const MAX_FRAMES: usize = 2_000;
/// Sizes of TCP segments.
const PIECES: [usize; 8] = [1400, 1400, 1400, 536, 64, 16, 5, 1];
/// What an engine holds whatever comes: facts waiting for their release, tables.
const HELD: usize = 4 << 20;
/// And for each frame and each byte: facts that wait, bytes behind holes, fragments.
const HELD_PER_FRAME: usize = 16 << 10;
const HELD_PER_BYTE: usize = 1 << 10;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::embedded);

/// What an input says before anything happens.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Index in the sizes of segments.
    pub piece: u8,
    /// The conversations.
    pub talks: Vec<Between>,
}

/// Who a conversation is between, small enough that mutation finds every kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// 0 TCP, 1 UDP, 2 Ethernet, 3 LLC, 4 SNAP, 5 IP, 6 TCP and 7 UDP over IPv6; with bit 7 both ports are the
    /// server's, with bit 6 there is no handshake.
    pub kind: u8,
    /// The hosts: low half the sender of the first message; 15 is everybody, 14 a group.
    pub hosts: u8,
    /// Port of the server, EtherType, SAP, protocol id or IP protocol.
    pub number: u16,
}

/// No handshake.
pub const MIDSTREAM: u8 = 0x40;
/// Both ports are the server's.
pub const SAME_PORTS: u8 = 0x80;

/// Reads an input.
pub fn read(bytes: &[u8]) -> (Head, Vec<Op>) {
    let mut input = Input(bytes);
    let (count, piece) = (usize::from(input.u8()) % MAX_TALKS + 1, input.u8());
    let talks = (0..count).map(|_| Between { kind: input.u8(), hosts: input.u8(), number: input.u16() }).collect();
    (Head { piece, talks }, ops::read(input.0))
}

/// Writes an input of one conversation or more.
pub fn write(head: &Head, ops: &[Op]) -> Vec<u8> {
    let mut out = vec![(head.talks.len().clamp(1, MAX_TALKS) - 1) as u8, head.piece];
    for talk in head.talks.iter().take(MAX_TALKS) {
        out.extend_from_slice(&[talk.kind, talk.hosts]);
        out.extend_from_slice(&talk.number.to_le_bytes());
    }
    ops::write(ops, &mut out);
    out
}

impl Between {
    /// In words of the pages.
    pub fn talk(self) -> Talk {
        let (a, b) = (self.hosts & 15, self.hosts >> 4);
        let v4 = |host: u8, net: u8| match host {
            15 => Ipv4Addr::BROADCAST,
            14 => Ipv4Addr::new(224, 0, 0, 251),
            host => Ipv4Addr::new(10, 0, net, host + 1),
        };
        let v6 = |host: u8, net: u16| match host {
            14.. => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb),
            host => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, net, u16::from(host) + 1),
        };
        let mac = |host: u8, net: u8| match host {
            15 => [0xff; 6],
            14 => [0x01, 0x80, 0xc2, 0, 0, 0x0e],
            host => [0x00, 0x30, 0xa7, 0, net, host],
        };
        let port = if self.kind & SAME_PORTS != 0 { self.number } else { 40_000 + u16::from(self.hosts) };
        let sockets = |a: IpAddr, b: IpAddr| (SocketAddr::new(a, port), SocketAddr::new(b, self.number));
        let four = sockets(v4(a, 0).into(), v4(b, 1).into());
        let six = sockets(v6(a, 0).into(), v6(b, 1).into());
        match self.kind & 7 {
            0 => Talk::Tcp(four.0, four.1),
            1 => Talk::Udp(four.0, four.1),
            2 => Talk::Ether(mac(a, 0), mac(b, 1), self.number.max(0x600)),
            3 => Talk::Ether(mac(a, 0), mac(b, 1), self.number & 0xff),
            4 => Talk::Snap(mac(a, 0), mac(b, 1), 0x0c, self.number),
            5 => Talk::Ip(v4(a, 0).into(), v4(b, 1).into(), self.number as u8),
            6 => Talk::Tcp(six.0, six.1),
            _ => Talk::Udp(six.0, six.1),
        }
    }
}

/// What goes into the engine.
enum Step {
    Frame { time: i64, link: LinkType, wire_len: u32, bytes: Vec<u8> },
    Quiet(i64),
}

/// Runs an input under the laws.
pub fn run(bytes: &[u8]) -> Result<(), String> {
    let (head, ops) = read(bytes);
    let steps = steps(&head, &ops);
    let (text, events) = play(&steps, 1, 1)?;
    let broken =
        |e: &&Event| matches!(&e.what, What::Health(h) if h.kind == "session_panic" || h.kind == "no_progress");
    if let Some(event) = events.iter().find(broken) {
        return Err(format!("{:?}", event.what));
    }
    for line in text.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        if let Err(e) = serde_json::from_slice::<serde_json::Value>(line) {
            return Err(format!("{e} in {}", String::from_utf8_lossy(line)));
        }
    }
    for (shards, seed) in [(3, 1), (7, 0xdead_beef)] {
        let (other, others) = play(&steps, shards, seed)?;
        let how = format!("1 and {shards} shards, seed {seed}");
        if other != text {
            return Err(differ(&how, &lines(&text), &lines(&other)));
        }
        // not a number is not equal to itself, but it is written the same
        if events != others {
            let shown = |events: &[Event]| events.iter().map(|e| format!("{e:?}")).collect::<Vec<_>>();
            let (one, other) = (shown(&events), shown(&others));
            if one != other {
                return Err(differ(&how, &one, &other));
            }
        }
    }
    let mut judge = Judge::default();
    events.iter().for_each(|event| judge.see(event));
    judge.finish();
    judge.assets(&*KNOWLEDGE, &[]);
    Ok(())
}

fn play(steps: &[Step], shards: usize, seed: u64) -> Result<(Vec<u8>, Vec<Event>), String> {
    let mut engine = Engine::new(&Settings { shards, seed, ..Settings::default() });
    engine.write_with(|| Box::new(JsonLines::new()));
    let before = memory::held();
    let (mut text, mut events) = (Vec::new(), Vec::new());
    let (mut frames, mut sum) = (0, 0);
    for step in steps {
        let mut write = |bytes: &[u8]| text.extend_from_slice(bytes);
        let mut take = |event| events.push(event);
        match step {
            Step::Frame { time, link, wire_len, bytes } => {
                frames += 1;
                sum += bytes.len();
                let (time, network) = (Time(*time), NetworkId(0));
                let frame = FrameIn { time, link: *link, wire_len: *wire_len, bytes, network };
                engine.push(&frame, &mut take, &mut write);
            }
            Step::Quiet(time) => engine.advance(Time(*time), &mut take, &mut write),
        }
    }
    let own = text.capacity() + 2 * events.capacity() * size_of::<Event>();
    memory::check("the engine", before, HELD + HELD_PER_FRAME * frames + HELD_PER_BYTE * sum + own)?;
    engine.finish(&mut |event| events.push(event), &mut |bytes| text.extend_from_slice(bytes));
    Ok((text, events))
}

/// The packets, after all that happened to them.
fn steps(head: &Head, ops: &[Op]) -> Vec<Step> {
    let talks: Vec<(Between, Talk)> = head.talks.iter().map(|b| (*b, b.talk())).collect();
    let piece = PIECES[usize::from(head.piece) % PIECES.len()];
    let mut all = Conversation::new();
    let mut steps: Vec<Step> = Vec::new();
    let mut last: [Option<Vec<u8>>; 16] = Default::default();
    let mut bias = 0i64;
    for op in ops {
        let talk = |who: &u8| {
            let (between, talk) = talks[usize::from(who & 7) % talks.len()];
            (between, if who & 8 == 0 { talk } else { talk.flip() })
        };
        match op {
            Op::Say { who, bytes } => {
                let (between, talk) = talk(who);
                if let Talk::Tcp(a, b) = talk {
                    match between.kind & MIDSTREAM != 0 {
                        true => all.midstream(a, b),
                        false => all.handshake(a, b),
                    }
                }
                all.send(talk, bytes, piece);
                last[usize::from(who & 15)] = all.frames.last().map(|f| f.1.clone());
            }
            Op::Gap { who, count } => all.lose(talk(who).1, *count),
            Op::Wait { ms } => all.now = all.now.saturating_add(i64::from(*ms) * 1_000_000),
            Op::Again { who, back, change } => {
                if let Some(mut bytes) = last[usize::from(who & 15)].clone() {
                    again(&mut bytes, *back, *change);
                    all.frames.push((all.now, bytes));
                    all.now += 1_000;
                }
            }
            Op::Flags { who, flags } => all.flags(talk(who).1, *flags),
            Op::Clock { seconds } => bias = bias.saturating_add(i64::from(*seconds) * Time::SECOND),
            Op::Quiet { ms } => {
                all.now = all.now.saturating_add(i64::from(*ms) * 1_000_000);
                steps.push(Step::Quiet(all.now.saturating_add(bias)));
            }
            Op::Raw { link, more, bytes } => {
                let link = LINKS[usize::from(*link) % LINKS.len()];
                let wire_len = bytes.len() as u32 + u32::from(*more);
                steps.push(Step::Frame { time: all.now.saturating_add(bias), link, wire_len, bytes: bytes.clone() });
                all.now += 1_000_000;
            }
            Op::Early { .. } | Op::Lost | Op::Fragment { .. } | Op::Vlan { .. } | Op::Cut { .. } => {
                mischief(op, &mut steps);
            }
        }
        for (time, bytes) in all.frames.drain(..) {
            let (time, wire_len) = (time.saturating_add(bias), bytes.len() as u32);
            steps.push(Step::Frame { time, link: LinkType::Ethernet, wire_len, bytes });
        }
        if steps.len() >= MAX_FRAMES {
            break;
        }
    }
    steps.truncate(MAX_FRAMES);
    steps
}

/// A TCP segment begins `back` bytes earlier; the last byte of any packet is changed.
fn again(bytes: &mut [u8], back: u8, change: u8) {
    let at = match bytes.get(12..14) {
        Some([0x08, 0x00]) if bytes.get(23) == Some(&6) => 38,
        Some([0x86, 0xdd]) if bytes.get(20) == Some(&6) => 58,
        _ => 0,
    };
    if let Some(seq) = bytes.get_mut(at..at + 4).filter(|_| at > 0).and_then(|s| s.first_chunk_mut::<4>()) {
        *seq = u32::from_be_bytes(*seq).wrapping_sub(back.into()).to_be_bytes();
    }
    if let Some(end) = bytes.last_mut() {
        *end ^= change;
    }
}

/// What a network or a capture does to the last frame.
fn mischief(op: &Op, steps: &mut Vec<Step>) {
    let Some(Step::Frame { time, link, wire_len, bytes }) = steps.pop() else { return };
    match op {
        Op::Lost => {}
        Op::Early { by } => {
            let at = steps.len().saturating_sub(usize::from(*by));
            steps.insert(at, Step::Frame { time, link, wire_len, bytes });
            // the bytes change places, the times stay in order
            let mut late = time;
            for step in &mut steps[at..] {
                if let Step::Frame { time, .. } = step {
                    core::mem::swap(time, &mut late);
                }
            }
        }
        Op::Vlan { id } if bytes.len() >= 12 => {
            let mut tagged = bytes[..12].to_vec();
            tagged.extend_from_slice(&[0x81, 0, (id >> 8) as u8 & 0x0f, *id as u8]);
            tagged.extend_from_slice(&bytes[12..]);
            steps.push(Step::Frame { time, link, wire_len: wire_len + 4, bytes: tagged });
        }
        Op::Cut { keep } => {
            let mut bytes = bytes;
            bytes.truncate(usize::from(*keep));
            steps.push(Step::Frame { time, link, wire_len, bytes });
        }
        Op::Fragment { eights } if bytes.len() > 34 && bytes[12..14] == [8, 0] => {
            let size = usize::from(*eights).max(1) * 8;
            let (head, data) = bytes.split_at(34);
            let count = data.len().div_ceil(size).min(64);
            for (i, part) in data.chunks(size).take(64).enumerate() {
                let mut frame = head.to_vec();
                let more = u16::from(i + 1 < count) << 13;
                frame[16..18].copy_from_slice(&(20 + part.len() as u16).to_be_bytes());
                frame[20..22].copy_from_slice(&(((i * size / 8) as u16 & 0x1fff) | more).to_be_bytes());
                frame.extend_from_slice(part);
                let wire_len = frame.len() as u32;
                steps.push(Step::Frame { time, link, wire_len, bytes: frame });
            }
        }
        _ => steps.push(Step::Frame { time, link, wire_len, bytes }),
    }
}
