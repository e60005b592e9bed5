//! What a conversation looks like, and the table of them.

use super::sums::{Added, Tracks};
use crate::table::Table;
use model::{Class, Event, Host, Path, Shape, Stamp, What};
use std::collections::{BTreeMap, BTreeSet};

/// Conversations kept. More pairs than this are a scan or a flood, which alerts report.
pub const MAX_CONVERSATIONS: usize = 65_536;
/// Operations kept per conversation.
pub const MAX_OPERATIONS: usize = 256;
/// Targets with ranges kept per operation.
pub const MAX_RANGES: usize = 64;
/// Rows of unknown traffic kept.
pub const MAX_UNKNOWN: usize = 16_384;
/// Server ports kept per conversation.
pub const MAX_PORTS: usize = 16;
/// Different states of a value counted; beyond it is "many".
pub const MAX_STATES: usize = 32;

/// How operations ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Answered, or by nature unanswered.
    pub ok: u64,
    /// Answered with an error, by the protocol's own code.
    pub refused: BTreeMap<u32, u64>,
    /// Not answered although the answering side is visible.
    pub no_reply: u64,
    /// Only the answer was seen.
    pub reply_only: u64,
    /// It cannot be told.
    pub unseen: u64,
}

/// Values of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The target, as a person of the field writes it.
    pub target: String,
    /// Smallest number seen (all words of a row of words count).
    pub min: Option<f64>,
    /// Largest number seen.
    pub max: Option<f64>,
    /// Last value, as text.
    pub last: String,
    /// Different values seen, up to `MAX_STATES`.
    pub states: usize,
    /// True where there were more.
    pub many: bool,
    pub(super) seen: BTreeSet<u64>,
}

/// One operation on one thing, over one conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The standard's name.
    pub operation: &'static str,
    /// The code on the wire.
    pub code: u32,
    /// Its class.
    pub class: Class,
    /// The thing behind the address.
    pub path: Path,
    /// How often, repeats included.
    pub count: u64,
    /// How they ended.
    pub outcomes: Outcomes,
    /// First time.
    pub first: Stamp,
    /// Last time.
    pub last: Stamp,
    /// Median of the intervals between records, per operation, in nanoseconds; at least three are needed.
    pub period: Option<i64>,
    /// Targets with their values.
    pub ranges: Vec<Range>,
    /// Smallest, largest latency in nanoseconds.
    pub latency: Option<(i64, i64)>,
    /// How many records were marked as new.
    pub novel: u64,
    pub(super) tracks: Tracks,
}

/// Who acts on whom, over one protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// Who acts (where roles are unknown: who opened the flow, or sent first).
    pub actor: Host,
    /// Who is acted on.
    pub subject: Host,
    /// Protocol; the transport where none was recognised.
    pub protocol: &'static str,
    /// Ports of the subject's side (the server's), up to `MAX_PORTS`.
    pub ports: BTreeSet<u16>,
    /// `tcp`, `udp`, …; absent where only operations were seen.
    pub transport: Option<&'static str>,
    /// Whether messages say who acts.
    pub roles_known: bool,
    /// Frames actor → subject, subject → actor.
    pub frames: [u64; 2],
    /// Payload bytes actor → subject, subject → actor.
    pub bytes: [u64; 2],
    /// Number of flows.
    pub flows: u64,
    /// VLANs of its flows.
    pub vlans: BTreeSet<u16>,
    /// First time.
    pub first: Stamp,
    /// Last time.
    pub last: Stamp,
    /// Operations, by name and path.
    pub operations: Vec<Operation>,
}

/// Traffic nothing understood, shown as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The side that opened it or sent first.
    pub client: Host,
    /// The other side.
    pub server: Host,
    /// Transport.
    pub transport: &'static str,
    /// EtherType or IP protocol number.
    pub kind: u32,
    /// Server port.
    pub port: u16,
    /// Frames from client, from server.
    pub frames: [u64; 2],
    /// Bytes from client, from server.
    pub bytes: [u64; 2],
    /// First time.
    pub first: Stamp,
    /// Last time.
    pub last: Stamp,
    /// What it looks like (of the last flow that had one).
    pub shape: Option<Shape>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub actor: Host,
    pub subject: Host,
    pub protocol: &'static str,
}

/// The table of conversations.
#[derive(Clone, Debug, Default)]
pub struct Conversations {
    pub(super) rows: Table<Key, Conversation>,
    pub(super) unknown: Table<(Host, Host, &'static str, u32, u16), Unknown>,
    pub(super) limits: BTreeMap<&'static str, u64>,
}

impl Conversations {
    /// An empty table.
    pub fn new() -> Conversations {
        Conversations::default()
    }

    /// Takes a fact in; `added` is what it adds, where it is about a flow.
    pub fn see(&mut self, event: &Event, added: Added) {
        match &event.what {
            What::Transaction(transaction) => self.transaction(transaction, event.at),
            What::Flow(flow) => self.flow(flow, added),
            _ => {}
        }
    }

    /// All conversations, in order of actor, subject and protocol.
    pub fn snapshot(&self) -> Vec<Conversation> {
        self.rows.sorted().into_iter().map(|(_, row)| super::sums::shown(row)).collect()
    }

    /// Traffic nothing understood, in order of client, server, transport and port.
    pub fn unknown(&self) -> Vec<Unknown> {
        self.unknown.sorted().into_iter().map(|(_, row)| row.clone()).collect()
    }

    /// Limits that were reached, with how often something was left out.
    pub fn limits(&self) -> &BTreeMap<&'static str, u64> {
        &self.limits
    }

    pub(super) fn reached(&mut self, limit: &'static str) {
        *self.limits.entry(limit).or_default() += 1;
    }
}
