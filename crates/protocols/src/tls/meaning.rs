//! What is done, by number: the first message of an exchange, and the page's own numbers from 0x100 on.

use crate::common::certificate::{COMMON_NAME, Certificate, DEVICE_SERIAL, Name};
use crate::common::{banner, tls::fingerprint};
use crate::evidence::Speaker;
use crate::{Draft, Goal, Operation, Val, op};
use model::{Class, NameKind};

pub const HANDSHAKE: u32 = 1;
pub const CERTIFICATE: u32 = 11;
pub const CLIENT_CERTIFICATE: u32 = 0x10b;
pub const ALERT: u32 = 0x115;

/// Everything that is told.
pub const OPERATIONS: &[Operation] = &[
    op(HANDSHAKE, "handshake", Class::Session),
    op(CERTIFICATE, "certificate", Class::Identify),
    op(CLIENT_CERTIFICATE, "client_certificate", Class::Session),
    op(ALERT, "alert", Class::Session),
];

/// Longest host name (RFC 1035, 2.3.4).
const MAX_HOST: usize = 253;

/// Writes a certificate into a row. `bytes` is the whole of it.
pub fn describe(draft: &mut Draft<'_>, certificate: &Certificate<'_>, bytes: &[u8]) {
    let hash = draft.format(format_args!("{}", fingerprint::sha256(bytes)));
    draft.push_item(Goal::named("certificate", hash), Val::None);
    let mut say = |key, text: Option<String>| {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            let span = draft.text(text.as_bytes());
            draft.push_extra(key, Val::Text(span));
        }
    };
    say("subject", Some(certificate.subject()));
    say("issuer", Some(certificate.issuer()));
    say("serial", Some(certificate.serial()));
    say("not_before", certificate.not_before());
    say("not_after", certificate.not_after());
    say("key", certificate.key());
    say("signature", Some(certificate.signature()));
    say("names", Some(certificate.names_text()));
    draft.push_extra("self_issued", Val::Bool(certificate.is_self_issued()));
}

/// What a server's certificate says about the device that presents it. The certificate may be shared by many devices or
/// stand in front of them, so nothing of it is more than implied, but a serial number made for one device.
pub fn identify<'o>(speaker: Speaker<'o>, certificate: &Certificate<'_>) -> Speaker<'o> {
    let subject = certificate.subject();
    let mut speaker = speaker.stated().fingerprint("certificate_subject", subject.as_bytes()).implied();
    let common = certificate.attribute(COMMON_NAME);
    let listed = certificate.names().find_map(|name| match name {
        Name::Host(name) if is_host_name(name) => Some(name),
        _ => None,
    });
    match (common.as_deref().map(str::as_bytes).filter(|name| is_host_name(name)), listed) {
        (Some(name), _) | (None, Some(name)) => speaker = speaker.name(NameKind::Host, name),
        _ => {}
    }
    if let Some(maker) = banner::maker(&subject) {
        speaker = speaker.vendor(maker.as_bytes());
    }
    // IEEE 802.1AR as makers write it: `PID:order number SN:serial number`
    if let Some((order, serial)) = certificate.attribute(DEVICE_SERIAL).as_deref().and_then(device_serial) {
        speaker = speaker.stated().order_number(order.as_bytes()).serial(serial.as_bytes());
    }
    speaker
}

fn device_serial(text: &str) -> Option<(&str, &str)> {
    let (order, serial) = text.strip_prefix("PID:")?.split_once(" SN:")?;
    Some((order.trim(), serial.trim())).filter(|(order, serial)| !order.is_empty() && !serial.is_empty())
}

/// A name that can be a host's own: letters, digits, hyphens and points; no address, nothing that stands for many.
pub fn is_host_name(name: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let address = core::str::from_utf8(name).is_ok_and(|text| text.parse::<core::net::IpAddr>().is_ok());
    (2..=MAX_HOST).contains(&name.len())
        && name.iter().all(plain)
        && name.iter().any(u8::is_ascii_alphabetic)
        && !address
        && !name.eq_ignore_ascii_case(b"localhost")
        && !name.to_ascii_lowercase().starts_with(b"localhost.")
}
