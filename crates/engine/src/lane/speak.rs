//! What a session said, on its way out: operations and anomalies through the pair's habits, evidence once.

use super::Env;
use crate::hash;
use crate::pair::{Breach, hop_number};
use crate::registry::Which;
use crate::say;
use model::{Transfer, What};
use protocols::{Dir, Kind, Output, Protocol};

/// Says what a session said.
pub(super) fn speak(env: &mut Env<'_>, out: &Output, protocol: &'static Protocol, which: Which, dir: Dir) {
    for row in out.rows() {
        env.pair.operation(row, out, protocol, which, &env.ends, env.say);
    }
    for saying in out.evidence() {
        let Some(host) = env.ends.about(saying.about, dir) else { continue };
        let mut h = hash::mix(u64::from(which), saying.strength as u64);
        h = match host.address {
            model::Address::Mac(mac) => hash::bytes(h, &mac.0),
            model::Address::Ip(std::net::IpAddr::V4(ip)) => hash::bytes(h, &ip.octets()),
            model::Address::Ip(std::net::IpAddr::V6(ip)) => hash::bytes(h, &ip.octets()),
        };
        h = saying.path.hops().fold(h, |h, hop| hash::mix(h, hop_number(hop)));
        h = kind_hash(h, &saying.kind);
        h = hash::bytes(h, out.span(saying.text));
        if env.pair.is_new_evidence(h, env.say)
            && let Some(evidence) = say::evidence(saying, out, protocol.name, &env.ends, dir)
        {
            env.say.fact(What::Evidence(evidence));
        }
    }
    for row in out.anomalies() {
        let (sender, receiver) = env.ends.of(row.sent);
        let (kind, detail, number, path) = (row.kind, row.detail, row.number, row.path);
        let breach = Breach { protocol: protocol.name, kind, detail, number, path, sender, receiver };
        env.pair.anomaly(breach, env.say);
    }
    for row in out.transfers() {
        let (actor, subject) = env.ends.of(row.actor);
        let moving = &row.moving;
        let first = model::Stamp { time: env.say.raw(moving.first.time), frame: moving.first.frame, index: 0 };
        env.say.fact(What::Transfer(Transfer {
            protocol: protocol.name,
            actor,
            subject,
            path: row.path,
            kind: moving.kind,
            content: moving.content,
            name: moving.name.clone(),
            size: moving.size,
            sha256: moving.sha256(),
            complete: moving.is_complete(),
            first,
        }));
    }
    for (expect, name) in out.expects() {
        env.pair.expects.add(*expect, out.span(*name));
    }
    for limit in out.limits() {
        env.say.health("limit_reached", limit, 1);
    }
}

/// Hashes what a kind of claim carries besides its text.
fn kind_hash(h: u64, kind: &Kind) -> u64 {
    use core::hash::{Hash, Hasher};
    struct Mixer(u64);
    impl Hasher for Mixer {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0 = hash::bytes(self.0, bytes);
        }
    }
    let mut mixer = Mixer(h);
    kind.hash(&mut mixer);
    mixer.finish()
}
