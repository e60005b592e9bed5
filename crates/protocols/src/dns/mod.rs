//! DNS: the descriptor. See the page.

mod identity;
mod meaning;
mod session;

use crate::common::dns::{self, Section, kind_name};
use crate::{FieldInfo, Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};
use meaning::OPERATIONS;

/// Domain Name System (RFC 1034, RFC 1035) with updates, notifications and zone transfers.
pub static PROTOCOL: Protocol = Protocol {
    name: "dns",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(53), Hint::Tcp(53)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["name", "record"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const FIELDS: &[FieldInfo] = &[
    field("answer_count", "records in the answer"),
    field("answers", "their data"),
    field("authoritative", "the server answers for the zone itself"),
    field("class", "class asked for, where it is not IN"),
    field("id", "identifier of the message"),
    field("name", "name asked for"),
    field("recursion", "the server answers for other zones, too"),
    field("truncated", "the answer did not fit its datagram"),
    field("type", "type asked for; a number where it has no name"),
    field("zone", "zone of an update or notification"),
];

/// DNS has no magic: a message is believed where it can be read to its last byte. On its own port a readable question
/// is enough, so that broken messages become facts.
fn identify(probe: &Probe<'_>) -> Verdict {
    let own = probe.src_port == 53 || probe.dst_port == 53;
    let stream = probe.transport == Transport::Tcp;
    let (bytes, cut) = match (stream, probe.bytes) {
        (false, bytes) => (bytes, false),
        (true, [high, low, rest @ ..]) => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            match rest.get(..length.min(rest.len())) {
                Some(message) if length >= 12 => (message, message.len() < length),
                _ => return Verdict::No,
            }
        }
        _ => return Verdict::No,
    };
    // a stream's front may be too short to tell
    let short = if own && cut { Verdict::Maybe } else { Verdict::No };
    let Ok(message) = dns::message(bytes) else { return short };
    let known = matches!(message.opcode(), 0 | 1 | 2 | 4 | 5) && !message.has(0x40);
    // a query has no answers, and a response code is for responses
    let plausible = message.is_response()
        || (message.rcode() == 0 && (message.opcode() != 0 || message.count(Section::Answer) == 0));
    if !known || !plausible || !(1..=4).contains(&message.count(Section::Question)) {
        return Verdict::No;
    }
    let Some(question) = message.question() else { return short };
    if !matches!(question.class, 1 | 3 | 4 | 254 | 255) {
        return Verdict::No;
    }
    let readable = question.name.labels().all(|l| l.is_ok());
    match (message.fits(), own) {
        (true, true) => Verdict::Likely,
        (false, true) if readable => Verdict::Likely,
        (true, false) if kind_name(question.kind).is_some() => Verdict::Likely,
        _ => Verdict::No,
    }
}
