//! The contract between the engine and a protocol. One message per call; the only stream loop, all buffering, all
//! arithmetic on what is missing lives in the engine.

use crate::output::Output;
use crate::row::{Dir, Moment};
use model::{Endpoint, Mac, NetworkId, Time};

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A TCP stream: messages may be cut anywhere.
    Tcp,
    /// A UDP datagram.
    Udp,
    /// A layer-2 frame with this EtherType (0x0600 and above), or LLC with `0x0100 | DSAP`, or SNAP.
    Link(u16),
    /// A SNAP frame of this organisation and protocol id (CDP is 0x00000c, 0x2000).
    Snap(u32, u16),
    /// An IP protocol without ports (ICMP is 1, ICMPv6 58).
    Ip(u8),
    /// Inside another protocol, by its name, one whole message at a time.
    Inside(&'static str),
    /// Inside another protocol, by its name, as a byte stream.
    StreamInside(&'static str),
}

impl Transport {
    /// Whether messages may be cut anywhere.
    pub fn is_stream(self) -> bool {
        matches!(self, Transport::Tcp | Transport::StreamInside(_))
    }
}

/// What a carrier tells the protocol inside it. The carrier's page documents its facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Carried {
    /// Channel inside the carrier (connection id, reference); sessions are kept per channel.
    pub channel: u64,
    /// Numbers the carrier's page documents (COTP: called and calling TSAP; EtherNet/IP: sender context, …).
    pub facts: [u64; 4],
}

/// One look at the front of the bytes of one direction.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The bytes: for streams from the first unread byte on, for everything else one whole message.
    pub bytes: &'a [u8],
    /// Bytes of this datagram or frame that the capture cut off behind `bytes` (snap length); 0 for streams.
    pub cut: u32,
    /// Direction in the flow.
    pub dir: Dir,
    /// Frame that completed the bytes.
    pub at: Moment,
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// Hardware addresses of the frame, sender and receiver.
    pub macs: Option<(Mac, Mac)>,
    /// VLAN of the frame.
    pub vlan: Option<u16>,
    /// IP time to live (hop limit); 0 without IP.
    pub ttl: u8,
    /// What carries the message.
    pub transport: Transport,
    /// What the carrier says, for `Inside` transports.
    pub carried: Carried,
    /// `bytes` begin where a segment, datagram or frame began.
    pub boundary: bool,
    /// Framing was lost, or the conversation was joined in the middle. The next message is believed only when it is
    /// complete and fits: known operation, consistent lengths, check sums.
    pub trial: bool,
    /// The other direction of this flow has been seen too.
    pub both_sides: bool,
    /// Expectations of this host pair.
    pub expects: &'a Expects,
}

impl Input<'_> {
    /// Network of the flow.
    pub fn network(&self) -> NetworkId {
        self.src.host.network
    }
}

/// What a session did with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A message of this many bytes was read. More than `bytes.len()` skips the rest as it arrives (long bodies).
    /// Never 0.
    Took(usize),
    /// The message is not complete. Nothing was written to the output and no state was changed.
    NeedMore,
    /// Framing is lost: skip this many bytes, then look again in trial mode. 0 means up to the next segment boundary.
    Resync(usize),
    /// This is another protocol.
    NotMine,
}

/// State of one conversation in one protocol.
pub trait Session: Send {
    /// Looks at the front of `input.bytes`, takes at most one message, says what it meant.
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step;

    /// Bytes of this direction are missing here. Outstanding requests that the loss may concern must be let go
    /// (`Pending::lose`): loss never invents.
    fn gap(&mut self, dir: Dir, out: &mut Output) {
        let _ = (dir, out);
    }

    /// The next moment this session cares about.
    fn deadline(&self) -> Option<Time> {
        None
    }

    /// The deadline has passed: unanswered requests become `NoReply` (`Pending::expire`).
    fn expire(&mut self, now: Time, out: &mut Output) {
        let _ = (now, out);
    }

