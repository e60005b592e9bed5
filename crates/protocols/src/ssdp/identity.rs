//! What a device says about itself. The server line is free text of a known form, so what is taken out of it is implied.

use crate::common::header::{Head, decimal};
use crate::evidence::Speaker;
use crate::{About, Input, Kind, Output};
use model::Role;

/// Device types (UPnP Forum, device control protocols) and what such a device is.
const TYPES: &[(&str, Role)] = &[
    ("DigitalSecurityCamera", Role::Camera),
    ("InternetGatewayDevice", Role::Router),
    ("Printer", Role::Printer),
    ("WLANAccessPointDevice", Role::AccessPoint),
];

/// A notice or an answer.
pub fn device(head: &Head<'_>, kind: Option<&[u8]>, input: &Input<'_>, out: &mut Output) {
    let urn = kind.and_then(urn);
    if let Some(server) = head.field("server").filter(|s| !s.is_empty()) {
        let speaker = out.about(About::Sender).fingerprint("ssdp_server", server).implied();
        program(speaker, server, urn.map(|(domain, _)| domain));
    }
    if let Some((_, Some(kind))) = urn
        && let Some((_, role)) = TYPES.iter().find(|(name, _)| *name == kind)
    {
        out.about(About::Sender).role(*role);
    }
    // a description elsewhere is somebody else's service
    let place = head.field("location").and_then(place);
    if let Some((_, port)) = place.filter(|(ip, _)| Some(*ip) == input.src.host.address.ip()) {
        out.about(About::Sender).is(Kind::Service { transport: "tcp", port, protocol: "http" });
    }
}

/// Who searches names his program.
pub fn agent(head: &Head<'_>, out: &mut Output) {
    if let Some(agent) = head.field("user-agent").filter(|a| !a.is_empty()) {
        let speaker = out.about(About::Sender).fingerprint("ssdp_agent", agent).implied();
        program(speaker, agent, None);
    }
}

/// `OS/version UPnP/1.1 product/version` (UDA 1.2.2). Product and version are maker and firmware where the maker's own
/// domain in the device type begins like the product; else a program.
fn program(speaker: Speaker<'_>, line: &[u8], domain: Option<&str>) {
    let line = crate::text::clean(line);
    let Some((front, behind)) = line.split_once("UPnP/") else { return };
    let product = behind.split_once([' ', ',']).map_or("", |(_, product)| product.trim());
    let mut speaker = speaker;
    let os = front.trim_end_matches([' ', ',']);
    let (name, version) = os.split_once('/').unwrap_or((os, ""));
    if is_system(name) {
        speaker = match version.is_empty() {
            true => speaker.os(name.as_bytes()),
            false => speaker.formatted(Kind::Os, format_args!("{name} {version}")),
        };
    }
    let (name, version) = product.rsplit_once('/').unwrap_or((product, ""));
    let (name, version) = (name.trim(), version.trim());
    let own = domain.is_some_and(|d| {
        !name.is_empty() && d.get(..name.len()).is_some_and(|front| front.eq_ignore_ascii_case(name))
    });
    let _ = match (own, version.is_empty()) {
        (true, false) => speaker.vendor(name.as_bytes()).firmware(version.as_bytes()),
        (false, false) => speaker.formatted(Kind::Software, format_args!("{name} {version}")),
        _ => speaker,
    };
}

/// Some devices put other words where the operating system belongs.
fn is_system(name: &str) -> bool {
    const SYSTEMS: &[&str] = &[
        "Darwin", "FreeBSD", "Linux", "Microsoft-Windows", "Microsoft-Windows-NT", "NetBSD", "OpenWRT", "QNX", "Unix",
        "VxWorks", "Windows", "ThreadX", "eCos", "FreeRTOS",
    ];
    SYSTEMS.iter().any(|s| s.eq_ignore_ascii_case(name.trim()))
}

/// Domain and device type of `urn:<domain>:device:<type>:<version>`.
fn urn(kind: &[u8]) -> Option<(&str, Option<&str>)> {
    let mut parts = core::str::from_utf8(kind).ok()?.split(':');
    if !parts.next()?.eq_ignore_ascii_case("urn") {
        return None;
    }
    let domain = parts.next()?;
    let kind = if parts.next() == Some("device") { parts.next() } else { None };
    Some((domain, kind))
}

/// Address and port of `http://10.0.0.9:49152/…`.
fn place(location: &[u8]) -> Option<(core::net::IpAddr, u16)> {
    let text = core::str::from_utf8(location).ok()?;
    let authority = text.strip_prefix("http://")?.split('/').next()?;
    if let Ok(socket) = authority.parse::<core::net::SocketAddr>() {
        return Some((socket.ip(), socket.port()));
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
    let port = port.map_or(Some(80), |p| u16::try_from(decimal(p.as_bytes())?).ok())?;
    Some((host.parse().ok()?, port))
}
