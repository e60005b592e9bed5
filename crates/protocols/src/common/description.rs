//! The text in which a device describes its own system (LLDP system description, CDP software version, SNMP
//! `sysDescr`). Some families write it in a form that can be taken apart; everything else stays a description.

use crate::Kind;
use crate::evidence::Speaker;

/// Says what a system description proves: always the description itself, and where the form is known maker, model,
/// order number and versions, as implied (they are taken out of free text).
pub fn say<'o>(speaker: Speaker<'o>, text: &[u8]) -> Speaker<'o> {
    let clean = crate::text::clean(text);
    let speaker = speaker.description(text);
    if let Some(rest) = clean.strip_prefix("Siemens,") {
        return parts_with_labels(speaker, rest);
    }
    if clean.starts_with("Cisco ") {
        return image_and_version(speaker, &clean);
    }
    if let Some(rest) = clean.strip_prefix("Linux ") {
        // `uname -a`: host name, release of the kernel, …
        let release = rest.split(' ').nth(1).unwrap_or_default();
        return speaker.implied().formatted(Kind::Os, format_args!("Linux {release}"));
    }
    if clean.starts_with("Hardware: ") && clean.contains("Software: Windows") {
        return windows(speaker, &clean);
    }
    if let Some(rest) = clean.strip_prefix("Hirschmann ") {
        return labels_between(speaker.implied().vendor(b"Hirschmann"), rest);
    }
    if let Some(pc) = Computer::of(&clean) {
        let speaker = speaker.implied().vendor(pc.vendor.as_bytes()).model(pc.model.as_bytes());
        return speaker.hardware(pc.hardware.as_bytes()).serial(pc.serial.as_bytes());
    }
    speaker
}

/// `<maker> Inc. <model>,<revision>,<serial number>[ + <software>]`: computers with a maker's industrial software describe
/// themselves with what their firmware says.
struct Computer<'a> {
    vendor: &'a str,
    model: &'a str,
    hardware: &'a str,
    serial: &'a str,
}

impl<'a> Computer<'a> {
    fn of(text: &'a str) -> Option<Computer<'a>> {
        const COMPANY: &[&str] = &[" Inc. ", " Corporation ", " Corp. ", " GmbH ", " Ltd. ", " AG "];
        let mut parts = text.split(',').map(str::trim);
        let (front, hardware, behind, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        let serial = behind.split_once(" + ").map_or(behind, |(serial, _)| serial);
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain(serial) || !plain(hardware) || !hardware.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let company = COMPANY.iter().find_map(|word| front.find(word).map(|at| at + word.len()))?;
        let (vendor, model) = front.split_at_checked(company)?;
        Some(Computer { vendor: vendor.trim(), model: model.trim(), hardware, serial })
    }
}

/// `Hardware: <processor> - Software: Windows [2000] Version <version> (Build <number> …)`.
fn windows<'o>(speaker: Speaker<'o>, text: &str) -> Speaker<'o> {
    let after = |label: &str| {
        let (_, rest) = text.split_once(label)?;
        rest.split([' ', ')', ',']).next()
    };
    match (after("Version "), after("Build ")) {
        (Some(version), Some(build)) => {
            speaker.implied().formatted(Kind::Os, format_args!("Windows {version}.{build}"))
        }
        _ => speaker.implied().os(b"Windows"),
    }
}

/// `<model> SW: <image>-<version> HW: <revision>`; older ones put ` - ` before `SW:`.
fn labels_between<'o>(speaker: Speaker<'o>, rest: &str) -> Speaker<'o> {
    let Some((model, behind)) = rest.split_once(" SW: ") else { return speaker };
    let (software, hardware) = behind.split_once(" HW: ").unwrap_or((behind, ""));
    let version = software.rsplit('-').next().unwrap_or_default().trim();
    let revision = hardware.split(' ').next().unwrap_or_default();
    let model = model.trim_end_matches([' ', '-']).trim_start();
    speaker.model(model.as_bytes()).firmware(version.as_bytes()).hardware(revision.as_bytes())
}

/// `Siemens, <family>, <model>, <order number>, HW: <n>, FW: <version>, <serial>`.
fn parts_with_labels<'o>(speaker: Speaker<'o>, rest: &str) -> Speaker<'o> {
    let mut speaker = speaker.implied().vendor(b"Siemens");
    let mut before = "";
    for part in rest.split(',').map(str::trim) {
        if let Some(value) = part.strip_prefix("HW:") {
            speaker = speaker.hardware(version(value).as_bytes());
        } else if let Some(value) = part.strip_prefix("FW:") {
            speaker = speaker.firmware(version(value).as_bytes());
        } else if is_order_number(part) {
            speaker = speaker.order_number(part.as_bytes()).model(before.as_bytes());
        } else if let Some(serial) = part.strip_prefix("S ").or_else(|| part.starts_with("SVP").then_some(part)) {
            speaker = speaker.serial(serial.trim().as_bytes());
        }
        before = part;
    }
    speaker
}

/// `Cisco IOS Software, <platform> Software (<image>), Version <version>, RELEASE SOFTWARE (fc1)`.
fn image_and_version<'o>(speaker: Speaker<'o>, text: &str) -> Speaker<'o> {
    let speaker = speaker.implied().vendor(b"Cisco");
    let Some((front, behind)) = text.split_once("Version ") else { return speaker };
    let os = front.split([',', '(']).next().unwrap_or_default().trim();
    let end = behind.find([',', ' ']).unwrap_or(behind.len());
    let version = behind.get(..end).unwrap_or_default();
    speaker.formatted(Kind::Os, format_args!("{os}")).firmware(version.as_bytes())
}

/// Order numbers of this family: a 6, two letters, a digit (`6ES7 315-2EH14-0AB0`).
fn is_order_number(part: &str) -> bool {
    match part.as_bytes() {
        [b'6', a, b, c, ..] => a.is_ascii_uppercase() && (b.is_ascii_uppercase()) && c.is_ascii_digit(),
        _ => false,
    }
}

fn version(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix("Version").unwrap_or(value).trim()
}
