//! What a message proves about an outstation: device attributes (group 0) and secure authentication.

use super::points::time;
use crate::{About, Draft, Kind, Output, Val};
use model::{Hop, NameKind, Path};
use wire::Reader;

/// The outstation with this link address.
pub fn path(unit: u16) -> Path {
    Path::of(Hop::Unit(unit.into()))
}

/// Value of a device attribute: data type, length, value (annex A, group 0).
pub fn attribute(variation: u8, bytes: &[u8], draft: &mut Draft<'_>) -> Val {
    let mut r = Reader::new(bytes);
    let (Ok(kind), Ok(_)) = (r.u8("attribute data type"), r.u8("attribute length")) else { return Val::None };
    let value = r.rest();
    let mut v = Reader::new(value);
    match kind {
        1 => Val::Text(draft.text(value)),
        2 => v.le_uint(value.len(), "attribute").map_or(Val::None, Val::Uint),
        3 => match value.len() {
            1 => v.i8("attribute").map_or(Val::None, |n| Val::Int(n.into())),
            2 => v.le_i16("attribute").map_or(Val::None, |n| Val::Int(n.into())),
            _ => v.le_i32("attribute").map_or(Val::None, |n| Val::Int(n.into())),
        },
        4 if value.len() == 8 => v.le_f64("attribute").map_or(Val::None, Val::Float),
        4 => v.le_f32("attribute").map_or(Val::None, |n| Val::Float(n.into())),
        7 => time(&mut v),
        // a list of variations (255) is long and says nothing about the device
        _ if variation == 255 => Val::None,
        _ => Val::Bytes(draft.bytes(value)),
    }
}

/// Says what an attribute proves. Only text does.
pub fn tell(variation: u8, bytes: &[u8], unit: u16, out: &mut Output) {
    let Some((&[1, _], text)) = bytes.split_first_chunk::<2>() else { return };
    let kind = match variation {
        206 => Kind::Name(NameKind::System),
        242 => Kind::Firmware,
        243 => Kind::Hardware,
        244 => Kind::Contact,
        245 => Kind::Location,
        246 | 247 => Kind::Name(NameKind::Station),
        248 => Kind::Serial,
        250 => Kind::Model,
        252 => Kind::Vendor,
        _ => return,
    };
    let text = out.text(text);
    if !text.is_empty() {
        out.about(About::Sender).path(path(unit)).verified().span(kind, text);
    }
}

/// The outstation demands or answers secure authentication (IEEE 1815, clause 7).
pub fn authenticates(unit: u16, out: &mut Output) {
    out.about(About::Sender).path(path(unit)).verified().protection(b"dnp3_secure_authentication");
}

/// User number of an authentication object (annex A, group 120); `None` where it has none.
pub fn user_number(variation: u8, bytes: &[u8]) -> Option<u16> {
    let at = match variation {
        1 | 2 | 3 | 5 | 6 | 7 => 4,
        4 => 0,
        _ => return None,
    };
    Reader::new(bytes.get(at..)?).le16("user number").ok()
}

/// Error code of an authentication error object.
pub fn error(variation: u8, bytes: &[u8]) -> Option<u8> {
    match variation {
        7 => bytes.get(8).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authentication_objects() {
        let error_object = [1, 0, 0, 0, 9, 0, 3, 0, 5, 0, 0, 0, 0, 0, 0];
        assert_eq!(user_number(7, &error_object), Some(9));
        assert_eq!(error(7, &error_object), Some(5));
        assert_eq!(user_number(4, &[2, 1]), Some(258));
        assert_eq!(user_number(9, &error_object), None);
    }
}
