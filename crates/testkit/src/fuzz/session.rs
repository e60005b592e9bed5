//! What two ends say in one protocol, any bytes, through the real stream loop and the real habits.
//!
//! Input: which of the protocol's transports, how it is cut and joined, what a carrier says, then [`ops`](super::ops).

use super::input::Input;
use super::ops::{self, Op};
use super::{differ, lines, memory};
use crate::laws::is_clean;
use crate::pages::{Case, CaseLines, Step, Talk, parse};
use engine::{Ends, Registry, Setting, Solo, Write};
use model::{Endpoint, Event, Host, Mac, NetworkId, Stamp, Time};
use protocols::{Carried, Dir, Hint, Output, PROTOCOLS, Protocol, Row, Transport};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

/// A Monday morning.
const START: Time = Time(1_772_438_400_000_000_000);
/// Time from message to message, in nanoseconds.
const STEP: i64 = 1_000_000;
/// Pieces a stream is cut into for the law of cutting.
const PIECES: [usize; 8] = [1, 2, 3, 5, 7, 11, 16, 50];
/// Memory a conversation may hold whatever is said: a message being put together (256 KiB, twice while it grows), and
/// what a pair of hosts remembers.
const HELD: usize = 2 << 20;
/// And for each byte said: requests outstanding, names and handles remembered.
const HELD_PER_BYTE: usize = 256;
/// Text of the facts, whatever is said: an opening tells a lot at once.
const TEXT: usize = 64 << 10;
/// And for each byte said: a bit of a coil becomes a word of its own.
const TEXT_PER_BYTE: usize = 512;

/// What an input says before the first message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    /// Which of the protocol's [`ways`].
    pub transport: u8,
    /// Joined in the middle.
    pub midstream: bool,
    /// Index in the sizes of pieces.
    pub piece: u8,
    /// What the carrier says.
    pub facts: [u16; 4],
}

/// Reads an input.
pub fn read(bytes: &[u8]) -> (Head, Vec<Op>) {
    let mut input = Input(bytes);
    let (transport, flags) = (input.u8(), input.u8());
    let facts = [(); 4].map(|()| input.u16());
    (Head { transport, midstream: flags & 1 != 0, piece: flags >> 1, facts }, ops::read(input.0))
}

/// Writes an input.
pub fn write(head: &Head, ops: &[Op]) -> Vec<u8> {
    let mut out = vec![head.transport, u8::from(head.midstream) | head.piece << 1];
    out.extend(head.facts.iter().flat_map(|f| f.to_le_bytes()));
    ops::write(ops, &mut out);
    out
}

/// One way to reach a protocol: itself, or a carrier that carries it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The protocol that is expected.
    pub protocol: &'static Protocol,
    /// What carries it.
    pub transport: Transport,
    /// Port of the server; 0 without ports.
    pub port: u16,
}

/// Every way to reach a protocol, its own first.
pub fn ways(protocol: &'static Protocol) -> Vec<Way> {
    let mut ways = Vec::new();
    let mut through = vec![protocol];
    let mut next = 0;
    while let Some(protocol) = through.get(next).copied() {
        next += 1;
        for hint in protocol.hints {
            let (transport, port) = match *hint {
                Hint::Tcp(port) => (Transport::Tcp, port),
                Hint::Udp(port) => (Transport::Udp, port),
                Hint::Link(kind) => (Transport::Link(kind), 0),
                Hint::Snap(oui, pid) => (Transport::Snap(oui, pid), 0),
                Hint::Ip(number) => (Transport::Ip(number), 0),
                Hint::Inside(carrier) => {
                    let carrying = protocols::by_name(carrier).filter(|c| through.iter().all(|t| t.name != c.name));
                    through.extend(carrying);
                    if next > 1 {
                        continue;
                    }
                    (Transport::Inside(carrier), 9)
                }
            };
            ways.push(Way { protocol, transport, port });
        }
    }
    ways
}

