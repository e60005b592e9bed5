//! A request and its answer, envelopes opened: what is said about them.

use super::carry::pccc;
use super::describe::describe;
use super::identity::{self, Answer};
use super::manager::{self, Connection, Connections};
use super::meaning::{self, CONNECTION_MANAGER, OPERATIONS, PCCC};
use super::moving::{Exchange, Transfers};
use super::names;
use super::path::{Way, way};
use super::wire::{self, EMBEDDED, MAX_INNER, PARTIAL, Request, Response};
use crate::{About, Dir, Kind, Moment, Output, Val};
use ::wire::Reader;
use model::{Outcome, Path, Role, Strength};
use std::net::{IpAddr, Ipv4Addr};

/// Envelopes inside envelopes: a routed multiple service packet has two, and nothing needs more than four.
pub const MAX_DEPTH: u8 = 4;
/// The service of multiple service packets.
pub const MULTIPLE: u8 = 0x0a;
/// The service of an unconnected send, in the Connection Manager.
pub const UNCONNECTED_SEND: u8 = 0x52;
/// Compatibility bit of an electronic key: the device may be another one that can stand in.
const COMPATIBLE: u8 = 0x80;
/// The service that carries PCCC, in the PCCC object.
pub const EXECUTE_PCCC: u8 = 0x4b;

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
    /// What to say where there is no answer; `Refused` where the encapsulation has refused.
    pub silence: Outcome,
    /// Socket address T->O beside an unconnected answer: `address << 16 | port`, 0 for none.
    pub socket: u64,
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

pub fn routed(scene: &Scene, route: &[u8]) -> Option<Scene> {
    let way = way(route).ok()?;
    let path = way.route.hops().fold(scene.path, Path::then);
    Some(Scene { path, ..*scene })
}

pub fn extended(response: &Response<'_>) -> Option<u16> {
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
    if answer.is_some() && scene.socket != 0 && way.class == Some(CONNECTION_MANAGER) {
        let address = Ipv4Addr::from((scene.socket >> 16) as u32);
        draft.push_extra("t_o_address", Val::Ip(IpAddr::V4(address)));
        draft.push_extra("t_o_port", Val::Uint(scene.socket & 0xffff));
    }
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
        End::None => {
            if let Outcome::Refused(status) = scene.silence {
                draft.push_extra("encapsulation_status", Val::Uint(status.into()));
            }
            scene.silence
        }
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
    // Where the connection was opened before the capture, or its opening was lost, it cannot be told whose identity
    // this is (the module with the address, or one behind its backplane): a wrong owner is worse than none.
    if scene.routed {
        let strength = Strength::Verified;
        let answer = Answer { service: request.service, way, data: response.data, path, strength };
        if let Err(error) = identity::say(&answer, out) {
            out.malformed(error, scene.dir);
        }
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
        // of a computer it is the maker of the program that opens
        out.about(About::Receiver).guessed().vendor_id("enip", open.vendor.into());
    }
    if let Some(key) = open.way.key
        && key.vendor != 0
        && key.product_code != 0
        && key.major & COMPATIBLE == 0
    {
        // a device accepts a key only when it is the device the key names
        let (vendor, kind, code) = (key.vendor.into(), key.device_type.into(), key.product_code.into());
        let product = Kind::ProductCode { space: "enip", vendor, kind, code };
        out.about(About::Sender).path(route).implied().vendor_id("enip", vendor).is(product);
    }
    if open.way.safety {
        out.about(About::Sender).path(route).role(Role::Safety);
    } else if open.motion {
        out.about(About::Sender).path(route).role(Role::Drive);
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
