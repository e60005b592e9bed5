//! PROFINET real-time frames: the descriptor. See the page.

mod alarm;
mod session;
mod wire;

use crate::{FieldInfo, Goal, Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use model::Class;

/// PROFINET real-time (IEC 61158-6-10), EtherType 0x8892: cyclic data, alarms, clock synchronisation, and DCP inside.
pub static PROTOCOL: Protocol = Protocol {
    name: "profinet_rt",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Link(0x8892)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["frame_id", "subslot"],
    carrier: true,
    identify,
    session: session::new,
    notation,
};

/// Lowest frame id of the range, or the PDU type of an alarm beside it. The standard names no operations; codes and names
/// are those of the frame id's range (IEC 61158-6-10, table of FrameID).
const OPERATIONS: &[Operation] = &[
    op(wire::SYNC, "ptcp_sync", Class::Session),
    op(wire::CLASS_3, "cyclic_class_3", Class::Read),
    op(wire::CLASS_1, "cyclic", Class::Read),
    op(wire::ALARM_HIGH, "alarm_high", Class::Diagnose),
    op(wire::ALARM_LOW, "alarm_low", Class::Diagnose),
    op(wire::RSI, "remote_service_interface", Class::Session),
    op(wire::ANNOUNCE, "ptcp_announce", Class::Session),
    op(wire::FOLLOW_UP, "ptcp_follow_up", Class::Session),
    op(wire::DELAY_REQUEST, "ptcp_delay_request", Class::Session),
    op(wire::DELAY_RESPONSE, "ptcp_delay_response", Class::Session),
    op(wire::DELAY_FOLLOW_UP, "ptcp_delay_follow_up", Class::Session),
    op(wire::DELAY_RESPONSE_ALONE, "ptcp_delay_response_without_follow_up", Class::Session),
    op(wire::FRAGMENT, "fragment", Class::Session),
    op(alarm::NACK, "rta_nack", Class::Session),
    op(alarm::ACK, "rta_ack", Class::Session),
    op(alarm::ERR, "rta_error", Class::Session),
    op(alarm::NOTIFICATION_HIGH, "alarm_notification_high", Class::Diagnose),
    op(alarm::NOTIFICATION_LOW, "alarm_notification_low", Class::Diagnose),
    op(alarm::ACK_HIGH, "alarm_ack_high", Class::Diagnose),
    op(alarm::ACK_LOW, "alarm_ack_low", Class::Diagnose),
];

const FIELDS: &[FieldInfo] = &[
    field("alarm_specifier", "alarm specifier: sequence number and diagnosis flags"),
    field("cycle_counter", "cycle counter, in units of 31.25 µs"),
    field("data_valid", "whether the data may be used"),
    field("module_ident", "module ident number"),
    field("primary", "whether the provider is the primary of a redundant pair"),
    field("provider_run", "whether the provider runs"),
    field("station_problem", "whether the provider reports a problem"),
    field("status", "PNIO status of an error or acknowledgement"),
    field("submodule_ident", "submodule ident number"),
    field("transfer_status", "transfer status; only where it is not 0"),
];

/// The EtherType names the protocol; the frame id has to be one the standard uses.
fn identify(probe: &Probe<'_>) -> Verdict {
    match probe.bytes.first_chunk::<2>().map(|id| wire::kind(u16::from_be_bytes(*id))) {
        Some(wire::Kind::Reserved) => Verdict::Maybe,
        Some(_) => Verdict::Sure,
        None => Verdict::No,
    }
}

/// Frame ids in hexadecimal, as every tool shows them; `subslot:1.2` is slot 1, subslot 2.
fn notation(goal: &Goal, name: &str, text: &mut String) {
    use core::fmt::Write;
    let _ = match goal.space {
        "frame_id" => write!(text, "frame_id:0x{:04x}", goal.first),
        "subslot" => write!(text, "subslot:{}.{}", goal.first, goal.sub),
        _ => return plain_notation(goal, name, text),
    };
}
