//! Network layer messages (clause 6.4) and what BVLC does besides carrying (annexes J.2 and U.2).

use super::meaning::{BVLC, BVLC6, NETWORK, OPERATIONS};
use super::names;
use super::scene::{Key, Scene};
use super::session::State;
use crate::{Draft, Goal, Output, Val};
use model::{Class, Outcome, Role};
use wire::{Malformed, Read, Reader};

/// Most networks or table entries kept of one message.
const MAX_ENTRIES: usize = 64;

fn network(number: u16, value: Val, draft: &mut Draft<'_>) {
    if draft.items_mut().len() < MAX_ENTRIES {
        draft.push_item(Goal::range("network", number.into(), 1), value);
    }
}

/// A message of the network layer.
pub fn message(state: &mut State, scene: &Scene, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let at = r.offset();
    let kind = r.u8("network message type")?;
    if kind >= 0x80 {
        let vendor = r.be16("vendor id")?;
        let draft = out.draft(OPERATIONS, NETWORK | u32::from(kind), scene.dir).actor(scene.dir);
        draft.path(scene.receiver_path()).extra("vendor_id", Val::Uint(vendor.into())).commit();
        return Ok(());
    }
    if kind > 0x13 {
        return Err(Malformed::invalid("network message type", at));
    }
    if kind == 7
        && let Some(mut draft) = state.pending.settle(Key::Routing(scene.dir.flip()), out)
    {
        ports(r, &mut draft)?;
        draft.commit();
        return Ok(());
    }
    let answer = kind == 7;
    let dir = if answer { scene.dir.flip() } else { scene.dir };
    let code = if answer { 6 } else { kind };
    let mut draft = out.draft(OPERATIONS, NETWORK | u32::from(code), scene.dir).actor(dir);
    draft = draft.path(if answer { scene.sender_path() } else { scene.receiver_path() });
    scene.extras(!answer, &mut draft);
    match kind {
        0 if !r.is_empty() => network(r.be16("network number")?, Val::None, &mut draft),
        1 | 4 | 5 => {
            while !r.is_empty() {
                network(r.be16("network number")?, Val::None, &mut draft);
            }
        }
        2 => {
            network(r.be16("network number")?, Val::None, &mut draft);
            draft.push_extra("performance", Val::Uint(r.u8("performance index")?.into()));
        }
        3 => {
            let reason = r.u8("reject reason")?;
            network(r.be16("network number")?, Val::None, &mut draft);
            let word = names::name(&names::NETWORK_REJECTS, reason.into());
            draft.push_extra("reason", word.map_or(Val::Uint(reason.into()), Val::Name));
        }
        6 | 7 => {
            // an empty table asks for the one in use
            let asks = ports(r, &mut draft)? == 0 && kind == 6;
            draft = if asks { draft.class(Class::Read) } else { draft };
        }
        8 => {
            network(r.be16("network number")?, Val::None, &mut draft);
            draft.push_extra("time_s", Val::Uint(r.u8("termination time")?.into()));
        }
        9 => network(r.be16("network number")?, Val::None, &mut draft),
        0x13 => {
            network(r.be16("network number")?, Val::None, &mut draft);
            draft.push_extra("configured", Val::Bool(r.u8("flag")? == 1));
        }
        _ => {}
    }
    if kind == 6 {
        state.pending.hold(Key::Routing(scene.dir), draft);
        return Ok(());
    }
    draft.outcome(if answer { Outcome::ReplyOnly } else { Outcome::Ok }).commit();
    if kind == 1 {
        out.about(scene.about()).path(scene.sender_path()).role(Role::Gateway);
    }
    Ok(())
}

