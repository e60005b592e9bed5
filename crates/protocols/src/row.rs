//! The small `Copy` rows a session writes. Text and bytes live in the output's arena; a row holds spans of it.
//! Only what turns out to be new becomes an owned [`model::Transaction`].

use model::{Class, Mac, Outcome, Path, Time};
use std::net::IpAddr;

/// A piece of the output's arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

impl Span {
    /// Nothing.
    pub const EMPTY: Span = Span { at: 0, len: 0 };

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// True for no bytes.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    pub(crate) fn moved(self, by: u32) -> Span {
        Span { at: self.at.wrapping_add(by), len: self.len }
    }
}

/// A moment on the wire: the frame and its raw time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Time of the frame.
    pub time: Time,
    /// Number of the frame.
    pub frame: u64,
}

/// Direction of a message in a flow. Says nothing about roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dir {
    /// From endpoint A to endpoint B.
    AtoB,
    /// From endpoint B to endpoint A.
    BtoA,
}

impl Dir {
    /// The other direction.
    pub fn flip(self) -> Dir {
        match self {
            Dir::AtoB => Dir::BtoA,
            Dir::BtoA => Dir::AtoB,
        }
    }

    /// 0 for A to B, 1 for B to A.
    pub fn index(self) -> usize {
        match self {
            Dir::AtoB => 0,
            Dir::BtoA => 1,
        }
    }
}

/// A value in a row. Spans point into the output's arena.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Val {
    /// No value.
    None,
    /// A bit or boolean.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// UTF-8 text.
    Text(Span),
    /// Bytes of no known type.
    Bytes(Span),
    /// `count` bits, packed least significant bit first, first address first.
    Bits { packed: Span, count: u16 },
    /// 16-bit words, big-endian in the arena, first address first.
    Words(Span),
    /// A secret: length in bytes and keyed hash.
    Secret { len: u32, hash: u64 },
    /// A word of the standard.
    Name(&'static str),
    /// A moment in time.
    Time(Time),
    /// A hardware address.
    Mac(Mac),
    /// A network address.
    Ip(IpAddr),
}

impl Val {
    pub(crate) fn moved(self, by: u32) -> Val {
        match self {
            Val::Text(s) => Val::Text(s.moved(by)),
            Val::Bytes(s) => Val::Bytes(s.moved(by)),
            Val::Words(s) => Val::Words(s.moved(by)),
            Val::Bits { packed, count } => Val::Bits { packed: packed.moved(by), count },
            other => other,
        }
    }
}

/// What a row acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Address space, a word of the protocol (`coil`, `holding`, `tag`, `ioa`).
    pub space: &'static str,
    /// First address; any other number the protocol's notation needs goes to `sub`.
    pub first: u64,
    /// How many addresses follow each other; 0 where counting makes no sense.
    pub count: u32,
    /// A second number for the protocol's notation (data block, bit, property).
    pub sub: u64,
    /// A name, where the target is a name; empty otherwise.
    pub name: Span,
}

impl Goal {
    /// A target without address.
    pub fn space(space: &'static str) -> Goal {
        Goal { space, first: 0, count: 0, sub: 0, name: Span::EMPTY }
    }

    /// `count` addresses from `first`.
    pub fn range(space: &'static str, first: u64, count: u32) -> Goal {
        Goal { space, first, count, sub: 0, name: Span::EMPTY }
    }

    /// A named target.
    pub fn named(space: &'static str, name: Span) -> Goal {
        Goal { space, first: 0, count: 0, sub: 0, name }
    }

    /// The same with a second number.
    pub fn with_sub(mut self, sub: u64) -> Goal {
        self.sub = sub;
        self
    }
}

/// A target and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// What is acted on.
    pub goal: Goal,
    /// Value read or written.
    pub value: Val,
}

/// A named extra.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extra {
    /// Key, declared in the protocol's `fields`.
    pub key: &'static str,
    /// Value.
    pub value: Val,
}

/// A run of entries in one of the output's lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

/// An operation as the session writes it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Index in the protocol's operation table; [`Row::UNNAMED`] for a code without a name.
    pub operation: u16,
    /// The code on the wire.
    pub code: u32,
    /// What kind of operation it is.
    pub class: Class,
    /// Direction in which the *actor* sends; `None` where the message does not tell roles.
    pub actor: Option<Dir>,
    /// Direction of the message the row came from.
    pub sent: Dir,
    /// The thing behind the subject's address.
    pub path: Path,
    /// How it ended.
    pub outcome: Outcome,
    /// The request.
    pub asked: Option<Moment>,
    /// Nanoseconds from request to answer.
    pub latency: Option<i64>,
    /// Told by itself, even where the class is routine.
    pub single: bool,
    /// A state of the subject that this message shows, 0 for none: messages in different states are summed up apart.
    pub state: u16,
    pub(crate) items: Run,
    pub(crate) extras: Run,
}

impl Row {
    /// `operation` of a code the standard does not name.
    pub const UNNAMED: u16 = u16::MAX;
}
