//! HSRP: the descriptor. See the page.

mod session;

use crate::{FieldInfo, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Its ports, for IPv4 and IPv6.
const PORTS: [u16; 2] = [1985, 2029];

/// Hot Standby Router Protocol, versions 1 (RFC 2281) and 2.
pub static PROTOCOL: Protocol = Protocol {
    name: "hsrp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORTS[0]), Hint::Udp(PORTS[1])],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["group"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Op codes (RFC 2281, 5.1); 3 is the maker's own and says which groups an interface has.
const OPERATIONS: &[Operation] = &[
    op(0, "hello", Class::Session),
    op(1, "coup", Class::Session),
    op(2, "resign", Class::Session),
    op(3, "advertise", Class::Session),
];

const FIELDS: &[FieldInfo] = &[
    field("hello_ms", "milliseconds between hellos"),
    field("hold_ms", "milliseconds after which the sender counts as gone"),
    field("priority", "priority of the sender; the highest becomes active"),
    field("state", "state of the sender: active, standby, …"),
    field("version", "version of the protocol"),
    field("virtual_address", "address the group shares"),
];

/// Nothing in a message is a magic, and nobody answers: it is believed on its ports only. Version 1 has a version of zero
/// and one length, behind which only the digest of its authentication may follow; version 2 begins with its group state.
fn identify(probe: &Probe<'_>) -> Verdict {
    let ports = [probe.dst_port, probe.src_port];
    if probe.transport != Transport::Udp || !ports.iter().any(|port| PORTS.contains(port)) {
        return Verdict::No;
    }
    let length = probe.bytes.len();
    match probe.bytes {
        [0, 0..=2, 0 | 1 | 2 | 4 | 8 | 16, _, _, _, _, 0, ..] if length == session::LENGTH_1 => Verdict::Likely,
        [0, 0..=2, 0 | 1 | 2 | 4 | 8 | 16, _, _, _, _, 0, ..] if probe.bytes.get(session::LENGTH_1) == Some(&4) => {
            Verdict::Likely
        }
        [0, 3, 0, 1, ..] => Verdict::Likely,
        [1, 40, 2, 0..=3, 0..=6, 4 | 6, ..] => Verdict::Likely,
        _ => Verdict::No,
    }
}