    /// Reads a word of what the next message will need, so that it is in the cache then. Says nothing.
    fn touch(&self) -> u64 {
        0
    }

    /// The flow ended or the input did: what is outstanding becomes `Unseen` (`Pending::lose`).
    fn finish(&mut self, out: &mut Output) {
        let _ = out;
    }
}

/// Something one conversation says about another of the same two hosts: an FTP data port, a DCE/RPC end point, a
/// CIP connection id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The protocol that will speak there.
    pub protocol: &'static str,
    /// TCP or UDP port, 0 where an id is expected instead.
    pub port: u16,
    /// Id looked up by the other conversation (connection id); 0 where a port is expected.
    pub id: u64,
    /// What the expecting side wants known there.
    pub tag: u64,
}

/// Most expectations kept per host pair; the oldest goes first. A pair with more open CIP connections than this
/// loses the tag of the oldest, nothing else.
pub const MAX_EXPECTS: usize = 64;

/// Longest name kept with an expectation, in bytes: file names on the wire are rarely longer, and longer ones are cut.
const MAX_EXPECT_NAME: usize = 255;

/// The expectations of one host pair, each with a name (of the file to come) where one was told.
#[derive(Clone, Debug, Default)]
pub struct Expects {
    list: Vec<Named>,
}

#[derive(Clone, Debug)]
struct Named {
    expect: Expect,
    name: Box<[u8]>,
}

impl Expects {
    /// None.
    pub const NONE: &'static Expects = &Expects { list: Vec::new() };

    /// Adds one with its name (empty for none); an older one for the same protocol, port and id is replaced.
    pub fn add(&mut self, expect: Expect, name: &[u8]) {
        let key = |e: &Expect| (e.protocol, e.port, e.id);
        self.list.retain(|e| key(&e.expect) != key(&expect));
        if self.list.len() >= MAX_EXPECTS {
            self.list.remove(0);
        }
        let name = name.get(..name.len().min(MAX_EXPECT_NAME)).unwrap_or_default().into();
        self.list.push(Named { expect, name });
    }

    /// The tag of an expected id.
    pub fn id(&self, protocol: &str, id: u64) -> Option<u64> {
        let mut list = self.list.iter().map(|e| &e.expect);
        list.find(|e| e.protocol == protocol && e.port == 0 && e.id == id).map(|e| e.tag)
    }

    /// The expectation of a port.
    pub fn port(&self, port: u16) -> Option<Expect> {
        self.list.iter().map(|e| e.expect).find(|e| port != 0 && e.port == port)
    }

    /// The name told with the expectation of a port.
    pub fn name(&self, port: u16) -> &[u8] {
        self.list.iter().find(|e| port != 0 && e.expect.port == port).map_or(&[], |e| &e.name)
    }
}

/// What identification sees: the first payload of a conversation in one direction.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// What carries them.
    pub transport: Transport,
    /// Port of the sender; 0 without ports.
    pub src_port: u16,
    /// Port of the receiver; 0 without ports.
    pub dst_port: u16,
    /// What the carrier says.
    pub carried: Carried,
}

/// How sure identification is, by content alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Cannot be this protocol.
    No,
    /// Could be: believed only where a port or carrier hint agrees.
    Maybe,
    /// Looks like it: believed with a hint, or when the other direction looks like it too.
    Likely,
    /// A fixed magic or several consistent fields: believed anywhere.
    Sure,
}

/// Where to look first. A hint, never a conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Usual TCP port.
    Tcp(u16),
    /// Usual UDP port.
    Udp(u16),
    /// EtherType (or `0x0100 | DSAP` for LLC).
    Link(u16),
    /// SNAP organisation and protocol id.
    Snap(u32, u16),
    /// IP protocol number.
    Ip(u8),
    /// Carrier.
    Inside(&'static str),
}
