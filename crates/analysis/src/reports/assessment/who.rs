//! From addresses to devices.

use crate::inventory::Asset;
use crate::reports::Matter;
use model::{Host, Time};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Which device an address belongs to.
pub struct Who<'a> {
    assets: &'a [Asset],
    by_host: BTreeMap<Host, usize>,
    external: Option<usize>,
    world: &'a dyn crate::detections::World,
}

impl<'a> Who<'a> {
    pub fn new(matter: &'a Matter<'_>) -> Who<'a> {
        // an address that several devices used is shown as the one's that had it first
        let mut by_host: BTreeMap<Host, (Time, Time, usize)> = BTreeMap::new();
        for (i, asset) in matter.assets.iter().enumerate() {
            let uses = asset.addresses.iter().chain(&asset.macs);
            let hosts = uses.map(|u| (Host { network: asset.network, address: u.address }, u.first));
            let subjects = asset.subjects.iter().filter(|s| s.path.is_host());
            // what the device is known by, without a time it was held
            for (host, first) in hosts.chain(subjects.map(|s| (s.host, Time(i64::MAX)))) {
                let own = by_host.entry(host).or_insert((first, asset.first.time, i));
                *own = (*own).min((first, asset.first.time, i));
            }
        }
        let by_host = by_host.into_iter().map(|(host, (_, _, i))| (host, i)).collect();
        let external = matter.assets.iter().position(|a| a.external);
        Who { assets: matter.assets, by_host, external, world: &matter.judge.world }
    }

    /// The device behind an address.
    pub fn index(&self, host: &Host) -> Option<usize> {
        let found = self.by_host.get(host).copied();
        found.or_else(|| self.external.filter(|_| self.world.is_external(host)))
    }

    /// Name and address; the address alone where there is no other name.
    pub fn name(&self, host: &Host) -> String {
        let address = host.to_string();
        match self.index(host).and_then(|i| self.assets.get(i)).filter(|a| !a.external) {
            Some(asset) if asset.name != address => format!("{} ({address})", asset.name),
            _ => address,
        }
    }

    /// Where the device's sheet is.
    pub fn sheet(&self, host: &Host) -> Option<String> {
        self.index(host).and_then(|i| self.assets.get(i)).map(|a| format!("#d-{}", a.id))
    }
}

/// The subnet an address is shown in: masks are not on the wire.
pub fn subnet(asset: &Asset) -> String {
    let ip = asset.addresses.iter().find_map(|u| u.address.ip());
    match ip {
        Some(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        None => "no IP address".to_string(),
    }
}
