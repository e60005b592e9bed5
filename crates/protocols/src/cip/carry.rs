//! PCCC inside CIP: found, unwrapped, handed on.

use super::exchange::{EXECUTE_PCCC, MAX_DEPTH, MULTIPLE, Scene, UNCONNECTED_SEND, routed};
use super::meaning::{CONNECTION_MANAGER, PCCC};
use super::path::way;
use super::wire::{self, MAX_INNER};
use crate::{Carried, Dir, Output};
use ::wire::Reader;
use model::{Hop, Path};

/// Whether a request with this service may carry PCCC.
pub fn may_carry(service: u8) -> bool {
    matches!(service, EXECUTE_PCCC | UNCONNECTED_SEND | MULTIPLE)
}

/// Hands PCCC requests on as soon as they are seen, envelopes opened.
pub fn hand_on(bytes: &[u8], scene: &Scene, depth: u8, out: &mut Output) {
    let Ok(request) = wire::request(bytes) else { return };
    if !may_carry(request.service) {
        return;
    }
    let Ok(way) = way(request.path) else { return };
    match request.service {
        EXECUTE_PCCC if way.class == Some(PCCC) => pccc(request.data, scene.dir, scene.path, out),
        UNCONNECTED_SEND if way.class == Some(CONNECTION_MANAGER) && depth < MAX_DEPTH => {
            if let Ok((message, route)) = wire::unconnected_send(request.data)
                && let Some(scene) = routed(scene, route)
            {
                hand_on(message, &scene, depth + 1, out);
            }
        }
        MULTIPLE if depth < MAX_DEPTH => {
            let Ok(packet) = wire::packet(request.data) else { return };
            for inner in (0..packet.len().min(MAX_INNER)).map_while(|i| packet.get(i).ok()) {
                hand_on(inner, scene, depth + 1, out);
            }
        }
        _ => {}
    }
}

/// The PCCC object puts the requester's id in front: its length, vendor, serial number.
pub fn pccc(data: &[u8], dir: Dir, path: Path, out: &mut Output) {
    let mut r = Reader::new(data);
    let read = r.u8("requestor id length").and_then(|n| r.skip(usize::from(n).saturating_sub(1), "requestor id"));
    match read {
        Ok(()) => out.inner_assembled("cip", dir, Carried { channel: 0, facts: pack(path) }, r.rest()),
        Err(error) => out.malformed(error, dir),
    }
}

/// A requester's id of the usual length, and a PCCC reply behind it.
pub fn looks_like_pccc(data: &[u8]) -> bool {
    data.first() == Some(&7) && data.get(7).is_some_and(|c| c & 0x40 != 0) && data.len() >= 11
}

/// A path as carrier facts: per hop `1 << 56 | slot` or `2 << 56 | port << 40 | link`.
fn pack(path: Path) -> [u64; 4] {
    let mut facts = [0; 4];
    for (fact, hop) in facts.iter_mut().zip(path.hops()) {
        *fact = match hop {
            Hop::Slot { slot, .. } => 1 << 56 | u64::from(slot),
            Hop::Link { port, link } => 2 << 56 | u64::from(port) << 40 | (link & 0xff_ffff_ffff),
            _ => 0,
        };
    }
    facts
}
