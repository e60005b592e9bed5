//! Pairing of requests and answers: the only state.

use super::carry;
use super::exchange::{self, Memory, Scene};
use super::manager::Connection;
use super::wire::{REPLY, Request, unconnected_send};
use crate::{Dir, Input, Moment, Output, Session, Step};
use model::{Outcome, Path, Time};

/// A device that has not answered after this long is not going to: originators wait 1 to 10 s; routed requests carry
/// time-outs of up to about 8 s.
const REPLY_TIMEOUT_NS: i64 = 15 * Time::SECOND;
/// The last piece of firmware is answered when the flash memory is written: 16 s in one case seen, minutes for large images.
const FIRMWARE_TIMEOUT_NS: i64 = 180 * Time::SECOND;
/// Most requests outstanding in one conversation. Connected messages allow one per connection, unconnected clients keep
/// a few; a flood of unanswered requests must not grow a flow.
const MAX_OUTSTANDING: usize = 32;
/// Most bytes of a request kept for its answer: the largest connected message (4,002 bytes) and its route fit.
const MAX_KEPT: usize = 4_608;

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Cip::default())
}

#[derive(Debug, Default)]
struct Cip {
    slots: Vec<Slot>,
    order: u64,
    memory: Memory,
}

/// A request that waits. Slots keep their buffers.
#[derive(Debug)]
struct Slot {
    /// 0 is a free slot.
    order: u64,
    asked: Moment,
    dir: Dir,
    key: Key,
    /// The services an answer may have: the request's own, and that of a message inside an unconnected send.
    services: [u8; 2],
    /// How long to wait, in nanoseconds.
    patience: i64,
    bytes: Vec<u8>,
}

/// What pairs a request with its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    /// Sender context, or sequence count.
    number: u64,
    /// Connection id; 0 for unconnected messages. Requests and answers use different ones.
    connection: u32,
    connected: bool,
}

impl Session for Cip {
    fn touch(&self) -> u64 {
        let Some(slot) = self.slots.first() else { return self.order };
        slot.order ^ slot.bytes.first().map_or(0, |b| u64::from(*b))
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let took = Step::Took(input.bytes.len().max(1));
        let [number, _, connection, connected] = input.carried.facts;
        if connected == 2 {
            self.refused(number, input, out);
            return took;
        }
        let connected = connected != 0;
        // unconnected messages have a socket address in the place of the connection id
        let (connection, socket) = if connected { (connection as u32, 0) } else { (0, connection) };
        let key = Key { number, connection, connected };
        if input.trial && !super::wire::fits(input.bytes).unwrap_or(false) {
            return Step::Resync(0);
        }
        match input.bytes.first() {
            None => {
                // an empty connected message keeps the connection alive
                if !key.connected {
                    out.anomaly("truncated", "service", 0, input.dir);
                }
            }
            Some(service) if service & REPLY != 0 => self.answer(key, socket, input, out),
            Some(_) => self.ask(key, input, out),
        }
        took
    }

    fn gap(&mut self, _: Dir, out: &mut Output) {
        self.lose(out);
        self.memory.transfers.gap();
    }

    fn deadline(&self) -> Option<Time> {
        self.slots.iter().filter(|s| s.order != 0).map(|s| s.asked.time.plus(s.patience)).min()
    }

    fn expire(&mut self, now: Time, out: &mut Output) {
        while let Some(at) = self.oldest(|s| s.asked.time.plus(s.patience) <= now) {
            let silence = out.silence();
            self.let_go(at, silence, out);
        }
    }

    fn finish(&mut self, out: &mut Output) {
        self.lose(out);
        self.memory.transfers.finish(out);
    }
}

impl Cip {
    fn ask(&mut self, key: Key, input: &Input<'_>, out: &mut Output) {
        let bytes = match super::wire::request(input.bytes) {
            Ok(request) => {
                if carry::may_carry(request.service) {
                    carry::hand_on(input.bytes, &self.scene(key, input.dir, input.dir, None), 0, out);
                }
                let services = services(&request);
                self.hold(key, services, input, out);
                return;
            }
            Err(error) if input.cut > 0 && error.is_truncated() => return,
            Err(error) => error,
        };
        out.malformed(bytes, input.dir);
    }

    fn hold(&mut self, key: Key, services: [u8; 2], input: &Input<'_>, out: &mut Output) {
        // a second request with the same number means that the first was not answered, or that its answer was not seen
        if let Some(old) = self.slots.iter().position(|s| s.order != 0 && s.key == key && s.dir == input.dir) {
            let silence = out.silence();
            self.let_go(old, silence, out);
        }
        let free = match self.slots.iter().position(|s| s.order == 0) {
            Some(free) => free,
            None if self.slots.len() < MAX_OUTSTANDING => {
                let bytes = Vec::new();
                let (asked, patience) = (out.now(), REPLY_TIMEOUT_NS);
                self.slots.reserve_exact(1);
                self.slots.push(Slot { order: 0, asked, dir: input.dir, key, services, patience, bytes });
                self.slots.len() - 1
            }
            None => {
                out.limit("pending_requests");
                let oldest = self.oldest(|_| true).unwrap_or(0);
                self.let_go(oldest, Outcome::Unseen, out);
                oldest
            }
        };
        if input.bytes.len() > MAX_KEPT {
            out.limit("cip_request_bytes");
        }
        self.order += 1;
        let order = self.order;
        let Some(slot) = self.slots.get_mut(free) else { return };
        let kept = input.bytes.get(..MAX_KEPT).unwrap_or(input.bytes);
        slot.order = order;
        slot.asked = out.now();
        slot.dir = input.dir;
        slot.key = key;
        slot.services = services;
        slot.patience = patience(input.bytes);
        slot.bytes.clear();
        slot.bytes.extend_from_slice(kept);
    }

