//! PDUs to operations, variables to targets and values.

use super::oid::{self, Numbers, Shown};
use super::wire::{self, Pdu, Variable};
use crate::common::ber;
use crate::{Draft, Goal, Operation, Val, op};
use model::Class::*;
use ::wire::Read;
use std::net::{IpAddr, Ipv4Addr};

/// A message of version 3 whose contents are encrypted.
pub const ENCRYPTED: u32 = 0x100;

/// PDUs by the number of their tag (RFC 1157, 3416).
pub const OPERATIONS: &[Operation] = &[
    op(0, "get_request", Read),
    op(1, "get_next_request", Read),
    op(2, "response", Read),
    op(3, "set_request", Configure),
    op(4, "trap", Diagnose),
    op(5, "get_bulk_request", Read),
    op(6, "inform_request", Diagnose),
    op(7, "snmpv2_trap", Diagnose),
    op(8, "report", Diagnose),
    op(ENCRYPTED, "encrypted_pdu", Unknown),
];

/// Most variables of one message that become targets; a message in an Ethernet frame holds about a hundred.
pub const MAX_TARGETS: usize = 128;
/// Numbers of an object that a walk is grouped by: enough for a column of the tables of RFC 1213, and for the first
/// groups of a maker's own. A walk asks for every row of every column once; each would be an operation of its own.
const SUBTREE: usize = 9;
/// Bytes without known type that are kept.
const SHOWN: usize = 64;

/// Adds what a request asks for or sets. Walks are grouped by subtree.
pub fn targets(pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = pdu.variables;
    let mut last: &[u8] = &[];
    for n in 0.. {
        if r.is_empty() {
            break;
        }
        let variable = wire::variable(&mut r)?;
        if n >= MAX_TARGETS {
            draft.out().limit("snmp_variables");
            break;
        }
        if matches!(pdu.kind, wire::GET_NEXT | wire::GET_BULK) {
            subtree(&variable, &mut last, draft);
        } else {
            let value = if pdu.kind == wire::SET { value(&variable, draft) } else { Val::None };
            object(&variable, value, draft);
        }
    }
    Ok(())
}

fn object(variable: &Variable<'_>, value: Val, draft: &mut Draft<'_>) {
    let name = draft.format(format_args!("{}", Shown(variable.object)));
    draft.push_item(Goal::named("object", name), value);
}

fn subtree<'a>(variable: &Variable<'a>, last: &mut &'a [u8], draft: &mut Draft<'_>) {
    let tree = oid::cut(variable.object, SUBTREE);
    if tree != *last {
        let name = draft.format(format_args!("{}", Shown(tree)));
        draft.push_item(Goal::named("subtree", name), Val::None);
        *last = tree;
    }
}

/// Fills in what an answer brings. `kind` is the request's, `None` where it was not seen: then scalars get their
/// targets, and what looks like a table its subtree.
pub fn answer(kind: Option<u8>, pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = pdu.variables;
    let mut last: &[u8] = &[];
    let mut count = 0usize;
    while !r.is_empty() {
        let variable = wire::variable(&mut r)?;
        count += 1;
        if count > MAX_TARGETS {
            draft.out().limit("snmp_variables");
            break;
        }
        match kind {
            Some(wire::GET | wire::SET) => {
                let value = value(&variable, draft);
                if let Some(entry) = draft.items_mut().get_mut(count - 1) {
                    entry.value = value;
                }
            }
            Some(wire::GET_NEXT) if count == 1 => {
                let next = draft.format(format_args!("{}", Shown(variable.object)));
                draft.push_extra("next", Val::Text(next));
                let value = value(&variable, draft);
                if let [entry] = draft.items_mut() {
                    entry.value = value;
                }
            }
            Some(_) => {}
            None if variable.object.last() == Some(&0) => {
                let value = value(&variable, draft);
                object(&variable, value, draft);
            }
            None => subtree(&variable, &mut last, draft),
        }
    }
    if count > 1 && matches!(kind, Some(wire::GET_NEXT | wire::GET_BULK)) {
        draft.push_extra("returned", Val::Uint(count as u64));
    }
    Ok(())
}

/// A value as what it is. Keys of users and communities are masked.
pub fn value(variable: &Variable<'_>, draft: &mut Draft<'_>) -> Val {
    let bytes = variable.value.bytes();
    let secret = [oid::USM, oid::COMMUNITIES].iter().any(|tree| variable.object.starts_with(tree));
    match variable.value.tag {
        0x02 => ber::signed(bytes).map_or(Val::None, Val::Int),
        0x04 if secret => draft.out().secret(bytes),
        0x04 => octets(variable.object, bytes, draft),
        0x06 if oid::is_sound(bytes) => Val::Text(draft.format(format_args!("{}", Numbers(bytes)))),
        0x40 => match bytes {
            [a, b, c, d] => Val::Ip(IpAddr::V4(Ipv4Addr::new(*a, *b, *c, *d))),
            _ => Val::None,
        },
        0x41 | 0x42 | 0x43 | 0x46 => ber::unsigned(bytes).map_or(Val::None, Val::Uint),
        0x80 => Val::Name("no_such_object"),
        0x81 => Val::Name("no_such_instance"),
        0x82 => Val::Name("end_of_mib_view"),
        _ => Val::None,
    }
}

