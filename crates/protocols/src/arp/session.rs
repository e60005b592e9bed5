//! What a packet says. There is no state: a request goes to everybody and its reply to one, so they are never in one
//! conversation; each is reported by itself.

use super::wire::{Addresses, Packet, packet};
use super::{ANNOUNCEMENT, OPERATIONS, PROBE};
use crate::{About, Goal, Input, Output, Session, Step, Val};
use model::Address;
use std::net::{IpAddr, Ipv4Addr};

/// A new conversation.
pub fn new() -> Box<dyn Session> {
    Box::new(Arp)
}

struct Arp;

impl Session for Arp {
    fn step(&mut self, input: &Input<'_>, out: &mut Output) -> Step {
        match packet(input.bytes) {
            Ok(packet) => {
                let addresses = packet.addresses();
                say(&packet, addresses, input, out);
                if let Some(addresses) = addresses {
                    prove(&packet, &addresses, input, out);
                }
                // what follows is the frame's padding
                Step::Took(input.bytes.len())
            }
            Err(error) => {
                out.malformed(error, input.dir);
                Step::Resync(0)
            }
        }
    }
}

fn say(packet: &Packet<'_>, addresses: Option<Addresses>, input: &Input<'_>, out: &mut Output) {
    let mut draft = out.draft(OPERATIONS, packet.op.into(), input.dir).actor(input.dir);
    let Some(a) = addresses else { return draft.commit() };
    let target = match packet.op {
        1 | 2 if a.sender_ip == a.target_ip && !a.sender_ip.is_unspecified() => {
            draft = draft.named(OPERATIONS, ANNOUNCEMENT);
            if packet.op == 2 {
                draft = draft.extra("gratuitous", Val::Name("reply"));
            }
            a.sender_ip
        }
        1 if a.sender_ip.is_unspecified() => {
            draft = draft.named(OPERATIONS, PROBE);
            a.target_ip
        }
        // a reply is about the address its sender has
        2 => a.sender_ip,
        // these ask for, and tell, the protocol address of a hardware address
        3 | 5 | 8 => {
            let name = draft.format(format_args!("{}", a.target_mac));
            draft = draft.target(Goal::named("mac", name));
            return finish(draft, &a);
        }
        4 | 6 => {
            let name = draft.format(format_args!("{}", a.target_mac));
            draft = draft.item(Goal::named("mac", name), Val::Ip(a.target_ip.into()));
            return finish(draft, &a);
        }
        9 => a.sender_ip,
        _ => a.target_ip,
    };
    let name = draft.format(format_args!("{target}"));
    let value = match packet.op {
        2 | 9 => Val::Mac(a.sender_mac),
        _ => Val::None,
    };
    let told = packet.op == 2 && a.sender_ip != a.target_ip && !a.target_ip.is_unspecified();
    let mut draft = draft.item(Goal::named("ip", name), value);
    if told {
        draft = draft.extra("target_ip", Val::Ip(a.target_ip.into()));
    }
    finish(draft, &a);
}

fn finish(draft: crate::Draft<'_>, a: &Addresses) {
    draft.extra("sender_ip", Val::Ip(a.sender_ip.into())).extra("sender_mac", Val::Mac(a.sender_mac)).commit();
}

/// A sender states its own two addresses. What it asks for, or says about its target, is hearsay.
fn prove(packet: &Packet<'_>, a: &Addresses, input: &Input<'_>, out: &mut Output) {
    let frame = input.macs.map(|(sender, _)| sender);
    let same = frame.is_none_or(|mac| mac == a.sender_mac);
    if !same {
        out.anomaly("sender_mismatch", "ar$sha is not the frame's source", packet.op.into(), input.dir);
    }
    if a.sender_mac.is_group() || a.sender_mac.is_zero() {
        out.anomaly("invalid_sender", "ar$sha", packet.op.into(), input.dir);
        return;
    }
    let ip = a.sender_ip;
    if ip.is_multicast() || ip == Ipv4Addr::BROADCAST {
        out.anomaly("invalid_sender", "ar$spa", packet.op.into(), input.dir);
        return;
    }
    if ip.is_unspecified() || ip.is_loopback() || !matches!(packet.op, 1 | 2 | 8 | 9) {
        return;
    }
    let about = out.about(About::Address(Address::Ip(IpAddr::V4(ip))));
    // a frame sent by somebody else than it says (repeater, proxy, forger) proves less
    let about = if same { about } else { about.guessed() };
    about.same_as(a.sender_mac);
}
