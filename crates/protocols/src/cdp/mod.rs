//! CDP: the descriptor. See the page.

mod identity;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Cisco Discovery Protocol, versions 1 and 2.
pub static PROTOCOL: Protocol = Protocol {
    name: "cdp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Snap(0x00_000c, 0x2000)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["port"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// There is one message; the code is ours.
const ADVERTISEMENT: u32 = 0;

const OPERATIONS: &[Operation] = &[op(ADVERTISEMENT, "advertisement", Class::Identify)];

const FIELDS: &[FieldInfo] = &[
    field("capabilities", "what the device does: 1 router, 2 and 4 bridge, 8 switch, 16 host, 64 repeater, 128 telephone"),
    field("device_id", "name of the device, with its domain, serial number or address"),
    field("duplex", "duplex of the port: full, half"),
    field("gateway", "router of a stub network"),
    field("mtu", "largest packet of the port, in bytes"),
    field("native_vlan", "VLAN of untagged frames on the port"),
    field("platform", "hardware, in the maker's words"),
    field("power_consumption", "power the device draws from the port, in mW"),
    field("time_to_live", "seconds for which the content is valid"),
    field("trust_bitmap", "whether the port trusts priorities: bit 0"),
    field("version", "version of the protocol: 1 or 2"),
    field("voice_vlan", "VLAN for telephones"),
    field("vtp_domain", "VLAN management domain"),
];

/// SNAP names the protocol; version, length and the first TLV have to agree.
fn identify(probe: &Probe<'_>) -> Verdict {
    let Ok((_, mut tlvs)) = wire::header(probe.bytes) else { return Verdict::No };
    match wire::tlv(&mut tlvs) {
        Ok(Some(_)) => Verdict::Sure,
        _ => Verdict::Maybe,
    }
}
