//! A request and its answer, envelopes opened: what is said about them.

use super::identity::{self, Answer};
use super::manager::{self, Connection, Connections};
use super::meaning::{self, CONNECTION_MANAGER, OPERATIONS, PCCC};
use super::moving::{Exchange, Transfers};
use super::names;
use super::path::{Way, way};
use super::values::{self, Type};
use super::wire::{self, EMBEDDED, MAX_INNER, PARTIAL, Request, Response};
use crate::{About, Carried, Dir, Draft, Goal, Moment, Output, Val};
use ::wire::{Malformed, Read, Reader};
use model::{Hop, Outcome, Path, Role, Strength};

/// Envelopes inside envelopes: a routed multiple service packet has two, and nothing needs more than four.
const MAX_DEPTH: u8 = 4;
/// The service of multiple service packets.
const MULTIPLE: u8 = 0x0a;
/// The service of an unconnected send, in the Connection Manager.
const UNCONNECTED_SEND: u8 = 0x52;
/// The service that carries PCCC, in the PCCC object.
const EXECUTE_PCCC: u8 = 0x4b;

/// What is known from outside the messages.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Direction in which the requester sends.
    pub actor: Dir,
    /// Direction of the message at hand.
    pub dir: Dir,
    /// The device behind the subject's address.
    pub path: Path,
    /// Whether `path` is known, or only assumed because the opening of the connection was not seen.
    pub routed: bool,
    /// The request's frame.
    pub asked: Option<Moment>,
    /// What to say where there is no answer.
    pub silence: Outcome,
}

/// State that exchanges change.
#[derive(Debug, Default)]
pub struct Memory {
    pub connections: Connections,
    pub transfers: Transfers,
}

/// How the answer ended, for one inner exchange.
#[derive(Clone, Copy, Debug)]
enum End<'a> {
    Answer(Response<'a>),
    /// The envelope was refused.
    Refused(u8, Option<u16>),
    None,
}

/// A request whose answer is here, or will not come.
pub fn settle(request: &[u8], response: Option<&[u8]>, scene: &Scene, memory: &mut Memory, out: &mut Output) {
    let end = match response.map(wire::response) {
        Some(Ok(response)) => End::Answer(response),
        Some(Err(error)) => {
            out.malformed(error, scene.dir);
            End::None
        }
        None => End::None,
    };
    open(request, end, scene, memory, 0, out);
}

fn open(bytes: &[u8], end: End<'_>, scene: &Scene, memory: &mut Memory, depth: u8, out: &mut Output) {
    let request = match wire::request(bytes) {
        Ok(request) => request,
        Err(error) => return out.malformed(error, scene.actor),
    };
    let way = match way(request.path) {
        Ok(way) => way,
        Err(error) => {
            out.malformed(error, scene.actor);
            Way::default()
        }
    };
    if depth < MAX_DEPTH && envelope(&request, &way, end, scene, memory, depth, out) {
        return;
    }
    single(&request, &way, end, scene, memory, out);
}

/// Opens an envelope; `false` where there is none, or where it cannot be opened.
fn envelope(
    request: &Request<'_>,
    way: &Way,
    end: End<'_>,
    scene: &Scene,
    memory: &mut Memory,
    depth: u8,
    out: &mut Output,
) -> bool {
    if request.service == UNCONNECTED_SEND && way.class == Some(CONNECTION_MANAGER) {
        let Ok((message, route)) = wire::unconnected_send(request.data) else { return false };
        let Some(inner_scene) = routed(scene, route) else { return false };
        let end = match end {
            // a router's own answer: the message did not get there
            End::Answer(r) if r.service == UNCONNECTED_SEND && !r.is_ok() => End::Refused(r.status, extended(&r)),
            other => other,
        };
        open(message, end, &inner_scene, memory, depth + 1, out);
        return true;
    }
    if request.service == MULTIPLE && !way.symbol {
        let Ok(packet) = wire::packet(request.data) else { return false };
        if packet.len() == 0 {
            return false;
        }
        let answers = match end {
            End::Answer(r) if r.service == MULTIPLE && (r.is_ok() || r.status == EMBEDDED) => {
                wire::packet(r.data).ok()
            }
            _ => None,
        };
        if packet.len() > MAX_INNER {
            out.limit("cip_inner_services");
        }
        for index in 0..packet.len().min(MAX_INNER) {
            let inner = match packet.get(index) {
                Ok(inner) => inner,
                Err(error) => {
                    out.malformed(error, scene.actor);
                    break;
                }
            };
            let inner_end = match (answers.map(|a| a.get(index)), end) {
                (Some(Ok(bytes)), _) => wire::response(bytes).map_or(End::None, End::Answer),
                (Some(Err(_)), _) => End::None,
                (None, End::Answer(r)) if !r.is_ok() => End::Refused(r.status, extended(&r)),
                (None, End::Answer(_)) => End::None,
                (None, other) => other,
            };
            open(inner, inner_end, scene, memory, depth + 1, out);
        }
        return true;
    }
    false
}

