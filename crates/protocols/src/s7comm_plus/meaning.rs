//! Functions to operations, targets and values.

use super::value::{Found, Value, objects, value};
use super::wire::{Head, vlq32, vlq64};
use crate::{Draft, Goal, Operation, Val, op};
use model::{Class, Class::*, Outcome};
use wire::{Read, Reader};

/// Functions as on the wire. 0x10000 and above: what a write to the operating state asks for. 0xfe: keep-alive; 0x33:
/// notification.
pub const OPERATIONS: &[Operation] = &[
    op(NOTIFICATION, "notification", Read),
    op(KEEP_ALIVE, "keep_alive", Session),
    op(EXPLORE, "explore", Read),
    op(CREATE_OBJECT, "create_object", Configure),
    op(DELETE_OBJECT, "delete_object", Configure),
    op(SET_VARIABLE, "set_variable", Write),
    op(GET_VARIABLE, "get_variable", Read),
    op(0x0506, "add_link", Configure),
    op(0x051a, "remove_link", Configure),
    op(GET_LINK, "get_link", Read),
    op(SET_MULTI_VARIABLES, "set_multi_variables", Write),
    op(GET_MULTI_VARIABLES, "get_multi_variables", Read),
    op(0x0556, "begin_sequence", Session),
    op(0x0560, "end_sequence", Session),
    op(0x056b, "invoke", Unknown),
    op(0x057c, "set_var_sub_streamed", Write),
    op(GET_VAR_SUB_STREAMED, "get_var_sub_streamed", Read),
    op(0x0590, "get_variables_address", Read),
    op(0x059a, "abort", Session),
    op(0x05a9, "error", Diagnose),
    op(INIT_SSL, "init_ssl", Session),
    op(0x10000, "operating_state_request", Mode),
    op(0x10001, "plc_stop", Mode),
    op(0x10003, "plc_start", Mode),
];

pub const NOTIFICATION: u32 = 0x33;
pub const KEEP_ALIVE: u32 = 0xfe;
pub const EXPLORE: u32 = 0x04bb;
pub const CREATE_OBJECT: u32 = 0x04ca;
pub const DELETE_OBJECT: u32 = 0x04d4;
pub const SET_VARIABLE: u32 = 0x04f2;
pub const GET_VARIABLE: u32 = 0x04fc;
pub const GET_LINK: u32 = 0x0524;
pub const SET_MULTI_VARIABLES: u32 = 0x0542;
pub const GET_MULTI_VARIABLES: u32 = 0x054c;
pub const GET_VAR_SUB_STREAMED: u32 = 0x0586;
pub const INIT_SSL: u32 = 0x05b3;

/// Most targets kept of one message; more is a scan, and its first targets tell so.
pub const MAX_ITEMS: usize = 64;

/// Class of a session with a server.
pub const SERVER_SESSION: u32 = 287;
/// The object that runs the program, and its attribute that takes the wanted operating state.
const EXECUTION_UNIT: u32 = 52;
const OPERATING_STATE_REQUEST: u32 = 2167;
/// Attributes of a session: response to the challenge, version, key exchange; and the password's proof.
const SESSION_RESPONSE: u32 = 304;
const SESSION_VERSION: u32 = 306;
const LEGITIMATE: u32 = 1846;
/// The protection level in force.
pub const PROTECTION_LEVEL: u32 = 1842;

/// Whether the protocol names this function.
pub fn is_function(function: u16) -> bool {
    function > 0xff && crate::lookup(OPERATIONS, function.into()).0 != crate::Row::UNNAMED
}

/// The kind of block a class stands for.
pub fn block(class: u32) -> Option<&'static str> {
    Some(match class {
        2520 => "program",
        2574 => "DB",
        2578 => "FB",
        2579 => "FC",
        2592 => "block",
        2610 | 2637..=2658 => "OB",
        _ => return None,
    })
}

/// Names an area: data blocks and the memory areas have their letters, all else is an object id.
fn area(relation: u32) -> Option<(&'static str, Option<u32>)> {
    Some(match relation {
        80 => ("I", None),
        81 => ("Q", None),
        82 => ("M", None),
        83 => ("C", None),
        84 => ("T", None),
        r if r >> 16 == 0x8a0e => ("DB", Some(r & 0xffff)),
        _ => return None,
    })
}

