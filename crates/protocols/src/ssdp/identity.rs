//! What announcements and answers prove about their sender.

use crate::common::header::Head;
use crate::{About, Input, Kind, Output};
use model::Role;
use std::net::{IpAddr, SocketAddr};

/// Device types of the UPnP Forum, and what such a device is.
const TYPES: &[(&str, Role)] = &[
    (":device:DigitalSecurityCamera:", Role::Camera),
    (":device:InternetGatewayDevice:", Role::Router),
    (":device:Printer:", Role::Printer),
    (":device:WANDevice:", Role::Router),
    (":device:WLANAccessPointDevice:", Role::AccessPoint),
];

/// Names that are no product: UPnP itself, and the usual libraries.
const LIBRARIES: &[&str] = &["upnp", "dlnadoc", "portable", "miniupnpd", "intel_sdk_for_upnp", "minissdpd"];

/// An announcement, or the answer to a search.
pub fn announces(head: &Head<'_>, target: &[u8], input: &Input<'_>, out: &mut Output) {
    if let Some(server) = head.field("SERVER") {
        server_field(server, out);
    }
    let text = String::from_utf8_lossy(target);
    if let Some((_, role)) = TYPES.iter().find(|(word, _)| text.contains(word)) {
        out.about(About::Sender).role(*role);
    }
    if let Some(socket) = head.field("LOCATION").and_then(socket)
        && input.src.host.address.ip() == Some(socket.ip())
    {
        let (transport, port) = ("tcp", socket.port());
        out.about(About::Sender).is(Kind::Service { transport, port, protocol: "http" });
    }
}

/// A search names the program that searches.
pub fn searches(head: &Head<'_>, out: &mut Output) {
    if let Some(agent) = head.field("USER-AGENT") {
        out.about(About::Sender).fingerprint("http_agent", agent);
    }
}

/// `Linux/4.9 UPnP/1.0 AXIS/10.12`: system, protocol, product, each with its version. Also written with commas.
fn server_field(server: &[u8], out: &mut Output) {
    let text = crate::text::clean(server);
    let mut words = text.split([' ', ',']).filter(|w| !w.is_empty());
    let system = words.next().and_then(|w| w.split_once('/')).filter(|(name, version)| {
        !name.is_empty() && !is_library(name) && version.chars().any(|c| c.is_ascii_digit()) && *name != "Unspecified"
    });
    let product = text.split([' ', ',']).rev().find_map(|w| w.split_once('/')).filter(|(name, _)| !is_library(name));
    let about = out.about(About::Sender).fingerprint("ssdp_server", server).implied();
    let about = match system {
        Some((name, version)) => about.formatted(Kind::Os, format_args!("{name} {version}")),
        None => about,
    };
    match (product, system) {
        (Some(product), system) if system != Some(product) && !product.0.is_empty() => {
            about.formatted(Kind::Software, format_args!("{} {}", product.0, product.1));
        }
        _ => {}
    }
}

fn is_library(name: &str) -> bool {
    LIBRARIES.iter().any(|library| name.get(..library.len()).is_some_and(|front| front.eq_ignore_ascii_case(library)))
}

/// Address and port of `http://address:port/…`.
fn socket(location: &[u8]) -> Option<SocketAddr> {
    let text = core::str::from_utf8(location).ok()?;
    let host = text.strip_prefix("http://")?.split('/').next()?;
    host.parse().ok().or_else(|| host.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 80)))
}
