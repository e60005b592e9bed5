//! Where a message comes from and goes to, and what a request waits by.

use super::wire::Station;
use crate::{About, Dir, Draft, Val};
use model::{Hop, Path};
use std::net::IpAddr;

/// What a request waits by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A confirmed service: direction of the request, invoke id, the stations behind routers at both ends.
    Service { dir: Dir, invoke: u8, server: Option<Station>, client: Option<Station> },
    /// A BVLC function, by the direction of the request.
    Bvlc(Dir, u8),
    /// Initialize-Routing-Table, by the direction of the request.
    Routing(Dir),
}

/// Where a message comes from and goes to.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Direction of the message.
    pub dir: Dir,
    /// It goes to a group.
    pub group: bool,
    /// A foreign device asks for it to be distributed.
    pub distribute: bool,
    /// Who sent it before it was forwarded.
    pub originator: Option<IpAddr>,
    /// The station behind a router it is for.
    pub to: Option<Station>,
    /// The station behind a router it comes from.
    pub from: Option<Station>,
    /// UDP port of the sender; 0 without.
    pub port: u16,
}

impl Scene {
    /// The sender.
    pub fn about(&self) -> About {
        self.originator.map_or(About::Sender, |ip| About::Address(ip.into()))
    }

    /// The way to the station the message comes from.
    pub fn sender_path(&self) -> Path {
        self.from.map_or(Path::HOST, Station::path)
    }

    /// The way to the station the message is for; broadcasts are for nobody.
    pub fn receiver_path(&self) -> Path {
        self.to.filter(|s| s.len > 0 && s.network != 0xffff).map_or(Path::HOST, Station::path)
    }

    /// What the routes say besides the subject's own. `asks`: the sender acts.
    pub fn extras(&self, asks: bool, draft: &mut Draft<'_>) {
        if let Some(ip) = self.originator {
            draft.push_extra("originator", Val::Ip(ip));
        }
        if self.distribute {
            draft.push_extra("distribute", Val::Bool(true));
        }
        if let Some(Station { network, mac, len }) = self.from.filter(|_| asks) {
            let text = draft.format(format_args!("{}", Hop::Remote { network, mac, len }));
            draft.push_extra("source", Val::Text(text));
        }
        if let Some(to) = self.to.filter(|s| asks && (s.len == 0 || s.network == 0xffff)) {
            draft.push_extra("network", Val::Uint(to.network.into()));
        }
    }
}
