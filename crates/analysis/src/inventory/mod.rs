//! Who is on the network: evidence collected over time, and the devices it adds up to. See the folder's `README.md`.

mod asset;
mod control;
mod edit;
mod names;
mod observe;
mod reason;
mod resolve;
mod store;
#[cfg(test)]
mod tests;

pub use asset::{
    AddressUse, Asset, AssetId, Attribute, Body, Importance, Judgement, Module, Other, Service, Source, Unit,
};
pub use control::{controls, is_redundancy};
pub use edit::{Change, Edit};
pub use names::{Names, Product};
pub use reason::Reason;
pub use resolve::assets;
pub use store::{
    Belief, Inventory, MAX_DEEDS, MAX_MAP_ROWS, MAX_STATEMENTS_PER_ATTRIBUTE, MAX_SUBJECTS, MapKey, MapRow, Sighting,
    SourceId, Statement,
};
