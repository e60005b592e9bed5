//! Requests that wait for their answer.

use crate::draft::Draft;
use crate::output::Output;
use crate::row::{Entry, Extra, Moment, Row, Run};
use model::{Outcome, Time};

/// Most requests outstanding in one conversation. Control protocols keep one to a few; a flood of unanswered
/// requests must not grow a flow. The oldest is let go as `Unseen`.
pub const MAX_PENDING: usize = 32;

/// Requests that wait for their answer, by the protocol's own key (transaction id, sequence number, invoke id).
/// Slots keep their buffers, so a settled conversation allocates nothing.
#[derive(Debug)]
pub struct Pending<K> {
    slots: Vec<Slot<K>>,
    timeout_ns: i64,
    /// Requests held so far.
    asked: u64,
}

#[derive(Debug)]
struct Slot<K> {
    key: K,
    /// Order of asking; 0 is a free slot.
    order: u64,
    asked: Moment,
    row: Row,
    /// Most requests have one target: it lies here, the others behind it.
    item: Option<Entry>,
    items: Vec<Entry>,
    extras: Vec<Extra>,
    arena: Vec<u8>,
}

impl<K: PartialEq + Copy> Pending<K> {
    /// Requests older than `timeout_ns` nanoseconds count as unanswered.
    pub fn new(timeout_ns: i64) -> Self {
        Pending { slots: Vec::new(), timeout_ns, asked: 0 }
    }

    /// Keeps a drafted request until its answer comes. A second request with the same key means that the first was
    /// never answered (or that its answer was not seen).
    pub fn hold(&mut self, key: K, draft: Draft<'_>) {
        let Draft { out, row, arena_at } = draft;
        self.asked += 1;
        let order = self.asked;
        if let Some(old) = self.slots.iter().position(|s| s.order != 0 && s.key == key) {
            let silence = out.silence();
            // the draft under way must stay behind what is said about the old one
            self.say(old, silence, out);
        }
        let free = match self.slots.iter().position(|s| s.order == 0) {
            Some(free) => free,
            None if self.slots.len() < MAX_PENDING => {
                // most conversations never need a second slot
                self.slots.reserve_exact(1);
                self.slots.push(Slot {
                    key,
                    order: 0,
                    asked: out.now(),
                    row,
                    item: None,
                    items: Vec::new(),
                    extras: Vec::new(),
                    arena: Vec::new(),
                });
                self.slots.len() - 1
            }
            None => {
                let oldest =
                    (0..self.slots.len()).min_by_key(|i| self.slots.get(*i).map_or(u64::MAX, |s| s.order)).unwrap_or(0);
                out.limit("pending_requests");
                self.say(oldest, Outcome::Unseen, out);
                oldest
            }
        };
        let Some(slot) = self.slots.get_mut(free) else { return };
        slot.key = key;
        slot.order = order;
        slot.asked = out.now();
        slot.row = row;
        slot.items.clear();
        slot.extras.clear();
        slot.arena.clear();
        let back = 0u32.wrapping_sub(arena_at);
        let (items, extras) = (out.items_of(&row), out.extras_of(&row));
        let bytes = out.arena.get(arena_at as usize..).unwrap_or_default();
        let moved = |e: &Entry| Entry { goal: moved_goal(e.goal, back), value: e.value.moved(back) };
        let (first, more) = items.split_first().unzip();
        let more = more.unwrap_or_default();
        slot.item = first.map(moved);
        slot.items.reserve_exact(more.len());
        slot.extras.reserve_exact(extras.len());
        slot.arena.reserve_exact(bytes.len());
        slot.items.extend(more.iter().map(moved));
        slot.extras.extend(extras.iter().map(|e| Extra { key: e.key, value: e.value.moved(back) }));
        slot.arena.extend_from_slice(bytes);
    }

    /// Reads a word of everything a request or answer will need, so that it is in the cache then.
    pub fn touch(&self) -> u64 {
        let Some(slot) = self.slots.first() else { return self.asked };
        let items = slot.item.as_ref().map_or(0, |e| e.goal.first) ^ slot.items.first().map_or(0, |e| e.goal.first);
        let extras = slot.extras.first().map_or(0, |e| e.key.len() as u64);
        let arena = slot.arena.first().map_or(0, |b| u64::from(*b));
        slot.order ^ slot.asked.frame ^ u64::from(slot.row.code) ^ items ^ extras ^ arena
    }

