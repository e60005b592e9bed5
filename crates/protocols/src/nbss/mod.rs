//! NetBIOS session service: the descriptor. See the page.

mod session;
mod wire;

use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::Session;

/// Codes are the packet types of RFC 1002, 4.3.1.
pub const OPERATIONS: &[Operation] = &[
    op(0x81, "session_request", Session),
    op(0x82, "positive_session_response", Session),
    op(0x83, "negative_session_response", Session),
    op(0x84, "retarget_session_response", Session),
    op(0x85, "session_keepalive", Session),
];

/// NetBIOS session service (RFC 1001, RFC 1002), and the direct hosting of SMB on TCP that kept its framing.
pub static PROTOCOL: Protocol = Protocol {
    name: "nbss",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Tcp(445), Hint::Tcp(139)],
    operations: OPERATIONS,
    fields: &[
        field("called_suffix", "kind of the name called: 0x20 file server, 0x00 workstation"),
        field("calling_name", "name of the caller"),
        field("reason", "why the session is refused"),
        field("retarget_address", "address the caller is sent to"),
        field("retarget_port", "port the caller is sent to"),
    ],
    spaces: &["name"],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Tcp | Transport::StreamInside(_)) {
        return Verdict::No;
    }
    match wire::packet(probe.bytes) {
        Ok(Some(packet)) => match packet.kind {
            wire::MESSAGE if wire::is_smb(packet.rest) => Verdict::Sure,
            wire::REQUEST if wire::called(packet.rest).is_ok() => Verdict::Sure,
            // four or five bytes with little in them: what follows or a hint has to agree
            wire::POSITIVE | wire::KEEPALIVE if packet.length == 0 && smb_follows(probe.bytes) => Verdict::Sure,
            wire::POSITIVE if packet.length == 0 => Verdict::Maybe,
            wire::NEGATIVE if packet.length == 1 => Verdict::Maybe,
            wire::KEEPALIVE if packet.length == 0 => Verdict::Maybe,
            _ => Verdict::No,
        },
        _ => Verdict::No,
    }
}

/// Whether a message of SMB stands behind the packet of four bytes at the front: where only one side is visible, no
/// request says what was granted.
fn smb_follows(bytes: &[u8]) -> bool {
    let next = bytes.get(wire::HEADER..).map(wire::packet);
    matches!(next, Some(Ok(Some(packet))) if packet.kind == wire::MESSAGE && wire::is_smb(packet.rest))
}
