//! What people say about devices: an ordered log. Taking something back is taking the entry out.

use super::{AssetId, Importance};
use model::{Address, Time};

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The entry's number; entries apply in the order of the slice, the number only names them.
    pub id: u64,
    /// When it was made.
    pub at: Time,
    /// Who made it.
    pub who: String,
    /// The device it is about: its id, or any id it had before.
    pub asset: AssetId,
    /// What was said.
    pub change: Change,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its name.
    Name(String),
    /// Its type.
    Type(String),
    /// Its Purdue level.
    Level(String),
    /// How important it is.
    Importance(Importance),
    /// Whether it belongs here.
    Authorised(bool),
    /// Whether it may scan.
    Scanner(bool),
    /// Whether it may program controllers.
    ProgrammingDevice(bool),
    /// The other device is this device.
    Merge(AssetId),
    /// These addresses are another device.
    Split(Vec<Address>),
    /// A note.
    Note(String),
}
