//! LLDP: the descriptor. See the page.

mod identity;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Link Layer Discovery Protocol (IEEE 802.1AB) with the extensions of IEEE 802.1, IEEE 802.3, LLDP-MED and PROFINET.
pub static PROTOCOL: Protocol = Protocol {
    name: "lldp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Link(0x88cc)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["port"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// An LLDPDU with a time to live above 0.
const NORMAL: u32 = 0;
/// An LLDPDU with a time to live of 0: forget what this port said.
const SHUTDOWN: u32 = 1;

/// The standard has one message in two uses (IEEE 802.1AB-2016, 9.1.2); the codes are ours.
const OPERATIONS: &[Operation] =
    &[op(NORMAL, "normal_lldpdu", Class::Identify), op(SHUTDOWN, "shutdown_lldpdu", Class::Identify)];

const FIELDS: &[FieldInfo] = &[
    field("capabilities_enabled", "system capabilities enabled, as the bit map of the standard"),
    field("chassis_id", "who sends, in the form it chose"),
    field("chassis_id_subtype", "form of the chassis id, as the standard numbers it"),
    field("device_class", "LLDP-MED device type: 1 to 3 end point classes, 4 network connectivity"),
    field("link_aggregation", "whether the port is aggregated now"),
    field("mau_type", "operational MAU type of the port (IEEE 802.3 registry)"),
    field("max_frame_size", "largest frame of the port, in bytes"),
    field("mrp_port_status", "PROFINET media redundancy state of the port"),
    field("port_description", "description of the sending port"),
    field("port_id_subtype", "form of the port id, as the standard numbers it"),
    field("port_status", "PROFINET RT class 2 and 3 status of the port, as two words in one number"),
    field("port_vlan_id", "VLAN of untagged frames on the port"),
    field("time_to_live", "seconds for which the content is valid"),
];

/// The three mandatory TLVs come first, in this order (9.1.2).
fn identify(probe: &Probe<'_>) -> Verdict {
    let mut tlvs = wire::Tlvs::new(probe.bytes);
    let kinds = [1u8, 2, 3].map(|kind| matches!(tlvs.next(), Some(Ok(tlv)) if tlv.kind == kind));
    match kinds {
        [true, true, true] => Verdict::Sure,
        [true, ..] => Verdict::Maybe,
        _ => Verdict::No,
    }
}
