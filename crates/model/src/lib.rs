//! The vocabulary: what Bourdon talks about. No I/O, no clock, no logic but ordering and merge laws.
//! Depends on nothing.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod address;
mod event;
mod evidence;
mod operation;
mod subject;
mod time;
mod transaction;

pub use address::{Address, Endpoint, Host, Mac, NetworkId};
pub use event::{Anomaly, Event, FlowFact, FlowState, Gap, Health, Match, Shape, Transfer, TransferKind, What};
pub use evidence::{Claim, Evidence, NameKind, Role, Strength};
pub use operation::{Class, Outcome};
pub use subject::{Hop, MAX_HOPS, Path, Subject};
pub use time::{Stamp, Time};
pub use transaction::{Field, Item, Target, Transaction, Value};