/// How the same is heard in another way.
#[derive(Clone, Copy)]
struct How {
    piece: usize,
    mirrored: bool,
    only: Option<Dir>,
}

/// As it is.
const PLAIN: How = How { piece: usize::MAX, mirrored: false, only: None };

struct Heard {
    lines: Vec<String>,
    said: usize,
    text: usize,
    understood: bool,
}

/// Runs an input under the laws.
pub fn run(protocol: &str, bytes: &[u8]) -> Result<(), String> {
    let Some(protocol) = protocols::by_name(protocol) else { return Err(format!("no protocol {protocol}")) };
    let (head, ops) = read(bytes);
    let whole = play(protocol, &head, &ops, PLAIN)?;
    if whole.text > TEXT + TEXT_PER_BYTE * whole.said {
        return Err(format!("{} bytes said became {} bytes of facts", whole.said, whole.text));
    }
    let transport = way_of(protocol, &head).transport;
    // where framing was lost, segment boundaries help to find it again: only then may cutting matter
    let joined = !head.midstream && !ops.iter().any(|op| matches!(op, Op::Gap { .. }));
    if transport.is_stream() && whole.understood && joined && !SEGMENTED.contains(&protocol.name) {
        let piece = PIECES[usize::from(head.piece) % PIECES.len()];
        let cut = play(protocol, &head, &ops, How { piece, ..PLAIN })?;
        let (one, other) = (before_hand_over(protocol, &whole.lines), before_hand_over(protocol, &cut.lines));
        if one != other {
            return Err(differ(&format!("whole and cut into pieces of {piece}"), &one, &other));
        }
    }
    let mut mirrored = play(protocol, &head, &ops, How { mirrored: true, ..PLAIN })?.lines;
    let mut sorted = whole.lines;
    mirrored.sort_unstable();
    sorted.sort_unstable();
    if sorted != mirrored {
        return Err(differ("ends called A and B, and B and A", &sorted, &mirrored));
    }
    for only in [Dir::AtoB, Dir::BtoA] {
        let one = play(protocol, &head, &ops, How { only: Some(only), ..PLAIN })?;
        if let Some(line) = one.lines.iter().find(|l| l.ends_with(" no_reply")) {
            return Err(format!("only {only:?} was seen, yet: {line}"));
        }
    }
    heard_again(protocol, &head, &ops)
}

/// Protocols in which the segment means something: serial frames of functions without a stated length end with it, and
/// FTP commands in one segment were sent together, without waiting for a reply.
const SEGMENTED: [&str; 2] = ["ftp", "modbus_rtu"];

/// Protocols that may say that everything from here on is protected or belongs to somebody else; then nothing more can
/// be heard, and that is right.
const SEALING: [&str; 6] = ["ftp", "http", "rdp", "ssh", "telnet", "tls"];
/// What a protocol that may hand over says itself: what follows the hand-over looks for segment fronts, too.
fn before_hand_over(protocol: &Protocol, lines: &[String]) -> Vec<String> {
    let own = |line: &&String| line.split(' ').take(2).any(|word| word == protocol.name);
    let all = !SEALING.contains(&protocol.name);
    lines.iter().filter(|line| all || own(line)).cloned().collect()
}

/// More than any length field announces.
const LOSS: u64 = 1 << 40;

