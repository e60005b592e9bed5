//! What a reply proves about a device.

use super::Pdu;
use crate::{About, Kind, Output};
use model::{Hop, Path};
use wire::Reader;

/// Most identification objects read from one reply; the standard has 256 object ids.
const MAX_OBJECTS: usize = 256;

const PRODUCT_NAME: u8 = 4;

/// Over TCP units 0 and 255 mean the device that owns the IP address (Messaging on TCP/IP V1.0b, 4.4.1.2); others may
/// be behind a gateway.
pub fn path(unit: u8) -> Path {
    match unit {
        0 | 255 => Path::HOST,
        unit => Path::of(Hop::Unit(unit.into())),
    }
}

/// Read device identification (V1.1b3, 6.21): objects 0 vendor name, 1 product code, 2 revision, 3 URL, 4 product
/// name, 5 model name, 6 user application name.
pub fn device_identification(pdu: &Pdu<'_>, path: Path, out: &mut Output) {
    let mut r = Reader::new(pdu.data);
    if r.skip(5, "mei type, code, conformity, more follows, next object").is_err() {
        return;
    }
    let Ok(count) = r.u8("number of objects") else { return };
    for _ in 0..usize::from(count).min(MAX_OBJECTS) {
        let (Ok(id), Ok(length)) = (r.u8("object id"), r.u8("object length")) else { return };
        let Ok(text) = r.take(length.into(), "object value") else { return };
        let kind = match id {
            0 => Kind::Vendor,
            1 => Kind::OrderNumber,
            2 => Kind::Firmware,
            3 => Kind::Description,
            PRODUCT_NAME | 5 => Kind::Model,
            6 => Kind::Name(model::NameKind::Project),
            _ => continue,
        };
        let text = out.text(text);
        if text.is_empty() {
            continue;
        }
        let evidence = out.about(About::Sender).path(path);
        // Makers put a family or a sentence into the product name where they fill in a model name as well.
        let evidence = if id == PRODUCT_NAME { evidence.stated() } else { evidence.verified() };
        evidence.span(kind, text);
    }
}
