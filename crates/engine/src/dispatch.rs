//! The front: numbers frames, keeps time, decodes, removes copies, chooses the shard.

use crate::key::hash_host;
use crate::limits::{TIME_STEP_FRAMES, TIME_STEP_NS};
use crate::shard::Seen;
use model::{Address, Host, Mac, NetworkId, Time};
use wire::decode::{Decoder, FragmentLimits, Layer, LinkType, Packet};
use wire::duplicates::{Copy, Duplicates};

/// A frame as a source hands it over.
#[derive(Clone, Copy, Debug)]
pub struct FrameIn<'a> {
    /// Raw time of the capture.
    pub time: Time,
    /// Outermost header.
    pub link: LinkType,
    /// Bytes on the wire.
    pub wire_len: u32,
    /// Bytes captured.
    pub bytes: &'a [u8],
    /// The network it was seen in.
    pub network: NetworkId,
}

/// What the dispatcher counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontCounters {
    /// Frames in.
    pub frames: u64,
    /// Bytes in, as on the wire.
    pub bytes: u64,
    /// Frames nothing could be decoded of.
    pub undecoded: u64,
    /// Frames of link types that are not decoded.
    pub unknown_link: u64,
    /// Copies removed.
    pub duplicates_removed: u64,
    /// Copies seen and kept.
    pub duplicates_marked: u64,
    /// Frames shorter than they were on the wire.
    pub cut: u64,
    /// Steps of the capture's clock.
    pub time_steps: u64,
    /// Frames whose time lies before the frame before them.
    pub backward: u64,
}

/// Numbers, decodes, distributes.
pub struct Dispatcher {
    decoder: Decoder,
    duplicates: Duplicates,
    clock: Clock,
    shards: usize,
    number: u64,
    counters: FrontCounters,
}

impl Dispatcher {
    /// A dispatcher for this many shards.
    pub fn new(shards: usize) -> Dispatcher {
        Dispatcher {
            decoder: Decoder::new(FragmentLimits::default()),
            duplicates: Duplicates::new(0),
            clock: Clock::default(),
            shards: shards.max(1),
            number: 0,
            counters: FrontCounters::default(),
        }
    }

    /// Goes on counting after `number`: frames of a site's earlier captures keep their numbers.
    pub fn starting_after(mut self, number: u64) -> Dispatcher {
        self.number = number;
        self
    }

    /// Takes the next frame. Writes the packet to `seen` and answers its shard; `None` where there is none: held as a
    /// fragment, removed as a copy, or nothing that could be decoded.
    #[inline]
    pub fn frame(&mut self, frame: &FrameIn<'_>, seen: &mut Seen) -> Option<usize> {
        self.number += 1;
        let c = &mut self.counters;
        c.frames += 1;
        c.bytes += u64::from(frame.wire_len);
        c.cut += u64::from((frame.bytes.len() as u64) < u64::from(frame.wire_len));
        c.unknown_link += u64::from(!frame.link.is_known());
        let now = self.clock.take(frame.time);
        seen.number = self.number;
        seen.raw = frame.time;
        seen.now = now;
        seen.network = frame.network;
        let packet = &mut seen.packet;
        if !self.decoder.decode_into(frame.link, frame.bytes, frame.wire_len, now.0, packet) {
            return None;
        }
        if packet.layer == Layer::Nothing {
            c.undecoded += 1;
            return None;
        }
        let payload = packet.payload(frame.bytes, self.decoder.assembled());
        seen.digest = wire::digest(payload);
        match self.duplicates.is_copy_of(packet, seen.digest, now.0) {
            Copy::Fresh => {}
            Copy::Marked => c.duplicates_marked += 1,
            Copy::Removed => {
                c.duplicates_removed += 1;
                return None;
            }
        }
        Some(shard_of(packet, frame.network, self.shards))
    }

    /// Payload of the packet just dispatched.
    pub fn payload<'a>(&'a self, seen: &Seen, frame: &'a [u8]) -> &'a [u8] {
        seen.packet.payload(frame, self.decoder.assembled())
    }

    /// The reassembled datagram behind the packet just dispatched, where it is one.
    pub fn assembled(&self) -> &[u8] {
        self.decoder.assembled()
    }

    /// Engine time.
    pub fn now(&self) -> Time {
        self.clock.now
    }

