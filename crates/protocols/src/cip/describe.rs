//! Targets, values and extras of a request and its answer.

use super::manager;
use super::meaning::CONNECTION_MANAGER;
use super::names;
use super::path::Way;
use super::values::{self, Type};
use super::wire::{Request, Response};
use crate::{Draft, Goal, Val};
use ::wire::{Read, Reader};
use model::Path;

/// Targets, values and extras.
pub fn describe(
    request: &Request<'_>,
    way: &Way,
    symbolic: bool,
    goal: Goal,
    answer: Option<&Response<'_>>,
    draft: &mut Draft<'_>,
) -> Read<()> {
    let mut r = Reader::new(request.data);
    if symbolic && request.service >= 0x4c {
        return tag(request, goal, answer, draft);
    }
    if way.class == Some(CONNECTION_MANAGER) {
        match request.service {
            0x54 | 0x5b => {
                let open = manager::open(request.data, request.service == 0x5b)?;
                let route = open.way.route;
                open.describe(draft);
                draft.row.path = route.hops().fold(draft.row.path, Path::then);
                let path = connection_path(request.data, request.service == 0x5b);
                let goal = names::goal(path, open.way.instance, open.way.symbol, draft);
                draft.push_item(goal, Val::None);
                if let Some(response) = answer {
                    let (o_t, t_o) = manager::opened(response.data)?;
                    draft.push_extra("o_t_connection_id", Val::Uint(o_t.into()));
                    draft.push_extra("t_o_connection_id", Val::Uint(t_o.into()));
                }
                return Ok(());
            }
            0x4e => {
                r.skip(2, "priority, time-out")?;
                let (serial, vendor) = (r.le16("connection serial number")?, r.le16("originator vendor id")?);
                let originator = r.le32("originator serial number")?;
                let words = r.u8("connection path size")?;
                r.skip(1, "reserved")?;
                let path = r.take(usize::from(words) * 2, "connection path")?;
                draft.push_extra("connection_serial", Val::Uint(serial.into()));
                draft.push_extra("originator_vendor", Val::Uint(vendor.into()));
                draft.push_extra("originator_serial", Val::Uint(originator.into()));
                let closed = super::path::way(path)?;
                draft.row.path = closed.route.hops().fold(draft.row.path, Path::then);
                let goal = names::goal(path, closed.instance, closed.symbol, draft);
                draft.push_item(goal, Val::None);
                return Ok(());
            }
            _ => {}
        }
    }
    match request.service {
        0x0e | 0x18 | 0x01 | 0x03 => {
            if let Some(response) = answer {
                let value = values::attribute(draft, response.data);
                draft.push_item(goal, value);
            }
            if request.service == 0x03 {
                let attributes = attribute_list(request.data)?;
                let attributes = draft.bytes(attributes);
                draft.push_extra("attributes", Val::Bytes(attributes));
            }
        }
        0x10 | 0x19 | 0x02 | 0x04 => {
            let value = values::attribute(draft, request.data);
            draft.push_item(goal, value);
        }
        0x05 => {
            // kind of reset of the Identity object: 0 power cycle, 1 factory settings, 2 the same but communication
            let kind = r.u8("type of reset").unwrap_or(0);
            draft.push_extra("reset_type", Val::Uint(kind.into()));
        }
        _ => {
            if !request.data.is_empty() {
                let value = values::bytes(draft, request.data);
                draft.push_extra("data", value);
            }
        }
    }
    Ok(())
}

/// The path at the end of a forward open.
fn connection_path(data: &[u8], large: bool) -> &[u8] {
    // everything before the path size: two direction words are 2 or 4 bytes each
    let before = if large { 40 } else { 36 };
    data.get(before..).unwrap_or_default()
}

/// The ids asked for, two bytes each, at most 64.
fn attribute_list(data: &[u8]) -> Read<&[u8]> {
    let mut r = Reader::new(data);
    let count = usize::from(r.le16("attribute count")?);
    let list = r.take(count * 2, "attribute list")?;
    Ok(list.get(..list.len().min(2 * values::MAX_VALUES)).unwrap_or_default())
}

/// The services of tags (Logix 5000 Controllers Data Access).
fn tag(request: &Request<'_>, goal: Goal, answer: Option<&Response<'_>>, draft: &mut Draft<'_>) -> Read<()> {
    let mut r = Reader::new(request.data);
    match request.service {
        0x4c | 0x52 => {
            let elements = r.le16("number of elements")?;
            let offset = if request.service == 0x52 { r.le32("byte offset")? } else { 0 };
            if elements != 1 {
                draft.push_extra("elements", Val::Uint(elements.into()));
            }
            if let Some(response) = answer {
                let mut data = Reader::new(response.data);
                let kind = values::read_type(&mut data)?;
                tag_type(kind, draft);
                values::put(draft, goal, kind, data.rest(), offset);
            }
        }
        0x4d | 0x53 => {
            let kind = values::read_type(&mut r)?;
            let elements = r.le16("number of elements")?;
            let offset = if request.service == 0x53 { r.le32("byte offset")? } else { 0 };
            tag_type(kind, draft);
            if elements != 1 {
                draft.push_extra("elements", Val::Uint(elements.into()));
            }
            values::put(draft, goal, kind, r.rest(), offset);
        }
        0x4e => {
            let size = usize::from(r.le16("size of masks")?);
            let or = r.le_uint(size.min(8), "or mask")?;
            let and = r.le_uint(size.min(8), "and mask")?;
            draft.push_extra("or_mask", Val::Uint(or));
            draft.push_extra("and_mask", Val::Uint(and));
        }
        0x55 => {
            let attributes = attribute_list(request.data)?;
            let attributes = draft.bytes(attributes);
            draft.push_extra("attributes", Val::Bytes(attributes));
        }
        _ => {
            let value = values::bytes(draft, request.data);
            draft.push_extra("data", value);
        }
    }
    Ok(())
}

pub fn tag_type(kind: Type, draft: &mut Draft<'_>) {
    if let Some(name) = values::type_name(kind.code) {
        draft.push_extra("type", Val::Name(name));
    }
    if kind.handle != 0 {
        draft.push_extra("structure", Val::Uint(kind.handle.into()));
    }
}
