//! Unconfirmed services: who is where, notifications, clocks.

use super::meaning::{self, OPERATIONS, UNCONFIRMED};
use super::parts::{Pen, object_of};
use super::scene::Scene;
use super::wire::{self as w, Station};
use super::{identity, names, services, value};
use crate::{Draft, Kind, Output, Val};
use model::{Path, Role};
use wire::{Malformed, Read, Reader};

/// An unconfirmed request.
pub fn request(scene: &Scene, choice: u8, r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    // a notification to one subscriber is about its sender; to a group it is a publication
    let tells = matches!(choice, 2 | 3 | 11 | 12) && !scene.group;
    let draft = out.draft(OPERATIONS, UNCONFIRMED | u32::from(choice), scene.dir);
    let mut draft = match tells {
        true => draft.actor(scene.dir.flip()).path(scene.sender_path()),
        false => draft.actor(scene.dir).path(scene.receiver_path()),
    };
    scene.extras(!tells, &mut draft);
    let read = match choice {
        0 => i_am(scene, r, &mut draft),
        1 => i_have(r, &mut draft),
        6 | 9 => value::date_time(r, &mut draft).map(|time| draft.push_extra("time", time)),
        13 => product(scene, r, &mut draft, true),
        14 => product(scene, r, &mut draft, false),
        _ => {
            let mut pen = Pen::new(scene.about(), scene.sender_path(), false);
            let read = pen.read(r, services::unconfirmed(choice), &mut draft);
            pen.finish(&mut draft);
            read
        }
    };
    draft.commit();
    read
}

/// Device object, longest APDU, segmentation, maker.
fn i_am(scene: &Scene, r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let at = r.offset();
    let object = object_of(&w::tag(r)?).ok_or(Malformed::invalid("device identifier", at))?;
    draft.push_item(meaning::goal(object, None, None), Val::None);
    let longest = w::unsigned(w::tag(r)?.bytes).unwrap_or_default();
    draft.push_extra("max_apdu", Val::Uint(longest));
    let segmentation = w::unsigned(w::tag(r)?.bytes).unwrap_or_default();
    let word = names::name(&names::SEGMENTATION, segmentation);
    draft.push_extra("segmentation", word.map_or(Val::Uint(segmentation), Val::Name));
    let at = r.offset();
    let vendor = w::unsigned(w::tag(r)?.bytes).ok_or(Malformed::invalid("vendor identifier", at))?;
    draft.push_extra("vendor_id", Val::Uint(vendor));
    let path = identity::instance(scene.sender_path(), meaning::instance_of(object));
    let speaker = draft.out().about(scene.about()).path(path).vendor_id("bacnet", vendor as u32);
    match scene.from {
        // addresses of one byte are those of field buses (MS/TP, ARCNET): no workstation stands there
        Some(Station { len: 1, .. }) => {
            let _ = speaker.guessed().role(Role::Building);
        }
        None if scene.port != 0 => {
            let service = Kind::Service { transport: "udp", port: scene.port, protocol: "bacnet" };
            let _ = speaker.path(Path::HOST).is(service);
        }
        _ => {}
    }
    Ok(())
}

/// Device, object, and the object's name.
fn i_have(r: &mut Reader<'_>, draft: &mut Draft<'_>) -> Read<()> {
    let device = object_of(&w::tag(r)?);
    let object = object_of(&w::tag(r)?);
    let name = value::text(w::tag(r)?.bytes, draft);
    if let Some(device) = device {
        draft.push_extra("device", Val::Uint(meaning::instance_of(device).into()));
    }
    if let Some(object) = object {
        draft.push_item(meaning::goal(object, None, None), name);
    }
    Ok(())
}

/// Who-Am-I and You-Are: maker, model, serial number; the second gives the device its number.
fn product(scene: &Scene, r: &mut Reader<'_>, draft: &mut Draft<'_>, itself: bool) -> Read<()> {
    let vendor = w::unsigned(w::tag(r)?.bytes).unwrap_or_default();
    let (model, serial) = (w::tag(r)?.bytes, w::tag(r)?.bytes);
    draft.push_extra("vendor_id", Val::Uint(vendor));
    for (key, bytes) in [("model", model), ("serial", serial)] {
        let text = value::text(bytes, draft);
        draft.push_extra(key, text);
    }
    if !r.is_empty()
        && let Some(object) = object_of(&w::tag(r)?)
    {
        draft.push_item(meaning::goal(object, None, None), Val::None);
    }
    if itself {
        let (model, serial) = (value::characters(model), value::characters(serial));
        let speaker = draft.out().about(scene.about()).path(scene.sender_path());
        let _ = speaker.vendor_id("bacnet", vendor as u32).model(model).serial(serial);
    }
    Ok(())
}
