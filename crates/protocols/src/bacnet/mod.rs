//! BACnet: the descriptor. See the page.

mod files;
mod identity;
mod meaning;
mod names;
mod network;
mod parts;
mod scene;
mod segments;
mod services;
mod session;
mod unconfirmed;
mod value;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field};
use ::wire::Reader;

/// Address spaces: the object types, and those that are none.
const SPACES: [&str; names::OBJECT_TYPES.len() + 4] = {
    let mut all = ["object"; names::OBJECT_TYPES.len() + 4];
    let (types, others) = all.split_at_mut(names::OBJECT_TYPES.len());
    types.copy_from_slice(&names::OBJECT_TYPES);
    // what is left over stays "object": types without a name
    if let Some((others, _)) = others.split_first_chunk_mut() {
        *others = meaning::OTHER_SPACES;
    }
    all
};

/// BACnet (ANSI/ASHRAE 135): over IP (annex J), IPv6 (annex U) and Ethernet.
pub static PROTOCOL: Protocol = Protocol {
    name: "bacnet",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(47808), Hint::Link(0x0182)],
    operations: meaning::OPERATIONS,
    fields: &[
        field("abort_reason", "why a transaction was aborted"),
        field("ack_required", "the event wants to be acknowledged"),
        field("configured", "the network number was set, not learnt"),
        field("confirmed", "notifications are to be confirmed"),
        field("count", "octets, records or entries asked for or moved"),
        field("default_credential", "the password is a published one"),
        field("device", "instance of the device object"),
        field("distribute", "a foreign device asks for distribution as a broadcast"),
        field("duration_minutes", "how long communication is disabled, in minutes"),
        field("end_of_file", "the last octet was read"),
        field("error_class", "class of the error"),
        field("error_code", "code of the error"),
        field("event_type", "algorithm of the event"),
        field("first_sequence_number", "sequence number of the first entry read"),
        field("from_state", "event state before"),
        field("group_number", "channel group written to"),
        field("high_limit", "highest device instance asked for"),
        field("increment", "change that is worth a notification"),
        field("lifetime_s", "lifetime of a subscription, in seconds"),
        field("low_limit", "lowest device instance asked for"),
        field("max_apdu", "longest APDU accepted, in bytes"),
        field("message", "text of an event or text message"),
        field("model", "model name"),
        field("name", "object name asked for, or name of the person or system that acts"),
        field("network", "network a broadcast is for; 65535 is all"),
        field("notification_class", "notification class of the event"),
        field("notify_type", "alarm, event or acknowledgement"),
        field("object_type", "number of the type of object to be created"),
        field("originator", "who sent a message that was forwarded"),
        field("password", "masked"),
        field("performance", "performance index of a half router"),
        field("priority", "command priority, 1 highest to 16; priority of an event"),
        field("process_id", "process identifier of the subscriber"),
        field("range", "how a range is given"),
        field("reason", "why a router rejects a message"),
        field("reject_reason", "why a request was rejected"),
        field("segmentation", "segmentation supported"),
        field("segments", "number of segments of the message"),
        field("serial", "serial number"),
        field("service_number", "maker's own number of a private service"),
        field("source", "station behind a router that sent the message"),
        field("start", "first octet, record or entry"),
        field("state", "state asked for"),
        field("time", "time that was set, local or UTC by operation"),
        field("time_remaining_s", "seconds left of a subscription"),
        field("time_s", "seconds until a connection is closed"),
        field("to_state", "event state after"),
        field("ttl_s", "seconds a foreign device stays registered"),
        field("vendor_id", "number of the maker, given out by ASHRAE"),
    ],
    spaces: &SPACES,
    carrier: false,
    identify,
    session: session::new,
    notation: meaning::notation,
};

/// The BVLC length equals the datagram's, the version is 1, and what follows begins like a PDU.
fn identify(probe: &Probe<'_>) -> Verdict {
    let mut r = Reader::new(probe.bytes);
    if matches!(probe.transport, Transport::Link(_)) {
        return if reads_on(&mut r) { Verdict::Likely } else { Verdict::No };
    }
    let (Ok(kind), Ok(function), Ok(length)) = (r.u8("type"), r.u8("function"), r.be16("length")) else {
        return Verdict::No;
    };
    let length = usize::from(length);
    // a capture may have cut the datagram, and some devices count wrong; longer than Ethernet carries is none
    if !(6..=1600).contains(&length) && length != 4 {
        return Verdict::No;
    }
    let whole = length == probe.bytes.len();
    let front = match (kind, function) {
        (wire::TYPE_IP, 9..=11) => 0,
        (wire::TYPE_IP, 4) => 6,
        (wire::TYPE_IP, 0 | 5) => return exactly(whole && length == 6),
        (wire::TYPE_IP, 2 | 6) => return exactly(whole && length == 4),
        (wire::TYPE_IP, 1 | 3 | 7) => return exactly(whole && length % 10 == 4),
        (wire::TYPE_IP, 8) => return exactly(whole && length == 10),
        (wire::TYPE_IP, 12) => return if whole { Verdict::Maybe } else { Verdict::No },
        (wire::TYPE_IPV6, 1) => 6,
        (wire::TYPE_IPV6, 2 | 12) => 3,
        (wire::TYPE_IPV6, 8) => 21,
        (wire::TYPE_IPV6, 0 | 9) => return exactly(whole && length == 9),
        (wire::TYPE_IPV6, 3 | 5 | 7) => return exactly(whole && length == 10),
        (wire::TYPE_IPV6, 6) => return exactly(whole && length == 7),
        (wire::TYPE_IPV6, 4 | 10) => return exactly(whole && matches!(length, 25 | 28)),
        _ => return Verdict::No,
    };
    if r.skip(front, "addresses").is_err() || !reads_on(&mut r) {
        return Verdict::No;
    }
    let usual = [probe.src_port, probe.dst_port].iter().any(|port| (47808..47824).contains(port));
    match (whole, usual) {
        (true, _) => Verdict::Sure,
        (false, true) => Verdict::Likely,
        (false, false) => Verdict::No,
    }
}

fn exactly(fits: bool) -> Verdict {
    if fits { Verdict::Likely } else { Verdict::No }
}

/// A network layer header, and behind it a message or PDU whose type the standard has.
fn reads_on(r: &mut Reader<'_>) -> bool {
    let Ok(npdu) = wire::npdu(r) else { return false };
    if npdu.network_message {
        return r.peek_u8().is_some_and(|kind| kind <= 0x13 || kind >= 0x80);
    }
    match wire::apdu(r) {
        Ok(wire::Apdu::Confirmed { service, .. } | wire::Apdu::Complex { service, .. }) => service <= 34,
        Ok(wire::Apdu::Simple { service, .. } | wire::Apdu::Error { service, .. }) => service <= 34,
        Ok(wire::Apdu::Unconfirmed { service }) => service <= 14,
        Ok(_) => true,
        Err(_) => false,
    }
}
