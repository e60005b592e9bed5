//! PTP: the descriptor. See the page.

mod identity;
mod management;
mod names;
mod session;
mod version1;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Precision Time Protocol (IEEE 1588-2008 and 2019, and the first version of 2002).
pub static PROTOCOL: Protocol = Protocol {
    name: "ptp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(319), Hint::Udp(320), Hint::Link(0x88f7)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: names::SPACES,
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const SYNC: u32 = 0x00;
const DELAY_REQ: u32 = 0x01;
const FOLLOW_UP: u32 = 0x08;
const DELAY_RESP: u32 = 0x09;
const ANNOUNCE: u32 = 0x0b;
const SIGNALING: u32 = 0x0c;
const MANAGEMENT: u32 = 0x0d;

/// Message types; management has its action above the type (table 57).
const OPERATIONS: &[Operation] = &[
    op(SYNC, "sync", Class::Session),
    op(DELAY_REQ, "delay_req", Class::Session),
    op(0x02, "pdelay_req", Class::Session),
    op(0x03, "pdelay_resp", Class::Session),
    op(FOLLOW_UP, "follow_up", Class::Session),
    op(DELAY_RESP, "delay_resp", Class::Session),
    op(0x0a, "pdelay_resp_follow_up", Class::Session),
    op(ANNOUNCE, "announce", Class::Identify),
    op(SIGNALING, "signaling", Class::Session),
    op(MANAGEMENT, "management_get", Class::Read),
    op(0x10d, "management_set", Class::Configure),
    op(0x20d, "management_response", Class::Read),
    op(0x30d, "management_command", Class::Configure),
    op(0x40d, "management_acknowledge", Class::Configure),
];

const FIELDS: &[FieldInfo] = &[
    field("clock", "identity of the sending clock, as 16 hexadecimal digits"),
    field("clock_accuracy", "accuracy of the grandmaster, as the code of the standard"),
    field("clock_class", "class of the grandmaster: 6 locked, 7 holdover, 248 default, 255 slave only, …"),
    field("current_utc_offset", "seconds between TAI and UTC"),
    field("domain", "domain number"),
    field("error", "why a management request was refused"),
    field("grandmaster", "identity of the grandmaster, as 16 hexadecimal digits"),
    field("offset_scaled_log_variance", "stability of the grandmaster"),
    field("port", "port of the sending clock"),
    field("priority1", "first priority of the grandmaster; lower wins"),
    field("priority2", "second priority of the grandmaster"),
    field("profile", "profile the message shows: power, 802.1as, smpte"),
    field("sdo_id", "organisation of the profile (transport specific field); only where it is not 0"),
    field("sequence", "sequence id"),
    field("steps_removed", "boundary clocks between the grandmaster and the sender"),
    field("stratum", "version 1: stratum of the grandmaster"),
    field("subdomain", "version 1: name of the subdomain"),
    field("time_source", "where the grandmaster has its time from"),
    field("timestamp", "the time the message carries (TAI, where the clock knows it)"),
    field("version", "version of the protocol, where it is not 2"),
];

/// Version, type, lengths and the control field agree. There is no magic number: datagrams need a hint or both sides.
fn identify(probe: &Probe<'_>) -> Verdict {
    let known = wire::header(probe.bytes).is_ok_and(|h| h.is_consistent(probe.bytes.len()))
        || version1::header(probe.bytes).is_ok();
    match (known, probe.transport) {
        (true, Transport::Udp) => Verdict::Likely,
        (true, _) => Verdict::Sure,
        (false, Transport::Link(_)) => Verdict::Maybe,
        (false, _) => Verdict::No,
    }
}
