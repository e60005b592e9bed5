//! QUIC: the descriptor. See the page.

mod session;
mod wire;

use self::wire::Kind;
use crate::{Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};

/// QUIC (RFC 9000, RFC 9369, drafts, Google's versions), its opening only.
pub static PROTOCOL: Protocol = Protocol {
    name: "quic",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Udp(443), Hint::Udp(80), Hint::Udp(853), Hint::Udp(4433), Hint::Udp(8443)],
    operations: session::OPERATIONS,
    fields: &[
        field("server_versions", "versions the server can speak instead"),
        field("version", "version of the protocol"),
    ],
    spaces: &[],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// A version with what must follow it. A client's opening fills its datagram and is known anywhere.
fn identify(probe: &Probe<'_>) -> Verdict {
    if probe.transport != Transport::Udp {
        return Verdict::No;
    }
    match wire::packet(probe.bytes) {
        Ok(packet) if packet.kind == Kind::VersionNegotiation => Verdict::Maybe,
        Ok(packet) if packet.kind == Kind::Google => Verdict::Sure,
        Ok(packet) if packet.kind == Kind::Initial && probe.bytes.len() >= wire::MIN_INITIAL => Verdict::Sure,
        Ok(_) => Verdict::Likely,
        Err(_) => Verdict::No,
    }
}