    fn answer(&mut self, key: Key, socket: u64, input: &Input<'_>, out: &mut Output) {
        let asker = input.dir.flip();
        let service = input.bytes.first().map_or(0, |s| s & !REPLY);
        let Some(at) = self.find(key, service, asker) else {
            let scene = self.scene(key, asker, input.dir, None);
            super::alone::reply_only(input.bytes, &scene, 0, out);
            return;
        };
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.order = 0;
        let asked = slot.asked;
        let asked_key = slot.key;
        let bytes = core::mem::take(&mut slot.bytes);
        let scene = Scene { socket, ..self.scene(asked_key, asker, input.dir, Some(asked)) };
        exchange::settle(&bytes, Some(input.bytes), &scene, &mut self.memory, out);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.bytes = bytes;
        }
        if key.connected && self.memory.connections.request(asked_key.connection, asker).is_none() {
            let pair = Connection { o_t: asked_key.connection, t_o: key.connection, originator: asker, route: None };
            self.memory.connections.add(pair, out);
        }
    }

    /// The encapsulation has refused the envelope: the request was not executed.
    fn refused(&mut self, number: u64, input: &Input<'_>, out: &mut Output) {
        let [_, status, ..] = input.carried.facts;
        let asker = input.dir.flip();
        let fits = |s: &Slot| s.order != 0 && s.dir == asker && s.key.number == number && !s.key.connected;
        if let Some(at) = self.slots.iter().position(fits) {
            self.let_go(at, Outcome::Refused(status as u32), out);
        }
    }

    /// The request an answer belongs to: the same number, the other direction, a service that fits, and for connected
    /// messages a connection that is not known to answer with another id. Some stacks answer with the id of the request
    /// against the standard. The newest, because numbers are reused.
    fn find(&self, key: Key, service: u8, asker: Dir) -> Option<usize> {
        let fits = |slot: &Slot| {
            let pair = self.memory.connections.request(slot.key.connection, asker).map(|c| c.t_o);
            slot.order != 0
                && slot.dir == asker
                && slot.key.number == key.number
                && slot.key.connected == key.connected
                && slot.services.contains(&service)
                && (!key.connected || pair.is_none_or(|t_o| t_o == key.connection) || slot.key.connection == key.connection)
        };
        let candidates = self.slots.iter().enumerate().filter(|(_, s)| fits(s));
        candidates.max_by_key(|(_, s)| s.order).map(|(at, _)| at)
    }

    fn scene(&self, key: Key, actor: Dir, dir: Dir, asked: Option<Moment>) -> Scene {
        let route = if key.connected {
            self.memory.connections.request(key.connection, actor).and_then(|c| c.route)
        } else {
            Some(Path::HOST)
        };
        let path = route.unwrap_or(Path::HOST);
        Scene { actor, dir, path, routed: route.is_some(), asked, silence: Outcome::Unseen, socket: 0 }
    }

    fn oldest(&self, fits: impl Fn(&Slot) -> bool) -> Option<usize> {
        let live = self.slots.iter().enumerate().filter(|(_, s)| s.order != 0 && fits(s));
        live.min_by_key(|(_, s)| s.order).map(|(at, _)| at)
    }

    fn let_go(&mut self, at: usize, silence: Outcome, out: &mut Output) {
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.order = 0;
        let (key, dir, asked) = (slot.key, slot.dir, slot.asked);
        let bytes = core::mem::take(&mut slot.bytes);
        let scene = Scene { silence, ..self.scene(key, dir, dir, Some(asked)) };
        exchange::settle(&bytes, None, &scene, &mut self.memory, out);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.bytes = bytes;
        }
    }

    /// Bytes are missing, or the conversation is over.
    fn lose(&mut self, out: &mut Output) {
        while let Some(at) = self.oldest(|_| true) {
            self.let_go(at, Outcome::Unseen, out);
        }
    }
}

/// How long a request may take.
fn patience(bytes: &[u8]) -> i64 {
    if !matches!(bytes.first(), Some(0x4b..=0x52)) {
        return REPLY_TIMEOUT_NS;
    }
    let class = |bytes| super::wire::request(bytes).and_then(|r| super::path::way(r.path)).ok().and_then(|w| w.class);
    let inner = super::wire::request(bytes).ok().filter(|r| r.service == 0x52).map(|r| r.data);
    let inner = inner.and_then(|data| unconnected_send(data).ok()).map(|(message, _)| message);
    match class(inner.unwrap_or(bytes)) {
        Some(super::meaning::NVS) => FIRMWARE_TIMEOUT_NS,
        _ => REPLY_TIMEOUT_NS,
    }
}

/// Which services an answer may carry.
fn services(request: &Request<'_>) -> [u8; 2] {
    let inner = match request.service {
        0x52 => unconnected_send(request.data).ok().and_then(|(message, _)| message.first().copied()),
        _ => None,
    };
    [request.service, inner.unwrap_or(request.service)]
}
