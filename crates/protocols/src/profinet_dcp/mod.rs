//! PROFINET DCP: the descriptor. See the page.

mod identity;
mod meaning;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Discovery and basic configuration protocol of PROFINET (IEC 61158-6-10).
pub static PROTOCOL: Protocol = Protocol {
    name: "profinet_dcp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("profinet_rt")],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: meaning::SPACES,
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Service id; answers that stand alone have the service type above it.
const GET: u32 = 3;
const SET: u32 = 4;
const IDENTIFY: u32 = 5;
const HELLO: u32 = 6;
const IDENTIFY_RESPONSE: u32 = 0x105;

const OPERATIONS: &[Operation] = &[
    op(GET, "get", Class::Identify),
    op(SET, "set", Class::Configure),
    op(IDENTIFY, "identify", Class::Identify),
    op(HELLO, "hello", Class::Identify),
    op(IDENTIFY_RESPONSE, "identify_response", Class::Identify),
];

const FIELDS: &[FieldInfo] = &[
    field("address_conflict", "the device has found its address in use by another one"),
    field("address_source", "how the device got its address: not_set, static, dhcp"),
    field("block_error", "why an option could not be read or written"),
    field("device_id", "device id, the maker's number of the product"),
    field("device_instance", "instance of the device, as two numbers in one"),
    field("device_role", "roles as the bit map of the standard: 1 device, 2 controller, 4 multidevice, 8 supervisor"),
    field("dns_servers", "how many name servers are set"),
    field("gateway", "standard router"),
    field("oem_device_id", "vendor and device id of the maker behind the maker, as two numbers in one"),
    field("permanent", "whether what is set shall outlast power off"),
    field("reset_mode", "what a reset to factory settings resets"),
    field("response_delay", "longest wait of a station before it answers, in units of 10 ms"),
    field("subnet_mask", "network mask"),
    field("vendor_id", "vendor id"),
    field("xid", "number that joins request and answer"),
];

/// Service and type are known ones, and the length fits.
fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Inside("profinet_rt")) {
        return Verdict::No;
    }
    match wire::message(probe.bytes) {
        Ok(_) => Verdict::Sure,
        // the frame id has said what it is; the session says what is wrong with it
        Err(_) => Verdict::Likely,
    }
}