/// Malformed never blinds: whatever was said, after a loss the protocol's own exchanges are heard.
fn heard_again(protocol: &'static Protocol, head: &Head, ops: &[Op]) -> Result<(), String> {
    let way = way_of(protocol, head);
    if way.transport != Transport::Tcp || SEALING.contains(&protocol.name) || SEALING.contains(&way.protocol.name) {
        return Ok(());
    }
    let Some(case) = clean_case(protocol).filter(|case| case.ports.contains(&way.port)) else { return Ok(()) };
    let ends = ends(way.transport, way.port);
    let Way { protocol: expected, transport, .. } = way;
    let setting = Setting { protocol: expected.name, transport, ends, start: START, midstream: head.midstream };
    let mut solo = Solo::new(&REGISTRY, &setting, Box::new(CaseLines)).ok_or("not in the list")?;
    let dir = |who: &u8| if who & 8 == 0 { Dir::AtoB } else { Dir::BtoA };
    for op in ops {
        match op {
            Op::Say { who, bytes } => solo.hear(dir(who), bytes, Carried::default()),
            Op::Gap { who, count } => solo.miss(dir(who), u64::from(*count)),
            Op::Wait { ms } | Op::Quiet { ms } => solo.wait(i64::from(*ms) * 1_000_000),
            _ => {}
        }
    }
    // it may have turned out to be another protocol
    if solo.protocol() != Some(expected.name) {
        return Ok(());
    }
    solo.miss(Dir::AtoB, LOSS);
    solo.miss(Dir::BtoA, LOSS);
    solo.batch().clear();
    for _ in 0..3 {
        for (dir, bytes) in &case.messages {
            solo.hear(*dir, bytes, Carried::default());
        }
    }
    let heard = lines(&solo.batch().text);
    let own = |l: &String| l.strip_prefix(protocol.name).is_some_and(|rest| rest.starts_with(' '));
    match heard.iter().any(own) {
        true => Ok(()),
        false => Err(format!("after a loss \"{}\" was not heard: {heard:?}", case.name)),
    }
}

/// A case of a protocol's page that a conversation over TCP can be joined with.
struct Clean {
    name: String,
    ports: [u16; 2],
    messages: Messages,
}

type Messages = Vec<(Dir, Vec<u8>)>;