/// The ports of a routing table. Returns how many there are.
fn ports(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<u8> {
    let count = r.u8("number of ports")?;
    for _ in 0..count {
        let number = r.be16("network number")?;
        let port = r.u8("port id")?;
        let info = r.u8("port information length")?;
        r.skip(info.into(), "port information")?;
        network(number, Val::Uint(port.into()), draft);
    }
    Ok(count)
}

/// A function of BACnet/IP that is no message of a device to another: tables, registration, results.
pub fn bvlc(state: &mut State, scene: &Scene, function: u8, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let dir = scene.dir;
    match function {
        0 => result(state, scene, r.be16("result code")?, out),
        3 | 7 => {
            let asked = function - 1;
            let (mut draft, outcome) = match state.pending.settle(Key::Bvlc(dir.flip(), asked), out) {
                Some(draft) => (draft, Outcome::Ok),
                None => {
                    let draft = out.draft(OPERATIONS, BVLC | u32::from(asked), dir).actor(dir.flip());
                    (draft, Outcome::ReplyOnly)
                }
            };
            entries(r, &mut draft, function == 7)?;
            draft.outcome(outcome).commit();
        }
        _ => {
            let mut draft = out.draft(OPERATIONS, BVLC | u32::from(function), dir).actor(dir);
            match function {
                1 => entries(r, &mut draft, false)?,
                5 => draft.push_extra("ttl_s", Val::Uint(r.be16("time to live")?.into())),
                8 => address(r, Val::None, &mut draft)?,
                _ => {}
            }
            match function {
                1 | 2 | 5 | 6 | 8 => state.pending.hold(Key::Bvlc(dir, function), draft),
                _ => draft.commit(),
            }
        }
    }
    Ok(())
}

/// A result: 0, or the refused function's own number in the upper digits.
fn result(state: &mut State, scene: &Scene, code: u16, out: &mut Output) {
    let functions: &[u8] = match code {
        0 => &[5, 1, 8],
        0x10 => &[1],
        0x20 => &[2],
        0x30 => &[5],
        0x40 => &[6],
        0x50 => &[8],
        _ => &[],
    };
    settle_result(state, scene, code, functions, BVLC, out);
}

fn settle_result(state: &mut State, scene: &Scene, code: u16, functions: &[u8], base: u32, out: &mut Output) {
    let asked = scene.dir.flip();
    let outcome = if code == 0 { Outcome::Ok } else { Outcome::Refused(code.into()) };
    let held = functions.iter().find(|f| state.pending.holds(Key::Bvlc(asked, **f)));
    if let Some(draft) = held.and_then(|f| state.pending.settle(Key::Bvlc(asked, *f), out)) {
        draft.outcome(outcome).commit();
        return;
    }
    let outcome = if code == 0 { Outcome::ReplyOnly } else { outcome };
    out.draft(OPERATIONS, base, scene.dir).actor(asked).outcome(outcome).commit();
}

/// A function of BACnet/IPv6 of the same kind; the sender's virtual address is behind.
pub fn bvlc6(state: &mut State, scene: &Scene, function: u8, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let dir = scene.dir;
    if function == 0 {
        let code = r.be16("result code")?;
        let functions: &[u8] = match code {
            0 => &[9, 10],
            0x90 => &[9],
            0xa0 => &[10],
            0x30 => &[3],
            0x60 => &[6],
            _ => &[],
        };
        settle_result(state, scene, code, functions, BVLC6, out);
        return Ok(());
    }
    if matches!(function, 5 | 7)
        && let Some(draft) = state.pending.settle(Key::Bvlc(dir.flip(), function - if function == 5 { 2 } else { 1 }), out)
    {
        draft.commit();
        return Ok(());
    }
    let mut draft = out.draft(OPERATIONS, BVLC6 | u32::from(function), dir).actor(dir);
    if function == 9 {
        draft.push_extra("ttl_s", Val::Uint(r.be16("time to live")?.into()));
    }
    match function {
        // an address is asked for in a group and answered directly: that is another conversation
        9 | 10 => state.pending.hold(Key::Bvlc(dir, function), draft),
        _ => draft.commit(),
    }
    Ok(())
}

/// An address and port of BACnet/IP.
fn address(r: &mut Reader<'_>, value: Val, draft: &mut Draft<'_>) -> Read<()> {
    let [a, b, c, d] = r.array("address")?;
    let port = r.be16("port")?;
    if draft.items_mut().len() < MAX_ENTRIES {
        let name = draft.format(format_args!("{a}.{b}.{c}.{d}:{port}"));
        draft.push_item(Goal::named("address", name), value);
    }
    Ok(())
}

/// Table entries: address and broadcast mask, or address, time to live and time remaining.
fn entries(r: &mut Reader<'_>, draft: &mut Draft<'_>, foreign: bool) -> Read<()> {
    while !r.is_empty() {
        let mut rest = *r;
        rest.skip(6, "address and port")?;
        let value = match foreign {
            true => Val::Uint(rest.be16("time to live")?.into()),
            false => {
                let [a, b, c, d] = rest.array("broadcast distribution mask")?;
                Val::Text(draft.format(format_args!("{a}.{b}.{c}.{d}")))
            }
        };
        address(r, value, draft)?;
        r.skip(4, "table entry")?;
    }
    Ok(())
}
