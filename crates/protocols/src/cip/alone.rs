//! Answers whose request was not seen.

use super::carry::{looks_like_pccc, pccc};
use super::describe::tag_type;
use super::exchange::{EXECUTE_PCCC, MAX_DEPTH, MULTIPLE, Scene, extended};
use super::manager;
use super::meaning::OPERATIONS;
use super::values;
use super::wire::{self, MAX_INNER};
use crate::{Goal, Output, Val};
use ::wire::Reader;
use model::Outcome;

/// An answer whose request was not seen.
pub fn reply_only(bytes: &[u8], scene: &Scene, depth: u8, out: &mut Output) {
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
                Ok(inner) => reply_only(inner, scene, depth + 1, out),
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
