//! Changes an input by its parts: what is said, in which order, which way, instead of lengths and tags. The bytes of
//! one message are changed by the fuzzer's own means.

use super::ops::{self, MAX_OPS, Op};
use super::{Target, engine, seeds, session};
use crate::laws::Random;

/// Changes plain bytes into at most so many.
pub type Inner<'a> = &'a mut dyn FnMut(&[u8], usize) -> Vec<u8>;

/// What stands before the things that happen.
enum Front {
    None,
    Session(session::Head),
    Engine(engine::Head),
}

/// Changes an input for a target into one of at most about `max` bytes. `material` are
/// messages of the protocols, see [`seeds::material`].
pub fn mutate(
    target: Target,
    bytes: &[u8],
    max: usize,
    random: &mut Random,
    material: &[Vec<u8>],
    inner: Inner<'_>,
) -> Vec<u8> {
    if target == Target::File || random.below(5) == 0 {
        return inner(bytes, max);
    }
    let (front, mut ops) = match target {
        Target::Session(_) => {
            let (mut head, ops) = session::read(bytes);
            if random.below(12) == 0 {
                match random.below(4) {
                    0 => head.transport = random.below(8) as u8,
                    1 => head.midstream = !head.midstream,
                    2 => head.piece = random.below(8) as u8,
                    _ => head.facts[random.below(4) as usize] = random.bits() as u16,
                }
            }
            (Front::Session(head), ops)
        }
        Target::Engine => {
            let (mut head, ops) = engine::read(bytes);
            if random.below(8) == 0 {
                head_of_engine(&mut head, random);
            }
            (Front::Engine(head), ops)
        }
        _ => (Front::None, ops::read(bytes)),
    };
    for _ in 0..1 + random.below(3) {
        change(&mut ops, target, max, random, material, inner);
    }
    ops.truncate(MAX_OPS);
    let mut out = match front {
        Front::Session(head) => session::write(&head, &ops),
        Front::Engine(head) => engine::write(&head, &ops),
        Front::None => {
            let mut out = Vec::new();
            ops::write(&ops, &mut out);
            out
        }
    };
    out.truncate(max);
    out
}

fn head_of_engine(head: &mut engine::Head, random: &mut Random) {
    let at = random.below(head.talks.len() as u64) as usize;
    match random.below(6) {
        0 => head.piece = random.below(8) as u8,
        1 => head.talks[at].kind = random.bits() as u8,
        2 => head.talks[at].hosts = random.bits() as u8,
        3 => head.talks[at].number = seeds::number(random),
        _ if head.talks.len() < 8 => {
            let between = engine::Between { kind: random.bits() as u8 & 7, hosts: 0x21, number: seeds::number(random) };
            head.talks.push(between);
        }
        _ => {
            head.talks.remove(at);
        }
    }
}

fn change(ops: &mut Vec<Op>, target: Target, max: usize, random: &mut Random, material: &[Vec<u8>], inner: Inner<'_>) {
    let at = random.below(ops.len() as u64) as usize;
    let choice = if ops.is_empty() { 10 } else { random.below(20) };
    match choice {
        // the bytes of one message
        0..=8 => {
            let said = |op: &Op| matches!(op, Op::Say { .. } | Op::Raw { .. });
            let from = (0..ops.len()).map(|i| (at + i) % ops.len()).find(|i| said(&ops[*i]));
            if let Some(Op::Say { bytes, .. } | Op::Raw { bytes, .. }) = from.and_then(|i| ops.get_mut(i)) {
                *bytes = inner(bytes, max.min(4096));
            }
        }
        // a known message, in place of one or before it
        9..=11 => {
            let Some(bytes) = material.get(random.below(material.len() as u64) as usize).cloned() else { return };
            let op = match target {
                Target::Frame => Op::Raw { link: random.below(7) as u8, more: 0, bytes },
                _ => Op::Say { who: random.below(16) as u8 & if random.below(2) == 0 { 8 } else { 15 }, bytes },
            };
            if choice == 9 && at < ops.len() {
                ops[at] = op;
            } else {
                ops.insert(at, op);
            }
        }
        12 => {
            ops.remove(at);
        }
        13 => {
            let copy = ops[at].clone();
            ops.insert(random.below(ops.len() as u64) as usize, copy);
        }
        14 => {
            let other = random.below(ops.len() as u64) as usize;
            ops.swap(at, other);
        }
        15 => {
            if let Op::Say { who, .. } | Op::Gap { who, .. } | Op::Again { who, .. } = &mut ops[at] {
                *who ^= if random.below(3) == 0 { random.below(8) as u8 } else { 8 };
            }
        }
        // one message in two
        16 => {
            if let Op::Say { who, bytes } = &mut ops[at] {
                let (who, rest) = (*who, bytes.split_off(random.below(bytes.len() as u64 + 1) as usize));
                ops.insert(at + 1, Op::Say { who, bytes: rest });
            }
        }
        // two messages in one
        17 => {
            let next = ops.get(at + 1).cloned();
            if let (Op::Say { who, bytes }, Some(Op::Say { who: second, bytes: more })) = (&mut ops[at], next)
                && *who == second
            {
                bytes.extend_from_slice(&more);
                ops.remove(at + 1);
            }
        }
        _ => ops.insert(at, event(target, random)),
    }
}

/// Something that happens without a message.
fn event(target: Target, random: &mut Random) -> Op {
    let who = random.below(2) as u8 * 8;
    let small = random.below(200) as u32;
    let ms = [1, 100, 3_000, 20_000, 120_000, 4_000_000][random.below(6) as usize];
    let kinds = if target == Target::Engine { 11 } else { 3 };
    match random.below(kinds) {
        0 => Op::Gap { who, count: if random.below(4) == 0 { random.bits() as u32 } else { 1 + small } },
        1 | 2 => Op::Wait { ms },
        3 => Op::Again { who, back: random.below(20) as u8, change: random.below(2) as u8 },
        4 => Op::Early { by: random.below(5) as u8 },
        5 => Op::Lost,
        6 => Op::Flags { who, flags: [1, 2, 4, 0x10, 0x12, 0x11, 0x14][random.below(7) as usize] },
        7 => Op::Clock { seconds: [-1, 1, -7_200, 7_200, 100_000_000, i32::MIN][random.below(6) as usize] },
        8 => Op::Fragment { eights: 1 + random.below(8) as u8 },
        9 => Op::Cut { keep: random.below(200) as u16 },
        _ if random.below(2) == 0 => Op::Vlan { id: small as u16 },
        _ => Op::Quiet { ms },
    }
}