fn routed(scene: &Scene, route: &[u8]) -> Option<Scene> {
    let way = way(route).ok()?;
    let path = way.route.hops().fold(scene.path, Path::then);
    Some(Scene { path, ..*scene })
}

fn extended(response: &Response<'_>) -> Option<u16> {
    Reader::new(response.extended).le16("additional status").ok()
}

/// One service and its answer.
fn single(
    request: &Request<'_>,
    way: &Way,
    end: End<'_>,
    scene: &Scene,
    memory: &mut Memory,
    out: &mut Output,
) {
    let carries_pccc = request.service == EXECUTE_PCCC && way.class == Some(PCCC);
    if let (true, End::Answer(response)) = (carries_pccc, end)
        && response.is_ok()
    {
        // the envelope is no operation of its own
        pccc(response.data, scene.dir, scene.path, out);
        return;
    }
    if carries_pccc && matches!(end, End::None) {
        return;
    }
    let path = way.route.hops().fold(scene.path, Path::then);
    let code = meaning::code(request.service, way.class, way.symbol);
    let mut draft = out.draft(OPERATIONS, code, scene.actor).actor(scene.actor).path(path);
    if let Some(class) = meaning::class_of(request.service, way.class, way.symbol) {
        draft = draft.class(class);
    }
    let now = draft.out().now();
    if let Some(asked) = scene.asked {
        draft.row.asked = Some(asked);
        if !matches!(end, End::None) {
            draft.row.latency = Some(now.time.since(asked.time));
        }
    }
    let symbolic = way.symbol || way.class == Some(meaning::SYMBOL);
    let goal = names::goal(request.path, way.instance, way.symbol, &mut draft);
    let answer = match end {
        End::Answer(r) if r.is_ok() => Some(r),
        _ => None,
    };
    let described = describe(request, way, symbolic, goal, answer.as_ref(), &mut draft);
    if let Err(error) = described {
        let dir = if answer.is_some() { scene.dir } else { scene.actor };
        draft.out().malformed(error, dir);
    }
    if draft.items_mut().is_empty() {
        draft.push_item(goal, Val::None);
    }
    let outcome = match end {
        End::Answer(r) if r.status == PARTIAL => {
            draft.push_extra("partial", Val::Bool(true));
            Outcome::Ok
        }
        End::Answer(r) if r.is_ok() => Outcome::Ok,
        End::Answer(r) => {
            if let Some(word) = extended(&r) {
                draft.push_extra("extended_status", Val::Uint(word.into()));
            }
            Outcome::Refused(r.status.into())
        }
        End::Refused(status, word) => {
            if let Some(word) = word {
                draft.push_extra("extended_status", Val::Uint(word.into()));
            }
            Outcome::Refused(status.into())
        }
        End::None => scene.silence,
    };
    draft.outcome(outcome).commit();
    if let Some(response) = answer {
        proves(request, way, &response, path, symbolic, scene, memory, out);
    }
}

/// What a positive answer proves and changes.
#[allow(clippy::too_many_arguments)]
fn proves(
    request: &Request<'_>,
    way: &Way,
    response: &Response<'_>,
    path: Path,
    symbolic: bool,
    scene: &Scene,
    memory: &mut Memory,
    out: &mut Output,
) {
    let strength = if scene.routed { Strength::Verified } else { Strength::Stated };
    let answer = Answer { service: request.service, way, data: response.data, path, strength };
    if let Err(error) = identity::say(&answer, out) {
        out.malformed(error, scene.dir);
    }
    if symbolic && matches!(request.service, 0x4c | 0x4d | 0x52 | 0x53) {
        // tags live in controllers
        out.about(About::Sender).path(path).role(Role::Controller);
    }
    if way.class == Some(CONNECTION_MANAGER) && matches!(request.service, 0x54 | 0x5b) {
        opened(request, response, path, scene, memory, out);
    }
    let at = scene.asked.unwrap_or_else(|| out.now());
    let exchange = Exchange {
        service: request.service,
        way,
        path,
        actor: scene.actor,
        asked: request.data,
        status: response.status,
        answered: response.data,
        at,
    };
    memory.transfers.see(&exchange, out);
}

fn opened(
    request: &Request<'_>,
    response: &Response<'_>,
    path: Path,
    scene: &Scene,
    memory: &mut Memory,
    out: &mut Output,
) {
    let Ok(open) = manager::open(request.data, request.service == 0x5b) else { return };
    let Ok((o_t, t_o)) = manager::opened(response.data) else { return };
    let route = open.way.route.hops().fold(path, Path::then);
    if open.vendor != 0 {
        out.about(About::Receiver).implied().vendor_id("enip", open.vendor.into());
    }
    if open.transport & 0x0f >= 2 {
        let connection = Connection { o_t, t_o, originator: scene.actor, route: Some(route) };
        memory.connections.add(connection, out);
        return;
    }
    // who opens cyclic connections commands, who is opened obeys
    out.about(About::Receiver).role(Role::Master);
    open.expect(o_t, t_o, route, out);
}