fn clean_case(protocol: &'static Protocol) -> Option<&'static Clean> {
    type Cases = BTreeMap<&'static str, Option<Clean>>;
    static CASES: LazyLock<Cases> = LazyLock::new(|| PROTOCOLS.iter().map(|p| (p.name, find_clean(p))).collect());
    CASES.get(protocol.name)?.as_ref()
}

fn find_clean(protocol: &Protocol) -> Option<Clean> {
    let own = |l: &String| l.split(' ').next() == Some(protocol.name);
    let cases = parse(protocol.cases).ok()?;
    let case = cases.into_iter().find(|c| is_clean(c) && c.facts.iter().any(own) && one_tcp(c).is_some())?;
    let (ports, messages) = one_tcp(&case)?;
    Some(Clean { name: case.name, ports, messages })
}

/// Ports and messages of a case of one TCP conversation.
fn one_tcp(case: &Case) -> Option<([u16; 2], Messages)> {
    let Some(Step::Bytes { talk: first @ Talk::Tcp(a, b), .. }) = case.steps.first() else { return None };
    let message = |step: &Step| match step {
        Step::Bytes { talk, bytes, .. } if talk == first => Some((Dir::AtoB, bytes.clone())),
        Step::Bytes { talk, bytes, .. } if *talk == first.flip() => Some((Dir::BtoA, bytes.clone())),
        _ => None,
    };
    let messages: Option<Messages> = case.steps.iter().map(message).collect();
    Some(([a.port(), b.port()], messages?))
}

fn way_of(protocol: &'static Protocol, head: &Head) -> Way {
    let ways = ways(protocol);
    let other = Way { protocol, transport: Transport::Tcp, port: 9 };
    ways.get(usize::from(head.transport) % ways.len().max(1)).copied().unwrap_or(other)
}

fn ends(transport: Transport, port: u16) -> Ends {
    let macs = [Mac([2, 0, 10, 0, 0, 5]), Mac([2, 0, 10, 0, 0, 9])];
    let host = |i: usize| match transport {
        Transport::Link(_) | Transport::Snap(..) => Host { network: NetworkId(0), address: macs[i].into() },
        _ => {
            let ip = Ipv4Addr::new(10, 0, 0, [5, 9][i]);
            Host { network: NetworkId(0), address: IpAddr::V4(ip).into() }
        }
    };
    let client = if port == 0 { 0 } else { 40_000 };
    let (a, b) = (Endpoint { host: host(0), port: client }, Endpoint { host: host(1), port });
    Ends { a, b, macs: macs.map(Some) }
}

fn play(named: &'static Protocol, head: &Head, ops: &[Op], how: How) -> Result<Heard, String> {
    let Way { protocol, transport, port } = way_of(named, head);
    let mut ends = ends(transport, port);
    if how.mirrored {
        ends = Ends { a: ends.b, b: ends.a, macs: [ends.macs[1], ends.macs[0]] };
    }
    let dir = |who: u8| match (who & 8 != 0) != how.mirrored {
        false => Dir::AtoB,
        true => Dir::BtoA,
    };
    let setting = Setting { protocol: protocol.name, transport, ends, start: START, midstream: head.midstream };
    // behind the hand-over sessions look for a new beginning at the front of each segment
    let fronts = [protocol, named].iter().any(|p| SEALING.contains(&p.name));
    let before = memory::held();
    let mut solo = Solo::new(&REGISTRY, &setting, Box::new(Declared)).ok_or("not in the list")?;
    let mut text = Vec::new();
    let mut said = 0;
    for op in ops {
        match op {
            Op::Say { who, bytes } if how.only.is_none_or(|only| only == dir(*who)) => {
                said += bytes.len();
                let channel = u64::from(who & 7);
                let carried = match transport {
                    Transport::Inside(_) => Carried { channel, facts: head.facts.map(u64::from) },
                    _ => Carried::default(),
                };
                match transport.is_stream() {
                    true => bytes.chunks(how.piece).enumerate().for_each(|(i, part)| match i > 0 && fronts {
                        true => solo.hear_on(dir(*who), part),
                        false => solo.hear(dir(*who), part, carried),
                    }),
                    false => solo.hear(dir(*who), bytes, carried),
                }
            }
            Op::Gap { who, count }
                if transport.is_stream() && *count > 0 && how.only.is_none_or(|only| only == dir(*who)) =>
            {
                solo.miss(dir(*who), u64::from(*count));
            }
            Op::Wait { ms } | Op::Quiet { ms } => solo.wait(i64::from(*ms) * 1_000_000),
            _ => {}
        }
        solo.wait(STEP);
        let batch = core::mem::take(solo.batch());
        text.extend_from_slice(&batch.text);
    }
    memory::check("the conversation", before, HELD + HELD_PER_BYTE * said + text.capacity())?;
    // silence is told when everything outstanding had its time
    solo.wait(60 * Time::SECOND);
    solo.finish();
    text.extend_from_slice(&solo.batch().text);
    let lines = lines(&text);
    let broken =
        |l: &&String| ["health session_panic", "health no_progress", "undeclared"].iter().any(|b| l.starts_with(b));
    if let Some(line) = lines.iter().find(broken) {
        return Err(line.clone());
    }
    let limit = lines.iter().any(|l| l.starts_with("health"));
    let understood = solo.not_understood() == 0 && !limit && solo.protocol() == Some(protocol.name);
    Ok(Heard { lines, said, text: text.len(), understood })
}

/// Fact lines, and a line for each name that the protocol has not declared.
struct Declared;

impl Write for Declared {
    fn row(&mut self, at: Stamp, protocol: &Protocol, row: &Row, out: &Output, ends: &Ends, text: &mut Vec<u8>) {
        for extra in out.extras_of(row) {
            if !protocol.fields.iter().any(|f| f.key == extra.key) {
                text.extend_from_slice(format!("undeclared field {} {}\n", protocol.name, extra.key).as_bytes());
            }
        }
        for item in out.items_of(row) {
            if !protocol.spaces.contains(&item.goal.space) {
                text.extend_from_slice(format!("undeclared space {} {}\n", protocol.name, item.goal.space).as_bytes());
            }
        }
        CaseLines.row(at, protocol, row, out, ends, text);
    }

    fn event(&mut self, event: &Event, text: &mut Vec<u8>) {
        CaseLines.event(event, text);
    }
}
