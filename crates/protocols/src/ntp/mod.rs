//! NTP: the descriptor. See the page.

mod control;
mod meaning;
mod session;
mod wire;

use crate::{FieldInfo, Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};
use meaning::OPERATIONS;

/// Network Time Protocol, versions 1 to 4 (RFC 1119, 1305, 5905), with control (RFC 9327) and private messages, and SNTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "ntp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(PORT)],
    operations: OPERATIONS,
    fields: FIELDS,
    spaces: &["association", "variable"],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// Servers, and clients that are servers themselves.
const PORT: u16 = 123;

const FIELDS: &[FieldInfo] = &[
    field("authenticated", "a message digest follows"),
    field("implementation", "of a private message: 0 and 2 ntpd before version 4, 3 ntpd 4"),
    field("items", "items in a private message"),
    field("kiss", "kiss code: why the server does not serve"),
    field("leap", "leap second to come, or unsynchronized"),
    field("reference", "what the clock is set by: a kind of source, or the address of a server"),
    field("reference_time", "when the clock was last set"),
    field("stratum", "distance from a reference clock"),
    field("transmit_time", "the sender's clock"),
    field("value", "text of variables"),
    field("version", "version of the protocol"),
];

/// No magic: version, mode, length and a few fields have to fit; the port has to agree.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    let own = probe.src_port == PORT || probe.dst_port == PORT;
    let both = probe.src_port == PORT && probe.dst_port == PORT;
    match wire::message(probe.bytes) {
        Ok(message) if message.is_plausible() && own => Verdict::Likely,
        // nothing else is sent from this port to this port: what does not fit is a broken message
        Ok(message) if message.is_time() && both => Verdict::Likely,
        _ => Verdict::No,
    }
}