fn octets(object: &[u8], bytes: &[u8], draft: &mut Draft<'_>) -> Val {
    if let (true, [a, b, c, d, e, f]) = (is_address(object), bytes) {
        return Val::Mac(model::Mac([*a, *b, *c, *d, *e, *f]));
    }
    if bytes.iter().all(|b| (0x20..0x7f).contains(b) || matches!(b, b'\r' | b'\n' | b'\t')) {
        return Val::Text(draft.text(bytes));
    }
    Val::Bytes(draft.bytes(bytes.get(..SHOWN).unwrap_or(bytes)))
}

/// Objects that are hardware addresses.
pub fn is_address(object: &[u8]) -> bool {
    object.starts_with(oid::IF_PHYS_ADDRESS) || object.starts_with(oid::BRIDGE_ADDRESS)
}

/// Refusals (RFC 3416, 3).
pub fn error(status: u32) -> Option<&'static str> {
    Some(match status {
        1 => "too_big",
        2 => "no_such_name",
        3 => "bad_value",
        4 => "read_only",
        5 => "gen_err",
        6 => "no_access",
        7 => "wrong_type",
        8 => "wrong_length",
        9 => "wrong_encoding",
        10 => "wrong_value",
        11 => "no_creation",
        12 => "inconsistent_value",
        13 => "resource_unavailable",
        14 => "commit_failed",
        15 => "undo_failed",
        16 => "authorization_error",
        17 => "not_writable",
        18 => "inconsistent_name",
        _ => return None,
    })
}

/// Why a message of version 3 was not processed (RFC 3414, 5), by the number of its counter.
pub fn report(number: u32) -> Option<&'static str> {
    Some(match number {
        1 => "unsupported_security_level",
        2 => "not_in_time_window",
        3 => "unknown_user_name",
        4 => "unknown_engine_id",
        5 => "wrong_digest",
        6 => "decryption_error",
        _ => return None,
    })
}

/// Generic traps; the numbers of the notifications that replaced them are one higher.
pub fn generic_trap(number: u32) -> Option<&'static str> {
    Some(match number {
        0 => "coldStart",
        1 => "warmStart",
        2 => "linkDown",
        3 => "linkUp",
        4 => "authenticationFailure",
        5 => "egpNeighborLoss",
        _ => return None,
    })
}

/// Names the notification: a version 1 trap by its numbers, later ones by the second variable.
pub fn notification(pdu: &Pdu<'_>, draft: &mut Draft<'_>) -> Read<()> {
    if let Some(trap) = &pdu.trap {
        let name = match generic_trap(trap.generic) {
            Some(name) => draft.format(format_args!("{name}")),
            None if oid::is_sound(trap.enterprise) => {
                draft.format(format_args!("{}.0.{}", Shown(trap.enterprise), trap.specific))
            }
            None => draft.format(format_args!("specific.{}", trap.specific)),
        };
        draft.push_item(Goal::named("notification", name), Val::None);
        if oid::is_sound(trap.enterprise) {
            let kind = draft.format(format_args!("{}", Numbers(trap.enterprise)));
            draft.push_extra("enterprise", Val::Text(kind));
        }
        if trap.generic == ENTERPRISE_SPECIFIC {
            draft.push_extra("specific_trap", Val::Uint(trap.specific.into()));
        }
        draft.push_extra("uptime", Val::Uint(trap.time.into()));
        return Ok(());
    }
    let mut r = pdu.variables;
    for _ in 0..MAX_TARGETS {
        if r.is_empty() {
            break;
        }
        let variable = wire::variable(&mut r)?;
        let bytes = variable.value.bytes();
        if variable.object.starts_with(oid::SYS_UP_TIME) {
            let ticks = ber::unsigned(bytes).unwrap_or_default();
            draft.push_extra("uptime", Val::Uint(ticks));
        } else if variable.object.starts_with(oid::SNMP_TRAP_OID) && oid::is_sound(bytes) {
            let generic = oid::index(bytes, oid::SNMP_TRAPS).and_then(|n| generic_trap(n.wrapping_sub(1)));
            let name = match generic {
                Some(name) => draft.format(format_args!("{name}")),
                None => draft.format(format_args!("{}", Shown(bytes))),
            };
            draft.push_item(Goal::named("notification", name), Val::None);
        }
    }
    Ok(())
}

/// Whether the variables are those of a notification: the second one names it.
pub fn is_notification(pdu: &Pdu<'_>) -> bool {
    let mut r = pdu.variables;
    let _time = wire::variable(&mut r);
    wire::variable(&mut r).is_ok_and(|v| v.object.starts_with(oid::SNMP_TRAP_OID))
}

/// The generic trap that says: look at the specific one.
const ENTERPRISE_SPECIFIC: u32 = 6;
