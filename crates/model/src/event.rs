//! Facts: what stage 1 tells stage 2.

use crate::operation::words;
use crate::{Endpoint, Evidence, Host, Path, Stamp, Time, Transaction};

/// A fact with its place in the order of everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When and where.
    pub at: Stamp,
    /// What.
    pub what: What,
}

/// The kinds of fact.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An operation, single or folded.
    Transaction(Transaction),
    /// A claim about a device.
    Evidence(Evidence),
    /// A message that breaks its standard, or traffic that breaks the network's.
    Anomaly(Anomaly),
    /// Bytes are missing from a stream.
    Gap(Gap),
    /// A conversation began, went on or ended.
    Flow(FlowFact),
    /// A byte pattern was found.
    Match(Match),
    /// A program, block or file was moved.
    Transfer(Transfer),
    /// The engine about itself and its input.
    Health(Health),
}

/// Something that breaks a standard. A malformed message is a fact, never a reason to stop looking.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// The protocol whose rule is broken (`ip`, `tcp`, `ethernet` below the protocols).
    pub protocol: &'static str,
    /// The rule, `snake_case`: `invalid_length`, `unknown_function`, `overlapping_fragment`.
    pub kind: &'static str,
    /// The field or detail, in the standard's words.
    pub detail: String,
    /// Who sent it.
    pub sender: Endpoint,
    /// Who was to receive it.
    pub receiver: Endpoint,
    /// The thing behind the address, where known.
    pub path: Path,
    /// How many of the same this record stands for.
    pub repeats: u64,
}

/// Missing bytes in one direction of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Who sent the missing bytes.
    pub sender: Endpoint,
    /// Who was to receive them.
    pub receiver: Endpoint,
    /// How many bytes.
    pub bytes: u64,
}

/// Sums of one flow (one five-tuple, or one pair of hardware addresses and an EtherType).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowFact {
    /// The side that opened it, where a handshake was seen; else the first sender.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// Whether `client` comes from a handshake.
    pub opened: bool,
    /// Hardware addresses seen for client and server.
    pub macs: [Option<crate::Mac>; 2],
    /// Time to live (hop limit) of the first frame from client, from server, where it went to one host; 0: not seen.
    pub ttl: [u8; 2],
    /// VLAN of the first frame.
    pub vlan: Option<u16>,
    /// `tcp`, `udp`, `icmp`, `ether` or `ip`.
    pub transport: &'static str,
    /// EtherType, LLC SAP or IP protocol number, where the transport has no ports.
    pub kind: u32,
    /// The protocol recognised, if one was.
    pub protocol: Option<&'static str>,
    /// Frames from client, from server.
    pub frames: [u64; 2],
    /// Payload bytes from client, from server.
    pub bytes: [u64; 2],
    /// Frames and bytes no protocol understood, both directions.
    pub not_understood: [u64; 2],
    /// First frame.
    pub first: Stamp,
    /// Last frame.
    pub last: Stamp,
    /// TCP: handshake answered; reset seen; bytes missing.
    pub answered: bool,
    /// TCP reset seen.
    pub reset: bool,
    /// TCP bytes missing, both directions.
    pub lost_bytes: u64,
    /// Why this fact was made.
    pub state: FlowState,
    /// What unknown traffic looks like (only when nothing understood it).
    pub shape: Option<Shape>,
}

words! {
    /// Why a flow fact was made.
    FlowState {
        /// First frames of a new flow.
        New "new",
        /// Periodic sums of a long flow.
        Going "going",
        /// The flow ended, went idle, or the input ended.
        Ended "ended",
    }
}

/// What unknown traffic looks like. Never a guess at what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// First bytes from client, from server (up to 16).
    pub leading: [Vec<u8>; 2],
    /// Smallest and largest payload from client, from server.
    pub sizes: [[u32; 2]; 2],
    /// Median time between payloads of the client, in nanoseconds, where three or more were seen.
    pub period: Option<i64>,
    /// Entropy of the first payload bytes, in hundredths of a bit per byte.
    pub entropy: u16,
}

/// A byte pattern found in payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The pattern's name.
    pub pattern: &'static str,
    /// Who sent it.
    pub sender: Endpoint,
    /// Who received it.
    pub receiver: Endpoint,
    /// The protocol it was found in, if known.
    pub protocol: Option<&'static str>,
}

words! {
    /// Direction and kind of a transfer, seen from the device.
    TransferKind {
        /// Into the device.
        Download "download",
        /// Out of the device.
        Upload "upload",
    }
}

/// A program, block, firmware image or file that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The protocol.
    pub protocol: &'static str,
    /// Who moved it.
    pub actor: Endpoint,
    /// The device it was moved to or from.
    pub subject: Endpoint,
    /// The thing behind the address.
    pub path: Path,
    /// Into or out of the device.
    pub kind: TransferKind,
    /// `program`, `block`, `firmware`, `file`, `configuration`.
    pub content: &'static str,
    /// Name of the block or file (`OB1`, `DB890`, `MainProgram`).
    pub name: String,
    /// Bytes seen.
    pub size: u64,
    /// SHA-256 of the bytes seen, lower-case hex.
    pub sha256: String,
    /// Whether the whole thing was seen; otherwise the hash covers what was.
    pub complete: bool,
    /// When it began.
    pub first: Stamp,
}

/// The engine about itself and its input. Nothing is silently missed.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// What happened, `snake_case`: `limit_reached`, `time_step`, `session_panic`, `frames_dropped`.
    pub kind: &'static str,
    /// Which limit, file or protocol.
    pub what: String,
    /// How often or how much.
    pub count: u64,
    /// Where it concerns one host.
    pub host: Option<Host>,
    /// Where it concerns a moment other than the fact's own.
    pub time: Option<Time>,
}