    /// Takes a request up again when its answer is here: its draft, with latency, to be completed and committed.
    /// `None` where the request was not seen.
    pub fn settle<'o>(&mut self, key: K, out: &'o mut Output) -> Option<Draft<'o>> {
        let at = self.slots.iter().position(|s| s.order != 0 && s.key == key)?;
        self.take(at, out)
    }

    /// The same for the oldest request, in protocols that answer in order.
    pub fn settle_oldest<'o>(&mut self, out: &'o mut Output) -> Option<Draft<'o>> {
        let at = self.oldest()?;
        self.take(at, out)
    }

    /// Lets go of the requests that `which` accepts and that were asked before the one with this key: where answers come
    /// in the order of the requests, they will not be answered any more.
    pub fn overtake(&mut self, key: K, which: impl Fn(&K) -> bool, out: &mut Output) {
        let Some(order) = self.slots.iter().find(|s| s.order != 0 && s.key == key).map(|s| s.order) else { return };
        let before = |s: &Slot<K>| s.order != 0 && s.order < order && which(&s.key);
        while let Some((at, _)) = self.slots.iter().enumerate().filter(|(_, s)| before(s)).min_by_key(|(_, s)| s.order)
        {
            let silence = out.silence();
            self.say(at, silence, out);
        }
    }

    /// Whether a request with this key is outstanding.
    pub fn holds(&self, key: K) -> bool {
        self.slots.iter().any(|s| s.order != 0 && s.key == key)
    }

    /// The outstanding request with this key.
    pub fn request(&self, key: K) -> Option<&Row> {
        self.slots.iter().find(|s| s.order != 0 && s.key == key).map(|s| &s.row)
    }

    /// When an outstanding request was asked.
    pub fn asked(&self, key: K) -> Option<Moment> {
        self.slots.iter().find(|s| s.order != 0 && s.key == key).map(|s| s.asked)
    }

    /// The oldest outstanding request.
    pub fn oldest_request(&self) -> Option<&Row> {
        self.oldest().and_then(|at| self.slots.get(at)).map(|s| &s.row)
    }

    /// The outstanding request's first target.
    pub fn request_item(&self, key: K) -> Option<&Entry> {
        self.slots.iter().find(|s| s.order != 0 && s.key == key).and_then(|s| s.item.as_ref())
    }

    /// Sets the moment of asking of an outstanding request, where it was held again since.
    pub fn asked_at(&mut self, key: K, asked: Moment) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.order != 0 && s.key == key) {
            slot.asked = asked;
        }
    }

    /// How many are outstanding.
    pub fn len(&self) -> usize {
        self.slots.iter().filter(|s| s.order != 0).count()
    }

    /// None are outstanding.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the oldest outstanding request counts as unanswered.
    pub fn deadline(&self) -> Option<Time> {
        let live = self.slots.iter().filter(|s| s.order != 0);
        live.map(|s| s.asked.time.plus(self.timeout_ns)).min()
    }

    /// Lets go, oldest first, of what is overdue: `NoReply` where both sides are visible, else `Unseen`.
    pub fn expire(&mut self, now: Time, out: &mut Output) {
        // a row may be held again with the time of its first part: order of holding is not order of asking
        while let Some(at) = self.overdue(now) {
            let silence = out.silence();
            self.say(at, silence, out);
        }
    }

    /// Lets go of everything as `Unseen`: bytes are missing, or the conversation is over.
    pub fn lose(&mut self, out: &mut Output) {
        while let Some(at) = self.oldest() {
            self.say(at, Outcome::Unseen, out);
        }
    }

    fn overdue(&self, now: Time) -> Option<usize> {
        let late = |s: &Slot<K>| s.order != 0 && s.asked.time.plus(self.timeout_ns) <= now;
        let late = self.slots.iter().enumerate().filter(|(_, s)| late(s));
        late.min_by_key(|(_, s)| s.order).map(|(i, _)| i)
    }

    fn oldest(&self) -> Option<usize> {
        let live = self.slots.iter().enumerate().filter(|(_, s)| s.order != 0);
        live.min_by_key(|(_, s)| s.order).map(|(i, _)| i)
    }

    fn say(&mut self, at: usize, outcome: Outcome, out: &mut Output) {
        if let Some(mut draft) = self.take(at, out) {
            draft.row.latency = None;
            draft.outcome(outcome).commit();
        }
    }

    fn take<'o>(&mut self, at: usize, out: &'o mut Output) -> Option<Draft<'o>> {
        let slot = self.slots.get_mut(at)?;
        slot.order = 0;
        let arena_at = out.arena.len() as u32;
        out.arena.extend_from_slice(&slot.arena);
        let mut row = slot.row;
        let count = slot.items.len() as u32 + u32::from(slot.item.is_some());
        row.items = Run { at: out.items.len() as u32, len: count };
        row.extras = Run { at: out.extras.len() as u32, len: slot.extras.len() as u32 };
        let forth = arena_at;
        let moved = |e: &Entry| Entry { goal: moved_goal(e.goal, forth), value: e.value.moved(forth) };
        out.items.extend(slot.item.iter().map(moved));
        out.items.extend(slot.items.iter().map(moved));
        out.extras.extend(slot.extras.iter().map(|e| Extra { key: e.key, value: e.value.moved(forth) }));
        row.asked = Some(slot.asked);
        row.latency = Some(out.now().time.since(slot.asked.time));
        Some(Draft { out, row, arena_at })
    }
}

fn moved_goal(mut goal: crate::row::Goal, by: u32) -> crate::row::Goal {
    goal.name = goal.name.moved(by);
    goal
}
