//! What a message in clear proves about a host.

use super::meaning;
use super::value::{Found, Value, objects};
use super::wire::{Head, vlq32, vlq64};
use crate::{About, Kind, Output};
use model::NameKind;
use wire::{Read, Reader};

/// Attributes of a session.
const USER: u32 = 296;
const WORKSTATION: u32 = 298;
const SOFTWARE: u32 = 301;
/// Text of the version structure: `1;order number;firmware`.
const VERSION_TEXT: u32 = 319;

/// What a client says about itself when it opens a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    pub workstation: &'a [u8],
    pub user: &'a [u8],
}

/// Reads what a client says; `None` where the object created is no session.
pub fn client<'a>(head: &Head<'a>) -> Option<Client<'a>> {
    let mut r = head.body;
    let mut client = Client::default();
    let mut server = false;
    let mut walk = || -> Read<()> {
        r.skip(4, "parent object")?;
        super::value::value(&mut r, 0, &mut |_| {})?;
        r.skip(4, "unknown")?;
        objects(&mut r, &mut |found| match found {
            Found::Object { class, .. } => server |= class == meaning::SERVER_SESSION,
            Found::Attribute { id: WORKSTATION, value: Value::Text(text) } => client.workstation = text,
            Found::Attribute { id: USER, value: Value::Text(text) } => client.user = text,
            _ => {}
        })
    };
    let _ = walk();
    server.then_some(client)
}

/// The name of the computer. Engineering tools say it, with an underscore and a number of their own behind it; what
/// panels say is a fixed text, and no name.
pub fn session_asked(client: &Client<'_>, out: &mut Output) {
    let Some(at) = client.workstation.iter().rposition(|b| *b == b'_') else { return };
    let (name, number) = client.workstation.split_at(at);
    let number = number.get(1..).unwrap_or_default();
    let is_name = name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if is_name && !name.is_empty() && !number.is_empty() && number.iter().all(u8::is_ascii_digit) {
        out.about(About::Sender).name(NameKind::Host, name);
    }
}

/// A controller accepts a session: what it is, and its communication software.
pub fn session_given(head: &Head<'_>, out: &mut Output) {
    let mut r = head.body;
    let (mut version, mut software): (&[u8], &[u8]) = (&[], &[]);
    let mut walk = || -> Read<()> {
        vlq64(&mut r, "return value")?;
        let ids = r.u8("number of object ids")?;
        for _ in 0..ids {
            vlq32(&mut r, "object id")?;
        }
        objects(&mut r, &mut |found| match found {
            Found::Attribute { id: VERSION_TEXT, value: Value::Text(text) } => version = text,
            Found::Attribute { id: SOFTWARE, value: Value::Text(text) } => software = text,
            _ => {}
        })
    };
    let _ = walk();
    let mut parts = version.split(|b| *b == b';').skip(1);
    let (order, firmware) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    // stated in passing; an identification record that was asked for tells more exactly
    let said = out.about(About::Sender);
    let said = said.order_number(order).firmware(firmware).software(software);
    if order.starts_with(b"6ES7") || order.starts_with(b"6AG1") {
        said.implied().vendor(b"Siemens");
    }
}

/// A value that is an identification record (I&M 0, IEC 61158-6-10): block type 0x0020, length 0x0038, version 1.0,
/// vendor id, order number, serial number, hardware and software revision.
pub fn record(head: &Head<'_>, out: &mut Output) {
    let mut r = head.body;
    // the return value, then one value: the record is recognised by its own head
    if vlq64(&mut r, "return value").is_err() {
        return;
    }
    let bytes = r.peek();
    let Some(at) = bytes.windows(6).take(16).position(|w| *w == [0x00, 0x20, 0x00, 0x38, 0x01, 0x00]) else { return };
    let mut r = Reader::new(bytes.get(at + 6..).unwrap_or_default());
    let _ = identification(&mut r, out);
}

fn identification(r: &mut Reader<'_>, out: &mut Output) -> Read<()> {
    let vendor = r.be16("vendor id")?;
    let order = r.take(20, "order number")?;
    let serial = r.take(16, "serial number")?;
    let hardware = r.be16("hardware revision")?;
    let prefix = r.u8("software revision prefix")?;
    let [major, minor, patch] = r.array::<3>("software revision")?;
    let said = out.about(About::Sender).verified();
    let said = said.vendor_id("profinet", vendor.into()).order_number(order).serial(serial);
    let said = said.formatted(Kind::Hardware, format_args!("{hardware}"));
    if prefix.is_ascii_uppercase() {
        said.formatted(Kind::Firmware, format_args!("{}{major}.{minor}.{patch}", char::from(prefix)));
    }
    Ok(())
}
