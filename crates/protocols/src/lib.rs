//! Protocols: one folder each, one word in the list below. Parsers state, analysis judges.
//!
//! A folder holds the page (`README.md`), its cases (`cases.md`, run as tests), the descriptor (`mod.rs`), and where
//! the protocol is big enough `wire.rs` (bytes to message), `session.rs` (pairing, roles, resync), `meaning.rs`
//! (codes to operations and targets) and `identity.rs` (what a message proves about a host).
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod common;
mod descriptor;
mod draft;
mod evidence;
mod output;
mod pending;
mod row;
mod secret;
mod session;
pub mod text;
mod transfer;

pub use descriptor::{FieldInfo, Operation, Protocol, field, lookup, op, plain_notation};
pub use draft::Draft;
pub use evidence::{About, Kind, Saying, Speaker};
pub use output::{AnomalyRow, Inner, InnerBytes, Output, TransferRow};
pub use pending::{MAX_PENDING, Pending};
pub use row::{Dir, Entry, Extra, Goal, Moment, Row, Run, Span, Val};
pub use secret::Secrets;
pub use session::{Carried, Expect, Expects, Hint, Input, MAX_EXPECTS, Probe, Session, Step, Transport, Verdict};
pub use transfer::Moving;

/// The list: each word is a folder, a module and a protocol.
macro_rules! protocols {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every protocol, in the order of the list (alphabetical, tested).
        pub static PROTOCOLS: &[&Protocol] = &[$(&$name::PROTOCOL),*];
    };
}

include!("list.rs");

/// The protocol of this name.
pub fn by_name(name: &str) -> Option<&'static Protocol> {
    PROTOCOLS.iter().find(|p| p.name == name).copied()
}