/// One address: check sum of the symbol, area, then the rest of the path: sub-area and local ids.
fn address(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Goal> {
    let check = vlq32(r, "symbol CRC")?;
    let relation = vlq32(r, "access area")?;
    let count = vlq32(r, "number of ids")?;
    let mut ids = [0u32; 8];
    let mut depth = 0usize;
    for _ in 0..count.min(64) {
        let id = vlq32(r, "id")?;
        if let Some(place) = ids.get_mut(depth) {
            *place = id;
            depth += 1;
        }
    }
    let ids = ids.get(..depth).unwrap_or_default();
    let (sub, lids) = ids.split_first().map_or((0, ids), |(first, rest)| (*first, rest));
    let path = Path(lids);
    let name = match area(relation) {
        Some((letter, Some(number))) => draft.format(format_args!("{letter}{number}{path}")),
        Some((letter, None)) => draft.format(format_args!("{letter}{path}")),
        None => return Ok(object(relation, sub)),
    };
    Ok(Goal { first: relation.into(), sub: check.into(), ..Goal::named("variable", name) })
}

struct Path<'a>(&'a [u32]);

impl core::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|id| write!(f, ".{id}"))
    }
}

/// An attribute of an object; attribute 0 is the object itself.
fn object(relation: u32, attribute: u32) -> Goal {
    Goal::range("object", relation.into(), 1).with_sub(attribute.into())
}

/// Writes a target: variables as `DB5.10`, objects as `object:52/2167`.
pub fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    match goal.space {
        "variable" | "block" if !name.is_empty() => text.push_str(name),
        "object" => {
            let _ = match goal.sub {
                0 => write!(text, "object:{}", goal.first),
                sub => write!(text, "object:{}/{sub}", goal.first),
            };
        }
        _ => crate::plain_notation(goal, name, text),
    }
}

/// What an attribute of a write means beyond a value.
enum Special {
    None,
    /// Belongs to opening a session.
    Session,
    /// Proves a password: never shown.
    Secret,
    Mode,
    /// Keeps a subscription going.
    Subscription,
}

fn special(object: u64, attribute: u64) -> Special {
    match (object as u32, attribute as u32) {
        (_, SESSION_RESPONSE | LEGITIMATE) => Special::Secret,
        (_, SESSION_VERSION) => Special::Session,
        (_, 1002..=1053) => Special::Subscription,
        (EXECUTION_UNIT, OPERATING_STATE_REQUEST) => Special::Mode,
        _ => Special::None,
    }
}

/// A created object or a deleted one, as far as the session must know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Created {
    pub class: u32,
    pub relation: u32,
}

/// Adds what a request acts on.
pub fn request(head: &Head<'_>, draft: &mut Draft<'_>) -> Read<Created> {
    let mut r = head.body;
    let mut created = Created::default();
    match u32::from(head.function) {
        CREATE_OBJECT => created = create(&mut r, draft)?,
        DELETE_OBJECT => {
            let id = r.be32("object")?;
            draft.push_item(object(id, 0), Val::None);
            let class = match id >> 16 {
                0x8a00..=0x8aff => Program,
                _ if id == head.object || id >> 28 == 7 => Session,
                _ => Configure,
            };
            draft.row.class = class;
        }
        SET_VARIABLE => {
            let id = r.be32("object")?;
            let count = vlq32(&mut r, "number of addresses")?;
            for i in 0..count as usize {
                let attribute = vlq32(&mut r, "attribute")?;
                if i < MAX_ITEMS {
                    draft.push_item(object(id, attribute), Val::None);
                }
            }
            set(&mut r, 0, draft)?;
        }
        SET_MULTI_VARIABLES | GET_MULTI_VARIABLES => {
            let id = r.be32("object")?;
            let count = vlq32(&mut r, "item count")?;
            let fields = vlq32(&mut r, "number of fields")?;
            let (n, by_object) = if id != 0 { (fields, true) } else { (count, false) };
            for i in 0..n as usize {
                let goal = match by_object {
                    true => object(id, vlq32(&mut r, "attribute")?),
                    false => address(&mut r, draft)?,
                };
                if i < MAX_ITEMS {
                    draft.push_item(goal, Val::None);
                } else if i == MAX_ITEMS {
                    draft.out().limit("s7comm_plus_items");
                }
            }
            if u32::from(head.function) == SET_MULTI_VARIABLES {
                for _ in 0..count {
                    let number = vlq32(&mut r, "item number")?;
                    if number == 0 {
                        break;
                    }
                    set(&mut r, (number - 1) as usize, draft)?;
                }
            }
        }
        EXPLORE => draft.push_item(object(r.be32("explored object")?, 0), Val::None),
        GET_VARIABLE | GET_LINK => {
            let id = r.be32("object")?;
            let attribute = vlq32(&mut r, "attribute")?;
            draft.push_item(object(id, attribute), Val::None);
        }
        GET_VAR_SUB_STREAMED => {
            let id = r.be32("object")?;
            let mut attribute = 0;
            value(&mut r, 0, &mut |found| {
                if let Found::Attribute { value: Value::Uint(n), .. } = found
                    && attribute == 0
                {
                    attribute = n;
                }
            })?;
            draft.push_item(object(id, attribute as u32), Val::None);
        }
        _ => {}
    }
    Ok(created)
}

