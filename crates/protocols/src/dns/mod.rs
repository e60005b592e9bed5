//! DNS: the descriptor. See the page.

mod identity;
mod session;

use crate::common::dns::{self, Form};
use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Opcodes; zone transfers are queries of a type: 0x100 and the type.
const OPERATIONS: &[Operation] = &[
    op(QUERY, "query", Class::Identify),
    op(1, "inverse_query", Class::Identify),
    op(2, "status", Class::Diagnose),
    op(NOTIFY, "notify", Class::Diagnose),
    op(UPDATE, "update", Class::Configure),
    op(6, "dns_stateful_operations", Class::Session),
    op(ZONE | 251, "incremental_zone_transfer", Class::Identify),
    op(ZONE | 252, "zone_transfer", Class::Identify),
];
const QUERY: u32 = 0;
const NOTIFY: u32 = 4;
const UPDATE: u32 = 5;
const ZONE: u32 = 0x100;

/// Domain Name System (RFC 1034, RFC 1035 and what updates them).
pub static PROTOCOL: Protocol = Protocol {
    name: "dns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(53), Hint::Tcp(53)],
    operations: OPERATIONS,
    fields: &[
        field("added", "records an update adds"),
        field("answers", "records in the answer"),
        field("authoritative", "the answer is the server's own knowledge"),
        field("class", "class of the question, where it is not the Internet's"),
        field("name", "name asked for, or zone"),
        field("prerequisites", "conditions of an update"),
        field("removed", "names or records an update removes"),
        field("response_code", "error of the answer"),
        field("serial", "serial number of the zone"),
        field("signed_by", "name of the key that signs the request"),
        field("truncated", "the answer did not fit and is asked for again over TCP"),
        field("type", "type of record asked for"),
    ],
    spaces: &["name"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Classes of a question.
fn is_class(class: u16) -> bool {
    matches!(class, 1 | 3 | 4 | 254 | 255)
}

fn is_opcode(opcode: u8) -> bool {
    matches!(opcode, 0 | 1 | 2 | 4 | 5 | 6)
}

fn identify(probe: &Probe<'_>) -> Verdict {
    let stream = probe.transport.is_stream();
    let (length, bytes) = match stream {
        true => match dns::length_prefix(probe.bytes) {
            Some(found) => found,
            None => return Verdict::No,
        },
        false if probe.transport == Transport::Udp => (probe.bytes.len(), probe.bytes),
        false => return Verdict::No,
    };
    let Ok(message) = dns::message(bytes) else { return Verdict::No };
    // the bit between "recursion available" and the two of DNSSEC is always 0 (RFC 1035, 4.1.1)
    if length < bytes.len() || !is_opcode(message.opcode()) || message.flags & 0x40 != 0 {
        return Verdict::No;
    }
    let question = message.question();
    if question.is_some_and(|q| matches!(q.kind, 32 | 33) && dns::netbios_name(&q.name).is_some()) {
        return Verdict::No;
    }
    let named = question.is_some_and(|q| !q.name.is_root());
    let clean = message.is_response() || message.flags & 0x048f == 0;
    match dns::form(bytes, length, is_class) {
        Form::Whole if bytes.len() == length && named && clean => Verdict::Sure,
        Form::Whole => Verdict::Likely,
        Form::Questions if question.is_some() => Verdict::Likely,
        Form::Questions | Form::Header => Verdict::Maybe,
        Form::None => Verdict::No,
    }
}
