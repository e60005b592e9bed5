//! From beliefs to devices: a pure function of the evidence, the tables and the log of human edits.

use super::{Asset, Edit, Inventory, Names};

/// The devices the evidence adds up to, in order of id.
pub fn assets(_inventory: &Inventory, _names: &dyn Names, _edits: &[Edit]) -> Vec<Asset> {
    Vec::new()
}
