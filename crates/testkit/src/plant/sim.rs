//! The machine: a heap of tasks, a heap of frames not yet written, and the ways to put frames on the network.
//!
//! A task runs at its time and puts frames at or after it; frames before the next task are written. So the capture
//! comes out in time order while only the near future is held.

use super::device::{Device, Span, Zone};
use super::layout::Site;
use super::process::Process;
use super::random::Random;
use super::truth::{Meaning, Truth};
use crate::build::tcp::{Conversation, Tamper};
use crate::build::{Ip, Mac};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::io;

/// A microsecond in ns.
pub const MICRO: i64 = 1_000;
/// A millisecond in ns.
pub const MILLI: i64 = 1_000_000;
/// A second in ns.
pub const SECOND: i64 = 1_000_000_000;
/// A minute in ns.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in ns.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in ns.
pub const DAY: i64 = 24 * HOUR;

/// Something that happens; it says in how many ns it wants to happen again.
pub type Task = Box<dyn FnMut(&mut Sim) -> Option<i64>>;

/// A TCP connection of the plant.
pub(super) struct Link {
    pub client: usize,
    pub server: usize,
    pub talk: usize,
    pub tcp: Conversation,
    /// When its last frame was put.
    pub clock: i64,
    pub tamper: Option<Tamper>,
}

/// A connection's name. Closed connections are forgotten; using their name does nothing.
pub type LinkId = u64;

type Frame = (i64, u64, Vec<u8>, Option<(Meaning, bool)>);

struct Pending(Frame);

impl PartialEq for Pending {
    fn eq(&self, other: &Pending) -> bool {
        (self.0.0, self.0.1) == (other.0.0, other.0.1)
    }
}
impl Eq for Pending {}
impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Pending) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Pending {
    fn cmp(&self, other: &Pending) -> std::cmp::Ordering {
        (self.0.0, self.0.1).cmp(&(other.0.0, other.0.1))
    }
}

/// Connections between two devices are led through an intruder.
#[derive(Clone, Copy, Debug)]
pub struct Diversion {
    /// Who opens them.
    pub client: usize,
    /// Who listens.
    pub server: usize,
    /// The intruder's hardware address.
    pub via: Mac,
    /// What is done to payloads on the way.
    pub tamper: Tamper,
    /// The attack their frames belong to meanwhile.
    pub attack: usize,
}

/// The plant at a moment.
pub struct Sim {
    /// The moment, ns since the Unix epoch.
    pub now: i64,
    /// When the capture begins.
    pub start: i64,
    /// When the capture ends.
    pub end: i64,
    /// Numbers.
    pub random: Random,
    /// Devices; others refer to them by index.
    pub devices: Vec<Device>,
    /// Who is who.
    pub site: Site,
    /// The water.
    pub process: Process,
    /// The record.
    pub truth: Truth,
    /// Which SCADA server leads.
    pub leader: usize,
    /// The attack in whose name frames are put now.
    pub attack: Option<usize>,
    /// A pair whose connections pass an intruder.
    pub diverted: Option<Diversion>,
    /// Devices that are switched off.
    pub down: BTreeSet<usize>,
    pub(super) links: BTreeMap<LinkId, Link>,
    pub(super) resolved: BTreeMap<(usize, usize), i64>,
    pub(super) ids: BTreeMap<usize, u16>,
    next_link: LinkId,
    tasks: Vec<Option<Task>>,
    free: Vec<usize>,
    queue: BinaryHeap<Reverse<(i64, u64, usize)>>,
    frames: BinaryHeap<Reverse<Pending>>,
    order: u64,
}

impl Sim {
    /// A plant with nothing to do yet.
    pub fn new(start: i64, duration: i64, mut random: Random, devices: Vec<Device>, site: Site, lines: usize) -> Sim {
        let process = Process::new(lines, &mut random);
        let leader = site.scada[0];
        Sim {
            now: start,
            start,
            end: start + duration,
            random,
            devices,
            site,
            process,
            truth: Truth::default(),
            leader,
            attack: None,
            diverted: None,
            down: BTreeSet::new(),
            links: BTreeMap::new(),
            resolved: BTreeMap::new(),
            ids: BTreeMap::new(),
            next_link: 0,
            tasks: Vec::new(),
            free: Vec::new(),
            queue: BinaryHeap::new(),
            frames: BinaryHeap::new(),
            order: 0,
        }
    }

    /// Length of the capture.
    pub fn duration(&self) -> i64 {
        self.end - self.start
    }

