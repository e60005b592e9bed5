//! What a session said, on its way out: operations and anomalies through the pair's habits, evidence as the pair heard it.

use super::Env;
use crate::hash;
use crate::heard::{self, Mark};
use crate::pair::{Breach, hop_number};
use crate::registry::Which;
use crate::say;
use model::{Transfer, What};
use protocols::{About, Dir, Kind, Output, Protocol};

/// Says what a session said.
pub(super) fn speak(
    env: &mut Env<'_>,
    out: &Output,
    protocol: &'static Protocol,
    which: Which,
    dir: Dir,
    relay: Option<Dir>,
) {
    for row in out.rows() {
        env.pair.operation(row, out, protocol, which, &env.ends, env.say);
    }
    for saying in out.evidence() {
        let end = match saying.about {
            About::Sender | About::SenderMac => Some(dir),
            About::Receiver | About::ReceiverMac => Some(dir.flip()),
            About::Address(_) => None,
        };
        if end.is_some() && end == relay {
            continue;
        }
        let Some(host) = env.ends.about(saying.about, dir) else { continue };
        let mut h = hash::mix(u64::from(which), saying.strength as u64);
        h = match host.address {
            model::Address::Mac(mac) => hash::bytes(h, &mac.0),
            model::Address::Ip(std::net::IpAddr::V4(ip)) => hash::bytes(h, &ip.octets()),
            model::Address::Ip(std::net::IpAddr::V6(ip)) => hash::bytes(h, &ip.octets()),
        };
        h = saying.path.hops().fold(h, |h, hop| hash::mix(h, hop_number(hop)));
        let place = h;
        h = hash::bytes(kind_hash(h, &saying.kind), out.span(saying.text));
        let topic = match heard::one_at_a_time(&saying.kind) {
            // a claim that names the topic with its value has no text, one with text is its kind
            true if saying.text.is_empty() => hash::word(place, "address"),
            true => kind_hash(place, &saying.kind),
            false => 0,
        };
        let mark = Mark { hash: h, topic, dated: heard::is_dated(&saying.kind) };
        let ends = &env.ends;
        env.pair.heard.claim(mark, env.say, || say::evidence(saying, out, protocol.name, ends, dir));
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
