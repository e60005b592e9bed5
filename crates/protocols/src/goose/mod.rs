//! GOOSE: the descriptor. See the page.

mod identity;
mod management;
mod session;
mod wire;

use crate::{FieldInfo, Goal, Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class;

/// Generic Object Oriented Substation Event (IEC 61850-8-1), its management, and its routed form (IEC 61850-90-5).
pub static PROTOCOL: Protocol = Protocol {
    name: "goose",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Link(GOOSE), Hint::Link(MANAGEMENT), Hint::Udp(102)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["appid", "control_block", "element", "entry"],
    carrier: false,
    identify,
    session: session::new,
    notation,
};

/// EtherTypes (IEC 61850-8-1, annex C).
const GOOSE: u16 = 0x88b8;
const MANAGEMENT: u16 = 0x88b9;

/// A message of a publisher.
const PUBLISH: u32 = 0x61;
/// The first message of a new state: sequence number 0.
const STATE_CHANGE: u32 = 0x6100;

/// The tag of the PDU; for management its tag and that of the service inside. `state_change` is ours.
const OPERATIONS: &[Operation] = &[
    op(0x60, "gse_management", Class::Read),
    op(PUBLISH, "publish", Class::Read),
    op(0x60a1, "get_go_reference", Class::Read),
    op(0x60a2, "get_goose_element_number", Class::Read),
    op(0x60a3, "get_gs_reference", Class::Read),
    op(0x60a4, "get_gsse_data_offset", Class::Read),
    op(STATE_CHANGE, "state_change", Class::Read),
];

const FIELDS: &[FieldInfo] = &[
    field("appid", "application id of the header"),
    field("clock_failure", "the publisher's clock has failed; only where it says so"),
    field("clock_not_synchronized", "the publisher's clock is not synchronized; only where it says so"),
    field("conf_rev", "configuration revision of the control block"),
    field("dat_set", "reference of the data set"),
    field("go_id", "GOOSE id"),
    field("gocb_ref", "reference of the control block"),
    field("key_id", "routed GOOSE: id of the key that signs or encrypts"),
    field("nds_com", "the control block needs commissioning"),
    field("num_dat_set_entries", "entries the data set has"),
    field("simulation", "simulation bit of the header (edition 2)"),
    field("sq_num", "sequence number: counts repeats of a state"),
    field("st_num", "state number: counts changes"),
    field("state_id", "management: number that joins request and answer"),
    field("t", "when the state last changed, by the publisher's clock"),
    field("test", "test flag of edition 1, simulation flag of edition 2"),
    field("time_accuracy", "accuracy of the publisher's clock, in bits of the fraction of a second"),
    field("time_allowed_to_live", "milliseconds until the next message at the latest"),
];

/// Header and outer tag agree, and what begins the PDU is a control block reference (or a management PDU).
fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.transport {
        Transport::Udp => match wire::routed(probe.bytes) {
            Ok(_) => Verdict::Likely,
            Err(_) => Verdict::No,
        },
        _ => match wire::header(probe.bytes) {
            Ok(header) if header.is_whole() && matches!(header.pdu_tag(), Some(0x60 | 0x61)) => Verdict::Sure,
            // cut or broken; the EtherType says what it was to be
            Ok(_) => Verdict::Maybe,
            Err(error) if error.is_truncated() && !probe.bytes.is_empty() => Verdict::Maybe,
            Err(_) => Verdict::No,
        },
    }
}

/// `control_block:…`, `entry:3`, `entry:3.2` for the second value inside the third entry.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    plain_notation(goal, name, text);
    if goal.space == "entry" && goal.sub != 0 {
        let _ = write!(text, ".{}", goal.sub);
    }
}