    /// Runs a task `delay` ns from now, and again as it wishes.
    pub fn task(&mut self, delay: i64, task: Task) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.tasks.push(None);
            self.tasks.len() - 1
        });
        self.tasks[slot] = Some(task);
        self.order += 1;
        self.queue.push(Reverse((self.now + delay.max(0), self.order, slot)));
    }

    /// Does something once, `delay` ns from now.
    pub fn after(&mut self, delay: i64, what: impl FnOnce(&mut Sim) + 'static) {
        let mut what = Some(what);
        self.task(
            delay,
            Box::new(move |sim| {
                if let Some(what) = what.take() {
                    what(sim);
                }
                None
            }),
        );
    }

    /// Does something every `period` ns, moved by up to `jitter`, from a random part of the first period on.
    pub fn every(&mut self, period: i64, jitter: i64, mut what: impl FnMut(&mut Sim) + 'static) {
        let first = self.random.below(period as u64) as i64;
        self.task(
            first,
            Box::new(move |sim| {
                what(sim);
                let moved = sim.random.below(2 * jitter as u64 + 1) as i64 - jitter;
                Some((period + moved).max(MILLI))
            }),
        );
    }

    /// Runs `what` in the name of an attack.
    pub fn attacking(&mut self, attack: usize, what: impl FnOnce(&mut Sim)) {
        self.attack = Some(attack);
        what(self);
        self.attack = None;
    }

    /// Records what is about to happen in an attack, by whom and to whom.
    pub fn note(&mut self, attack: usize, text: &str, actor: usize, subjects: &[usize]) {
        self.truth.step(attack, self.now, text, actor, subjects);
    }

    /// Runs to the end; `write` gets time and bytes of each frame in order. Errors are those of `write`.
    pub fn run(&mut self, mut write: impl FnMut(i64, &[u8]) -> io::Result<()>) -> io::Result<()> {
        while let Some(Reverse((time, _, slot))) = self.queue.pop() {
            if time >= self.end {
                break;
            }
            self.flush(time, &mut write)?;
            self.now = time;
            let Some(mut task) = self.tasks[slot].take() else { continue };
            match task(self) {
                Some(again) => {
                    self.tasks[slot] = Some(task);
                    self.order += 1;
                    self.queue.push(Reverse((time + again.max(1), self.order, slot)));
                }
                None => self.free.push(slot),
            }
        }
        self.flush(self.end, &mut write)
    }

    fn flush(&mut self, before: i64, write: &mut impl FnMut(i64, &[u8]) -> io::Result<()>) -> io::Result<()> {
        while self.frames.peek().is_some_and(|Reverse(p)| p.0.0 < before) {
            let Some(Reverse(Pending((time, _, bytes, meaning)))) = self.frames.pop() else { break };
            match meaning {
                Some((m, true)) => self.truth.missed(m.talk),
                Some((m, false)) => {
                    write(time, &bytes)?;
                    self.truth.written(time, &m);
                }
                None => write(time, &bytes)?,
            }
        }
        Ok(())
    }

    /// Puts a frame on the network at `time`; the operation is counted when the frame is written.
    pub fn put(&mut self, time: i64, bytes: Vec<u8>, talk: usize, operation: Option<(&'static str, Option<u32>)>) {
        self.put_marked(time, bytes, Meaning { talk, operation, partly: false, attack: self.attack }, false);
    }

    /// [`Sim::put`] with everything said; `missed` frames do not reach the capture.
    pub(super) fn put_marked(&mut self, time: i64, bytes: Vec<u8>, meaning: Meaning, missed: bool) {
        self.order += 1;
        let time = time.max(self.now);
        self.frames.push(Reverse(Pending((time, self.order, bytes, Some((meaning, missed))))));
    }

    /// How frames of `a` to `b` look here: source and next hardware address, VLAN, time to live. Each frame is seen
    /// once, where it enters the core switch.
    pub(super) fn path(&self, a: usize, b: usize) -> (Mac, Mac, Option<u16>, u8) {
        let (from, to) = (&self.devices[a], &self.devices[b]);
        let router = self.devices[self.site.router].mac;
        match (from.zone, to.zone) {
            (Zone::Remote, _) => (self.devices[self.site.wan].mac, router, Some(Zone::Remote.vlan()), from.ttl - 1),
            (x, y) if x == y => (from.mac, to.mac, Some(x.vlan()), from.ttl),
            (x, _) => (from.mac, router, Some(x.vlan()), from.ttl),
        }
    }

    /// The next IPv4 identification of a device.
    pub(super) fn ip_id(&mut self, device: usize) -> u16 {
        let id = self.ids.entry(device).or_default();
        *id = id.wrapping_add(1);
        *id
    }

    /// A port for a new outgoing connection.
    pub fn port(&mut self) -> u16 {
        self.random.between(49_152, 65_535) as u16
    }

    pub(super) fn new_link(&mut self, link: Link) -> LinkId {
        self.next_link += 1;
        self.links.insert(self.next_link, link);
        self.next_link
    }

    /// Gives a device another address from now on.
    pub fn readdress(&mut self, device: usize, ip: Ip, mac: Mac) {
        let now = self.now;
        let d = &mut self.devices[device];
        if let Some(last) = d.addresses.last_mut() {
            last.until = Some(now);
        }
        d.addresses.push(Span { ip, mac, from: now, until: None });
        (d.ip, d.mac) = (ip, mac);
        self.resolved.retain(|(a, b), _| *a != device && *b != device);
    }

    /// Adds a device; it holds its address from now on.
    pub fn add(&mut self, mut device: Device) -> usize {
        device.addresses = vec![Span { ip: device.ip, mac: device.mac, from: self.now, until: None }];
        self.devices.push(device);
        self.devices.len() - 1
    }
}
