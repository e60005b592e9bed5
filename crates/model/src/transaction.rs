//! One operation: who did what to whom, on what, with which values, and how it ended.

use crate::{Class, Endpoint, Mac, Outcome, Path, Stamp, Time};
use std::net::IpAddr;

/// A value from the wire.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
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
    /// Text, decoded and with control characters replaced.
    Text(String),
    /// Bytes of no known type.
    Bytes(Vec<u8>),
    /// A row of bits, first address first.
    Bits(Vec<bool>),
    /// A row of 16-bit words, first address first.
    Words(Vec<u16>),
    /// A secret: only its length in bytes and a keyed hash leave the parser.
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

/// What an operation acts on, in the standard's notation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The address space: `coil`, `holding`, `DB`, `tag`, `ioa`, `analog-value`, `file`, `block`, …
    pub space: &'static str,
    /// First address, where addresses are numbers.
    pub first: u64,
    /// How many addresses; 0 where counting makes no sense.
    pub count: u32,
    /// The whole target as a person of the field would write it (`holding:40001..40010`, `DB10.DBX0.0`).
    pub name: String,
}

/// One target with the value read from or written to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What is acted on.
    pub target: Target,
    /// The value, where the wire carries one.
    pub value: Value,
}

/// A named extra of a transaction; keys are declared by the protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The declared key.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
}

/// One operation, or a run of identical ones folded into one record.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// The protocol's name.
    pub protocol: &'static str,
    /// The operation in the standard's own words, `snake_case`; `unknown` where the code has no name.
    pub operation: &'static str,
    /// The code on the wire (function code, service, command).
    pub code: u32,
    /// What kind of operation it is.
    pub class: Class,
    /// Who acts. Where roles are unknown: who sent the message.
    pub actor: Endpoint,
    /// Who is acted on. Where roles are unknown: who received the message.
    pub subject: Endpoint,
    /// Whether `actor` and `subject` come from the message itself.
    pub roles_known: bool,
    /// The thing behind the subject's address that is meant.
    pub path: Path,
    /// What is acted on, with values.
    pub items: Vec<Item>,
    /// Named extras.
    pub fields: Vec<Field>,
    /// How it ended.
    pub outcome: Outcome,
    /// Frame and time of the request, where one was seen.
    pub asked: Option<Stamp>,
    /// Nanoseconds from request to answer, where both were seen.
    pub latency: Option<i64>,
    /// How many identical operations this record stands for (1 for a single one).
    pub repeats: u64,
    /// First of the repeats; equals the record's own stamp for a single one.
    pub first: Stamp,
    /// True the first time this conversation does this (the profile's novelty).
    pub novel: bool,
}

impl Transaction {
    /// Who is acted on, with the way behind the address.
    pub fn subject_of(&self) -> crate::Subject {
        crate::Subject { host: self.subject.host, path: self.path }
    }

    /// The value of a declared field.
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.fields.iter().find(|f| f.key == key).map(|f| &f.value)
    }
}
