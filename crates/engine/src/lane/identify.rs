//! Who speaks: payloads are looked at, a few are held back until the other direction confirms.

use super::{Env, Lane, Piece, State, proxied};
use crate::limits::{IDENTIFY_EVERY, IDENTIFY_TRIES, MAX_HELD_BYTES};
use crate::registry::Which;
use crate::shape::Shaping;
use model::Stamp;
use protocols::{Dir, Moment, Output, Probe, Transport, Verdict};

/// A payload held back until the other direction confirms who speaks.
struct Held {
    dir: Dir,
    at: Moment,
    boundary: bool,
    cut: u32,
    bytes: Vec<u8>,
}

/// Not known yet who speaks.
#[derive(Default)]
pub struct Open {
    pub(super) tries: [u8; 2],
    pub(super) payloads: u32,
    held: Vec<Held>,
    held_bytes: usize,
    suspect: Option<(Which, Dir, Verdict)>,
    /// The header of a load balancer has been taken off.
    proxied: bool,
    pub(super) shaping: Shaping,
}

impl Open {
    /// Holds a payload back.
    fn hold(&mut self, piece: Piece<'_>, env: &mut Env<'_>) {
        if self.held_bytes + piece.bytes.len() > MAX_HELD_BYTES {
            env.not_understood += piece.bytes.len() as u64;
            return;
        }
        self.held_bytes += piece.bytes.len();
        let Piece { dir, boundary, cut, bytes, .. } = piece;
        self.held.push(Held { dir, at: env.now, boundary, cut, bytes: bytes.to_vec() });
    }

    /// What was held of one direction was not the front of anything.
    pub(super) fn forget(&mut self, dir: Dir, env: &mut Env<'_>) {
        env.not_understood += self.drop_held(dir) as u64;
    }

    /// Lets go of what was held of one direction; how many bytes that were.
    fn drop_held(&mut self, dir: Dir) -> usize {
        let gone: usize = self.held.iter().filter(|h| h.dir == dir).map(|h| h.bytes.len()).sum();
        self.held_bytes -= gone;
        self.held.retain(|h| h.dir != dir);
        gone
    }
}

/// A stream's front shorter than this may be too short to tell; it is held until more comes.
const SHORT_FRONT: usize = 64;

impl Lane {
    pub(super) fn identify(&mut self, env: &mut Env<'_>, outs: &mut [Output], piece: Piece<'_>) {
        let State::Open(open) = &mut self.state else { return };
        open.payloads = open.payloads.saturating_add(1);
        open.shaping.see(piece.dir, piece.bytes, env.now.time);
        let [to_b, to_a] = &mut open.tries;
        let tries = if piece.dir == Dir::AtoB { to_b } else { to_a };
        let rare = *tries >= IDENTIFY_TRIES;
        if piece.bytes.is_empty() || (rare && open.payloads % IDENTIFY_EVERY != 0) {
            env.not_understood += piece.bytes.len() as u64;
            return;
        }
        if let Some(which) = self.expected.filter(|w| Some(*w) != self.excluded) {
            return self.become_known(env, outs, which, piece);
        }
        // a stream may be cut anywhere: what came before in this direction belongs to the same front
        let stream = self.transport.is_stream();
        let before: Vec<u8> = match stream {
            true => open.held.iter().filter(|h| h.dir == piece.dir).flat_map(|h| h.bytes.iter().copied()).collect(),
            false => Vec::new(),
        };
        let joined: Vec<u8>;
        let whole = if before.is_empty() {
            piece.bytes
        } else {
            joined = [before.as_slice(), piece.bytes].concat();
            &joined
        };
        let mut short = stream && whole.len() < SHORT_FRONT;
        if self.transport == Transport::Tcp && !open.proxied {
            let front = proxied::header(whole);
            if front > 0 {
                // what of it was held goes with it: its end lies in this piece
                open.proxied = true;
                env.understood += front as u64;
                open.drop_held(piece.dir);
                let bytes = whole.get(front..).unwrap_or_default().to_vec();
                if !bytes.is_empty() {
                    self.identify(env, outs, Piece { bytes: &bytes, ..piece });
                }
                return;
            }
            short |= proxied::may_begin(whole);
        }
        if !short {
            *tries = tries.saturating_add(1);
        }
        let (src, dst) = env.ends.of(piece.dir);
        let (src_port, dst_port, transport, carried) = (src.port, dst.port, self.transport, piece.carried);
        let probe = |bytes| Probe { bytes, transport, src_port, dst_port, carried };
        let mut best = env.registry.best(&probe(whole), self.excluded);
        if best.is_none() && !before.is_empty() {
            // the conversation may have been joined inside a message: this segment may begin the next one
            // (a doubtful front is not worth the bytes held so far)
            let fresh = env.registry.best(&probe(piece.bytes), self.excluded);
            best = fresh.filter(|b| b.verdict == Verdict::Sure || b.hinted && b.verdict >= Verdict::Likely);
            if best.is_some() {
                open.forget(piece.dir, env);
            }
        }
        let Some(best) = best else {
            if short {
                open.hold(piece, env);
            } else {
                open.forget(piece.dir, env);
                open.suspect = open.suspect.filter(|(_, dir, _)| *dir != piece.dir);
                env.not_understood += piece.bytes.len() as u64;
            }
            return;
        };
        let believed = match best.verdict {
            Verdict::Sure => true,
            Verdict::Likely if best.hinted => true,
            Verdict::Likely | Verdict::Maybe => {
                let confirmed = open.suspect.is_some_and(|(which, dir, verdict)| {
                    which == best.which
                        && dir != piece.dir
                        && (best.hinted || (verdict >= Verdict::Likely && best.verdict >= Verdict::Likely))
                });
                // an EtherType names what follows; the content only has to agree
                confirmed || (best.hinted && matches!(self.transport, Transport::Link(_) | Transport::Snap(..)))
            }
            Verdict::No => false,
        };
        if believed {
            return self.become_known(env, outs, best.which, piece);
        }
        if best.hinted || best.verdict >= Verdict::Likely || short {
            let stronger = |(which, _, verdict): (Which, Dir, Verdict)| which != best.which && verdict < best.verdict;
            if open.suspect.is_none_or(stronger) {
                open.suspect = Some((best.which, piece.dir, best.verdict));
            }
            open.hold(piece, env);
        } else {
            env.not_understood += piece.bytes.len() as u64;
        }
    }

    fn become_known(&mut self, env: &mut Env<'_>, outs: &mut [Output], which: Which, piece: Piece<'_>) {
        let Some(protocol) = env.registry.protocol(which) else { return };
        let session = (protocol.session)();
        let old = core::mem::replace(&mut self.state, State::Known(which, protocol, session));
        self.expected = None;
        if let State::Open(open) = old {
            let (now, stamp) = (env.now, env.say.stamp());
            for held in open.held {
                // what it says was there then, only not yet understood
                env.now = held.at;
                let time = env.say.raw(held.at.time);
                env.say.restamp(Stamp { time, frame: held.at.frame, index: 0 });
                let Held { dir, boundary, cut, ref bytes, .. } = held;
                self.take(env, outs, Piece { dir, bytes, boundary, cut, carried: piece.carried });
            }
            env.now = now;
            env.say.restamp(stamp);
        }
        self.take(env, outs, piece);
    }
}
