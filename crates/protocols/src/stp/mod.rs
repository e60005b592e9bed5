//! Spanning tree: the descriptor. See the page.

mod session;
mod wire;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// Spanning tree, rapid and multiple spanning tree (IEEE 802.1D, 802.1Q), also per VLAN.
pub static PROTOCOL: Protocol = Protocol {
    name: "stp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    // the second form is that of bridges with a tree per VLAN
    hints: &[Hint::Link(0x0142), Hint::Snap(0x00_000c, 0x010b)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["root"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

const CONFIGURATION: u32 = 0x00;
const RAPID: u32 = 0x02;
const TOPOLOGY_CHANGE: u32 = 0x80;
/// A rapid BPDU of version 3 and above; the code is ours.
const MULTIPLE: u32 = 0x0302;

/// BPDU types (IEEE 802.1Q, 14.2.4).
const OPERATIONS: &[Operation] = &[
    op(CONFIGURATION, "configuration_bpdu", Class::Session),
    op(RAPID, "rapid_spanning_tree_bpdu", Class::Session),
    op(TOPOLOGY_CHANGE, "topology_change_notification_bpdu", Class::Session),
    op(MULTIPLE, "multiple_spanning_tree_bpdu", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("bridge", "bridge that sends: priority and hardware address"),
    field("hello_ms", "milliseconds between BPDUs"),
    field("port", "number and priority of the sending port"),
    field("region", "name of the multiple spanning tree region"),
    field("root_path_cost", "cost of the way to the root"),
    field("topology_change", "the tree has changed"),
];

/// Protocol identifier 0, a version and a type that belong together.
fn identify(probe: &Probe<'_>) -> Verdict {
    match wire::bpdu(probe.bytes) {
        Ok(_) => Verdict::Sure,
        Err(error) if error.is_truncated() => Verdict::Maybe,
        Err(_) => Verdict::No,
    }
}
