//! What messages prove about hosts. Addresses in answers are somebody's word about somebody else and prove nothing by
//! themselves: only what a host says about itself is taken, and where domain controllers are.

use crate::common::dns::{Message, Record, Section, kind};
use crate::{About, Input, Kind, Output};
use model::{Address, NameKind, Role};

/// Class of questions about the server itself.
const CHAOS: u16 = 3;

/// A question: only an update tells something.
pub fn asked(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    if message.opcode() != 5 {
        if message.opcode() == 4 {
            out.about(About::Sender).role(Role::NameServer);
        }
        return;
    }
    let own = input.src.host.address.ip();
    for record in message.records().flatten() {
        if record.section != Section::Authority || record.class != 1 {
            continue;
        }
        if own.is_some() && record.ip() == own {
            out.about(About::Sender).name(NameKind::Host, &record.name.text());
            if let Some(zone) = message.question() {
                out.about(About::Sender).name(NameKind::Domain, &zone.name.text());
            }
        }
        if record.kind == kind::SRV && lists_controllers(&record) {
            out.about(About::Sender).role(Role::DomainController);
        }
    }
}

/// An answer.
pub fn answered(message: &Message<'_>, input: &Input<'_>, out: &mut Output) {
    let code = message.full_code();
    if message.opcode() != 0 || !matches!(code, 0 | 3) {
        return;
    }
    if message.is_authoritative() || message.recursion_available() {
        let transport = if input.transport.is_stream() { "tcp" } else { "udp" };
        let service = Kind::Service { transport, port: input.src.port, protocol: "dns" };
        out.about(About::Sender).role(Role::NameServer).is(service);
    }
    for record in message.answers() {
        if record.class == CHAOS && record.kind == kind::TXT {
            about_server(&record, out);
        }
        if record.kind == kind::SRV && lists_controllers(&record) {
            controller(message, &record, out);
        }
    }
}

/// `version.bind`, `hostname.bind` and their like (RFC 4892).
fn about_server(record: &Record<'_>, out: &mut Output) {
    let name = record.name.text().to_ascii_lowercase();
    let text = record.strings().collect::<Vec<_>>().concat();
    let server = out.about(About::Sender).verified();
    match name.as_slice() {
        b"version.bind" | b"version.server" => {
            server.software(&text);
        }
        b"hostname.bind" | b"id.server" => {
            server.name(NameKind::Host, &text);
        }
        _ => {}
    }
}

/// Where the directory's controllers are listed ([MS-ADTS] 6.3.2.3): `_ldap._tcp.dc._msdcs.<domain>`.
fn lists_controllers(record: &Record<'_>) -> bool {
    let labels = record.name.labels().take(4);
    let service = ["_ldap", "_kerberos"];
    let place = ["_tcp", "dc", "_msdcs"];
    let mut fitting = 0;
    for (n, label) in labels.enumerate() {
        let fits = match n.checked_sub(1) {
            None => service.iter().any(|s| label.eq_ignore_ascii_case(s.as_bytes())),
            Some(n) => place.get(n).is_some_and(|p| label.eq_ignore_ascii_case(p.as_bytes())),
        };
        fitting += usize::from(fits);
    }
    fitting == 4
}

/// The addresses that come with a listed controller.
fn controller(message: &Message<'_>, listed: &Record<'_>, out: &mut Output) {
    let Some((_, host)) = listed.service() else { return };
    for record in message.records().flatten().filter(|r| r.section == Section::Additional) {
        if let Some(ip) = record.ip().filter(|_| record.name.is(&host)) {
            let about = About::Address(Address::Ip(ip));
            out.about(about).role(Role::DomainController).name(NameKind::Host, &host.text());
        }
    }
}