/// Puts a value on a target; some attributes mean more than a value.
fn set(r: &mut Reader<'_>, at: usize, draft: &mut Draft<'_>) -> Read<()> {
    let value = value(r, 0, &mut |_| {})?;
    let Some(goal) = draft.items_mut().get(at).map(|e| e.goal) else { return Ok(()) };
    let special = if goal.space == "object" { special(goal.first, goal.sub) } else { Special::None };
    let val = match special {
        Special::Secret => {
            draft.row.class = Session;
            match value {
                Value::Bytes(bytes) | Value::Text(bytes) => draft.out().secret(bytes),
                _ => Val::None,
            }
        }
        Special::Session => {
            draft.row.class = Session;
            Val::None
        }
        Special::Mode => {
            let code = match value {
                Value::Int(1) | Value::Uint(1) => 0x10001,
                Value::Int(3) | Value::Uint(3) => 0x10003,
                _ => 0x10000,
            };
            (draft.row.operation, draft.row.class) = crate::lookup(OPERATIONS, code);
            value.val(draft.out())
        }
        Special::Subscription => {
            draft.row.class = Read;
            value.val(draft.out())
        }
        Special::None => value.val(draft.out()),
    };
    if let Some(entry) = draft.items_mut().get_mut(at) {
        entry.value = val;
    }
    Ok(())
}

/// Creating an object: where, a value, then the object. Its class decides what it is.
fn create(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Created> {
    r.skip(4, "parent object")?;
    value(r, 0, &mut |_| {})?;
    r.skip(4, "unknown")?;
    let mut created = Created::default();
    let mut name: &[u8] = &[];
    // what stands behind a part that is not known does not spoil what was read before
    let _ = objects(r, &mut |found| match found {
        Found::Object { relation, class } if created.class == 0 => created = Created { class, relation },
        Found::Attribute { id: 233, value: Value::Text(text) } if name.is_empty() => name = text,
        _ => {}
    });
    draft.push_extra("object_class", Val::Uint(created.class.into()));
    let text = draft.text(name);
    if !text.is_empty() {
        draft.push_extra("object_name", Val::Text(text));
    }
    match block(created.class) {
        Some(kind) => {
            let name = draft.format(format_args!("{kind}{}", created.relation & 0xffff));
            let goal = Goal { first: u64::from(created.relation & 0xffff), ..Goal::named("block", name) };
            draft.push_item(goal, Val::None);
            draft.row.class = Program;
        }
        None => {
            draft.push_item(object(created.relation, 0), Val::None);
            draft.row.class = class_of(created.class);
        }
    }
    Ok(created)
}

/// Sessions and subscriptions are created all day; other objects change the controller.
fn class_of(class: u32) -> Class {
    match class {
        SERVER_SESSION | 255 => Session,
        1001 | 2662 => Read,
        _ => Configure,
    }
}

/// What a return value says: an error has its top bit set, or a negative code in its low 16 bits.
pub fn outcome(value: u64) -> Outcome {
    match value >> 63 != 0 || value & 0x8000 != 0 {
        true => Outcome::Refused((value & 0xffff) as u32),
        false => Outcome::Ok,
    }
}

/// Fills in what a response brings; returns what its return value says.
pub fn response(head: &Head<'_>, draft: &mut Draft<'_>) -> Read<Outcome> {
    let mut r = head.body;
    let outcome = outcome(vlq64(&mut r, "return value")?);
    if outcome != Outcome::Ok {
        return Ok(outcome);
    }
    match u32::from(head.function) {
        GET_MULTI_VARIABLES => {
            for _ in 0..MAX_ITEMS {
                let number = vlq32(&mut r, "item number")?;
                if number == 0 {
                    return failed(&mut r, draft);
                }
                let value = value(&mut r, 0, &mut |_| {})?;
                let val = value.val(draft.out());
                match draft.items_mut().get_mut((number - 1) as usize) {
                    Some(entry) => entry.value = val,
                    None => draft.push_item(Goal::space("variable"), val),
                }
            }
        }
        SET_MULTI_VARIABLES => return failed(&mut r, draft),
        _ => {}
    }
    Ok(Outcome::Ok)
}

/// The list of items that could not be read or written: the first error speaks for the operation.
fn failed(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<Outcome> {
    let mut first = Outcome::Ok;
    let mut count = 0u64;
    for _ in 0..MAX_ITEMS {
        if vlq32(r, "item number")? == 0 {
            break;
        }
        let error = vlq64(r, "item error")?;
        if count == 0 {
            first = outcome(error);
        }
        count += 1;
    }
    if count > 0 {
        draft.push_extra("items_failed", Val::Uint(count));
    }
    Ok(first)
}