    /// Moves engine time on without a frame (live capture while the wire is quiet).
    pub fn advance(&mut self, raw: Time) -> Time {
        self.clock.advance(raw)
    }

    /// Steps of the capture's clock: engine time of each, and raw minus engine time from then on.
    pub fn steps(&self) -> &[(Time, i64)] {
        &self.clock.history
    }

    /// Number of the last frame.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What was counted.
    pub fn counters(&self) -> FrontCounters {
        let time_steps = self.clock.history.len() as u64;
        FrontCounters { time_steps, backward: self.clock.backward, ..self.counters }
    }

    /// Decoder counters.
    pub fn decoded(&self) -> &wire::decode::Counters {
        self.decoder.counters()
    }
}

/// Pairs of hosts stay together; group traffic stays with its group, so that parallel publishers meet.
fn shard_of(packet: &Packet, network: NetworkId, shards: usize) -> usize {
    if shards <= 1 {
        return 0;
    }
    let (src, dst): (Address, Address) = if packet.has_ip() {
        (packet.src.into(), packet.dst.into())
    } else {
        (Mac(packet.src_mac).into(), Mac(packet.dst_mac).into())
    };
    // fixed seed: which shard a pair lives in is nobody's secret and must not depend on the tables' seed
    let h = |address| hash_host(0x5eed, Host { network, address });
    // the same for both directions: a group as sender is wrong on any network, and can be made
    let h = match (src.is_group(), dst.is_group()) {
        (false, true) => h(dst),
        (true, false) => h(src),
        _ => h(src) ^ h(dst),
    };
    (h % shards as u64) as usize
}

/// Engine time. Real captures step backwards by microseconds all the time and jump when clocks are set or files are
/// joined; engine time never decreases and has no steps.
#[derive(Debug, Default)]
struct Clock {
    now: Time,
    /// Raw time minus engine time.
    bias: i64,
    started: bool,
    jump: Option<(Time, u32)>,
    history: Vec<(Time, i64)>,
    backward: u64,
}

/// Steps remembered one by one. A capture with more has no clock worth the name; later ones replace the last.
const MAX_STEPS: usize = 1024;

impl Clock {
    fn take(&mut self, raw: Time) -> Time {
        if !self.started {
            self.started = true;
            self.now = raw;
            return raw;
        }
        let engine = raw.plus(self.bias.saturating_neg());
        let ahead = engine.since(self.now);
        if ahead.abs() > TIME_STEP_NS {
            let (from, agreeing) = match self.jump {
                Some((from, n)) if raw.since(from).abs() <= TIME_STEP_NS => (from.max(raw), n + 1),
                _ => (raw, 0),
            };
            self.jump = Some((from, agreeing));
            if agreeing >= TIME_STEP_FRAMES {
                // believed: timers keep their distance, raw stamps show the new time
                self.bias = raw.since(self.now);
                self.jump = None;
                if self.history.len() >= MAX_STEPS {
                    self.history.pop();
                }
                self.history.push((self.now, self.bias));
            }
            return self.now;
        }
        self.jump = None;
        if ahead < 0 {
            self.backward += 1;
        } else {
            self.now = engine;
        }
        self.now
    }

    fn advance(&mut self, raw: Time) -> Time {
        if self.started {
            let engine = raw.plus(self.bias.saturating_neg());
            if engine > self.now && engine.since(self.now) <= TIME_STEP_NS {
                self.now = engine;
            }
        }
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: i64) -> Time {
        Time(n * Time::SECOND)
    }

    #[test]
    fn one_stray_time_is_not_believed_and_sixteen_more_are() {
        let mut clock = Clock::default();
        assert_eq!(clock.take(s(100)), s(100));
        assert_eq!(clock.take(s(50)), s(100), "small steps back never decrease engine time");
        assert_eq!(clock.take(s(1_000_000)), s(100));
        assert_eq!(clock.take(s(101)), s(101), "a stray frame changes nothing");
        for i in 0..16 {
            assert_eq!(clock.take(s(2_000_000 + i)), s(101));
        }
        assert_eq!(clock.take(s(2_000_016)), s(101), "timers keep their distance");
        assert_eq!(clock.take(s(2_000_018)), s(103));
        assert_eq!(clock.history.len(), 1);
    }
}
