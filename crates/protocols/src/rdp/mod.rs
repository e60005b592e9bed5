//! Remote Desktop: the descriptor. See the page.

mod meaning;
mod session;
mod wire;

use crate::{Hint, Probe, Protocol, Transport, Verdict, field, plain_notation};

/// Remote Desktop Protocol ([MS-RDPBCGR]).
pub static PROTOCOL: Protocol = Protocol {
    name: "rdp",
    about: include_str!("README.md"),
    cases: include_str!("cases.md"),
    hints: &[Hint::Inside("cotp"), Hint::Inside("tpkt")],
    operations: meaning::OPERATIONS,
    fields: &[
        field("channel", "channel joined"),
        field("channels", "virtual channels asked for"),
        field("clear_text", "the password is sent without any protection"),
        field("client_build", "build of the client's operating system"),
        field("client_name", "name of the client's machine, cut to fifteen characters"),
        field("client_product_id", "product id of the client's operating system"),
        field("client_version", "version of the protocol the client speaks"),
        field("default_credential", "user and password are published defaults"),
        field("desktop", "size of the desktop in pixels"),
        field("domain", "domain of the user"),
        field("encryption_level", "encryption level of standard security"),
        field("encryption_method", "encryption method of standard security"),
        field("failure", "why the negotiation failed"),
        field("keyboard_layout", "keyboard layout of the client, hexadecimal"),
        field("password", "masked password, where nothing is encrypted"),
        field("requested", "security protocols the client can use"),
        field("restricted_admin", "the client asks for restricted administration: no credentials are sent"),
        field("routing_token", "token for a load balancer"),
        field("selected", "security protocol the server chose"),
        field("server_version", "version of the protocol the server speaks"),
        field("user", "user in the cookie, cut to nine characters by Windows; whole in plain client info"),
    ],
    spaces: &[],
    carrier: false,
    identify,
    session: session::new,
    notation: plain_notation,
};

/// The carriers tell what a message came in.
fn identify(probe: &Probe<'_>) -> Verdict {
    match (probe.transport, probe.carried.facts[2] & 0xff) {
        // fast path, handed on only in a conversation opened as Remote Desktop
        (Transport::Inside("tpkt"), _) if probe.carried.channel == 1 && probe.carried.facts[0] == 1 => Verdict::Sure,
        (Transport::Inside("cotp"), 0xe0) => match wire::request(probe.bytes) {
            Ok(request) if !request.user.is_empty() || !request.token.is_empty() => Verdict::Sure,
            Ok(request) if request.negotiation.is_some_and(|n| n.kind == wire::REQUEST) => Verdict::Sure,
            _ => Verdict::No,
        },
        (Transport::Inside("cotp"), 0xd0) => match wire::negotiation(probe.bytes) {
            Ok(answer) if answer.kind != wire::REQUEST => Verdict::Sure,
            _ => Verdict::No,
        },
        // T.125 is also the conference protocol's: the key of T.124 tells
        (Transport::Inside("cotp"), 0xf0) if probe.bytes.starts_with(&[0x7f]) => {
            let has = |key: &[u8]| probe.bytes.windows(4).any(|w| w == key);
            if has(b"Duca") || has(b"McDn") { Verdict::Sure } else { Verdict::No }
        }
        _ => Verdict::No,
    }
}
