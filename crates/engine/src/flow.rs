//! One five-tuple (or one pair of hardware addresses and an EtherType): counters, streams, the lane.

use crate::key::Key;
use crate::lane::Lane;
use crate::limits::{DATAGRAM_IDLE_NS, HOLE_TIMEOUT_NS, TCP_CLOSED_NS, TCP_IDLE_NS};
use crate::patterns::Carry;
use crate::registry::Which;
use crate::say::Ends;
use crate::shard::NEVER;
use crate::stream::Stream;
use model::{FlowFact, FlowState, Mac, Stamp, Time};
use protocols::{Dir, Transport};

/// A live flow.
pub struct Flow {
    /// What tells it apart.
    pub key: Key,
    /// Hash of the key.
    pub hash: u64,
    /// Slot of its pair.
    pub pair: u32,
    /// First frame, which is also the flow's name in the order of timers.
    pub first: Stamp,
    /// Last frame, raw time.
    pub last: Stamp,
    /// Last frame, engine time.
    pub active: Time,
    /// Direction in which the client sends.
    pub client: Dir,
    /// The client is known from a handshake.
    pub opened: bool,
    /// The handshake was answered, or both sides sent.
    pub answered: bool,
    /// A reset was seen.
    pub reset: bool,
    /// Hardware addresses of A and B.
    pub macs: [Option<Mac>; 2],
    /// Time to live of the first frame A to B, B to A, sent to one host; 0: none yet.
    pub ttl: [u8; 2],
    /// VLAN of the first frame.
    pub vlan: Option<u16>,
    /// Frames A to B, B to A.
    pub frames: [u64; 2],
    /// Payload bytes A to B, B to A.
    pub bytes: [u64; 2],
    /// Frames and bytes nothing understood.
    pub not_understood: [u64; 2],
    /// Missing bytes.
    pub lost: u64,
    /// Gap facts told.
    pub gaps_told: u8,
    /// The flow was announced.
    pub announced: bool,
    /// What the payload's patterns carry over to the next segment.
    pub carry: Carry,
    /// Reassembly, for TCP.
    pub streams: Option<[Stream; 2]>,
    /// The conversation.
    pub lane: Lane,
    /// When its timer is armed for.
    pub armed: Time,
    /// A later timer that still stands, to be used again.
    pub later: Time,
}

impl Flow {
    /// A flow that begins with this frame.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        key: Key,
        hash: u64,
        pair: u32,
        client: Dir,
        first: Stamp,
        now: Time,
        midstream: bool,
        expected: Option<Which>,
    ) -> Flow {
        Flow {
            key,
            hash,
            pair,
            first,
            last: first,
            active: now,
            client,
            opened: false,
            answered: false,
            reset: false,
            macs: [None, None],
            ttl: [0, 0],
            vlan: None,
            frames: [0, 0],
            bytes: [0, 0],
            not_understood: [0, 0],
            lost: 0,
            gaps_told: 0,
            announced: false,
            carry: Carry::default(),
            streams: (key.transport == Transport::Tcp).then(Default::default),
            lane: Lane::new(key.transport, midstream, expected),
            armed: NEVER,
            later: NEVER,
        }
    }

    /// Reads a word of each part a packet will need, so that it is in the cache then.
    #[inline]
    pub fn touch(&self) -> u64 {
        let stream = self.streams.as_ref().map_or(0, |[to_b, to_a]| to_b.touch() ^ to_a.touch());
        let ends = u64::from(self.key.a.port) ^ u64::from(self.key.b.port);
        let sums = self.frames[0] ^ self.lost ^ self.first.frame ^ self.armed.0.cast_unsigned();
        ends ^ sums ^ stream ^ u64::from(self.pair) ^ self.lane.deadline().0.cast_unsigned()
    }

    /// Who stands at the ends.
    pub fn ends(&self) -> Ends {
        Ends { a: self.key.a, b: self.key.b, macs: self.macs }
    }

    /// Both directions carried frames.
    pub fn both_sides(&self) -> bool {
        self.frames[0] > 0 && self.frames[1] > 0
    }

    /// When nothing more is expected of it.
    pub fn idle_at(&self) -> Time {
        let idle = match (&self.streams, self.answered) {
            (None, _) => DATAGRAM_IDLE_NS,
            (Some(streams), true) if !self.reset && !streams.iter().all(|s| s.closed) => TCP_IDLE_NS,
            (Some(_), _) if self.bytes != [0, 0] && !self.reset => TCP_IDLE_NS,
            _ => TCP_CLOSED_NS,
        };
        self.active.plus(idle)
    }

    /// When a hole in either direction is given up.
    #[inline]
    fn hole_at(&self) -> Option<Time> {
        let streams = self.streams.as_ref()?;
        let waits = streams.iter().filter(|s| s.is_waiting()).filter_map(Stream::waits_since);
        waits.min().map(|t| t.plus(HOLE_TIMEOUT_NS))
    }

    /// The next moment this flow cares about.
    #[inline]
    pub fn deadline(&self) -> Time {
        let first = self.idle_at().min(self.lane.deadline());
        self.hole_at().map_or(first, |hole| first.min(hole))
    }

    /// Its sums.
    pub fn fact(&self, state: FlowState) -> FlowFact {
        let (client, server) = self.ends().of(self.client);
        let turn = |pair: [u64; 2]| if self.client == Dir::AtoB { pair } else { [pair[1], pair[0]] };
        let protocol = self.lane.innermost().map(|p| p.name);
        let mut shape = self.lane.shape();
        if let Some(shape) = &mut shape
            && self.client == Dir::BtoA
        {
            shape.leading.reverse();
            shape.sizes.reverse();
        }
        let macs = if self.client == Dir::AtoB { self.macs } else { [self.macs[1], self.macs[0]] };
        let ttl = if self.client == Dir::AtoB { self.ttl } else { [self.ttl[1], self.ttl[0]] };
        let (transport, kind) = match self.key.transport {
            Transport::Tcp => ("tcp", 6),
            Transport::Udp => ("udp", 17),
            Transport::Link(kind) => ("ether", u32::from(kind)),
            Transport::Snap(oui, pid) => ("snap", oui << 16 | u32::from(pid)),
            Transport::Ip(1) => ("icmp", 1),
            Transport::Ip(58) => ("icmp", 58),
            Transport::Ip(number) => ("ip", u32::from(number)),
            Transport::Inside(_) | Transport::StreamInside(_) => ("inside", 0),
        };
        FlowFact {
            client,
            server,
            opened: self.opened,
            macs,
            ttl,
            vlan: self.vlan,
            transport,
            kind,
            protocol,
            frames: turn(self.frames),
            bytes: turn(self.bytes),
            not_understood: self.not_understood,
            first: self.first,
            last: self.last,
            answered: self.answered,
            reset: self.reset,
            lost_bytes: self.lost,
            state,
            shape,
        }
    }
}
