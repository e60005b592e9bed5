//! Framing: packets are handed on whole.

use super::wire::{self, Content};
use crate::{Carried, Input, Output, Session, Step};

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Tpkt { remote_desktop: false, tls: false })
}

struct Tpkt {
    /// The conversation was opened as Remote Desktop: fast-path packets stand between the packets.
    remote_desktop: bool,
    /// Remote Desktop went on inside TLS: the rest of the stream is handed on.
    tls: bool,
}

impl Session for Tpkt {
    fn touch(&self) -> u64 {
        self.remote_desktop.into()
    }

    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        let bytes = input.bytes;
        match bytes {
            [] => return Step::NeedMore,
            _ if self.tls && !(input.boundary && wire::begins_remote_desktop(bytes)) => return hand_on_tls(input, out),
            // both sides agreed on TLS during connection: the conversation stays Remote Desktop
            [0x16, 3, 0..=4, ..] if self.remote_desktop => {
                self.tls = true;
                return hand_on_tls(input, out);
            }
            [0x16, 3, 0..=4, ..] => return Step::NotMine,
            [0x16] | [0x16, 3] => return Step::NeedMore,
            [first, ..] if self.remote_desktop && !input.trial && *first & 3 == 0 => return fast_path(input, out),
            _ => {}
        }
        let length = match wire::length(bytes) {
            Ok(Some(length)) => length,
            Ok(None) => return Step::NeedMore,
            Err(error) => {
                if !input.trial {
                    out.malformed(error, input.dir);
                }
                return Step::Resync(0);
            }
        };
        let body = bytes.get(wire::HEADER..).unwrap_or_default();
        let body = body.get(..length - wire::HEADER).unwrap_or(body);
        if input.trial && matches!(wire::content(length - wire::HEADER, body), Content::Other) {
            return Step::Resync(0);
        }
        if bytes.len() < length {
            return Step::NeedMore;
        }
        if bytes.get(1) != Some(&0) {
            out.anomaly("reserved_not_zero", "reserved", 1, input.dir);
        }
        self.remote_desktop |= wire::opens_remote_desktop(body);
        self.tls = false;
        out.inner("tpkt", input.dir, Carried::default(), wire::HEADER, length);
        Step::Took(length)
    }
}

/// Hands the rest of a stream on that goes on inside TLS.
fn hand_on_tls(input: &Input<'_>, out: &mut Output) -> Step {
    let carried = Carried { channel: 2, facts: [2, 0, 0, 0] };
    out.inner_stream("tpkt", input.dir, carried, 0, input.bytes.len());
    Step::Took(input.bytes.len())
}

/// Hands a fast-path packet on, on a channel of its own.
fn fast_path(input: &Input<'_>, out: &mut Output) -> Step {
    let Some(length) = wire::fast_path(input.bytes) else {
        if input.bytes.len() < 3 {
            return Step::NeedMore;
        }
        if !input.trial {
            out.anomaly("malformed", "fast-path length", 1, input.dir);
        }
        return Step::Resync(0);
    };
    if input.bytes.len() < length {
        // what looked like a packet may have been lost framing: an opening inside is believed instead
        return wire::find_remote_desktop(input.bytes).map_or(Step::NeedMore, Step::Resync);
    }
    let carried = Carried { channel: 1, facts: [1, 0, 0, 0] };
    out.inner("tpkt", input.dir, carried, 0, length);
    Step::Took(length)
}