/// Targets, values and extras.
fn describe(
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

fn tag_type(kind: Type, draft: &mut Draft<'_>) {
    if let Some(name) = values::type_name(kind.code) {
        draft.push_extra("type", Val::Name(name));
    }
    if kind.handle != 0 {
        draft.push_extra("structure", Val::Uint(kind.handle.into()));
    }
}

/// An answer whose request was not seen.
pub fn reply_only(bytes: &[u8], scene: &Scene, memory: &mut Memory, out: &mut Output) {
    reply_only_at(bytes, scene, memory, 0, out);
}

fn reply_only_at(bytes: &[u8], scene: &Scene, memory: &mut Memory, depth: u8, out: &mut Output) {
    let response = match wire::response(bytes) {
        Ok(response) => response,
        Err(error) => return out.malformed(error, scene.dir),
    };
    if response.service == MULTIPLE
        && depth < MAX_DEPTH
        && let Ok(packet) = wire::packet(response.data)
        && packet.len() > 0
    {
        for index in 0..packet.len().min(MAX_INNER) {
            match packet.get(index) {
                Ok(inner) => reply_only_at(inner, scene, memory, depth + 1, out),
                Err(error) => return out.malformed(error, scene.dir),
            }
        }
        return;
    }
    if response.service == EXECUTE_PCCC && response.is_ok() && looks_like_pccc(response.data) {
        return pccc(response.data, scene.dir, scene.path, out);
    }
    let mut data = Reader::new(response.data);
    let kind = values::read_type(&mut data).ok().filter(|_| response.is_ok());
    let code = match (response.service, kind) {
        (0x4c, Some(_)) => 0x6b4c,
        (0x52, Some(_)) => 0x6b52,
        (0x54 | 0x5b, _) if response.data.len() >= 26 => 0x0600 | u32::from(response.service),
        (service, _) => service.into(),
    };
    let mut draft = out.draft(OPERATIONS, code, scene.dir).actor(scene.actor).path(scene.path);
    match (code, kind) {
        (0x6b4c | 0x6b52, Some(kind)) => {
            tag_type(kind, &mut draft);
            values::put(&mut draft, Goal::space("tag"), kind, data.rest(), 0);
        }
        (0x0654 | 0x065b, _) => {
            if let Ok((o_t, t_o)) = manager::opened(response.data) {
                draft.push_extra("o_t_connection_id", Val::Uint(o_t.into()));
                draft.push_extra("t_o_connection_id", Val::Uint(t_o.into()));
            }
        }
        _ if !response.data.is_empty() => {
            let value = values::attribute(&mut draft, response.data);
            draft.push_item(Goal::space("object"), value);
        }
        _ => {}
    }
    if !response.is_ok() {
        if let Some(word) = extended(&response) {
            draft.push_extra("extended_status", Val::Uint(word.into()));
        }
        draft.outcome(Outcome::Refused(response.status.into())).commit();
        return;
    }
    draft.outcome(Outcome::ReplyOnly).commit();
}

/// Hands PCCC requests on as soon as they are seen, envelopes opened.
pub fn hand_on(bytes: &[u8], scene: &Scene, depth: u8, out: &mut Output) {
    let Ok(request) = wire::request(bytes) else { return };
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
fn pccc(data: &[u8], dir: Dir, path: Path, out: &mut Output) {
    let mut r = Reader::new(data);
    let read = r.u8("requestor id length").and_then(|n| r.skip(usize::from(n).saturating_sub(1), "requestor id"));
    match read {
        Ok(()) => out.inner_assembled("cip", dir, Carried { channel: 0, facts: pack(path) }, r.rest()),
        Err(error) => out.malformed(error, dir),
    }
}

/// A requester's id of the usual length, and a PCCC reply behind it.
fn looks_like_pccc(data: &[u8]) -> bool {
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

/// Whether bytes look like one CIP message, for identification and after lost framing.
pub fn fits(bytes: &[u8]) -> Read<bool> {
    if bytes.first().is_some_and(|s| s & wire::REPLY != 0) {
        let response = wire::response(bytes)?;
        // general status codes end at 0x2c, with vendor specific ones from 0xd0
        return Ok(matches!(response.status, 0..=0x31 | 0xd0..) && bytes.get(1) == Some(&0));
    }
    let request = wire::request(bytes)?;
    let way = way(request.path)?;
    if way.class.is_none() && !way.symbol {
        return Err(Malformed::invalid("request path", 2));
    }
    Ok(true)
}
