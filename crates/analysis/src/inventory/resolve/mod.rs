//! From beliefs to devices: a pure function of the evidence, the tables and the log of human edits.

mod address;
mod bind;
mod build;
mod distance;
mod facts;
mod group;
mod hands;
mod judge;
mod remarks;
mod units;
mod values;

use super::{Asset, Edit, Inventory, Names};
use group::{Group, Node};
use std::collections::BTreeMap;

/// The devices the evidence adds up to, in order of id. Same evidence, tables and log: same devices.
pub fn assets(inventory: &Inventory, names: &dyn Names, edits: &[Edit]) -> Vec<Asset> {
    let facts = facts::collect(inventory);
    let ties = bind::ties(&facts);
    let units = units::decide(inventory, &facts);
    let mut groups: Vec<Group> =
        group::groups(&facts, &ties, &units).into_iter().filter(|g| group::exists(g, &ties)).collect();
    hands::regroup(&mut groups, edits);
    let place: BTreeMap<Node, usize> =
        groups.iter().enumerate().flat_map(|(i, g)| g.nodes.iter().map(move |n| (*n, i))).collect();
    let context = build::Context::new(&groups, &facts, &ties, &units, names, &place);
    let mut assets: Vec<Asset> = groups.iter().enumerate().map(|(i, g)| context.asset(i, g)).collect();
    hands::apply(&mut assets, edits);
    assets.sort_by_key(|a| a.id);
    assets
}
