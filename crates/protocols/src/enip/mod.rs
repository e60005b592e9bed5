//! EtherNet/IP encapsulation: the descriptor.

mod identity;
mod session;
mod wire;

use crate::{Hint, Operation, Probe, Protocol, Verdict, field, op, plain_notation};
use ::wire::Reader;
use model::Class::*;

/// EtherNet/IP encapsulation (CIP Networks Library, Volume 2, chapter 2; IEC 61784-2 CPF 2).
pub static PROTOCOL: Protocol = Protocol {
    name: "enip",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(44818), Hint::Udp(44818)],
    operations: OPERATIONS,
    fields: &[
        field("protocol_version", "encapsulation protocol version asked for or offered"),
        field("session_handle", "session the message belongs to or opens"),
        field("services", "capability flags of the communications service: 0x20 CIP over TCP, 0x100 class 0/1 over UDP"),
        field("status", "status of an indicate_status message"),
    ],
    spaces: &["session"],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

const OPERATIONS: &[Operation] = &[
    op(0x0000, "nop", Session),
    op(0x0001, "list_targets", Identify),
    op(0x0004, "list_services", Identify),
    op(0x0063, "list_identity", Identify),
    op(0x0064, "list_interfaces", Identify),
    op(0x0065, "register_session", Session),
    op(0x0066, "unregister_session", Session),
    op(0x006f, "send_rr_data", Session),
    op(0x0070, "send_unit_data", Session),
    op(0x0072, "indicate_status", Diagnose),
    op(0x0073, "cancel", Session),
    op(0x00c8, "start_dtls", Session),
];

/// A named command, a status of the standard, no options and contents of the right length are rare by chance; commands
/// with fixed contents are certain.
fn identify(probe: &Probe<'_>) -> Verdict {
    let mut r = Reader::new(probe.bytes);
    let (encap, length) = match wire::header(&mut r) {
        Ok(Some(read)) => read,
        Ok(None) if probe.bytes.len() >= 4 => return Verdict::Maybe,
        _ => return Verdict::No,
    };
    if encap.options != 0 || !wire::is_status(encap.status) {
        return Verdict::No;
    }
    let data = r.peek();
    match (encap.command, length) {
        (wire::REGISTER_SESSION, 4) if matches!(data, [1, 0, 0, 0, ..]) => Verdict::Sure,
        (wire::REGISTER_SESSION, 4) => Verdict::Maybe,
        (wire::LIST_IDENTITY | wire::LIST_SERVICES | wire::LIST_INTERFACES, 0) => {
            if encap.session == 0 && encap.status == 0 { Verdict::Likely } else { Verdict::Maybe }
        }
        (wire::LIST_IDENTITY, 36..) => first_item(data, 0, &[wire::item::LIST_IDENTITY]),
        (wire::LIST_SERVICES, 24..) => first_item(data, 0, &[wire::item::LIST_SERVICES]),
        (wire::LIST_TARGETS, 0 | 24..) if encap.session == 0 && encap.status == 0 => Verdict::Maybe,
        (wire::LIST_INTERFACES, 2..) => Verdict::Maybe,
        (wire::SEND_RR_DATA | wire::SEND_UNIT_DATA, 10..) => {
            first_item(data, 6, &[wire::item::NULL, wire::item::CONNECTED_ADDRESS, wire::item::SEQUENCED_ADDRESS])
        }
        (wire::SEND_RR_DATA | wire::SEND_UNIT_DATA, 0) if encap.status != 0 => Verdict::Likely,
        (wire::UNREGISTER_SESSION, 0) if encap.session != 0 => Verdict::Likely,
        (wire::NOP, _) if encap.session == 0 && encap.status == 0 => Verdict::Maybe,
        (wire::INDICATE_STATUS | wire::CANCEL | wire::START_DTLS, _) => Verdict::Maybe,
        _ => Verdict::No,
    }
}

/// Certain when the first item is of a type that may stand there and the count is small.
fn first_item(data: &[u8], before: usize, kinds: &[u16]) -> Verdict {
    let mut r = Reader::new(data.get(before..).unwrap_or_default());
    let interface = if before >= 4 { Reader::new(data).le32("interface handle").unwrap_or_default() } else { 0 };
    let (Ok(count), Ok(kind)) = (r.le16("item count"), r.le16("item type id")) else { return Verdict::Likely };
    match count {
        1..=16 if kinds.contains(&kind) && interface == 0 => Verdict::Sure,
        _ => Verdict::No,
    }
}
