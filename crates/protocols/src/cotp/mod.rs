//! COTP: the descriptor. See the page.

mod session;
mod wire;

use crate::{Hint, Operation, Probe, Protocol, Transport, Verdict, field, op, plain_notation};
use model::Class::*;

/// Codes are the TPDU codes of ISO 8073, 13.2.2.2, without the credit bits.
pub const OPERATIONS: &[Operation] = &[
    op(0x10, "expedited_data", Unknown),
    op(0x20, "expedited_data_acknowledgement", Session),
    op(0x50, "reject", Session),
    op(0x60, "data_acknowledgement", Session),
    op(0x70, "tpdu_error", Session),
    op(0x80, "disconnect_request", Session),
    op(0xc0, "disconnect_confirm", Session),
    op(0xd0, "connection_confirm", Session),
    op(0xe0, "connection_request", Session),
    op(0xf0, "data", Unknown),
];

/// Connection-oriented transport protocol (ISO 8073, ITU-T X.224), class 0.
pub static PROTOCOL: Protocol = Protocol {
    name: "cotp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("tpkt")],
    operations: OPERATIONS,
    fields: &[
        field("called_tsap", "transport selector called: text, or hexadecimal bytes with dots between them"),
        field("calling_tsap", "transport selector of the caller"),
        field("tpdu_size", "largest TPDU agreed, in bytes"),
        field("transport_class", "class asked for or chosen, 0 to 4"),
        field("rack", "rack of the module called, where the selector has the form of a SIMATIC one"),
        field("slot", "slot of the module called, likewise"),
        field("connection_type", "SIMATIC connection type of the selector called: pg, op, s7_basic"),
        field("reason", "why the connection ends, or what the error is about"),
    ],
    spaces: &["tsap"],
    carrier: true,
    identify,
    session: session::new,
    notation: plain_notation,
};

fn identify(probe: &Probe<'_>) -> Verdict {
    if !matches!(probe.transport, Transport::Inside("tpkt")) {
        return Verdict::No;
    }
    match wire::tpdu(probe.bytes) {
        Ok(tpdu) if tpdu.kind != wire::Kind::Other => Verdict::Sure,
        _ => Verdict::No,
    }
}
