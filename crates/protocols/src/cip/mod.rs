//! Common Industrial Protocol: the descriptor.

mod alone;
mod carry;
mod describe;
mod exchange;
mod identity;
mod manager;
mod meaning;
mod moving;
mod names;
mod path;
mod session;
mod values;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field};

/// CIP explicit messages (CIP Networks Library, Volume 1; IEC 61158-5-2, 61158-6-2).
pub static PROTOCOL: Protocol = Protocol {
    name: "cip",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("enip")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("and_mask", "mask of read_modify_write_tag: bits that stay"),
        field("application", "what a connection is for, where it is not plain: safety, motion"),
        field("attributes", "ids asked for in a list, two bytes each, little-endian"),
        field("configuration_size", "bytes of configuration sent with forward_open"),
        field("connection_serial", "the originator's number of the connection"),
        field("data", "bytes of a service this page does not look into"),
        field("elements", "number of elements asked for or written, where it is not one"),
        field("encapsulation_status", "status with which EtherNet/IP refused the envelope"),
        field("extended_status", "first word of the additional status"),
        field("key_device_type", "electronic key: device type expected"),
        field("key_product_code", "electronic key: product code expected"),
        field("key_vendor", "electronic key: vendor expected"),
        field("o_t_connection_id", "connection id originator to target"),
        field("o_t_rpi", "requested packet interval originator to target, in microseconds"),
        field("o_t_size", "connection size originator to target, in bytes"),
        field("o_t_type", "null, multicast or point_to_point"),
        field("or_mask", "mask of read_modify_write_tag: bits set"),
        field("originator_serial", "serial number of the originator"),
        field("originator_vendor", "vendor number of the originator"),
        field("partial", "the answer is a part; more follows on request"),
        field("reset_type", "0 power cycle, 1 to factory settings, 2 to factory settings but communication"),
        field("structure", "handle of the structure a tag is of"),
        field("t_o_address", "where cyclic data target to originator is sent: often a multicast group"),
        field("t_o_connection_id", "connection id target to originator"),
        field("t_o_port", "UDP port of that address"),
        field("t_o_rpi", "requested packet interval target to originator, in microseconds"),
        field("t_o_size", "connection size target to originator, in bytes"),
        field("t_o_type", "null, multicast or point_to_point"),
        field("timeout_multiplier", "the connection times out after this many packet intervals"),
        field("transport_class", "0 and 1 cyclic, 2 and 3 explicit"),
        field("type", "elementary type of a tag"),
    ],
    spaces: &["object", "tag"],
    carrier: true,
    identify,
    session: session::new,
    notation: names::notation,
};

/// Only ever inside the encapsulation; a message that can be read is likely.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Inside("enip") {
        return Verdict::No;
    }
    match wire::fits(probe.bytes) {
        Ok(true) => Verdict::Likely,
        _ => Verdict::Maybe,
    }
}
