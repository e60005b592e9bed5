//! What file sharing proves about a host.

use crate::{About, Draft, Input, Kind, Output, Span, Val};
use model::NameKind;
use std::net::IpAddr;
use wire::{Read, Reader};

/// The server answers at this port.
pub fn service(input: &Input<'_>, out: &mut Output) {
    let kind = Kind::Service { transport: "tcp", port: input.src.port, protocol: "smb2" };
    out.about(About::Sender).verified().is(kind);
}

/// The name a client calls the server by; an address is none.
pub fn called(out: &mut Output, name: Span) {
    let bytes = out.span(name);
    let text = core::str::from_utf8(bytes).unwrap_or_default();
    let address = text.parse::<IpAddr>().is_ok() || text.contains(':');
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    // an alias names the server too: a peer's word is worth less than the server's own
    if !text.is_empty() && !address && plain {
        out.about(About::Receiver).implied().span(Kind::Name(NameKind::Host), name);
    }
}

/// The service a Kerberos ticket is for: `cifs/server.example` in a realm.
pub fn ticket(realm: &[u8], names: &[&[u8]], draft: &mut Draft<'_>) {
    let span = draft.text(realm);
    draft.push_extra("realm", Val::Text(span));
    let joined = names.join(&b'/');
    let span = draft.text(&joined);
    draft.push_extra("service", Val::Text(span));
    if let [_, host, ..] = names {
        let out = draft.out();
        let host = out.text(host);
        called(out, host);
        out.about(About::Receiver).implied().name(NameKind::Domain, realm);
    }
}

/// The addresses of the server's interfaces (FSCTL_QUERY_NETWORK_INTERFACE_INFO, [MS-SMB2] 2.2.32.5).
pub fn interfaces(data: &[u8], out: &mut Output) -> Read<()> {
    /// Interfaces read from one answer; servers have a few.
    const MAX_INTERFACES: usize = 32;
    let mut at = 0usize;
    for _ in 0..MAX_INTERFACES {
        let mut r = Reader::new(data.get(at..).unwrap_or_default());
        let next = r.le32("next")? as usize;
        r.skip(20, "interface")?;
        let address = match r.le16("family")? {
            2 => {
                r.skip(2, "port")?;
                Some(IpAddr::from(r.array::<4>("address")?))
            }
            0x17 => {
                r.skip(6, "port and flow")?;
                Some(IpAddr::from(r.array::<16>("address")?))
            }
            _ => None,
        };
        // link-local addresses are the same on many machines
        let usable = |ip: &IpAddr| match ip {
            IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_loopback() && !v4.is_unspecified(),
            IpAddr::V6(v6) => !v6.is_unicast_link_local() && !v6.is_loopback() && !v6.is_unspecified(),
        };
        if let Some(ip) = address.filter(usable) {
            out.about(About::Sender).same_as(ip);
        }
        if next == 0 {
            break;
        }
        at = at.saturating_add(next);
    }
    Ok(())
}
