//! An operation on its way into the output.

use crate::descriptor::{Operation, lookup};
use crate::output::Output;
use crate::row::{Dir, Entry, Extra, Goal, Row, Run, Span, Val};
use model::{Class, Hop, Outcome, Path};

/// An operation being written.
#[derive(Debug)]
pub struct Draft<'o> {
    pub(crate) out: &'o mut Output,
    pub(crate) row: Row,
    pub(crate) arena_at: u32,
}

impl<'o> Draft<'o> {
    /// Direction in which the actor sends (for a request its own direction, for a reply the other one).
    pub fn actor(mut self, dir: Dir) -> Self {
        self.row.actor = Some(dir);
        self
    }

    /// The unit, station or outstation address behind the subject.
    pub fn unit(self, unit: u32) -> Self {
        self.hop(Hop::Unit(unit))
    }

    /// One hop further behind the subject.
    pub fn hop(mut self, hop: Hop) -> Self {
        self.row.path = self.row.path.then(hop);
        self
    }

    /// The whole path behind the subject.
    pub fn path(mut self, path: Path) -> Self {
        self.row.path = path;
        self
    }

    /// Another class than the table's (a sub-function decides).
    pub fn class(mut self, class: Class) -> Self {
        self.row.class = class;
        self
    }

    /// Another operation of the table than the code's (a sub-function decides). The code on the wire stays.
    pub fn named(mut self, table: &[Operation], code: u32) -> Self {
        (self.row.operation, self.row.class) = lookup(table, code);
        self
    }

    /// Told by itself, although operations of its class are summed up after the first: the session knows that this one
    /// is news (a changed state, a sign of life now and then).
    pub fn single(mut self) -> Self {
        self.row.single = true;
        self
    }

    /// A state of the subject that this message shows, as the protocol's own bits: a sum never mixes states.
    pub fn state(mut self, state: u16) -> Self {
        self.row.state = state;
        self
    }

    /// How it ended.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.row.outcome = outcome;
        self
    }

    /// A target without a value.
    pub fn target(self, goal: Goal) -> Self {
        self.item(goal, Val::None)
    }

    /// A target and its value.
    pub fn item(mut self, goal: Goal, value: Val) -> Self {
        self.push_item(goal, value);
        self
    }

    /// A named extra, declared in the protocol's `fields`.
    pub fn extra(mut self, key: &'static str, value: Val) -> Self {
        self.push_extra(key, value);
        self
    }

    /// Like [`Draft::item`], for loops.
    pub fn push_item(&mut self, goal: Goal, value: Val) {
        self.out.items.push(Entry { goal, value });
        self.row.items.len += 1;
    }

    /// Like [`Draft::extra`], for loops.
    pub fn push_extra(&mut self, key: &'static str, value: Val) {
        self.out.extras.push(Extra { key, value });
        self.row.extras.len += 1;
    }

    /// Forgets the targets: a reply names them itself.
    pub fn clear_items(&mut self) {
        self.row.items = Run { at: self.out.items.len() as u32, len: 0 };
    }

    /// Like [`Draft::class`], on a draft that is only borrowed.
    pub fn set_class(&mut self, class: Class) {
        self.row.class = class;
    }

    /// No latency is said: the answer was not seen whole.
    pub fn forget_latency(&mut self) {
        self.row.latency = None;
    }

    /// The targets so far; a reply fills in their values.
    pub fn items_mut(&mut self) -> &mut [Entry] {
        let at = self.row.items.at as usize;
        self.out.items.get_mut(at..at + self.row.items.len as usize).unwrap_or_default()
    }

    /// An extra so far: what a request said, when its answer is here.
    pub fn extra_of(&self, key: &str) -> Option<Val> {
        self.out.extras_of(&self.row).iter().find(|x| x.key == key).map(|x| x.value)
    }

    /// The row so far.
    pub fn row(&self) -> &Row {
        &self.row
    }

    /// Puts bytes into the arena.
    pub fn bytes(&mut self, bytes: &[u8]) -> Span {
        self.out.bytes(bytes)
    }

    /// Puts cleaned text into the arena.
    pub fn text(&mut self, bytes: &[u8]) -> Span {
        self.out.text(bytes)
    }

    /// Puts formatted text into the arena.
    pub fn format(&mut self, args: core::fmt::Arguments<'_>) -> Span {
        self.out.format(args)
    }

    /// The output, for evidence, anomalies and secrets while drafting.
    pub fn out(&mut self) -> &mut Output {
        self.out
    }

    /// Says it.
    pub fn commit(self) {
        self.out.rows.push(self.row);
    }

    /// Drops it, unsaid.
    pub fn discard(self) {}
}
