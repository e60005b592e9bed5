//! What a message proves about a device.

use super::meaning::{ANY_INSTANCE, DEVICE, instance_of, type_of};
use crate::{About, Kind, Output, Val};
use model::{Hop, NameKind, Path};

/// The way to the device object of this instance. Its number is unique in the whole internetwork; the one that stands
/// for "whoever you are" names nobody.
pub fn instance(path: Path, instance: u32) -> Path {
    if instance == ANY_INSTANCE { path } else { path.then(Hop::Instance(instance)) }
}

/// A property of the device object, in the device's own answer.
pub fn property(object: u32, property: u32, value: Val, about: About, path: Path, out: &mut Output) {
    if type_of(object) != DEVICE {
        return;
    }
    let path = instance(path, instance_of(object));
    let speaker = |out| Output::about(out, about).path(path).verified();
    match (property, value) {
        (120, Val::Uint(id)) => {
            speaker(out).vendor_id("bacnet", id as u32);
        }
        (112, Val::Name(status)) => {
            speaker(out).mode(status.as_bytes());
        }
        (139, Val::Uint(revision)) => {
            speaker(out).formatted(Kind::Fingerprint("bacnet_protocol_revision"), format_args!("{revision}"));
        }
        (_, Val::Text(text)) => {
            if let Some(kind) = text_kind(property).filter(|_| !text.is_empty()) {
                speaker(out).span(kind, text);
            }
        }
        _ => {}
    }
}

/// Properties of the device object that tell who it is, as text.
fn text_kind(property: u32) -> Option<Kind> {
    Some(match property {
        12 => Kind::Software,
        28 => Kind::Description,
        44 => Kind::Firmware,
        58 => Kind::Location,
        70 => Kind::Model,
        77 => Kind::Name(NameKind::Station),
        121 => Kind::Vendor,
        372 => Kind::Serial,
        _ => return None,
    })
}
